"""Clocks as a calendar of RFC 5545, for a file or an address that calendars of people ask.

What a calendar keeps goes wherever its owner's programs take it: an entry names regime, stage and
time, and of the file its id alone. The secret of an address reads this and nothing else.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from icalendar import Calendar, Event

from comity.kernel.errors import Refusal
from comity.kernel.label import TLP, Egress, lets_out
from comity.services.casework.desk import Desk
from comity.services.people import tokens
from comity.services.people.tokens import FEED, MOST_DAYS, STRICTEST, Wish
from comity.services.response.clocks import ADVICE, Which, board

if TYPE_CHECKING:
    from collections.abc import Callable

    from comity.services.casework.telling import Tongue
    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.services.response.clocks import ClockLine

NAME = "Clocks"
TYPE = "text/calendar; charset=utf-8"
PROGRAM = "-//Comity//Clocks//EN"


def of_desk(desk: Desk) -> bytes:
    """Return the open clocks of this party's own files that are due at a known time."""
    say, now = desk.tongue.say, desk.node.now()
    calendar = Calendar()
    calendar.add("prodid", PROGRAM)
    calendar.add("version", "2.0")
    calendar.add("name", say(NAME))
    for line in board(desk, Which.OPEN).clocks:
        if line.mine and line.due is not None and lets_out(TLP(line.tlp), Egress.FILE):
            calendar.add_component(_event(line, now, say))
    return bytes(calendar.to_ical())


def _event(line: ClockLine, now: int, say: Callable[[str], str]) -> Event:
    event, due = Event(), _moment(line.due or 0)
    event.add("uid", f"{line.dossier}.{line.regime}.{line.stage}@comity")
    event.add("dtstamp", _moment(now))
    event.add("dtstart", due)
    event.add("dtend", due)
    event.add("summary", f"{line.regime_name} · {line.stage_name} · {line.words}")
    told = (*line.reasons, *line.warnings, line.source.kind, say(ADVICE), line.dossier)
    event.add("description", "\n".join(filter(None, told)))
    event.add("categories", [line.regime])
    # What anybody must ask a lawyer about is no sure date in anybody's calendar.
    event.add("status", "CONFIRMED" if line.sure else "TENTATIVE")
    event.add("transp", "TRANSPARENT")
    return event


def _moment(at_ms: int) -> datetime:
    """Return an instant to the second: a calendar knows no thousandths, and none may run longer."""
    return datetime.fromtimestamp(at_ms // 1000, UTC)


def subscribe(node: Node, actor: Actor) -> str:
    """Make a secret by which a calendar reads a person's clocks, and return it; it is kept nowhere,
    and is revoked like any token. Raises Refusal S4 or S10.
    """
    wish = Wish(
        name=NAME,
        codes=tuple(mandate.code for mandate in actor.mandates),
        lanes=tuple(actor.lanes),
        ceiling=STRICTEST,
        machine=True,
        days=MOST_DAYS,
        scopes=(FEED,),
    )
    return tokens.make(node, actor, wish, by=actor)[0]


def of_secret(node: Node, secret: str, tongue: Tongue | None = None) -> bytes:
    """Return the calendar that a secret reads. Raises Refusal S3 when none does (any more)."""
    try:
        row = tokens.of_secret(node, secret, FEED)
        actor = tokens.actor_of(node, row)
    except Refusal as refusal:
        raise Refusal("S3", "There is no such calendar here.", "") from refusal
    return of_desk(Desk(node, actor, tongue))
