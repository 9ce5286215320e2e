"""The outbox, and the queues towards peers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from comity.store.sql import marks, query, run_many

if TYPE_CHECKING:
    from comity.kernel.ids import Id, PartyId

ACT, RECEIPT = "act", "receipt"


def queue(db: str, what: str, items: Iterable[tuple[Id, PartyId]], now: int) -> None:
    """Queue items for recipients, in the transaction that makes them; a pair is queued once."""
    rows = [(what, item, recipient, now) for item, recipient in items]
    run_many(
        db,
        "INSERT INTO store_delivery (what, item, recipient, state, queued_at, receipt) "
        "VALUES (%s, %s, %s, 'queued', %s, '') ON CONFLICT (what, item, recipient) DO NOTHING",
        rows,
    )
    run_many(
        db,
        "INSERT INTO store_peer (party, next_try, failures, last_error, last_sent, last_heard, "
        "cursor, greeted) VALUES (%s, 0, 0, '', 0, 0, 0, %s) ON CONFLICT (party) DO NOTHING",
        [(recipient, False) for recipient in sorted({row[2] for row in rows})],
    )


CROSSED = 5_000
"""Ms within which a receipt and what a peer says it lacks may have crossed."""


def queue_lacking(
    db: str,
    recipient: PartyId,
    items: Sequence[Id],
    *,
    now: int,
    sent_before: int,
    content: bool = False,
) -> None:
    """Queue acts that a peer turned out to lack, whatever was thought of them before.

    What was sent after ``sent_before`` (ms) may still be under way and is left alone. An act that
    was receipted is not, but for one receipted while the peer was saying what it lacks: who lacks
    it has lost it. Where its ``content`` alone is lacking, large parts may still be fetched, and
    who lacks them asks again.
    """
    queue(db, ACT, [(item, recipient) for item in items], now)
    run_many(
        db,
        "UPDATE store_delivery SET state = 'queued', queued_at = %s WHERE recipient = %s "
        "AND what = 'act' AND item = %s AND state NOT IN ('queued', 'refused') "
        "AND (COALESCE(sent_at, 0) < %s OR (state IN ('received', 'whole') AND NOT %s "
        "AND COALESCE(received_at, 0) < %s))",
        [(now, recipient, item, sent_before, content, now - CROSSED) for item in items],
    )


def mark_refused(db: str, recipient: PartyId, item: str, reason: str) -> None:
    """Note that a recipient refused an act for good; ``reason`` names its rule."""
    query(
        db,
        "UPDATE store_delivery SET state = 'refused', receipt = %s "
        "WHERE recipient = %s AND item = %s AND state IN ('queued', 'sent')",
        (reason[:64], recipient, item),
    )


def mark_sent(db: str, ids: Sequence[int], now: int) -> None:
    """Note that deliveries left this node; they stay so until a receipt comes.

    Receipts are done with then: what they acknowledge is sent again if they got lost.
    """
    if ids:
        query(
            db,
            f"DELETE FROM store_delivery WHERE what = 'receipt' AND id IN ({marks(len(ids))})",
            tuple(ids),
        )
        query(
            db,
            "UPDATE store_delivery SET state = 'sent', sent_at = %s "
            f"WHERE state = 'queued' AND id IN ({marks(len(ids))})",
            (now, *ids),
        )


def mark_received(
    db: str, recipient: PartyId, items: Sequence[Id], *, state: str, receipt: Id, now: int
) -> None:
    """Note a receipt: ``state`` is received or whole. A stronger state is never weakened."""
    if items:
        query(
            db,
            "UPDATE store_delivery SET state = %s, receipt = %s, "
            "received_at = COALESCE(received_at, %s), sent_at = COALESCE(sent_at, %s) "
            "WHERE recipient = %s AND what = 'act' AND state <> 'whole' "
            f"AND item IN ({marks(len(items))})",
            (state, receipt, now, now, recipient, *items),
        )


def queue_unreceived(db: str, now: int, *, least: int, most: int) -> None:
    """Queue again what was sent and never received, after pauses that double.

    The first pause is ``least`` ms and the longest ``most``, so that a mailbox does not fill with
    copies while its owner is away.
    """
    query(
        db,
        "UPDATE store_delivery SET state = 'queued' WHERE state = 'sent' AND sent_at < %s "
        "AND (2 * sent_at - queued_at < %s OR sent_at < %s)",
        (now - least, now, now - most),
    )


def drop_queued(db: str, dossier: Id, recipient: PartyId) -> None:
    """Stop sending a dossier's acts to a party that left it, also those never receipted."""
    query(
        db,
        "DELETE FROM store_delivery WHERE recipient = %s AND what = 'act' "
        "AND state IN ('queued', 'sent') AND item IN (SELECT id FROM store_act WHERE dossier = %s)",
        (recipient, dossier),
    )


def mark_undeliverable(db: str, before: int) -> None:
    """Call what was queued before ``before`` (ms) and never received undeliverable."""
    query(
        db,
        "UPDATE store_delivery SET state = 'undeliverable' "
        "WHERE state IN ('queued', 'sent') AND queued_at < %s",
        (before,),
    )


def note_try(db: str, party: PartyId, *, error: str, next_try: int, now: int) -> None:
    """Note an attempt to reach a peer: ``error`` is "" when it went well."""
    failed = bool(error)
    query(
        db,
        "INSERT INTO store_peer (party, next_try, failures, last_error, last_sent, last_heard, "
        "cursor, greeted) VALUES (%s, %s, %s, %s, %s, 0, 0, %s) ON CONFLICT (party) DO UPDATE SET "
        "next_try = excluded.next_try, last_error = excluded.last_error, "
        "failures = CASE WHEN excluded.failures = 0 THEN 0 ELSE store_peer.failures + 1 END, "
        "last_sent = CASE WHEN excluded.failures = 0 THEN excluded.last_sent "
        "ELSE store_peer.last_sent END",
        (party, next_try, int(failed), error[:500], now, False),
    )


def note_heard(db: str, party: PartyId, now: int) -> None:
    """Note that a peer was heard: what waits for it is tried at once, and pauses begin anew."""
    query(
        db,
        "INSERT INTO store_peer (party, next_try, failures, last_error, last_sent, last_heard, "
        "cursor, greeted) VALUES (%s, 0, 0, '', 0, %s, 0, %s) ON CONFLICT (party) DO UPDATE SET "
        "last_heard = excluded.last_heard, next_try = 0, failures = 0",
        (party, now, False),
    )


def end_pauses(db: str) -> None:
    """Let every peer be tried at once; after another failure its pauses go on as before."""
    query(db, "UPDATE store_peer SET next_try = 0 WHERE next_try > 0")


def save_cursor(db: str, party: PartyId, cursor: int) -> None:
    """Remember how far the mail a host keeps for this node has been taken."""
    query(
        db,
        "INSERT INTO store_peer (party, next_try, failures, last_error, last_sent, last_heard, "
        "cursor, greeted) VALUES (%s, 0, 0, '', 0, 0, %s, %s) "
        "ON CONFLICT (party) DO UPDATE SET cursor = excluded.cursor",
        (party, cursor, False),
    )
