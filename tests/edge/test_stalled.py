"""Which connections are too slow, told by counts and a clock of the test's own."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from comity.edge.wire import stalled
from comity.edge.wire.stalled import Pace, Passed, Watch

PACE = Pace(grace=30, rate=1000)


def test_who_sends_nothing_has_the_time_of_grace() -> None:
    watching = Watch(PACE)
    silent = {1: Passed(0, 0)}
    assert [watching.stalled(silent, now) for now in (0, 30)] == [set(), set()]
    assert watching.stalled(silent, 31) == {1}


def test_every_piece_that_comes_gives_time_by_its_size_alone() -> None:
    watching = Watch(PACE)
    drips = {now: watching.stalled({1: Passed(0, now)}, now) for now in range(60)}
    assert [now for now, late in drips.items() if late] == list(range(31, 60))
    fast = [watching.stalled({2: Passed(0, 1000 * now)}, now) for now in range(300)]
    assert not any(fast)


def test_an_answer_begins_the_time_anew() -> None:
    watching = Watch(PACE)
    for now in range(0, 100, 20):
        assert not watching.stalled({1: Passed(now, now)}, now)
    assert watching.stalled({1: Passed(80, 80)}, 111) == {1}


def test_a_connection_that_was_closed_is_forgotten() -> None:
    watching = Watch(PACE)
    watching.stalled({1: Passed(0, 0)}, 0)
    watching.stalled({}, 20)
    assert not watching.stalled({1: Passed(0, 0)}, 40)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection to a server of this process."""
    with (
        socket.create_server(("127.0.0.1", 0)) as door,
        socket.create_connection(door.getsockname()) as near,
        door.accept()[0] as far,
    ):
        yield near, far


def test_what_this_process_accepted_is_looked_at_and_nothing_else(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pair
    near.sendall(b"1234")
    assert far.recv(4) == b"1234"
    found = list(stalled._connections())
    places = {each.getpeername(): stalled._passed(each) for _, each in found}
    for _, each in found:
        each.close()
    assert places[near.getsockname()] == Passed(0, 4)
    assert far.getsockname() not in places
