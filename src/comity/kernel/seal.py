r"""Sealing: a message to one node that nobody else can open (RFC 9180, base mode, single shot).

Frozen. ::

    info       = "comity/seal/v1\n" ‖ sender ‖ recipient     party ids as 32 raw bytes each
    padded     = length (4 bytes, big-endian) ‖ plaintext ‖ zeros
    ciphertext = enc ‖ ct                                     RFC 9180 section 6.1, empty aad

The bytes after the length are filled up to the next power of two, at least 4 KiB, so that a size
on the wire is one of nine. Base mode does not say who sealed: the cover's signature does, and
``info`` ties the message to the two parties that the cover names.

The one module of the kernel that causes randomness, inside the library: each message has a fresh
ephemeral key, and taking it as an argument would make it possible to use one twice.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NewType, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from comity.kernel.errors import Refusal
from comity.kernel.ids import is_hex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from comity.kernel.ids import PartyId

HPKEKey = NewType("HPKEKey", str)
"""A public sealing key in text form: an algorithm, a colon, and the key in lower-case hex."""

PLAINTEXT_LIMIT = 1024 * 1024
"""The largest message, in bytes."""
LEAST_BUCKET = 4096
OVERHEAD = 4 + 32 + 16
"""What sealing adds to a bucket: the length, the encapsulated key and the tag."""

_DOMAIN = b"comity/seal/v1\n"
_LENGTH = 4
_X25519 = "x25519:"
_FIELD_PRIME = 2**255 - 19


@dataclass(frozen=True, slots=True)
class _Scheme:
    """A suite as data: the ``prefix`` of its keys in text form, and how one is loaded."""

    prefix: str
    suite: Suite
    load: Callable[[bytes], X25519PublicKey]


# The algorithm belongs to the key. A post-quantum suite is one more row, with its own prefix.
_SCHEMES = {
    "x25519-hkdf_sha256-chacha20_poly1305": _Scheme(
        _X25519,
        Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305),
        X25519PublicKey.from_public_bytes,
    )
}
SUITES = tuple(_SCHEMES)
"""The ids of the suites this version knows, as node documents spell them; the preferred first."""

# Any clamped scalar shows whether a point has low order; this one is not a secret of anybody.
_PROBE = X25519PrivateKey.from_private_bytes(b"\x01" * 32)


class Opener(Protocol):
    """A port: something that holds a private sealing key and opens with it."""

    @property
    def key(self) -> HPKEKey:
        """The public key that messages are sealed to."""

    def open(self, ciphertext: bytes, info: bytes) -> bytes:
        """Return the plaintext. Raises InvalidTag or ValueError when it does not open."""


class SecretOpener:
    """An opener over a 32-byte X25519 private key held in memory."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self._private = X25519PrivateKey.from_private_bytes(secret)
        self._key = HPKEKey(_X25519 + self._private.public_key().public_bytes_raw().hex())

    @property
    def key(self) -> HPKEKey:
        """The public key."""
        return self._key

    def open(self, ciphertext: bytes, info: bytes) -> bytes:
        """Return the plaintext. Raises InvalidTag or ValueError when it does not open."""
        return _scheme(self._key).suite.decrypt(ciphertext, self._private, info)


def parse_hpke_key(text: object) -> HPKEKey:
    """Return ``text`` as a public sealing key, checked.

    Raises Refusal K9: not ``x25519:<64 hex>``, or a point of low order, with which no secret can
    be shared (RFC 7748 section 6.1), or one not in its one canonical encoding.
    """
    if not isinstance(text, str) or not text.startswith(_X25519):
        raise Refusal("K9", "A sealing key is not written as x25519:<64 hexadecimal digits>.")
    body = text.removeprefix(_X25519)
    if not is_hex(body):
        raise Refusal("K9", "A sealing key is not written as x25519:<64 hexadecimal digits>.")
    raw = bytes.fromhex(body)
    if int.from_bytes(raw, "little") >= _FIELD_PRIME:
        raise Refusal("K9", "The sealing key is not in canonical form.", text)
    try:
        _PROBE.exchange(X25519PublicKey.from_public_bytes(raw))
    except ValueError as error:
        raise Refusal("K9", "The sealing key is a point of low order.", text) from error
    return HPKEKey(text)


def hpke_key_id(key: HPKEKey) -> str:
    """Return the id of a sealing key: SHA-256 of its text form, 64 lower-case hex digits."""
    return hashlib.sha256(key.encode()).hexdigest()


def seal(plaintext: bytes, key: HPKEKey, sender: PartyId, recipient: PartyId) -> bytes:
    """Return ``plaintext`` sealed to ``key``, a key parsed before.

    Raises Refusal T7 when it has more than ``PLAINTEXT_LIMIT`` bytes.
    """
    if len(plaintext) > PLAINTEXT_LIMIT:
        raise Refusal("T7", f"A message has {len(plaintext)} bytes; limit {PLAINTEXT_LIMIT}.")
    scheme = _scheme(key)
    public = scheme.load(bytes.fromhex(key.removeprefix(scheme.prefix)))
    return scheme.suite.encrypt(_pad(plaintext), public, _info(sender, recipient))


def open_sealed(
    ciphertext: bytes,
    key_id: str,
    openers: Mapping[str, Opener],
    *,
    sender: PartyId,
    recipient: PartyId,
) -> bytes:
    """Return the plaintext that ``sender`` sealed to ``recipient`` under the key of id ``key_id``.

    ``openers`` holds this node's openers by the id of their key. Raises Refusal T6: a key that is
    not among them, or bytes that are not such a message.
    """
    opener = openers.get(key_id)
    if opener is None:
        raise Refusal("T6", "The message is sealed to a key this node does not have.", key_id)
    try:
        padded = opener.open(ciphertext, _info(sender, recipient))
    except (InvalidTag, ValueError) as error:
        raise Refusal("T6", "The message does not open with the key it names.", key_id) from error
    return _unpad(padded)


def _scheme(key: HPKEKey) -> _Scheme:
    return next(scheme for scheme in _SCHEMES.values() if key.startswith(scheme.prefix))


def _info(sender: PartyId, recipient: PartyId) -> bytes:
    return _DOMAIN + bytes.fromhex(sender) + bytes.fromhex(recipient)


def _bucket(size: int) -> int:
    return max(LEAST_BUCKET, 1 << (size - 1).bit_length())


def _pad(plaintext: bytes) -> bytes:
    length = len(plaintext)
    return length.to_bytes(_LENGTH, "big") + plaintext.ljust(_bucket(length), b"\x00")


def _unpad(padded: bytes) -> bytes:
    # Compared with our own padding whole, so that nothing can be hidden in it.
    length = int.from_bytes(padded[:_LENGTH], "big")
    plaintext = padded[_LENGTH : _LENGTH + length]
    if length > PLAINTEXT_LIMIT or _pad(plaintext) != padded:
        raise Refusal("T6", "The sealed message is not padded as this version pads.")
    return plaintext
