"""SQL by the driver's own connection is what it is by the framework's cursor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, connections
from django.db.transaction import TransactionManagementError

from comity.store.sql import ROWS, insert, query, run_many, writing
from tests.nodes import Nodes

INSERT = "INSERT INTO store_counter (name, value) VALUES (%s, %s)"


@contextmanager
def listening(db: str) -> Iterator[None]:
    """Let the framework's cursor be used: somebody listens."""

    def listen(execute: Any, *given: Any) -> Any:
        return execute(*given)

    with connections[db].execute_wrapper(listen):
        yield


@contextmanager
def alone(_db: str) -> Iterator[None]:
    """Let the driver's connection be used where there is one."""
    yield


@pytest.mark.parametrize("way", [alone, listening])
def test_statements_give_the_same_either_way(nodes: Nodes, way: Any) -> None:
    db = nodes.make("orvanda").db
    with way(db):
        assert query(db, "SELECT 'a%%s', %s, '%%'", ["b"]) == [("a%s", "b", "%")]
        run_many(db, INSERT, [("one", 1), ("two", 2)])
        run_many(db, INSERT, [])
        sql = "SELECT value FROM store_counter WHERE name IN ('one', 'two') ORDER BY value"
        assert query(db, sql) == [(1,), (2,)]
        assert query(db, "DELETE FROM store_counter WHERE name = %s", ["one"]) == []


@pytest.mark.parametrize("way", [alone, listening])
@pytest.mark.parametrize("count", [0, 1, ROWS - 1, ROWS, 2 * ROWS + 1])
def test_all_rows_are_inserted_in_their_order(nodes: Nodes, way: Any, count: int) -> None:
    db = nodes.make("orvanda").db
    rows = [(f"row-{n:03}", n) for n in range(count)]
    with way(db):
        insert(db, "store_counter (name, value)", rows)
        found = "SELECT name, value FROM store_counter WHERE name LIKE 'row-%%' ORDER BY name"
        assert query(db, found) == rows
        again = [*rows, ("row-new", 7)]
        insert(db, "store_counter (name, value)", again, "ON CONFLICT (name) DO NOTHING")
        assert query(db, found) == again


@pytest.mark.parametrize("way", [alone, listening])
def test_what_fails_fails_the_same_and_breaks_its_transaction(nodes: Nodes, way: Any) -> None:
    db = nodes.make("orvanda").db
    with way(db):
        run_many(db, INSERT, [("one", 1)])
        with pytest.raises(IntegrityError), writing(db):
            run_many(db, INSERT, [("two", 2), ("one", 1)])
        assert query(db, "SELECT 1 FROM store_counter WHERE name = 'two'") == []
        with writing(db):
            connections[db].needs_rollback = True
            with pytest.raises(TransactionManagementError):
                query(db, "SELECT 1")
            with pytest.raises(TransactionManagementError):
                run_many(db, INSERT, [("three", 3)])
