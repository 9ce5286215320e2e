"""Reports of vulnerabilities that people without a node sent at the pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli import sending
from comity.edge.cli.run import Answer, Run, Yes, command
from comity.edge.cli.words import instant, short
from comity.kernel.errors import Refusal
from comity.services.casework import filing
from comity.services.response import reports
from comity.services.response.intake import REASONS
from comity.store.access.reports import CLOSED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from comity.services.response.intake import Case
    from comity.store.access.reports import ReportRow

app = typer.Typer()
MOST = 1000
"""Reports that are listed: the newest."""


@command(app, "report")
def report(
    run: Run,
    report_: Annotated[
        str, typer.Argument(metavar="REPORT", help="Which one: the start of its id.")
    ] = "",
    *,
    answer: Annotated[
        str, typer.Option(metavar="TEXT", help="Say this to the finder, at the report's address.")
    ] = "",
    close: Annotated[
        str,
        typer.Option(metavar="REASON", help=f"Close it: {', '.join(REASONS)}. The finder is told."),
    ] = "",
    csaf: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it as a document of CSAF 2.1.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Save its files there.")
    ] = None,
    erase: Annotated[
        bool, typer.Option("--erase", help="Erase it, with all that was said and handed over.")
    ] = False,
    yes: Yes = False,
) -> Answer:
    """Read what people without a node reported of vulnerabilities, answer, or close it.

    Without REPORT, all are listed. Who reads one here has read it: it needs nobody on the pages any
    more until its finder says more. Whether anybody may report is `intake` in node.json.
    """
    _require_apart(report_, [answer, close, csaf, save], erase=erase)
    if not report_:
        return _listed(run)
    row = _found(run, report_)
    if erase:
        question = f"Erase the report about {row.affected}, for good?"
        sending.confirm(run, [*_head(row)], question, yes=yes)
        return _erased(run, row)
    if close:
        reports.close(run.node, None, row.id, close, answer)
    elif answer:
        reports.answer(run.node, None, row.id, answer)
    case = reports.read(run.node, None, row.id)
    return Answer(_value(case), [*_lines(case), *_written(run, case, csaf, save)])


def _require_apart(report_: str, others: Sequence[object], *, erase: bool) -> None:
    """Raise Refusal S4 for an option that would be passed over."""
    if not report_ and (erase or any(others)):
        raise Refusal("S4", "Say which report is meant, by the start of its id.")
    if erase and any(others):
        told = "Give --erase alone: answer, close or save the report first, and then erase it."
        raise Refusal("S4", told, report_)


def _found(run: Run, start: str) -> ReportRow:
    rows = [row for row in reports.listed(run.node, None, limit=MOST) if row.id.startswith(start)]
    if not rows:
        # One older than those that are listed is found by its whole id.
        return reports.require(run.node, None, start)
    if len(rows) > 1:
        raise Refusal("S4", "Several reports begin so; write more of it.", start)
    return rows[0]


def _listed(run: Run) -> Answer:
    rows = reports.listed(run.node, None, limit=MOST)
    return Answer(
        {"reports": [row._asdict() for row in rows]},
        [next(_head(row)) for row in rows] or ["Nobody has reported anything here."],
    )


def _head(row: ReportRow) -> Iterator[str]:
    state = f"{row.state}: {REASONS[row.reason]}" if row.state == CLOSED else row.state
    unread = ", not read" if row.unread else ""
    yield f"[{short(row.id)}] {row.affected}: {state}{unread}, {instant(row.made_at)}"


def _erased(run: Run, row: ReportRow) -> Answer:
    reports.forget(run.node, None, row.id)
    gone = reports.clear(run.node)
    left = "" if gone else " The database was busy: its files may hold some of it for a while."
    return Answer({"erased": row.id, "gone": gone}, [f"Erased.{left}"])


def _value(case: Case) -> dict[str, object]:
    return {
        **case.row._asdict(),
        "notes": [note._asdict() for note in case.notes],
        "files": [file._asdict() for file in case.files],
    }


def _lines(case: Case) -> Iterator[str]:
    row = case.row
    yield from _head(row)
    told = {
        "Versions": row.versions,
        "The flaw": row.description,
        "To reproduce": row.reproduce,
        "Impact": row.impact,
        "Known to the public": row.public,
        "Exploited": row.exploited,
        "Publication meant for": "" if row.planned is None else instant(row.planned),
        "Name": f"{row.name}{', wants to be named' if row.credit else ''}",
        "Mail": row.mail,
        "Dossier": row.dossier and short(row.dossier),
    }
    for label, text in told.items():
        if text:
            first, *rest = text.split("\n")
            yield f"{label}: {first}"
            yield from (f"    | {line}" for line in rest)
    for note in case.notes:
        who = (note.name or "this machine") if note.ours else "the finder"
        yield f"{who}, {instant(note.at)}"
        yield from (f"    | {line}" for line in note.text.split("\n"))
    for file in case.files:
        yield f"File: {file.name}, {file.size} bytes"


def _written(run: Run, case: Case, csaf: Path | None, save: Path | None) -> Iterator[str]:
    if csaf is not None:
        csaf.write_bytes(reports.as_csaf(run.node, None, case.row.id)[1])
        yield f"Written: {csaf}"
    if save is not None:
        save.mkdir(parents=True, exist_ok=True)
        for file in case.files:
            name, data = reports.file(run.node, None, case.row.id, file.id)
            target = filing.free(save / name)
            target.write_bytes(data)
            yield f"Saved: {target}"
