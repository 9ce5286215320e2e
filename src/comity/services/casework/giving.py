"""To which members content goes by the rules of a dossier's protocol: some want consent first.

What a protocol withholds from a member no node sends it, on whatever way: a bundle, an answer to
who lacks it, a blob, a file to carry. Its header goes as always. When the member's word lets it
through, each author sends what it withheld; until then nothing is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.fold import State
from comity.services.casework import dossiers, translations
from comity.store.access import outbox as deliveries
from comity.store.append import outbox

if TYPE_CHECKING:
    from comity.kernel.act import Header
    from comity.kernel.dossier import Dossier
    from comity.kernel.graph import Node as GraphNode
    from comity.kernel.ids import PartyId
    from comity.kernel.protocol import Protocol
    from comity.services.node import Node


def is_given(dossier: Dossier, state: State, placed: GraphNode, party: PartyId) -> bool:
    """Say whether a protocol gives the content of an act to a party; the author has its own.

    A translation goes where the words of the original do.
    """
    said = translations.source(dossier, placed).said.header
    if placed.header.party == party:
        return True
    return is_kind_given(dossier, state, said.kind, said.party, party)


def is_kind_given(
    dossier: Dossier, state: State, kind: str, author: PartyId, party: PartyId
) -> bool:
    """Say whether a protocol gives a party what ``author`` says by acts of a kind."""
    return dossier.protocol is None or dossier.protocol.gives(state, kind, author, party)


def is_opening_given(protocol: Protocol, author: PartyId, party: PartyId) -> bool:
    """Say whether a member is given what a dossier is opened with before it has said anything."""
    nothing = State(lambda _first, _then: False)
    return protocol.gives(nothing, protocol.opening.kind, author, party)


def follow(node: Node, dossier: Dossier, header: Header) -> None:
    """Queue what an act newly held may let through of what this party said: to its author and to
    whose word it cites, or by this party's own word to all members. Within a write transaction.
    """
    protocol = dossier.protocol
    if protocol is None or header.kind not in protocol.letting:
        return
    nodes = dossier.graph.nodes
    cited = {nodes[id_].header.party for id_ in header.refs if id_ in nodes}
    to = dossier.members.now() if header.party == node.me else {header.party} | cited
    state = dossiers.shown(node, dossier)
    own = [n for n in dossier.graph.order if n.header.party == node.me]
    ways = deliveries.deliveries_among(node.db, [n.id for n in own])
    whole = {(row.item, row.recipient) for w in ways.values() for row in w if row.state == "whole"}
    for party in sorted({*to} - {node.me}):
        given = [
            n.id
            for n in own
            if (n.id, party) not in whole
            and translations.is_for(dossier, state, n, party)
            and is_given(dossier, state, n, party)
        ]
        if given:
            now = node.now()
            outbox.queue_lacking(node.db, party, given, now=now, sent_before=now + 1)
