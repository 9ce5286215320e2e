"""Incidents, as they stand."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli.dossiers import DossierArg
from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.words import instant, short
from comity.services.casework.inbox import Machine
from comity.services.identity import find
from comity.services.response import headpage, incidents, nextto

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.services.response.incidentview import Description, Helper, Incident
    from comity.services.response.nextto import NextToTell

app = typer.Typer()


@command(app, "incident")
def incident(
    run: Run,
    dossier: DossierArg,
    sheet: Annotated[
        Path | None,
        typer.Option("--sheet", help="Write one sheet for the head of the agency, as DOCX."),
    ] = None,
    *,
    next_: Annotated[
        bool, typer.Option("--next", help="Show who should be told next, and why.")
    ] = False,
) -> Answer:
    """Show an incident as it stands: facts, help, tasks, who meets whom.

    Levels are worked out here from what each party told, and said to nobody. Who should be told
    next is proposed from that and from the directory; nobody is told by it.
    """
    desk, id_ = Machine(run.node), find.dossier(run.node, dossier)
    if next_:
        told = nextto.proposed(desk, id_)
        return Answer(asdict(told), [*_next(told)] or ["Nobody is proposed."])
    if sheet is not None:
        sheet.write_bytes(headpage.document(desk, headpage.make(desk, id_)))
        return Answer({"file": str(sheet)}, [f"Written to {sheet}."])
    found = incidents.read(desk, id_)
    return Answer(asdict(found), [*_lines(found)] or ["Nothing is known of it yet."])


def _next(told: NextToTell) -> Iterator[str]:
    for each in told.proposed:
        yield f"{each.name} [{short(each.party) if each.party else each.seat}]"
        yield from (f"  {why}" for why in each.why)
    if told.left:
        yield f"{told.left} more are left out."


def _lines(found: Incident) -> Iterator[str]:
    if found.wrong:
        yield found.wrong
    for told in found.descriptions:
        yield from _description(told)
    for each in found.timeline:
        exact = f" ({each.precision})" if each.precision else ""
        yield f"{instant(each.at)}{exact}  {each.what}, {each.name}"
    yield from _help(found)
    for meant in found.intentions:
        meets = f"  SAME TARGET: {', '.join(meant.meets)}" if meant.meets else ""
        until = f"{instant(meant.begins)} – {instant(meant.ends)}"
        yield f"{meant.name} is about to: {meant.verb}, {until}{meets}"
    for task in found.tasks:
        due = f", by {instant(task.due)}{' LATE' if task.late else ''}" if task.due else ""
        yield f"Task of {task.name}: {task.title or task.act[:8]}, {task.state}{due}"
    for link in found.links:
        yield f"{link.name}: {link.relation} {link.title or link.dossier[:8]}"
    if found.left:
        yield f"{found.left} older entries are left out."


def _description(told: Description) -> Iterator[str]:
    yield f"{told.name}, {instant(told.time)}"
    for fact in told.facts:
        yield f"  {fact.label}: {fact.value}"
    for each in told.ratings:
        if each.level:
            least = "" if each.exact else "at least "
            because = f" (because of: {', '.join(each.reasons)})"
            yield f"  → {each.title}: {least}{each.words}{because}{_mark(verified=each.verified)}"


def _mark(*, verified: bool) -> str:
    return "" if verified else " [not verified]"


def _help(found: Incident) -> Iterator[str]:
    for asked in found.asked:
        result = f" – {asked.result}" if asked.result else ""
        yield f"{asked.name} asks: {asked.verb}, whether by {instant(asked.whether_by)}{result}"
        yield from map(_helper, asked.helpers)
    for offer in found.offered:
        yield f"{offer.name} offers {offer.to}: {offer.verbs}, {offer.words}"


def _helper(each: Helper) -> str:
    said = " / ".join(each.answers) or ("delivered" if each.helped else "no word yet")
    when = f", by {instant(each.when)}" if each.when else ""
    return f"  {each.name}: {said}{when}{' LATE' if each.late else ''}"
