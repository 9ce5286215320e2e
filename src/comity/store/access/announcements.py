"""Reading the advisories that wait for the end of an embargo, or went out."""

from __future__ import annotations

from typing import NamedTuple

import orjson

from comity.store.phrases import unpacked
from comity.store.sql import Row, query

WAITING, OUT = "waiting", "out"
"""The states: it waits for the end; it was published."""
EARLY, FAILED = "early", "failed"
"""What people are told: the embargo ended before its end, so that it did not go out by itself; it
could not go out."""


class AnnouncementRow(NamedTuple):
    """An advisory that waits or went out, as its table says, without its bytes; times in ms."""

    id: str
    dossier: str
    hash: str
    name: str
    title: str
    circles: tuple[str, ...]
    provider: bool
    draft: str
    act: str
    made_at: int
    state: str
    due: int | None
    out_at: int | None
    places: tuple[str, ...]
    told: str
    trouble: str
    next_at: int


_FIELDS = ", ".join(AnnouncementRow._fields)


def _row(row: Row) -> AnnouncementRow:
    found = AnnouncementRow(*row)
    return found._replace(
        circles=_list(found.circles),
        provider=bool(found.provider),
        places=_list(found.places),
        trouble=unpacked(found.trouble),
    )


def _list(value: object) -> tuple[str, ...]:
    # One database gives JSON as text, the other what it says.
    return tuple(orjson.loads(value) if isinstance(value, str) else value)  # type: ignore[arg-type]


def waiting(db: str) -> list[AnnouncementRow]:
    """Return all that wait, the oldest first."""
    sql = f"SELECT {_FIELDS} FROM store_announcement WHERE state = %s ORDER BY made_at, id"
    return [_row(row) for row in query(db, sql, (WAITING,))]


def unfinished(db: str) -> list[AnnouncementRow]:
    """Return those that are out, and not in all of their places yet."""
    sql = f"SELECT {_FIELDS} FROM store_announcement WHERE state = %s AND told = %s ORDER BY id"
    return [_row(row) for row in query(db, sql, (OUT, FAILED))]


def to_tell(db: str) -> list[AnnouncementRow]:
    """Return those of which people are to be told something."""
    sql = f"SELECT {_FIELDS} FROM store_announcement WHERE told <> '' ORDER BY made_at, id"
    return [_row(row) for row in query(db, sql)]


def of_dossier(db: str, dossier: str) -> list[AnnouncementRow]:
    """Return those of a disclosure, the newest first."""
    newest = "ORDER BY made_at DESC, id DESC"
    sql = f"SELECT {_FIELDS} FROM store_announcement WHERE dossier = %s {newest}"
    return [_row(row) for row in query(db, sql, (dossier,))]


def of_draft(db: str, draft: str) -> AnnouncementRow | None:
    """Return what goes out when a draft is signed, or None."""
    rows = query(db, f"SELECT {_FIELDS} FROM store_announcement WHERE draft = %s", (draft,))
    return _row(rows[0]) if draft and rows else None


def data(db: str, id_: str) -> bytes:
    """Return the bytes of an advisory, none where it is not here any more."""
    rows = query(db, "SELECT data FROM store_announcement WHERE id = %s", (id_,))
    return bytes(rows[0][0]) if rows else b""
