"""Identifiers: SHA-256 digests as 64 lower-case hexadecimal digits, and their spoken form."""

from __future__ import annotations

import hashlib
import re
from typing import NewType

Id = NewType("Id", str)
"""The id of a statement or document: SHA-256 over its DSSE pre-authentication encoding."""
PartyId = NewType("PartyId", str)
"""The id of a party: the id of its first root document."""

_HEX = re.compile("[0-9a-f]{64}").fullmatch
_FINGERPRINT_DOMAIN = b"comity fingerprint v0\n"
FINGERPRINT_GROUPS = 12


def is_hex(value: object) -> bool:
    """Say whether ``value`` is a string of exactly 64 lower-case hexadecimal digits."""
    return type(value) is str and _HEX(value) is not None


def fingerprint(party: PartyId) -> str:
    """Return the spoken form of a party id: 12 groups of 5 decimal digits, space-separated.

    Digits are read aloud in any language. SHA-512 over a domain and the 32 raw bytes of the id;
    each group is five bytes of it, big-endian, modulo 100 000. Frozen.
    """
    digest = hashlib.sha512(_FINGERPRINT_DOMAIN + bytes.fromhex(party)).digest()
    groups = (
        int.from_bytes(digest[5 * i : 5 * i + 5], "big") % 100_000
        for i in range(FINGERPRINT_GROUPS)
    )
    return " ".join(f"{group:05d}" for group in groups)
