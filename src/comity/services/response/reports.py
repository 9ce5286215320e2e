"""Reports of vulnerabilities that came in, as people here deal with them: read, answered, taken
into a dossier, closed, erased.

Who may open a dossier about a vulnerability reads them all. What a finder is told goes by the hand
of who may do so alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.bridges.csaf import report as csaf
from comity.bridges.csaf.report import Issued, Reported
from comity.kernel.errors import Refusal
from comity.kernel.fieldtypes import Text
from comity.kernel.label import TLP
from comity.kernel.language import spelled
from comity.services.casework import drafts
from comity.services.casework.drafts import CHARTER, Filling
from comity.services.people import actors, audit
from comity.services.people.mandates import Hand
from comity.services.response.intake import REASONS, Case, case_of
from comity.store import compact
from comity.store.access import acts, people
from comity.store.access import drafts as drafts_access
from comity.store.access import reports as access
from comity.store.access.drafts import SIGNED
from comity.store.access.reports import CLOSED, NoteRow, ReportRow, UnreadRow
from comity.store.append import acts as append_acts
from comity.store.append import reports as append
from comity.store.append.log import lock
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Callable

    from comity.kernel.protocol import Protocol
    from comity.services.casework.desk import Desk
    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.store.access.drafts import DraftRow

    Done = Callable[[], None]

OPENS = ("response/disclosure", "response/incident")
"""Under what a dossier about a vulnerability is opened: the first that this node speaks."""
LANE = "technical"
MOST_NUMBER = 2**63
ERASED = "reports-erased"
"""Under which name it is kept since when something erased may be left in the database's files."""
AT_ONCE = 50
"""Reports given at once."""


def protocol_of(node: Node) -> Protocol | None:
    """Return the rules under which a dossier about a vulnerability is opened here, or None."""
    for name in OPENS:
        found = [each for each in node.protocols.values() if each.name == name]
        if found:
            return max(found, key=lambda each: each.version)
    return None


def hand(node: Node, actor: Actor | None) -> Hand | None:
    """Say how somebody may deal with reports: ``ALONE``, by a ``SECOND`` person's word, which
    reads and prepares, or not at all. None is who commands the machine itself, and may alone.
    """
    if actor is None:
        return Hand.ALONE
    rules = protocol_of(node)
    under = None if rules is None else actor.under(LANE, rules.name, CHARTER)
    return None if under is None else under[1]


def require_reader(node: Node, actor: Actor | None, *, alone: bool = False) -> None:
    """Raise Refusal S10 unless somebody may read reports; ``alone``, unless they may answer too."""
    may = hand(node, actor)
    if may is None:
        raise Refusal("S10", "None of your mandates lets you read reports.")
    if alone and may is not Hand.ALONE:
        told = "A finder is answered by who may do so alone. Ask a colleague whose mandate does."
        raise Refusal("S10", told)


def listed(
    node: Node, actor: Actor | None, before: str = "", limit: int = AT_ONCE
) -> list[ReportRow]:
    """Return reports, the newest first, below the one ``before``. Raises Refusal S10, or S3."""
    require_reader(node, actor)
    if not before:
        return access.reports(node.db, None, limit)
    last = _row(node, before)
    return access.reports(node.db, (last.made_at, last.id), limit)


def require(node: Node, actor: Actor | None, report: str) -> ReportRow:
    """Return a report as it stands, for who may read it. Raises Refusal S10 or S3."""
    require_reader(node, actor)
    return _row(node, report)


def _row(node: Node, report: str) -> ReportRow:
    row = access.report(node.db, report)
    if row is None:
        raise _none(report)
    return _settled(node, row)


def _none(report: str) -> Refusal:
    return Refusal("S3", "There is no such report here.", report)


def _settled(node: Node, row: ReportRow) -> ReportRow:
    """Return a report with the dossier that was opened of it, once what was begun is signed."""
    if row.dossier or not row.draft:
        return row
    begun = drafts_access.draft(node.db, row.draft)
    if begun is None or begun.state != SIGNED:
        return row
    with writing(node.db):
        append.take(node.db, row.id, begun.act)
    return row._replace(dossier=begun.act)


def read(node: Node, actor: Actor | None, report: str) -> Case:
    """Return a report with all that was said, and note that it was read: by a person, not by a
    machine. Raises Refusal S10 or S3.
    """
    require_reader(node, actor)
    row = _row(node, report)
    with writing(node.db):
        if actor is None or not actor.machine:
            append.opened(node.db, row.id)
        audit.note(node, actor, "report_read", row.id)
    return case_of(node, _row(node, report))


def file(node: Node, actor: Actor | None, report: str, number: int) -> tuple[str, bytes]:
    """Return the name and the bytes of a file of a report. Raises Refusal S10 or S3."""
    require_reader(node, actor)
    found = access.file(node.db, report, number) if number < MOST_NUMBER else None
    if found is None:
        raise Refusal("S3", "There is no such file here.", report)
    return found


def answer(
    node: Node, actor: Actor | None, report: str, text: str, then: Done | None = None
) -> None:
    """Say something to a finder; ``then`` is called in the transaction that does.

    Raises Refusal S10, S3, or S4 for no text or too long a one.
    """
    require_reader(node, actor, alone=True)
    row, words = _row(node, report), _words(text)
    with writing(node.db):
        _say(node, actor, row, words)
        if then is not None:
            then()


def _say(node: Node, actor: Actor | None, row: ReportRow, words: str) -> None:
    lock(node.db, "reports")
    if access.report(node.db, row.id) is None:
        raise _none(row.id)
    name = "" if actor is None else actor.name
    append.add_note(node.db, row.id, NoteRow(True, name, words, node.now()))
    append.opened(node.db, row.id)
    audit.note(node, actor, "report_answered", row.id)


def _words(text: str) -> str:
    try:
        return Text().from_text(text.strip())
    except ValueError as error:
        raise Refusal("S4", error.args[0], "text") from error


def close(
    node: Node,
    actor: Actor | None,
    report: str,
    reason: str,
    text: str = "",
    then: Done | None = None,
) -> None:
    """Close a report for a ``reason`` of ``REASONS``, which its finder is told, with a word.

    Raises Refusal as ``answer``, and S4 for another reason.
    """
    require_reader(node, actor, alone=True)
    row = _row(node, report)
    if reason not in REASONS:
        raise Refusal("S4", "Choose a reason; the finder is told it.", "reason")
    words = _words(text) if text.strip() else ""
    with writing(node.db):
        if words:
            _say(node, actor, row, words)
        append.set_state(node.db, row.id, CLOSED, reason, node.now())
        audit.note(node, actor, "report_closed", row.id, detail={"reason": reason})
        if then is not None:
            then()


def take(desk: Desk, report: str, dossier: str) -> None:
    """Say in which dossier a report is dealt with. Raises Refusal S10, or S3 for either."""
    require_reader(desk.node, desk.actor)
    row, found = _row(desk.node, report), desk.dossier(dossier)
    with writing(desk.node.db):
        append.take(desk.node.db, row.id, found.id)
        detail = {"dossier": found.id}
        audit.note(desk.node, desk.actor, "report_taken", row.id, detail=detail)


def begin(desk: Desk, report: str) -> DraftRow:
    """Begin to open a dossier of a report: a draft with its words, for this person to go on with.

    The finder's name and address are not among them: who signs decides what others are told. Once
    it is signed the report belongs to the dossier. Raises Refusal S10 or S3.
    """
    node, actor = desk.node, desk.actor
    actor.require_person()
    require_reader(node, actor)
    row, rules = _row(node, report), protocol_of(node)
    if rules is None:
        raise AssertionError(OPENS)
    filling = Filling(_texts(desk, rules, row), TLP.AMBER_STRICT.value)
    made = drafts.begin(node, actor, kind=CHARTER, filling=filling, protocol=rules.id)
    with writing(node.db):
        append.begin(node.db, row.id, made.id)
        audit.note(node, actor, "report_begun", row.id, detail={"draft": made.id})
    return made


def _texts(desk: Desk, rules: Protocol, row: ReportRow) -> dict[str, str]:
    """Return the words of a report by the fields of an opening, as far as it has them."""
    say = desk.tongue.say
    parts = [
        row.description,
        *(
            f"{say(label)}\n{text}"
            for label, text in (
                ("Which versions", row.versions),
                ("How it can be reproduced", row.reproduce),
                ("What somebody could do with it", row.impact),
            )
            if text
        ),
    ]
    given = {"title": row.affected, "text": "\n\n".join(parts), "lang": spelled(row.language)}
    kept = {each.name: each.type for each in rules.opening.content}
    most = {name: each.most for name, each in kept.items() if isinstance(each, Text)}
    return {name: text[: most.get(name)] for name, text in given.items() if name in {*most, "lang"}}


def forget(node: Node, actor: Actor | None, report: str) -> None:
    """Erase a report with all that was said and handed over; its address shows nothing any more.

    What is left of it in the files of the database goes by ``clear``. What was said of it in a
    dossier stays, as do backups made before. Raises Refusal S10 or S3.
    """
    require_reader(node, actor, alone=True)
    row = _row(node, report)
    with writing(node.db):
        # Whoever adds to it meanwhile takes this too, and finds it gone.
        lock(node.db, "reports")
        append.forget(node.db, row.id)
        append_acts.set_cursor(node.db, ERASED, node.now())
        audit.note(node, actor, "report_erased", row.id)


def clear(node: Node) -> bool:
    """Leave nothing of erased reports in the files of the database; say whether that is so.

    While it is written anew nothing else is, so the worker does it, and not who presses a button.
    """
    since = acts.round_at(node.db, ERASED)
    if not since:
        return True
    if not compact.compact(node.db):
        return False
    with writing(node.db):
        # What was erased meanwhile is left for the next time.
        if acts.round_at(node.db, ERASED) == since:
            append_acts.set_cursor(node.db, ERASED, 0)
    return True


def as_csaf(node: Node, actor: Actor | None, report: str) -> tuple[str, bytes]:
    """Return a report as a file of CSAF 2.1, with its name. Raises Refusal S10 or S3."""
    require_reader(node, actor)
    row = _row(node, report)
    told = Reported(**{name: getattr(row, name) for name in Reported._fields})
    by = Issued(
        id=row.id,
        title=row.affected,
        name=node.settings.name,
        namespace=node.address,
        made_at=row.made_at,
        changed_at=row.changed_at,
        lang=spelled(row.language),
    )
    return f"{row.id}.json", csaf.write(told, by)


def is_read_by_somebody(node: Node) -> bool:
    """Say whether anybody here holds a mandate that reads reports."""
    rows = [row for row in people.people(node.db) if row.is_active]
    return any(hand(node, actors.of_person(node, row.id)) is not None for row in rows)


def unread(node: Node, actor: Actor) -> list[UnreadRow]:
    """Return the reports that nobody here has read, the oldest first, for who may read them."""
    return [] if hand(node, actor) is None else access.unread(node.db)
