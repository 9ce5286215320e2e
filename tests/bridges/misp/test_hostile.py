"""What is no event of MISP: each part has its own verdict, and nothing is raised but a refusal."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.held import Held
from comity.bridges.misp import feed, kept, reading, shape, writing
from comity.bridges.stix import reading as stix
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.sharing.schemas import stix_schemas
from tests.bridges.misp.samples import EVENT, attribute, event, sighting, taken, uuid, whole

JUNK: list[Any] = [
    *(None, True, -1, 0, 2**64 - 1, 1e308, "", "x", "\x00", "\u202e", "9" * 400),
    *([], [[]], [1], {}, {"a": 1}, {"name": 5}, [{"uuid": 7}], [{"Tag": "x"}], [None]),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for name, each in inner:
        yield (*path, name)
        if isinstance(each, dict | list):
            yield from places(each, (*path, name))


def put(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    value = copy.deepcopy(value)
    inner = value
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = junk
    return value


PLACES = list(places(whole()))


@given(st.sampled_from(PLACES), st.sampled_from(JUNK))
def test_anything_anywhere_is_an_event_or_a_flaw(path: tuple[Any, ...], junk: Any) -> None:
    mapped = reading.read(orjson.dumps([put(whole(), path, junk), event(uuid=uuid(1))]))
    objects, flaws = stix.read_all(mapped.objects, stix_schemas())
    assert flaws == []
    written = writing.write([Held(each) for each in objects], "Loose")
    assert all(each.rule in {"X51", "X52", "X53", "X54"} for each in mapped.flaws + written.flaws)
    feed.write(written.events, TLP.RED)


@given(st.sampled_from(range(30)), st.data())
def test_anything_kept_is_an_event_or_a_flaw(number: int, data: st.DataObject) -> None:
    held = taken(whole())
    number %= len(held)
    value = held[number].object.value
    path = data.draw(st.sampled_from(list(places({kept.FIELDS: value.get(kept.FIELDS, {})}))))
    junk = data.draw(st.sampled_from(JUNK))
    changed = put(value | {kept.FIELDS: value.get(kept.FIELDS, {})}, path, junk)
    held[number] = Held(held[number].object._replace(value=changed))
    written = writing.write(held, "Loose")
    assert all(each.rule in {"X51", "X52", "X54"} for each in written.flaws)
    feed.write(written.events, TLP.RED)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "The file is no JSON"),
        (b"\xff", "The file is no JSON"),
        (b'{"info": NaN}', "The file is no JSON"),
        (b"[" * 100_000, "The file is no JSON"),
        (b"[" * 100 + b"]" * 100, "nested deeper than 28 levels"),
        (b'{"a":' * 29 + b"1" + b"}" * 29, "nested deeper than 28 levels"),
        (b"5", "no event of MISP"),
        (b"[]", "no event of MISP"),
        (b'{"Event": [1]}', "no event of MISP"),
        (b'{"type": "bundle", "objects": []}', "no event of MISP"),
    ],
)
def test_what_is_no_file_of_misp_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(Refusal, match=told) as caught:
        reading.read(data)
    assert caught.value.rule == "X50"


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shape, "LIMIT", 10)
    with pytest.raises(Refusal, match="split it"):
        reading.read(orjson.dumps(whole()))


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("type", [], "X51"),
        ("type", "", "X51"),
        ("value", {"a": 1}, "X51"),
        ("value", "a" * (shape.LONGEST + 1), "X51"),
        ("uuid", "not one", "X51"),
        ("to_ids", "maybe", "X51"),
        ("deleted", 2, "X51"),
        ("Tag", "tlp:red", "X51"),
        ("Tag", ["tlp:red"], "X51"),
        ("timestamp", "-1", "X52"),
        ("timestamp", True, "X52"),
        ("timestamp", 1e300, "X52"),
        ("timestamp", 253_402_300_800, "X52"),
        ("timestamp", "２", "X52"),
        ("first_seen", "yesterday", "X52"),
        ("first_seen", "0001-01-01T00:00:00+14:00", "X52"),
    ],
)
def test_one_bad_attribute_fails_alone(field: str, value: Any, rule: str) -> None:
    good, bad = attribute(1, "domain", "a.example"), attribute(2, "md5", "c" * 32) | {field: value}
    mapped = reading.read(orjson.dumps(event(bad, good)))
    assert [(each.path, each.rule) for each in mapped.flaws] == [("Attribute[0]", rule)]
    assert b"a.example" in b"".join(mapped.objects)
    assert b"c" * 32 not in b"".join(mapped.objects)


@pytest.mark.parametrize("field", ["uuid", "timestamp", "date", "Tag", "Attribute", "Orgc"])
def test_an_event_without_its_head_fails_whole(field: str) -> None:
    other = event(uuid=uuid(1))
    mapped = reading.read(orjson.dumps([event(**{field: {"uuid": 5}}), other]))
    assert [each.path for each in mapped.flaws] == ["[0]"]
    assert sum(b'"report"' in raw for raw in mapped.objects) == 1


def test_a_uuid_stands_once() -> None:
    one, two = attribute(1, "domain", "a.example"), attribute(1, "domain", "b.example")
    mapped = reading.read(orjson.dumps([event(one, two), event(one)]))
    found = [(each.id, each.path, each.rule) for each in mapped.flaws]
    assert found == [(uuid(1), "[0].Attribute[1]", "X53"), (EVENT, "[1]", "X53")]
    assert b"b.example" not in b"".join(mapped.objects)


def test_an_object_with_one_bad_attribute_fails_whole() -> None:
    inner = [attribute(2, "domain", "a.example"), attribute(2, "domain", "b.example")]
    value = event(Object=[{"uuid": uuid(10), "name": "file", "Attribute": inner}])
    mapped = reading.read(orjson.dumps(value))
    assert [(each.path, each.rule) for each in mapped.flaws] == [("Object[0]", "X53")]


def test_one_bad_sighting_or_report_fails_alone() -> None:
    seen = attribute(1, "domain", "a.example", Sighting=[5, sighting(80, "0"), sighting(80, "0")])
    mapped = reading.read(orjson.dumps(event(seen, EventReport=[{"uuid": 1}, 7])))
    assert [(each.path, each.rule) for each in mapped.flaws] == [
        ("Attribute[0].Sighting[0]", "X51"),
        ("Attribute[0].Sighting[2]", "X53"),
        ("EventReport[0]", "X51"),
        ("EventReport[1]", "X51"),
    ]


def test_what_is_too_large_for_an_object_fails_alone() -> None:
    large = attribute(1, "other", "a" * 600_000, data="b" * 600_000)
    mapped = reading.read(orjson.dumps(event(large, attribute(2, "domain", "a.example"))))
    assert [(each.id, each.rule) for each in mapped.flaws] == [(uuid(1), "X51")]
    assert b"a.example" in b"".join(mapped.objects)


def test_references_in_a_circle_are_relations() -> None:
    value = event(
        Object=[
            {
                "uuid": uuid(number),
                "name": "file",
                "Attribute": [attribute(number + 1, "filename", "a")],
                "ObjectReference": [{"referenced_uuid": uuid(other), "relationship_type": "Is In"}],
            }
            for number, other in ((10, 20), (20, 10))
        ]
    )
    relations = [each.object.value for each in taken(value) if each.object.type == "relationship"]
    assert [each["relationship_type"] for each in relations] == ["is-in", "is-in"]


@pytest.mark.parametrize("lie", [{"value": "good.example"}, {"type": "md5"}, {"uuid": uuid(9)}])
def test_what_is_kept_must_say_what_the_object_says(lie: dict[str, str]) -> None:
    held = taken(event(attribute(1, "domain", "evil.example"), Orgc=None))
    found = [each for each in held if each.object.type == "indicator"]
    value = found[0].object.value
    changed = value | {kept.FIELDS: value[kept.FIELDS] | lie}
    written = writing.write([Held(found[0].object._replace(value=changed))], "Loose")
    assert [(each.path, each.rule) for each in written.flaws] == [("objects[0]", "X54")]
    # It goes on as any other indicator: by what it says.
    assert [each["value"] for each in written.events[0]["Attribute"]] == ["evil.example"]


def test_an_event_that_smuggles_its_parts_is_no_event() -> None:
    (report,) = [each for each in taken(event()) if each.object.type == "report"]
    fields = report.object.value[kept.FIELDS] | {"Attribute": [attribute(1, "domain", "a.example")]}
    changed = report.object.value | {kept.FIELDS: fields}
    written = writing.write([Held(report.object._replace(value=changed))], "Loose")
    assert [each.rule for each in written.flaws] == ["X54"]
    assert written.events == []
