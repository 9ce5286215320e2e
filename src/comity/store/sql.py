"""Running SQL on one node's database. Only the store imports this."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db import connections, transaction

from comity.store.room import room

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

Row: TypeAlias = "tuple[Any, ...]"
_PLACE = re.compile(r"(?<!%)%s")


def query(db: str, sql: str, params: Sequence[Any] = ()) -> list[Row]:
    """Run one statement and return its rows, if it gives any."""
    connection = connections[db]
    if (sqlite := _sqlite(connection)) is not None:
        try:
            return sqlite.execute(_questions(sql), params).fetchall()
        except sqlite3.Error:
            with connection.wrap_database_errors:
                raise
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def run_many(db: str, sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run one statement for each of ``rows``."""
    if not rows:
        return
    connection = connections[db]
    if (sqlite := _sqlite(connection)) is not None:
        try:
            sqlite.executemany(_questions(sql), rows)
        except sqlite3.Error:
            with connection.wrap_database_errors:
                raise
        return
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)


ROWS = 50
"""Rows that one statement inserts, where there are so many."""


def insert(db: str, into: str, rows: Sequence[Sequence[Any]], more: str = "") -> None:
    """Insert rows ``into`` a table, said with its columns; ``more`` is what to do about a conflict.

    Many at a time, which takes two thirds of what one at a time does.
    """
    if not rows:
        return
    one = f"({marks(len(rows[0]))})"
    whole = len(rows) - len(rows) % ROWS
    if whole:
        sql = f"INSERT INTO {into} VALUES {', '.join([one] * ROWS)} {more}"
        run_many(
            db,
            sql,
            [
                [value for row in rows[at : at + ROWS] for value in row]
                for at in range(0, whole, ROWS)
            ],
        )
    run_many(db, f"INSERT INTO {into} VALUES {one} {more}", rows[whole:])


def _sqlite(connection: BaseDatabaseWrapper) -> sqlite3.Connection | None:
    """Return the driver's own connection where it is SQLite's and nobody listens.

    Of a short statement the framework's cursor takes more than half of the time, and an act has
    dozens. What it would look at is looked at here: that no transaction is broken.
    """
    made = connection.connection
    if type(made) is not sqlite3.Connection:
        return None
    if connection.execute_wrappers or connection.force_debug_cursor:
        return None
    connection.validate_no_broken_transaction()
    return made


@lru_cache(maxsize=1000)
def _questions(sql: str) -> str:
    """Return a statement with the driver's own placeholders, as the framework would."""
    return _PLACE.sub("?", sql).replace("%%", "%")


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
