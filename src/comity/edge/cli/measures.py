"""How long this party and others waited for each other."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.words import count
from comity.services.casework.inbox import Machine
from comity.services.response import measures

if TYPE_CHECKING:
    from comity.engines.measures import Figures

app = typer.Typer()
WORDS = {
    measures.ACKNOWLEDGED: ("we acknowledged", "others acknowledged what we said"),
    measures.WHETHER: ("we said whether we help", "others said whether they help us"),
    measures.HELPED: ("we first helped", "others first helped us"),
}
MINUTE = 60_000


@command(app, "measures")
def show(run: Run) -> Answer:
    """Say how long this party and others waited for each other on incidents.

    By the times that were signed, over the last twelve months, without exercises. Who has not
    replied counts: where half have not, no time is given.
    """
    found = measures.of_desk(Machine(run.node))
    lines = [f"Made of {count(found.incidents, 'incident')}"]
    for each in found.measures:
        ours, theirs = WORDS[each.what]
        lines.append(f"Until {ours if each.ours else theirs}: {_told(each.figures)}")
    lines.append(f"From the first member to the last to be told: {_told(found.told)}")
    lines.append(f"Until we reported what a clock asks for: {_told(found.clocks)}")
    embargo = found.embargo
    lines.append(f"How long embargoes were to last: {_told(embargo.agreed)}")
    ended = f"{embargo.past} at the end agreed, {embargo.withdrawn} by a party, {embargo.out} out"
    lines.append(f"How long they held: {_told(embargo.held)}; ended: {ended}")
    lines.append(f"From the first to the last who published: {_told(embargo.spread)}")
    return Answer(asdict(found), lines)


def _told(found: Figures) -> str:
    told = f"{found.n}, half within {_minutes(found.median)}, nine tenths within "
    told += f"{_minutes(found.ninetieth)}, {found.missing} overdue, {found.open} not due yet"
    return f"{told}, {found.kept} of {found.dated} in time" if found.dated else told


def _minutes(time: int | None) -> str:
    return "–" if time is None else f"{count(time // MINUTE, 'minute')}"
