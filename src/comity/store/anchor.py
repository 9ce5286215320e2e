"""The anchor: an fsynced file outside the database that remembers how far the log has come.

It is compared at every append and advanced after the commit, before anything leaves the node
(KERNEL "Anchor"). A database that is behind the anchor was rolled back: signing on would fork the
party's own log, so the node refuses and says what helps.
"""

from __future__ import annotations

import fcntl
import hashlib
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


class _Slot(NamedTuple):
    """A mark as it stands in one of the two places of the file; ``turn`` counts the writes."""

    turn: int
    mark: Mark
    line: bytes


SLOT = 4096
"""Bytes between the two places where a mark may stand: never in one block of a disk."""
LINE = 512
"""Bytes of a mark with its hash: a sector."""


class Anchor:
    """The anchor file of one node. ``path`` lies outside the database and outside backups.

    It holds the last two marks, each with a count and a hash. The older is overwritten in place,
    which makes one short wait for the disk of what would be two for a new file and its folder; cut
    off in the middle, it leaves the other, which is one append behind.

    Threads of one process queue at ``threads`` before they queue at the file lock. Whoever wants
    both takes ``threads`` first, so that no two threads can wait for each other. ``own`` is the
    stamp that the last append of this process left. ``sync`` is the port that waits for the disk
    until a file is there, ``sync_data`` until what stands in it is.
    """

    def __init__(
        self,
        path: Path,
        sync: Callable[[int], None] = os.fsync,
        sync_data: Callable[[int], None] = os.fdatasync,
    ) -> None:
        self._path = path
        self._lock = path.with_suffix(".lock")
        self._sync, self._sync_data = sync, sync_data
        self.threads = threading.RLock()
        self.own: bytes | None = None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the node's append lock: one writer at a time, over all processes."""
        with self.threads, _open_lock(self._lock) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def read(self) -> Mark | None:
        """Return the mark, or None if the file is not there. Raises Refusal S1 if unreadable."""
        found = self._slot()
        if found is None and self._path.exists():
            raise Refusal("S1", advised("The anchor file cannot be read."))
        return found and found.mark

    def stamp(self) -> bytes | None:
        """Return what changes with every append of any process; asking costs next to nothing."""
        found = self._slot()
        return found and found.line

    def write(self, mark: Mark) -> None:
        """Make the file anew, durably: it and its folder are synced before returning."""
        before = self._slot()
        turn = 0 if before is None else before.turn + 1
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            line = _line(turn, mark)
            file.write(line.ljust(SLOT) + line)
            file.flush()
            self._sync(file.fileno())
        fresh.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            self._sync(folder)
        finally:
            os.close(folder)

    def require_writable(self) -> None:
        """Raise OSError where the file cannot be written, as on a disk that became read-only.

        Asked before the commit: what was signed would otherwise be there, and the anchor behind.
        """
        os.close(os.open(self._path, os.O_WRONLY))

    def advance(self, mark: Mark) -> None:
        """Put a mark in force, durably, in place of the one before the last. The file never grows,
        so a full disk does not stop it where files are overwritten in place.
        """
        before = self._slot()
        turn = 0 if before is None else before.turn + 1
        line = _line(turn, mark)
        file = os.open(self._path, os.O_WRONLY)
        try:
            os.pwrite(file, line, turn % 2 * SLOT)
            self._sync_data(file)
        finally:
            os.close(file)
        self.own = line

    def _slot(self) -> _Slot | None:
        """Return the last mark that was written whole."""
        try:
            data = self._path.read_bytes()
        except OSError:
            return None  # Also of a folder in its place, or a disk that fails: see ``read``.
        slots = [_slot(data[:LINE]), _slot(data[SLOT : SLOT + LINE])]
        whole = [each for each in slots if each is not None]
        return max(whole, key=lambda each: each.turn, default=None)


def _line(turn: int, mark: Mark) -> bytes:
    told = orjson.dumps({"log": mark.log, "root": mark.root, "size": mark.size, "turn": turn})
    return (told + b" " + hashlib.sha256(told).hexdigest().encode()).ljust(LINE - 1) + b"\n"


def _slot(line: bytes) -> _Slot | None:
    told, _, digest = line.strip().rpartition(b" ")
    if hashlib.sha256(told).hexdigest().encode() != digest:
        return None
    value = orjson.loads(told)
    return _Slot(value["turn"], Mark(value["log"], value["size"], value["root"]), line)


def _open_lock(path: Path) -> IO[bytes]:
    return path.open("ab")
