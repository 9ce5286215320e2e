"""How durable the database is, and how far clocks are apart."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connections

from comity.store.sql import query

_SQLITE = (
    ("journal_mode", {"wal"}),
    # 2 is FULL and 3 EXTRA: what was committed outlives a power cut.
    ("synchronous", {"2", "3"}),
)
_POSTGRES = (
    ("synchronous_commit", {"on", "remote_apply"}),
    ("fsync", {"on"}),
    ("full_page_writes", {"on"}),
)

_MENDED, _BACKPORTS = (3, 51, 3), {(3, 50): 7, (3, 44): 6}
"""SQLite without the WAL-reset fault: from this version on, and in two older series from these. It
is in all from 3.7.0 on (sqlite.org/wal.html#walresetbug, sqlite.org/changes.html).
"""


def library(db: str) -> str:
    """Return the version of the SQLite library that opens a database, "" on PostgreSQL."""
    if connections[db].vendor == "postgresql":
        return ""
    return str(query(db, "SELECT sqlite_version()")[0][0])


def may_damage(version: str) -> bool:
    """Say whether a version of SQLite has the WAL-reset fault, by its number: who builds it may
    have mended it and kept the number.
    """
    major, minor, patch = (int(part) for part in version.split(".")[:3])
    if (major, minor) in _BACKPORTS:
        return patch < _BACKPORTS[major, minor]
    return (major, minor, patch) < _MENDED


def settings(db: str) -> list[tuple[str, str, set[str]]]:
    """Return (name, as found, as it may be) of what decides how durable a commit is."""
    if connections[db].vendor == "postgresql":
        return [(n, str(query(db, f"SHOW {n}")[0][0]), wanted) for n, wanted in _POSTGRES]
    return [(n, str(query(db, f"PRAGMA {n}")[0][0]), wanted) for n, wanted in _SQLITE]


def remedy(db: str, name: str) -> tuple[str, ...]:
    """Return the commands that mend a setting."""
    if connections[db].vendor == "postgresql":
        return (f"ALTER SYSTEM SET {name} = on", "SELECT pg_reload_conf()")
    return ("comity run",)


def has_replicas(db: str) -> bool:
    """Say whether a standby follows this PostgreSQL server."""
    return bool(query(db, "SELECT 1 FROM pg_stat_replication LIMIT 1"))


def waits_for_replicas(db: str) -> bool:
    """Say whether commits wait for a standby."""
    return bool(query(db, "SELECT 1 FROM pg_stat_replication WHERE sync_state <> 'async' LIMIT 1"))


class Signed(NamedTuple):
    """When a statement of another says it was signed, and when it came; in ms."""

    signed_at: int
    heard_at: int


def signed_times(db: str, since: int, me: str) -> list[Signed]:
    """Return those times for the last acts that came straight from their authors."""
    rows = query(
        db,
        "SELECT time, received_at FROM store_act "
        "WHERE via = party AND via <> %s AND received_at >= %s ORDER BY n DESC LIMIT 50",
        (me, since),
    )
    return [Signed(*row) for row in rows]
