"""The anchor: an fsynced file outside the database that remembers how far the log has come.

It is compared at every append and advanced after the commit, before anything leaves the node
(KERNEL "Anchor"). A database that is behind the anchor was rolled back: signing on would fork the
party's own log, so the node refuses and says what helps.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

import orjson

from comity.kernel.errors import Phrase, Refusal

HELP = (
    "Nothing was signed. Run `comity fsck` to see the difference, then `comity restore` to go on "
    "with the next log."
)


def advised(told: str) -> Phrase:
    """Return what is wrong with the anchor, and what helps."""
    return Phrase("{told} {help}", told=Phrase(told), help=Phrase(HELP))


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a log has come: its number, its size, and the root hash there (hex)."""

    log: int
    size: int
    root: str


class Stamp(NamedTuple):
    """One state of a file, told from every other."""

    inode: int
    time: int


class Anchor:
    """The anchor file of one node. ``path`` lies outside the database and outside backups.

    Threads of one process queue at ``threads`` before they queue at the file lock. Whoever wants
    both takes ``threads`` first, so that no two threads can wait for each other. ``own`` is the
    stamp that the last append of this process left. ``sync`` is the port that waits for the disk.
    """

    def __init__(self, path: Path, sync: Callable[[int], None] = os.fsync) -> None:
        self._path = path
        self._sync = sync
        self._next = path.with_suffix(".new")
        self.threads = threading.RLock()
        self.own: Stamp | None = None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the node's append lock: one writer at a time, over all processes."""
        with self.threads, _open_lock(self._path.with_suffix(".lock")) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def read(self) -> Mark | None:
        """Return the mark, or None if the file is not there. Raises Refusal S1 if unreadable."""
        try:
            value = orjson.loads(self._path.read_bytes())
            return Mark(value["log"], value["size"], value["root"])
        except FileNotFoundError:
            return None
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise Refusal("S1", advised("The anchor file cannot be read.")) from error

    def stamp(self) -> Stamp | None:
        """Return what changes with every append of any process; asking costs next to nothing."""
        return _stamp(self._path)

    def write(self, mark: Mark) -> None:
        """Replace the mark durably: the new file and its folder are synced before returning."""
        self.prepare(mark)
        self.advance()

    def prepare(self, mark: Mark) -> None:
        """Write the next mark beside the one in force, synced.

        What may fail, for want of room, fails here, before the commit.
        """
        with self._next.open("wb") as file:
            file.write(orjson.dumps({"log": mark.log, "size": mark.size, "root": mark.root}))
            file.flush()
            self._sync(file.fileno())

    def advance(self) -> None:
        """Put the prepared mark in force: the file is renamed, and its folder synced."""
        self.own = _stamp(self._next)
        self._next.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            self._sync(folder)
        finally:
            os.close(folder)


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return Stamp(found.st_ino, found.st_mtime_ns)


def _open_lock(path: Path) -> IO[bytes]:
    return path.open("ab")
