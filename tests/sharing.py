"""What tests of sharing are made of: circles, objects written for them, and who reads them.

::

    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, indicator("one"), indicator("two", tlp="green"))
    deliver(orvanda, tolmere)                      # carried, shelved, applied, and answered
    assert shown(tolmere) == {...}
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from comity.bridges.stix import reading
from comity.bridges.stix.markings import TLP2_IDS
from comity.kernel.ids import Id, PartyId
from comity.kernel.kinds import Charter, Growth
from comity.kernel.label import TLP, Footing
from comity.services.casework import issue
from comity.services.casework.content import prepare_fields
from comity.services.casework.issue import Draft
from comity.services.people import tokens
from comity.services.people.tokens import READ, WRITE, Wish
from comity.services.sharing import applying, callers, circles, publishing, shelf
from comity.services.sharing.schemas import stix_schemas
from comity.services.sharing.shelf import ShelfView, Source, Wanted
from tests.nodes import pass_on

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.sharing.callers import Caller
    from comity.services.sharing.publishing import Published

TERMS = {"purpose": "defence", "publishers": "all", "forward": "members"}
CREATED = "2026-11-01T08:00:00.000Z"
MARKINGS = {tlp.value: id_ for id_, tlp in TLP2_IDS.items()}


def open_circle(
    author: Node,
    *members: Node,
    ceiling: TLP = TLP.AMBER_STRICT,
    growth: str = Growth.CLOSED,
    succeeds: Id | None = None,
    readers: tuple[tuple[PartyId, str], ...] = (),
    **terms: Any,
) -> Id:
    """Open a circle of parties that know each other, and return its id."""
    charter = Charter(
        protocol="sharing/circle",
        version=1,
        members=tuple(sorted(each.me for each in (author, *members))),
        growth=growth,
        ceiling=ceiling,
        chair=author.me if growth == Growth.CHAIR else None,
        readers=readers,
        succeeds=succeeds,
        time=None,
        terms={**TERMS, **terms},
    )
    words = prepare_fields(author, {"title": "Lantern Sea circle", "text": "Defence."}, lang="en")
    draft = Draft("charter", {}, words, footing=Footing.TECHNICAL)
    return issue.open_dossier(author, charter=charter, draft=draft)


def uuid_of(name: str) -> str:
    """Return a UUID of version 4 that is always the same for a name."""
    return str(uuid.UUID(bytes=uuid.uuid5(uuid.NAMESPACE_DNS, name).bytes, version=4))


def indicator(called: str, version: int = 0, *, tlp: str = "", **more: Any) -> dict[str, Any]:
    """Return an indicator; a ``version`` is a few seconds later each."""
    value: dict[str, Any] = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid_of(called)}",
        "created": CREATED,
        "modified": f"2026-11-01T08:00:{version:02}.000Z",
        "pattern": "[ipv4-addr:value = '192.0.2.7']",
        "pattern_type": "stix",
        "valid_from": CREATED,
    }
    if tlp:
        value["object_marking_refs"] = [MARKINGS[tlp]]
    return {**value, **more}


def share(
    node: Node, circle: Id, *objects: dict[str, Any], unmarked: TLP | None = None
) -> Published:
    """Publish objects; what could not be read of them is a mistake of the test."""
    batch, flaws = reading.read_all([orjson.dumps(each) for each in objects], stix_schemas())
    assert not flaws, flaws
    return publishing.publish(node, circle, batch, unmarked=unmarked)


def deliver(sender: Node, *recipients: Node) -> None:
    """Carry what waits to others, and let them put it on their shelves and apply it."""
    for recipient in recipients:
        assert pass_on(sender, recipient) == []
        applying.work(recipient)


def caller(
    node: Node, *, tlp: TLP = TLP.AMBER_STRICT, scopes: tuple[str, ...] = (READ, WRITE), **more: Any
) -> Caller:
    """Return a program with a token of its own."""
    wish = Wish("reader", ceiling=tlp, scopes=scopes, **more)
    secret, _ = tokens.make_for_program(node, wish)
    return callers.of_basic(node, "reader", secret)


def view(node: Node, who: Caller, circle: Id | None = None) -> ShelfView:
    """Return the collection of a circle, or that of everything."""
    name = "all" if circle is None else circles.shelf_of(node, circle).id
    return shelf.shelf(node, who, name)


def source(node: Node, who: Caller, circle: Id | None = None) -> Source:
    """Return the collection of a circle, or that of everything, to be read."""
    name = "all" if circle is None else circles.shelf_of(node, circle).id
    return shelf.readable(node, who, name)


class Served(NamedTuple):
    """An object as it is served, and what is said of it; times in µs."""

    id: str
    version: int
    added: int
    type: str
    data: bytes


def entries(
    node: Node, who: Caller | None = None, circle: Id | None = None, **wanted: Any
) -> list[Served]:
    """Return what a program is served of a circle, or of everything, page by page."""
    who = who or caller(node, scopes=(READ,))
    whence, asked = source(node, who, circle), Wanted(**wanted)
    found, after, more = list[Served](), 0, True
    while more:
        said = shelf.versions(node, who, whence, asked, after)
        given = shelf.page(node, who, whence, asked, after)
        assert (given.added, given.more) == (said.added, said.more)
        both = zip(said.entries, given.entries, strict=True)
        found += (Served(*each, data) for each, data in both)
        after, more = given.added[-1] if given.added else 0, given.more
    return found


def shown(node: Node, who: Caller | None = None, circle: Id | None = None) -> set[str]:
    """Return the ids of what a program is served."""
    return {entry.id for entry in entries(node, who, circle)}
