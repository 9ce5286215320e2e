"""The ports through which a node meets the world, and the real ones.

Time, chance and transport are injected, so that a whole network of nodes runs in one test process
and every decision of it can be repeated from a seed.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Clock(Protocol):
    """A source of the present."""

    def now(self) -> int:
        """Return milliseconds since the epoch, UTC."""


class Random(Protocol):
    """A source of chance."""

    def bytes(self, count: int) -> bytes:
        """Return ``count`` unpredictable bytes."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: HTTP ``status``, ``body``, and ``headers`` by their names in small letters.

    0 is never a status. Two replies of one status and body are equal.
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)


class Unreachable(Exception):
    """The other side could not be reached, or did not answer in time."""


class Overlong(Unreachable):
    """The answer is larger than was asked for."""


class Forbidden(Unreachable):
    """The address is one that this node does not connect to, whoever names it."""


class Astray(Unreachable):
    """The way out of this node is not as its settings say: the proxy, or a file that they name."""


class Transport(Protocol):
    """A way to send bytes to another node and read its answer."""

    def send(self, url: str, body: bytes, *, limit: int) -> Reply:
        """POST ``body`` to ``url``; at most ``limit`` bytes of answer. Raises Unreachable."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Return milliseconds since the epoch, UTC."""
        return time.time_ns() // 1_000_000


class SystemRandom:
    """The operating system's randomness."""

    def bytes(self, count: int) -> bytes:
        """Return ``count`` bytes of it."""
        return secrets.token_bytes(count)


@dataclass(frozen=True, slots=True)
class Ports:
    """The three ports a node needs."""

    clock: Clock
    random: Random
    transport: Transport
