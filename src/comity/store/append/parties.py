"""Parties, their documents, what is counted of them, and the mail kept for those hosted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.store.append.log import allocate
from comity.store.append.space import count_bytes, give_back, let_in
from comity.store.sql import query

if TYPE_CHECKING:
    from comity.kernel.documents import View
    from comity.kernel.ids import Id, PartyId
    from comity.kernel.statement import NodeDocument

MAIL_JUMP = 2**32
"""More pieces of mail than any party has taken since the oldest backup."""


def insert_document(db: str, view: View, envelope: bytes) -> bool:
    """Keep a verified root document or succession; keeping it twice is once: False when it was
    there.
    """
    rows = query(
        db,
        "INSERT INTO store_document (id, party, root_version, step, envelope) "
        "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING RETURNING id",
        (view.id, view.party, *view.version, envelope),
    )
    return bool(rows)


def save_party(db: str, view: View, *, is_self: bool, introduced_by: str, now: int) -> None:
    """Make a party known, or note its newest document; how it was met is never overwritten."""
    query(
        db,
        "INSERT INTO store_party (id, name, doc, node_doc, node_version, is_self, introduced_by, "
        "hosted, frozen, seen_at, zone) VALUES (%s, '', %s, '', 0, %s, %s, %s, '', %s, '') "
        "ON CONFLICT (id) DO UPDATE SET doc = excluded.doc, seen_at = excluded.seen_at",
        (view.party, view.id, is_self, introduced_by, False, now),
    )


def save_node_document(db: str, party: PartyId, node: NodeDocument, id_: Id) -> None:
    """Note a party's node document; an older one than is known changes nothing."""
    query(
        db,
        "UPDATE store_party SET name = %s, node_doc = %s, node_version = %s "
        "WHERE id = %s AND node_version < %s",
        (node.name, id_, node.version, party, node.version),
    )


def accredit(db: str, party: PartyId, now: int) -> None:
    """Note that a person compared the party's fingerprint."""
    let_in(db, party)
    query(db, "UPDATE store_party SET accredited_at = %s WHERE id = %s", (now, party))


def set_zone(db: str, party: PartyId, zone: str) -> None:
    """Note in which time zone a party is, "" for none that is known."""
    query(db, "UPDATE store_party SET zone = %s WHERE id = %s", (zone, party))


def set_hosted(db: str, party: PartyId, *, hosted: bool) -> None:
    """Agree to keep mail for a party, or stop agreeing."""
    query(db, "UPDATE store_party SET hosted = %s WHERE id = %s", (hosted, party))


def freeze(db: str, party: PartyId, reason: str) -> None:
    """Take nothing of a party any further; "" lifts it, when a person accredits again."""
    query(db, "UPDATE store_party SET frozen = %s WHERE id = %s", (reason, party))


def count_refusal(db: str, *, rule: str, peer: str, reason: str, now: int, count: int = 1) -> None:
    """Count a refusal, or several alike; what was refused is not stored."""
    query(
        db,
        "INSERT INTO store_refused (rule, peer, count, reason, at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (rule, peer) DO UPDATE SET count = store_refused.count + excluded.count, "
        "reason = excluded.reason, at = excluded.at",
        (rule, peer, count, reason[:500], now),
    )


def count_today(db: str, what: str, day: int) -> int:
    """Count one more of ``what`` on ``day``, and return how many that makes."""
    return allocate(db, f"day-{day}-{what}")


def forget_days(db: str, day: int) -> None:
    """Forget what was counted on other days than ``day``."""
    query(
        db,
        "DELETE FROM store_counter WHERE name LIKE %s AND name NOT LIKE %s",
        ("day-%", f"day-{day}-%"),
    )


def take_nonce(db: str, nonce: str, now: int) -> bool:
    """Remember a cover's nonce; False when it was taken before."""
    rows = query(
        db,
        "INSERT INTO store_seen (nonce, at) VALUES (%s, %s) ON CONFLICT (nonce) DO NOTHING "
        "RETURNING nonce",
        (nonce, now),
    )
    return bool(rows)


def forget_nonces(db: str, before: int) -> None:
    """Forget covers from before the window in which a replay would be taken for new."""
    query(db, "DELETE FROM store_seen WHERE at < %s", (before,))


def insert_mail(
    db: str,
    *,
    recipient: PartyId,
    sender: PartyId,
    hash_: str,
    cover: bytes,
    sealed: bytes,
    now: int,
) -> None:
    """Keep a sealed bundle for a hosted party, under its next dense number; once per hash."""
    if query(db, "SELECT 1 FROM store_mail WHERE recipient = %s AND hash = %s", (recipient, hash_)):
        return
    count_bytes(db, sender, len(sealed))
    query(
        db,
        "INSERT INTO store_mail (recipient, n, sender, hash, cover, sealed, size, at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            recipient,
            allocate(db, f"mail-{recipient}"),
            sender,
            hash_,
            cover,
            sealed,
            len(sealed),
            now,
        ),
    )


def skip_mail(db: str, recipient: PartyId) -> None:
    """Let the numbers of mail kept for a party jump beyond any that it may have taken.

    A host that was restored would give numbers anew that the party has acknowledged, and drop the
    mail that gets them unread.
    """
    query(db, "UPDATE store_mail SET n = n + %s WHERE recipient = %s", (MAIL_JUMP, recipient))
    allocate(db, f"mail-{recipient}", MAIL_JUMP)


def delete_mail(db: str, recipient: PartyId, through: int) -> None:
    """Drop mail that its recipient has taken, up to number ``through``."""
    sql = "DELETE FROM store_mail WHERE recipient = %s AND n <= %s RETURNING sender, size"
    give_back(db, query(db, sql, (recipient, through)))


def expire_mail(db: str, before: int) -> None:
    """Drop mail nobody fetched since ``before`` (ms)."""
    sql = "DELETE FROM store_mail WHERE at < %s RETURNING sender, size"
    give_back(db, query(db, sql, (before,)))
