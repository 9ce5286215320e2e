"""What the landscape is made of, beside the objects themselves: who shared them, and what of them
people gave their word on. Each asks once for many, however many objects there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from comity.store.access.objects import CHUNK, SHOWN, Sight
from comity.store.sql import marks, query


class Placed(NamedTuple):
    """An object at the place that an act gives it (``act`` by its id, ``part``): the number of
    its ``sources``, the rank of its ``tlp``, its id and bytes.
    """

    act: str
    part: int
    sources: int
    tlp: int
    stix_id: str
    data: bytes


def brought(db: str, added: Sequence[int]) -> dict[int, str]:
    """Return of holdings, by when they were added (µs), the party whose act brought each."""
    rows: list[tuple[int, str]] = []
    for at in range(0, len(added), CHUNK):
        some = added[at : at + CHUNK]
        rows += query(
            db,
            "SELECT h.added, a.party FROM store_holding h JOIN store_act a ON a.n = h.act "
            f"WHERE h.added IN ({marks(len(some))})",
            tuple(some),
        )
    return dict(rows)


def newest_words(db: str, kind: str, party: str, limit: int) -> list[bytes]:
    """Return the headers of the newest acts of a kind by a party that have effect."""
    sql = (
        "SELECT header FROM store_act WHERE party = %s AND kind = %s AND void_rule = '' "
        "ORDER BY n DESC LIMIT %s"
    )
    return [bytes(header) for (header,) in query(db, sql, (party, kind, limit))]


def placed(db: str, sight: Sight, places: Sequence[tuple[str, int]]) -> list[Placed]:
    """Return what somebody sees of the objects at these places, (id of an act, part)."""
    found: list[Placed] = []
    wanted = frozenset(places)
    ids = sorted({act for act, _ in places})
    parts = sorted({part for _, part in places})
    if not sight.shelves or not sight.passes:
        return found
    seen = " OR ".join("(h.sources = %s AND h.tlp <= %s)" for _ in sight.passes)
    passes = [value for pair in sight.passes for value in pair]
    for at in range(0, len(ids), CHUNK):
        some = ids[at : at + CHUNK]
        rows = query(
            db,
            "SELECT a.id, h.part, h.sources, h.tlp, o.stix_id, o.data FROM store_act a "
            "JOIN store_holding h ON h.act = a.n JOIN store_objectversion o ON o.n = h.object "
            f"WHERE a.id IN ({marks(len(some))}) AND h.part IN ({marks(len(parts))}) "
            f"AND h.state = {SHOWN} AND h.shelf IN ({marks(len(sight.shelves))}) AND ({seen})",
            (*some, *parts, *sight.shelves, *passes),
        )
        found += [Placed(*row) for row in rows if row[:2] in wanted]
    return [each._replace(data=bytes(each.data)) for each in found]


def values_shown(db: str, kind: str, besides: Sequence[int], limit: int) -> list[str]:
    """Return the values of a kind that shown objects are about, ``besides`` those that stand on
    some shelves alone.
    """
    sql = (
        "SELECT DISTINCT i.value FROM store_observable i WHERE i.kind = %s AND EXISTS (SELECT 1 "
        f"FROM store_holding h WHERE h.object = i.object AND h.state = {SHOWN} "
        f"AND h.shelf NOT IN ({marks(len(besides) + 1)})) ORDER BY i.value LIMIT %s"
    )
    return [value for (value,) in query(db, sql, (kind, 0, *besides, limit))]


def ids_shown(db: str, shelf: int) -> set[str]:
    """Return the ids of all objects that a shelf shows."""
    sql = (
        "SELECT DISTINCT o.stix_id FROM store_holding h JOIN store_objectversion o "
        f"ON o.n = h.object WHERE h.shelf = %s AND h.newest AND h.state = {SHOWN}"
    )
    return {id_ for (id_,) in query(db, sql, (shelf,))}
