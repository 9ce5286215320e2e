from __future__ import annotations

import json

import orjson
import pytest

from comity.bridges.stix import inject, markings, reading, writing
from comity.kernel.label import TLP
from comity.services.sharing.schemas import stix_schemas
from tests.bridges.stix.samples import UUID, Json, indicator, read, sco, statement

TLP1 = {level: id_ for id_, level in markings.TLP1_IDS.items()}
MINE = f"marking-definition--{UUID}"


@pytest.mark.parametrize("tlp", TLP)
@pytest.mark.parametrize(
    "value",
    [
        indicator(),
        sco("ipv4-addr", value="198.51.100.3"),
        indicator(name="object_marking_refs"),
        indicator(name="Ünï\u2019 marking-definition"),
        indicator(x_of={"object_marking_refs": []}),
    ],
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_marking_is_spliced_into_the_bytes(value: Json, tlp: TLP, *, ascii_only: bool) -> None:
    raw = json.dumps(value, indent=1, ensure_ascii=ascii_only).encode()
    served = inject.inject(raw, tlp)
    assert served.startswith(b'{"object_marking_refs":["marking-definition--')
    assert served.endswith(raw[1:])
    assert orjson.loads(served) == value | {"object_marking_refs": [inject.SERVED[tlp]]}
    assert reading.read(served, stix_schemas(), {}).marking.tlp == tlp


def test_what_is_served_is_of_tlp_2() -> None:
    assert {inject.SERVED[level] for level in TLP} == set(markings.TLP2_IDS)


@pytest.mark.parametrize(
    ("refs", "tlp", "served"),
    [
        ([MINE], TLP.AMBER, [MINE, inject.SERVED[TLP.AMBER]]),
        ([inject.SERVED[TLP.GREEN]], TLP.RED, [inject.SERVED[TLP.RED]]),
        ([TLP1[TLP.GREEN], MINE], TLP.AMBER, [MINE, inject.SERVED[TLP.AMBER]]),
        ([TLP1[TLP.CLEAR], inject.SERVED[TLP.RED]], TLP.RED, [inject.SERVED[TLP.RED]]),
        ([inject.SERVED[TLP.RED]], TLP.GREEN, [inject.SERVED[TLP.RED]]),
    ],
)
def test_a_wider_marking_gives_way_and_a_stricter_stays(
    refs: list[str], tlp: TLP, served: list[str]
) -> None:
    raw = orjson.dumps(indicator(object_marking_refs=refs))
    assert orjson.loads(inject.inject(raw, tlp)) == indicator(object_marking_refs=served)


@pytest.mark.parametrize(
    "value",
    [
        indicator(object_marking_refs=[TLP1[TLP.AMBER], MINE]),
        indicator(object_marking_refs=[inject.SERVED[TLP.AMBER]]),
        statement("Ask first."),
        orjson.loads(inject.DEFINITIONS[TLP.AMBER]),
    ],
)
def test_what_needs_no_marking_is_served_as_it_is(value: Json) -> None:
    raw = json.dumps(value, indent=2).encode()
    assert inject.inject(raw, TLP.AMBER) == raw


WITHIN = {"x_of": {"object_marking_refs": [inject.SERVED[TLP.GREEN]], "name": "}"}}
OWN = {"object_marking_refs": [inject.SERVED[TLP.CLEAR], MINE]}
LISTED = {"external_references": [{"source_name": "{"}]}


@pytest.mark.parametrize(
    "value",
    [
        indicator() | OWN,
        indicator() | LISTED | OWN,
        OWN | indicator() | LISTED,
        indicator() | LISTED | OWN | {"x_of": {"a": "b"}},
        indicator() | WITHIN,
        indicator() | WITHIN | OWN,
        indicator() | OWN | WITHIN,
        WITHIN | indicator(name="{") | OWN | LISTED,
        indicator(name="object_marking_refs", description="object_marking_refs") | OWN,
        indicator() | {'x"object_marking_refs': [inject.SERVED[TLP.GREEN]]},
        indicator(name='"object_marking_refs": ["') | OWN,
    ],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_the_own_marking_is_found_wherever_it_stands(value: Json, indent: int | None) -> None:
    raw = json.dumps(value, indent=indent).encode()
    own = [MINE] if "object_marking_refs" in value else []
    served = orjson.loads(inject.inject(raw, TLP.AMBER))
    assert served == value | {"object_marking_refs": [*own, inject.SERVED[TLP.AMBER]]}


def test_a_marking_is_replaced_within_the_bytes() -> None:
    raw = json.dumps(indicator() | LISTED | OWN | {"x_last": 1.50}, indent=3).encode()
    was, now = inject.SERVED[TLP.CLEAR].encode(), inject.SERVED[TLP.RED].encode()
    before, _, after = raw.partition(b'"%b",' % was)
    left = after.partition(b'"%b"' % MINE.encode())[2]
    served = b'"%b","%b"' % (MINE.encode(), now)
    assert inject.inject(raw, TLP.RED) == before + served + left


def test_many_are_marked_as_each_alone_would_be() -> None:
    escaped = orjson.dumps(indicator() | OWN).replace(b"object_m", b"object\\u005fm")
    given = [orjson.dumps(each) for each in (indicator(), indicator() | OWN, statement("A"))]
    alone = [inject.inject(raw, tlp) for raw in (*given, escaped) for tlp in TLP]
    rows = [
        (number, tlp.rank, *inject.place(raw, orjson.loads(raw)), raw)
        for number, raw in enumerate((*given, escaped))
        for tlp in TLP
    ]
    assert inject.inject_all(rows) == alone
    assert inject.inject_all([(0, -1, *row[2:]) for row in rows]) == [row[-1] for row in rows]


def test_a_name_written_with_escapes_is_still_found() -> None:
    raw = orjson.dumps(indicator(object_marking_refs=[MINE]))
    raw = raw.replace(b"object_marking", b"object\\u005fmarking")
    assert orjson.loads(inject.inject(raw, TLP.RED)) == indicator(
        object_marking_refs=[MINE, inject.SERVED[TLP.RED]]
    )
    raw = orjson.dumps(statement("A")).replace(b'"marking-', b'"marking\\u002d')
    assert inject.inject(raw, TLP.RED) == raw


@pytest.mark.parametrize("tlp", TLP)
def test_the_definitions_are_read_as_what_they_define(tlp: TLP) -> None:
    one = reading.read(inject.DEFINITIONS[tlp], stix_schemas(), {})
    assert one.id == inject.SERVED[tlp]
    assert markings.defined(one.value).tlp == tlp


def test_a_bundle_holds_objects_as_they_stand() -> None:
    raws = [json.dumps(indicator(), indent=2).encode(), orjson.dumps(statement("A"))]
    data = writing.bundle(raws, UUID)
    assert reading.split(data) == raws
    assert orjson.loads(data)["id"] == f"bundle--{UUID}"
    assert orjson.loads(writing.bundle([], UUID)) == {"type": "bundle", "id": f"bundle--{UUID}"}
    assert read(orjson.loads(data)["objects"][0]).type == "indicator"
