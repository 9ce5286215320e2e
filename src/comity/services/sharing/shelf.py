"""Collections as programs use them: what a caller sees, page by page, and what it adds.

What is served of an object are its bytes as they came, with the marking of the label it stands
under put in where they say less. ``all`` is the collection of everything a caller may read.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import orjson

from comity.bridges.stix import reading
from comity.bridges.stix.inject import inject_all
from comity.bridges.stix.record import Flaw
from comity.bridges.taxii.query import SPEC
from comity.kernel.act import read_header
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import PAP, Allow, Egress, Label, decide
from comity.services.sharing import circles, publishing, retracting, sights
from comity.services.sharing.circles import CIRCLE, EVERYTHING
from comity.services.sharing.schemas import stix_schemas
from comity.store.access import acts, objects, tokens
from comity.store.access.objects import Asked
from comity.store.append import objects as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.sharing.callers import Caller
    from comity.services.sharing.publishing import Published
    from comity.store.access.objects import ShelfRow, Sight

T = TypeVar("T")
ALL = "all"
"""The alias of the collection of everything."""
COMPLETE = "complete"
DAY = 24 * 3600 * 1000
MOST = 1000
"""The most objects on a page."""


class ShelfView(NamedTuple):
    """A collection as a caller sees it."""

    id: str
    title: str
    description: str
    alias: str
    can_read: bool
    can_write: bool


class Wanted(NamedTuple):
    """What a caller looks for; ``after`` in µs. ``versions`` are last, first, all or moments (µs);
    of ``specs`` 2.1 alone is kept here.
    """

    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    versions: tuple[str | int, ...] = ()
    specs: tuple[str, ...] = ()
    added_after: int | None = None


class Source(NamedTuple):
    """A collection that a caller reads: its ``id``, and the shelves of which it consists."""

    id: str
    rows: list[ShelfRow]


class Entry(NamedTuple):
    """What is said of an object that is served: times in µs.

    An object without times has version 0 on every shelf and in every status, by which it is found.
    """

    id: str
    version: int
    added: int
    type: str


class Page(NamedTuple, Generic[T]):
    """A page of a collection: its ``entries``, when each was ``added`` (µs), which is what the next
    page goes on from, and whether there is ``more``.
    """

    entries: list[T]
    added: list[int]
    more: bool


class Taken(NamedTuple):
    """An object that was added, or was there already."""

    id: str
    version: int


class Status(NamedTuple):
    """What became of a request to add objects: ``requested`` in µs. Nothing is ever pending."""

    id: str
    state: str
    requested: int
    successes: list[Taken]
    failures: list[Flaw]
    pendings: list[Taken]


def shelves(node: Node, caller: Caller) -> list[ShelfView]:
    """Return the collections that a caller may read or add to, by title."""
    found = [_view(node, row, caller) for row in circles.ensure(node) if _reaches(caller, row)]
    if not caller.shelf and caller.reads:
        found.append(_everything(caller))
    return sorted((each for each in found if each.can_read or each.can_write), key=_by_title)


def _by_title(view: ShelfView) -> tuple[str, str]:
    return view.title, view.id


def _everything(caller: Caller) -> ShelfView:
    told = "All that this token may read, of every collection."
    return ShelfView(str(EVERYTHING), "Everything", told, ALL, caller.reads, can_write=False)


def _reaches(caller: Caller, row: ShelfRow) -> bool:
    return caller.shelf in {"", row.id}


def _view(node: Node, row: ShelfRow, caller: Caller) -> ShelfView:
    title, writable = row.title, row.kind != CIRCLE
    if row.kind == CIRCLE:
        dossier = acts.dossier(node.db, row.source)
        told = dossier.title if dossier and _may_know(node, row, caller) else ""
        title = told or Phrase("Circle {id}", id=row.source[:8])
        writable = dossier is not None and dossier.state == "active"
    writes = caller.writes and caller.reader.party == node.me and writable
    reads = _may_read(node, row, caller)
    return ShelfView(row.id, title, row.description, row.alias, reads, writes)


def _may_read(node: Node, row: ShelfRow, caller: Caller) -> bool:
    members = caller.reader.party == node.me
    return caller.reads and (members or row.kind == CIRCLE or row.readers != sights.NODE)


def _may_know(node: Node, row: ShelfRow, caller: Caller) -> bool:
    """Say whether a caller is told what a circle is called: who is of another party only where the
    label of its charter allows it.
    """
    charter = acts.act(node.db, row.source)
    if caller.reader.party == node.me or charter is None:
        return True
    label = Label(read_header(charter.header).tlp, PAP.CLEAR, frozenset({row.source}))
    known = sights.audiences(node, {row.source}, caller.reader)
    return isinstance(decide(label, caller.reader, Egress.TAXII, known), Allow)


def shelf(node: Node, caller: Caller, name: str) -> ShelfView:
    """Return a collection by its id or alias.

    Raises Refusal S3 where there is none that the caller may read or add to.
    """
    if name in {ALL, str(EVERYTHING)} and not caller.shelf and caller.reads:
        return _everything(caller)
    found = _view(node, _row(node, caller, name), caller)
    if not (found.can_read or found.can_write):
        raise _nothing(name)
    return found


def _nothing(name: str) -> Refusal:
    return Refusal("S3", "There is no such collection here, or not for this token.", name[:80])


def _row(node: Node, caller: Caller, name: str) -> ShelfRow:
    row = objects.shelf(node.db, name)
    if row is None:
        circles.ensure(node)
        row = objects.shelf(node.db, name)
    # By its source a collection is known inside only.
    if row is None or name not in {row.id, row.alias} or not _reaches(caller, row):
        raise _nothing(name)
    return row


def readable(node: Node, caller: Caller, name: str) -> Source:
    """Return a collection to be read, by its id or alias, without asking what it is called.

    Raises Refusal S3 as ``shelf``, S10 where the caller may add to it and not read it.
    """
    if name in {ALL, str(EVERYTHING)} and not caller.shelf and caller.reads:
        rows = [row for row in circles.ensure(node) if _may_read(node, row, caller)]
        return Source(str(EVERYTHING), rows)
    row = _row(node, caller, name)
    if not _may_read(node, row, caller):
        view = shelf(node, caller, name)
        raise Refusal("S10", "This token may add to this collection and not read it.", view.id)
    return Source(row.id, [row])


def page(
    node: Node, caller: Caller, source: Source, wanted: Wanted, after: int = 0, limit: int = MOST
) -> Page[bytes]:
    """Return the objects of a collection that a caller sees and looks for, in the order in which
    they were added, after the cursor ``after``.
    """
    limit = min(limit, MOST)
    found = objects.served(node.db, *_asked(node, caller, source, wanted, after), limit + 1)
    more = len(found) > limit
    del found[limit:]
    return Page(inject_all(found), [row[0] for row in found], more)


def versions(
    node: Node, caller: Caller, source: Source, wanted: Wanted, after: int = 0, limit: int = MOST
) -> Page[Entry]:
    """As ``page``, what is said of the objects instead of their bytes."""
    limit = min(limit, MOST)
    sight, asked = _asked(node, caller, source, wanted, after)
    found = objects.page(node.db, sight, asked, limit=limit + 1, data=False)
    entries = [Entry(row.stix_id, row.version, row.added, row.type) for row in found[:limit]]
    return Page(entries, [entry.added for entry in entries], len(found) > limit)


def _asked(
    node: Node, caller: Caller, source: Source, wanted: Wanted, after: int
) -> tuple[Sight, Asked]:
    rows = source.rows if not wanted.specs or SPEC in wanted.specs else []
    sight = sights.sight(node, caller.reader, Egress.TAXII, caller.ceiling, rows)
    after = max(after, wanted.added_after or 0)
    return sight, Asked(wanted.ids, wanted.types, wanted.versions, after)


def add(node: Node, caller: Caller, view: ShelfView, raws: Sequence[bytes]) -> Status:
    """Add objects to a collection, and return what became of each; it is kept for a day.

    To a circle's they are published by a signed act. What is there already was a success before.
    Raises Refusal S3 or S10, and as publishing does.
    """
    if not view.can_write:
        raise Refusal("S10", "This token may read this collection and not add to it.", view.id)
    row = _row(node, caller, view.id)
    batch, flaws = reading.read_all(raws, stix_schemas())
    asked = _Request(node, caller, row, flaws)
    if row.kind == CIRCLE:
        publishing.publish(node, row.source, batch, by=caller.by, also=asked.keep)
    else:
        done = publishing.add_to_intake(node, row, batch)
        with writing(node.db):
            asked.keep(done)
    return asked.status


class _Request:
    """A request to add objects, of which it is kept what became of it."""

    def __init__(self, node: Node, caller: Caller, row: ShelfRow, flaws: Sequence[Flaw]) -> None:
        self._node, self._caller, self._row = node, caller, row
        id_ = str(uuid.UUID(bytes=node.ports.random.bytes(16), version=4))
        self.status = Status(id_, COMPLETE, node.now() * 1000, [], [*flaws], [])

    def keep(self, done: Published) -> None:
        """Keep what came of it. Within a write transaction."""
        node, told, now = self._node, self.status, self._node.now()
        told.successes.extend([Taken(i.id, i.version) for i in (*done.objects, *done.held)])
        told.failures.extend(done.flaws)
        value = orjson.dumps(told._asdict(), default=list).decode()
        append.insert_status(node.db, told.id, self._caller.token, self._row.number, value, now)
        append.forget_statuses(node.db, now - 2 * DAY)


def status(node: Node, caller: Caller, id_: str) -> Status:
    """Return what became of a request that this caller made. Raises Refusal S3."""
    found = tokens.status(node.db, id_)
    if found is None or found[0] != caller.token:
        raise Refusal("S3", "There is no such status here, or not for this token.", id_[:80])
    told = found[1]
    return Status(
        id_,
        COMPLETE,
        told["requested"],
        [Taken(*each) for each in told["successes"]],
        [Flaw(*each) for each in told["failures"]],
        [],
    )


def remove(node: Node, caller: Caller, view: ShelfView, id_: str, wanted: Wanted) -> None:
    """Take versions of an object down: all of them, unless ``wanted`` says which.

    Of a circle, what this party published is retracted by a signed act, and every member is told.
    Raises Refusal S3, S10, or X24 for what another party published.
    """
    if not (view.can_read and view.can_write):
        raise Refusal("S10", "To remove objects a token has to read and to add.", view.id)
    row = _row(node, caller, view.id)
    asked = wanted._replace(ids=(id_,), versions=wanted.versions or ("all",))
    found = versions(node, caller, Source(row.id, [row]), asked)
    if not found.entries:
        raise Refusal("S3", "There is no such object in this collection.", id_[:300])
    retracting.take_down(node, row, found.added, by=caller.by)
