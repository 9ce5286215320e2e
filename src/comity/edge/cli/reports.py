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
from comity.services.response import waiting as many
from comity.services.response.intake import REASONS
from comity.store.access.reports import CLOSED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from comity.services.response.intake import Case
    from comity.services.response.waiting import Heap
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
    waiting: Annotated[
        bool,
        typer.Option("--waiting", help="List what waits unread as heaps: by its words, by day."),
    ] = False,
    clear: Annotated[
        str,
        typer.Option(
            metavar="DEED", help=f"With --waiting and a heap: {', '.join(many.DEEDS)} all of it."
        ),
    ] = "",
    yes: Yes = False,
) -> Answer:
    """Read what people without a node reported of vulnerabilities, answer, or close it.

    Without REPORT, all are listed. Who reads one here has read it: it needs nobody on the pages any
    more until its finder says more. With --waiting, REPORT is a heap of them. Whether anybody may
    report is `intake` in node.json.
    """
    if waiting or clear:
        _require_heap(report_, clear, [answer, close, csaf, save, erase], waiting=waiting)
        return _waiting(run, report_, clear, yes=yes)
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


def _require_heap(key: str, deed: str, others: Sequence[object], *, waiting: bool) -> None:
    """Raise Refusal S4 for an option that would be passed over."""
    if not waiting or any(others) or bool(key) != bool(deed):
        told = "Give --waiting alone to list heaps, or with a heap and --clear to clear it away."
        raise Refusal("S4", told, key)


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


def _waiting(run: Run, key: str, deed: str, *, yes: bool) -> Answer:
    """List the heaps, or clear away the one of this key as it is now."""
    found = many.heaps(run.node, None)
    if not deed:
        load = many.load(run.node, None)
        value: dict[str, object] = {
            "waiting": load._asdict(),
            "heaps": [heap._asdict() for heap in found],
        }
        return Answer(value, [f"{load.number} wait unread.", *map(_heap, found)])
    heap = next((heap for heap in found if heap.key == key), None)
    if heap is None:
        raise Refusal("S3", "There is no such heap; `comity report --waiting` lists them.", key)
    if deed == many.ERASE:
        sending.confirm(run, [_heap(heap)], f"Erase {heap.number} reports, for good?", yes=yes)
    count = many.clear_away(run.node, None, key, deed, heap.newest)
    return Answer({"heap": key, "cleared": count}, [f"Cleared away: {count}."])


def _heap(heap: Heap) -> str:
    what = f"the words of {heap.affected}" if heap.by_words else "one day"
    times = f"{instant(heap.oldest)} to {instant(heap.newest)}"
    return f"[{heap.key}] {heap.number} of {what}, {heap.size} bytes, {times}"


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
