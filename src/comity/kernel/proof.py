"""Proofs that a log holds something, to be checked offline: C2SP tlog-proof v1.

::

    c2sp.org/tlog-proof@v1
    extra <base64>                       may be absent; is not covered by any signature
    index <decimal>
    <hashes, base64: the leaf's sibling first, the root's child last>
    <an empty line>
    <the cosigned checkpoint, as it is>

Who verifies brings the leaf's data, the log's key and the cosigners' keys. A proof carries none
of them, for then it would vouch for itself. What a log of a party holds are ids of statements, so
that the data is the id's 32 raw bytes.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel import checkpoint, note, policy
from comity.kernel.errors import Refusal
from comity.kernel.merkle import leaf_hash, verify_inclusion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.kernel.checkpoint import Cosignature, CosignedCheckpoint
    from comity.kernel.note import VerifierKey
    from comity.kernel.policy import Policy

STANDARD = "c2sp.org/tlog-proof@v1"
MAX_PATH = 63


@dataclass(frozen=True, slots=True)
class Proof:
    """A leaf's ``index``, its ``path`` to the root, the ``checkpoint``, and unproven ``extra``."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: CosignedCheckpoint
    extra: bytes = b""

    def to_bytes(self) -> bytes:
        """Return the text form; the inverse of ``parse``."""
        lines = [STANDARD]
        if self.extra:
            lines.append(f"extra {base64.b64encode(self.extra).decode()}")
        lines += [f"index {self.index}", *map(note.format_hash, self.path)]
        head = "".join(f"{line}\n" for line in lines)
        return f"{head}\n".encode() + self.checkpoint.to_bytes()


def parse(data: bytes) -> Proof:
    """Return the proof in ``data``, unverified. Raises Refusal W1."""
    head, _, rest = note.decode(data).partition("\n\n")
    standard, *lines = head.split("\n")
    if standard != STANDARD:
        raise Refusal("W1", f"A proof does not begin with {STANDARD}.")
    extra = _read_extra(lines.pop(0)) if lines and lines[0].startswith("extra ") else b""
    if not lines or not lines[0].startswith("index ") or len(lines) > MAX_PATH + 1:
        raise Refusal("W1", f"A proof has an index and at most {MAX_PATH} hashes.")
    index = note.read_number(lines[0].removeprefix("index "))
    path = tuple(map(note.read_hash, lines[1:]))
    return Proof(index, path, checkpoint.parse(rest.encode()), extra)


def _read_extra(line: str) -> bytes:
    extra = note.read_base64(line.removeprefix("extra "))
    if not extra:
        raise Refusal("W1", "A proof without extra data has no line for it.")
    return extra


def verify(
    proof: Proof, data: bytes, log: VerifierKey, cosigners: Iterable[VerifierKey] = ()
) -> tuple[Cosignature, ...]:
    """Require that ``log`` holds ``data`` as a leaf; return the cosignatures by ``cosigners``.

    Section "Verifying a tlog proof", its four steps. Which cosignatures are enough, the caller
    decides (``policy``); there may be none. Raises Refusal W2 (the log's signature), W3 (the
    path), K5 or W1 (a cosignature by a known cosigner that does not verify).
    """
    return _verify(proof, data, (log,), cosigners)


def _verify(
    proof: Proof, data: bytes, logs: Iterable[VerifierKey], cosigners: Iterable[VerifierKey]
) -> tuple[Cosignature, ...]:
    head = proof.checkpoint.checkpoint.head
    checkpoint.verify_log(proof.checkpoint, *logs)
    cosignatures = checkpoint.verify_cosignatures(proof.checkpoint, cosigners)
    verify_inclusion(leaf_hash(data), proof.index, head.size, proof.path, head.root)
    return cosignatures


def verify_by_policy(proof: Proof, data: bytes, rules: Policy) -> tuple[Cosignature, ...]:
    """As ``verify``, for any log that the policy lists, and with its quorum.

    Raises Refusal W2 (the origin is not listed, or no key listed for it has signed), W5 (no
    quorum), and as ``verify``.
    """
    cosignatures = _verify(proof, data, rules.logs, rules.cosigners)
    policy.require_policy(rules, cosignatures)
    return cosignatures
