"""What was seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.words import TLP_WORDS, count, read_tlp
from comity.protocols._vocabulary.rsit import RSIT
from comity.services import packs
from comity.services.sharing import landscape, searching
from comity.services.sharing.vulnerabilities import day

if TYPE_CHECKING:
    from comity.engines.landscape import Total
    from comity.services.sharing.landscape import View

app = typer.Typer()


@command(app, "landscape")
def show(
    run: Run,
    *,
    up_to: Annotated[
        str, typer.Option("--up-to", metavar="TLP", help="Made of nothing stricter than this.")
    ] = "",
) -> Answer:
    """Say what was seen, by class, sector and month, and what is not seen.

    It is made of what circles tell, own sightings and public lists. Fewer than 5 of a kind are
    never told by themselves.
    """
    finder = searching.at_the_machine(run.node)
    view = landscape.view(run.node, finder, read_tlp(up_to) if up_to else None)
    return Answer(view.to_object(), _lines(view))


def _lines(view: View) -> list[str]:
    told = view.landscape
    months = f"{view.months[0]} to {view.months[-1]}"
    lines = [f"{TLP_WORDS[view.label]}, {months}, of {count(view.read, 'object')}"]
    lines += ["Older ones are left out: there are more than are read at once."] * view.more
    lines += [f"Seen: {_sum(told.total())}; new this week: {_sum(told.new())}"]
    lines += [f"  {RSIT.get(code, code)}: {_sum(total)}" for code, total in view.by_class()]
    sectors = packs.vocabularies()["industry-sector-ov"]
    lines += [f"  {sectors.word(code)}: {_sum(total)}" for code, total in view.by_sector()]
    public = sum(view.public().values())
    lines += [f"Vulnerabilities that public lists tell of: {public:,}"]
    lines += [f"Not seen, classes: {_named([RSIT[code] for code in told.unseen_classes])}"]
    lines += [f"Not seen, sectors: {_named([*map(sectors.word, told.unseen_sectors)])}"]
    for each in told.silent:
        last = day(each.last) if each.last is not None else "never"
        lines.append(f"Nothing for 30 days of {view.name(each.source)}; last: {last}")
    for claim in told.claims:
        name = view.name(claim.source)
        lines.append(f"Claimed motive, {claim.day}, passed on by {name}: {claim.motive}")
    return lines


def _sum(total: Total) -> str:
    if total.open and not total.seen:
        return "too few to tell"
    return f"at least {total.seen:,}" if total.open else f"{total.seen:,}"


def _named(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
