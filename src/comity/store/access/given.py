"""Who gave which versions of objects: everything that ever stood on a shelf of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from comity.store import halves
from comity.store.access.objects import CHUNK
from comity.store.sql import marks, query

if TYPE_CHECKING:
    from comity.store.access.objects import Clause


class GivenRow(NamedTuple):
    """A holding of a version ``object`` and the act that brought it; ``added`` and ``version`` in
    µs; ``act``, ``party`` and ``kind`` are None of an intake.
    """

    added: int
    shelf: int
    stix_id: str
    object: int
    version: int
    state: int
    sources: int
    tlp: int
    part: int
    act: str | None
    party: str | None
    kind: str | None


def given(db: str, ids: Iterable[str]) -> dict[str, list[GivenRow]]:
    """Return all holdings of each of these objects, in the order in which they were added."""
    wanted, found = sorted(set(ids)), dict[str, list[GivenRow]]()
    for at in range(0, len(wanted), CHUNK):
        those, asked = halves.among("o", wanted[at : at + CHUNK])
        # Joined so that SQLite, which has no statistics, looks for the objects first.
        rows = query(
            db,
            "SELECT h.added, h.shelf, o.stix_id, o.n, o.version, h.state, h.sources, h.tlp, "
            "h.part, a.id, a.party, a.kind FROM store_objectversion o CROSS JOIN store_holding h "
            "LEFT JOIN store_act a ON a.n = h.act WHERE h.object = o.n "
            f"AND {those} ORDER BY h.added",
            asked,
        )
        for row in rows:
            found.setdefault(row[2], []).append(GivenRow(*row))
    return found


def among(numbers: Sequence[int]) -> Clause:
    """Return the condition that an object version is one of these."""
    return f"o.n IN ({marks(len(numbers))})", [*numbers]
