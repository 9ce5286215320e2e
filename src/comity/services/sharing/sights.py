"""What somebody sees of shelves: asked of the one table of labels, for every set of sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.act import read_header
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.kernel.kinds import read_charter
from comity.kernel.label import PAP, TLP, Allow, Audience, Egress, Label, Reader, decide
from comity.services.sharing.circles import CIRCLE
from comity.store.access import acts, objects, parties
from comity.store.access.objects import Sight

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from comity.services.node import Node
    from comity.store.access.given import GivenRow
    from comity.store.access.objects import HoldingRow, ShelfRow

LEVELS = tuple(TLP)
"""All labels, from the widest to the strictest: the place of each is its rank."""
NODE, CONSTITUENTS, ANYONE = "node", "constituents", "anyone"
"""Who reads an intake besides this party."""


def audiences(node: Node, names: Iterable[str], reader: Reader) -> dict[str, Audience]:
    """Return who stands behind each of these sources, as far as this node knows them.

    An intake that is for this node only is no source that anybody else is told of.
    """
    wanted = sorted(set(names))
    found = {
        id_: Audience(frozenset(map(PartyId, members)), TLP(ceiling), _readers(node, id_, ceiling))
        for id_, (ceiling, members) in parties.behind(node.db, wanted).items()
    }
    for name in wanted:
        shelf = None if name in found else objects.shelf(node.db, name)
        if shelf is None or shelf.kind == CIRCLE:
            continue
        if reader.party == node.me or shelf.readers != NODE:
            found[name] = Audience(frozenset({node.me}), TLP(shelf.ceiling))
    return found


def _readers(node: Node, dossier: str, ceiling: str) -> frozenset[tuple[PartyId, str]]:
    """Return the persons that a charter lists as readers of RED, which only some name."""
    if TLP(ceiling) is not TLP.RED:
        return frozenset()
    charter = acts.act(node.db, dossier)
    return (
        frozenset()
        if charter is None
        else frozenset(read_charter(read_header(charter.header)).readers)
    )


def sight(
    node: Node, reader: Reader, egress: Egress, ceiling: TLP, shelves: Iterable[ShelfRow]
) -> Sight:
    """Return what a reader sees of shelves through a door, up to a ``ceiling`` of its own."""
    sets = objects.source_sets(node.db)
    known = audiences(node, {name for _, names in sets for name in names}, reader)
    passes = [
        (number, strictest.rank)
        for number, names in sets
        if (strictest := _strictest(names, reader, egress, ceiling, known)) is not None
    ]
    return Sight(tuple(shelf.number for shelf in shelves), tuple(passes))


def passes(sight: Sight, row: HoldingRow | GivenRow) -> bool:
    """Say whether somebody with a sight sees a holding."""
    strictest = dict(sight.passes).get(row.sources)
    return row.shelf in sight.shelves and strictest is not None and row.tlp <= strictest


def _strictest(
    names: frozenset[str],
    reader: Reader,
    egress: Egress,
    ceiling: TLP,
    known: Mapping[str, Audience],
) -> TLP | None:
    """Return the strictest label that passes; what passes with it, passes with a wider one."""
    for level in reversed(LEVELS):
        if level > ceiling:
            continue
        label = Label(level, PAP.CLEAR, names)
        if isinstance(decide(label, reader, egress, known), Allow):
            return level
    return None


def require_known(node: Node, name: str) -> ShelfRow:
    """Return a shelf by its id, alias or source. Raises Refusal S3."""
    found = objects.shelf(node.db, name)
    if found is None:
        raise Refusal("S3", "There is no such collection here.", name[:80])
    return found
