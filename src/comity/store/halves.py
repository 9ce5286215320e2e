"""Ids of objects as they are indexed: by the first half of their UUID, as a number.

An index of whole ids, versions and hashes is wide and as random as they are: it was half of what a
batch changed in the database. One of numbers is a fifth of that. Ids that have one number are told
apart by themselves, since they stand in the rows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

from comity.store.sql import marks

_DIGITS = 16
_MIDDLE = 2**63
_BEGUN = re.compile(r"[a-z0-9-]+--([0-9a-fA-F-]*[0-9a-fA-F][0-9a-fA-F-]*)")


@lru_cache(maxsize=4096)
def half(id_: str) -> int:
    """Return the number of an id, of 64 bits with a sign; numbers of UUIDs are in their order.

    What ends in no UUID has a number all the same, which says nothing of an order. Kept, since who
    adds an object asks for it several times.
    """
    try:
        found = bytes.fromhex(id_[-36:-28] + id_[-27:-23] + id_[-22:-18])
    except ValueError:
        found = b""
    if len(found) != _DIGITS // 2:
        found = hashlib.sha256(id_.encode()).digest()[: _DIGITS // 2]
    return int.from_bytes(found) - _MIDDLE


def between(prefix: str) -> tuple[int, int] | None:
    """Return the least and the greatest number of an id that begins so, None where it may be any:
    nothing of a UUID is said.
    """
    begun = _BEGUN.fullmatch(prefix)
    if begun is None:
        return None
    digits = begun[1].replace("-", "")[:_DIGITS]
    least, most = (int(digits.ljust(_DIGITS, fill), 16) - _MIDDLE for fill in "0f")
    return least, most


def among(table: str, ids: Sequence[str]) -> tuple[str, list[object]]:
    """Return the condition that an object version, by its ``table`` in a statement, is one of
    these.
    """
    listed = marks(len(ids))
    return (
        f"{table}.half IN ({listed}) AND {table}.stix_id IN ({listed})",
        [*map(half, ids), *ids],
    )
