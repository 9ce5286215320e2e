"""The schema of a node's database: made once, looked at cheaply, and never one from the future."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from unittest.mock import Mock

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from comity.store import database
from comity.store.append.parties import count_today
from comity.store.sql import query, writing
from tests.databases import Pool
from tests.kernel.world import refused
from tests.nodes import Nodes

MADE, PLAYED = "made", "played"
UNUSED = "auth_group_permissions"


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


def described(db: str) -> dict[str, object]:
    """Return the columns and the constraints of every table, in whatever order they came."""
    connection = connections[db]
    look = connection.introspection
    found: dict[str, object] = {}
    with connection.cursor() as cursor:
        for table in look.table_names(cursor):
            columns = [str(each) for each in look.get_table_description(cursor, table)]
            # Not by name: those that the framework names itself are found by what they hold.
            constraints = map(str, look.get_constraints(cursor, table).values())
            found[table] = sorted(columns), sorted(constraints)
    return found


def require_equal_schemas(made: str, played: str) -> None:
    dbs = [database.open_database(name, where) for name, where in ((MADE, made), (PLAYED, played))]
    try:
        database.migrate(MADE)
        # A database of an older program, which had the first app alone.
        call_command("migrate", "contenttypes", database=PLAYED, verbosity=0)
        database.migrate(PLAYED)
        found, wanted = map(described, dbs)
        # The framework's own, empty: its migrations and its models do not agree on the id's size.
        assert found.pop(UNUSED)
        assert wanted.pop(UNUSED)
        assert len(wanted) > 30
        assert found == wanted
        with CaptureQueriesContext(connections[MADE]) as asked:
            database.migrate(MADE)
        assert all(q["sql"].lstrip().startswith("SELECT") for q in asked.captured_queries)
    finally:
        for db in dbs:
            database.close_database(db)


@pytest.mark.slow
def test_a_new_database_is_what_all_migrations_make(tmp_path: Path) -> None:
    require_equal_schemas(str(tmp_path / MADE), str(tmp_path / PLAYED))


@pytest.mark.slow
def test_a_new_database_of_a_server_is_what_all_migrations_make(pool: Pool) -> None:
    require_equal_schemas(pool.bare(), pool.bare())


def test_a_new_database_is_made_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = database.open_database(MADE, str(tmp_path / MADE))
    with monkeypatch.context() as patch:
        patch.setattr(QuerySet, "bulk_create", Mock(side_effect=OSError("full")))
        with pytest.raises(OSError, match="full"):
            database.migrate(db)
    assert connections[db].introspection.table_names() == []
    database.migrate(db)
    assert database.require_known_schema(db)
    database.close_database(db)


def begin_twice_at_once(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two that have both found a database empty make its tables."""
    db, both, create = database.open_database(MADE, where), Barrier(2), database._create

    def made_at_once(alias: str) -> None:
        both.wait(60)
        create(alias)

    def begin() -> frozenset[database.Migration]:
        try:
            database.migrate(db)
            return database.require_known_schema(db)
        finally:
            database.close_connection(db)

    monkeypatch.setattr(database, "_create", made_at_once)
    with ThreadPoolExecutor(2) as threads:
        found = [begun.result() for begun in [threads.submit(begin) for _ in range(2)]]
    database.close_database(db)
    assert found == [database._shipped()] * 2


def test_two_first_starts_at_once_both_end_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_twice_at_once(str(tmp_path / MADE), monkeypatch)


def test_two_first_starts_at_once_on_a_server_both_end_well(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_twice_at_once(pool.bare(), monkeypatch)


OF_A_COMMAND = """
import sys
from comity.store import database
database.start_django(whole=False)
database.migrate(database.open_database("made", sys.argv[1]))
"""


@pytest.mark.slow
def test_a_command_that_knows_no_pages_makes_their_tables_too(tmp_path: Path) -> None:
    path = tmp_path / MADE
    done = subprocess.run([sys.executable, "-c", OF_A_COMMAND, path], check=True)
    assert done.returncode == 0
    with closing(sqlite3.connect(path)) as db:
        found = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    assert {"store_act", "account_emailaddress", "django_session"} <= found


@pytest.mark.slow
def test_a_command_that_cannot_make_them_says_so(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / MADE)) as db:
        db.execute("CREATE TABLE django_session (a int)")
    done = subprocess.run(
        [sys.executable, "-c", OF_A_COMMAND, tmp_path / MADE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode
    assert "S6" in done.stderr


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


def test_what_a_batch_changes_is_written_at_its_end(tmp_path: Path) -> None:
    db = database.open_database(MADE, str(tmp_path / MADE))
    try:
        query(db, "CREATE TABLE held (n INTEGER PRIMARY KEY, data BLOB)")
        log = tmp_path / f"{MADE}-wal"
        before = log.stat().st_size
        with writing(db):
            query(db, "INSERT INTO held (n, data) VALUES (1, zeroblob(4000000))")
            assert log.stat().st_size == before
        assert log.stat().st_size > before + 4_000_000
    finally:
        database.close_database(db)
