"""The marking that an object is served with, spliced in beside the bytes that are kept."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from comity.bridges.stix.markings import TLP1_IDS, TLP2_EXTENSION, TLP2_IDS
from comity.kernel.label import TLP

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from comity.bridges.stix.record import Json

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


_RANKED = tuple(TLP)
_NAME = b'"object_marking_refs"'
_ALONE = tuple(b'%b:["%b"],' % (_NAME, SERVED[level].encode()) for level in _RANKED)
_LIST = re.compile(rb'\s*:\s*\[\s*("[^"\\]*"(?:\s*,\s*"[^"\\]*")*)\s*\]')
_BACKSLASH = ord("\\")
_REF = re.compile(rb'"([^"]*)"')


def place(raw: bytes, value: Json) -> tuple[int, int]:
    """Return where in ``raw`` the markings of an object stand, the first byte of their list and the
    one after its last; twice the same where it has none and they go there; and (0, 0) where the
    bytes do not tell at a glance. ``value`` is the object as parsed.
    """
    if value["type"] == "marking-definition":
        return 0, 0
    if "object_marking_refs" not in value:
        at = raw.index(b"{") + 1
        return at, at
    at = raw.find(_NAME)
    # An escape may hide a name, and another may stand within something inside the object.
    if at < 0 or raw[at - 1] == _BACKSLASH or raw.find(_NAME, at + 1) >= 0:
        return 0, 0
    if b"\\" in raw and b"\\u00" in raw:
        return 0, 0
    found = _LIST.match(raw, at + len(_NAME))
    return (0, 0) if found is None else found.span(1)


def inject(raw: bytes, tlp: TLP, at: tuple[int, int] | None = None) -> bytes:
    """Return an object with a marking of a level among its own; ``raw`` is one that was read, and
    ``at`` its place of markings, where it is known.

    All else stays byte for byte, but in objects whose bytes do not tell at a glance where their
    markings stand. Of those it names, a wider level gives way, and a stricter one stays, so that
    nobody reads a wider one. What defines a marking is returned as it is.
    """
    start, end = at or place(raw, orjson.loads(raw))
    if not end:
        return _written(raw, tlp)
    if start == end:
        return raw[:start] + _ALONE[tlp.rank] + raw[end:]
    listed = _listed(raw[start:end], tlp.rank)
    return raw if listed is None else raw[:start] + listed + raw[end:]


def inject_all(rows: Iterable[tuple[object, int, int, int, bytes]]) -> list[bytes]:
    """Return objects, each as ``inject`` would. Of each row the first is passed over; then come the
    rank of the level, -1 for none to be put in, the place of its markings, and the object.
    """
    served: list[bytes] = []
    add = served.append
    for _, rank, start, end, raw in rows:
        if rank < 0:
            add(raw)
        elif start < end:
            # Most of what a page takes beside reading it: so no call, and no copy but one.
            listed = _listed(raw[start:end], rank)
            add(raw if listed is None else b"".join((raw[:start], listed, raw[end:])))
        else:
            add(inject(raw, _RANKED[rank], (start, end)))
    return served


@lru_cache(maxsize=1024)
def _listed(listed: bytes, rank: int) -> bytes | None:
    """Return the markings that are served for those of a list, or None where they are the same.

    By the rank of a level, since that is found in no time where the level itself is not.
    """
    refs = [ref.decode() for ref in _REF.findall(listed)]
    served = _served(refs, _RANKED[rank])
    return None if served == refs else b",".join(b'"%b"' % ref.encode() for ref in served)


def _written(raw: bytes, tlp: TLP) -> bytes:
    """Return it written anew, if its markings change."""
    value = orjson.loads(raw)
    if value["type"] == "marking-definition":
        return raw
    refs = value.get("object_marking_refs", ())
    served = _served(refs, tlp)
    return raw if served == refs else orjson.dumps(value | {"object_marking_refs": served})


def _served(refs: Sequence[str], tlp: TLP) -> list[str]:
    levels = [_LEVELS[ref] for ref in refs if ref in _LEVELS]
    level = max([tlp, *levels])
    kept = [ref for ref in refs if _LEVELS.get(ref) in {None, level}]
    return kept if level in levels else [*kept, SERVED[level]]
