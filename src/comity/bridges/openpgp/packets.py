"""Packets of OpenPGP data and subpackets of signatures (RFC 9580 sections 4 and 5.2.3.7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from comity.kernel.errors import Phrase

MOST = 5_000
"""The most packets read of one file; a key that many have signed has some hundreds."""


class Packet(NamedTuple):
    """One packet: its type as in section 5, and its body."""

    tag: int
    body: bytes


class Bytes:
    """Bytes being read from the front. Every method raises ValueError where they end too early."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        taken = self._data[self._at : self._at + count]
        if len(taken) < count:
            raise ValueError(Phrase("OpenPGP data end too early; ask for the key again."))
        self._at += count
        return taken

    def rest(self) -> bytes:
        """Return all that is left."""
        return self.take(len(self._data) - self._at)

    def number(self, count: int) -> int:
        """Return the next bytes as a number."""
        return int.from_bytes(self.take(count), "big")


def packets(data: bytes) -> Iterator[Packet]:
    """Yield the packets of binary OpenPGP data. Raises ValueError."""
    left = Bytes(data)
    for _ in range(MOST):
        if not left:
            return
        yield _packet(left)
    if left:
        raise ValueError(Phrase("OpenPGP data have more than {most} packets.", most=MOST))


def _packet(left: Bytes) -> Packet:
    first = left.number(1)
    if first & 0xC0 == 0xC0:
        return Packet(first & 0x3F, left.take(_new_length(left)))
    if first & 0xC0 == 0x80 and first & 3 < 3:
        return Packet(first >> 2 & 0x0F, left.take(left.number(1 << (first & 3))))
    raise ValueError(
        Phrase("This is no OpenPGP key: a packet begins with the byte {byte}.", byte=first)
    )


def _new_length(left: Bytes) -> int:
    first = left.number(1)
    if first < 192:
        return first
    if first < 224:
        return (first - 192 << 8) + left.number(1) + 192
    if first < 255:
        # Section 4.2.1.4 allows parts of unknown number for data alone, never for keys.
        raise ValueError(Phrase("This is no OpenPGP key: a packet comes in parts."))
    return left.number(4)


def subpackets(area: bytes) -> Iterator[Packet]:
    """Yield the subpackets of a signature, without their critical bit. Raises ValueError."""
    left = Bytes(area)
    while left:
        first = left.number(1)
        if first >= 192:
            first = left.number(4) if first == 255 else (first - 192 << 8) + left.number(1) + 192
        kind, body = left.number(1), left.take(max(first, 1) - 1)
        yield Packet(kind & 0x7F, body)
