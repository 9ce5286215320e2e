"""Looking up whether an announced activity explains an address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.words import TLP_WORDS, count, instant, short
from comity.kernel.errors import Refusal
from comity.kernel.fieldtypes import instant_from_text
from comity.kernel.label import TLP
from comity.services.casework import explaining
from comity.services.casework.inbox import Machine

if TYPE_CHECKING:
    from comity.services.casework.explaining import Announcement, Explained

app = typer.Typer()


@command(app, "explain")
def explain(
    run: Run,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="An address or range: 192.0.2.7, 2001:db8::/48")
    ],
    *,
    at: Annotated[
        str,
        typer.Option("--at", metavar="INSTANT", help="As 2026-05-03T02:40Z. [default: now]"),
    ] = "",
    margin: Annotated[
        int,
        typer.Option("--margin", metavar="MINUTES", help="Give or take so many minutes."),
    ] = 0,
) -> Answer:
    """Say whether an announced activity explains an address at an instant.

    It is looked up in what this node holds, also without a network, and nobody else learns of it.
    That nothing is found proves nothing.
    """
    asked = explaining.question(address, _instant(at) if at else run.node.now(), margin)
    found = explaining.explain(Machine(run.node), asked)
    return Answer(asdict(found), _lines(found))


def _instant(text: str) -> int:
    try:
        return instant_from_text(text)
    except ValueError as error:
        raise Refusal("S4", f"--at: {error.args[0]}.", explaining.AT) from error


def _lines(found: Explained) -> Iterator[str]:
    about = f"{found.range} at {instant(found.at)}"
    about += f", give or take {count(found.margin, 'minute')}" if found.margin else ""
    if not found.announcements:
        yield f"No announcement here holds {about}."
    for each in found.announcements:
        yield from _announcement(each)
    if found.more:
        yield f"{count(found.more, 'more announcement')} left out; ask about less."
    yield found.note


def _announcement(each: Announcement) -> Iterator[str]:
    told = "" if each.explains else ": it explains nothing"
    yield f"[{short(each.dossier)}] {each.title}"
    yield f"    {each.label}{told}; announced by {each.name} ({TLP_WORDS[TLP(each.tlp)]})"
    near = "" if each.within else "; the instant is outside, within the margin"
    yield f"    from {instant(each.begins)} to {instant(each.ends)}{near}"
    yield f"    addresses {', '.join(each.ranges)}"
    late = ": afterwards" if each.afterwards else ""
    yield f"    announced {instant(each.said)}, here since {instant(each.received)}{late}"
    if each.realm:
        yield f"    part of the exercise {each.realm}"
