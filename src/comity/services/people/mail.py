"""Mail to people of this party: that something awaits them, and nothing of what it is.

Mail passes servers that this party does not control, and lies in inboxes for years. So it names
neither title, party nor label, unless the dossier is TLP:CLEAR, which anybody may see.

A worker takes notices in one transaction, and sends them outside it. Who is killed between sending
and noting that sends again after ``LEASE``, with the same Message-ID: at that boundary people are
told at least once, and everywhere else once.
"""

from __future__ import annotations

import hashlib
import smtplib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import groupby
from typing import TYPE_CHECKING

from django.core.mail import EmailMessage
from django.utils.translation import gettext, override

from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.casework import telling
from comity.services.casework.telling import Tongue
from comity.services.people import notices, smtp
from comity.services.people.hours import Hours
from comity.store.access import acts, people
from comity.store.access import notices as access
from comity.store.access.notices import DUE, NONE, REFUSED, SENT
from comity.store.append import notices as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from comity.services.node import Node
    from comity.services.people.smtp import Connection
    from comity.store.access.notices import NoticeRow
    from comity.store.access.people import PersonRow

LEASE = 10 * 60 * 1000
"""How long a worker may take to send what it took, in ms."""
MOST_TITLES, LONGEST_TITLE = 20, 120


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to be sent: to whom, and of which notices."""

    person: PersonRow
    rows: tuple[NoticeRow, ...]


def send_due(node: Node) -> None:
    """Send the mail whose time has come; while the server fails, try seldom.

    Nothing is raised when it fails: that is noted, and told by the doctor and on the node's page.
    """
    if node.settings.mail is None or node.now() < access.mailing(node.db).next_try:
        return
    letters = [letter for letter in _letters(node) if letter is not None]
    if not letters:
        return
    try:
        with smtp.connected(node) as way:
            refused = [error for letter in letters if (error := _send(node, way, letter))]
    except smtp.FAILURES as error:
        smtp.note_failure(node, error)
    else:
        if refused:
            smtp.note_failure(node, refused[0])


def _letters(node: Node) -> Iterator[Letter | None]:
    """Yield what may be told now, by person; what nobody need be told is put aside."""
    waiting = access.to_mail(node.db, node.now() - LEASE)
    for number, rows in groupby(waiting, lambda row: row.person):
        person = people.person(node.db, number)
        yield None if person is None else _letter(node, person, list(rows))


def _letter(node: Node, person: PersonRow, rows: list[NoticeRow]) -> Letter | None:
    hours, now = Hours.from_object(person.hours), node.now()
    idle = [row for row in rows if not _is_wanted(person, hours, row)]
    if idle:
        with writing(node.db):
            append.set_mail(node.db, [row.id for row in idle], NONE)
    told = [row for row in rows if row not in idle]
    # One mail says that something awaits, so whatever waits is told by the first that may be sent.
    ready = any(
        notices.is_urgent(row) or hours.may_come(row.made_at, now, person.zone) for row in told
    )
    return Letter(person, tuple(told)) if ready else None


def _is_wanted(person: PersonRow, hours: Hours, row: NoticeRow) -> bool:
    """Say whether a person is to be told of a notice by mail, sooner or later.

    An emergency is told to a head also who wants no mail: nobody can turn that off.
    """
    if not person.is_active or row.read_at is not None or row.settled_at is not None:
        return False
    return hours.mail or row.kind == notices.EMERGENCY


def _send(node: Node, way: Connection, letter: Letter) -> smtplib.SMTPException | None:
    """Take the notices of a letter, send it, and note that; put them back when it fails.

    Return why the server does not take this one letter now: others it may.
    """
    with writing(node.db):
        now = node.now()
        taken = append.take_mail(node.db, [row.id for row in letter.rows], now, now - LEASE)
    if not taken:
        return None
    rows = tuple(row for row in letter.rows if row.id in taken)
    try:
        way.open()
        way.send_messages([_message(node, Letter(letter.person, rows))])
    except smtplib.SMTPRecipientsRefused as error:
        _note(node, taken, REFUSED if _is_final(error) else DUE)
        return None if _is_final(error) else error
    except smtplib.SMTPDataError as error:
        _note(node, taken, DUE)
        return error
    except BaseException:
        _note(node, taken, DUE)
        raise
    _note(node, taken, SENT)
    smtp.note_success(node)
    return None


def _note(node: Node, taken: list[int], mail: str) -> None:
    with writing(node.db):
        append.set_mail(node.db, taken, mail)


def _is_final(error: smtplib.SMTPRecipientsRefused) -> bool:
    return all(code >= 500 for code, _ in error.recipients.values())


def _message(node: Node, letter: Letter) -> EmailMessage:
    with override(letter.person.language or "en"):
        lines = [gettext("Something needs you in Comity:"), f"{node.address}/"]
        if clear := list(_clear(node, letter.rows)):
            lines += ["", gettext("Among it, in dossiers that anybody may know of:"), *clear]
        lines += ["", gettext("When such mail comes is set in your account:")]
        return message(
            node,
            letter.person.email,
            gettext("Something needs you in Comity"),
            "\n".join([*lines, f"{node.address}/account"]),
            name=f"{letter.person.id} {letter.rows[0].key}",
        )


def _clear(node: Node, rows: Iterable[NoticeRow]) -> Iterator[str]:
    """Yield the titles of the dossiers that are TLP:CLEAR, each once, with where they are."""
    wanted = dict.fromkeys(row.dossier for row in rows if row.dossier)
    for id_ in [*wanted][:MOST_TITLES]:
        found = acts.dossier(node.db, id_)
        if found is not None and found.ceiling == TLP.CLEAR.value:
            told = telling.of(node, found, tongue=Tongue(gettext))
            title = " ".join(told.title(found).split())[:LONGEST_TITLE]
            yield f"– {title}\n  {node.address}/dossiers/{id_}"


def message(node: Node, to: str, subject: str, body: str, *, name: str) -> EmailMessage:
    """Return a message from this node; equal ``name`` gives an equal Message-ID."""
    sender = "" if node.settings.mail is None else node.settings.mail.sender
    digest = hashlib.sha256(f"{node.me} {name}".encode()).hexdigest()[:32]
    headers = {
        "Message-ID": f"<{digest}@{sender.rpartition('@')[2]}>",
        "Date": format_datetime(datetime.fromtimestamp(node.now() / 1000, UTC)),
        "Auto-Submitted": "auto-generated",
    }
    return EmailMessage(subject, body, sender, [to], headers=headers)


def try_out(node: Node, person: PersonRow) -> None:
    """Send a person a mail now, to see whether it comes. Raises Refusal S5 when it does not go."""
    with override(person.language or "en"):
        subject = gettext("Mail from your Comity node works")
        lines = gettext("This was sent to try it out. Nothing needs you.")
    tried = message(node, person.email, subject, lines, name=f"{person.id} {node.now()}")
    if error := smtp.post(node, tried):
        raise Refusal("S5", error, "mail")
