"""Disks and databases that drills break: a real file system that fills up, and PostgreSQL."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

SIZE = 96 * 1024 * 1024
"""Bytes of the small disk: a node takes nothing in while less than 64 MiB are free."""
_MOUNT = 'mount -t tmpfs -o "size=$1" comity "$2" && echo mounted && exec cat'


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A file system of its own at ``path``, seen only by what is started through ``enter``."""

    path: Path
    enter: tuple[str, ...]

    def run(self, *words: str) -> None:
        """Run a command that sees the disk; failing is what some are for."""
        subprocess.run([*self.enter, *words], check=False, capture_output=True)

    def fill(self) -> None:
        """Leave no byte free."""
        self.run("sh", "-c", f"cat /dev/zero > '{self.path}/ballast'")

    def free(self) -> None:
        """Make room again."""
        self.run("rm", f"{self.path}/ballast")

    def bring(self, folder: Path) -> Path:
        """Copy a folder onto the disk; return where it is there."""
        inside = self.path / folder.name
        # Beneath the disk, for what is started outside to have a folder to write to.
        inside.mkdir()
        self.run("cp", "-a", str(folder), str(self.path))
        return inside

    def take_back(self, folder: Path) -> None:
        """Replace a folder by what the disk holds of it."""
        self.run("cp", "-a", f"{self.path / folder.name}/.", str(folder))


@contextmanager
def small_disk(path: Path) -> Iterator[SmallDisk | None]:
    """Make a file system of ``SIZE`` bytes at ``path``, in a mount namespace of its own.

    That takes neither root nor a device, but a system that lets users make namespaces; where it
    does not, gives None. It lives in memory, and ends with the block.
    """
    path.mkdir()
    make = ["unshare", "--user", "--map-root-user", "--mount"]
    try:
        holder = subprocess.Popen(
            [*make, "sh", "-c", _MOUNT, "sh", str(SIZE), str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        yield None
        return
    with holder:
        if holder.stdout is None or holder.stdout.readline() != b"mounted\n":
            yield None
            return
        enter = ("nsenter", "--target", str(holder.pid), "--user", "--mount")
        yield SmallDisk(path, (*enter, "--preserve-credentials"))


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server, by the URI of its database ``postgres``."""

    uri: str

    def named(self, name: str) -> str:
        """Return the URI of another of its databases."""
        return self.uri.replace("/postgres?", f"/{name}?")

    def create(self, name: str, template: str = "template1") -> str:
        """Make a database, a copy of another that nobody uses; return its URI."""
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return self.named(name)


def remember(uri: str) -> None:
    """Keep a snapshot of every table of a PostgreSQL database beside it, while it is used."""
    with psycopg.connect(uri) as connection:
        connection.execute("CREATE SCHEMA snapshot")
        for table in tables(connection):
            connection.execute(f"CREATE TABLE snapshot.{table} AS TABLE public.{table}".encode())


def roll_back(uri: str) -> None:
    """Put the snapshot back under whoever uses the database."""
    with psycopg.connect(uri) as connection:
        names = tables(connection)
        connection.execute(f"TRUNCATE {', '.join(names)}".encode())
        for table in names:
            copy = f"INSERT INTO public.{table} SELECT * FROM snapshot.{table}"  # noqa: S608
            connection.execute(copy.encode())


def tables(connection: psycopg.Connection) -> list[str]:
    """Return the names of the tables of a node's database, without those that describe it."""
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
        "AND tablename NOT LIKE 'django\\_%' AND tablename NOT LIKE 'auth\\_%'"
    )
    return [str(row[0]) for row in rows.fetchall()]


@contextmanager
def answering_full(uri: str) -> Iterator[None]:
    """Let a PostgreSQL database answer every new leaf of the log as it does on a full disk."""
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE "
            "'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"
        )
        connection.execute(
            "CREATE TRIGGER full_disk BEFORE INSERT ON store_leaf EXECUTE FUNCTION full_disk()"
        )
        try:
            yield
        finally:
            connection.execute("DROP FUNCTION full_disk CASCADE")
