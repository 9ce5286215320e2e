"""Writing what goes on with other TAXII servers: how far it is, and what they were given.

Every function works within a write transaction.
"""

from __future__ import annotations

from collections.abc import Sequence

from comity.store.access.exchanges import FAILED, ExchangeRow, PushedRow
from comity.store.sql import marks, query, run_many


def set_after(db: str, key: str, after: int) -> None:
    """Note up to when (µs) all that a server added has been taken, with what came of it."""
    query(
        db,
        "INSERT INTO store_exchange (key, after, ran_at, next_at, failed, told) "
        "VALUES (%s, %s, 0, 0, 0, '') ON CONFLICT (key) DO UPDATE SET after = excluded.after",
        (key, after),
    )


def set_round(db: str, row: ExchangeRow) -> None:
    """Note how a round with a server went, and when the next is due; how far it is stays."""
    query(
        db,
        f"INSERT INTO store_exchange ({', '.join(row._fields)}) VALUES ({marks(len(row))}) "
        "ON CONFLICT (key) DO UPDATE SET ran_at = excluded.ran_at, next_at = excluded.next_at, "
        "failed = excluded.failed, told = excluded.told",
        tuple(row),
    )


def put(db: str, rows: Sequence[PushedRow]) -> None:
    """Note what a server was given, or what became of it."""
    run_many(
        db,
        f"INSERT INTO store_pushed ({', '.join(PushedRow._fields)}) "
        f"VALUES ({marks(len(PushedRow._fields))}) ON CONFLICT (exchange, stix_id, version) "
        "DO UPDATE SET hash = excluded.hash, state = excluded.state, told = excluded.told, "
        "at = excluded.at",
        [tuple(row) for row in rows],
    )


def forget_failed(db: str, key: str) -> None:
    """Forget what a server did not take, so that it is given to it again."""
    query(db, f"DELETE FROM store_pushed WHERE exchange = %s AND state = {FAILED}", (key,))
