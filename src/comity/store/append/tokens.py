"""Writing the tokens of programs, and what their requests were answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from comity.store.access.people import hash_of
from comity.store.sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.store.access.tokens import TokenRow


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def insert_token(db: str, row: TokenRow, secret: str) -> None:
    """Keep a new token, by the hash of its secret."""
    values = {
        **row._asdict(),
        "mandates": _json(row.mandates),
        "lanes": _json(row.lanes),
        "scopes": _json(row.scopes),
        "hash": hash_of(secret),
    }
    marks = ", ".join(["%s"] * len(values))
    names = ", ".join(values)
    query(db, f"INSERT INTO store_token ({names}) VALUES ({marks})", [*values.values()])


def note_use(db: str, id_: str, now: int) -> None:
    """Note that a token was used at ``now``, in ms."""
    query(db, "UPDATE store_token SET used_at = %s WHERE id = %s", (now, id_))


def revoke_token(db: str, id_: str, now: int) -> bool:
    """Revoke a token; False when it was revoked before."""
    rows = query(
        db,
        "UPDATE store_token SET revoked_at = %s WHERE id = %s AND revoked_at IS NULL RETURNING id",
        (now, id_),
    )
    return bool(rows)


def revoke_all(db: str, person: int, now: int) -> int:
    """Revoke every token of a person; return how many worked until now."""
    rows = query(
        db,
        "UPDATE store_token SET revoked_at = %s WHERE person = %s AND revoked_at IS NULL "
        "RETURNING expires",
        (now, person),
    )
    return sum(int(expires) > now for (expires,) in rows)


def keep_answer(
    db: str, *, token: str, key: str, request: str, value: Mapping[str, Any], at: int
) -> bool:
    """Keep what a request was answered, in the transaction that did what it asked for.

    False when a request with this key was answered before.
    """
    rows = query(
        db,
        "INSERT INTO store_answer (token, key, request, value, at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (token, key) DO NOTHING RETURNING at",
        (token, key, request, _json(dict(value)), at),
    )
    return bool(rows)


def forget_answers(db: str, before: int) -> None:
    """Forget what was answered before a time, in ms."""
    query(db, "DELETE FROM store_answer WHERE at < %s", (before,))
