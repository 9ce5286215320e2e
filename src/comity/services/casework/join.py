"""Taking part in a dossier this party was invited to, declining to, and leaving one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comity.kernel import act as acts
from comity.kernel import bundle, dsse
from comity.kernel.act import MAX_PARENTS, Header
from comity.kernel.bundle import Carried
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.kinds import Growth
from comity.kernel.label import TLP
from comity.services.casework import content, dossiers
from comity.services.casework.issue import Draft, issue, own_view
from comity.store.access import acts as access
from comity.store.append import acts as append
from comity.store.append import outbox
from comity.store.append.log import appending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.kernel.canon import Object, Value
    from comity.kernel.dossier import Dossier
    from comity.services.casework.content import Prepared
    from comity.services.casework.issue import Then
    from comity.services.node import Node

ANSWERED = "This invitation was answered already."


class _Saying(NamedTuple):
    """How something is signed: the body's ``by``, if any, and what happens in the transaction."""

    by: Object | None
    then: Then | None

    def body(self, **fields: Value) -> Object:
        """Return a body of these fields, and who stands behind it."""
        return fields if self.by is None else {**fields, "by": self.by}


def join(node: Node, *, dossier_id: str, by: Object | None = None, then: Then | None = None) -> Id:
    """Sign a join that cites this party's invitation; return its id.

    The earlier acts arrive afterwards, and the dossier is "joining" until they have. ``by`` are the
    roles that stand behind it; ``then`` is called as ``issue.issue`` calls it.
    Raises Refusal S3 when there is no invitation.
    """
    return _answer(node, dossier_id, "join", _Saying(by, then))


def _answer(node: Node, dossier_id: str, kind: str, how: _Saying) -> Id:
    """Sign ``kind`` in answer to the newest invitation of this party, here or still waiting."""
    dossier = dossiers.load(node, dossier_id)
    held = dossier.members.invites_of(node.me)
    if held:
        newest = max(held, key=lambda invite: invite.index)
        draft = Draft(kind, how.body(invite=newest.id))
        return issue(node, dossier_id=dossier_id, draft=draft, then=how.then)
    return _answer_ahead(node, dossier_id, kind, how)


def require_unanswered(node: Node, dossier: Dossier) -> None:
    """Raise Refusal S3 where this party has no invitation, S2 where it answered it already."""
    if any(row.via == node.me for row in access.pending(node.db, dossier.id)):
        raise Refusal("S2", ANSWERED, dossier.id)
    if not dossier.members.invites_of(node.me):
        waiting_invites(node, dossier.id)


def require_joinable(node: Node, dossier: Dossier) -> None:
    """As ``require_unanswered``, for joining. Raises Refusal S2 where a founder has not invited
    this party, whose word it takes: a join without it would be refused, and stand for ever.
    """
    require_unanswered(node, dossier)
    if not dossier.members.invites_of(node.me):
        _require_all(dossier, waiting_invites(node, dossier.id))


def _require_all(dossier: Dossier, invites: Sequence[Carried]) -> None:
    inviters = {invite.act.header.party for invite in invites}
    if dossier.charter.growth == Growth.ALL and not inviters >= {*dossier.charter.members}:
        told = "Not all have invited this party yet, and it takes the word of all. Wait for them."
        raise Refusal("S2", told, dossier.id)


def waiting_invites(node: Node, dossier_id: str) -> list[Carried]:
    """Return the invitations of this party that wait for their ancestors. Raises Refusal S3."""
    found = []
    for row in access.pending(node.db, dossier_id):
        item = bundle.read_carried(row.item)
        header = item.act.header
        if header.kind == "invite" and header.body.get("party") == node.me:
            found.append(item)
    if not found:
        raise Refusal("S3", "This party has no invitation to that dossier.", dossier_id)
    return found


def _answer_ahead(node: Node, dossier_id: str, kind: str, how: _Saying) -> Id:
    """Sign a join, or a refusal to, whose ancestors are not here yet: nobody sends them before.

    Raises Refusal S2 when this was answered before: a second answer would stand in its place.
    """
    dossier = dossiers.load(node, dossier_id)
    prepared = content.prepare_fields(node, {})
    with appending(node.db, node.anchor) as writer:
        if any(row.via == node.me for row in access.pending(node.db, dossier_id)):
            raise Refusal("S2", ANSWERED, dossier_id)
        invites = waiting_invites(node, dossier_id)
        if kind == "join":
            _require_all(dossier, invites)
        # What gives this party its place is all of them, where it takes the word of all.
        cited = sorted(invite.act.id for invite in invites)[-MAX_PARENTS:]
        header = Header(
            party=node.me,
            doc=own_view(node).id,
            log=writer.log,
            seq=writer.seq,
            dossier=Id(dossier_id),
            kind=kind,
            n=1,
            prev=None,
            parents=tuple(cited),
            time=writer.time(node.now()),
            tlp=TLP.CLEAR,
            pap=None,
            footing=None,
            realm=dossier.graph.charter.header.realm,
            body=how.body(invite=cited[-1]),
            content=prepared.commitment,
            refs=(),
        )
        envelope = dsse.sign(dsse.ACT, header.to_payload(), [node.keys.log(writer.log).act])
        item = Carried(acts.read(envelope))
        writer.add(item.act.id)
        _keep_waiting(node, item, invites, prepared)
        if how.then is not None:
            how.then(item.act.id)
    return item.act.id


def _keep_waiting(
    node: Node, item: Carried, invites: Sequence[Carried], prepared: Prepared
) -> None:
    act = item.act
    append.insert_pending(
        node.db,
        id_=act.id,
        dossier=act.dossier,
        via=node.me,
        missing=[*act.header.parents],
        item=bundle.carried_bytes(item),
        now=node.now(),
    )
    append.insert_parts(node.db, act.id, prepared.rows)
    inviters = {invite.act.header.party for invite in invites}
    to = inviters.union(dossiers.load(node, act.dossier).charter.members) - {node.me}
    outbox.queue(node.db, outbox.ACT, [(act.id, PartyId(p)) for p in sorted(to)], node.now())


def decline(
    node: Node, *, dossier_id: str, by: Object | None = None, then: Then | None = None
) -> Id:
    """Sign this party's declining: of being named in the charter, or of its newest invitation, here
    or still waiting; return the id. ``by`` and ``then`` are as of ``join``.

    Raises Refusal S3 when it was neither named nor invited, S2 when it answered already, S4 when it
    takes part by now.
    """
    how = _Saying(by, then)
    dossier = dossiers.load(node, dossier_id)
    if has_spoken(node, dossier) and node.me in dossier.members.now():
        raise Refusal("S4", "This party takes part already; leave the dossier instead.", dossier_id)
    if node.me in dossier.charter.members:
        return issue(node, dossier_id=dossier_id, draft=Draft("decline", how.body()), then=then)
    return _answer(node, dossier_id, "decline", how)


def has_spoken(node: Node, dossier: Dossier) -> bool:
    """Say whether this party ever said anything in a dossier."""
    return any(party == node.me for party, _ in dossier.graph.feed_heads())


def leave(node: Node, *, dossier_id: str, by: Object | None = None, then: Then | None = None) -> Id:
    """Sign this party's leaving, or its declining if it never said anything; return the id.

    ``by`` and ``then`` are as of ``join``.
    """
    dossier = dossiers.load(node, dossier_id)
    if not has_spoken(node, dossier) or node.me not in dossier.members.ever():
        return decline(node, dossier_id=dossier_id, by=by, then=then)
    draft = Draft("leave", _Saying(by, then).body())
    return issue(node, dossier_id=dossier_id, draft=draft, then=then)
