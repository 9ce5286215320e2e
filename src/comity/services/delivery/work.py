"""The worker: one round of everything a node does by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.cover import WINDOW, CoverKind, SignedCover
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.services.casework import checking_contacts, dossiers, erasure, missing
from comity.services.delivery import blobs, deliver, doubts, envelope, kept, uploads, wire
from comity.services.node import DAY
from comity.services.ports import Unreachable
from comity.services.proof import witnessing
from comity.services.response import outgoing, reports
from comity.services.sharing import applying, retention
from comity.store.access import acts as access_acts
from comity.store.access import outbox as access
from comity.store.append import outbox
from comity.store.append import parties as append
from comity.store.append.acts import expire_pending, mark_fresh
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.services.node import Node

ROUNDS_PER_PEER = 16
"""Bundles sent to one peer before the next gets its turn."""


def work_once(node: Node) -> bool:
    """Do one round; say whether anything was done, so that the next may follow at once."""
    busy = checkpoint(node)
    missing.ask_again(node)
    doubts.ask_again(node)
    busy |= send_all(node)
    busy |= uploads.upload_due(node)
    busy |= pull_mail(node)
    busy |= blobs.fetch_due(node)
    busy |= applying.is_due(node) and applying.work(node) > 0
    outgoing.look(node)
    return busy


def checkpoint(node: Node) -> bool:
    """Cut a checkpoint and ask for cosignatures if the cadence asks for it; say whether it did."""
    if not witnessing.is_due(node):
        return False
    witnessing.cut(node)
    witnessing.collect(node)
    now = node.now()
    with writing(node.db):
        append.forget_nonces(node.db, now - 2 * WINDOW)
        outbox.mark_undeliverable(node.db, now - node.settings.expire)
        append.expire_mail(node.db, now - node.settings.expire)
        append.forget_days(node.db, now // DAY)
        expire_pending(node.db, now - node.settings.expire, node.me)
    uploads.clean_spool(node)
    kept.expire(node)
    # What was erased may have come back with own acts that peers gave back after a restore.
    erasure.apply_again(node)
    reports.clear(node)
    project_again(node)
    checking_contacts.go_on_by_itself(node)
    retention.remove_due(node)
    nudge_untold(node)
    return True


def nudge_untold(node: Node) -> None:
    """Let peers be told soon how far this node holds what changed since they were told last.

    An author sends its acts to everyone; one that sends them to some is found out only because
    those that hold an act and those that lack it compare, also when they have nothing to say. And
    a node that was restored learns so what it had received and lost.
    """
    untold = [
        party
        for party, n in access.newest_shared(node.db, node.now())
        if party != node.me and node.told.get(party, 0) < n
    ]
    with node.lock:
        node.nudged.update(untold)


def project_again(node: Node) -> None:
    """Write anew what dossiers add up to whose members disowned acts meanwhile."""
    for id_ in access_acts.stale_dossiers(node.db):
        with node.lock, writing(node.db):
            dossiers.project(node, dossiers.load(node, id_))
            mark_fresh(node.db, id_)


def send_all(node: Node) -> bool:
    """Send to every peer whose turn has come; one peer's flood does not hold up the others."""
    requeue(node)
    recipients = due_recipients(node)
    for recipient in recipients:
        send(node, recipient)
    return bool(recipients)


def requeue(node: Node) -> None:
    """Queue again what was sent a while ago and never received."""
    now = node.now()
    if access.has_unreceived(node.db, now - deliver.RESEND_AFTER):
        with writing(node.db):
            outbox.queue_unreceived(
                node.db, now, least=deliver.RESEND_AFTER, most=deliver.RESEND_AT_LEAST
            )


def due_recipients(node: Node) -> list[PartyId]:
    """Return the peers whose turn has come, and those to tell how far this node is.

    A nudge waits for the end of a peer's pause, which comes at once when the peer is heard.
    """
    now = node.now()
    with node.lock:
        nudged = node.nudged - access.pausing(node.db, now)
        node.nudged -= nudged
    waiting = access.waiting_recipients(node.db, now)
    return [PartyId(party) for party in sorted({*waiting, *nudged})]


def send(node: Node, recipient: PartyId) -> None:
    """Send to one peer, until its queue is empty or others should have their turn."""
    for _ in range(ROUNDS_PER_PEER):
        if not deliver.send_to(node, recipient):
            break


def pull_mail(node: Node) -> bool:
    """Fetch and take in what the host of this node's mail keeps for it."""
    host = PartyId(node.settings.mailbox)
    if not host:
        return False
    row = access.peer(node.db, host)
    after = 0 if row is None else row.cursor
    try:
        items = _pull(node, host, after)
    except (Unreachable, Refusal):
        return False
    for n, framed in items:
        _take_mail(node, framed)
        with writing(node.db):
            outbox.save_cursor(node.db, host, n)
    return bool(items)


def _pull(node: Node, host: PartyId, after: int) -> list[tuple[int, bytes]]:
    limit = wire.MAIL_AT_ONCE * wire.BODY_LIMIT
    reply = deliver.ask(node, host, CoverKind.PULL, {"after": after}, limit=limit)
    return wire.read_mail(reply.body)


def _take_mail(node: Node, framed: bytes) -> None:
    """Take in one piece of mail; a bad one is counted and passed over, so that mail goes on."""
    sender = ""
    try:
        signed, sealed = envelope.split(framed)
        sender = signed.cover.sender
        try:
            _take_in(node, signed, sealed)
        except Refusal as refusal:
            if not _is_healed(node, signed, refusal):
                raise
            _take_in(node, signed, sealed)
    except (Refusal, Unreachable) as error:
        rule = error.rule if isinstance(error, Refusal) else "T4"
        with writing(node.db):
            append.count_refusal(node.db, rule=rule, peer=sender, reason=str(error), now=node.now())


def _take_in(node: Node, signed: SignedCover, sealed: bytes) -> None:
    envelope.require_sender(node, signed)
    what = envelope.open_bundle(node, signed, sealed)
    envelope.require_once(node, signed)
    deliver.take_in(node, signed.cover.sender, what)


def _is_healed(node: Node, signed: SignedCover, refusal: Refusal) -> bool:
    """Say whether reading a piece of mail again helps; it does when the host knows newer documents
    of its sender. A sender that used an old key of this node is told the new one.
    """
    sender = signed.cover.sender
    if refusal.rule == "T6":
        with node.lock:
            node.nudged.add(sender)
    host = deliver.route(node, PartyId(node.settings.mailbox))
    if refusal.rule != "T4" or host is None:
        return False
    return deliver.exchange_documents(node, host, sender) == sender
