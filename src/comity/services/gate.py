"""The gate before a node's doors: who may send how much, decided before a byte of a body is read.

Wire and TAXII have one each, so that neither uses up the places of the other.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.services import origins
from comity.services.quota import Buckets
from comity.services.replies import Turned

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol
    from wsgiref.types import WSGIEnvironment

    class Body(Protocol):
        """A WSGI body."""

        def read(self, size: int, /) -> bytes:
            """Return up to ``size`` bytes, none at the end."""


PIECE = 64 * 1024
CHUNKED = "chunked"


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests per minute from one address (of IPv6: from one network of 64 bits), and bodies being
    read at once: from one address, from this machine (where a proxy may stand), and in all. Slow
    senders fill the first number, never the last.
    """

    per_minute: int = 3_000
    bodies: int = 16
    bodies_here: int = 64
    bodies_in_all: int = 160


class Gate:
    """Counts requests and bodies. ``clock`` gives seconds of any origin."""

    def __init__(
        self, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits or Limits()
        self._clock = clock
        self._buckets = Buckets()
        self._lock = threading.Lock()
        self._reading: Counter[str] = Counter()

    def require_turn(self, origin: str) -> None:
        """Take one of the minute's requests of an address. Raises Turned 429."""
        if origin and not origins.is_here(origin):
            limit = self._limits.per_minute
            if not self._buckets.take(origins.holder(origin), limit, int(self._clock() * 1000)):
                reason = f"More than {limit} requests came from this address within a minute."
                raise _later(429, "T5", reason)

    @contextmanager
    def reading(self, origin: str) -> Iterator[None]:
        """Hold one of the places for reading a body. Raises Turned 429 or 503."""
        limits, origin = self._limits, origins.holder(origin)
        most = limits.bodies_here if origins.is_here(origin) else limits.bodies
        with self._lock:
            if self._reading[origin] >= most:
                raise _later(429, "T5", "This address is sending too many bodies at once.")
            if self._reading.total() >= limits.bodies_in_all:
                raise _later(503, "T13", "Too many bodies are being sent to this node at once.")
            self._reading[origin] += 1
        try:
            yield
        finally:
            with self._lock:
                self._reading[origin] -= 1
                if not self._reading[origin]:
                    del self._reading[origin]


def read_body(environ: WSGIEnvironment, limit: int) -> bytes:
    """Read a request's body of at most ``limit`` bytes. Raises Turned 400, 411 or 413."""
    chunked = str(environ.get("HTTP_TRANSFER_ENCODING", "")).lower() == CHUNKED
    told = None if chunked else _length(environ, limit)
    most = limit if told is None else told
    data = _read(environ["wsgi.input"], most)
    if len(data) > most:
        raise _too_large(limit)
    if told is not None and len(data) < told:
        raise Turned(400, Refusal("T7", f"The body ended after {len(data)} of {told} bytes."))
    return data


def _length(environ: WSGIEnvironment, limit: int) -> int:
    # Servers of WSGI give it under one name or the other.
    told = str(environ.get("CONTENT_LENGTH") or environ.get("HTTP_CONTENT_LENGTH") or "")
    if not told:
        raise Turned(411, Refusal("T7", "The request does not say how long its body is."))
    if not (told.isascii() and told.isdigit()):
        raise Turned(400, Refusal("T7", "The length of the body is not a number."))
    if len(told) > 12 or int(told) > limit:
        raise _too_large(limit)
    return int(told)


def _read(body: Body, most: int) -> bytes:
    """Read to the end, or one byte beyond ``most``."""
    pieces: list[bytes] = []
    left = most + 1
    while left and (piece := body.read(min(PIECE, left))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _too_large(limit: int) -> Turned:
    # What follows on this connection is the rest of a body nobody reads.
    refusal = Refusal("T7", f"The request has more than {limit} bytes.")
    return Turned(413, refusal, ("Connection", "close"))


def _later(status: int, rule: str, reason: str) -> Turned:
    return Turned(status, Refusal(rule, reason), ("Retry-After", "5"), ("Connection", "close"))
