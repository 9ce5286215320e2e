"""Witnessing: C2SP tlog-witness, the call add-checkpoint, both sides, without the network.

The log asks: here is a checkpoint, and a proof that it extends the last one you cosigned ::

    old <size of that one, decimal>
    <hashes, base64: the consistency proof, at most 63>
    <an empty line>
    <the signed checkpoint, as it is>

The witness answers with one or more lines of cosignatures (200), with the size it has (409), or
with a refusal, whose status is the one the standard gives to each check. It keeps one size and
root per origin. It must keep the new ones before it answers, in the same transaction that read
the old: otherwise, of two requests at once, the later write could take leaves back.

Not built: sign-subtree, which is optional and needs ML-DSA-44 cosignatures (type 0x06).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from comity.kernel import checkpoint, note
from comity.kernel.errors import Refusal
from comity.kernel.merkle import EMPTY_HEAD, TreeHead, prove_consistency, verify_consistency

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.kernel.checkpoint import CosignedCheckpoint
    from comity.kernel.merkle import Reader
    from comity.kernel.note import NoteSignature, VerifierKey

MAX_PATH = 63
SIZE_TYPE = "text/x.tlog.size"
"""The content type of the answer 409."""

MALFORMED: Final = 400
NOT_SIGNED: Final = 403
UNKNOWN_ORIGIN: Final = 404
CONFLICT: Final = 409
INCONSISTENT: Final = 422

_OLD = re.compile(r"old (\S+)")


class Rejected(Refusal):
    """A refusal by the witness; ``status`` is the HTTP status the standard gives it.

    400 W1 malformed · 403 W2 not signed by the log · 404 T4 unknown origin ·
    422 W3 no proof, W6 another tree of the same size.
    """

    def __init__(self, status: int, refusal: Refusal) -> None:
        super().__init__(refusal.rule, refusal.reason, refusal.subject)
        self.status = status


@dataclass(frozen=True, slots=True)
class Conflict:
    """The witness has cosigned another ``size`` than the log thinks: status 409, rule W4.

    The log asks again, with a proof from this size. Where it is larger than any checkpoint the
    log knows of, the log has lost what it signed, and must sign nothing.
    """

    size: int

    def to_bytes(self) -> bytes:
        """Return the body of the answer."""
        return f"{self.size}\n".encode()


@dataclass(frozen=True, slots=True)
class Request:
    """A request: ``old`` size, consistency ``path`` from it, and the ``checkpoint``."""

    old: int
    path: tuple[bytes, ...]
    checkpoint: CosignedCheckpoint

    @property
    def origin(self) -> str:
        """The log that asks: the witness looks its key and its state up by this."""
        return self.checkpoint.checkpoint.origin

    def to_bytes(self) -> bytes:
        """Return the request body; the inverse of ``parse_request``."""
        lines = (f"old {self.old}", *map(note.format_hash, self.path))
        return "".join(f"{line}\n" for line in (*lines, "")).encode() + self.checkpoint.to_bytes()


def ask(reader: Reader, old: int, cosigned: CosignedCheckpoint) -> Request:
    """Return the log's request for a cosignature, from the size ``old`` that the witness has.

    ``reader`` gives the hashes of the log. Raises Refusal W4 when the witness has cosigned a
    larger tree than this.
    """
    size = cosigned.checkpoint.size
    if old > size:
        raise Refusal("W4", f"The witness has cosigned {old} leaves, and this log has {size}.")
    return Request(old, tuple(prove_consistency(reader, old, size)), cosigned)


def parse_request(data: bytes) -> Request:
    """Return the request in ``data``, unverified. Raises Rejected 400."""
    try:
        return _parse_request(note.decode(data))
    except Refusal as refusal:
        raise Rejected(MALFORMED, refusal) from refusal


def _parse_request(text: str) -> Request:
    head, _, rest = text.partition("\n\n")
    first, *lines = head.split("\n")
    match = _OLD.fullmatch(first)
    if match is None or len(lines) > MAX_PATH:
        raise Refusal("W1", f"A request has an old size and at most {MAX_PATH} hashes.")
    old = note.read_number(match[1])
    path = tuple(map(note.read_hash, lines))
    return Request(old, path, checkpoint.parse(rest.encode()))


def decide(
    state: TreeHead | None, request: Request, log: VerifierKey | None
) -> TreeHead | Conflict:
    """Return the witness's next state for the origin, or the conflict with the one it has.

    ``state`` is what it cosigned last for the origin (None: nothing yet), ``log`` the key it
    trusts for the origin (None: it knows no such log). After the next state is kept, and not
    before, the checkpoint may be cosigned. Cosigned sizes of one origin never fall.
    Raises Rejected, checked in the standard's order.
    """
    head = request.checkpoint.checkpoint.head
    if log is None:
        raise Rejected(
            UNKNOWN_ORIGIN, Refusal("T4", "This witness knows no such log.", request.origin)
        )
    try:
        checkpoint.verify_log(request.checkpoint, log)
    except Refusal as refusal:
        raise Rejected(NOT_SIGNED, refusal) from refusal
    if request.old > head.size:
        reason = f"The checkpoint has {head.size} leaves, and the old one {request.old}."
        raise Rejected(MALFORMED, Refusal("W1", reason, request.origin))
    latest = state or EMPTY_HEAD
    if request.old != latest.size:
        return Conflict(latest.size)
    try:
        _require_extends(latest, request)
    except Refusal as refusal:
        raise Rejected(INCONSISTENT, refusal) from refusal
    return head


def _require_extends(latest: TreeHead, request: Request) -> None:
    head = request.checkpoint.checkpoint.head
    if head.size == latest.size > 0 and head.root != latest.root:
        reason = f"The log signed two trees of {head.size} leaves."
        raise Refusal("W6", reason, request.origin)
    verify_consistency(latest, head, request.path)


def parse_conflict(data: bytes) -> Conflict:
    """Return the conflict that the answer 409 spells. Raises Refusal W1."""
    size, newline, rest = note.decode(data).partition("\n")
    if not newline or rest:
        raise Refusal("W1", "The size that a witness has is one line.")
    return Conflict(note.read_number(size))


def format_response(cosignatures: Iterable[NoteSignature]) -> bytes:
    """Return the body of the answer 200."""
    return note.format_signatures(cosignatures).encode()


def parse_response(
    data: bytes, asked: CosignedCheckpoint, witnesses: Iterable[VerifierKey]
) -> CosignedCheckpoint:
    """Return the checkpoint ``asked`` about with those lines of an answer that are by a witness.

    Lines by keys that are not among ``witnesses`` are dropped. Raises Refusal W1 (not signature
    lines), K5 (a line by a known witness that does not verify) or W5 (no line by one).
    """
    lines = note.parse_signatures(note.decode(data))
    known = [witness for witness in witnesses if witness.kind == note.COSIGNATURE]
    good = [line for line in lines if any(line.is_by(witness) for witness in known)]
    answer = checkpoint.CosignedCheckpoint(asked.checkpoint, tuple(good))
    if not checkpoint.verify_cosignatures(answer, known):
        raise Refusal("W5", "The answer holds no cosignature by the witness asked.")
    return asked.add(good)


def monitor_path(origin: str) -> str:
    """Return where, below its prefix, a witness shows the last checkpoint of a log it cosigned."""
    return f"{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"
