"""Checkpoints and cosignatures: C2SP tlog-checkpoint v1.0.0 and tlog-cosignature, Ed25519.

A checkpoint is a signed note whose text says how large a log is and what its root hash is ::

    <origin>
    <size, decimal>
    <root hash, base64>
    <extension lines: read and covered when there, never written>

The log signs the text (type 0x01) under its origin as key name. A witness signs it with the time
at which it knew of no larger tree (type 0x04): the time as 8 bytes, big-endian, then the Ed25519
signature over ::

    cosignature/v1
    time <seconds since the epoch, decimal>
    <the text>

Names, frozen: ``comity.alt/<party id>/<log>`` is the origin of a party's log, and the same with
``/witness`` the name under which it cosigns with that log's witness key. The top-level name .alt
is reserved for names that are not in the DNS (RFC 9476): no domain, and no loss of one, can touch
what a log is called. The rest derives from the party id, so that a name cannot be another's.

Reserved, not built: type 0x06, ML-DSA-44, for logs and witnesses alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from comity.kernel import note
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.kernel.keys import SIGNATURE_SIZE, verify
from comity.kernel.merkle import TreeHead
from comity.kernel.note import NoteSignature, VerifierKey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.kernel.keys import Key, Signer

PADDING = 16
"""Published sizes of a log are multiples of this (KERNEL "Padding")."""

_TIME_SIZE = 8
_NAME = re.compile(r"comity\.alt/([0-9a-f]{64})/(0|[1-9][0-9]{0,5})(/witness)?")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The text of a checkpoint: ``origin``, ``size`` in leaves, ``root`` (32 bytes), extensions."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The note text: what is signed."""
        lines = (self.origin, str(self.size), note.format_hash(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @property
    def head(self) -> TreeHead:
        """The tree's size and root hash."""
        return TreeHead(self.size, self.root)


@dataclass(frozen=True, slots=True)
class CosignedCheckpoint:
    """A checkpoint with its signature lines as received: the log's and those of cosigners."""

    checkpoint: Checkpoint
    signatures: tuple[NoteSignature, ...]

    def to_bytes(self) -> bytes:
        """Return the signed note; the inverse of ``parse``."""
        return note.Note(self.checkpoint.text, self.signatures).to_bytes()

    def add(self, signatures: Iterable[NoteSignature]) -> CosignedCheckpoint:
        """Return the checkpoint with more lines; a line it has already is not repeated."""
        return replace(self, signatures=tuple(dict.fromkeys((*self.signatures, *signatures))))


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A verified cosignature: by which ``cosigner``, at which ``time`` (seconds)."""

    cosigner: VerifierKey
    time: int


def origin(party: PartyId, log: int) -> str:
    """Return the origin of a party's log number ``log``."""
    return f"comity.alt/{party}/{log}"


def witness_name(party: PartyId, log: int) -> str:
    """Return the name under which a party cosigns with the witness key of its log ``log``."""
    return f"{origin(party, log)}/witness"


def parse_origin(text: str) -> tuple[PartyId, int]:
    """Return the party and log that an origin names. Raises Refusal W1: not one of ours."""
    return _parse_name(text, None)


def parse_witness_name(text: str) -> tuple[PartyId, int]:
    """Return the party and log that a cosigner's name names. Raises Refusal W1."""
    return _parse_name(text, "/witness")


def _parse_name(text: str, suffix: str | None) -> tuple[PartyId, int]:
    match = _NAME.fullmatch(text)
    if match is None or match[3] != suffix:
        raise Refusal("W1", f"{text[:120]!r} does not name a log or witness of a party.")
    return PartyId(match[1]), int(match[2])


def log_key(party: PartyId, log: int, key: Key) -> VerifierKey:
    """Return what verifies the checkpoints of a party's log; ``key`` is its checkpoint key."""
    return VerifierKey(origin(party, log), note.ED25519, key)


def witness_key(party: PartyId, log: int, key: Key) -> VerifierKey:
    """Return what verifies a party's cosignatures; ``key`` is the witness key of its log."""
    return VerifierKey(witness_name(party, log), note.COSIGNATURE, key)


def parse(data: bytes) -> CosignedCheckpoint:
    """Return the checkpoint in ``data``, unverified. Raises Refusal W1."""
    parsed = note.parse(data)
    return CosignedCheckpoint(parse_text(parsed.text), parsed.signatures)


def parse_text(text: str) -> Checkpoint:
    """Return the checkpoint that a note's text spells. Raises Refusal W1."""
    *lines, rest = text.split("\n")
    if rest or len(lines) < 3 or not all(lines):
        raise Refusal("W1", "A checkpoint has an origin, a size and a root, each on its line.")
    name, size, root, *extensions = lines
    return Checkpoint(name, note.read_number(size), note.read_hash(root), tuple(extensions))


def sign(checkpoint: Checkpoint, signer: Signer) -> CosignedCheckpoint:
    """Return ``checkpoint`` with its log's signature.

    The caller has made sure that it extends every checkpoint signed before: two of one size with
    different roots are evidence against the log for ever.
    """
    return CosignedCheckpoint(checkpoint, (note.sign(checkpoint.text, checkpoint.origin, signer),))


def verify_log(cosigned: CosignedCheckpoint, *keys: VerifierKey) -> None:
    """Require a signature by one of the log's own ``keys``: those that are named for its origin.

    A log of a party has one key. Raises Refusal W2: no key is this log's, none has signed, or a
    signature that names one does not verify.
    """
    checkpoint = cosigned.checkpoint
    own = [key for key in keys if key.name == checkpoint.origin]
    try:
        note.verify_signatures(note.Note(checkpoint.text, cosigned.signatures), own)
    except Refusal as refusal:
        raise Refusal("W2", refusal.reason, checkpoint.origin) from refusal


def cosign(checkpoint: Checkpoint, name: str, time: int, signer: Signer) -> NoteSignature:
    """Return the cosignature by ``signer``, under ``name``, at ``time`` in seconds.

    It states that of all trees of this log that the cosigner has seen, this is the largest, and
    extends the others. Raises Refusal W1 for a time that cannot be written.
    """
    key = VerifierKey(name, note.COSIGNATURE, signer.key)
    signature = signer.sign(_cosigned_message(checkpoint, time))
    return NoteSignature(name, key.id, time.to_bytes(_TIME_SIZE, "big") + signature)


def verify_cosignatures(
    cosigned: CosignedCheckpoint, cosigners: Iterable[VerifierKey]
) -> tuple[Cosignature, ...]:
    """Return the cosignatures by those ``cosigners`` that are there, all verified.

    Lines by others are passed over; there may be none left. Raises Refusal K5 when a line names a
    known cosigner and does not verify, W1 when it has not the form of a cosignature.
    """
    return tuple(
        Cosignature(key, _verify_cosignature(cosigned.checkpoint, signature, key))
        for key in cosigners
        for signature in cosigned.signatures
        if key.kind == note.COSIGNATURE and signature.is_by(key)
    )


def _verify_cosignature(checkpoint: Checkpoint, signature: NoteSignature, key: VerifierKey) -> int:
    blob = signature.signature
    if len(blob) != _TIME_SIZE + SIGNATURE_SIZE:
        raise Refusal("W1", "A cosignature is a time and a signature of 64 bytes.", key.name)
    time = int.from_bytes(blob[:_TIME_SIZE], "big")
    verify(key.key, _cosigned_message(checkpoint, time), blob[_TIME_SIZE:])
    return time


def _cosigned_message(checkpoint: Checkpoint, time: int) -> bytes:
    # Zero is no time: tlog-witness demands one, and what has none proves none.
    if not 0 < time <= note.MAX_NUMBER:
        raise Refusal("W1", f"{time} is not the time of a cosignature.", checkpoint.origin)
    return f"cosignature/v1\ntime {time}\n{checkpoint.text}".encode()


def require_one_tree(one: Checkpoint, other: Checkpoint) -> None:
    """Raise Refusal W6 when two checkpoints, both verified, say different things of one size.

    Then the two together are evidence against the log that anyone can check.
    """
    if one.origin == other.origin and one.size == other.size and one.root != other.root:
        raise Refusal("W6", f"The log signed two trees of {one.size} leaves.", one.origin)


def padding(size: int, previous: int) -> int:
    """Return how many random leaves to append before the next checkpoint.

    ``size`` is the log's size now, ``previous`` that of its last checkpoint. The checkpoint's
    size is the least multiple of 16 that is not below ``size`` and above ``previous``: a log
    grows by 16 at every cadence, whether nothing was said or up to 16 statements were. What goes
    beyond shows.
    """
    least = max(size, previous + 1)
    return least + -least % PADDING - size
