"""Opening a node's database: one alias per node, SQLite by default, PostgreSQL by one setting."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

import django
from django import conf
from django.apps import apps
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from comity import settings
from comity.kernel.errors import Refusal
from comity.store import fulltext

Migration: TypeAlias = tuple[str, str]
"""An app and the name of one of its migrations."""

SCHEMA_LOCK = int.from_bytes(b"comity")
"""The number of the lock under which a database of a server is given its tables."""
STORE = "comity.store.apps.StoreConfig"
SQLITE_OPTIONS = {
    # With Django's default of DEFERRED, five in six of concurrent appends fail (ADR 0005).
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # FULL, because a node must not forget what it has signed. Up to 8 MiB that a transaction
    # changes wait for its end, and not 2: what is written sooner is often written again.
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_spill=2000;",
}

POSTGRES_OPTIONS = {
    # A statement run often is planned once by the server, which halves what a short query takes.
    "server_side_binding": True,
    "prepare_threshold": 5,
}


def start_django(*, whole: bool = True) -> None:
    """Configure Django once per process: ``whole``, or the store alone, which takes half a second
    less, for what shows no pages.
    """
    if not apps.ready:
        chosen = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
        if not whole:
            chosen["INSTALLED_APPS"] = [STORE]
        conf.settings.configure(**chosen)
        django.setup()


def open_database(alias: str, where: str) -> str:
    """Register the database ``where`` under ``alias``, and return the alias.

    ``where`` is a ``postgresql://`` URI, or the path of an SQLite file.
    """
    start_django()
    found = _complete(_postgres(where) if where.startswith("postgres") else _sqlite(where))
    if connections.databases.get(alias, found) != found:
        # A connection keeps what it was made with, and would go on to the other database.
        close_database(alias)
    connections.databases[alias] = found
    return alias


def close_database(alias: str) -> None:
    """Close this thread's connection and forget the alias."""
    connections[alias].close()
    del connections[alias]
    connections.databases.pop(alias)


def close_connection(alias: str) -> None:
    """Close this thread's connection; the alias stays and reconnects on use."""
    connections[alias].close()


def bind(alias: str) -> None:
    """Let queries of this thread that name no alias reach ``alias``: the framework's own tables.

    Only a thread that serves one node's pages is bound; everywhere else such a query fails.
    """
    connections["default"] = connections[alias]


def check_connection(alias: str) -> None:
    """Drop this thread's connection if it broke; the next query opens another."""
    connections[alias].close_if_unusable_or_obsolete()


def migrate(alias: str) -> None:
    """Bring the schema up to what this program knows.

    Raises Refusal S6 as below, or when the process that had to do it failed.
    """
    applied = require_known_schema(alias)
    if not _shipped() - applied:
        return
    if conf.settings.INSTALLED_APPS != settings.INSTALLED_APPS:
        _migrate_elsewhere(alias)
    elif applied:
        call_command("migrate", database=alias, verbosity=0, interactive=False)
    else:
        _create(alias)


def _migrate_elsewhere(alias: str) -> None:
    """Do it in a process that knows the tables of sign-in, too."""
    connections[alias].close()
    # By its input: a password among the arguments would be read by others of the machine.
    told = json.dumps(connections.databases[alias])
    done = subprocess.run(
        [sys.executable, "-P", "-m", "comity.store.database"], input=told, text=True, check=False
    )
    if done.returncode:
        raise Refusal("S6", "The database could not be brought up to this program; see above.")


def require_known_schema(alias: str) -> frozenset[Migration]:
    """Return the migrations a database has. Raises Refusal S6 if this program lacks one of them."""
    known = {config.label for config in apps.get_app_configs()}
    found = MigrationRecorder(connections[alias]).applied_migrations()
    applied = frozenset(each for each in found if each[0] in known)
    newer = sorted(name for _, name in applied - _shipped())
    if newer:
        raise Refusal(
            "S6", f"The database was written by a newer program ({', '.join(newer)}). Upgrade."
        )
    return applied


def _create(alias: str) -> None:
    """Make the tables of an empty database as they are now, all or none; none where another process
    has made them meanwhile.

    To play every migration from the first takes twenty times as long; a test holds the two equal.
    """
    with connections[alias].schema_editor(atomic=True) as editor:
        _lock_schema(alias)
        if require_known_schema(alias):
            return
        if not MigrationRecorder(connections[alias]).has_table():
            editor.create_model(MigrationRecorder.Migration)
        for model in apps.get_models():
            editor.create_model(model)
        fulltext.create(editor.connection)
        told = [MigrationRecorder.Migration(app=app, name=name) for app, name in sorted(_shipped())]
        MigrationRecorder.Migration.objects.using(alias).bulk_create(told)


def _lock_schema(alias: str) -> None:
    """Let one transaction at a time go on from here; it ends with the transaction. SQLite has one
    at a time as it is.
    """
    if connections[alias].vendor == "postgresql":
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SCHEMA_LOCK])


@cache
def _shipped() -> frozenset[Migration]:
    """Return the migrations of this program. Django's own command reads and plans them anew for
    every database, which took most of the time of a short command.
    """
    return frozenset(MigrationLoader(None).disk_migrations)


def _sqlite(where: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(Path(where)),
        "OPTIONS": dict(SQLITE_OPTIONS),
    }


def _postgres(where: str) -> dict[str, Any]:
    parts = urlsplit(where)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": {**POSTGRES_OPTIONS, **options},
    }


def _complete(settings: dict[str, Any]) -> dict[str, Any]:
    """Add what Django fills in only for databases it knows at start."""
    return {
        "ATOMIC_REQUESTS": False,
        "AUTOCOMMIT": True,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": False,
        "TIME_ZONE": None,
        "USER": "",
        "PASSWORD": "",
        "HOST": "",
        "PORT": "",
        "TEST": {"CHARSET": None, "COLLATION": None, "MIGRATE": True, "MIRROR": None, "NAME": None},
        **settings,
    }


if __name__ == "__main__":
    start_django()
    connections.databases["asked"] = json.load(sys.stdin)
    migrate("asked")
