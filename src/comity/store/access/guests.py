"""Reading the links of guests. Nothing of them leaves the node but what a guest answers."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from comity.store.access.people import hash_of
from comity.store.sql import Row, query


class GuestRow(NamedTuple):
    """A guest's link, as its table says, without its hash; times in ms."""

    id: str
    dossier: str
    letter: str
    handle: str
    name: str
    mail: str
    languages: tuple[str, ...]
    made_by: int | None
    made_name: str
    made_at: int
    waiting: bool
    second: int | None
    second_name: str
    expires: int
    revoked_at: int | None
    acknowledged: str
    answered: str


_GUEST = ", ".join(GuestRow._fields)


def _row(row: Row) -> GuestRow:
    found = GuestRow(*row)
    return found._replace(languages=tuple(_decoded(found.languages)), waiting=bool(found.waiting))


def _decoded(value: Any) -> Any:  # noqa: ANN401  what a column of JSON holds
    return orjson.loads(value) if isinstance(value, str) else value


def guest(db: str, id_: str) -> GuestRow | None:
    """Return one link, whatever became of it, or None."""
    rows = query(db, f"SELECT {_GUEST} FROM store_guest WHERE id = %s", (id_,))
    return _row(rows[0]) if rows else None


def open_guest(db: str, secret: str, now: int) -> GuestRow | None:
    """Return the link with a secret, or None when it is revoked, has expired or never was."""
    rows = query(
        db,
        f"SELECT {_GUEST} FROM store_guest WHERE hash = %s "
        "AND NOT waiting AND revoked_at IS NULL AND expires > %s",
        (hash_of(secret), now),
    )
    return _row(rows[0]) if rows else None


def guests_of(db: str, dossier: str) -> list[GuestRow]:
    """Return every link made in a dossier, the newest first."""
    sql = f"SELECT {_GUEST} FROM store_guest WHERE dossier = %s ORDER BY made_at DESC, id"
    return [_row(row) for row in query(db, sql, (dossier,))]


def waiting(db: str) -> list[GuestRow]:
    """Return the links that wait for a second person, the oldest first."""
    sql = (
        f"SELECT {_GUEST} FROM store_guest WHERE waiting AND revoked_at IS NULL "
        "ORDER BY made_at, id"
    )
    return [_row(row) for row in query(db, sql)]


def unseen(db: str, person: int) -> list[tuple[GuestRow, int]]:
    """Return the links that were answered since a person last looked at what is new in their
    dossiers, where the person was told that something is; with when the answer came (ms).
    """
    columns = ", ".join(f"g.{name}" for name in GuestRow._fields)
    told = "FROM store_notice n WHERE n.person = %s AND n.dossier = g.dossier AND n.kind = 'news'"
    rows = query(
        db,
        f"SELECT {columns}, a.received_at FROM store_guest g JOIN store_act a ON a.id = g.answered "
        f"WHERE EXISTS (SELECT 1 {told} AND n.read_at IS NULL AND n.settled_at IS NULL) "
        f"AND a.received_at > COALESCE((SELECT MAX(n.read_at) {told}), 0) ORDER BY a.n",
        (person, person),
    )
    return [(_row(row[:-1]), row[-1]) for row in rows]
