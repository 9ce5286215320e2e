"""Taking part in a dossier this party was invited to, and leaving one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel import act as acts
from comity.kernel import bundle, dsse
from comity.kernel.act import Header
from comity.kernel.bundle import Carried
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.label import TLP
from comity.services.casework import content, dossiers
from comity.services.casework.issue import Draft, issue, own_view
from comity.store.access import acts as access
from comity.store.append import acts as append
from comity.store.append import outbox
from comity.store.append.log import appending

if TYPE_CHECKING:
    from comity.services.casework.content import Prepared
    from comity.services.node import Node


def join(node: Node, *, dossier_id: str) -> Id:
    """Sign a join that cites this party's invitation; return its id.

    The earlier acts arrive afterwards, and the dossier is "joining" until they have.
    Raises Refusal S3 when there is no invitation.
    """
    return _answer(node, dossier_id, "join")


def _answer(node: Node, dossier_id: str, kind: str) -> Id:
    """Sign ``kind`` in answer to the newest invitation of this party, here or still waiting."""
    dossier = dossiers.load(node, dossier_id)
    held = dossier.members.invites_of(node.me)
    if held:
        newest = max(held, key=lambda invite: invite.index)
        return issue(node, dossier_id=dossier_id, draft=Draft(kind, {"invite": newest.id}))
    return _answer_ahead(node, dossier_id, kind)


def _waiting_invite(node: Node, dossier_id: str) -> Carried:
    for row in access.pending(node.db, dossier_id):
        item = bundle.read_carried(row.item)
        header = item.act.header
        if header.kind == "invite" and header.body.get("party") == node.me:
            return item
    raise Refusal("S3", "This party has no invitation to that dossier.", dossier_id)


def _answer_ahead(node: Node, dossier_id: str, kind: str) -> Id:
    """Sign a join, or a refusal to, whose ancestors are not here yet: nobody sends them before.

    Raises Refusal S2 when this was answered before: a second answer would stand in its place.
    """
    charter = dossiers.load(node, dossier_id).graph.charter.header
    prepared = content.prepare_fields(node, {})
    with appending(node.db, node.anchor) as writer:
        if any(row.via == node.me for row in access.pending(node.db, dossier_id)):
            raise Refusal("S2", "This invitation was answered already.", dossier_id)
        invite = _waiting_invite(node, dossier_id)
        header = Header(
            party=node.me,
            doc=own_view(node).id,
            log=writer.log,
            seq=writer.seq,
            dossier=Id(dossier_id),
            kind=kind,
            n=1,
            prev=None,
            parents=(invite.act.id,),
            time=writer.time(node.now()),
            tlp=TLP.CLEAR,
            pap=None,
            footing=None,
            realm=charter.realm,
            body={"invite": invite.act.id},
            content=prepared.commitment,
            refs=(),
        )
        envelope = dsse.sign(dsse.ACT, header.to_payload(), [node.keys.log(writer.log).act])
        item = Carried(acts.read(envelope))
        writer.add(item.act.id)
        _keep_waiting(node, item, invite, prepared)
    return item.act.id


def _keep_waiting(node: Node, item: Carried, invite: Carried, prepared: Prepared) -> None:
    act = item.act
    append.insert_pending(
        node.db,
        id_=act.id,
        dossier=act.dossier,
        via=node.me,
        missing=[invite.act.id],
        item=bundle.carried_bytes(item),
        now=node.now(),
    )
    append.insert_parts(node.db, act.id, prepared.rows)
    to = {invite.act.header.party, *dossiers.load(node, act.dossier).charter.members} - {node.me}
    outbox.queue(node.db, outbox.ACT, [(act.id, PartyId(p)) for p in sorted(to)], node.now())


def leave(node: Node, *, dossier_id: str) -> Id:
    """Sign this party's leaving, or its declining if it never said anything; return the id."""
    dossier = dossiers.load(node, dossier_id)
    spoken = any(party == node.me for party, _ in dossier.graph.feed_heads())
    if not spoken and node.me in dossier.charter.members:
        return issue(node, dossier_id=dossier_id, draft=Draft("decline"))
    if node.me not in dossier.members.ever():
        return _answer(node, dossier_id, "decline")
    return issue(node, dossier_id=dossier_id, draft=Draft("leave"))
