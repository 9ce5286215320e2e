"""The schema of a node's database: made once, looked at cheaply, and never one from the future."""

from __future__ import annotations

from django.db import connections
from django.test.utils import CaptureQueriesContext

from comity.store import database
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
