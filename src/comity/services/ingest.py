"""Taking in what a peer sent: documents, acts, receipts, checkpoints.

Signatures are verified outside the transaction. Then one append admits what is new, signs one
receipt for everything held, and writes what the dossiers add up to; the receipt is committed
before it is answered. Taking the same bundle in twice changes nothing but the receipt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from comity.kernel import admission, bundle, dsse, statement
from comity.kernel.act import CHARTER
from comity.kernel.bundle import Bundle, Carried
from comity.kernel.errors import Pending, Refusal
from comity.kernel.ids import Id, PartyId
from comity.services import arrival, dossiers, equivocation, parties, text
from comity.services.parties import own_head, sign_statement
from comity.store.access import acts as access
from comity.store.access import parties as access_parties
from comity.store.append import acts as append
from comity.store.append import outbox
from comity.store.append.acts import NewAct
from comity.store.append.log import LogWriter, appending
from comity.store.append.parties import count_refusal
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.documents import View
    from comity.kernel.dossier import Dossier
    from comity.services.node import Node

TIME_AHEAD = 10 * 60 * 1000
"""Acts that claim to be further ahead than this, in ms, are shown so; time decides nothing."""


@dataclass(slots=True)
class Outcome:
    """What came of a bundle.

    ``held`` acts are admitted here, now or before; ``whole`` those of them whose content is too;
    ``refusals`` say what was refused; ``receipt`` is the signed receipt, if anything is held;
    ``touched`` are dossiers that changed or that wait for something.
    """

    held: set[Id] = field(default_factory=set)
    whole: set[Id] = field(default_factory=set)
    refusals: list[Refusal] = field(default_factory=list)
    receipt: dsse.Envelope | None = None
    touched: set[Id] = field(default_factory=set)


def receive(node: Node, *, sender: PartyId, what: Bundle) -> Outcome:
    """Take in a bundle from ``sender``. Parts of it may be refused; the rest is taken in."""
    outcome = Outcome()
    learn(node, sender=sender, what=what, outcome=outcome)
    verified = _verify_all(node, sender, what.acts, outcome)
    waiting = access.pending(node.db)
    if verified or waiting:
        _admit_all(node, sender, verified, outcome)
    for envelope in what.receipts:
        _guarded(node, sender, outcome, partial(arrival.take_receipt, node, sender, envelope))
    for note in what.checkpoints:
        _guarded(node, sender, outcome, partial(arrival.take_checkpoint, node, note))
    for refusal in what.refusals:
        arrival.take_refusal(node, sender, refusal)
    return outcome


def learn(node: Node, *, sender: PartyId, what: Bundle, outcome: Outcome) -> None:
    """Take in the documents of a bundle, each on its own: a bad one does not spoil the others."""

    def one(chain: list[dsse.Envelope], nodes: list[dsse.Envelope]) -> None:
        with writing(node.db):
            parties.learn_documents(node, chain, nodes, introduced_by=sender)

    for envelope in what.documents:
        _guarded(node, sender, outcome, partial(one, [envelope], []))
    for envelope in what.nodes:
        _guarded(node, sender, outcome, partial(one, [], [envelope]))


def _guarded(node: Node, sender: str, outcome: Outcome, step: Callable[[], None]) -> None:
    try:
        step()
    except Refusal as refusal:
        _note_refusal(node, sender, outcome, refusal)


def _note_refusal(node: Node, sender: str, outcome: Outcome, refusal: Refusal) -> None:
    outcome.refusals.append(refusal)
    with writing(node.db):
        count_refusal(
            node.db, rule=refusal.rule, peer=sender, reason=refusal.reason, now=node.now()
        )


def _verify_all(
    node: Node, sender: PartyId, items: Iterable[Carried], outcome: Outcome
) -> list[tuple[Carried, View | None]]:
    """Verify signatures; None stands for a document that is not held yet."""
    found: list[tuple[Carried, View | None]] = []
    known = access.known_acts(node.db, [item.act.id for item in items])
    for item in items:
        try:
            require_not_frozen(node, item.act.header.party)
            old = item.act.id in known
            view = (
                node.documents.get(item.act.header.doc)
                if old
                else admission.verify(item.act, node.documents)
            )
            found.append((item, view))
        except Pending:
            found.append((item, None))
        except Refusal as refusal:
            refusal.subject = item.act.id
            _note_refusal(node, sender, outcome, refusal)
    return found


def require_not_frozen(node: Node, party: str) -> None:
    """Raise Refusal T12 when a fork of its documents froze ``party``."""
    row = access_parties.party(node.db, party)
    if row is not None and row.frozen:
        raise Refusal("T12", row.frozen, party)


def _admit_all(
    node: Node, sender: PartyId, items: list[tuple[Carried, View | None]], outcome: Outcome
) -> None:
    touched: set[Id] = set()
    try:
        with appending(node.db, node.anchor) as writer:
            work = _Admitting(node, sender, outcome)
            work.run(items)
            touched = work.touched
            work.finish()
            outcome.touched |= touched
            if outcome.held:
                outcome.receipt = sign_receipt(node, writer, sender, outcome)
    except BaseException:
        for id_ in {item.act.dossier for item, _ in items} | touched:
            dossiers.forget(node, id_)
        raise


def sign_receipt(node: Node, writer: LogWriter, to: PartyId, outcome: Outcome) -> dsse.Envelope:
    """Sign one receipt for everything held of a bundle, as a leaf of the log."""
    payload = statement.receipt_payload(
        own_head(node, writer), to, sorted(outcome.held), sorted(outcome.whole)
    )
    return sign_statement(node, writer, dsse.RECEIPT, payload, "receipt", to)


class _Admitting:
    """One bundle's acts being admitted, within one append."""

    def __init__(self, node: Node, sender: PartyId, outcome: Outcome) -> None:
        self.node = node
        self.sender = sender
        self.outcome = outcome
        self.touched: set[Id] = set()
        self.fresh: dict[Id, list[NewAct]] = {}
        self.carried: dict[Id, Carried] = {}
        self.invited: set[Id] = set()

    def run(self, items: list[tuple[Carried, View | None]]) -> None:
        """Admit what can be admitted, then what was waiting for it."""
        self.invited = {item.act.dossier for item, _ in items if self._invites_me(item)}
        for item, view in items:
            self.one(item, view)
        progress = True
        while progress:
            progress = False
            for row in access.pending(self.node.db):
                if row.missing and row.id not in self.carried and not self._may_go_on(row.missing):
                    continue
                progress |= self._retry(row)

    def _invites_me(self, item: Carried) -> bool:
        header = item.act.header
        return header.kind == "invite" and header.body.get("party") == self.node.me

    def _may_go_on(self, missing: list[str]) -> bool:
        node = self.node
        return all(
            id_ in self.carried
            or node.documents.get(Id(id_)) is not None
            or bool(access.known_acts(node.db, [id_]))
            for id_ in missing
        )

    def _retry(self, row: access.PendingRow) -> bool:
        if row.id in self.carried:
            append.delete_pending(self.node.db, [Id(row.id)])
            return False
        if row.missing and not self._may_go_on(row.missing):
            return False
        item = bundle.read_carried(row.item)
        append.delete_pending(self.node.db, [item.act.id])
        return self.one(item, self.node.documents.get(item.act.header.doc), via=PartyId(row.via))

    def one(self, item: Carried, view: View | None, via: PartyId | None = None) -> bool:
        """Admit one act, or let it wait, or count its refusal; say whether it was admitted."""
        act, node = item.act, self.node
        via = via or self.sender
        try:
            if view is None:
                view = admission.verify(act, node.documents)
            dossier = self._dossier(item)
            known = dossier.graph.nodes.get(act.id)
            placed = known or dossier.place(act, view, node.documents)
        except Pending as pending:
            self._wait(item, via, pending)
            return False
        except Refusal as refusal:
            refusal.subject = act.id
            self._refuse(refusal)
            return False
        self.touched.add(dossier.id)
        self.carried[act.id] = item
        if via == self.sender:
            self.outcome.held.add(act.id)
        if known is None:
            origin = "" if act.header.party == node.me else via
            self.fresh.setdefault(dossier.id, []).append(NewAct(act, placed, origin))
        return known is None

    def _dossier(self, item: Carried) -> Dossier:
        act, node = item.act, self.node
        row = access.dossier(node.db, act.dossier)
        if act.dossier in node.loaded or (row is not None and row.acts > 0):
            return dossiers.load(node, act.dossier)
        if act.header.kind != CHARTER:
            raise Pending(acts=frozenset({act.dossier}))
        dossier = dossiers.open_charter(node, act)
        state = dossiers.OPAQUE if dossier.protocol is None else dossiers.ACTIVE
        if node.me not in dossier.charter.members:
            if act.id not in self.invited:
                raise Refusal("T2", "This party is neither a member nor invited.", act.id)
            state = dossiers.JOINING
        dossiers.save_new(node, dossier, act, state)
        self.fresh.setdefault(dossier.id, []).append(
            NewAct(act, dossier.graph.charter, self.sender)
        )
        return dossier

    def _wait(self, item: Carried, via: PartyId, pending: Pending) -> None:
        node, act = self.node, item.act
        count, size = access.pending_load(node.db, via)
        if count >= node.settings.pending or size >= node.settings.disk:
            self._refuse(
                Refusal("T5", "Too many acts of this sender wait for others already.", act.id)
            )
            return
        missing = sorted({*pending.acts, *pending.documents})
        append.insert_pending(
            node.db,
            id_=act.id,
            dossier=act.dossier,
            via=via,
            missing=missing,
            item=bundle.carried_bytes(item),
            now=node.now(),
        )
        self.outcome.touched.add(act.dossier)

    def _refuse(self, refusal: Refusal) -> None:
        node = self.node
        self.outcome.refusals.append(refusal)
        count_refusal(
            node.db, rule=refusal.rule, peer=self.sender, reason=refusal.reason, now=node.now()
        )

    def finish(self) -> None:
        """Insert what was admitted, its content, what follows from it, and what it adds up to."""
        node, now = self.node, self.node.now()
        for dossier_id, acts in self.fresh.items():
            append.insert_acts(node.db, dossier_id, acts, now)
            equivocation.note(node, acts)
        for id_, item in self.carried.items():
            whole = arrival.take_content(node, self.sender, item)
            if whole and id_ in self.outcome.held:
                self.outcome.whole.add(id_)
        for dossier_id in self.touched:
            dossier = dossiers.load(node, dossier_id)
            for new in self.fresh.get(dossier_id, ()):
                text.fill(node, dossier, new.act)
                _follow(node, dossier, new)
            if dossier_id in self.fresh:
                dossiers.project(node, dossier)


def _follow(node: Node, dossier: Dossier, new: NewAct) -> None:
    """Do what an admitted act asks of this node: a newcomer gets what it lacks."""
    header = new.act.header
    if header.kind == "join":
        invite = dossier.graph.nodes.get(Id(str(header.body["invite"])))
        inviter = invite is not None and invite.header.party == node.me
        mine = [
            (n.id, header.party)
            for n in dossier.graph.order
            if n.header.party != header.party and (inviter or n.header.party == node.me)
        ]
        outbox.queue(node.db, outbox.ACT, mine, node.now())
        if header.party == node.me:
            append.set_dossier_state(node.db, dossier.id, dossiers.ACTIVE)
    elif header.kind in {"leave", "decline"}:
        outbox.drop_queued(node.db, dossier.id, header.party)
