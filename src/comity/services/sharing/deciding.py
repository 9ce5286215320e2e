"""Whose version of an object decides, where devices act upon it and whether it still holds.

Its origin is who gave it to this node first: of what was forwarded, who signed it first; of an
intake, that intake. The newest version by the origin or by this party decides, through whatever
hands it came. A later version by another is that party's word, and is shown beside it. Only where
nothing by the origin or this party is left for who asks, as after it was taken back, the newest by
anybody does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from comity.protocols.sharing.circle.acts import Forward
from comity.services.sharing import origins, sights
from comity.store.access import given
from comity.store.access.objects import DOUBLE, SHOWN

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.store.access.given import GivenRow
    from comity.store.access.objects import Sight

Places = Mapping[tuple[str, int], str]
"""Who gave first what an act forwards, by (act, part)."""


class Decision(NamedTuple):
    """Of an object: the versions ``own`` to its origin or this party, by number; where the ones
    that decide stand (``counts``), on each shelf the newest; and the newest by each ``other``
    party, where somebody sees it.
    """

    own: frozenset[int]
    counts: tuple[GivenRow, ...]
    others: tuple[tuple[str, GivenRow], ...] = ()

    @property
    def newest(self) -> GivenRow | None:
        """Which version decides, None where somebody sees none."""
        return max(self.counts, key=lambda row: (row.version, -row.added), default=None)


def decide(node: Node, sight: Sight, ids: Iterable[str]) -> dict[str, Decision]:
    """Return which versions decide of these objects, for who sees so much. The questions do not
    grow with how many they are, but with the acts that forwarded what several parties gave.
    """
    found = given.given(node.db, ids)
    places = _places(node, (row for rows in found.values() for row in _disputed(rows)))
    return {id_: _decision(node, sight, rows, places) for id_, rows in found.items()}


def _disputed(rows: Sequence[GivenRow]) -> Sequence[GivenRow]:
    """Return what came of an object, if there is anything to decide: a version beside another."""
    return rows if len({row.object for row in rows}) > 1 else ()


def _places(node: Node, rows: Iterable[GivenRow]) -> Places:
    """Return who gave first what was forwarded; of each act that is read once."""
    wanted = sorted({(row.act, row.part) for row in rows if row.act and _is_forwarded(row)})
    source = origins.givers(node)
    return {place: source(*place) for place in wanted}


def _is_forwarded(row: GivenRow) -> bool:
    return row.kind == Forward.KIND.kind


def _decision(node: Node, sight: Sight, rows: Sequence[GivenRow], places: Places) -> Decision:
    if not _disputed(rows):
        own = frozenset(row.object for row in rows)
        return Decision(own, tuple(_newest(sight, rows)))
    origin = _giver(rows[0], places)
    own = frozenset(
        row.object
        for row in rows
        if row.state in {SHOWN, DOUBLE} and _giver(row, places) in {origin, node.me}
    )
    counts = tuple(_newest(sight, [row for row in rows if row.object in own]))
    others = [(_giver(row, places), row) for row in rows if row.object not in own]
    newest = {giver: row for giver, row in sorted(others, key=_by_version) if _sees(sight, row)}
    return Decision(own, counts or tuple(_newest(sight, rows)), tuple(sorted(newest.items())))


def _by_version(each: tuple[str, GivenRow]) -> tuple[int, int]:
    return each[1].version, -each[1].added


def _giver(row: GivenRow, places: Places) -> str:
    """Return the party that gave a version, or the shelf of the intake that brought it."""
    if row.act is None or row.party is None:
        return f"intake {row.shelf}"
    return places.get((row.act, row.part), row.party)


def _newest(sight: Sight, rows: Sequence[GivenRow]) -> Iterator[GivenRow]:
    """Yield the newest of what each shelf shows, if somebody sees it: a version that is not for
    them is no reason to show them one that it replaced.
    """
    newest: dict[int, GivenRow] = {}
    for row in sorted(rows, key=lambda row: (row.version, -row.added)):
        if row.state == SHOWN and row.shelf in sight.shelves:
            newest[row.shelf] = row
    return (row for row in newest.values() if _sees(sight, row))


def _sees(sight: Sight, row: GivenRow) -> bool:
    return row.state == SHOWN and sights.passes(sight, row)
