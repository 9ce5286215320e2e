"""The worker's pace: what it looks at when, told by a clock of the test's own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, cast

import pytest

from comity.services.casework import missing
from comity.services.delivery import deliver, work
from comity.services.delivery.lanes import Lanes
from comity.services.delivery.worker import (
    AT_WORK,
    IDLE,
    LETTERS,
    LOOK,
    NOTICES,
    NOTICES_AT_WORK,
    Worker,
)
from comity.services.identity.parties import publish_node_document
from comity.services.node import Node
from comity.services.people import awaiting, mail
from comity.services.response import outgoing
from comity.store.access import outbox
from comity.store.anchor import Anchor
from comity.store.append import outbox as outbox_writer
from comity.store.sql import writing
from tests.nodes import Nodes, introduce, open_tally, say


class Inline:
    """Does every job at once, in the test's own thread."""

    def start(self, job: Callable[[], Any]) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(job())
        return done


LANES = cast("Lanes", Inline())


@pytest.fixture
def behind(nodes: Nodes) -> tuple[Node, Node]:
    """A node that accepts no connections, and the host of its mail, which is not reached."""
    council = nodes.make("council", endpoints=("http://council",))
    sarivane = nodes.make("sarivane", mailbox=council.me, cadence=10**12)
    introduce(council, sarivane)
    return council, sarivane


@pytest.fixture
def pulls(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When mail was asked for."""
    found: list[float] = []
    monkeypatch.setattr(work, "pull_mail", lambda _node: found.append(NOW[0]))
    return found


NOW = [0.0]


def watch(made: Worker, start: float, end: float) -> None:
    """Let a worker look every second."""
    for second in range(int(start), int(end)):
        NOW[0] = float(second)
        made._collect(NOW[0])
        made._look(LANES, NOW[0])


def test_a_new_process_tries_everyone_once_and_then_goes_on_with_its_pauses(
    behind: tuple[Node, Node],
) -> None:
    council, sarivane = behind
    for _ in range(5):
        deliver.send_to(sarivane, council.me)
    stop = threading.Event()
    stop.set()
    Worker(sarivane).run(stop)
    assert sarivane.nudged == {council.me}
    assert work.due_recipients(sarivane) == [council.me]
    deliver.send_to(sarivane, council.me)
    row = outbox.peer(sarivane.db, council.me)
    assert row is not None
    assert row.failures == 6
    assert row.next_try >= sarivane.now() + (deliver.FIRST_PAUSE << 5)
    sarivane.nudged.add(council.me)
    assert work.due_recipients(sarivane) == []


def test_mail_is_asked_for_every_thirty_seconds_while_nothing_goes_on(
    behind: tuple[Node, Node], pulls: list[float]
) -> None:
    watch(Worker(behind[1]), 0, 100)
    assert pulls == [0, IDLE, 2 * IDLE, 3 * IDLE]


def test_mail_is_asked_for_every_two_seconds_while_something_awaits_a_receipt(
    behind: tuple[Node, Node], pulls: list[float]
) -> None:
    council, sarivane = behind
    open_tally(sarivane, council)
    watch(Worker(sarivane), 0, 20)
    assert pulls == [LOOK * n for n in range(10)]


def test_mail_is_asked_for_every_two_seconds_while_a_person_works(
    behind: tuple[Node, Node], pulls: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Worker(behind[1])
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    # Another process signed something: the anchor is not as this process left it.
    mark = behind[1].anchor.read()
    assert mark is not None
    Anchor(behind[1].folder / "anchor").advance(mark)
    made._glance(LANES)
    pulls.clear()
    watch(made, LOOK, 20)
    assert pulls == [LOOK * n for n in range(1, 10)]
    pulls.clear()
    watch(made, AT_WORK + 1, AT_WORK + 62)
    assert len(pulls) == 3


def test_a_node_with_an_address_asks_for_no_mail_and_brings_nothing(
    nodes: Nodes, pulls: list[float]
) -> None:
    orvanda = nodes.make("orvanda", endpoints=("http://orvanda",), cadence=10**12)
    watch(Worker(orvanda), 0, 40)
    assert pulls == []


def test_content_is_looked_for_every_thirty_seconds(
    behind: tuple[Node, Node], pulls: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[float] = []
    monkeypatch.setattr(missing, "ask_again", lambda _node: found.append(NOW[0]))
    watch(Worker(behind[1]), 0, 70)
    assert found == [0, IDLE, 2 * IDLE]
    assert pulls


def test_new_documents_of_this_party_are_told_at_once(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda", cadence=10**12), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    open_tally(orvanda, tolmere)
    with writing(orvanda.db):
        outbox_writer.note_heard(orvanda.db, tolmere.me, orvanda.now())
    made = Worker(orvanda)
    told: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "send", lambda _node, recipient: told.append(recipient))
        watch(made, 0, 4)
        del told[:]
        with writing(orvanda.db):
            outbox_writer.mark_undeliverable(orvanda.db, orvanda.now() + 1)
        watch(made, 4, 8)
        assert told == []
        publish_node_document(orvanda)
        watch(made, 8, 12)
        assert told == [tolmere.me]


def test_people_are_looked_after_when_something_changed_and_each_minute(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere = nodes.make("orvanda", cadence=10**12), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    looked, told = list[float](), list[float]()
    monkeypatch.setattr(awaiting, "gather", lambda _node: looked.append(NOW[0]))
    monkeypatch.setattr(mail, "send_due", lambda _node: told.append(NOW[0]))
    made = Worker(orvanda)
    watch(made, 0, 21)
    assert (looked, told) == ([0], [0, LETTERS, 2 * LETTERS])
    dossier = open_tally(orvanda, tolmere)
    watch(made, 21, 23)
    assert looked == [0, 21]
    say(orvanda, dossier, "bid", {"amount": 1})
    watch(made, 23, 86)
    assert looked == [0, 21, 21 + NOTICES_AT_WORK]
    watch(made, 86, 87)
    assert looked == [0, 21, 26, 26 + NOTICES]


def test_what_waits_for_the_end_of_an_embargo_is_looked_at_when_it_comes(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere = nodes.make("orvanda", cadence=10**12), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    looks: list[int] = []
    end = nodes.clock.time + 700

    def look(node: Node) -> int | None:
        looks.append(node.now())
        return end if node.now() < end else None

    monkeypatch.setattr(outgoing, "look", look)
    made = Worker(orvanda)
    made._look(LANES, 0.0)
    made._next_look = LOOK
    made._collect(0.0)
    # Nothing was said since, and the end is not there: nobody asks, and the next look is at it.
    made._look(LANES, 0.1)
    assert looks == [end - 700]
    assert made._next_look == pytest.approx(0.8)
    nodes.clock.time = end
    made._look(LANES, 0.8)
    made._collect(0.8)
    made._look(LANES, 3.0)
    assert looks == [end - 700, end]
    open_tally(orvanda, tolmere)
    made._look(LANES, 5.0)
    assert looks == [end - 700, end, end]
