"""What two people read to each other: a commitment, and the digits that come of two numbers.

Frozen. Each side gives a number of 32 random bytes. The first commits to its own before it knows
the other's, and the second gives its own before it knows the first's: so neither, nor anyone
between them, chooses what the digits become. Whoever pretends to each of the two to be the other
has one guess in 100 million per reading, however much can be computed, and is found out aloud.
Without the commitment, so few digits could be searched for.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from comity.kernel.ids import Id, PartyId

_COMMITMENT = b"comity keys commitment v1\n"
_DIGITS = b"comity keys digits v1\n"
GROUP, GROUPS = 4, 2
"""The digits that are read: groups of so many. Eight are 26 bits; 20 are enough."""
NONCE = 32
"""The bytes of a number."""


class Side(NamedTuple):
    """One of the two: the ``party``, the root document ``doc`` it signs under, its ``nonce``."""

    party: PartyId
    doc: Id
    nonce: str


def commitment(party: PartyId, other: PartyId, key: Id, nonce: str) -> str:
    """Return what commits ``party`` to a ``nonce`` toward ``other``: 64 hexadecimal digits.

    ``key`` is the act that showed the key. SHA-256 over a domain and the raw bytes of the four, so
    that nobody can pass off another's commitment as its own.
    """
    values = (party, other, key, nonce)
    return hashlib.sha256(_COMMITMENT + b"".join(map(bytes.fromhex, values))).hexdigest()


def short_string(commit: Id, first: Side, second: Side, fingerprint: str) -> str:
    """Return the digits that both read aloud: ``0471 9932``, the same in every language.

    ``commit`` is the act that commits ``first``, who began; ``fingerprint`` is that of the key.
    SHA-256 over a domain and the raw bytes of all, the fingerprint last, read as a big-endian
    number, modulo 10 to the 8.
    """
    values = (commit, *first, *second, fingerprint)
    digest = hashlib.sha256(_DIGITS + b"".join(map(bytes.fromhex, values))).digest()
    length = GROUP * GROUPS
    digits = f"{int.from_bytes(digest, 'big') % 10**length:0{length}d}"
    return " ".join(digits[at : at + GROUP] for at in range(0, length, GROUP))
