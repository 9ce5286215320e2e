"""Leaving nothing in the database's files of what was deleted."""

from __future__ import annotations

from django.db import OperationalError, connections

from comity.store.sql import query

ERASABLE = (
    *("store_part", "store_text", "store_dossier", "store_pending"),
    *("store_objectversion", "store_observable", "store_named", "store_words"),
    *("store_report", "store_reportnote", "store_reportfile"),
    "store_announcement",
)
"""The tables whose rows hold content, or what is derived from it."""


def compact(db: str) -> bool:
    """Rewrite the database without the rows that were deleted, its write-ahead log too.

    Says whether nothing is left: not while another process reads or writes for long, nor without
    room for a copy; then it can be done again. What PostgreSQL archives is its administrator's.
    """
    try:
        if connections[db].vendor == "postgresql":
            for table in ERASABLE:
                query(db, f"VACUUM FULL {table}")
            return True
        query(db, "VACUUM")
        busy, _, _ = query(db, "PRAGMA wal_checkpoint(TRUNCATE)")[0]
    except OperationalError:
        return False
    return not busy
