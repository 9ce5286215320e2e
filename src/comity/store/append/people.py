"""Writing people, mandates, links and the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from comity.store.access.people import NAMED, hash_of
from comity.store.append.log import allocate
from comity.store.sql import query

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def insert_person(
    db: str,
    *,
    email: str,
    name: str,
    handle: str,
    password: str,
    mandates: Iterable[str],
    now: int,
) -> int:
    """Make a person who may sign in, and return the number. ``password`` is its hash."""
    rows = query(
        db,
        "INSERT INTO store_person (email, name, handle, password, language, zone, hours, mandates, "
        "is_active, created_at) VALUES (%s, %s, %s, %s, '', '', '{}', %s, %s, %s) RETURNING id",
        (email, name, handle, password, _json(sorted(mandates)), True, now),
    )
    return int(rows[0][0])


def set_mandates(db: str, person: int, mandates: Iterable[str]) -> None:
    """Give a person other mandates."""
    rows = (_json(sorted(mandates)), person)
    query(db, "UPDATE store_person SET mandates = %s WHERE id = %s", rows)


def set_active(db: str, person: int, *, active: bool) -> None:
    """Open a person's account, or close it."""
    query(db, "UPDATE store_person SET is_active = %s WHERE id = %s", (active, person))


def set_password(db: str, person: int, password: str) -> None:
    """Set a person's password, of which this is the hash."""
    query(db, "UPDATE store_person SET password = %s WHERE id = %s", (password, person))


def set_taste(db: str, person: int, *, language: str, zone: str) -> None:
    """Keep what a person chose for the pages."""
    sql = "UPDATE store_person SET language = %s, zone = %s WHERE id = %s"
    query(db, sql, (language, zone, person))


def set_hours(db: str, person: int, hours: Mapping[str, Any]) -> None:
    """Keep when mail may come to a person."""
    query(db, "UPDATE store_person SET hours = %s WHERE id = %s", (_json(dict(hours)), person))


def save_mandate(db: str, code: str, rules: Mapping[str, Any], now: int) -> None:
    """Decide what a mandate is here."""
    query(
        db,
        "INSERT INTO store_mandate (code, rules, changed_at) VALUES (%s, %s, %s) ON CONFLICT "
        "(code) DO UPDATE SET rules = excluded.rules, changed_at = excluded.changed_at",
        (code, _json(dict(rules)), now),
    )


def insert_link(
    db: str, *, secret: str, purpose: str, value: Mapping[str, Any], now: int, expires: int
) -> None:
    """Keep a link that works once, by the hash of its secret; times in ms."""
    query(
        db,
        "INSERT INTO store_link (hash, purpose, value, made_at, expires) "
        "VALUES (%s, %s, %s, %s, %s)",
        (hash_of(secret), purpose, _json(dict(value)), now, expires),
    )


def use_link(db: str, secret: str, now: int) -> bool:
    """Use a link up; False when it was used, has expired, or never was."""
    rows = query(
        db,
        "UPDATE store_link SET used_at = %s "
        "WHERE hash = %s AND used_at IS NULL AND expires > %s RETURNING hash",
        (now, hash_of(secret), now),
    )
    return bool(rows)


def drop_link(db: str, id_: str, now: int) -> bool:
    """Take a link away that was not used, by its name; False when there is none."""
    rows = query(
        db,
        "DELETE FROM store_link WHERE substr(hash, 1, %s) = %s AND used_at IS NULL "
        "AND expires > %s RETURNING hash",
        (NAMED, id_, now),
    )
    return bool(rows)


def note(
    db: str,
    *,
    at: int,
    person: int | None,
    name: str,
    what: str,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Note what somebody did, within a write transaction."""
    query(
        db,
        "INSERT INTO store_audit (n, at, person, name, what, subject, detail) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (allocate(db, "audit"), at, person, name, what, subject, _json(dict(detail or {}))),
    )
