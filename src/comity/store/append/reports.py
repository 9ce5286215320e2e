"""Writing reports of vulnerabilities, and what is said about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.store.access.people import hash_of
from comity.store.access.reports import NEW, OPEN
from comity.store.sql import marks, query

if TYPE_CHECKING:
    from comity.store.access.reports import NoteRow, ReportRow


def insert(db: str, row: ReportRow, secret: str) -> bool:
    """Keep a new report, by the hash of its secret; False when there is one of that secret."""
    values = {**row._asdict(), "hash": hash_of(secret)}
    rows = query(
        db,
        f"INSERT INTO store_report ({', '.join(values)}) VALUES ({marks(len(values))}) "
        "ON CONFLICT (hash) DO NOTHING RETURNING id",
        [*values.values()],
    )
    return bool(rows)


def add_note(db: str, report: str, row: NoteRow) -> None:
    """Keep a further word on a report."""
    query(
        db,
        "INSERT INTO store_reportnote (report, ours, name, text, at) VALUES (%s, %s, %s, %s, %s)",
        (report, *row),
    )


def add_file(db: str, report: str, name: str, data: bytes, now: int) -> None:
    """Keep a file of a report."""
    query(
        db,
        "INSERT INTO store_reportfile (report, name, size, data, at) VALUES (%s, %s, %s, %s, %s)",
        (report, name, len(data), data, now),
    )


def said(db: str, report: str, size: int, now: int) -> None:
    """Note that its finder said ``size`` bytes more: nobody has read it, and it is open again."""
    query(
        db,
        "UPDATE store_report SET unread = %s, changed_at = %s, size = size + %s, reason = '', "
        "state = CASE state WHEN %s THEN state ELSE %s END WHERE id = %s",
        (True, now, size, NEW, OPEN, report),
    )


def opened(db: str, report: str) -> bool:
    """Note that somebody here has read a report; False when somebody did before."""
    rows = query(
        db,
        "UPDATE store_report SET unread = %s, state = CASE state WHEN %s THEN %s ELSE state END "
        "WHERE id = %s AND unread RETURNING id",
        (False, NEW, OPEN, report),
    )
    return bool(rows)


def set_state(db: str, report: str, state: str, reason: str, now: int) -> None:
    """Keep where a report stands, and why."""
    query(
        db,
        "UPDATE store_report SET state = %s, reason = %s, unread = %s, changed_at = %s "
        "WHERE id = %s",
        (state, reason, False, now, report),
    )


def begin(db: str, report: str, draft: str) -> None:
    """Keep which draft was begun of a report."""
    query(db, "UPDATE store_report SET draft = %s WHERE id = %s", (draft, report))


def take(db: str, report: str, dossier: str) -> None:
    """Keep in which dossier a report is dealt with."""
    query(db, "UPDATE store_report SET dossier = %s WHERE id = %s", (dossier, report))


def forget(db: str, report: str) -> None:
    """Remove a report with all that was said and handed over."""
    query(db, "DELETE FROM store_reportnote WHERE report = %s", (report,))
    query(db, "DELETE FROM store_reportfile WHERE report = %s", (report,))
    query(db, "DELETE FROM store_report WHERE id = %s", (report,))
