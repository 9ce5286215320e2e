"""Against PyMISP and misp-stix, which were written by others."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from comity.bridges.held import Held
from comity.bridges.misp import feed, foreign, kinds, reading, writing
from comity.bridges.stix import observables
from comity.bridges.stix import reading as stix
from comity.kernel.label import TLP
from comity.services.sharing.schemas import stix_schemas
from tests.bridges.misp.samples import attribute, back, event, expected, taken, whole
from tests.bridges.misp.test_round import VALUES
from tests.shared import shared

EVENTS = ["pymisp-existing_event", "pymisp-mainly_objects_1", "pymisp-sighting_1"]


def pymisp(value: Any) -> Any:
    from pymisp import MISPEvent

    made = MISPEvent()
    made.load(value)
    return made


def theirs(kind: str, *values: Any) -> list[Any]:
    """What misp-stix makes of each: the objects of an event, or the event of objects."""
    program = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("theirs.py"))]
    asked = orjson.dumps([(kind, value) for value in values])
    done = subprocess.run(program, input=asked, capture_output=True, check=True)
    return list(orjson.loads(done.stdout))


def detected(objects: list[dict[str, Any]]) -> set[Any]:
    patterns = [each for each in objects if each["type"] == "indicator"]
    return {found for each in patterns for found in observables.observables(each)}


def read(name: str) -> Any:
    return json.loads(shared(f"misp/events/{name}.json").read_bytes())


def test_what_is_detected_is_what_misp_stix_detects() -> None:
    # They fail at the third, in which a cluster has no UUID.
    names = EVENTS[:2]
    for name, made in zip(names, theirs("export", *map(read, names)), strict=True):
        require_detected(name, made)


def require_detected(name: str, made: list[dict[str, Any]]) -> None:
    ours = [each.object.value for each in taken(read(name))]
    missing = detected(made) - detected(ours)
    # They put everything of an object into its pattern, and we what is to be detected.
    quiet = {
        each["value"].lower()
        for one in read(name).get("Event", read(name)).get("Object", ())
        for each in one["Attribute"]
        if not each["to_ids"]
    }
    assert {each for each in missing if each.value.partition("/")[0] not in quiet} == set()


def test_every_pattern_is_one_to_the_reference_library() -> None:
    import stix2

    value = event(*(attribute(n, kind, text) for n, (kind, text) in enumerate(VALUES.items())))
    found = [each.object.value for each in taken(value) if each.object.type == "indicator"]
    assert len(found) == len(VALUES)
    for each in found:
        stix2.parse(each, allow_custom=True)


def test_all_objects_are_objects_to_the_reference_library() -> None:
    import stix2

    for each in taken(whole()):
        made = stix2.parse(each.object.value, allow_custom=True)
        assert isinstance(made, dict) or made.id == each.object.id


def test_misp_stix_reads_what_we_make() -> None:
    value = event(*(attribute(n, kind, text) for n, (kind, text) in enumerate(VALUES.items())))
    (made,) = theirs("import", [each.object.value for each in taken(value)])
    # A pattern that they have no type for they keep as a pattern, and some as an object.
    said = ("domain", "url", "email", "ip-dst", "sha256", "md5", "AS")
    assert made["info"] == value["info"]
    assert [kind for kind in said if VALUES[kind] not in json.dumps(made)] == []


@pytest.mark.parametrize("to_ids", [True, False])
def test_we_read_what_misp_stix_makes(to_ids: bool) -> None:  # noqa: FBT001
    asked = ("domain", "url", "email", "sha256", "md5", "filename", "filename|sha256", "domain|ip")
    # They part a value at its first bar, and a name of a file may have one.
    values = VALUES | {"filename|sha256": "bill.doc|" + "a" * 64}
    inner = [attribute(n, kind, values[kind], to_ids=to_ids) for n, kind in enumerate(asked)]
    (exported,) = theirs("export", event(*inner))
    raws = [orjson.dumps(each) for each in exported]
    objects, flaws = stix.read_all(raws, stix_schemas())
    assert flaws == []
    (made,) = writing.write([Held(each) for each in objects], "Loose").events
    found = {(each["type"], each["value"]) for each in made["Attribute"]}
    wanted = {(kind, values[kind]) for kind in asked}
    assert made["info"] == "Ships that do not sail"
    assert {kind for kind, _ in wanted - found} <= (set() if to_ids else {"domain|ip"})


def test_an_event_that_pymisp_builds_comes_back_to_it() -> None:
    from pymisp import MISPAttribute, MISPEvent, MISPObject

    made = MISPEvent()
    made.info, made.distribution = "Built by others", 2
    made.add_tag("tlp:amber")
    made.add_attribute("ip-dst", "198.51.100.7", comment="c", disable_correlation=True)
    made.add_attribute("attachment", "a.txt", data="aGVsbG8=")
    made.add_attribute("datetime", "2026-01-01T00:00:00")
    seen = made.add_attribute("sha256", "a" * 64)
    assert isinstance(seen, MISPAttribute)
    seen.add_sighting({"type": "0", "uuid": "5a3c2fda-78f4-44b7-8366-000000000080"})
    thing = MISPObject("domain-ip")
    thing.add_attribute("domain", "tide.example")
    thing.add_attribute("ip", "198.51.100.9")
    thing.add_reference(seen.uuid, "related-to")
    made.add_object(thing)
    made.add_event_report("Report", "# What")
    value = json.loads(made.to_json())
    assert back(taken(value)) == [expected(value)]


@pytest.mark.parametrize("name", EVENTS)
def test_pymisp_reads_what_we_write(name: str) -> None:
    (ours,) = back(taken(read(name)))
    before, after = pymisp(read(name)), pymisp(ours)
    assert _steady(json.loads(after.to_json())) == _steady(expected(json.loads(before.to_json())))


def _steady(value: Any) -> Any:
    """What PyMISP writes the same each time: it makes up the source of a reference."""
    if isinstance(value, dict):
        return {name: _steady(each) for name, each in value.items() if name != "object_uuid"}
    return [_steady(each) for each in value] if isinstance(value, list) else value


def test_an_event_of_others_is_one_to_pymisp() -> None:
    bare = []
    value = event(*(attribute(n, kind, text) for n, (kind, text) in enumerate(VALUES.items())))
    for each in taken(value):
        plain = {n: v for n, v in each.object.value.items() if not n.startswith("x_misp")}
        bare.append(Held(each.object._replace(value=plain)))
    (made,) = writing.write(bare, "Loose").events
    loaded = pymisp(made)
    assert {each.value for each in loaded.attributes} >= {VALUES["domain"], VALUES["sha256"]}


def test_types_have_the_categories_that_misp_proposes() -> None:
    from pymisp import MISPAttribute

    described = MISPAttribute().describe_types
    for kind in {*kinds.PATHS, *kinds.LANGUAGES, "vulnerability", "campaign-name", "text"}:
        allowed = described["category_type_mappings"][foreign.category(kind)]
        assert kind in allowed, kind


@pytest.mark.parametrize("name", EVENTS)
def test_a_feed_is_what_pymisp_makes(name: str) -> None:
    mapped = reading.read(orjson.dumps(read(name)))
    objects, _ = stix.read_all(mapped.objects, stix_schemas())
    events = writing.write([Held(each) for each in objects], "Loose").events
    files = feed.write(events, TLP.RED)
    loaded = pymisp(events[0])
    lines = [f"{each},{loaded.uuid}" for each in loaded.attributes_hashes("md5")]
    assert sorted(files["hashes.csv"].decode().split()) == sorted(set(lines))
    manifest = json.loads(files["manifest.json"])
    theirs_ = loaded.manifest[loaded.uuid]
    assert set(theirs_) <= set(manifest[loaded.uuid])
    assert manifest[loaded.uuid]["info"] == theirs_["info"]
    assert pymisp(json.loads(files[f"{loaded.uuid}.json"])).uuid == loaded.uuid
