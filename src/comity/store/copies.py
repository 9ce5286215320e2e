"""Copying a database as of one moment, while it is used."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connections


def is_postgres(db: str) -> bool:
    """Say whether the database is a PostgreSQL one, which copies itself."""
    return connections[db].vendor == "postgresql"


def named(db: str) -> str:
    """Return the name of a PostgreSQL database, without address or password."""
    return str(connections[db].settings_dict["NAME"])


def copy(db: str, target: Path) -> None:
    """Copy an SQLite database into the file ``target`` by SQLite's online backup.

    Raises OSError when there is no room for it.
    """
    connection = connections[db]
    connection.ensure_connection()
    try:
        with closing(sqlite3.connect(target)) as fresh:
            connection.connection.backup(fresh)
            # One file, with no write-ahead log beside it.
            fresh.execute("PRAGMA journal_mode = DELETE")
            found = fresh.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.OperationalError as error:
        raise OSError(None, str(error)) from error
    if found != "ok":
        raise OSError(None, f"the copy is damaged: {found}")


def logs_of(copy_: Path) -> tuple[tuple[int, int, str], ...]:
    """Return (number, size, root) of the own logs in a copy."""
    with closing(sqlite3.connect(copy_)) as connection:
        rows = connection.execute("SELECT log, size, root FROM store_log ORDER BY log").fetchall()
    return tuple((log, size, root) for log, size, root in rows)
