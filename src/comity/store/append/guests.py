"""Writing the links of guests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from comity.store.access.people import hash_of
from comity.store.sql import marks, query

if TYPE_CHECKING:
    from comity.store.access.guests import GuestRow

ACKNOWLEDGED, ANSWERED = "acknowledged", "answered"
"""The columns that say which act records what a guest did."""


def insert(db: str, row: GuestRow, secret: str) -> None:
    """Keep a new link, by the hash of its secret; one that waits has none yet."""
    values = {
        **row._asdict(),
        "languages": orjson.dumps(row.languages).decode(),
        "hash": hash_of(secret) if secret else "",
    }
    query(
        db,
        f"INSERT INTO store_guest ({', '.join(values)}) VALUES ({marks(len(values))})",
        [*values.values()],
    )


def release(db: str, row: GuestRow, secret: str) -> bool:
    """Let a link that waits go, as ``row`` says now; False when it waits no longer."""
    rows = query(
        db,
        "UPDATE store_guest SET waiting = %s, hash = %s, second = %s, second_name = %s, "
        "expires = %s WHERE id = %s AND waiting AND revoked_at IS NULL RETURNING id",
        (False, hash_of(secret), row.second, row.second_name, row.expires, row.id),
    )
    return bool(rows)


def renew(db: str, row: GuestRow, secret: str) -> bool:
    """Give a link another secret, as ``row`` says now; False when it was answered or revoked."""
    rows = query(
        db,
        "UPDATE store_guest SET made_by = %s, made_name = %s, made_at = %s, waiting = %s, "
        "second = %s, second_name = %s, expires = %s, hash = %s "
        "WHERE id = %s AND answered = '' AND revoked_at IS NULL RETURNING id",
        (
            row.made_by,
            row.made_name,
            row.made_at,
            row.waiting,
            row.second,
            row.second_name,
            row.expires,
            hash_of(secret) if secret else "",
            row.id,
        ),
    )
    return bool(rows)


def record(db: str, id_: str, column: str, act: str, now: int) -> bool:
    """Keep that ``act`` records what a guest did; False when the link takes it no longer.

    An answer is the last that a link takes.
    """
    rows = query(
        db,
        f"UPDATE store_guest SET {column} = %s WHERE id = %s AND {column} = '' "
        "AND answered = '' AND revoked_at IS NULL AND expires > %s RETURNING id",
        (act, id_, now),
    )
    return bool(rows)


def revoke(db: str, id_: str, now: int) -> bool:
    """End a link; False when somebody did before."""
    sql = "UPDATE store_guest SET revoked_at = %s WHERE id = %s AND revoked_at IS NULL RETURNING id"
    return bool(query(db, sql, (now, id_)))


def forget(db: str, act: str, now: int) -> None:
    """Forget who the guest of a record is, and end the link; the content of ``act`` is erased."""
    query(
        db,
        "UPDATE store_guest SET name = '', mail = '', revoked_at = COALESCE(revoked_at, %s) "
        "WHERE acknowledged = %s OR answered = %s",
        (now, act, act),
    )
