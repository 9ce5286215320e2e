"""Ed25519 by libsodium's strict rules, and how keys are written.

Normative verification profile: a public key is admitted only if it is a canonical point of the
prime-order subgroup (``crypto_core_ed25519_is_valid_point``); a signature is checked with
libsodium's semantics (S < L, small-order A and R refused, cofactorless). RFC 8032 section 5.1
leaves these open, and libraries differ, so the profile is stated and tested by vectors.

The algorithm belongs to the key, never to a message. Frozen text form: ``ed25519:<64 hex>``.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import NewType, Protocol

from nacl import bindings
from nacl.exceptions import BadSignatureError

from comity.kernel.errors import Refusal
from comity.kernel.ids import is_hex

Key = NewType("Key", str)
"""A public key in text form: an algorithm, a colon, and the key in lower-case hexadecimal."""

ED25519 = "ed25519:"
SIGNATURE_SIZE = 64


class Signer(Protocol):
    """A port: something that holds a private key and signs with it."""

    @property
    def key(self) -> Key:
        """The public key that verifies what this signer signs."""

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature over ``message``."""


def key_from_bytes(raw: bytes) -> Key:
    """Return the text form of a raw 32-byte Ed25519 public key.

    Raises Refusal K9 when the bytes are not a point this profile admits.
    """
    require_point(raw)
    return Key(ED25519 + raw.hex())


def parse_key(text: object) -> Key:
    """Return ``text`` as a key, checked.

    Raises Refusal K9: unknown algorithm, wrong length, or not an admitted point.
    """
    if not isinstance(text, str) or not text.startswith(ED25519):
        raise Refusal("K9", "A key is not written as ed25519:<64 hexadecimal digits>.")
    body = text.removeprefix(ED25519)
    if not is_hex(body):
        raise Refusal("K9", "A key is not written as ed25519:<64 hexadecimal digits>.", text)
    require_point(bytes.fromhex(body))
    return Key(text)


def require_point(raw: bytes) -> None:
    """Raise Refusal K9 unless ``raw`` is a canonical point of the prime-order subgroup."""
    if len(raw) != bindings.crypto_core_ed25519_BYTES or not (
        bindings.crypto_core_ed25519_is_valid_point(raw)
    ):
        raise Refusal("K9", "The public key is not a valid point.", raw.hex())


@lru_cache(maxsize=4096)
def raw_key(key: Key) -> bytes:
    """Return the 32 raw bytes of a key already parsed."""
    return bytes.fromhex(key.removeprefix(ED25519))


@lru_cache(maxsize=4096)
def key_id(key: Key) -> str:
    """Return the id of a key: SHA-256 of its text form, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(key.encode()).hexdigest()


def verify(key: Key, message: bytes, signature: bytes) -> None:
    """Raise Refusal K5 unless ``signature`` over ``message`` verifies under ``key``."""
    verify_raw(raw_key(key), message, signature)


def verify_raw(raw: bytes, message: bytes, signature: bytes) -> None:
    """As ``verify``, for a key given as its 32 raw bytes, already admitted."""
    if len(signature) != SIGNATURE_SIZE:
        raise Refusal("K5", f"A signature has {len(signature)} bytes instead of 64.")
    try:
        bindings.crypto_sign_open(signature + message, raw)
    except BadSignatureError as error:
        raise Refusal("K5", "The signature does not verify under the named key.") from error


class SeedSigner:
    """A signer over a 32-byte seed held in memory (RFC 8032 section 5.1.5)."""

    def __init__(self, seed: bytes) -> None:
        raw, self._secret = bindings.crypto_sign_seed_keypair(seed)
        self.seed = seed
        self._key = key_from_bytes(raw)

    @property
    def key(self) -> Key:
        """The public key."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature over ``message``."""
        return bindings.crypto_sign(message, self._secret)[:SIGNATURE_SIZE]
