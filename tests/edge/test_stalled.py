"""Which connections are too slow, told by counts and a clock of the test's own."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

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
    found = {number: stalled._passed(number) for _, number in stalled._connections()}
    assert found[far.fileno()] == Passed(0, 4)
    assert near.fileno() not in found


def test_looking_leaves_the_connection_open_and_shuts_the_late_one(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pair
    look = stalled._looker(Watch(Pace(grace=-1)))
    look()
    near.settimeout(10)
    assert near.recv(1) == b""
    assert far.fileno() in {number for _, number in stalled._connections()}


def test_a_number_given_to_another_file_is_not_touched(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pair
    other = os.fstat(near.fileno()).st_ino
    with pytest.raises(OSError, match="another file"), stalled._borrowed(far.fileno(), other):
        pass
    near.sendall(b"1")
    assert far.recv(1) == b"1"


TRY_TO_WRITE = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None) as db:
    db.execute("BEGIN IMMEDIATE")
"""


def test_looking_leaves_this_process_its_locks_on_the_database(tmp_path: Path) -> None:
    path = tmp_path / "node.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("BEGIN IMMEDIATE")
        stalled._looker(Watch(PACE))()
        other = subprocess.run(
            [sys.executable, "-c", TRY_TO_WRITE, path], capture_output=True, text=True, check=False
        )
    assert "database is locked" in other.stderr
