"""What each address does: the filters it has, what it asks the shelves, what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from comity.bridges.stix import reading
from comity.bridges.taxii import cursor, query, resources
from comity.bridges.taxii.query import ALL, Query
from comity.edge.taxii import answers, routes
from comity.kernel.errors import Refusal
from comity.services.sharing import shelf
from comity.services.sharing.shelf import Page, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

    from comity.bridges.stix.record import Flaw
    from comity.edge.taxii.routes import Route
    from comity.services.node import Node
    from comity.services.replies import Answer
    from comity.services.sharing.callers import Caller
    from comity.services.sharing.shelf import ShelfView, Source, Status

    Act: TypeAlias = Callable[["Ask"], Answer]

T = TypeVar("T")
MAX_CONTENT_LENGTH = 16 * 1024 * 1024
PAGE = 1000
"""Objects of a page at most, and where no limit is asked for."""
PAGE_BYTES = 16 * 1024 * 1024
"""Bytes of a page, beyond which it ends; it holds one object at least."""
FILTERS = query.PAGED | {query.ID, query.TYPE, query.VERSION, query.SPEC_VERSION}
OF_OBJECT = query.PAGED | {query.VERSION, query.SPEC_VERSION}
OF_VERSIONS = query.PAGED | {query.SPEC_VERSION}
OF_DELETE = frozenset({query.VERSION, query.SPEC_VERSION})


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of one who may ask: ``key`` seals cursors, ``query`` is as it came."""

    node: Node
    key: bytes
    caller: Caller
    route: Route
    query: str

    @property
    def view(self) -> ShelfView:
        """The collection of the address. Raises Refusal S3."""
        return shelf.shelf(self.node, self.caller, self.route.first)


def discovery(node: Node) -> Answer:
    """Say the server's name and its API root: whole where it is reached over HTTPS, else relative,
    because TAXII knows no other (section 4.1.1).
    """
    base = node.settings.pages.rstrip("/")
    root = (base if base.startswith("https:") else "") + routes.ROOT
    return answers.answer(resources.discovery(node.settings.name, "", [root]))


def _api_root(ask: Ask) -> Answer:
    title = ask.node.settings.name
    return answers.answer(resources.api_root(title, "", MAX_CONTENT_LENGTH))


def _collections(ask: Ask) -> Answer:
    return answers.answer(resources.collections(shelf.shelves(ask.node, ask.caller)))


def _collection(ask: Ask) -> Answer:
    return answers.answer(resources.collection(ask.view))


def _objects(ask: Ask) -> Answer:
    return _served(_page(ask, query.read(ask.query, FILTERS)))


def _manifest(ask: Ask) -> Answer:
    page = _found(ask, shelf.versions, query.read(ask.query, FILTERS))
    return answers.page(resources.manifest(page.entries, page.next), page.added)


def _object(ask: Ask) -> Answer:
    asked = query.read(ask.query, OF_OBJECT)._replace(ids=(ask.route.second,))
    page = _page(ask, asked)
    _require_there(ask, page, asked)
    return _served(page)


def _versions(ask: Ask) -> Answer:
    asked = query.read(ask.query, OF_VERSIONS, usual=ALL)._replace(ids=(ask.route.second,))
    page = _found(ask, shelf.versions, asked)
    _require_there(ask, page, asked)
    return answers.page(resources.versions(page.entries, page.next), page.added)


class _Found(NamedTuple, Generic[T]):
    """A page as it is answered; ``next`` is the cursor of the one after it, "" for none."""

    entries: Sequence[T]
    added: Sequence[int]
    next: str


def _served(page: _Found[bytes]) -> Answer:
    return answers.page(resources.envelope(page.entries, page.next), page.added)


def _page(ask: Ask, asked: Query) -> _Found[bytes]:
    return _found(ask, shelf.page, asked, _within)


def _found(
    ask: Ask,
    look: Callable[[Node, Caller, Source, Wanted, int, int], Page[T]],
    asked: Query,
    within: Callable[[Page[T]], Page[T]] = lambda page: page,
) -> _Found[T]:
    """Return the page that was asked for. Raises Refusal S3, S10 or X33."""
    source = shelf.readable(ask.node, ask.caller, ask.route.first)
    scope = asked.scope(source.id, ask.route.name)
    after = cursor.read(ask.key, scope, asked.next) if asked.next else 0
    limit = min(asked.limit or PAGE, PAGE)
    page = within(look(ask.node, ask.caller, source, _wanted(asked), after, limit))
    more = page.more and page.entries
    return _Found(
        page.entries, page.added, cursor.give(ask.key, scope, page.added[-1]) if more else ""
    )


def _within(page: Page[bytes]) -> Page[bytes]:
    """Return as many as a page holds by their bytes, one at least."""
    left = PAGE_BYTES - sum(map(len, page.entries))
    if left >= 0:
        return page
    held = len(page.entries)
    while left < 0 and held > 1:
        held -= 1
        left += len(page.entries[held])
    return Page(page.entries[:held], page.added[:held], more=page.more or held < len(page.entries))


def _wanted(asked: Query) -> Wanted:
    return Wanted(asked.ids, asked.types, asked.versions, asked.specs, asked.added_after)


def _require_there(ask: Ask, page: _Found[T], asked: Query) -> None:
    """Check that an object on an empty page is there, only none of it fits. Raises Refusal S3.

    A version asked for by its time is there or not by itself: one that was deleted is not found
    (section 5.7).
    """
    if page.entries:
        return
    words = any(isinstance(version, str) for version in asked.versions)
    wanted = Wanted(ids=asked.ids, versions=(ALL,) if words else asked.versions)
    source = shelf.readable(ask.node, ask.caller, ask.route.first)
    if not shelf.versions(ask.node, ask.caller, source, wanted, 0, 1).entries:
        raise nothing("There is no such object in this collection.", ask.route.second)


def nothing(reason: str, subject: str = "") -> Refusal:
    """Return the refusal of what is not there, or must not be known to be."""
    return Refusal("S3", reason, subject)


def _delete(ask: Ask) -> Answer:
    asked = query.read(ask.query, OF_DELETE, usual=ALL)
    shelf.remove(ask.node, ask.caller, ask.view, ask.route.second, _wanted(asked))
    return answers.answer(b"")


def require_writable(ask: Ask) -> None:
    """Check, before a body is read, that it may be added. Raises Refusal S3 or S10."""
    view = ask.view
    if not view.can_write:
        raise Refusal("S10", "This token may not add to this collection.", view.id)


def add(ask: Ask, body: bytes) -> Answer:
    """Add the objects of an envelope, or a bundle. Raises Refusal S3, S10, or X for no envelope."""
    raws = reading.split(body)
    if not raws:
        raise Refusal("X3", "This envelope holds no object.")
    return answers.answer(_told(shelf.add(ask.node, ask.caller, ask.view, raws)), 202)


def _status(ask: Ask) -> Answer:
    return answers.answer(_told(shelf.status(ask.node, ask.caller, ask.route.first)))


class _Failed(NamedTuple):
    id: str
    version: int
    message: str


def _told(status: Status) -> bytes:
    return resources.status(
        status.id,
        state=status.state,
        requested=status.requested,
        successes=status.successes,
        failures=map(_failed, status.failures),
        pendings=status.pendings,
    )


def _failed(flaw: Flaw) -> _Failed:
    # An object that could not be read has no id that is known; where it stood names it then.
    place = flaw.path.partition(".")[0]
    return _Failed(flaw.id or place, 0, f"{flaw.path}: {flaw.reason} ({flaw.rule})")


READING: Mapping[str, Act] = {
    "api_root": _api_root,
    "status": _status,
    "collections": _collections,
    "collection": _collection,
    "manifest": _manifest,
    "objects": _objects,
    "object": _object,
    "versions": _versions,
}
CHANGING: Mapping[str, Act] = {"object": _delete}
