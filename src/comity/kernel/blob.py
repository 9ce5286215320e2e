"""Content blobs: parts that travel beside a bundle, encrypted once for all who may have them.

Frozen. ::

    plaintext  = records, by ascending index, not necessarily adjacent
    record     = index (4 bytes) ‖ salt (32 bytes) ‖ length (4 bytes) ‖ data      big-endian
    ciphertext = ChaCha20-Poly1305(key, nonce 0, plaintext, aad "comity/blob/v1")  RFC 8439

A plaintext has at most the bytes of sixteen records of full parts, called 16 MiB, so that a file
of 1 GiB is 64 blobs. The nonce may be zero because each key is fresh and encrypts one message.
The key and the hash of the ciphertext travel in the sealed bundle: the host of a blob sees
neither the key nor the act.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from comity.kernel.content import MAX_PARTS, PART_LIMIT, SALT_SIZE, Part
from comity.kernel.errors import Refusal
from comity.kernel.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.kernel.canon import Object, Value
    from comity.kernel.ids import Id

RECORD_HEAD = 4 + SALT_SIZE + 4
PLAINTEXT_LIMIT = 16 * (PART_LIMIT + RECORD_HEAD)
TAG_SIZE = 16
LEAST_SIZE, MOST_SIZE = RECORD_HEAD + TAG_SIZE, PLAINTEXT_LIMIT + TAG_SIZE
"""The fewest and the most bytes of a ciphertext."""

_AAD = b"comity/blob/v1"
_NONCE = bytes(12)


@dataclass(frozen=True, slots=True)
class BlobRef:
    """What a bundle says of a blob: ``hash`` (SHA-256 of the ciphertext, hex), ``size`` of the
    ciphertext in bytes, ``key`` (32 bytes), ``first`` and ``last`` part in it, the ``act``.
    """

    hash: Id
    size: int
    key: bytes = field(repr=False)
    first: int
    last: int
    act: Id

    @classmethod
    def from_object(cls, value: Value) -> BlobRef:
        """Return the reference that ``value`` spells. Raises Refusal T10."""
        fields = Fields(value, "blob", "T10")
        hash_, size = fields.id("hash"), fields.integer("size", LEAST_SIZE, MOST_SIZE)
        key, first = bytes.fromhex(fields.id("key")), fields.integer("first", 0, MAX_PARTS - 1)
        last, act = fields.integer("last", first, MAX_PARTS - 1), fields.id("act")
        fields.end()
        return cls(hash_, size, key, first, last, act)

    def to_object(self) -> Object:
        """Return {hash, size, key, first, last, act}; the key in hexadecimal."""
        return {
            "hash": self.hash,
            "size": self.size,
            "key": self.key.hex(),
            "first": self.first,
            "last": self.last,
            "act": self.act,
        }


def plan(sizes: Sequence[int], first: int = 0) -> list[range]:
    """Return which parts go together into blobs, as ranges of indices, all of them covered.

    ``sizes`` are the bytes of data of adjacent parts, each at most ``PART_LIMIT``; ``first`` is
    the index of the first of them. Parts with other readers are planned apart.
    """
    blobs: list[range] = []
    start, used = first, 0
    for index, size in enumerate(sizes, first):
        if used + RECORD_HEAD + size > PLAINTEXT_LIMIT:
            blobs.append(range(start, index))
            start, used = index, 0
        used += RECORD_HEAD + size
    return [*blobs, range(start, first + len(sizes))] if sizes else []


def encrypt(key: bytes, parts: Sequence[Part], act: Id) -> tuple[BlobRef, bytes]:
    """Return the reference and the ciphertext of a blob with ``parts``, by ascending index.

    ``key`` is 32 fresh random bytes, never used again. Raises Refusal T8 when the parts are none,
    out of order or too large together.
    """
    plaintext = b"".join(piece for part in parts for piece in _record(part))
    indices = [part.index for part in parts]
    if not parts or len(plaintext) > PLAINTEXT_LIMIT or sorted(set(indices)) != indices:
        raise Refusal("T8", "A blob holds parts in ascending order, within its limit.", act)
    ciphertext = ChaCha20Poly1305(key).encrypt(_NONCE, plaintext, _AAD)
    digest = cast("Id", hashlib.sha256(ciphertext).hexdigest())
    return BlobRef(digest, len(ciphertext), key, indices[0], indices[-1], act), ciphertext


def decrypt(ref: BlobRef, ciphertext: bytes) -> list[Part]:
    """Return the parts in ``ciphertext``, not yet compared with any commitment.

    Raises Refusal T8: not the bytes ``ref`` names, or not parts from its first to its last.
    """
    if len(ciphertext) != ref.size or hashlib.sha256(ciphertext).hexdigest() != ref.hash:
        raise Refusal("T8", "The bytes are not those of the blob asked for.", ref.hash)
    try:
        plaintext = ChaCha20Poly1305(ref.key).decrypt(_NONCE, ciphertext, _AAD)
    except InvalidTag as error:
        raise Refusal("T8", "The blob does not open with its key.", ref.hash) from error
    parts = _records(plaintext, ref)
    indices = [part.index for part in parts]
    ends = indices[:1] + indices[-1:]
    if sorted(set(indices)) != indices or ends != [ref.first, ref.last]:
        raise Refusal("T8", "The blob does not hold the parts it is said to.", ref.hash)
    return parts


def _record(part: Part) -> tuple[bytes, ...]:
    return part.index.to_bytes(4, "big"), part.salt, len(part.data).to_bytes(4, "big"), part.data


def _records(plaintext: bytes, ref: BlobRef) -> list[Part]:
    parts: list[Part] = []
    offset = 0
    while offset < len(plaintext):
        data = offset + RECORD_HEAD
        head = plaintext[offset:data]
        offset = data + int.from_bytes(head[-4:], "big")
        if offset > len(plaintext):
            raise Refusal("T8", "The blob ends within a part.", ref.hash)
        try:
            parts.append(Part(int.from_bytes(head[:4], "big"), head[4:-4], plaintext[data:offset]))
        except Refusal as refusal:
            raise Refusal("T8", refusal.reason, ref.hash) from refusal
    return parts
