"""Pushing: what stands on a collection here and is cleared for another TAXII server goes there.

What goes is decided by the table of labels, as for any reader. What was given is remembered with
what became of it, before it is asked for: nothing is pushed twice, and what is taken down here is
removed there, or it is said that it was not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import orjson

from comity.bridges.stix.inject import inject
from comity.bridges.taxii import answers, resources
from comity.bridges.taxii.times import read_time
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import Egress
from comity.services.sharing import peers, sights
from comity.services.sharing.pulling import hash_of
from comity.services.sharing.remote import Unanswered
from comity.services.sharing.sights import LEVELS
from comity.store.access import exchanges, objects
from comity.store.access.exchanges import FAILED, KEPT, REMOVED, SENT, WAITING, PushedRow
from comity.store.access.objects import Asked
from comity.store.append import exchanges as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.bridges.taxii.answers import Detail, Status
    from comity.services.node import Node
    from comity.services.sharing.pulling import Tell
    from comity.services.sharing.remote import Place, Server
    from comity.store.access.objects import EntryRow, ShelfRow, Sight

BATCH = 200
"""Objects posted at once, at most."""
MOST_BYTES = 8 * 1024 * 1024
"""Bytes posted at once, whatever a server takes."""
ASKED = 5
"""How often a status is asked for in one round; one that is not complete is asked for in the
next.
"""
UNTAKEN = frozenset({400, 409, 413, 415, 422})
"""Statuses by which a server refuses what is in a request, and not who asks."""
UNREMOVED = frozenset({400, 401, 403, 405, 409, 422, 501})
"""Statuses by which servers say that they remove nothing, or not for this user."""
GONE = frozenset({404, 410})


@dataclass(slots=True)
class Pushed:
    """What came of pushing: how many objects were ``sent``, were not taken (``failed``), wait for
    their status, were ``removed``, and should have been and were ``kept`` there.
    """

    sent: int = 0
    failed: int = 0
    waiting: int = 0
    removed: int = 0
    kept: int = 0


class _Given(NamedTuple):
    """An object as it is given: its row, and its bytes with the marking of its label."""

    row: PushedRow
    data: bytes


def push(node: Node, server: Server, tell: Tell) -> Pushed:
    """Give a server what it lacks, and remove what was taken down here.

    Raises Refusal S3 for a collection that is not here, and X60 to X66. What was done before is
    remembered.
    """
    shelf = sights.require_known(node, server.peer.shelf)
    push_ = _Push(node, server, server.place(writes=True), shelf)
    push_.ask_again()
    push_.remove()
    push_.give(tell)
    return push_.done


def sight_of(node: Node, peer: peers.Peer, shelf: ShelfRow) -> Sight:
    """Return what may be pushed to a peer of a collection: as the table of labels decides."""
    return sights.sight(node, peer.reader(node), Egress.TAXII, peer.ceiling, [shelf])


class _Push:
    """A server being pushed to."""

    def __init__(self, node: Node, server: Server, place: Place, shelf: ShelfRow) -> None:
        self._node, self._server, self._place, self._shelf = node, server, place, shelf
        self._key = server.peer.key
        self._sight = sight_of(node, server.peer, shelf)
        self._most = min(place.limit, MOST_BYTES)
        self.done = Pushed()

    def ask_again(self) -> None:
        """Ask for the status of what a round before left waiting."""
        rows = exchanges.given(self._node.db, self._key, [WAITING], BATCH * ASKED)
        by_status: dict[str, list[PushedRow]] = {}
        for row in rows:
            by_status.setdefault(row.told, []).append(row)
        for id_, some in by_status.items():
            try:
                self._settle(some, self._server.status(self._place, id_))
            except Unanswered as away:
                if away.status not in GONE:
                    raise
                self._note(some, SENT)  # It forgot what became of it, after a day or so.

    def remove(self) -> None:
        """Remove what was taken down here, or may not be seen there any more."""
        while rows := exchanges.withdrawn(self._node.db, self._key, self._sight, BATCH):
            for row in rows:
                self._remove(row)

    def _remove(self, row: PushedRow) -> None:
        try:
            self._server.delete(self._place, row.stix_id, row.version)
        except Unanswered as away:
            if away.status in UNREMOVED:
                self.done.kept += 1
                self._note([row], KEPT, str(away.reason))
                return
            if away.status not in GONE:
                raise
        self.done.removed += 1
        self._note([row], REMOVED)

    def give(self, tell: Tell) -> None:
        """Give what was not given yet, in batches."""
        after = 0
        lacking = [exchanges.not_given(self._key)]
        while rows := objects.page(
            self._node.db, self._sight, Asked(after=after), limit=BATCH, more=lacking
        ):
            after = rows[-1].added
            for batch in self._batches([self._given(each) for each in self._own(rows)]):
                self._send(batch)
                tell(self._server.peer.name, self.done.sent, 0)

    def _own(self, rows: Sequence[EntryRow]) -> list[EntryRow]:
        """Return what did not come from that server."""
        place = self._server.peer.url, self._server.peer.collection
        intakes = {
            shelf.number
            for peer in peers.read(self._node.folder)
            if peer.pulls and (peer.url, peer.collection) == place
            and (shelf := objects.shelf(self._node.db, peer.into)) is not None
        }  # fmt: skip
        if not intakes:
            return [*rows]
        held = objects.holdings_of_objects(self._node.db, [row.object for row in rows])
        came = {each.object for each in held if each.shelf in intakes}
        return [row for row in rows if row.object not in came]

    def _given(self, row: EntryRow) -> _Given:
        data = (
            inject(row.data, LEVELS[row.tlp], (row.mark_at, row.mark_end))
            if row.own < row.tlp
            else row.data
        )
        digest, now = hash_of(orjson.loads(data)), self._node.now()
        return _Given(PushedRow(self._key, row.stix_id, row.version, digest, SENT, "", now), data)

    def _batches(self, given: Sequence[_Given]) -> list[list[_Given]]:
        """Return objects in batches that the server takes; one that is too large goes nowhere."""
        batches: list[list[_Given]] = [[]]
        size = 0
        for each in given:
            if len(resources.envelope([each.data], "")) > self._most:
                self._fail([each.row], Phrase("It is larger than the server takes."))
                continue
            size += len(each.data) + 1
            if batches[-1] and size + len(resources.envelope([b""], "")) > self._most:
                batches.append([])
                size = len(each.data) + 1
            batches[-1].append(each)
        return [batch for batch in batches if batch]

    def _send(self, batch: Sequence[_Given]) -> None:
        """Post a batch; one that is refused whole is sent in halves, down to what is refused."""
        rows = [each.row for each in batch]
        try:
            body = resources.envelope([each.data for each in batch], "")
            status = self._server.add(self._place, body)
        except Unanswered as away:
            if away.status not in UNTAKEN:
                raise
            if len(batch) == 1:
                self._fail(rows, str(away.reason))
                return
            self._send(batch[: len(batch) // 2])
            self._send(batch[len(batch) // 2 :])
            return
        self._note(rows, WAITING, status.id)
        self._settle(rows, status)

    def _settle(self, rows: Sequence[PushedRow], status: Status) -> None:
        """Note what became of objects, when their status is complete, or leave them waiting."""
        for _ in range(ASKED):
            if status.is_complete:
                break
            status = self._server.status(self._place, status.id)
        if not status.is_complete:
            self.done.waiting += len(rows)
            return
        failures = {_named(each): answers.short(each.message) for each in status.failures}
        taken: list[PushedRow] = []
        for row in rows:
            why = failures.get((row.stix_id, row.version), failures.get((row.stix_id, 0)))
            if why is None:
                taken.append(row)
            else:
                self._fail([row], why or Phrase("It said no reason."))
        self.done.sent += len(taken)
        self._note(taken, SENT)

    def _fail(self, rows: Sequence[PushedRow], why: str) -> None:
        self.done.failed += len(rows)
        self._note(rows, FAILED, why)

    def _note(self, rows: Sequence[PushedRow], state: int, told: str = "") -> None:
        with writing(self._node.db):
            append.put(self._node.db, [row._replace(state=state, told=told) for row in rows])


def _named(failure: Detail) -> tuple[str, int]:
    """Return which object a failure is about; one without a version is about any."""
    try:
        return failure.id, read_time(failure.version, "version")
    except Refusal:
        return failure.id, 0
