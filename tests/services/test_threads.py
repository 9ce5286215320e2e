"""One node used by eight threads at once: the web's, the worker's and a person's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext

import pytest

from comity.kernel.bundle import Bundle
from comity.kernel.cover import CoverKind
from comity.kernel.ids import Id
from comity.services.casework import dossiers
from comity.services.delivery import arrival, deliver, envelope, heights, ingest, wire
from comity.services.delivery.lanes import Lanes
from comity.services.node import Node
from comity.store.access import acts
from comity.store.append.outbox import mark_sent
from comity.store.database import close_connection
from tests.nodes import Nodes, introduce, open_tally, say

THREADS, ROUNDS = 8, 12


def bundles_of(peer: Node, dossier: Id, recipient: Node) -> list[Bundle]:
    """Return what a peer sends when it says one thing after the other, in as many bundles."""
    made = []
    for _ in range(2 * ROUNDS):
        say(peer, dossier, "note")
        packed, taken = deliver.pack(peer, recipient.me)
        mark_sent(peer.db, taken, peer.now())
        made.append(packed)
    return made


class Crowd:
    """A node, a dossier in it, and what each of the threads does with them."""

    def __init__(self, nodes: Nodes) -> None:
        self.node, self.peer = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(self.node, self.peer)
        self.dossier = open_tally(self.peer, self.node)
        self.bundles = bundles_of(self.peer, self.dossier, self.node)
        ingest.receive(self.node, sender=self.peer.me, what=self.bundles.pop(0))
        self.issued: list[Id] = []
        self.failed: list[BaseException] = []

    def issue(self) -> None:
        self.issued.append(say(self.node, self.dossier, "note"))

    def receive(self) -> None:
        for what in self.bundles[::7]:
            outcome = ingest.receive(self.node, sender=self.peer.me, what=what)
            assert outcome.refusals == []

    def receive_the_others(self) -> None:
        for what in self.bundles:
            ingest.receive(self.node, sender=self.peer.me, what=what)

    def read(self) -> None:
        with self.node.lock:
            dossier = dossiers.load(self.node, self.dossier)
            placed = {n.id for n in dossier.graph.order}
            assert placed == set(dossier.graph.nodes)
            # Nothing is seen that is not committed.
            assert acts.known_acts(self.node.db, sorted(placed)) == placed
        heights.heights_of(self.node, self.dossier)

    def compare(self) -> None:
        theirs = heights.heights_of(self.peer, self.dossier)
        heights.compare(self.node, self.peer.me, [theirs])

    def send(self) -> None:
        deliver.pack(self.node, self.peer.me)

    def forget(self) -> None:
        with self.node.lock:
            dossiers.forget(self.node, self.dossier)

    def ask(self) -> None:
        body = envelope.request(
            self.peer, self.node.me, CoverKind.TILE, {"log": 1, "path": "checkpoint"}
        )
        assert wire.answer(self.node, "tile", body).status in {200, 404}

    def work(self) -> None:
        """Do all of it at once, each thread its own part, and let nothing that fails pass."""
        parts: list[Callable[[], None]] = [
            self.issue,
            self.issue,
            self.receive,
            self.receive_the_others,
            self.read,
            self.compare,
            self.send,
            self.ask,
        ]
        assert len(parts) == THREADS
        together = threading.Barrier(THREADS)

        def lead(part: Callable[[], None]) -> None:
            try:
                together.wait(30)
                for n in range(ROUNDS):
                    part()
                    if n % 5 == 4:
                        self.forget()
            except BaseException as error:  # noqa: BLE001  shown by the test
                self.failed.append(error)
            finally:
                close_connection(self.node.db)
                close_connection(self.peer.db)

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lead, parts))


def test_eight_threads_leave_one_state(nodes: Nodes) -> None:
    crowd = Crowd(nodes)
    crowd.work()
    assert crowd.failed == []
    rows = list(acts.acts_of(crowd.node.db, crowd.dossier))
    assert [row.idx for row in rows] == list(range(len(rows)))
    own = [row.id for row in rows if row.party == crowd.node.me]
    assert sorted(own) == sorted(crowd.issued)
    assert len(own) == 2 * ROUNDS
    assert len(rows) - len(own) == 2 * ROUNDS + 1
    kept = dossiers.load(crowd.node, crowd.dossier)
    dossiers.forget(crowd.node, crowd.dossier)
    fresh = dossiers.load(crowd.node, crowd.dossier)
    assert [n.id for n in kept.graph.order] == [n.id for n in fresh.graph.order]
    assert kept.digest() == fresh.digest()


def test_lanes_give_back_what_a_job_gives_or_raises(nodes: Nodes) -> None:
    node = nodes.make("orvanda")
    lanes = Lanes(node.db, 2, "test")
    assert lanes.run(lambda: acts.dossiers(node.db)) == []
    with pytest.raises(ZeroDivisionError):
        lanes.run(lambda: 1 // 0)
    waiting = [lanes.start(lambda n=n: n) for n in range(50)]  # type: ignore[misc]
    lanes.close()
    assert [future.result() for future in waiting] == list(range(50))
    assert not [t for t in threading.enumerate() if t.name.startswith("test-")]


def test_without_the_lock_threads_would_meet(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above would notice: what an append has placed is seen before it is committed."""
    crowd = Crowd(nodes)

    def unlocked(_self: Node) -> AbstractContextManager[object]:
        return nullcontext()

    monkeypatch.setattr(Node, "lock", property(unlocked))
    seen = threading.Event()
    insert: Callable[..., tuple[bool, int]] = arrival.take_content
    thread = threading.Thread(target=look, args=(crowd, seen))

    def slow(*args: object, **more: object) -> tuple[bool, int]:
        if not thread.ident:
            thread.start()
            thread.join(30)
        return insert(*args, **more)

    monkeypatch.setattr(arrival, "take_content", slow)
    crowd.receive_the_others()
    assert seen.is_set()


def look(crowd: Crowd, seen: threading.Event) -> None:
    graph = dossiers.load(crowd.node, crowd.dossier).graph
    placed = sorted(n.id for n in graph.order)
    if acts.known_acts(crowd.node.db, placed) != set(placed):
        seen.set()
    close_connection(crowd.node.db)
