"""Dossiers that belong together: one replaces another, or an act of one names another or cites an
act of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel import kinds
from comity.kernel.act import CHARTER
from comity.kernel.fieldtypes import Hex
from comity.kernel.ids import Id
from comity.kernel.protocol import coded_fields
from comity.store.append import acts as append

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from comity.kernel.dossier import Dossier
    from comity.kernel.graph import Node as GraphNode
    from comity.services.node import Node

SUCCEEDS, CITES = "succeeds", "cites"
DOSSIER = Hex("dossier")
"""The type of coded fields that name a dossier."""


def note(node: Node, dossier: Dossier, placed: Iterable[GraphNode]) -> None:
    """Keep what acts of a dossier name beyond it. Part of the append; noting it twice is once."""
    if found := [each for act in placed for each in _named(dossier, act)]:
        append.insert_relations(node.db, dossier.id, found)


def _named(dossier: Dossier, act: GraphNode) -> Iterator[tuple[Id, Id, str]]:
    if act.header.kind == CHARTER:
        before = kinds.read_charter(act.header).succeeds
        if before is not None:
            yield act.id, before, SUCCEEDS
    for named in (*act.header.refs, *_coded(dossier, act)):
        if named not in dossier.graph.nodes:
            yield act.id, named, CITES


def _coded(dossier: Dossier, act: GraphNode) -> Iterator[Id]:
    """Yield the dossiers that coded fields of an act with effect name."""
    header = act.said.header
    kind = None if dossier.protocol is None else dossier.protocol.kind(header.kind)
    if kind is not None and act.void is None:
        fields = coded_fields(header)
        for field in kind.body:
            if field.type == DOSSIER and field.name in fields:
                yield Id(str(fields[field.name]))
