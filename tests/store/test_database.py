"""The schema of a node's database: made once, looked at cheaply, and never one from the future."""

from __future__ import annotations

from pathlib import Path

from django.db import connections
from django.test.utils import CaptureQueriesContext

from comity.store import database
from comity.store.append.parties import count_today
from comity.store.sql import query, writing
from tests.kernel.world import refused
from tests.nodes import Nodes


def test_a_schema_that_is_up_to_date_is_only_looked_at(nodes: Nodes) -> None:
    db = nodes.make("orvanda").db
    with CaptureQueriesContext(connections[db]) as asked:
        database.migrate(db)
    told = [query["sql"].lstrip() for query in asked.captured_queries]
    assert 1 <= len(told) <= 2, told
    assert all(sql.startswith("SELECT") for sql in told)


def test_a_schema_of_a_newer_program_is_left_alone(nodes: Nodes) -> None:
    db = nodes.make("orvanda").db
    with writing(db):
        query(
            db,
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('store', '0999_from_the_future', CURRENT_TIMESTAMP)",
        )
    try:
        with refused("S6", "0999_from_the_future"):
            database.migrate(db)
    finally:
        with writing(db):
            query(db, "DELETE FROM django_migrations WHERE name = '0999_from_the_future'")


def test_the_longest_counter_has_room_in_every_database(nodes: Nodes) -> None:
    db = nodes.make("orvanda").db
    with writing(db):
        first = count_today(db, f"opened-{'a' * 64}", 99_999)
        assert count_today(db, f"opened-{'a' * 64}", 99_999) == first + 1


def test_a_name_that_is_given_another_database_is_not_connected_to_the_first(
    tmp_path: Path,
) -> None:
    query(database.open_database("moved", str(tmp_path / "0")), "CREATE TABLE first (a int)")
    query(database.open_database("moved", str(tmp_path / "1")), "CREATE TABLE second (a int)")
    assert query("moved", "SELECT name FROM sqlite_master") == [("second",)]
    database.close_database("moved")
