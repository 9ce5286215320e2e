"""A forward that is kept for a second person: what it would carry on, told and signed.

It is kept by when the object was added to the collection it comes from. Whether it may go, and
whether who signs sees it there, is asked when it is signed: it may have been taken back meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson

from comity.kernel.errors import Refusal
from comity.kernel.label import Egress
from comity.protocols.sharing.circle import PROTOCOL
from comity.services.sharing import browsing, forwarding, searching
from comity.services.sharing.about import READABLE
from comity.services.sharing.naming import name_of
from comity.services.sharing.sights import passes
from comity.store.access import objects

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.kernel.ids import Id
    from comity.services.casework.issue import Then
    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.services.sharing.browsing import Place
    from comity.store.access.drafts import DraftRow

ADDED = "added"
"""What a draft says of the object: when (µs) it was added to where it comes from."""


class Carried(NamedTuple):
    """What would be carried on: its ``id``, ``type`` and ``name``, and the ``place`` it is from."""

    id: str
    type: str
    name: str
    place: Place


def is_kept(row: DraftRow) -> bool:
    """Say whether a draft is a forward that the program makes of an object that is here."""
    return (row.protocol, row.kind) == (PROTOCOL.name, forwarding.KIND) and _added(row) > 0


def _added(row: DraftRow) -> int:
    text = str(row.form["texts"].get(ADDED, ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def carried(node: Node, actor: Actor, row: DraftRow) -> Carried:
    """Return what a draft would carry on.

    Raises Refusal S12 where this person does not see it, or nobody does any more.
    """
    finder = searching.of_actor(node, actor, Egress.API if actor.token else Egress.PAGE)
    sight, shelves = searching.seen_by(node, finder)
    found = objects.holdings(node.db, [_added(row)])
    holding = next((h for h in found if h.state in READABLE and passes(sight, h)), None)
    data = {} if holding is None else objects.data_of(node.db, [holding.object])
    if holding is None or not data.get(holding.object):
        told = "What would be forwarded is not there any more, or you do not see it."
        raise Refusal("S12", told, row.id)
    value = orjson.loads(data[holding.object])
    place = browsing.places(node, shelves.values())[holding.shelf]
    return Carried(value["id"], value["type"], name_of(value), place)


def sign(node: Node, actor: Actor, row: DraftRow, by: Object, then: Then) -> Id:
    """Sign a forward that was kept, and return the act.

    Raises Refusal S12 as ``carried``, L1 to L6 where the object may not go there, and as
    ``issue`` does.
    """
    carried(node, actor, row)
    return forwarding.forward_one(node, row.dossier, _added(row), by=by, then=then)
