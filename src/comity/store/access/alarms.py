"""What acts brought to shelves, to be looked at for alarms: who gave which version, and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from comity.store import halves
from comity.store.access.objects import CHUNK
from comity.store.sql import marks, query


class CameRow(NamedTuple):
    """A holding and the act that brought it; ``added`` and ``version`` in µs, ``time`` in ms.

    Of an intake ``act`` is None, and so is what is of an act.
    """

    added: int
    shelf: int
    stix_id: str
    version: int
    state: int
    number: int | None
    part: int
    act: str | None
    dossier: str | None
    party: str | None
    kind: str | None
    time: int | None


_WHAT = (
    "SELECT h.added, h.shelf, o.stix_id, o.version, h.state, h.act, h.part, a.id, a.dossier, "
    "a.party, a.kind, a.time "
)


def came(db: str, after: int, limit: int) -> list[CameRow]:
    """Return what came to shelves after a moment (µs), in the order in which it came."""
    rows = query(
        db,
        f"{_WHAT} FROM store_holding h JOIN store_objectversion o ON o.n = h.object "
        "LEFT JOIN store_act a ON a.n = h.act WHERE h.added > %s ORDER BY h.added LIMIT %s",
        (after, limit),
    )
    return [CameRow(*row) for row in rows]


def versions(db: str, ids: Iterable[str]) -> list[CameRow]:
    """Return all that acts brought of these objects, whatever became of it."""
    wanted, found = sorted(set(ids)), list[CameRow]()
    for at in range(0, len(wanted), CHUNK):
        those, given = halves.among("o", wanted[at : at + CHUNK])
        # Joined so that SQLite, which has no statistics, looks for the objects first.
        rows = query(
            db,
            f"{_WHAT} FROM store_objectversion o CROSS JOIN store_holding h "
            "CROSS JOIN store_act a WHERE h.object = o.n AND a.n = h.act "
            f"AND {those}",
            given,
        )
        found += (CameRow(*row) for row in rows)
    return found


def told(db: str, acts: Sequence[int], rule: str) -> set[tuple[int, int]]:
    """Return of which parts of these acts, as (act, part), it is remembered that they break a
    rule.
    """
    rows = query(
        db,
        f"SELECT act, part FROM store_flawed WHERE rule = %s AND act IN ({marks(len(acts))})",
        (rule, *acts),
    )
    return {(act, part) for act, part in rows}
