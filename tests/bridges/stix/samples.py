"""Objects for the tests of STIX: small ones, of which a test changes what it is about."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from comity.bridges.stix import reading
from comity.bridges.stix.record import Flaw, StixObject
from comity.kernel.errors import Refusal
from comity.services.sharing.schemas import stix_schemas

UUID = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
CREATED = "2026-01-01T00:00:00.000Z"
LATER = "2026-01-02T00:00:00.000Z"

Json = dict[str, Any]


def sdo(kind: str, **more: Any) -> Json:
    """An object of a type, with what every one has."""
    head = {"type": kind, "spec_version": "2.1", "id": f"{kind}--{UUID}"}
    return head | {"created": CREATED, "modified": LATER} | more


def sco(kind: str, **more: Any) -> Json:
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{UUID}"} | more


def indicator(pattern: str = "[domain-name:value = 'harbour.example']", **more: Any) -> Json:
    more = {"pattern_type": "stix", "valid_from": CREATED} | more
    return sdo("indicator", pattern=pattern, **more)


def relationship(source: str, target: str, kind: str = "related-to", **more: Any) -> Json:
    return sdo("relationship", relationship_type=kind, source_ref=source, target_ref=target, **more)


def statement(words: str, uuid: str = UUID, **more: Any) -> Json:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{uuid}",
        "created": CREATED,
        "definition_type": "statement",
        "definition": {"statement": words},
    } | more


def read(value: Json) -> StixObject:
    return reading.read(orjson.dumps(value), stix_schemas(), {})


def read_all(*values: Json) -> tuple[list[StixObject], list[Flaw]]:
    return reading.read_all([orjson.dumps(value) for value in values], stix_schemas())


def refused(value: Json | bytes) -> Refusal:
    """The refusal that an object gets."""
    raw = value if isinstance(value, bytes) else orjson.dumps(value)
    with pytest.raises(Refusal) as caught:
        reading.read(raw, stix_schemas(), {})
    return caught.value
