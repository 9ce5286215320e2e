from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.stix import reading, strict
from comity.kernel.errors import RULES, Refusal
from comity.services.sharing.schemas import stix_schemas
from tests.bridges.stix import samples
from tests.bridges.stix.samples import UUID, indicator, read, read_all, refused, relationship, sdo

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=":"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=5)


def _written(value: Any, style: int) -> bytes:
    if style == 0:
        return orjson.dumps(value)
    return json.dumps(value, indent=style, ensure_ascii=style == 1).encode()


@given(st.lists(st.tuples(OBJECTS, st.integers(0, 2)), max_size=6), st.sampled_from([b"", b" \n"]))
def test_the_bytes_of_an_object_are_those_that_came(
    written: list[tuple[Any, int]], blank: bytes
) -> None:
    raws = [_written(value, style) for value, style in written]
    batch = b'{"type":"bundle",' + blank + b'"objects":[' + (blank + b",").join(raws) + b"]}"
    assert reading.split(batch) == raws


@given(OBJECTS, st.integers(0, 2))
def test_an_object_without_a_name_twice_is_parsed(value: dict[str, Any], style: int) -> None:
    assert strict.parse(_written(value, style)) == value


@given(OBJECTS.filter(len), st.integers(0, 2), st.data())
def test_a_name_that_stands_twice_is_refused_wherever_it_is(
    value: dict[str, Any], style: int, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(value)))
    escaped = "".join(f"\\u{ord(c):04x}" for c in name)
    keys = [orjson.dumps(name), f'"{escaped}"'.encode()] if name.isascii() else [orjson.dumps(name)]
    key = data.draw(st.sampled_from(keys))
    # A colon as an escape makes up for the one that the second name brings.
    twice = _written(value, style)[:-1].rstrip() + b"," + key + b':"\\u003a\\u003A"}'
    for raw in (twice, b'{"outer":[' + twice + b"]}"):
        with pytest.raises(Refusal, match=r"(?s)^X2: The name .* stands twice"):
            strict.parse(raw)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "X2"),
        (b"\xef\xbb\xbf{}", "X2"),
        (b'{"objects":[]} x', "X2"),
        (b'{"objects":[{"a":NaN}]}', "X2"),
        (b'{"objects":[{"a":Infinity}]}', "X2"),
        (b'{"objects":[{"a":"\\ud800"}]}', "X2"),
        (b'{"objects":[],"objects":[]}', "X2"),
        (b'{"objects":[],"\\u006fbjects":[{"a":1}]}', "X2"),
        (b'{"objects":[{"a":1}],"objects":[{"a":1}]}', "X2"),
        (b'{"objects":[{"a":1}],"objects":[{"b":1}]}', "X2"),
        (b'{"more":[1],"more":[1],"objects":[{"a":1}]}', "X2"),
        (b'{"objects":[],"a\\u003a":1,"a\\u003a":1}', "X2"),
        (b'{"objects":[' + b"[" * 10**6 + b"]" * 10**6 + b"]}", "X1"),
        (b"[" * 10**6, "X3"),
        (b"[]", "X3"),
        (b"7", "X3"),
        (b'{"objects":{}}', "X3"),
        (b'{"objects":null}', "X3"),
        (b'{"type":"indicator","id":"indicator--1"}', "X3"),
        (b'{"type":"observed-data","objects":{}}', "X3"),
        (b'{"objects":[{},{},{}]}', "X1"),
        (b'{"objects":["' + b"a" * 2048 + b'"]}', "X1"),
    ],
)
def test_what_is_no_batch_is_refused(data: bytes, rule: str) -> None:
    limit = 3 * 10**6 if len(data) > 3000 else 2048
    with pytest.raises(Refusal) as caught:
        reading.split(data, limit, 2)
    assert caught.value.rule == rule


@pytest.mark.parametrize("before", [b"[]", b'[{"a":1}]', b'["[{"]', b'{"a":[{"a":1}]}', b'"[:"'])
def test_what_stands_before_the_objects_is_no_matter(before: bytes) -> None:
    batch = b'{"x":' + before + b',"objects":[{"a":1}]}'
    assert reading.split(batch) == [b'{"a":1}']


@pytest.mark.parametrize("data", [b"{}", b'{"more":[":"]}', b'{"type":"bundle","id":"x"}'])
def test_a_batch_may_be_empty(data: bytes) -> None:
    assert reading.split(data) == []


@pytest.mark.parametrize(
    ("raw", "rule", "path"),
    [
        (b"7", "X2", ""),
        (b'{"a":"\xff"}', "X2", ""),
        (b'{"a":1e999}', "X2", ""),
        (b'{"type":"tool","type":"tool"}', "X2", "type"),
        (b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", "X1", ""),
        (b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}", "X1", ""),
        (b'{"a":"' + b"a" * strict.OBJECT_LIMIT + b'"}', "X1", ""),
        (b"{}", "X4", "type"),
        (b'{"type":7,"id":"x"}', "X4", "type"),
        (b'{"type":"bundle","objects":[]}', "X3", ""),
        (b'{"type":"indicator","spec_version":"2.1"}', "X4", "id"),
        (b'{"type":"indicator","spec_version":"2.1","id":["indicator--1"]}', "X4", "id"),
        (b'{"type":"url","value":"https://a.example/","id":"urls--1"}', "X4", "id"),
    ],
)
def test_one_bad_object_is_refused(raw: bytes, rule: str, path: str) -> None:
    refusal = refused(raw)
    assert (refusal.rule, refusal.subject) == (rule, path)


def test_depth_is_counted_exactly() -> None:
    def nested(depth: int) -> bytes:
        return b'{"a":[' + b"{}," * 40 + b"[" * (depth - 2) + b"]" * (depth - 2) + b"]}"

    assert strict.parse(nested(strict.DEPTH_LIMIT))
    with pytest.raises(Refusal, match="X1"):
        strict.parse(nested(strict.DEPTH_LIMIT + 1))


def test_one_bad_object_never_fails_the_others() -> None:
    raws = [
        orjson.dumps(indicator()),
        b'{"type":"tool","type":"tool"}',
        orjson.dumps(sdo("indicator")),
        orjson.dumps(indicator(modified="2026-02-30T00:00:00.000Z")),
        orjson.dumps(indicator()),
    ]
    taken, flaws = reading.read_all(raws, stix_schemas())
    assert [one.raw for one in taken] == [raws[0], raws[4]]
    assert [(flaw.id, flaw.path, flaw.rule) for flaw in flaws] == [
        ("", "objects[1].type", "X2"),
        (f"indicator--{UUID}", "objects[2]", "X5"),
        (f"indicator--{UUID}", "objects[3].modified", "X6"),
    ]
    assert all(flaw.rule in RULES and flaw.reason.endswith(".") for flaw in flaws)


def test_an_object_is_read() -> None:
    source, target = f"malware--{UUID}", f"tool--{UUID}"
    creator = f"identity--{UUID}"
    value = relationship(source, target, created_by_ref=creator, revoked=True)
    value["extensions"] = {
        f"extension-definition--{UUID}": {
            "extension_type": "property-extension",
            "inner_refs": [source, f"note--{UUID}"],
        }
    }
    one = read(value)
    assert (one.id, one.type, one.revoked) == (value["id"], "relationship", True)
    assert one.refs == (source, target, creator, f"note--{UUID}")
    assert one.created == 1_767_225_600_000_000
    assert one.version == one.created + 86_400_000_000
    assert one.value == value
    assert one.raw == orjson.dumps(value)
    assert one.text == "related-to"


def test_the_version_of_what_is_never_modified_is_when_it_was_created() -> None:
    marking = read(samples.statement("Ask first."))
    assert marking.version == marking.created == 1_767_225_600_000_000
    address = read(samples.sco("ipv4-addr", value="198.51.100.3"))
    assert (address.version, address.created) == (0, 0)


def test_flaws_come_in_the_order_of_the_batch() -> None:
    values = [sdo("tool"), {"type": "tool"}, sdo("tool"), {}]
    _, flaws = read_all(*values)
    assert [flaw.path for flaw in flaws] == [
        "objects[0]",
        "objects[1].id",
        "objects[2]",
        "objects[3].type",
    ]
