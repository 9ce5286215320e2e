"""Closing connections over which a request comes too slowly, so that they hold no place for ever.

The server waits ten seconds for the head of a request, and for its body as long as the line is
open: a thread that reads one cannot be told to stop. What ends it is the end of its connection, and
the system counts what passes over each (``TCP_INFO``, Linux 4.1 and later; elsewhere a proxy must
see to it). A node that sent a request waits no longer for the answer than the time of grace, so no
answer is lost that somebody waits for.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

FILES = Path("/proc/self/fd")
INFO_SIZE = 192
_PASSED = struct.Struct("=QQ")
_PASSED_AT = 120
"""Where ``tcp_info`` holds the bytes sent that the peer has acknowledged, and those received."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How slowly a request may come: within ``grace`` seconds of the last answer, and one more for
    each ``rate`` bytes that have come since. ``look`` are the seconds between two looks.
    """

    grace: float = 30.0
    rate: int = 4 * 1024
    look: float = 5.0


class Passed(NamedTuple):
    """What passed over a connection so far, in bytes: ``answered`` and ``received``."""

    answered: int
    received: int


class Watch:
    """Remembers of each connection, by number, when it was answered last, and what had passed."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._since: dict[int, tuple[float, Passed]] = {}

    def stalled(self, seen: dict[int, Passed], now: float) -> set[int]:
        """Return those of the connections ``seen`` at ``now`` (seconds) that are too slow."""
        since = {name: self._since.get(name, (now, passed)) for name, passed in seen.items()}
        for name, passed in seen.items():
            if passed.answered != since[name][1].answered:
                since[name] = now, passed
        self._since = since
        return {name for name, passed in seen.items() if self._is_late(*since[name], passed, now)}

    def _is_late(self, began: float, before: Passed, passed: Passed, now: float) -> bool:
        came = passed.received - before.received
        return now - began > self._pace.grace + came / self._pace.rate


def watch(pace: Pace | None = None) -> None:
    """Close stalled connections to this process's server from now on, where the system can tell."""
    pace = pace or Pace()
    if hasattr(socket, "TCP_INFO") and FILES.is_dir():
        look = _looker(Watch(pace))
        threading.Thread(target=_run, args=(look, pace.look), name="stalled", daemon=True).start()


def _run(look: Callable[[], None], pause: float) -> None:
    while True:
        time.sleep(pause)
        # No file may be free for a copy just now; the next look finds the same.
        with suppress(OSError):
            look()


def _looker(watching: Watch) -> Callable[[], None]:
    def look() -> None:
        found = dict(_connections())
        seen = {name: passed for name, each in found.items() if (passed := _passed(each))}
        for name in watching.stalled(seen, time.monotonic()):
            with suppress(OSError), _borrowed(found[name], name) as each:
                each.shutdown(socket.SHUT_RDWR)

    return look


def _passed(number: int) -> Passed | None:
    with suppress(OSError, struct.error), _borrowed(number) as each:
        info = each.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, INFO_SIZE)
        return Passed(*_PASSED.unpack_from(info, _PASSED_AT))
    return None


def _connections() -> Iterator[tuple[int, int]]:
    """Yield (name, number) of connections that were accepted here."""
    sockets = list(_sockets())
    ports = {port for _, _, port, is_listening in sockets if is_listening}
    for name, number, port, is_listening in sockets:
        # Connections to others, as to a database, come from ports of their own.
        if not is_listening and port in ports:
            yield name, number


def _sockets() -> Iterator[tuple[int, int, int | None, bool]]:
    for number in (int(path.name) for path in FILES.iterdir()):
        # It may be closed meanwhile, and its number be given to another file.
        with suppress(OSError), _borrowed(number) as each:
            yield os.fstat(number).st_ino, number, _port(each), _is_listening(each)


@contextmanager
def _borrowed(number: int, name: int | None = None) -> Iterator[socket.socket]:
    """Yield the socket behind a number of this process; its owner alone closes it.

    It is never copied, because a copy must be closed: had the number become that of the database
    meanwhile, this process would lose its locks on it, and others would write into what it writes
    (POSIX, fcntl; "How To Corrupt An SQLite Database File", 2.2). Raises OSError if there is no
    socket, or not the one called ``name``.
    """
    each = socket.socket(fileno=number)
    try:
        if name not in {None, os.fstat(number).st_ino}:
            raise OSError(errno.EBADF, "The number was given to another file.")
        yield each
    finally:
        each.detach()


def _is_listening(each: socket.socket) -> bool:
    with suppress(OSError):
        return bool(each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    return False


def _port(each: socket.socket) -> int | None:
    with suppress(OSError):
        if each.family in {socket.AF_INET, socket.AF_INET6}:
            return int(each.getsockname()[1])
    return None
