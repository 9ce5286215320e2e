"""Catching up: comparing how far two nodes hold a dossier (KERNEL "Convergence")."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from comity.kernel.bundle import MAX_HEADS, FeedHeads, Heights
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.services.casework import dossiers
from comity.services.delivery.carry import may_have_content
from comity.store.access import acts as access
from comity.store.append import outbox
from comity.store.append.parties import count_refusal
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.dossier import Dossier
    from comity.kernel.graph import Node as GraphNode
    from comity.services.node import Node

MOST_TOLD = 64
"""Dossiers whose heights go into one bundle."""
UNDER_WAY = 30_000
"""How long, in ms, what was sent may be under way before a peer's heights queue it again."""


def heights_of(node: Node, dossier_id: Id) -> Heights:
    """Return how far this node holds a dossier; no feeds when it holds nothing of it."""
    with node.lock:
        try:
            dossier = dossiers.load(node, dossier_id)
        except Refusal:
            return Heights(dossier_id, (), "")
        feeds = tuple(
            # A feed that forked more often than fits is listed several times: a bundle that says
            # too much of one liar would be refused whole.
            FeedHeads(party, log, tuple(heads[first : first + MAX_HEADS]))
            for (party, log), tips in sorted(dossier.graph.feed_heads().items())
            for heads in [sorted((n.header.n, n.id) for n in tips)]
            for first in range(0, len(heads), MAX_HEADS)
        )
        return Heights(dossier_id, feeds, "" if dossier.protocol is None else dossier.digest())


def compare(node: Node, peer: PartyId, theirs: Iterable[Heights]) -> set[Id]:
    """Queue for ``peer`` what it lacks; return the dossiers in which this node lacks something.

    Only members and those who joined are given anything.
    """
    wanted: set[Id] = set()
    for item in theirs:
        with node.lock:
            if _lacks(node, peer, item):
                wanted.add(item.dossier)
    return wanted


def _lacks(node: Node, peer: PartyId, item: Heights) -> bool:
    try:
        dossier = dossiers.load(node, item.dossier)
    except Refusal:
        return bool(item.feeds)
    if peer not in dossier.members.ever():
        return False
    _queue_lacking(node, dossier, peer, item)
    _queue_contents(node, dossier, peer, item)
    _compare_digests(node, dossier, peer, item)
    return _is_ahead(dossier, item)


def _is_ahead(dossier: Dossier, item: Heights) -> bool:
    return any(id_ not in dossier.graph.nodes for feed in item.feeds for _, id_ in feed.heads)


def _queue_lacking(node: Node, dossier: Dossier, peer: PartyId, item: Heights) -> None:
    held = _held_by(dossier, item)
    lacking = [n for n in dossier.graph.order if n.id not in held]
    if peer not in dossier.members.now():
        # Who left and was restored may have forgotten that it left: it gets what it had seen.
        graph = dossier.graph
        own = [tip for feed in graph.feeds.get(peer, []) for tip in graph.feed_heads_of(feed)]
        lacking = [n for n in lacking if any(graph.includes(tip.clock, n) for tip in own)]
    if lacking:
        _queue(node, peer, [n.id for n in lacking])


def _queue_contents(node: Node, dossier: Dossier, peer: PartyId, item: Heights) -> None:
    """Queue again the acts whose content a peer asks for, if it is whole here and it may have it.

    A member that left is given what it was entitled to as little as anything else.
    """
    whole = access.whole_acts(node.db, [id_ for id_ in item.lacks if id_ in dossier.graph.nodes])
    given = [
        Id(id_)
        for id_ in sorted(whole)
        if may_have_content(node, dossier, dossier.graph.nodes[Id(id_)], peer)
    ]
    if given and peer in dossier.members.now():
        _queue(node, peer, given, content=True)


def _queue(node: Node, peer: PartyId, items: list[Id], *, content: bool = False) -> None:
    now = node.now()
    with writing(node.db):
        outbox.queue_lacking(
            node.db, peer, items, now=now, sent_before=now - UNDER_WAY, content=content
        )


def _held_by(dossier: Dossier, item: Heights) -> set[Id]:
    """Return the acts held here that a peer with these heights must hold too.

    A head that is not here and lies beyond this node's own means that the peer is ahead in an
    honest feed. One that is not, or lies in a feed known to have forked, shows another branch:
    then only what leads to heads held here is taken for known there.
    """
    graph, held = dossier.graph, set[Id]()
    for party, log, heads in item.feeds:
        feed = (party, log)
        own = graph.feed_heads_of(feed)
        beyond = feed not in graph.forked and all(n > o.header.n for o in own for n, _ in heads)
        tips = [graph.nodes[id_] for _, id_ in heads if id_ in graph.nodes]
        for tip in [*tips, *own] if beyond else tips:
            step: GraphNode | None = tip
            while step is not None and step.id not in held:
                held.add(step.id)
                step = step.prev
    return held


def _compare_digests(node: Node, dossier: Dossier, peer: PartyId, item: Heights) -> None:
    ours = heights_of(node, dossier.id)
    if ours.feeds == item.feeds and ours.digest and item.digest and ours.digest != item.digest:
        reason = f"Dossier {dossier.id[:8]}: equal acts gave another state at the peer."
        with writing(node.db):
            count_refusal(node.db, rule="S9", peer=peer, reason=reason, now=node.now())


def for_peer(node: Node, peer: PartyId, ids: Iterable[str]) -> list[Heights]:
    """Return the heights of those of ``ids`` that a peer may hear of: it is a member of them, or
    this node holds nothing of them.
    """
    told = []
    for id_ in sorted(ids)[:MOST_TOLD]:
        with node.lock:
            row = access.dossier(node.db, id_)
            if row is None or peer in dossiers.load(node, id_).members.now():
                told.append(heights_of(node, Id(id_)))
    return told


def changed(node: Node, peer: PartyId, after: int) -> tuple[list[Heights], int]:
    """Return the heights of shared dossiers that changed after the cursor ``after``, and the
    cursor up to which they tell.
    """
    rows = access.changed_with(node.db, peer, after, MOST_TOLD)
    return [heights_of(node, Id(id_)) for id_, _ in rows], rows[-1][1] if rows else after
