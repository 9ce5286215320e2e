"""A circle as people look at it: its terms, who is in it, how much stands there, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.protocols.sharing.circle import PROTOCOL
from comity.protocols.sharing.circle import reading as said
from comity.services.casework import dossiers
from comity.services.identity import find, roster
from comity.services.sharing import circles
from comity.store.access import acts, objects

if TYPE_CHECKING:
    from comity.protocols.sharing.circle.reading import Asked
    from comity.protocols.sharing.circle.terms import Open
    from comity.services.node import Node
    from comity.store.access.acts import DossierRow
    from comity.store.access.objects import FlawRow, ShelfRow

DISCOVERY = "/taxii2/"
COLLECTION = "/taxii2/api/collections/{id}/"
"""Where programs find a node's collections, and one of them."""


class Member(NamedTuple):
    """A party in a circle: its ``state`` is that of its membership, as member."""

    party: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class CircleView:
    """A circle: its ``dossier``, ``state`` here, title, ``ceiling``, ``terms``, and members.

    ``objects`` are those that its collection shows, ``batches`` the acts by which they came and
    that are in force, ``asks`` what nobody has answered yet, ``flaws`` what was not taken in.
    """

    dossier: str
    state: str
    title: str
    ceiling: TLP
    terms: Open
    members: tuple[Member, ...]
    collection: str
    url: str
    objects: int
    batches: int
    flaws: int
    asks: tuple[Asked, ...]


def discovery(node: Node) -> str:
    """Return the address by which a TAXII client finds everything of this node."""
    return node.address + DISCOVERY


def address(node: Node, shelf: str) -> str:
    """Return the address of a collection."""
    return node.address + COLLECTION.format(id=shelf)


def find_circle(node: Node, text: str) -> Id:
    """Return the circle that a person means: by its id or the beginning of it, by its collection,
    or by its title. Raises Refusal S3 or S4.
    """
    shelf = objects.shelf(node.db, text)
    if shelf is not None and shelf.kind == circles.CIRCLE:
        return Id(shelf.source)
    titled = [row for row in circles.all_circles(node) if row.title.casefold() == text.casefold()]
    if len(titled) == 1:
        return Id(titled[0].id)
    found = find.dossier(node, text)
    row = acts.dossier(node.db, found)
    if row is None or row.protocol != PROTOCOL.name:
        raise Refusal("S4", "This dossier is no circle.", found)
    return found


def find_shelf(node: Node, text: str) -> ShelfRow:
    """Return the collection that a person means: by its id or alias, or by its circle.

    Raises Refusal S3 or S4.
    """
    circles.ensure(node)
    return objects.shelf(node.db, text) or circles.shelf_of(node, find_circle(node, text))


def titles(node: Node) -> dict[str, str]:
    """Return what each collection is called, by its id."""
    rows = circles.ensure(node)
    named = acts.dossiers_among(node.db, [row.source for row in rows if not row.title])
    return {
        row.id: row.title or (named[row.source].title if row.source in named else row.id[:8])
        for row in rows
    }


def all_circles(node: Node) -> list[CircleView]:
    """Return the circles that this node takes part in, or took."""
    return [_view(node, row) for row in circles.all_circles(node)]


def circle(node: Node, dossier: str) -> CircleView:
    """Return one circle. Raises Refusal S3, S4 or S8."""
    circles.shelf_of(node, dossier)
    row = acts.dossier(node.db, dossier)
    if row is None:
        raise Refusal("S3", "There is no such circle here.", dossier)
    return _view(node, row)


def quarantine(node: Node, found: CircleView, limit: int = 20) -> list[FlawRow]:
    """Return what was not taken in of what came to a circle, the newest first."""
    shelf = objects.shelf(node.db, found.collection)
    return [] if shelf is None else objects.flaws(node.db, shelf.number, limit=limit)


def _view(node: Node, row: DossierRow) -> CircleView:
    shelf = circles.shelf_of(node, row.id)
    with node.lock:
        state = dossiers.shown(node, dossiers.load(node, row.id))
    names = roster.names(node)
    members = acts.members(node.db, row.id)
    return CircleView(
        dossier=row.id,
        state=row.state,
        title=row.title,
        ceiling=TLP(row.ceiling),
        terms=said.terms(state),
        members=tuple(Member(p, names.get(p, p[:8]), where) for p, where in members),
        collection=shelf.id,
        url=address(node, shelf.id),
        objects=objects.count(node.db, shelf.number),
        batches=len(said.in_force(state)),
        flaws=len(objects.flaws(node.db, shelf.number)),
        asks=tuple(said.open_asks(state)),
    )
