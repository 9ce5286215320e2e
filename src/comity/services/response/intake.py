"""Intake: somebody without a node reports a vulnerability, and is answered at an address.

::

    new ──somebody here reads it──▶ open ──close──▶ closed
                                     ▲                 │ the finder says more
                                     └─────────────────┘ (unless it was closed as abuse)

Whoever has the secret of an address sees where the report stands, what was answered, and adds to
it. Nothing is kept of who asks, from where, with what, or when: addresses are counted in memory
alone, so that nobody asks too often. What is done with reports here is in ``reports``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email

from comity.bridges.csaf import report as csaf
from comity.bridges.csaf.report import NO, UNKNOWN, YES
from comity.kernel.content import split
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.fieldtypes import Text
from comity.kernel.manifest import FileEntry
from comity.services import origins
from comity.services.casework.guests import MOST_FILES, UPLOAD
from comity.services.people import audit
from comity.services.quota import require_free
from comity.services.response import securitytxt
from comity.services.sharing.advisories import known_lists
from comity.store.access import reports as access
from comity.store.access.reports import CLOSED, NEW, FileRow, NoteRow, ReportRow
from comity.store.append import reports as append
from comity.store.append.log import lock
from comity.store.sql import writing

if TYPE_CHECKING:
    from pathlib import Path

    from comity.services.node import Node

RATE = 60
"""Times a minute that a network address may ask for the pages of finders."""
NEW_RATE = 10
"""Reports, and further words on one, that a network address may send within a minute."""
CSAF_RATE = 30
"""Documents of CSAF that are read within a minute, whoever sends them: it takes time."""
MOST_UNREAD = 500
"""Reports that may wait to be read, and no more are taken."""
UNREAD_BYTES = 256 * 1024 * 1024
"""Bytes of those; a report has at most ``UPLOAD`` of files, and so many words."""
MOST_NOTES = 200
"""Times that a finder may add to one report."""
ABUSE, FLOOD = "abuse", "flood"
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "done": "It is dealt with",
        "known": "It was known already",
        "not_ours": "It is not for us: we cannot do anything about it",
        "no_flaw": "It is meant to be so, or does no harm",
        "not_reproduced": "We could not reproduce it",
        "withdrawn": "The finder took it back",
        FLOOD: (
            "It came among more reports than people can read. Write here if it is real: "
            "then it is read"
        ),
        ABUSE: "It is no report: nothing more is taken here",
    }
)
"""Why a report is closed, as its finder is told."""
ANSWERS: Mapping[str, str] = MappingProxyType({UNKNOWN: "I do not know", NO: "No", YES: "Yes"})
FILES = "_files"
"""What a refusal names that is about files."""
FINDER = "finder"
"""Who is noted to have done what a finder did."""
SECRET = re.compile(r"[A-Za-z0-9_-]{32}")
LAST = 253_402_300_799_999
"""The last instant that calendars write, in ms."""
_MISLEADING = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""What turns the direction of a line, in which words of others stand beside it."""
_LINES = MappingProxyType({"name": 120, "affected": 500, "versions": 500})
_TEXTS = MappingProxyType({"description": 20_000, "reproduce": 20_000, "impact": 5_000})
LONGEST_MAIL = 254
NEEDED = frozenset({"affected", "description"})


@dataclass(frozen=True, slots=True)
class Said:
    """What a finder writes. ``public`` and ``exploited`` are of ``ANSWERS``, ``planned`` is when
    the finder means to publish (ms), ``credit`` whether the name may be told then; ``name``, which
    may be any, and ``mail`` may be left out.
    """

    affected: str
    description: str
    versions: str = ""
    reproduce: str = ""
    impact: str = ""
    public: str = UNKNOWN
    exploited: str = UNKNOWN
    planned: int | None = None
    name: str = ""
    mail: str = ""
    credit: bool = False

    def values(self) -> dict[str, object]:
        """Return what was said, by field."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @property
    def size(self) -> int:
        """How many bytes the words have."""
        return sum(len(str(value).encode()) for value in self.values().values())


class Case(NamedTuple):
    """A report with what was said about it since, and its files."""

    row: ReportRow
    notes: tuple[NoteRow, ...]
    files: tuple[FileRow, ...]


def require_turn(node: Node, origin: str) -> None:
    """Raise Refusal T5 when an address asks for finders' pages too often. ``origin`` is its own."""
    _take(node, f"report {origins.holder(origin)}", RATE)


def require_sending(node: Node, origin: str) -> None:
    """Raise Refusal T5 when an address sends reports too often."""
    _take(node, f"new report {origins.holder(origin)}", NEW_RATE)


def _take(node: Node, bucket: str, rate: int) -> None:
    if not node.buckets.take(bucket, rate, node.now()):
        raise Refusal("T5", "This was asked for too often. Wait a minute, then try again.")


def new_secret(node: Node) -> str:
    """Return the secret of a report that is to be made: 32 characters of 192 bits of chance."""
    return base64.urlsafe_b64encode(node.ports.random.bytes(24)).decode()


def require_open(node: Node, size: int = 0) -> None:
    """Raise Refusal S3 where this party takes no reports, S7 when the disk is nearly full, T5 when
    ``size`` bytes more are beyond what may wait unread.
    """
    if not node.settings.intake:
        raise Refusal("S3", "This node takes no reports at its pages.")
    _require_room(node, size)


def _require_room(node: Node, size: int, known: int = 0) -> None:
    """``known`` is 1 where what is added to waits unread by now, and is counted."""
    require_free(node, size)
    count, kept = access.load(node.db)
    if count - known >= MOST_UNREAD or kept + size > UNREAD_BYTES:
        told = "Too many reports wait here unread. Nothing of yours was kept. {what}"
        raise Refusal("T5", Phrase(told, what=securitytxt.elsewhere(node)))


def checked(said: Said) -> Said:
    """Return what a finder writes as it is kept. Raises Refusal S4 naming the wrong field."""
    found: dict[str, str] = {}
    for name, most in _LINES.items():
        text = " ".join(getattr(said, name).split())
        if _MISLEADING.search(text):
            told = "Take out the characters that turn the direction of writing."
            raise Refusal("S4", told, name)
        found[name] = _typed(name, Text(most, lines=False), text)
    for name, most in _TEXTS.items():
        found[name] = _typed(name, Text(most), getattr(said, name).strip())
    found["mail"] = _mail(said.mail.strip())
    _require_codes(said)
    return replace(said, **found)  # type: ignore[arg-type]


def _typed(name: str, kind: Text, text: str) -> str:
    if not text and name not in NEEDED:
        return ""
    try:
        return kind.from_text(text)
    except ValueError as error:
        told = Phrase("{what}.", what=error.args[0])
        raise Refusal("S4", told, name) from error


def _mail(mail: str) -> str:
    if not mail:
        return ""
    try:
        MaxLengthValidator(LONGEST_MAIL)(mail)
        validate_email(mail)
    except ValidationError as error:
        raise Refusal("S4", "Write an address like name@example.org.", "mail") from error
    return mail


def _require_codes(said: Said) -> None:
    for name in ("public", "exploited"):
        if getattr(said, name) not in ANSWERS:
            raise Refusal("S4", "Choose one of the answers.", name)
    if said.planned is not None and not 0 <= said.planned <= LAST:
        raise Refusal("S4", "Choose a date that calendars have.", "planned")


Named = Sequence[tuple[str, "Path"]]
"""Files as (name, path)."""


def _read(files: Named, there: Sequence[FileRow] = ()) -> list[tuple[str, bytes]]:
    """Return the files to be kept beside those that are ``there``, as (name, bytes).

    Raises Refusal S4 for too many or too large ones, K15 for a name that no file may have.
    """
    sizes = [path.stat().st_size for _, path in files]
    if len(sizes) + len(there) > MOST_FILES:
        raise Refusal("S4", "These are too many files; put them into one archive.", FILES)
    if sum(sizes) + sum(row.size for row in there) > UPLOAD:
        raise Refusal("S4", "The files are too large together; send less of them.", FILES)
    for (name, _), size in zip(files, sizes, strict=True):
        FileEntry(name, "application/octet-stream", size, 0, len(split(size)))
    return [(name, path.read_bytes()) for name, path in files]


def submit(node: Node, secret: str, said: Said, files: Named = (), language: str = "") -> ReportRow:
    """Keep a report under ``secret``, and return it; with the secret of one that is there, as when
    a button is pressed twice, that one.

    Raises Refusal as ``require_open`` and ``checked``, S4 for too many files, too large ones or a
    secret of another form, K15 for a name that no file may have.
    """
    if not SECRET.fullmatch(secret):
        raise Refusal("S4", "This page is too old to be sent; load it anew.", "secret")
    if (kept := access.by_secret(node.db, secret)) is not None:
        return kept
    require_open(node)
    said = checked(said)
    given = _read(files)
    size = said.size + sum(len(data) for _, data in given)
    now = node.now()
    row = ReportRow(
        id=node.ports.random.bytes(12).hex(),
        made_at=now,
        changed_at=now,
        unread=True,
        size=size,
        language=language,
        state=NEW,
        reason="",
        draft="",
        dossier="",
        **said.values(),  # type: ignore[arg-type]
    )
    with writing(node.db):
        # Two that come at once count each other.
        lock(node.db, "reports")
        _require_room(node, size)
        if append.insert(node.db, row, secret):
            _keep(node, row.id, given)
            audit.note(node, None, "report_made", row.id, by=FINDER)
    return access.by_secret(node.db, secret) or row


def _keep(node: Node, report: str, files: Iterable[tuple[str, bytes]]) -> None:
    for name, data in files:
        append.add_file(node.db, report, name, data, node.now())


def require_case(node: Node, secret: str) -> Case:
    """Return the report with a secret. Raises Refusal S11 where there is none."""
    row = access.by_secret(node.db, secret)
    if row is None:
        raise Refusal("S11", "This address does not work, or does not work any more.")
    return case_of(node, row)


def case_of(node: Node, row: ReportRow) -> Case:
    """Return a report with what was said about it since, and its files."""
    return Case(row, (*access.notes(node.db, row.id),), (*access.files(node.db, row.id),))


def takes_more(case: Case) -> bool:
    """Say whether the finder may add to a report."""
    theirs = [note for note in case.notes if not note.ours]
    abused = case.row.state == CLOSED and case.row.reason == ABUSE
    return not abused and len(theirs) < MOST_NOTES


def add(node: Node, secret: str, text: str, files: Named = ()) -> ReportRow:
    """Keep what a finder adds to a report; one that was closed is open again.

    Raises Refusal S11, S12 where nothing more is taken, S4 for nothing, or as ``submit``.
    """
    case = require_case(node, secret)
    _require_more(case)
    if not (text.strip() or files):
        raise Refusal("S4", "Write something, or choose a file.", "text")
    words = _typed("text", Text(), text.strip()) if text.strip() else ""
    given, row = _read(files, case.files), case.row
    size = len(words.encode()) + sum(len(data) for _, data in given)
    with writing(node.db):
        lock(node.db, "reports")
        # It may have been erased since, or closed as none: then nothing more of it is kept.
        _require_more(require_case(node, secret))
        _require_room(node, size, known=int(row.unread))
        if words:
            append.add_note(node.db, row.id, NoteRow(False, "", words, node.now()))
        _keep(node, row.id, given)
        append.said(node.db, row.id, size, node.now())
        audit.note(node, None, "report_added", row.id, by=FINDER)
    return row


def _require_more(case: Case) -> None:
    if not takes_more(case):
        raise Refusal("S12", "Nothing more is taken here.")


def of_csaf(node: Node, data: bytes) -> Said:
    """Return what a finder's file of CSAF says, to be looked over.

    Raises Refusal X40 to X42, or T5 when all finders together send too many.
    """
    _take(node, "reports of csaf", CSAF_RATE)
    told = csaf.read(data, known_lists(), node.now())
    words = {name: getattr(told, name)[:most] for name, most in {**_LINES, **_TEXTS}.items()}
    return Said(
        **words,
        public=told.public,
        exploited=told.exploited,
        planned=told.planned,
        credit=told.credit,
    )
