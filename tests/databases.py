"""The databases of the nodes that tests make: SQLite, or with one switch PostgreSQL for all.

``COMITY_TEST_DATABASE=postgres``, which ``make test DB=postgres`` sets, lets every test that makes
a node make it on a PostgreSQL server of the test run's own. A test about SQLite itself is marked
``sqlite`` and skips then. Without the switch nodes are on SQLite, but those of the fixtures
``db_url`` and ``nodes``, which run a test once per database.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg import IsolationLevel
from psycopg.pq import TransactionStatus

from comity.services.node import DATABASE, SETTINGS, Settings, database_of
from comity.store.database import close_database, migrate, open_database
from tools import drill_disks

if TYPE_CHECKING:
    from comity.services.node import Node

KINDS = ("sqlite", "postgres")
KIND = os.environ.get("COMITY_TEST_DATABASE") or KINDS[0]
if KIND not in KINDS:
    raise ValueError(f"COMITY_TEST_DATABASE is one of {', '.join(KINDS)}, not {KIND!r}.")
ON_POSTGRES = KIND == "postgres"

_NUMBERS = itertools.count(1)


class Warm:
    """Connections that nodes have closed, to be given again while one Pool is in use.

    One that knows its tables and statements answers several times faster than a new one.
    """

    MOST = 40

    def __init__(self) -> None:
        self._idle: dict[str, list[psycopg.Connection]] = {}
        self._open: Callable[[Any, dict[str, Any]], psycopg.Connection]
        self._open = DatabaseWrapper.get_new_connection
        self._patch = pytest.MonkeyPatch()

        def take(wrapper: Any, how: dict[str, Any]) -> psycopg.Connection:
            return self._take(wrapper, how)

        def keep(wrapper: Any) -> None:
            self._keep(wrapper)

        self._patch.setattr(DatabaseWrapper, "get_new_connection", take)
        self._patch.setattr(DatabaseWrapper, "_close", keep)

    def _take(self, wrapper: Any, how: dict[str, Any]) -> psycopg.Connection:
        idle = self._idle.get(wrapper.settings_dict["NAME"])
        if not idle:
            return self._open(wrapper, how)
        wrapper.isolation_level = IsolationLevel.READ_COMMITTED
        return idle.pop()

    def _keep(self, wrapper: Any) -> None:
        connection = wrapper.connection
        if connection.info.transaction_status != TransactionStatus.IDLE or self._is_full():
            connection.close()
            return
        self._idle.setdefault(wrapper.settings_dict["NAME"], []).append(connection)

    def _is_full(self) -> bool:
        return sum(map(len, self._idle.values())) >= self.MOST

    def forget(self, name: str) -> None:
        """Close what is kept to one database."""
        for connection in self._idle.pop(name, ()):
            connection.close()

    def end(self) -> None:
        """Close all that is kept, and keep nothing more."""
        self._patch.undo()
        for name in [*self._idle]:
            self.forget(name)


class Pool:
    """The databases of one PostgreSQL server, for one process that runs tests.

    New ones are copies of one with the schema in it. What a test used is emptied and used again:
    making one anew costs more than all that most tests do.
    """

    def __init__(self, server: str) -> None:
        self.server = server
        self._spare: list[str] = []
        self._used: list[str] = []
        self._copies: list[str] = []
        self._hands: dict[str, psycopg.Connection] = {}
        self._keeping = False
        self._warm = Warm()
        self.schema = self._create("template1")
        alias = open_database(self.schema, self._named(self.schema))
        migrate(alias)
        self._emptying = _emptying(self._named(self.schema))
        close_database(alias)

    def begin(self) -> None:
        """Begin a test: what fixtures of longer life have made before is theirs."""
        self._used, self._copies = [], []

    def new(self) -> str:
        """Return the URI of an empty database, which is the test's until ``clean``."""
        name = self._spare.pop() if self._spare else self._create(self.schema)
        if not self._keeping:
            self._used.append(name)
        return self._named(name)

    def copy_of(self, uri: str) -> str:
        """Return the URI of a copy of a database that nobody uses now."""
        made = self._create(uri.partition("?")[0].rpartition("/")[2])
        if not self._keeping:
            self._copies.append(made)
        return self._named(made)

    def bare(self) -> str:
        """Return the URI of a database without any table."""
        self._copies.append(self._create("template1"))
        return self._named(self._copies[-1])

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Let the databases made meanwhile outlive the test."""
        before, self._keeping = self._keeping, True
        try:
            yield
        finally:
            self._keeping = before

    def clean(self) -> None:
        """Take back what was given since the last time."""
        for name in self._used:
            self._hand(name).execute(self._emptying)
        self._spare += self._used
        for name in self._copies:
            self._warm.forget(name)
            self._hand("postgres").execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
        self._used, self._copies = [], []

    def close(self) -> None:
        """Close the connections that were kept."""
        self._warm.end()
        while self._hands:
            self._hands.popitem()[1].close()

    def _hand(self, name: str) -> psycopg.Connection:
        """Return a connection to a database, kept for the next time."""
        if name not in self._hands:
            self._hands[name] = psycopg.connect(self._named(name), autocommit=True)
        return self._hands[name]

    def _named(self, name: str) -> str:
        return self.server.replace("/postgres?", f"/{name}?")

    def _create(self, template: str) -> str:
        name = f"node_{os.getpid()}_{next(_NUMBERS)}"
        # A database in use cannot be copied.
        self._warm.forget(template)
        if template in self._hands:
            self._hands.pop(template).close()
        made = f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"
        self._hand("postgres").execute(made.encode())
        return name


def _emptying(uri: str) -> bytes:
    """Return what empties a node's database, in one journey.

    Most tables hold a few rows or none, and to truncate one costs more than all of these.
    """
    with psycopg.connect(uri) as connection:
        # Who was signed in is a table of the framework, which a node's tables do not count.
        names = [*drill_disks.tables(connection), "django_session"]
        rows = connection.execute("SELECT sequencename FROM pg_sequences").fetchall()
        counters = [str(each) for (each,) in rows if any(each.startswith(n) for n in names)]
    steps = [
        "BEGIN",
        # A test that left a lock behind fails here, and not in the test that comes next.
        "SET LOCAL lock_timeout = '20s'",
        f"LOCK {', '.join(names)}",
        # References need not be followed where everything goes.
        "SET LOCAL session_replication_role = replica",
        *(f"DELETE FROM {name}" for name in names),
        *(f"SELECT setval('{name}', 1, false)" for name in counters),
        "DROP SCHEMA IF EXISTS snapshot CASCADE",
        "COMMIT",
    ]
    return "; ".join(steps).encode()


def _forget(connection: psycopg.Connection) -> None:
    connection.execute("DROP SCHEMA IF EXISTS snapshot CASCADE")


pool: Pool | None = None
"""Where nodes are made in this run; None for SQLite."""


def usual() -> str:
    """Return a new, empty database of this run's kind, as ``node.json`` names it."""
    return DATABASE if pool is None else pool.new()


@contextmanager
def kept() -> Iterator[None]:
    """Let the databases made meanwhile outlive the test."""
    if pool is None:
        yield
        return
    with pool.keeping():
        yield


def adopt(folder: Path) -> None:
    """Give a node's folder that was copied a copy of its database, unless it lies in the folder."""
    settings = Settings.read(folder)
    if pool is not None and settings.database != DATABASE:
        replace(settings, database=pool.copy_of(settings.database)).write(folder)


def open_beside(alias: str, folder: Path) -> str:
    """Open a node's database under an alias of its own, as another program would."""
    return open_database(alias, database_of(folder, Settings.read(folder)))


def kept_in(folder: Path) -> dict[str, bytes]:
    """Return all that a node keeps: its files by their names, and the tables of its database where
    that is no file.
    """
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    found = {str(path.relative_to(folder)): path.read_bytes() for path in files}
    if (folder / SETTINGS).exists():
        found |= _rows(database_of(folder, Settings.read(folder)))
    return found


def _rows(uri: str) -> dict[str, bytes]:
    if not uri.startswith("postgres"):
        return {}
    with psycopg.connect(uri) as connection, connection.cursor() as cursor:
        found: dict[str, bytes] = {}
        for table in drill_disks.tables(connection):
            with cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)".encode()) as rows:
                found[table] = b"".join(bytes(piece) for piece in rows)
    return found


def remember(node: Node) -> None:
    """Keep a snapshot of a node's database, in place of the last one, while it is used."""
    if node.settings.database == DATABASE:
        _copy(node.folder / DATABASE, _beside(node))
        return
    with psycopg.connect(node.settings.database) as connection:
        _forget(connection)
    drill_disks.remember(node.settings.database)


def roll_back(node: Node) -> bool:
    """Put the snapshot of a node's database back; return False if there is none."""
    if node.settings.database == DATABASE:
        found = _beside(node).exists()
        if found:
            _copy(_beside(node), node.folder / DATABASE)
            _beside(node).unlink()
        return found
    with psycopg.connect(node.settings.database) as connection:
        rows = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'snapshot'")
        if rows.fetchone() is None:
            return False
    drill_disks.roll_back(node.settings.database)
    with psycopg.connect(node.settings.database) as connection:
        _forget(connection)
    return True


def _beside(node: Node) -> Path:
    return (node.folder / DATABASE).with_suffix(".copy")


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


@contextmanager
def counted(db: str) -> Iterator[list[str]]:
    """Give a list that takes every statement this thread runs on a node's database meanwhile."""
    found: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        found.append(sql)
        return execute(sql, params, many, context)

    with connections[db].execute_wrapper(note):
        yield found
