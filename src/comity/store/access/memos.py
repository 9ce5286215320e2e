"""Reading what people of this party wrote down for themselves, and for each other."""

from __future__ import annotations

from typing import NamedTuple

from comity.store.sql import query

ME, ALL = "me", "all"
"""Of ``readers``: who wrote it alone, and whoever reads the act here. Else it is a lane."""


class MemoRow(NamedTuple):
    """A memo, as its table says; ``at`` in ms."""

    act: str
    person: int
    readers: str
    dossier: str
    name: str
    text: str
    at: int


_MEMO = ", ".join(MemoRow._fields)


def memos(db: str, dossier: str) -> list[MemoRow]:
    """Return the memos about a dossier and its acts, whoever may read them, the oldest first."""
    sql = f"SELECT {_MEMO} FROM store_memo WHERE dossier = %s ORDER BY at, act, person, readers"
    return [MemoRow(*row) for row in query(db, sql, (dossier,))]
