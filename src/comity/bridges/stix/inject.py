"""The marking that an object is served with, spliced in beside the bytes that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from comity.bridges.stix.markings import TLP1_IDS, TLP2_EXTENSION, TLP2_IDS

if TYPE_CHECKING:
    from comity.bridges.stix.record import Json
    from comity.kernel.label import TLP

_LEVELS = TLP2_IDS | TLP1_IDS
SERVED: dict[TLP, str] = {level: id_ for id_, level in TLP2_IDS.items()}
"""The marking that is served for each level: the one of TLP 2.0."""


def _definition(id_: str, level: TLP) -> bytes:
    word = level.value.replace("_", "+")
    said = {"extension_type": "property-extension", "tlp_2_0": word}
    head = {"type": "marking-definition", "spec_version": "2.1", "id": id_}
    more = {"created": "2022-10-01T00:00:00.000Z", "name": f"TLP:{word.upper()}"}
    return orjson.dumps(head | more | {"extensions": {TLP2_EXTENSION: said}})


DEFINITIONS: dict[TLP, bytes] = {level: _definition(id_, level) for level, id_ in SERVED.items()}
"""The definitions of the markings that are served, as OASIS published them."""


def inject(raw: bytes, tlp: TLP) -> bytes:
    """Return an object with a marking of a level among its own; ``raw`` is one that was read.

    All else stays byte for byte where the object names no marking. Where it names some, those of a
    wider level give way, and a stricter one stays, so that nobody reads a wider one. What defines
    a marking is returned as it is.
    """
    # An escape may hide a name; the letters of names are below U+0080.
    if b"object_marking_refs" in raw or b'marking-definition"' in raw or b"\\u00" in raw:
        value = orjson.loads(raw)
        if value["type"] == "marking-definition":
            return raw
        if "object_marking_refs" in value:
            return _with_own(raw, value, tlp)
    at = raw.index(b"{") + 1
    return b'%b"object_marking_refs":["%b"],%b' % (raw[:at], SERVED[tlp].encode(), raw[at:])


def _with_own(raw: bytes, value: Json, tlp: TLP) -> bytes:
    refs = value["object_marking_refs"]
    levels = [_LEVELS[ref] for ref in refs if ref in _LEVELS]
    level = max([tlp, *levels])
    kept = [ref for ref in refs if _LEVELS.get(ref) in {None, level}]
    if kept == refs and level in levels:
        return raw
    served = [] if level in levels else [SERVED[level]]
    return orjson.dumps(value | {"object_marking_refs": [*kept, *served]})
