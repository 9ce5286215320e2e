"""The tables of full-text search, which the framework cannot declare: one for each database.

Neither keeps the text itself: SQLite has an FTS5 table without content, PostgreSQL a column of
lexemes. Letters are compared without case and, on SQLite, without marks; words are not stemmed,
since objects are written in many languages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connections

if TYPE_CHECKING:
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


def is_postgres(db: str) -> bool:
    """Say which of the two a database has."""
    return connections[db].vendor == "postgresql"
