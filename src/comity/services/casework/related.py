"""Dossiers that belong together: one replaces another, or an act of one cites an act of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel import kinds
from comity.kernel.act import CHARTER
from comity.store.append import acts as append

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from comity.kernel.dossier import Dossier
    from comity.kernel.graph import Node as GraphNode
    from comity.kernel.ids import Id
    from comity.services.node import Node

SUCCEEDS, CITES = "succeeds", "cites"


def note(node: Node, dossier: Dossier, placed: Iterable[GraphNode]) -> None:
    """Keep what acts of a dossier name beyond it. Part of the append; noting it twice is once."""
    if found := [each for act in placed for each in _named(dossier, act)]:
        append.insert_relations(node.db, dossier.id, found)


def _named(dossier: Dossier, act: GraphNode) -> Iterator[tuple[Id, Id, str]]:
    if act.header.kind == CHARTER:
        before = kinds.read_charter(act.header).succeeds
        if before is not None:
            yield act.id, before, SUCCEEDS
    for ref in act.header.refs:
        if ref not in dossier.graph.nodes:
            yield act.id, ref, CITES
