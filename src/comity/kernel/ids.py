"""Identifiers: SHA-256 digests as 64 lower-case hexadecimal digits, and their spoken form."""

from __future__ import annotations

import hashlib
import re
from typing import NewType

Id = NewType("Id", str)
"""The id of a statement or document: SHA-256 over its DSSE pre-authentication encoding."""
PartyId = NewType("PartyId", str)
"""The id of a party: the id of its first root document."""

GUEST = "/"
"""What parts the id of a host from the handle of its guest. No party's id holds it. Frozen."""

_HEX = re.compile("[0-9a-f]{64}").fullmatch
_FINGERPRINT_DOMAIN = b"comity fingerprint v1\n"
FINGERPRINT_GROUPS = 12


def is_hex(value: object) -> bool:
    """Say whether ``value`` is a string of exactly 64 lower-case hexadecimal digits."""
    return type(value) is str and _HEX(value) is not None


def guest_of(host: PartyId, handle: str) -> PartyId:
    """Return what stands as the author of what a guest of ``host`` did: ``<host>/<handle>``.

    It stands where a party's id would, and is none: whatever asks for a member, or compares with
    a party, never takes a guest for one.
    """
    return PartyId(f"{host}{GUEST}{handle}")


def host_of(speaker: PartyId) -> tuple[PartyId, str]:
    """Return the party that answers for a speaker, and the handle of its guest, "" for itself."""
    host, _, handle = speaker.partition(GUEST)
    return PartyId(host), handle


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
