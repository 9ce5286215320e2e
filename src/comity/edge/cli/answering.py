"""Saying what an object was worth, asking its source, and answering who asks."""

from __future__ import annotations

from typing import Annotated

import typer

from comity.edge.cli.objects import moment
from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.sharing import InCircle, Object
from comity.edge.cli.words import count, read_tlp, short
from comity.kernel.errors import Refusal
from comity.protocols.sharing.circle.acts import Feedback
from comity.protocols.sharing.circle.codes import ANSWERS, ASKS, FEEDBACK, YES
from comity.services.identity import find, roster
from comity.services.sharing import answering, overview

app = typer.Typer()
Text = Annotated[str, typer.Option("--text", help="What there is to say in words.")]


@command(app, "sighting")
def sighting(
    run: Run,
    object_: Object,
    *,
    as_: Annotated[str, typer.Option("--as", metavar="CODE", help=f"{', '.join(FEEDBACK)}.")],
    number: Annotated[
        int | None, typer.Option("--count", min=1, help="How often, in all until now.")
    ] = None,
    first: Annotated[
        str, typer.Option("--first", metavar="INSTANT", help="Seen first: 2026-05-03T02:40Z.")
    ] = "",
    last: Annotated[str, typer.Option("--last", metavar="INSTANT", help="Seen last.")] = "",
    text: Text = "",
    circle: InCircle = "",
) -> Answer:
    """Say what an object was worth: seen, a false positive, out of date, or useful.

    All members of the circle by which it came read it. Whose systems they were is not said.
    """
    place = answering.newest(run.node, object_, circle)
    word = Feedback(
        part=place.part,
        as_=_code(as_, FEEDBACK, "--as"),
        count=number,
        first=moment(first, "--first") if first else None,
        last=moment(last, "--last") if last else None,
    )
    signed = answering.feedback(run.node, place, word, text)
    value: dict[str, object] = {"id": signed, "dossier": place.dossier, "object": place.id}
    return Answer(value, [f"Said in {place.title}: {FEEDBACK[as_]} [{short(signed)}]."])


def _code(text: str, known: dict[str, str], option: str) -> str:
    if text not in known:
        raise Refusal("S4", f"{option} is one of: {', '.join(known)}.", text)
    return text


@command(app, "ask-source")
def ask_source(
    run: Run,
    object_: Object,
    *,
    what: Annotated[str, typer.Option("--for", metavar="CODE", help=f"{', '.join(ASKS)}.")],
    text: Annotated[str, typer.Option("--text", help="Why you ask.")],
    circle: InCircle = "",
) -> Answer:
    """Ask who published an object for a wider label, or for permission to forward it.

    It is owed an answer, which `comity permit` gives.
    """
    place = answering.newest(run.node, object_, circle)
    signed = answering.ask(run.node, place, _code(what, ASKS, "--for"), text)
    who = roster.names(run.node).get(place.author, short(place.author))
    value: dict[str, object] = {"id": signed, "dossier": place.dossier, "party": place.author}
    return Answer(value, [f"Asked {who} for {ASKS[what]} [{short(signed)}]."])


@command(app, "permit")
def permit(
    run: Run,
    message: Annotated[
        str, typer.Argument(metavar="[MESSAGE]", help="The ask. [default: list those open]")
    ] = "",
    *,
    answer: Annotated[str, typer.Option("--answer", metavar="CODE", help="yes or no.")] = YES,
    tlp: Annotated[
        str, typer.Option("--tlp", metavar="LEVEL", help="The wider label, if that is asked for.")
    ] = "",
    text: Text = "",
) -> Answer:
    """Answer who asks about what this party published, or list who does."""
    if not message:
        return _asks(run)
    label = read_tlp(tlp) if tlp else None
    act = find.act(run.node, message)
    signed = answering.permit(run.node, act, _code(answer, ANSWERS, "--answer"), label, text)
    return Answer({"id": signed, "ask": act}, [f"Answered: {answer} [{short(signed)}]."])


def _asks(run: Run) -> Answer:
    names = roster.names(run.node)
    found = [(each, ask) for each in overview.all_circles(run.node) for ask in each.asks]
    lines = [
        f"[{short(ask.act)}] {names.get(ask.by, short(ask.by))} asks for {ASKS[ask.what]}, "
        f"of {'all of ' if ask.part is None else ''}[{short(ask.of)}] in {each.title}"
        for each, ask in found
    ]
    value: dict[str, object] = {"asks": [ask._asdict() for _, ask in found]}
    return Answer(value, lines or [f"{count(0, 'ask')} open."])
