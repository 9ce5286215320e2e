"""Reading reports of vulnerabilities, and what was said about them."""

from __future__ import annotations

from typing import NamedTuple

from comity.store.access.people import hash_of
from comity.store.sql import Row, query

NEW, OPEN, CLOSED = "new", "open", "closed"
"""The states: nobody here has looked at it; somebody has; no more is done about it."""


class ReportRow(NamedTuple):
    """A report, as its table says, without its hash; times in ms."""

    id: str
    made_at: int
    changed_at: int
    unread: bool
    size: int
    name: str
    mail: str
    language: str
    affected: str
    versions: str
    description: str
    reproduce: str
    impact: str
    public: str
    exploited: str
    credit: bool
    planned: int | None
    state: str
    reason: str
    draft: str
    dossier: str


class UnreadRow(NamedTuple):
    """A report that nobody here has read, without its words; ``changed_at`` in ms."""

    id: str
    affected: str
    changed_at: int


class WaitingRow(NamedTuple):
    """A report that nobody here has read, taken up or answered; ``words`` are all that its finder
    wrote of the weakness.
    """

    id: str
    affected: str
    words: str
    changed_at: int
    size: int


class NoteRow(NamedTuple):
    """A further word on a report: ``ours`` or its finder's; ``at`` in ms."""

    ours: bool
    name: str
    text: str
    at: int


class FileRow(NamedTuple):
    """A file of a report, without its bytes; ``at`` in ms."""

    id: int
    name: str
    size: int
    at: int


_REPORT = ", ".join(ReportRow._fields)


def _row(row: Row) -> ReportRow:
    found = ReportRow(*row)
    return found._replace(unread=bool(found.unread), credit=bool(found.credit))


def report(db: str, id_: str) -> ReportRow | None:
    """Return one report, or None."""
    rows = query(db, f"SELECT {_REPORT} FROM store_report WHERE id = %s", (id_,))
    return _row(rows[0]) if rows else None


def by_secret(db: str, secret: str) -> ReportRow | None:
    """Return the report with a secret, or None."""
    rows = query(db, f"SELECT {_REPORT} FROM store_report WHERE hash = %s", (hash_of(secret),))
    return _row(rows[0]) if rows else None


def reports(db: str, before: tuple[int, str] | None, limit: int) -> list[ReportRow]:
    """Return reports, the newest first, below one of this time and id."""
    below = "" if before is None else "WHERE (made_at, id) < (%s, %s) "
    sql = f"SELECT {_REPORT} FROM store_report {below}ORDER BY made_at DESC, id DESC LIMIT %s"
    return [_row(row) for row in query(db, sql, (*(before or ()), limit))]


def unread(db: str) -> list[UnreadRow]:
    """Return the reports of which nobody here has read all, the oldest first."""
    sql = "SELECT id, affected, changed_at FROM store_report WHERE unread ORDER BY changed_at, id"
    return [UnreadRow(*row) for row in query(db, sql)]


def waiting(db: str) -> list[WaitingRow]:
    """Return the unread reports that nobody here took up or answered, the oldest first."""
    sql = (
        "SELECT id, affected, description || ' ' || reproduce || ' ' || impact, changed_at, size "
        "FROM store_report r "
        "WHERE unread AND draft = '' AND dossier = '' AND NOT EXISTS "
        "(SELECT 1 FROM store_reportnote n WHERE n.report = r.id AND n.ours) "
        "ORDER BY changed_at, id"
    )
    return [WaitingRow(*row) for row in query(db, sql)]


def load(db: str) -> tuple[int, int]:
    """Return how many reports nobody here has read, and how many bytes they have."""
    rows = query(db, "SELECT COUNT(*), COALESCE(SUM(size), 0) FROM store_report WHERE unread")
    return int(rows[0][0]), int(rows[0][1])


def notes(db: str, report_: str) -> list[NoteRow]:
    """Return what was said about a report since, the oldest first."""
    sql = "SELECT ours, name, text, at FROM store_reportnote WHERE report = %s ORDER BY id"
    return [NoteRow(bool(row[0]), *row[1:]) for row in query(db, sql, (report_,))]


def files(db: str, report_: str) -> list[FileRow]:
    """Return the files of a report, without their bytes, the oldest first."""
    sql = "SELECT id, name, size, at FROM store_reportfile WHERE report = %s ORDER BY id"
    return [FileRow(*row) for row in query(db, sql, (report_,))]


def file(db: str, report_: str, id_: int) -> tuple[str, bytes] | None:
    """Return the name and the bytes of a file of a report, or None."""
    sql = "SELECT name, data FROM store_reportfile WHERE report = %s AND id = %s"
    rows = query(db, sql, (report_, id_))
    return (rows[0][0], bytes(rows[0][1])) if rows else None
