"""Running SQL on one node's database. Only the store imports this."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from django.db import connections, transaction

from comity.store.room import room

Row: TypeAlias = "tuple[Any, ...]"


def query(db: str, sql: str, params: Sequence[Any] = ()) -> list[Row]:
    """Run one statement and return its rows, if it gives any."""
    with connections[db].cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def run_many(db: str, sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run one statement for each of ``rows``."""
    if rows:
        with connections[db].cursor() as cursor:
            cursor.executemany(sql, rows)


def marks(count: int) -> str:
    """Return ``count`` placeholders, for IN."""
    return ", ".join(["%s"] * count)


@contextmanager
def writing(db: str) -> Iterator[None]:
    """Hold one short write transaction in which nothing is signed; see ``append.log`` for that."""
    with room(), transaction.atomic(using=db):
        yield


def in_transaction(db: str) -> bool:
    """Say whether this thread is inside a write transaction."""
    return connections[db].in_atomic_block


@contextmanager
def snapshot(db: str) -> Iterator[None]:
    """Read as of one moment, however long it takes: takes no write lock, and writes nothing.

    Within a transaction that is under way it is that one's.
    """
    connection = connections[db]
    if connection.in_atomic_block:
        yield
        return
    postgres = connection.vendor == "postgresql"
    query(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if postgres else "BEGIN DEFERRED")
    try:
        yield
    finally:
        query(db, "ROLLBACK")
