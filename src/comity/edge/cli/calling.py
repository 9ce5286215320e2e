"""Who is to be called now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.words import instant, short
from comity.kernel.errors import Refusal
from comity.kernel.fieldtypes import instant_from_text
from comity.services.casework.inbox import Machine
from comity.services.directory import calling
from comity.services.directory.book import FRESH, FRESHNESS

if TYPE_CHECKING:
    from comity.services.directory.calling import Candidate, Way

app = typer.Typer()

WORK = {True: "at work now", False: "not at work now", None: "hours not known"}
LISTED = {"listed": "listed for it", "other": "another is listed for it", "open": "nobody listed"}


@command(app, "call")
def call(
    run: Run,
    *,
    party: Annotated[
        str, typer.Option("--party", metavar="PARTY", help="A party, or a seat as xx or xx_cert.")
    ],
    purpose: Annotated[
        str, typer.Option("--purpose", help="diplomatic, technical, law_enforcement, legal, policy")
    ] = "",
    language: Annotated[str, typer.Option("--language", metavar="TAG", help="As fr, ar.")] = "",
    at: Annotated[
        str, typer.Option("--at", metavar="INSTANT", help="As 2026-05-03T02:40Z. [default: now]")
    ] = "",
) -> Answer:
    """Say whom to call now: by party, purpose, language and the time of day.

    It is looked up in what this node holds, also without a network, and nobody else learns of it.
    Of the channels the one that was tested last, and answered, comes first.
    """
    when = _instant(at) if at else run.node.now()
    found = calling.call(Machine(run.node), calling.asked(party, purpose, language, at=when))
    return Answer(asdict(found), [*lines(found.candidates), *found.notes])


def lines(found: Iterable[Candidate]) -> Iterator[str]:
    """Yield whom to call as lines. What others wrote stays on its own: none can be taken for what
    this program says.
    """
    for line in (line for each in found for line in _candidate(each)):
        yield " ".join(line.splitlines())


def _instant(text: str) -> int:
    try:
        return instant_from_text(text)
    except ValueError as error:
        raise Refusal("S4", f"--at: {error.args[0]}.", "at") from error


def _candidate(each: Candidate) -> Iterator[str]:
    contact = each.contact
    yield f"{each.called} · {contact.role_label} · for {contact.seat}"
    opens = f", next {instant(each.opens)}" if each.opens else ""
    clock = f" ({each.local})" if each.local else ""
    spoken = ", ".join(each.languages) or "languages not known"
    yield f"    {WORK[each.open]}{opens}{clock}; {spoken}"
    for way in each.ways:
        yield f"    {_way(way)}"
    for line in each.deputies:
        yield f"    deputy: {line}"
    yield (
        f"    by {contact.name}, {contact.source_label}; {LISTED.get(contact.listed, '')} "
        f"[{short(contact.act)}]"
    )


def _way(way: Way) -> str:
    told = f"{way.label}: {way.text}"
    if way.tested is None:
        tested = "not tested"
    else:
        answer = "answered" if way.answered else "NOT ANSWERED"
        tested = f"tested {instant(way.tested)}, {answer}"
    age = "" if way.fresh == FRESH else f"; {FRESHNESS[way.fresh]}"
    return f"{told}  ({tested}; confirmed {instant(way.confirmed)}{age})"
