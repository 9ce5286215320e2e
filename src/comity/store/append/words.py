"""Letting objects be found by the words in them, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.store.fulltext import is_postgres
from comity.store.sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence


def insert(db: str, rows: Sequence[tuple[int, str]]) -> None:
    """Let texts be found, each given as (number of the object version, text), once each."""
    value = "to_tsvector('simple', %s)" if is_postgres(db) else "%s"
    for number, text in rows:
        query(db, f"INSERT INTO store_words (rowid, words) VALUES (%s, {value})", (number, text))


def delete(db: str, rows: Sequence[tuple[int, str]]) -> None:
    """Let texts be found no more; each must be what was inserted."""
    for number, text in rows:
        if is_postgres(db):
            query(db, "DELETE FROM store_words WHERE rowid = %s", (number,))
        else:
            query(
                db,
                "INSERT INTO store_words (store_words, rowid, words) VALUES ('delete', %s, %s)",
                (number, text),
            )
