"""Signing acts: the one way an act of this party comes to be.

Prepare outside, then one short append: take the log, re-read the dossier, ask its guards, sign,
insert, queue for every member, write what it adds up to.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from comity.kernel import act as acts
from comity.kernel import dsse, kinds
from comity.kernel.act import MAX_PARENTS, Act, Header
from comity.kernel.documents import log_keys
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.label import PAP, TLP, Footing
from comity.services.casework import content, dossiers, giving, related, text
from comity.services.casework.kernelkinds import INVITE
from comity.services.sharing import shelving
from comity.store.access import parties
from comity.store.append import acts as append
from comity.store.append import outbox
from comity.store.append.acts import NewAct
from comity.store.append.log import LogWriter, appending

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from comity.kernel.canon import Object
    from comity.kernel.content import Commitment
    from comity.kernel.documents import View
    from comity.kernel.dossier import Dossier
    from comity.services.casework.content import Prepared
    from comity.services.node import Node


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person wants to say; nothing of it is signed yet.

    Fields as in the header; ``content`` None means one empty part. ``tlp`` None takes the
    dossier's ceiling, which is the strictest it allows.
    """

    kind: str
    body: Object = field(default_factory=dict)
    content: Prepared | None = None
    refs: tuple[Id, ...] = ()
    tlp: TLP | None = None
    pap: PAP | None = None
    footing: Footing | None = None


Then: TypeAlias = "Callable[[Id], None]"
"""Called with an act's id in the transaction that signs it; what it raises undoes the act."""


def open_dossier(
    node: Node,
    *,
    charter: kinds.Charter,
    draft: Draft,
    realm: str | None = None,
    then: Then | None = None,
    invited: Sequence[PartyId] = (),
) -> Id:
    """Sign the charter of a new dossier, invite the parties ``invited`` to it at once, and return
    its id. Raises Refusal, also S2.
    """
    protocol = node.protocols.get((charter.protocol, charter.version))
    if protocol is None:
        pinned = f"{charter.protocol}@{charter.version}"
        raise Refusal("S4", Phrase("This node has no protocol {protocol}.", protocol=pinned))
    for member in (*charter.members, *invited):
        if dossiers.newest(node, member) is None:
            raise Refusal("S4", "A member is not known here; introduce it first.", member)
    draft = replace(
        draft,
        kind=acts.CHARTER,
        body={**draft.body, **charter.to_body()},
        tlp=draft.tlp or charter.ceiling,
    )
    prepared = draft.content or content.prepare_fields(node, {})
    with appending(node.db, node.anchor) as writer:
        act = _sign(node, writer, draft, prepared, None, realm)
        dossier = dossiers.open_charter(node, act)
        if dossier.graph.charter.void is not None:
            raise _refused(dossier.graph.charter.void)
        try:
            dossiers.save_new(node, dossier, act, dossiers.ACTIVE)
            writer.add(act.id)
            _record(node, dossier, act, prepared)
            _invite(node, writer, dossier, draft, invited)
            if then is not None:
                then(act.id)
        except BaseException:
            dossiers.forget(node, dossier.id)
            raise
    return act.id


def _invite(
    node: Node, writer: LogWriter, dossier: Dossier, opening: Draft, invited: Sequence[PartyId]
) -> None:
    """Invite parties to a dossier that is being opened, under the roles of its opening."""
    by: Object = {"by": opening.body["by"]} if "by" in opening.body else {}
    for party in invited:
        draft = Draft(INVITE.kind, {"party": party, **by})
        issue_within(node, writer, dossier, draft, content.prepare_fields(node, {}))


def issue(node: Node, *, dossier_id: str, draft: Draft, then: Then | None = None) -> Id:
    """Sign an act in a dossier and queue it for its members; return its id.

    Raises Refusal: S2 when the dossier's own rules would give it no effect, S3 or S8 when the
    dossier is not here, and any K rule.
    """
    prepared = draft.content or content.prepare_fields(node, {})
    with node.lock:
        try:
            with appending(node.db, node.anchor) as writer:
                dossier = dossiers.load(node, dossier_id)
                act = issue_within(node, writer, dossier, draft, prepared)
                if then is not None:
                    then(act.id)
                return act.id
        except BaseException:
            dossiers.forget(node, dossier_id)
            raise


def issue_within(
    node: Node, writer: LogWriter, dossier: Dossier, draft: Draft, prepared: Prepared
) -> Act:
    """As ``issue``, inside an append that is already under way. Where it raises, its caller forgets
    the dossier that is in memory: an act without effect may stand in it.
    """
    charter = dossier.graph.charter.header
    draft = replace(draft, tlp=draft.tlp or dossier.charter.ceiling)
    act = _sign(node, writer, draft, prepared, dossier, charter.realm)
    # Placed before it is known to have effect, so that guards are asked once.
    placed = dossier.place(act, node.documents[act.header.doc], node.documents)
    if placed.void is not None:
        raise _refused(placed.void)
    writer.add(act.id)
    _record(node, dossier, act, prepared)
    return act


def _refused(void: tuple[str, str]) -> Refusal:
    told = "This dossier's rules give it no effect ({rule}): {reason}"
    return Refusal("S2", Phrase(told, rule=void[0], reason=Phrase(void[1])))


def _sign(
    node: Node,
    writer: LogWriter,
    draft: Draft,
    prepared: Prepared,
    dossier: Dossier | None,
    realm: str | None,
) -> Act:
    view = own_view(node)
    log_keys(view, writer.log, writer.seq)
    place = Place(view.id, writer.log, writer.seq, writer.time(node.now()))
    header = _header(node, place, draft, prepared.commitment, dossier, realm)
    signer = node.keys.log(writer.log).act
    envelope = dsse.sign(dsse.ACT, header.to_payload(), [signer])
    return acts.read(envelope)


class Place(NamedTuple):
    """Where an own act comes to stand: its author's document, log and place there; time in ms."""

    doc: Id
    log: int
    seq: int
    time: int


def _header(
    node: Node,
    place: Place,
    draft: Draft,
    commitment: Commitment,
    dossier: Dossier | None,
    realm: str | None,
) -> Header:
    prev, parents = _place(dossier, node.me, place.log)
    return Header(
        party=node.me,
        doc=place.doc,
        log=place.log,
        seq=place.seq,
        dossier=None if dossier is None else dossier.id,
        kind=draft.kind,
        n=1 if prev is None else prev[1] + 1,
        prev=None if prev is None else prev[0],
        parents=parents,
        time=place.time,
        tlp=draft.tlp or TLP.AMBER_STRICT,
        pap=draft.pap,
        footing=draft.footing,
        realm=realm,
        body=draft.body,
        content=commitment,
        refs=draft.refs,
    )


NOBODY = Id("0" * 64)
UNSIGNED = dsse.Envelope(dsse.ACT, b"", ())
"""Id and envelope of what is only rehearsed: no rule reads them of an act that is not there yet."""


class Rehearsal:
    """Asks whether own acts would have effect in a dossier; writes them out and signs them not.

    What all of them have in common is looked up once. Hold ``node.lock`` as long as it is used.
    """

    def __init__(self, node: Node, dossier: Dossier) -> None:
        log = parties.open_log(node.db)
        head = next(row for row in parties.logs(node.db) if row.log == log)
        self._node, self._dossier, self._view = node, dossier, own_view(node)
        self._place = Place(self._view.id, log, head.size, max(node.now(), head.last_time))
        self._empty = content.prepare_fields(node, {}).commitment

    def of(self, draft: Draft) -> None:
        """Raise Refusal or Void as ``issue`` would find it."""
        node, dossier = self._node, self._dossier
        draft = replace(draft, tlp=draft.tlp or dossier.charter.ceiling)
        realm = dossier.graph.charter.header.realm
        commitment = self._empty if draft.content is None else draft.content.commitment
        header = _header(node, self._place, draft, commitment, dossier, realm)
        dossier.try_act(Act(NOBODY, header, UNSIGNED), self._view, node.documents)


def own_view(node: Node) -> View:
    """Return what this party's newest document says. Raises Refusal S5 before ``init``."""
    row = parties.party(node.db, node.me)
    if row is None:
        raise Refusal("S5", "This node has no party yet. Run `comity init` first.")
    return node.documents[Id(row.doc)]


def _place(
    dossier: Dossier | None, me: PartyId, log: int
) -> tuple[tuple[Id, int] | None, tuple[Id, ...]]:
    """Return the own act to follow, as (id, n), and the heads newly seen to cite."""
    if dossier is None:
        return None, ()
    graph = dossier.graph
    mine = graph.feed_heads().get((me, log), ())
    prev = max(mine, key=lambda node: node.index, default=None)
    heads = [n for n in graph.heads() if n is not prev]
    newest = sorted(heads, key=lambda node: node.index)[-MAX_PARENTS:]
    own = None if prev is None else (prev.id, prev.header.n)
    return own, tuple(sorted(n.id for n in newest))


def _record(node: Node, dossier: Dossier, act: Act, prepared: Prepared) -> None:
    """Insert an own act, its parts and text, queue it, and write what the dossier adds up to."""
    now = node.now()
    placed = dossier.graph.nodes[act.id]
    append.insert_acts(node.db, dossier.id, [NewAct(act, placed, "", whole=True)], now)
    related.note(node, dossier, [placed])
    append.insert_parts(node.db, act.id, prepared.rows)
    text.fill(node, dossier, act)
    shelving.note(node, dossier, act)
    outbox.queue(node.db, outbox.ACT, recipients(node, dossier, act), now)
    dossiers.project(node, dossier)
    _follow(node, dossier, act)


def _follow(node: Node, dossier: Dossier, act: Act) -> None:
    """Do what an own act asks of this node."""
    match act.header.kind:
        case "join":
            append.set_dossier_state(node.db, dossier.id, dossiers.readable(dossier))
        case "leave":
            append.set_dossier_state(node.db, dossier.id, dossiers.LEFT)
        case "decline":
            append.set_dossier_state(node.db, dossier.id, dossiers.DECLINED)
        case "release":
            # They went without content before, and go with it now.
            body, now = kinds.read_body(act.header), node.now()
            if isinstance(body, kinds.Release):
                outbox.queue_lacking(node.db, body.to, body.acts, now=now, sent_before=now + 1)
        case _:
            giving.follow(node, dossier, act.header)


def recipients(node: Node, dossier: Dossier, act: Act) -> list[tuple[Id, PartyId]]:
    """Return what is sent to whom when an own act is made: pairs of (act, party).

    The members as of the act get it, and those of its past even if the act itself is a leave. An
    invited party gets the charter and the invitation, and nothing else until it has joined.
    """
    placed = dossier.graph.nodes[act.id]
    pairs = [(act.id, party) for party in sorted(dossier.members.of(placed) - {node.me})]
    if act.header.kind == "invite":
        invited = PartyId(str(act.header.body["party"]))
        pairs += [(dossier.id, invited), (act.id, invited)]
    return pairs
