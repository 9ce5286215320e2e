"""Reading the outbox, the queues towards peers, and mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from comity.store.sql import marks, query

FAR = 24 * 3600 * 1000
"""No pause is as long, in ms: a later time to try was set while the clock was ahead."""


class DeliveryRow(NamedTuple):
    """One item on its way to one recipient; times in ms or None."""

    id: int
    what: str
    item: str
    recipient: str
    state: str
    queued_at: int
    sent_at: int | None
    received_at: int | None
    receipt: str


_DELIVERY = ", ".join(DeliveryRow._fields)


def queued(db: str, recipient: str, limit: int) -> list[DeliveryRow]:
    """Return what waits for a recipient, in the order it was queued."""
    sql = (
        f"SELECT {_DELIVERY} FROM store_delivery "
        "WHERE recipient = %s AND state = 'queued' ORDER BY id LIMIT %s"
    )
    return [DeliveryRow(*row) for row in query(db, sql, (recipient, limit))]


def deliveries_among(db: str, items: Sequence[str]) -> dict[str, list[DeliveryRow]]:
    """Return the ways of several items to each of their recipients, by item."""
    found: dict[str, list[DeliveryRow]] = {}
    for slice_ in (items[at : at + 500] for at in range(0, len(items), 500)):
        sql = (
            f"SELECT {_DELIVERY} FROM store_delivery WHERE item IN ({marks(len(slice_))}) "
            "ORDER BY recipient"
        )
        for row in query(db, sql, tuple(slice_)):
            way = DeliveryRow(*row)
            found.setdefault(way.item, []).append(way)
    return found


def deliveries(db: str, item: str) -> list[DeliveryRow]:
    """Return an item's way to each of its recipients: the ladder its author knows."""
    sql = f"SELECT {_DELIVERY} FROM store_delivery WHERE item = %s ORDER BY recipient"
    return [DeliveryRow(*row) for row in query(db, sql, (item,))]


def waiting_recipients(db: str, now: int) -> list[str]:
    """Return recipients with something queued whose time to try has come."""
    rows = query(
        db,
        # Whatever is queued made its peer's row; so this asks the index once per peer.
        "SELECT p.party FROM store_peer p WHERE (p.next_try <= %s OR p.next_try > %s) "
        "AND EXISTS (SELECT 1 FROM "
        "store_delivery d WHERE d.recipient = p.party AND d.state = 'queued') ORDER BY p.party",
        (now, now + FAR),
    )
    return [row[0] for row in rows]


def pausing(db: str, now: int) -> set[str]:
    """Return the peers that are not to be tried at ``now`` (ms), since the last try failed."""
    sql = "SELECT party FROM store_peer WHERE next_try > %s AND next_try <= %s"
    return {row[0] for row in query(db, sql, (now, now + FAR))}


def newest_shared(db: str, now: int) -> list[tuple[str, int]]:
    """Return (party, n) of every member of a dossier here that may be tried at ``now`` (ms): ``n``
    is the newest change of a dossier shared with it.
    """
    sql = (
        "SELECT m.party, MAX(d.n) FROM store_member m JOIN store_dossier d ON d.id = m.dossier "
        "LEFT JOIN store_peer p ON p.party = m.party WHERE m.state = 'member' "
        "AND (p.party IS NULL OR p.next_try <= %s OR p.next_try > %s) "
        "GROUP BY m.party ORDER BY m.party"
    )
    return [(row[0], int(row[1])) for row in query(db, sql, (now, now + FAR))]


def awaits_receipt(db: str) -> bool:
    """Say whether anything is queued, or sent and without a receipt."""
    sql = (
        "SELECT 1 FROM store_peer p WHERE EXISTS (SELECT 1 FROM store_delivery d "
        "WHERE d.recipient = p.party AND d.state IN ('queued', 'sent') AND d.what = 'act')"
    )
    return bool(query(db, f"{sql} LIMIT 1"))


def queue_sizes(db: str) -> dict[str, dict[str, int]]:
    """Return how many items are in each state, per recipient."""
    sizes: dict[str, dict[str, int]] = {}
    rows = query(
        db, "SELECT recipient, state, COUNT(*) FROM store_delivery GROUP BY recipient, state"
    )
    for recipient, state, count in rows:
        sizes.setdefault(recipient, {})[state] = count
    return sizes


class PeerRow(NamedTuple):
    """The queue towards one party; times in ms, 0 for never."""

    party: str
    next_try: int
    failures: int
    last_error: str
    last_sent: int
    last_heard: int
    cursor: int


_PEER = ", ".join(PeerRow._fields)


def peer(db: str, party: str) -> PeerRow | None:
    """Return the queue towards a party, or None when nothing was ever queued."""
    rows = query(db, f"SELECT {_PEER} FROM store_peer WHERE party = %s", (party,))
    return PeerRow(*rows[0]) if rows else None


def peers(db: str) -> list[PeerRow]:
    """Return all queues."""
    return [PeerRow(*row) for row in query(db, f"SELECT {_PEER} FROM store_peer ORDER BY party")]


def has_unreceived(db: str, before: int) -> bool:
    """Say whether anything sent before ``before`` (ms) was never received."""
    sql = "SELECT 1 FROM store_delivery WHERE state = 'sent' AND sent_at < %s LIMIT 1"
    return bool(query(db, sql, (before,)))


class UnsureRow(NamedTuple):
    """An act that a recipient holds, as its receipt said at ``received_at`` (ms), without its
    content.
    """

    id: int
    item: str
    recipient: str
    received_at: int
    dossier: str


def unsure(db: str, after: int, since: int, limit: int) -> list[UnsureRow]:
    """Return deliveries beyond the cursor ``after``, received after ``since`` (ms), whose content
    is whole here and, for all that is known, not at the recipient.
    """
    rows = query(
        db,
        # By peer, since that is what the index of states begins with.
        "SELECT d.id, d.item, d.recipient, d.received_at, a.dossier FROM store_peer p "
        "JOIN store_delivery d ON d.recipient = p.party AND d.state = 'received' "
        "JOIN store_act a ON a.id = d.item WHERE a.whole AND d.what = 'act' AND d.id > %s "
        "AND d.received_at > %s ORDER BY d.id LIMIT %s",
        (after, since, limit),
    )
    return [UnsureRow(*row) for row in rows]


class MailRow(NamedTuple):
    """A sealed bundle kept for a hosted party, under its dense number ``n``."""

    n: int
    sender: str
    cover: bytes
    sealed: bytes


def mail(db: str, recipient: str, after: int, limit: int) -> list[MailRow]:
    """Return mail kept for a party beyond its cursor ``after``."""
    rows = query(
        db,
        "SELECT n, sender, cover, sealed FROM store_mail WHERE recipient = %s AND n > %s "
        "ORDER BY n LIMIT %s",
        (recipient, after, limit),
    )
    return [MailRow(n, sender, bytes(cover), bytes(sealed)) for n, sender, cover, sealed in rows]


def mail_of_strangers(db: str, recipient: str) -> int:
    """Return the bytes of mail kept for a party that came from parties not accredited here."""
    rows = query(
        db,
        "SELECT COALESCE(SUM(m.size), 0) FROM store_mail m JOIN store_party p ON p.id = m.sender "
        "WHERE m.recipient = %s AND p.accredited_at IS NULL",
        (recipient,),
    )
    return int(rows[0][0])


def mail_load(db: str, recipient: str) -> int:
    """Return the bytes of mail kept for a party."""
    sql = "SELECT COALESCE(SUM(size), 0) FROM store_mail WHERE recipient = %s"
    return int(query(db, sql, (recipient,))[0][0])
