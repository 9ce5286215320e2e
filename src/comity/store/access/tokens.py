"""Reading the tokens of programs, and what their requests were answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from comity.store.access.people import hash_of
from comity.store.sql import query

if TYPE_CHECKING:
    from comity.store.sql import Row


class TokenRow(NamedTuple):
    """A token, as its table says, without the hash of its secret; times in ms."""

    id: str
    person: int
    name: str
    machine: bool
    mandates: tuple[str, ...]
    lanes: tuple[str, ...]
    ceiling: str
    made_at: int
    expires: int
    used_at: int | None
    revoked_at: int | None
    scopes: tuple[str, ...] = ()
    shelf: str = ""
    constituent: bool = False

    def works(self, now: int) -> bool:
        """Say whether it was neither revoked nor has expired at ``now``, in ms."""
        return self.revoked_at is None and now < self.expires


class AnswerRow(NamedTuple):
    """What a request was answered: ``request`` is the hash of what was asked."""

    request: str
    value: dict[str, Any]


_TOKEN = ", ".join(TokenRow._fields)


def _row(row: Row) -> TokenRow:
    found = TokenRow(*row)
    return found._replace(
        machine=bool(found.machine),
        mandates=tuple(_decoded(found.mandates)),
        lanes=tuple(_decoded(found.lanes)),
        scopes=tuple(_decoded(found.scopes)),
        constituent=bool(found.constituent),
    )


def _decoded(value: Any) -> Any:  # noqa: ANN401  what a column of JSON holds
    return orjson.loads(value) if isinstance(value, str) else value


def token_of(db: str, secret: str) -> TokenRow | None:
    """Return the token with a secret, whether it still works or not, or None."""
    rows = query(db, f"SELECT {_TOKEN} FROM store_token WHERE hash = %s", (hash_of(secret),))
    return _row(rows[0]) if rows else None


def token(db: str, id_: str) -> TokenRow | None:
    """Return one token, or None."""
    rows = query(db, f"SELECT {_TOKEN} FROM store_token WHERE id = %s", (id_,))
    return _row(rows[0]) if rows else None


def tokens(db: str, person: int | None = None) -> list[TokenRow]:
    """Return the tokens a person made, or all, the newest first."""
    where, params = ("", ()) if person is None else ("WHERE person = %s", (person,))
    sql = f"SELECT {_TOKEN} FROM store_token {where} ORDER BY made_at DESC, id"
    return [_row(row) for row in query(db, sql, params)]


def answer(db: str, token: str, key: str) -> AnswerRow | None:
    """Return what a token's request with this key was answered, or None."""
    sql = "SELECT request, value FROM store_answer WHERE token = %s AND key = %s"
    rows = query(db, sql, (token, key))
    return AnswerRow(rows[0][0], _decoded(rows[0][1])) if rows else None


def status(db: str, id_: str) -> tuple[str, dict[str, Any]] | None:
    """Return what became of a request and the token that made it, or None."""
    rows = query(db, "SELECT token, value FROM store_taxiistatus WHERE id = %s", (id_,))
    if not rows:
        return None
    token, value = rows[0]
    return token, _decoded(value)
