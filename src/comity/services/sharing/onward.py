"""Forwarding an object, as a person does: to which circles it may go, why not to others, and who
signs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.errors import Refusal
from comity.protocols.sharing.circle import PROTOCOL
from comity.services.casework import dossiers
from comity.services.people import audit, mandates
from comity.services.people.mandates import Hand
from comity.services.sharing import browsing, forwarding, searching
from comity.services.sharing.circles import CIRCLE
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.kernel.ids import Id
    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.services.sharing.about import Held
    from comity.services.sharing.browsing import Place
    from comity.services.sharing.searching import Finder

FORWARD = "forward"


class Choice(NamedTuple):
    """A circle that an object might be forwarded to, and why it may not be; in which ``role`` a
    person signs that, and whether ``alone``.
    """

    place: Place
    refusal: Refusal | None
    role: str
    alone: bool


def choices(node: Node, finder: Finder, held: Held) -> list[Choice]:
    """Return the other circles in which this person forwards objects, those allowed first."""
    desk = finder.desk
    if desk is None:
        return []
    _, shelves = searching.seen_by(node, finder)
    rows = desk.seen(row.source for row in shelves.values() if row.kind == CIRCLE)
    places = browsing.places(node, shelves.values())
    found = []
    for shelf in shelves.values():
        row = rows.get(shelf.source)
        if row is None or shelf.id == held.place.id or row.state != dossiers.ACTIVE:
            continue
        if under := desk.under(row, FORWARD):
            why, place = forwarding.why_not(node, shelf, held.added), places[shelf.number]
            found.append(Choice(place, why, under[0].code, under[1] is Hand.ALONE))
    return sorted(found, key=lambda each: (each.refusal is not None, each.place.title.lower()))


def forward(node: Node, actor: Actor, held: Held, choice: Choice) -> Id:
    """Sign that an object is forwarded into a circle, and return the act.

    Raises Refusal S10 for who may not sign it alone, L1 to L6 where it may not go there, and as
    signing does.
    """
    if not choice.alone:
        told = "What is forwarded cannot be kept for a second person. Ask who may sign it alone."
        raise Refusal("S10", told, FORWARD)
    done = forwarding.forward(node, choice.place.dossier, [held.added], by={"role": choice.role})
    if done.refused:
        raise done.refused[0][1]
    with writing(node.db):
        audit.note(node, actor, "said", done.acts[0], detail={"kind": FORWARD})
    return done.acts[0]


def alone(node: Node, kind: str, lanes: Iterable[str] = PROTOCOL.lanes) -> list[str]:
    """Return the codes of the mandates under which an act of circles is signed alone."""
    among = {*lanes}
    return [
        code
        for code, mandate in mandates.of_node(node).items()
        if among & {*mandate.lanes} and mandate.hand(PROTOCOL.name, kind) is Hand.ALONE
    ]
