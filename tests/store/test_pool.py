"""A few connections are lent to many threads, and each is one thread's at a time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connections

from comity.store.pool import Pool
from comity.store.sql import query, run_many, writing
from tests.nodes import Nodes

INSERT = "INSERT INTO store_counter (name, value) VALUES (%s, %s)"


@pytest.fixture
def db(nodes: Nodes) -> str:
    return nodes.make("orvanda").db


@pytest.fixture
def two(db: str) -> Iterator[Pool]:
    """A pool of two."""
    made = Pool(db, 2)
    yield made
    made.close()


def in_thread(job: Callable[[], object]) -> object:
    """Do something in a thread of its own, to the end, and return what it gives."""
    given: queue.SimpleQueue[object] = queue.SimpleQueue()
    thread = threading.Thread(target=lambda: given.put(job()))
    thread.start()
    thread.join()
    return given.get_nowait()


def test_a_job_has_a_connection_of_the_pool_and_its_thread_has_its_own_again(
    db: str, two: Pool
) -> None:
    own = connections[db]
    lent = two.run(lambda: connections[db])
    assert lent is not own
    assert connections[db] is own
    with pytest.raises(ZeroDivisionError):
        two.run(lambda: 1 // 0)
    assert connections[db] is own


def test_what_one_thread_opened_another_uses(db: str, two: Pool) -> None:
    def seen() -> object:
        assert query(db, "SELECT 1") == [(1,)]
        return connections[db].connection

    first = in_thread(lambda: two.run(seen))
    assert in_thread(lambda: two.run(seen)) is first
    assert two.run(seen) is first


def test_no_more_are_lent_than_there_are(db: str, two: Pool) -> None:
    """While all are lent, who asks waits; nobody shares one."""
    lent: queue.SimpleQueue[object] = queue.SimpleQueue()
    end = threading.Event()

    def hold() -> None:
        lent.put(connections[db])
        end.wait()

    threads = [threading.Thread(target=two.run, args=(hold,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    known = {lent.get(), lent.get()}
    assert len(known) == 2
    end.set()
    for thread in threads:
        thread.join()
    assert {lent.get_nowait() for _ in range(4)} <= known


def test_what_a_job_leaves_unfinished_is_undone(db: str, two: Pool) -> None:
    def broken() -> None:
        with writing(db):
            run_many(db, INSERT, [("one", 1)])
            raise KeyError

    with pytest.raises(KeyError):
        two.run(broken)
    sql = "SELECT 1 FROM store_counter WHERE name = 'one'"
    assert two.run(lambda: query(db, sql)) == []


def test_a_connection_that_is_not_as_it_was_is_not_lent_again(db: str, two: Pool) -> None:
    def spoilt() -> None:
        query(db, "SELECT 1")
        connections[db].set_autocommit(False)

    two.run(spoilt)
    assert two.run(lambda: connections[db].connection) is None
    assert two.run(lambda: query(db, "SELECT 1")) == [(1,)]


def test_a_connection_that_cannot_be_had_is_not_lost(db: str, two: Pool) -> None:
    known = connections.databases.pop(db)
    own = connections[db]
    del connections[db]
    try:
        for _ in range(3):
            with pytest.raises(KeyError):
                two.run(lambda: None)
    finally:
        connections.databases[db] = known
        connections[db] = own
    assert two.run(lambda: query(db, "SELECT 1")) == [(1,)]


def test_closing_closes_all_that_were_opened(db: str) -> None:
    made = Pool(db, 3)
    lent = made.run(lambda: (query(db, "SELECT 1"), connections[db]))[1]
    made.close()
    assert lent.connection is None
    assert query(db, "SELECT 1") == [(1,)]
