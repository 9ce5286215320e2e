"""What a transferable public key says of itself: fingerprint, names, times (RFC 9580 section 10.1).

No signature is verified. Fingerprint and creation are those of the key whatever the signatures
are; names and expiry are claims, as good as the place from where the key came.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import NamedTuple

from comity.bridges.openpgp import armor
from comity.bridges.openpgp.packets import Bytes, Packet, packets, subpackets
from comity.kernel.errors import Phrase

LIMIT = 1024 * 1024
"""The largest key file, in bytes."""
LONGEST = 0xFFFF
"""The longest key of version 4, in bytes: its fingerprint is over its length in two of them."""
TIME = 4
"""The bytes of a time in a signature."""
FINGERPRINT = re.compile("[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}")
"""A fingerprint of version 4 or 6, written without blanks."""

_SIGNATURE, _PUBLIC_KEY, _USER_ID = 2, 6, 13
# Certifications of a name, and the signature of a key over itself (section 5.2.1).
_SELF = {0x10, 0x11, 0x12, 0x13, 0x1F}
_CREATED, _EXPIRES, _ISSUER, _ISSUER_FINGERPRINT = 2, 9, 16, 33


@dataclass(frozen=True, slots=True)
class Key:
    """A public key: ``version`` 4 or 6, ``fingerprint`` in capital hexadecimal digits, ``users`` as
    it names them, ``created`` and ``expires`` in ms, None where it says that it never does.
    """

    version: int
    fingerprint: str
    created: int
    expires: int | None
    users: tuple[str, ...]


class _Signed(NamedTuple):
    """What a signature says: when (s), and how many seconds after its creation a key expires."""

    at: int
    after: int


def read(data: bytes | str) -> list[Key]:
    """Return the keys of binary or armored data, one or more.

    Raises ValueError where there is none, where data are broken or too large, and for keys of
    other versions than 4 and 6.
    """
    if len(data) > LIMIT:
        raise ValueError(Phrase("A key file has at most {limit} bytes.", limit=LIMIT))
    blocks = _blocks(data)
    found = [key for block in blocks for key in _keys(block)]
    if not found:
        raise ValueError(Phrase("This holds no OpenPGP public key."))
    return found


def _blocks(data: bytes | str) -> list[bytes]:
    if isinstance(data, str):
        return armor.keys(data)
    # Every packet begins with the highest bit, which no armor has.
    return [data] if data[:1] >= b"\x80" else armor.keys(data.decode("utf-8", "replace"))


def _keys(data: bytes) -> list[Key]:
    groups: list[list[Packet]] = []
    for packet in packets(data):
        if packet.tag == _PUBLIC_KEY:
            groups.append([])
        if groups:
            groups[-1].append(packet)
    return [_key(group) for group in groups]


def _key(group: list[Packet]) -> Key:
    body = group[0].body
    version, created = body[0] if body else 0, Bytes(body[1:]).number(4)
    mark = _fingerprint(version, body)
    users = (packet.body.decode("utf-8", "replace") for packet in group if packet.tag == _USER_ID)
    signed = (_signed(packet.body, mark) for packet in group if packet.tag == _SIGNATURE)
    newest = max((each for each in signed if each is not None), default=_Signed(0, 0))
    expires = (created + newest.after) * 1000 if newest.after else None
    return Key(version, mark.hex().upper(), created * 1000, expires, tuple(users))


def _fingerprint(version: int, body: bytes) -> bytes:
    """Return the fingerprint of section 5.5.4."""
    if version == 4 and len(body) <= LONGEST:
        prefix = b"\x99" + len(body).to_bytes(2, "big")
        return hashlib.sha1(prefix + body, usedforsecurity=False).digest()
    if version == 6:
        return hashlib.sha256(b"\x9b" + len(body).to_bytes(4, "big") + body).digest()
    if version == 4:
        raise ValueError(Phrase("A key of version 4 has at most {limit} bytes.", limit=LONGEST))
    raise ValueError(
        Phrase("Keys of OpenPGP have version 4 or 6, and this one has {version}.", version=version)
    )


def _signed(body: bytes, mark: bytes) -> _Signed | None:
    """Return what the key says of itself in a signature, None where others sign or say less."""
    left = Bytes(body)
    version, kind, _algorithms = left.number(1), left.number(1), left.take(2)
    if version not in {4, 6} or kind not in _SELF:
        return None
    width = 4 if version == 6 else 2
    hashed = dict(subpackets(left.take(left.number(width))))
    claims = hashed | dict(subpackets(left.take(left.number(width))))
    if not _is_own(claims, mark):
        return None
    told = (hashed.get(each, b"") for each in (_CREATED, _EXPIRES))
    times = (int.from_bytes(each if len(each) == TIME else b"", "big") for each in told)
    return _Signed(*times)


def _is_own(claims: dict[int, bytes], mark: bytes) -> bool:
    if _ISSUER_FINGERPRINT in claims:
        return claims[_ISSUER_FINGERPRINT][1:] == mark
    return _ISSUER in claims and claims[_ISSUER] == (mark[-8:] if len(mark) == 20 else mark[:8])
