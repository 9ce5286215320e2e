"""Dossiers that belong together: one replaces another, an act of one names another or cites an act
of it, or a party says how an incident belongs with another dossier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel import kinds
from comity.kernel.act import CHARTER
from comity.kernel.fieldtypes import Hex
from comity.kernel.ids import Id
from comity.kernel.protocol import coded_fields
from comity.protocols._vocabulary.linking import UNRELATED
from comity.protocols.response.incident.acts import Link
from comity.services.casework import dossiers
from comity.store.access import acts as access
from comity.store.access import finding
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


def of(node: Node, dossier_id: str) -> list[tuple[str, str, bool]]:
    """Return (other dossier, how, whether this one names it) of the dossiers here that belong to
    one. ``how`` is succeeds, cites, or the relation that a party gives in a link now.
    """
    named = finding.related(node.db, dossier_id, Link.KIND.kind)
    return named + [each for each in _linked(node, dossier_id) if each[1] != UNRELATED]


def _linked(node: Node, dossier_id: str) -> list[tuple[str, str, bool]]:
    """Return the same of links: of each party's words on one dossier the last that it stands by."""
    others = dict(finding.naming(node.db, dossier_id, Link.KIND.kind))
    newest: dict[tuple[str, str, Id], tuple[str, str, bool]] = {}
    rows = access.acts_among(node.db, [*others]).values()
    for row in sorted(rows, key=lambda row: row.idx):
        act = dossiers.stored_act(node, row)
        latest = dossiers.newest(node, row.party)
        if latest is not None and not dossiers.disowns(node, latest, act):
            said = Link.checked(act.header)
            told = (others[row.id], said.relation, row.dossier == dossier_id)
            newest[row.dossier, row.party, said.dossier] = told
    return sorted({*newest.values()})
