"""Taking in what a peer sent: documents, acts, receipts, checkpoints.

Signatures are verified outside the transaction. Then one append admits what is new, signs one
receipt for everything held, and writes what the dossiers add up to; the receipt is committed
before it is answered. Taking the same bundle in twice changes nothing but the receipt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from comity.kernel import dsse, statement
from comity.kernel.bundle import Bundle, Carried
from comity.kernel.errors import Pending, Refusal
from comity.kernel.ids import Id, PartyId
from comity.services.casework import dossiers
from comity.services.delivery import arrival
from comity.services.delivery.admitting import Admitting, Outcome, recall
from comity.services.delivery.verifying import verify_all
from comity.services.identity import parties
from comity.services.identity.parties import own_head, sign_statement
from comity.store.access import acts as access
from comity.store.append import outbox
from comity.store.append.log import LogWriter, appending
from comity.store.append.parties import count_refusal
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.documents import View
    from comity.services.node import Node


def receive(node: Node, *, sender: PartyId, what: Bundle) -> Outcome:
    """Take in a bundle from ``sender``. Parts of it may be refused; the rest is taken in."""
    outcome = Outcome()
    for refusal in what.refused:
        _note_refusal(node, sender, outcome, refusal)
    learn(node, sender=sender, what=what, outcome=outcome)
    verified = _verify_all(node, sender, what.acts, outcome)
    if verified or recall(node).ready:
        _admit_all(node, sender, verified, outcome)
    for envelope in what.receipts:
        _guarded(node, sender, outcome, partial(arrival.take_receipt, node, sender, envelope))
    for note in what.checkpoints:
        _guarded(node, sender, outcome, partial(arrival.take_checkpoint, node, note))
    for told in what.refusals:
        arrival.take_refusal(node, sender, told)
    return outcome


def learn(node: Node, *, sender: PartyId, what: Bundle, outcome: Outcome) -> None:
    """Take in the documents of a bundle, each on its own: a bad one does not spoil the others."""

    def one(chain: list[dsse.Envelope], nodes: list[dsse.Envelope]) -> None:
        with writing(node.db):
            parties.learn_documents(node, chain, nodes, introduced_by=sender)

    known = access.known_documents(node.db, [e.id for e in what.documents])
    known |= access.known_statements(node.db, [e.id for e in what.nodes])
    for envelope in (e for e in what.documents if e.id not in known):
        _guarded(node, sender, outcome, partial(one, [envelope], []))
    for envelope in (e for e in what.nodes if e.id not in known):
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
    """Verify signatures of what is not held yet; None stands for a document not held."""
    items = _meant(node, sender, items, outcome)
    known = access.known_acts(node.db, [item.act.id for item in items])
    # One verdict each, and not one per id: an id says nothing of the signature it came with.
    verdicts = iter(
        verify_all([item.act for item in items if item.act.id not in known], node.documents)
    )
    found: list[tuple[Carried, View | None]] = []
    for item in items:
        act, held = item.act, item.act.id in known
        verdict = node.documents.get(act.header.doc) if held else next(verdicts)
        if isinstance(verdict, Refusal):
            verdict.subject = act.id
            _note_refusal(node, sender, outcome, verdict)
        else:
            found.append((item, None if isinstance(verdict, Pending) else verdict))
    return found


def _meant(
    node: Node, sender: PartyId, items: Iterable[Carried], outcome: Outcome
) -> list[Carried]:
    """Return the acts with those parts that are for this party; refuse what is unclear about it."""
    found = []
    for item in items:
        try:
            found.append(arrival.meant(node, item))
        except Refusal as refusal:
            refusal.subject = item.act.id
            _note_refusal(node, sender, outcome, refusal)
    return found


def _admit_all(
    node: Node, sender: PartyId, items: list[tuple[Carried, View | None]], outcome: Outcome
) -> None:
    with node.lock:
        try:
            with appending(node.db, node.anchor) as writer:
                work = Admitting(node, sender, outcome, recall(node))
                work.run(items)
                work.finish()
                if outcome.held:
                    came = {item.act.id for item, _ in items}
                    outcome.receipt = _answer(node, writer, sender, outcome, came)
                for author, ids in outcome.completed.items():
                    queue_whole(node, writer, author, ids)
        except BaseException:
            for id_ in {item.act.dossier for item, _ in items} | outcome.touched:
                dossiers.forget(node, id_)
            raise


def _answer(
    node: Node, writer: LogWriter, to: PartyId, outcome: Outcome, came: set[Id]
) -> dsse.Envelope:
    """Sign receipts for everything held, and return the one that answers the bundle.

    What had waited for it may be more than one receipt lists: the rest is queued.
    """
    held = sorted(outcome.held, key=lambda id_: (id_ not in came, id_))
    first, *rest = [
        sign_receipt(node, writer, to, ids, outcome.whole & {*ids}) for ids in _pieces(held)
    ]
    outbox.queue(node.db, outbox.RECEIPT, [(each.id, to) for each in rest], node.now())
    return first


def queue_whole(node: Node, writer: LogWriter, to: PartyId, ids: set[Id]) -> None:
    """Sign receipts for acts that are whole now, and queue them: who sent them knows them as held
    without their content, and hears of it in no answer.
    """
    for each in _pieces(sorted(ids)):
        receipt = sign_receipt(node, writer, to, each, {*each})
        outbox.queue(node.db, outbox.RECEIPT, [(receipt.id, to)], node.now())


def _pieces(ids: list[Id]) -> list[list[Id]]:
    """Return ids in as many lists as receipts take them."""
    most = statement.MAX_RECEIPT_IDS
    return [ids[first : first + most] for first in range(0, len(ids), most)]


def sign_receipt(
    node: Node, writer: LogWriter, to: PartyId, held: list[Id], whole: set[Id]
) -> dsse.Envelope:
    """Sign one receipt for acts that are held, as a leaf of the log."""
    payload = statement.receipt_payload(own_head(node, writer), to, held, sorted(whole))
    return sign_statement(node, writer, dsse.RECEIPT, payload, "receipt", to)
