"""Reading notices, who follows what, and how sending mail goes."""

from __future__ import annotations

from typing import NamedTuple

from comity.store.sql import Row, query

DUE, TAKEN, SENT, REFUSED, NONE = "due", "taken", "sent", "refused", "none"
"""Whether a notice is told by mail."""


class NoticeRow(NamedTuple):
    """A notice, as its table says; times in ms."""

    id: int
    person: int
    key: str
    kind: str
    stage: str
    subject: str
    dossier: str
    due: int | None
    made_at: int
    read_at: int | None
    settled_at: int | None
    mail: str
    mail_at: int


class MailingRow(NamedTuple):
    """How sending goes: ``failures`` in a row, the next try, the last error and success; ms."""

    failures: int = 0
    next_try: int = 0
    last_error: str = ""
    failed_at: int = 0
    sent_at: int = 0


_NOTICE = ", ".join(NoticeRow._fields)
_MAILING = ", ".join(MailingRow._fields)


def of_person(db: str, person: int, limit: int) -> list[NoticeRow]:
    """Return what awaits a person: unread first, then what is due soonest, then the newest."""
    rows = query(
        db,
        f"SELECT {_NOTICE} FROM store_notice WHERE person = %s AND settled_at IS NULL "
        "ORDER BY read_at IS NOT NULL, due IS NULL, due, made_at DESC, id LIMIT %s",
        (person, limit),
    )
    return [NoticeRow(*row) for row in rows]


def count_unread(db: str, person: int) -> int:
    """Return how many notices await a person that the person has not read."""
    rows = query(
        db,
        "SELECT COUNT(*) FROM store_notice "
        "WHERE person = %s AND settled_at IS NULL AND read_at IS NULL",
        (person,),
    )
    return int(rows[0][0])


def kept(db: str, person: int) -> dict[str, NoticeRow]:
    """Return every notice that was ever made for a person and is still kept, by key."""
    rows = query(db, f"SELECT {_NOTICE} FROM store_notice WHERE person = %s", (person,))
    return {row.key: row for row in map(_row, rows)}


def _row(row: Row) -> NoticeRow:
    return NoticeRow(*row)


def to_mail(db: str, stale: int) -> list[NoticeRow]:
    """Return the notices to be told by mail, by person and age; also those taken before ``stale``
    (ms), by a worker that did not come to say how it went.
    """
    rows = query(
        db,
        f"SELECT {_NOTICE} FROM store_notice "
        "WHERE mail = 'due' OR (mail = 'taken' AND mail_at < %s) ORDER BY person, id",
        (stale,),
    )
    return [NoticeRow(*row) for row in rows]


def refused_people(db: str) -> int:
    """Return to how many people the mail server refused to send what still awaits them."""
    sql = (
        "SELECT COUNT(DISTINCT person) FROM store_notice "
        "WHERE mail = 'refused' AND settled_at IS NULL"
    )
    return int(query(db, sql)[0][0])


def mailing(db: str) -> MailingRow:
    """Return how sending goes."""
    rows = query(db, f"SELECT {_MAILING} FROM store_mailing WHERE name = 'mail'")
    return MailingRow(*rows[0]) if rows else MailingRow()


def chosen(db: str, dossier: str) -> dict[int, bool]:
    """Return who chose to follow a dossier, or not to."""
    rows = query(db, "SELECT person, follows FROM store_follow WHERE dossier = %s", (dossier,))
    return {int(person): bool(follows) for person, follows in rows}


def acted(db: str, dossier: str) -> set[int]:
    """Return who prepared, signed or approved something in a dossier, or a letter to a guest."""
    rows = query(
        db,
        "SELECT person, second FROM store_draft "
        "WHERE state = 'signed' AND (dossier = %s OR (dossier = '' AND act = %s)) "
        "UNION SELECT made_by, second FROM store_guest WHERE dossier = %s",
        (dossier, dossier, dossier),
    )
    return {int(person) for row in rows for person in row if person is not None}


def has_unread(db: str, person: int, dossier: str) -> bool:
    """Say whether a person has not read something of a dossier."""
    rows = query(
        db,
        "SELECT 1 FROM store_notice WHERE person = %s AND dossier = %s AND settled_at IS NULL "
        "AND read_at IS NULL LIMIT 1",
        (person, dossier),
    )
    return bool(rows)
