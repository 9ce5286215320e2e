"""What a person sees of collections: which there are, and what is found in them, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson

from comity.kernel.errors import Phrase
from comity.services.sharing import searching
from comity.services.sharing.circles import CIRCLE
from comity.services.sharing.naming import cut, name_of
from comity.store.access import acts, objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from comity.services.node import Node
    from comity.services.sharing.searching import Finder, Found, Query
    from comity.store.access.objects import ShelfRow

AT_ONCE = 50
"""Objects on one page."""


class Place(NamedTuple):
    """A collection as pages show it: its id and what it is called; the ``dossier`` of its circle,
    "" of an intake; the strictest label it takes (code).
    """

    id: str
    title: str
    dossier: str
    ceiling: str


class Line(NamedTuple):
    """An object in a list: what was ``found``, what it is ``name``d and is ``about``, and where it
    stands.
    """

    found: Found
    name: str
    about: str
    place: Place


class Listing(NamedTuple):
    """A page of a list; ``before`` is what the next goes on from, 0 where there is none."""

    lines: tuple[Line, ...]
    before: int


def places(node: Node, rows: Iterable[ShelfRow]) -> dict[int, Place]:
    """Return collections as pages show them, by number, by title; with one question for all."""
    rows = [*rows]
    circles = acts.dossiers_among(node.db, [row.source for row in rows if row.kind == CIRCLE])
    titles = {id_: row.title for id_, row in circles.items()}
    found = [(row.number, _place(row, titles)) for row in rows]
    return dict(sorted(found, key=lambda pair: (pair[1].title.lower(), pair[1].id)))


def _place(row: ShelfRow, titles: Mapping[str, str]) -> Place:
    if row.kind != CIRCLE:
        return Place(row.id, row.title or row.source, "", row.ceiling)
    title = titles.get(row.source) or Phrase("Circle {id}", id=row.source[:8])
    return Place(row.id, title, row.source, row.ceiling)


def collections(node: Node, finder: Finder) -> list[Place]:
    """Return the collections that somebody sees, by title."""
    _, shelves = searching.seen_by(node, finder)
    return [*places(node, shelves.values()).values()]


def listing(node: Node, finder: Finder, query: Query) -> Listing:
    """Return a page of what somebody sees and looks for, those added last first.

    Raises Refusal S3 for a collection that is not there, S4 for what cannot be looked for.
    """
    found = searching.search(node, finder, query, AT_ONCE)
    by_id = {place.id: place for place in places(node, objects.shelves(node.db)).values()}
    lines = tuple(_line(each, by_id[each.shelf]) for each in found.found)
    return Listing(lines, found.before)


def _line(found: Found, place: Place) -> Line:
    value = orjson.loads(found.data)
    name = name_of(value)
    told = (value.get(each) for each in ("pattern", "description"))
    about = next((cut(text) for text in told if isinstance(text, str) and text != name), "")
    return Line(found, name or found.id, about if about != name else "", place)
