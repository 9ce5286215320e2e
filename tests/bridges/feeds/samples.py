"""Objects as they are held, for the tests of exports."""

from __future__ import annotations

from typing import Any

import orjson

from comity.bridges.held import Held
from comity.bridges.stix import reading as stix
from comity.bridges.stix.inject import SERVED
from comity.kernel.label import TLP
from comity.services.sharing.schemas import stix_schemas

NOW = 1_764_000_000
"""24 November 2025."""


def indicator(number: int, pattern: str, tlp: TLP | None = TLP.CLEAR, **more: Any) -> Held:
    value = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--5a3c2fda-78f4-44b7-8366-{number:012d}",
        "created": "2025-11-20T00:00:00.000Z",
        "modified": "2025-11-21T00:00:00.000Z",
        "pattern": pattern,
        "pattern_type": "stix",
        "valid_from": "2025-11-20T00:00:00.000Z",
    }
    refs = {"object_marking_refs": [SERVED[tlp]]} if tlp else {}
    return taken(value | refs | more)


def taken(value: dict[str, Any]) -> Held:
    """An object as STIX takes it."""
    (found,), flaws = stix.read_all([orjson.dumps(value)], stix_schemas())
    assert flaws == []
    return Held(found)
