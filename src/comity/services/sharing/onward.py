"""Forwarding an object, as a person does: to which circles it may go, why not to others, and who
signs, at once or as the second of two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comity.protocols.sharing.circle import PROTOCOL
from comity.services.casework import dossiers, drafts, signing
from comity.services.casework.drafts import Filling
from comity.services.people import audit, mandates
from comity.services.people.mandates import Hand
from comity.services.sharing import browsing, carrying, forwarding, searching
from comity.services.sharing.circles import CIRCLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.kernel.canon import Object
    from comity.kernel.errors import Refusal
    from comity.kernel.ids import Id
    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.services.sharing.about import Held
    from comity.services.sharing.browsing import Place
    from comity.services.sharing.searching import Finder

FORWARD = forwarding.KIND


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


def forward(node: Node, actor: Actor, held: Held, choice: Choice) -> Id | None:
    """Sign that an object is forwarded into a circle, and return the act; where a second person has
    to approve it, keep it for one, and return None.

    Raises Refusal L1 to L6 where it may not go there, and as signing and keeping drafts do.
    """
    if not choice.alone:
        _hand_on(node, actor, held, choice.place.dossier)
        return None

    def note(act: Id) -> None:
        audit.note(node, actor, "said", act, detail={"kind": FORWARD})

    by: Object = {"role": choice.role}
    return forwarding.forward_one(node, choice.place.dossier, held.added, by=by, then=note)


def _hand_on(node: Node, actor: Actor, held: Held, dossier: str) -> None:
    filling = Filling(texts={carrying.ADDED: str(held.added)}, tlp=held.tlp.value)
    row = drafts.begin(node, actor, kind=FORWARD, filling=filling, dossier=dossier)
    signing.prepare(node, actor, row.id)


def alone(node: Node, kind: str, lanes: Iterable[str] = PROTOCOL.lanes) -> list[str]:
    """Return the codes of the mandates under which an act of circles is signed alone."""
    among = {*lanes}
    return [
        code
        for code, mandate in mandates.of_node(node).items()
        if among & {*mandate.lanes} and mandate.hand(PROTOCOL.name, kind) is Hand.ALONE
    ]
