"""Dossiers as computed from the store: loading, catching up, and writing what they add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel import act as acts
from comity.kernel import dsse, kinds
from comity.kernel.act import Act
from comity.kernel.dossier import Dossier
from comity.kernel.dsse import Envelope, Signature
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.keys import key_id
from comity.kernel.standing import first_disowned, is_disowned
from comity.store.access import acts as access
from comity.store.access import parties
from comity.store.append import acts as append

if TYPE_CHECKING:
    from comity.kernel.documents import View
    from comity.kernel.fold import State
    from comity.kernel.graph import Node as GraphNode
    from comity.kernel.protocol import Protocol
    from comity.services.node import Node
    from comity.store.access.acts import ActRow

ACTIVE, JOINING, OPAQUE = "active", "joining", "opaque"
DECLINED, LEFT = "declined", "left"


def stored_act(node: Node, row: ActRow) -> Act:
    """Return the act a row holds, in the envelope it was signed in."""
    header = acts.read_header(row.header)
    key = node.documents[header.doc].logs[header.log].keys.act
    envelope = Envelope(dsse.ACT, row.header, (Signature(key_id(key), row.sig),))
    return Act(Id(row.id), header, envelope)


def load(node: Node, dossier_id: str) -> Dossier:
    """Return a dossier with every act the store holds of it.

    What was computed before is kept and caught up with: acts are admitted in the stored order,
    their signatures were verified when they came. Raises Refusal S3 when there is no such dossier,
    S8 while its ancestors are still missing.

    Hold ``node.lock`` while the dossier is used, when other threads use the node.
    """
    with node.lock:
        return _caught_up(node, dossier_id)


def _caught_up(node: Node, dossier_id: str) -> Dossier:
    log = parties.open_log(node.db)
    if node.epoch != log:
        # Another process restored this node: what was computed of the lost database is void.
        node.loaded.clear()
        node.epoch = log
    known = node.loaded.get(dossier_id)
    after = -1 if known is None else len(known.graph) - 1
    rows = access.acts_of(node.db, dossier_id, after)
    if known is None:
        first = next(rows, None)
        if first is None:
            raise _missing(node, dossier_id)
        known = node.loaded[dossier_id] = open_charter(node, stored_act(node, first))
    for row in rows:
        act = stored_act(node, row)
        known.place(act, node.documents[act.header.doc], node.documents)
    return known


def open_charter(node: Node, charter: Act) -> Dossier:
    """Compute a new dossier from its charter, under the protocol it pins if this node has it.

    Raises Refusal or Pending.
    """
    pinned = kinds.read_charter(charter.header)
    return Dossier(charter, node.documents, node.protocols.get((pinned.protocol, pinned.version)))


def forget(node: Node, dossier_id: str) -> None:
    """Drop what was computed, after a transaction that changed it was rolled back."""
    node.loaded.pop(dossier_id, None)


def _missing(node: Node, dossier_id: str) -> Refusal:
    row = access.dossier(node.db, dossier_id)
    if row is None:
        return Refusal("S3", "There is no such dossier here.", dossier_id)
    return Refusal(
        "S8", "This dossier was joined and its earlier messages have not arrived yet.", dossier_id
    )


def another(wanted: Protocol, dossier_id: str) -> Refusal:
    """Return the refusal of a dossier that is of another protocol than was wanted."""
    told = "This dossier is of a different kind from the one asked for: {kind}."
    return Refusal("S3", Phrase(told, kind=Phrase(wanted.title)), dossier_id)


def save_new(node: Node, dossier: Dossier, charter: Act, state: str) -> None:
    """Make the rows of a dossier that has just been opened, here or by a peer."""
    node.loaded[dossier.id] = dossier
    append.insert_dossier(
        node.db,
        charter=charter,
        protocol=dossier.charter.protocol,
        version=dossier.charter.version,
        ceiling=dossier.charter.ceiling.value,
        state=state,
    )


def readable(dossier: Dossier) -> str:
    """Return the state of a dossier this party takes part in: opaque without its protocol."""
    return OPAQUE if dossier.protocol is None else ACTIVE


def project(node: Node, dossier: Dossier) -> None:
    """Write the derived rows of a dossier: status, duties, members. Part of the append."""
    append.write_members(node.db, dossier.id, member_states(dossier))
    if dossier.protocol is not None:
        append.set_readable(node.db, dossier.id)
    summary = dossier.summary(shown(node, dossier))
    if summary is None:
        append.touch_dossier(node.db, dossier.id)
    else:
        append.write_summary(node.db, dossier.id, summary, dossier.digest())


def newest(node: Node, party: str) -> View | None:
    """Return the view of the newest document held of a party, or None."""
    row = parties.party(node.db, party)
    return None if row is None else node.documents.get(Id(row.doc))


def shown(node: Node, dossier: Dossier) -> State:
    """Return the state of a dossier as pages and egress see it: without what is disowned.

    Hold ``node.lock`` while it is used, as for the dossier.
    """
    return dossier.state_without(disowned(node, dossier))


def disowned(node: Node, dossier: Dossier) -> frozenset[Id]:
    """Return the acts of a dossier that the newest documents of their authors disown."""
    graph, found = dossier.graph, set()
    known = parties.documents_of(node.db, graph.feeds)
    for party, ids in known.items():
        views = [node.documents[Id(id_)] for id_ in ids]
        for feed in graph.feeds[PartyId(party)]:
            first = first_disowned(feed[1], views)
            beyond = () if first is None else graph.since(feed, first)
            found |= {n.id for n in beyond if disowns(node, views[-1], n)}
    return frozenset(found)


def disowns(node: Node, latest: View, act: Act | GraphNode) -> bool:
    """Say whether the ``latest`` documents of its author do not stand behind an act."""
    header = act.header
    return is_disowned(act.id, header.log, header.seq, node.documents[header.doc], latest)


def member_states(dossier: Dossier) -> list[tuple[PartyId, str]]:
    """Return everyone in a dossier with their place in it, by party id."""
    members = dossier.members
    now, ever, invited = members.now(), members.ever(), members.invited()
    states = dict.fromkeys(now, "member")
    for party in ever - now:
        said = dossier.state.entries("membership", by=party)
        states[party] = str(said[-1].value) if said else "left"
    for party in invited - ever:
        said = dossier.state.entries("membership", by=party)
        states[party] = str(said[-1].value) if said else "invited"
    return sorted(states.items())
