"""What must be reported by when, and the reports themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.words import TLP_WORDS, count, instant, short
from comity.kernel.label import TLP
from comity.services.casework.inbox import Machine
from comity.services.identity import find
from comity.services.response import calendar, clocks, regime_reports
from comity.services.response.clocks import Which
from comity.services.response.regime_reports import ReportForm

if TYPE_CHECKING:
    from comity.services.response.clocks import ClockLine, Clocks

app = typer.Typer()
MINUTE = 60_000


@command(app, "clocks")
def show(
    run: Run,
    *,
    which: Annotated[
        Which, typer.Option("--which", help="Those open, of files not closed, late, or all.")
    ] = Which.OPEN,
    regime: Annotated[
        str, typer.Option("--regime", metavar="ID", help="Of this regime alone, as nis2.")
    ] = "",
    file: Annotated[
        str, typer.Option("--file", metavar="DOSSIER", help="Of this reporting file alone.")
    ] = "",
    mine: Annotated[bool, typer.Option("--mine", help="Of this party's own files alone.")] = False,
    ics: Annotated[
        Path | None,
        typer.Option("--ics", metavar="FILE", help="Write the open ones as a calendar."),
    ] = None,
) -> Answer:
    """Say what must be reported by when, and why then.

    A rule that nobody compared with its source says so; it is no legal advice. `regimes.yaml` in
    the node's folder adds regimes of this party's own, and days on which nobody works here.
    """
    only = find.dossier(run.node, file) if file else ""
    desk = Machine(run.node)
    found = clocks.board(desk, which, regime=regime, only=only, mine=mine)
    lines = [*_lines(found)]
    if ics is not None:
        ics.write_bytes(calendar.of_desk(desk))
        lines.append(f"Written to {ics}.")
    return Answer(asdict(found), lines)


def _lines(found: Clocks) -> Iterator[str]:
    if found.wrong:
        yield found.wrong
    if not found.clocks:
        yield "No clock runs here." if found.files else "There is no reporting file here."
    for each in found.clocks:
        yield from _clock(each)
    if found.undecided:
        names = dict.fromkeys(each.regime for each in found.undecided)
        yield f"Nobody has said whether these apply: {', '.join(names)}"
    yield found.advice


def _clock(each: ClockLine) -> Iterator[str]:
    label = TLP_WORDS[TLP(each.tlp)]
    yield f"[{short(each.dossier)}] {each.regime} {each.stage} · {each.title} ({label})"
    late = f", {_late(each.late_by)} after it was due" if each.late_by else ""
    due = f"due {instant(each.due)}" if each.due is not None else "due at no known time"
    yield f"    {each.words}{late}; {due}"
    if each.realm:
        yield f"    part of the exercise {each.realm}"
    for warning in each.warnings:
        yield f"    {warning}"
    for waited in each.waits:
        yield f"    waits for: {waited}"
    if each.forecast is not None:
        yield f"    if that is in time: {instant(each.forecast)}"
    for reason in each.reasons:
        yield f"    - {reason}"
    for words, at in each.earlier:
        yield f"    said before, and corrected: {words}, {instant(at)}"
    if each.source.kind:
        yield f"    {each.source.kind}"
    yield f"    {', '.join(filter(None, (each.source.title, each.source.url)))}"


def _late(milliseconds: int) -> str:
    minutes = -(-milliseconds // MINUTE)
    hours = f"{count(minutes // 60, 'hour')} " if minutes >= 60 else ""
    return f"{hours}{count(minutes % 60, 'minute')}"


@command(app, "regime-report")
def report(
    run: Run,
    dossier: Annotated[str, typer.Argument(metavar="DOSSIER", help="The reporting file.")],
    regime: Annotated[str, typer.Argument(metavar="REGIME", help="As nis2.")],
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="As early_warning.")],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it to this file.")
    ] = None,
    format_: Annotated[
        ReportForm, typer.Option("--format", help="As what it is written to a file.")
    ] = ReportForm.TEXT,
) -> Answer:
    """Write what a report under a regime asks for, and what is known here.

    It is to be finished, and given to the authority by its own way; then `comity say DOSSIER
    reported` with the file says that it was.
    """
    desk = Machine(run.node)
    found = regime_reports.report(desk, find.dossier(run.node, dossier), regime, stage)
    if out is not None:
        out.write_bytes(regime_reports.written(desk, found, format_))
        return Answer(asdict(found), [f"Written to {out}."])
    return Answer(asdict(found), regime_reports.as_text(found, str).splitlines())
