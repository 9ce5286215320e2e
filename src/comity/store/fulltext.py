"""The tables of full-text search, which the framework cannot declare: one for each database.

Neither keeps the text itself: SQLite has an FTS5 table without content, PostgreSQL a column of
lexemes. Letters are compared without case and, on SQLite, without marks; words are not stemmed,
since objects are written in many languages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connections

from comity.store.sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper

_TOKENS = "unicode61 remove_diacritics 2"
_SQLITE = (f"CREATE VIRTUAL TABLE store_words USING fts5(words, content='', tokenize='{_TOKENS}')",)
_POSTGRES = (
    "CREATE TABLE store_words (rowid bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX words_found ON store_words USING gin (words)",
)


def create(connection: BaseDatabaseWrapper) -> None:
    """Make the tables; part of making or changing a database."""
    with connection.cursor() as cursor:
        for sql in _POSTGRES if connection.vendor == "postgresql" else _SQLITE:
            cursor.execute(sql)


def _is_postgres(db: str) -> bool:
    return connections[db].vendor == "postgresql"


def insert(db: str, rows: Sequence[tuple[int, str]]) -> None:
    """Let texts be found, each given as (number of the object version, text), once each."""
    value = "to_tsvector('simple', %s)" if _is_postgres(db) else "%s"
    for number, text in rows:
        query(db, f"INSERT INTO store_words (rowid, words) VALUES (%s, {value})", (number, text))


def delete(db: str, rows: Sequence[tuple[int, str]]) -> None:
    """Let texts be found no more; each must be what was inserted."""
    for number, text in rows:
        if _is_postgres(db):
            query(db, "DELETE FROM store_words WHERE rowid = %s", (number,))
        else:
            query(
                db,
                "INSERT INTO store_words (store_words, rowid, words) VALUES ('delete', %s, %s)",
                (number, text),
            )


def clause(db: str, words: Sequence[str]) -> tuple[str, list[object]]:
    """Return a condition on ``rowid`` of an object version ``o`` that has all of ``words``, the
    last of which may be the beginning of one; each has letters and digits alone.
    """
    if _is_postgres(db):
        asked = " & ".join(f"'{word}':*" for word in words)
        return (
            "o.n IN (SELECT rowid FROM store_words WHERE words @@ to_tsquery('simple', %s))",
            [asked],
        )
    asked = " ".join(f'"{word}"*' for word in words)
    return "o.n IN (SELECT rowid FROM store_words WHERE store_words MATCH %s)", [asked]
