"""Reports under a regime, pre-filled with what its file and the incident's dossier say.

A report is a draft for a person: what is asked for stands beside what is known here, and what is
not known is left open and said to be. It is exported as text, JSON or DOCX, and may be kept as the
file of what was reported. Nothing of it is sent to anybody by itself.

It carries the marking of the reporting file that it is made from, whatever that of the incident is:
nothing is filled in from an incident that is marked more strictly.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from comity.bridges import docx
from comity.bridges.docx import HEADING, ROWS, Block
from comity.engines.instants import exact, rfc3339
from comity.kernel.errors import Phrase
from comity.kernel.label import TLP, Egress, require_way_out
from comity.protocols.response.reporting.acts import Reported
from comity.protocols.response.reporting.codes import EVENTS
from comity.services.casework import drafts, marking, tongues
from comity.services.casework.drafts import Filling
from comity.services.response import clocks, files, rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from comity.services.casework.desk import Desk
    from comity.services.response.clocks import ClockLine
    from comity.services.response.files import File
    from comity.store.access.drafts import DraftRow

OPEN = "To be filled in"
KNOWN = "What is known here"
ASKED = "What is asked for"
WHOSE = "The marking is that of the reporting file of {party}, from which this was made."
STRICTER = (
    "It is marked more strictly than this file, so nothing of it is filled in here. Read it there, "
    "and write only what its marking lets you."
)
"""What is said in place of an incident whose label is above that of the file."""


class ReportForm(StrEnum):
    """As what a report is taken."""

    TEXT = "text"
    JSON = "json"
    DOCX = "docx"


ENDINGS = {ReportForm.TEXT: "txt", ReportForm.JSON: "json", ReportForm.DOCX: "docx"}


@dataclass(frozen=True, slots=True)
class RegimeReport:
    """A report to be finished: of ``regime`` and ``stage``, ``to`` whom; ``due`` in ms or None;
    ``known`` as (label, value), ``asked`` as (what is asked for, "" to be filled in); the
    ``warnings`` of its clock and the ``source`` of the rule, with its ``kind`` if it is no law. Its
    ``marking`` is that of its file, and ``whose`` says so; ``realm`` is the exercise that it is
    part of, "" if none.
    """

    regime: str
    regime_name: str
    stage: str
    stage_name: str
    to: str
    party: str
    name: str
    dossier: str
    title: str
    tlp: str
    made_at: int
    due: int | None
    known: tuple[tuple[str, str], ...]
    asked: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    advice: str
    source: str
    url: str
    kind: str
    realm: str
    marking: str
    whose: str


def report(desk: Desk, dossier: str, regime: str, stage: str) -> RegimeReport:
    """Return the report of a stage of a regime, as far as it is known here. Raises Refusal S3."""
    line = clocks.one(desk, dossier, regime, stage)
    (file,) = files.of_desk(desk, dossier)
    say = desk.tongue.say
    return RegimeReport(
        regime=regime,
        regime_name=line.regime_name,
        stage=stage,
        stage_name=line.stage_name,
        to=line.to,
        party=line.party,
        name=line.name,
        dossier=dossier,
        title=line.title,
        tlp=line.tlp,
        made_at=desk.node.now(),
        due=line.due,
        known=tuple(_known(desk, file, line)),
        asked=tuple((each, "") for each in line.contents),
        warnings=line.warnings,
        advice=say(clocks.ADVICE),
        source=line.source.title,
        url=line.source.url,
        kind=line.source.kind,
        realm=line.realm,
        marking=marking.of(file.row, say),
        whose=Phrase(WHOSE, party=line.name).said(say),
    )


def _known(desk: Desk, file: File, line: ClockLine) -> Iterator[tuple[str, str]]:
    say = desk.tongue.say
    yield say("Who reports"), line.name
    yield say("Reporting file"), line.title
    yield from _happened(file, line.regime, say)
    yield from _reported(file, line, _names(desk, line.regime), say)
    yield from _incident(desk, file, say)


def _names(desk: Desk, regime: str) -> Mapping[str, str]:
    """Return the names of the stages of a regime, by id."""
    held = (each for each in rules.of_node(desk.node).regimes if each.id == regime)
    return {stage.id: stage.name for each in held for stage in each.stages}


def _happened(file: File, regime: str, say: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Yield what was said to have happened, for all regimes or this one, by when it was."""
    said = [
        (word.at, event)
        for (event, id_), words in file.events.items()
        for word in words
        if id_ in {"", regime}
    ]
    for at, event in sorted(said):
        yield say(EVENTS[event]), exact(at)


def _reported(
    file: File, line: ClockLine, names: Mapping[str, str], say: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    """Yield what was reported under a regime, whose stages have ``names``, and when."""
    if line.reported is not None:
        yield line.stage_name, exact(line.reported)
    for (regime, stage), words in sorted(file.reports.items()):
        if regime == line.regime and stage != line.stage:
            name = Phrase(names.get(stage, stage))
            yield Phrase("Reported before: {stage}", stage=name).said(say), exact(max(words).at)


def _incident(desk: Desk, file: File, say: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Yield what the dossier of the incident says, if this person sees it.

    The report has the label of its file, so nothing comes from what is marked more strictly.
    """
    dossier = file.incident
    row = desk.seen([dossier]).get(dossier) if dossier else None
    if row is None:
        return
    if TLP(row.ceiling) > TLP(file.row.ceiling):
        yield say("Dossier of the incident"), say(STRICTER)
        return
    telling = desk.told(row)
    found = desk.file(dossier, most=1)
    yield say("Title of the incident"), telling.title(row)
    yield say("How it stands"), telling.status(row)
    yield say("Since"), exact(row.opened_at)
    names = sorted(name for _, name, _ in found.view.members)
    yield say("Parties that know of it"), ", ".join(names)
    opening = desk.read(dossier)[1]
    yield from telling.details("charter", _terms(opening.body))


def _terms(body: dict[str, Any]) -> dict[str, Any]:
    terms = body.get("terms")
    return terms if isinstance(terms, dict) else {}


def as_text(found: RegimeReport, say: Callable[[str], str]) -> str:
    """Return a report as plain text, to be finished in any editor."""
    head = [found.marking, _title(found), found.to, f"{say('Due')}: {_due(found)}"]
    head += [*found.warnings, ""]
    known = [say(KNOWN), *(f"- {label}: {value}" for label, value in found.known), ""]
    asked = [say(ASKED)]
    asked += [f"- {label}: {value or f'[{say(OPEN)}]'}" for label, value in found.asked]
    foot = ["", *_foot(found), ""]
    return "\n".join((*head, *known, *asked, *foot))


def _foot(found: RegimeReport) -> tuple[str, ...]:
    source = " – ".join(filter(None, (found.source, found.url)))
    return tuple(filter(None, (found.advice, found.whose, source, found.kind)))


def _title(found: RegimeReport) -> str:
    return f"{found.regime_name} – {found.stage_name}"


def _due(found: RegimeReport) -> str:
    return exact(found.due) if found.due is not None else "–"


def as_docx(found: RegimeReport, say: Callable[[str], str], *, from_right: bool) -> bytes:
    """Return a report as a document of a word processor, to be finished there."""
    asked = tuple((label, value or f"[{say(OPEN)}]") for label, value in found.asked)
    blocks = (
        *(Block(docx.TEXT, each) for each in found.warnings),
        Block(ROWS, rows=((say("To"), found.to), (say("Due"), _due(found)))),
        Block(HEADING, say(KNOWN)),
        Block(ROWS, rows=found.known),
        Block(HEADING, say(ASKED)),
        Block(ROWS, rows=asked),
        *(Block(docx.TEXT, each) for each in _foot(found)),
    )
    about = f"{found.name} · {exact(found.made_at)}"
    return docx.write(_title(found), found.marking, about, blocks, from_right=from_right)


def as_json(found: RegimeReport) -> bytes:
    """Return a report as JSON, with instants in RFC 3339 beside milliseconds."""
    told = asdict(found) | {"made_at": rfc3339(found.made_at)}
    told["due"] = None if found.due is None else rfc3339(found.due)
    told["known"] = [{"label": label, "value": value} for label, value in found.known]
    told["asked"] = [{"label": label, "value": value} for label, value in found.asked]
    return orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def named(found: RegimeReport, form: ReportForm) -> str:
    """Return what the file of a report is called."""
    return f"{found.regime}-{found.stage}.{ENDINGS[form]}"


def written(desk: Desk, found: RegimeReport, form: ReportForm) -> bytes:
    """Return a report as what it is taken. Raises Refusal L2 for what is RED."""
    require_way_out(TLP(found.tlp), Egress.FILE, found.dossier)
    match form:
        case ReportForm.JSON:
            return as_json(found)
        case ReportForm.DOCX:
            right = tongues.is_from_right(desk.tongue.tag)
            return as_docx(found, desk.tongue.say, from_right=right)
        case ReportForm.TEXT:
            return as_text(found, desk.tongue.say).encode()


def keep(desk: Desk, dossier: str, regime: str, stage: str, text: str) -> DraftRow:
    """Begin the draft of a word that a stage was reported now, with its report as a file.

    ``text`` is the finished report. The person looks at all of it, and signs it, like any other.
    Raises Refusal S3, S4, or S10 when no mandate of this person covers it.
    """
    found = report(desk, dossier, regime, stage)
    now = desk.node.now()
    row = drafts.begin(
        desk.node,
        desk.actor,
        kind=Reported.KIND.kind,
        filling=Filling({"regime": regime, "stage": stage, "at": rfc3339(now)}, found.tlp),
        dossier=dossier,
    )
    with tempfile.TemporaryDirectory(dir=desk.node.spool) as folder:
        path = Path(folder) / "report"
        path.write_text(text, encoding="utf-8")
        return drafts.attach(desk.node, desk.actor, row.id, named(found, ReportForm.TEXT), path)
