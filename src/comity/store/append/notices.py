"""Writing notices, who follows what, and how sending mail goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.store.sql import marks, query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.store.access.notices import MailingRow


def insert(
    db: str,
    *,
    person: int,
    key: str,
    kind: str,
    stage: str,
    subject: str,
    dossier: str,
    due: int | None,
    now: int,
) -> None:
    """Make a notice, unless there is one of this key: whoever else makes it makes none."""
    query(
        db,
        "INSERT INTO store_notice (person, key, kind, stage, subject, dossier, due, made_at, mail, "
        "mail_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'due', 0) "
        "ON CONFLICT (person, key) DO NOTHING",
        (person, key, kind, stage, subject, dossier, due, now),
    )


def settle(db: str, ids: Sequence[int], now: int) -> None:
    """Note that what these notices tell of awaits nobody any more."""
    if ids:
        sql = f"UPDATE store_notice SET settled_at = %s WHERE id IN ({marks(len(ids))})"
        query(db, sql, (now, *ids))


def reopen(db: str, ids: Sequence[int]) -> None:
    """Let notices await again; nobody is told a second time by mail."""
    if ids:
        sql = f"UPDATE store_notice SET settled_at = NULL WHERE id IN ({marks(len(ids))})"
        query(db, sql, tuple(ids))


def read(db: str, person: int, now: int, *, id_: int | None = None, dossier: str = "") -> None:
    """Mark notices of a person as read: one, those of a dossier, or all."""
    clauses = {"id = %s": id_, "dossier = %s": dossier or None}
    asked = {clause: value for clause, value in clauses.items() if value is not None}
    query(
        db,
        "UPDATE store_notice SET read_at = %s WHERE "
        + " AND ".join(["person = %s", "read_at IS NULL", *asked]),
        (now, person, *asked.values()),
    )


def forget(db: str, before: int) -> None:
    """Drop notices that were settled before ``before`` (ms)."""
    query(db, "DELETE FROM store_notice WHERE settled_at < %s", (before,))


def take_mail(db: str, ids: Sequence[int], now: int, stale: int) -> list[int]:
    """Take notices to be told by one mail, and return which of them nobody else has taken."""
    rows = query(
        db,
        f"UPDATE store_notice SET mail = 'taken', mail_at = %s WHERE id IN ({marks(len(ids))}) "
        "AND (mail = 'due' OR (mail = 'taken' AND mail_at < %s)) RETURNING id",
        (now, *ids, stale),
    )
    return sorted(int(row[0]) for row in rows)


def set_mail(db: str, ids: Sequence[int], mail: str) -> None:
    """Say how telling notices by mail went."""
    if ids:
        sql = f"UPDATE store_notice SET mail = %s WHERE id IN ({marks(len(ids))})"
        query(db, sql, (mail, *ids))


def save_mailing(db: str, row: MailingRow) -> None:
    """Keep how sending goes."""
    names = ", ".join(row._fields)
    changed = ", ".join(f"{name} = excluded.{name}" for name in row._fields)
    query(
        db,
        f"INSERT INTO store_mailing (name, {names}) VALUES ('mail', {marks(len(row))}) "
        f"ON CONFLICT (name) DO UPDATE SET {changed}",
        row,
    )


def follow(db: str, person: int, dossier: str, *, follows: bool) -> None:
    """Keep whether a person follows a dossier."""
    query(
        db,
        "INSERT INTO store_follow (person, dossier, follows) VALUES (%s, %s, %s) "
        "ON CONFLICT (person, dossier) DO UPDATE SET follows = excluded.follows",
        (person, dossier, follows),
    )
