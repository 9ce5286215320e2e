"""Reading people, mandates, links and the audit. Nothing of them ever leaves the node."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from comity.store.sql import query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.store.sql import Row


class PersonRow(NamedTuple):
    """A person, as the table says; ``hours`` as ``services.people.hours``; ``created_at`` in ms."""

    id: int
    email: str
    name: str
    handle: str
    language: str
    zone: str
    hours: dict[str, Any]
    mandates: tuple[str, ...]
    is_active: bool
    created_at: int


class LinkRow(NamedTuple):
    """A link that may still be used: what it is for, and until when (ms)."""

    purpose: str
    value: dict[str, Any]
    expires: int


class OpenRow(NamedTuple):
    """A link that was made and not used: named by the first half of its hash; times in ms."""

    id: str
    purpose: str
    value: dict[str, Any]
    made_at: int
    expires: int


class AuditRow(NamedTuple):
    """Something that was done, by the person that was called ``name`` then; ``at`` in ms."""

    n: int
    at: int
    person: int | None
    name: str
    what: str
    subject: str
    detail: dict[str, Any]


_PERSON = ", ".join(PersonRow._fields)
_AUDIT = ", ".join(AuditRow._fields)


def _decoded(value: Any) -> Any:  # noqa: ANN401  what a column of JSON holds
    # PostgreSQL gives jsonb decoded or as text, by what the driver was told; SQLite gives text.
    return orjson.loads(value) if isinstance(value, str) else value


def _person(row: Row) -> PersonRow:
    found = PersonRow(*row)
    return found._replace(
        hours=_decoded(found.hours),
        mandates=tuple(_decoded(found.mandates)),
        is_active=bool(found.is_active),
    )


def person(db: str, id_: int) -> PersonRow | None:
    """Return one person, or None."""
    rows = query(db, f"SELECT {_PERSON} FROM store_person WHERE id = %s", (id_,))
    return _person(rows[0]) if rows else None


def person_by_email(db: str, email: str) -> PersonRow | None:
    """Return the person with an address of mail, however it is written, or None."""
    sql = f"SELECT {_PERSON} FROM store_person WHERE email = %s"
    rows = query(db, sql, (email.strip().lower(),))
    return _person(rows[0]) if rows else None


def people(db: str) -> list[PersonRow]:
    """Return all people by name, those that left last."""
    rows = query(db, f"SELECT {_PERSON} FROM store_person ORDER BY NOT is_active, name, id")
    return [_person(row) for row in rows]


def mandates(db: str) -> dict[str, dict[str, Any]]:
    """Return the mandates that this node has decided on, by code."""
    rows = query(db, "SELECT code, rules FROM store_mandate ORDER BY code")
    return {code: _decoded(rules) for code, rules in rows}


def hash_of(secret: str) -> str:
    """Return what is kept of a link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def link(db: str, secret: str, now: int) -> LinkRow | None:
    """Return a link that can still be used at ``now``, or None."""
    rows = query(
        db,
        "SELECT purpose, value, expires FROM store_link "
        "WHERE hash = %s AND used_at IS NULL AND expires > %s",
        (hash_of(secret), now),
    )
    return LinkRow(rows[0][0], _decoded(rows[0][1]), rows[0][2]) if rows else None


NAMED = 32
"""Digits of its hash by which a link is named: who knows them cannot use it."""


def open_links(db: str, now: int) -> list[OpenRow]:
    """Return the links that can still be used at ``now``, the newest first."""
    rows = query(
        db,
        "SELECT substr(hash, 1, %s), purpose, value, made_at, expires FROM store_link "
        "WHERE used_at IS NULL AND expires > %s ORDER BY made_at DESC, hash",
        (NAMED, now),
    )
    found = (OpenRow(*row) for row in rows)
    return [row._replace(value=_decoded(row.value)) for row in found]


def audit(db: str, before: int | None = None, limit: int = 50) -> list[AuditRow]:
    """Return what was done, newest first, below number ``before``."""
    where, params = ("", ()) if before is None else ("WHERE n < %s", (before,))
    rows = query(
        db, f"SELECT {_AUDIT} FROM store_audit {where} ORDER BY n DESC LIMIT %s", (*params, limit)
    )
    found = (AuditRow(*row) for row in rows)
    return [row._replace(detail=_decoded(row.detail)) for row in found]


def newest_audit(db: str) -> int:
    """Return the number of what was noted last, 0 for nothing."""
    return int(query(db, "SELECT COALESCE(MAX(n), 0) FROM store_audit")[0][0])


def count_active(db: str, codes: Iterable[str]) -> int:
    """Return how many people that may sign in hold one of these mandates."""
    wanted = set(codes)
    return sum(row.is_active and bool(wanted & set(row.mandates)) for row in people(db))
