from __future__ import annotations

from typing import Any

import orjson
import pytest

from comity.bridges.stix import lift, markings, reading
from comity.kernel.label import TLP
from comity.services.sharing.schemas import stix_schemas
from tests.bridges.stix.samples import CREATED, LATER, OTHER, UUID, Json, read_all, refused, sdo

RED = next(id_ for id_, level in markings.TLP2_IDS.items() if level == TLP.RED)
GREEN = next(id_ for id_, level in markings.TLP1_IDS.items() if level == TLP.GREEN)


def old(kind: str, **more: Any) -> Json:
    """An object as STIX 2.0 writes it."""
    return {name: item for name, item in sdo(kind, **more).items() if name != "spec_version"}


def observed(objects: Json, **more: Any) -> Json:
    times = {"first_observed": CREATED, "last_observed": LATER, "number_observed": 1}
    return old("observed-data", **times, objects=objects, **more)


@pytest.mark.parametrize(
    ("value", "lifted"),
    [
        (
            old("indicator", labels=["benign"], pattern="[file:name = 'a']", valid_from=CREATED),
            {"indicator_types": ["benign"], "pattern_type": "stix"},
        ),
        (old("malware", labels=["worm"], name="A"), {"malware_types": ["worm"], "is_family": True}),
        (
            old("malware", labels=["a"], name="A", is_family=False, malware_types=["worm"]),
            {"malware_types": ["worm"], "is_family": False, "labels": ["a"]},
        ),
        (old("tool", labels=["a"], name="A"), {"tool_types": ["a"]}),
        (old("threat-actor", labels=["spy"], name="A"), {"threat_actor_types": ["spy"]}),
        (
            old(
                "report", labels=["tool"], name="A", published=CREATED, object_refs=[f"a-b--{UUID}"]
            ),
            {"report_types": ["tool"]},
        ),
        (old("identity", labels=["a"], name="A", identity_class="group"), {"labels": ["a"]}),
        (old("x-own", x_a=1), {"x_a": 1}),
        (old("tool", name="A") | {"spec_version": "2.0"}, {}),
    ],
)
def test_an_object_is_written_as_the_newer_standard_has_it(value: Json, lifted: Json) -> None:
    taken, flaws = read_all(value)
    assert not flaws
    moved = {} if "labels" in lifted else {"labels": ...}
    kept = {name: item for name, item in value.items() if name not in moved}
    assert taken[0].value == kept | lifted | {"spec_version": "2.1"}
    assert orjson.loads(taken[0].raw) == taken[0].value


def test_the_colours_of_old_are_named() -> None:
    value = {
        "type": "marking-definition",
        "id": GREEN,
        "created": "2017-01-20T00:00:00.000Z",
        "definition_type": "tlp",
        "definition": {"tlp": "green"},
    }
    taken, flaws = read_all(value)
    assert not flaws
    assert taken[0].value["name"] == "TLP:GREEN"


def test_what_is_of_the_newer_standard_stays_byte_for_byte() -> None:
    for value in (sdo("tool", name="A"), {"type": "url", "id": f"url--{UUID}", "value": "a:b"}):
        raw = orjson.dumps(value, option=orjson.OPT_INDENT_2)
        taken, flaws = reading.read_all([raw], stix_schemas())
        assert not flaws
        assert taken[0].raw == raw
        assert lift.lift(value) is value


def test_observed_data_names_what_it_held() -> None:
    value = observed(
        {
            "0": {"type": "file", "name": "a", "created": CREATED, "parent_directory_ref": "1"},
            "1": {"type": "directory", "path": "/a", "contains_refs": ["0"]},
            "2": {"type": "process", "pid": 1, "binary_ref": "0", "created": CREATED},
            "3": {"type": "ipv4-addr", "value": "198.51.100.3"},
            "4": {"type": "ipv4-addr", "value": "198.51.100.3"},
        }
    )
    taken, flaws = read_all(value)
    assert not flaws
    main, *rest = taken
    assert [one.type for one in rest] == ["file", "directory", "process", "ipv4-addr"]
    file, directory, process, address = rest
    assert main.refs == (file.id, directory.id, process.id, address.id)
    assert "objects" not in main.value
    assert address.id == "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"
    assert file.value["parent_directory_ref"] == directory.id
    assert directory.value["contains_refs"] == [file.id]
    assert file.value["ctime"] == process.value["created_time"] == CREATED
    assert process.value["image_ref"] == file.id
    # What no property names gets the same id again.
    assert [one.raw for one in taken] == [one.raw for one in read_all(value)[0]]
    assert process.id != read_all(value | {"id": f"observed-data--{OTHER}"})[0][3].id


def test_what_was_held_bears_every_marking_of_what_held_it() -> None:
    objects = {"0": {"type": "mutex", "name": "a"}, "1": {"type": "mutex", "name": "b"}}
    inside = {"selectors": ["objects.0.name"], "marking_ref": RED}
    outside = {"selectors": ["number_observed"], "marking_ref": RED}
    for granular in (inside, outside):
        value = observed(objects, object_marking_refs=[GREEN], granular_markings=[granular])
        taken, flaws = read_all(value)
        assert not flaws
        assert [one.marking.tlp for one in taken] == [TLP.RED] * 3
    assert [one.marking.tlp for one in read_all(observed(objects))[0]] == [None] * 3


@pytest.mark.parametrize(
    ("objects", "more"),
    [
        ({"0": {"name": "a"}}, {}),
        ({"0": 7}, {}),
        ({"0": {"type": "file", "name": "a", "parent_directory_ref": "9"}}, {}),
        ({"0": {"type": "directory", "path": "a", "contains_refs": ["9"]}}, {}),
        ({"0": {"type": "network-traffic", "protocols": ["tcp"], "src_ref": "0"}}, {}),
        ({"0": {"type": "mutex", "name": "a"}}, {"object_marking_refs": RED}),
        ({"0": {"type": "mutex", "name": "a"}}, {"granular_markings": [7]}),
        ({"0": {"type": "mutex", "name": "a"}}, {"granular_markings": [{"marking_ref": []}]}),
    ],
)
def test_what_has_no_form_in_the_newer_standard_is_refused(objects: Json, more: Json) -> None:
    assert refused(observed(objects, **more)).rule == "X10"


def test_objects_that_name_each_other_are_lifted() -> None:
    ring = {
        "1": {"type": "process", "pid": 1, "parent_ref": "2"},
        "2": {"type": "process", "pid": 2, "child_refs": ["1"]},
    }
    taken, flaws = read_all(observed(ring))
    assert [one.type for one in taken] == ["observed-data", "process", "process"]
    assert not flaws
    assert taken[1].value["parent_ref"] == taken[2].id
    assert taken[2].value["child_refs"] == [taken[1].id]
