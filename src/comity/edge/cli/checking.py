"""Checking contacts: a campaign over several parties, its reminders, its end, and what it found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import yaml

from comity.edge.cli import sending
from comity.edge.cli.run import Answer, Dir, Json, Run, Yes, command
from comity.edge.cli.words import count, instant, short
from comity.engines import reach
from comity.kernel.errors import Refusal
from comity.protocols.trust.contact_check import codes
from comity.services.casework import checking_contacts, contact_figures, contact_plans, readers
from comity.services.casework.inbox import Machine
from comity.services.directory import planning
from comity.services.identity import find, roster

if TYPE_CHECKING:
    from comity.engines.reach import Figure, Series
    from comity.kernel.ids import PartyId
    from comity.services.casework.contact_figures import Baseline, Found, Result

app = typer.Typer()
group = typer.Typer(no_args_is_help=True)
app.add_typer(group, name="check-contacts")
LARGEST = 4 * 1024 * 1024
"""The largest file that is read as a plan, in bytes."""
MEASURES = {
    reach.REACHED: "reached",
    reach.IN_TIME: "answered in time",
    reach.MEDIAN: "half answered within",
    reach.NINETIETH: "nine tenths within",
    reach.CORRECTED: "fields corrected",
    reach.DEPUTIES: "contacts with a tested deputy",
    reach.HALF_LIFE: "half-life of a record",
    contact_figures.FRESH: "contacts told of within a year before",
}
HOURS = {reach.MEDIAN, reach.NINETIETH}
OUTCOMES = {codes.WAITING: "waiting", **codes.RESULTS, **codes.ANSWERS}

CampaignArg = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The handle of the campaign.")]


@group.callback()
def _start(ctx: typer.Context, *, folder: Dir = None, as_json: Json = False) -> None:
    """Check by each channel whether contacts are reached, and right."""
    root = ctx.find_root().obj
    root.folder, root.json = folder or root.folder, root.json or as_json


@command(group, "plan")
def plan_(
    run: Run,
    dossier: Annotated[str, typer.Argument(metavar="DOSSIER", help="A community, by its id.")],
    *,
    campaign: Annotated[str, typer.Option("--campaign", metavar="HANDLE", help="As 2026-autumn.")],
    title: Annotated[str, typer.Option("--title", help="What stands in each check.")],
    level: Annotated[int, typer.Option("--level", help="0 to 3.")] = 2,
    due: Annotated[int, typer.Option("--hours", help="Hours of work to answer in.")] = 24,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Where to write it. [default: the output]"
        ),
    ] = None,
) -> Answer:
    """Draw up a plan for checking all contacts of others in a community.

    Look at it, change what you like, and start it. It names no person.
    """
    id_ = find.dossier(run.node, dossier)
    value = planning.draw_up(
        Machine(run.node), id_, campaign=campaign, title=title, level=level, due=due
    )
    text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    if out is None:
        return Answer({"plan": value}, text.splitlines())
    out.write_text(text, encoding="utf-8")
    told = f"{count(len(value['checked']), 'check')} planned in {out}."
    return Answer({"plan": value, "file": str(out)}, [told])


@command(group, "start")
def start(
    run: Run,
    plan: Annotated[
        Path,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="What to ask of whom."),
    ],
    *,
    yes: Yes = False,
) -> Answer:
    """Open a check for each party of a plan, and ask each contact by each channel.

    Run it again after it was broken off: what was opened and asked before is left alone.
    """
    campaign, checked = contact_plans.read(run.node, _plan(plan))
    who = readers.of_members(run.node, [each.party for each in checked if each.party is not None])
    seats = [each.seat for each in checked if each.party is None]
    lines = [f"Campaign {campaign.name}, level {campaign.level}: {campaign.title}"]
    lines.append("A check of its own, which nobody else reads, for each of:")
    lines += [f"  {reader.name}" for reader in who]
    lines += [f"  {seat} (without a node: send it what is asked as a letter)" for seat in seats]
    sending.confirm(run, lines, f"Sign and send {count(len(checked), 'check')}?", yes=yes)
    started = checking_contacts.start(run.node, campaign, checked)
    opened = sum(each.opened for each in started)
    asked = sum(each.probes for each in started)
    value: dict[str, object] = {
        "campaign": campaign.name,
        "checks": [each._asdict() for each in started],
    }
    done = f"Opened {count(opened, 'check')}, sent {count(asked, 'probe')}."
    left = len(started) - opened
    return Answer(value, [done, *([f"{left} were open before."] if left else [])])


class _Plain(yaml.SafeLoader):
    """YAML in which nothing refers to anything else: some lines could stand for millions."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Return the next node. Raises YAMLError for a reference."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("write out what *a name* stands for")
        return super().compose_node(parent, index)


def _plan(path: Path) -> object:
    if path.stat().st_size > LARGEST:
        raise Refusal("S4", "The plan is too large; put the parties into several campaigns.")
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Plain)  # noqa: S506  a safe one
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal("S4", f"The plan is no YAML that can be read: {error}", str(path)) from error


@command(group, "remind")
def remind(
    run: Run,
    campaign: Annotated[
        str, typer.Argument(metavar="[CAMPAIGN]", help="Of one campaign. [default: of all]")
    ] = "",
) -> Answer:
    """Send the reminders whose time has come, and note which nodes took a probe of level 0.

    When half and nine tenths of the time have passed; then to the deputy, by a second channel, and
    to the authority. Run it as often as you like: each goes out once.
    """
    done = checking_contacts.go_on(run.node, campaign)
    words = {**codes.STAGES, **codes.RESULTS}
    lines = [f"[{short(each.dossier)}] {words[each.word]}" for each in done]
    value: dict[str, object] = {"done": [each._asdict() for each in done]}
    return Answer(value, lines or ["Nothing is to be said now."])


@command(group, "close")
def close(
    run: Run,
    campaign: CampaignArg,
    *,
    stop: Annotated[bool, typer.Option(help="Close although some have time left.")] = False,
) -> Answer:
    """Close a campaign: who was asked and has not answered was silent.

    Silence is no refusal, and an answer that comes later still counts.
    """
    closed = checking_contacts.close(run.node, campaign, stop=stop)
    return Answer(
        {"campaign": campaign, "closed": closed}, [f"Closed {count(len(closed), 'check')}."]
    )


@command(group, "stats")
def stats(
    run: Run,
    campaign: CampaignArg,
    *,
    publish: Annotated[
        bool, typer.Option(help="Only what may be given to others: figures over five or more.")
    ] = False,
) -> Answer:
    """Say what a campaign found: each result, for you alone, and figures.

    Figures for others tell of no fewer than five parties, also by subtraction, and only once the
    campaign is closed. No party is ranked. What belongs to an exercise is not counted.
    """
    found = contact_figures.of_campaign(Machine(run.node), campaign)
    value: dict[str, object] = {
        "campaign": found.campaign,
        "checks": found.checks,
        "open": found.open,
        "exercises": found.exercises,
        "published": _values(found.published),
        "baseline": asdict(found.baseline),
    }
    if publish:
        if found.open:
            told = "Figures are for others once the campaign is closed; close it first."
            raise Refusal("S4", told, campaign)
        return Answer(value, _figures(found.published, found.baseline))
    value |= {"own": _values(found.own), "results": [asdict(each) for each in found.results]}
    return Answer(value, _lines(found, roster.names(run.node)))


def _values(series: Iterable[Series]) -> list[dict[str, object]]:
    return [
        {
            "measure": each.measure,
            "channel": each.channel,
            "value": each.figures[reach.ALL].value,
            "parties": each.figures[reach.ALL].parties,
        }
        for each in series
    ]


def _lines(found: Found, names: dict[PartyId, str] | dict[str, str]) -> Iterator[str]:
    yield f"{count(found.checks, 'check')}, {found.open} open; for you alone:"
    called = {str(id_): name for id_, name in names.items()}
    for each in found.results:
        who = called.get(each.who, each.who)
        yield f"  {who} · {each.contact} · {each.channel}: {_result(each)}"
    yield from _figures(found.own, found.baseline)
    if found.exercises:
        yield f"{count(found.exercises, 'check')} of an exercise not counted."


def _result(result: Result) -> str:
    at = result.answered or result.due
    late = ", late" if result.answered and result.answered > result.due else ""
    word = "answered" if result.answered else "due"
    return f"{OUTCOMES[result.outcome]}; {word} {instant(at)}{late}"


def _figures(series: Iterable[Series], baseline: Baseline) -> Iterator[str]:
    for each in series:
        figure = each.figures[reach.ALL]
        about = f"{each.channel or 'all channels'}, {MEASURES[each.measure]}"
        beside = ""
        if each.measure == reach.REACHED and each.channel in baseline.channels:
            mean = baseline.channels[each.channel]
            checked = "" if baseline.verified else ", not checked in its source"
            beside = f" ({baseline.title} {baseline.years}, other contacts: {mean} %{checked})"
        yield f"  {about}: {_figure(each.measure, figure)}{beside}"


def _figure(measure: str, figure: Figure) -> str:
    if figure.is_withheld:
        return "not told, for it would tell of too few"
    if figure.value is None:
        return "nothing to tell"
    if measure in HOURS:
        told = f"{figure.value:.0f} h"
    elif measure == reach.HALF_LIFE:
        told = f"{figure.value:.0f} days"
    else:
        told = f"{100 * figure.value:.0f} %"
    return f"{told}, of {figure.parties}"
