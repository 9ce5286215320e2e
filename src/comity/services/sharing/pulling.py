"""Pulling: what another TAXII server shows is taken into an intake, page by page.

With each page it is noted, in the transaction that keeps it, up to when all has been taken: who is
interrupted goes on from there, and takes some of it a second time at most.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson

from comity.bridges.stix import reading
from comity.bridges.taxii import answers
from comity.bridges.taxii.paging import Pages
from comity.kernel.errors import Phrase, Refusal
from comity.services.ports import Overlong
from comity.services.sharing import circles, publishing, shelving
from comity.services.sharing.circles import INTAKE
from comity.services.sharing.remote import Unanswered
from comity.services.sharing.schemas import stix_schemas
from comity.services.sharing.shelving import MICROS, Item
from comity.store.access import exchanges, objects
from comity.store.append import exchanges as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from comity.bridges.stix.record import Flaw, StixObject
    from comity.bridges.taxii.answers import Envelope
    from comity.services.node import Node
    from comity.services.sharing.peers import Peer
    from comity.services.sharing.publishing import Sorted
    from comity.services.sharing.remote import Place, Server
    from comity.store.access.objects import ShelfRow

    Tell: TypeAlias = "Callable[[str, int, int], None]"

PAGE = 1000
"""Objects asked for at once."""
MOST_PAGES = 2000
"""Pages of one round; the next goes on from there."""
LOST = frozenset({400, 404, 410, 422})
"""Statuses by which servers say that they do not know a cursor any more."""
FLAWS_KNOWN = 1000


@dataclass(slots=True)
class Pulled:
    """What came of pulling: how many ``objects`` are new, were ``held``, had been this node's own
    words that came back, or had ``flaws``; ``more`` waits for the next round.
    """

    pages: int = 0
    objects: int = 0
    held: int = 0
    own: int = 0
    flaws: int = 0
    more: bool = False


def intake_of(node: Node, peer: Peer) -> ShelfRow:
    """Return the intake of a peer, which is made when it is first asked for.

    Raises Refusal X60 for a collection that is a circle's, or the one that is pushed.
    """
    title = f"{peer.name} ({urlsplit(peer.url).hostname})"
    found = circles.open_intake(node, name=peer.into, title=title, label=peer.unmarked)
    if found.kind != INTAKE:
        raise Refusal("X60", Phrase("What is pulled goes into an intake, not a circle."), peer.into)
    if peer.pushes and found == objects.shelf(node.db, peer.shelf):
        told = Phrase("What is pulled goes into another collection than the one that is pushed.")
        raise Refusal("X60", told, peer.into)
    return found


def pull(node: Node, server: Server, tell: Tell) -> Pulled:
    """Take what a server added since the last time. Raises Refusal X60 to X66, or S7.

    What came before a refusal was taken, and is not asked for again.
    """
    peer = server.peer
    shelf, place = intake_of(node, peer), server.place(writes=False)
    pull_ = _Pull(node, server, place, shelf)
    while not pull_.pages.ended:
        if pull_.done.pages >= MOST_PAGES:
            pull_.done.more = True
            break
        pull_.step()
        tell(peer.name, pull_.done.objects, 0)
    return pull_.done


class _Pull:
    """A server being pulled from."""

    def __init__(self, node: Node, server: Server, place: Place, shelf: ShelfRow) -> None:
        self._node, self._server, self._place, self._shelf = node, server, place, shelf
        self._key, self._limit = server.peer.key, PAGE
        self.pages = Pages(exchanges.exchange(node.db, self._key).after)
        self.done = Pulled()

    def step(self) -> None:
        """Take one page, or ask for a smaller one the next time."""
        try:
            reply = self._server.page(self._place, self.pages.query(self._limit))
        except Overlong:
            self._ask_for_less()
            return
        except Unanswered as away:
            if away.status in LOST and self.pages.lose():
                return
            raise
        page = answers.envelope(reply.body, len(reply.body))
        now = self._node.now() * MICROS
        last = answers.added_last(reply.headers.get("x-taxii-date-added-last", ""), now)
        before = self.pages.mark
        refused: Refusal | None = None
        try:
            self.pages.take(page, last)
        except Refusal as refusal:
            refused = refusal
        self._keep(page, max(before, self.pages.mark))
        if refused is not None:
            raise refused

    def _ask_for_less(self) -> None:
        if self._limit == 1:
            told = Phrase("A page of one object is larger than any that is taken.")
            raise Unanswered("X65", told, self._place.url)
        self._limit //= 2

    def _keep(self, page: Envelope, mark: int) -> None:
        """Put a page on the shelf, and note how far this is, at once."""
        node, shelf, done = self._node, self._shelf, self.done
        batch, flaws = reading.read_all(page.objects, stix_schemas())
        others = foreign(node, batch)
        sorted_ = publishing.sort(node, shelf, others, self._server.peer.unmarked)
        flaws += sorted_.flaws
        with writing(node.db):
            taken = self._put(sorted_)
            shelving.quarantine(node, shelf, [(0, flaw) for flaw in self._unknown(flaws)])
            append.set_after(node.db, self._key, mark)
        done.pages += 1
        done.objects += taken
        done.held += len(sorted_.held)
        done.own += len(batch) - len(others)
        done.flaws += len(flaws)

    def _put(self, sorted_: Sorted) -> int:
        taken = 0
        for label, items in sorted_.by_label.items():
            put = [Item(part, each, label) for part, each in enumerate(items)]
            shelving.put(self._node, self._shelf, put, sources={self._shelf.source})
            taken += len(put)
        return taken

    def _unknown(self, flaws: Sequence[Flaw]) -> list[Flaw]:
        """Return flaws that are not remembered already: some objects come more than once."""
        if not flaws:
            return []
        rows = objects.flaws(self._node.db, self._shelf.number, limit=FLAWS_KNOWN)
        known = {(row.stix_id, row.rule, row.reason) for row in rows}
        return [f for f in flaws if (f.id[:300], f.rule, str(f.reason)) not in known]


def foreign(node: Node, batch: Sequence[StixObject]) -> list[StixObject]:
    """Return the objects that this node did not push itself, to whatever server."""
    given = exchanges.known(node.db, [each.id for each in batch])
    if not given:
        return [*batch]
    return [each for each in batch if (each.id, each.version, hash_of(each.value)) not in given]


def hash_of(value: object) -> bytes:
    """Return by what an object is known when it comes back: servers write objects anew, and put
    their members into another order.
    """
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).digest()
