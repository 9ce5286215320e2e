"""Evidence carried by acts: what it proves about an earlier act (KERNEL "Kernel kinds").

A time is proven only when an act of the dossier carries the evidence, so that every node computes
the same. Two standards: a tlog-proof of the act's leaf with a witness's cosignature, whose time is
the witness's; and an addressee's receipt, whose time binds that addressee only. Cosigners that the
documents named do not list are passed over; one at least must be left. Who of them counts, and how
often, says ``quorum``.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel import checkpoint, dsse, kinds, proof, statement
from comity.kernel.canon import MAX_INT
from comity.kernel.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.kernel.act import Header
    from comity.kernel.checkpoint import Cosignature
    from comity.kernel.documents import View
    from comity.kernel.graph import Node
    from comity.kernel.ids import Id
    from comity.kernel.note import VerifierKey


class Proved(NamedTuple):
    """One proven statement about an act: ``how`` (cosigned or received), by whom, when (ms).

    ``by`` is the party, and of a cosignature also the key: the name above it proves nothing.
    """

    how: str
    by: tuple[str, ...]
    time: int


def require_evidence(
    body: kinds.Evidence, subject: Node, documents: Mapping[Id, View]
) -> tuple[Proved, ...]:
    """Verify the proof in an evidence act about ``subject`` with the ``documents`` it names.

    Raises Refusal K18.
    """
    try:
        data = base64.b64decode(body.proof, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal("K18", "The proof is not base64.", body.act) from error
    check = _tlog_proof if body.standard == kinds.TLOG_PROOF else _receipt
    try:
        return check(data, subject, documents)
    except Refusal as refusal:
        raise Refusal(
            "K18", f"The evidence does not verify: {refusal.reason}", body.act
        ) from refusal


def _receipt(data: bytes, subject: Node, documents: Mapping[Id, View]) -> tuple[Proved, ...]:
    envelope = dsse.parse(data, limit=statement.RECEIPT_LIMIT)
    receipt = statement.read_receipt(envelope)
    view = documents.get(receipt.head.doc)
    if view is None:
        raise Refusal("K18", "The evidence does not name the document its receipt rests on.")
    statement.verify(envelope, receipt.head, view)
    if subject.id not in receipt.acts or receipt.to != subject.header.party:
        raise Refusal("K18", "The receipt is not about this act, or not to its author.")
    return (Proved("received", (receipt.head.party,), receipt.head.time),)


def _tlog_proof(data: bytes, subject: Node, documents: Mapping[Id, View]) -> tuple[Proved, ...]:
    tlog, header = proof.parse(data), subject.header
    if tlog.index != header.seq:
        raise Refusal("K18", "The proof is about another place in the log.")
    cosignatures = proof.verify(
        tlog,
        bytes.fromhex(subject.id),
        _log_key(header, documents),
        _cosigners(tlog.checkpoint, documents),
    )
    if not cosignatures:
        raise Refusal("K18", "No cosigner of the proof is a witness of the documents named.")
    return tuple(_proved(cosignature) for cosignature in cosignatures)


def _log_key(header: Header, documents: Mapping[Id, View]) -> VerifierKey:
    """Return what verifies the checkpoints of the act's log, from the document that it names.

    Another document may give a log of this number other keys: then it is another log.
    """
    view = documents.get(header.doc)
    if view is None:
        raise Refusal("K18", "The evidence does not name the document that its act names.")
    return checkpoint.log_key(header.party, header.log, view.logs[header.log].keys.checkpoint)


def _cosigners(
    cosigned: checkpoint.CosignedCheckpoint, documents: Mapping[Id, View]
) -> tuple[VerifierKey, ...]:
    """Return the witness keys that the lines of a checkpoint name and the documents list."""
    found: list[VerifierKey] = []
    for name in dict.fromkeys(line.name for line in cosigned.signatures):
        try:
            party, log = checkpoint.parse_witness_name(name)
        except Refusal:
            continue  # The log itself, or a witness that is no party.
        found += [
            checkpoint.witness_key(party, log, view.logs[log].keys.witness)
            for view in documents.values()
            if view.party == party and log in view.logs
        ]
    return tuple(dict.fromkeys(found))


def _proved(cosignature: Cosignature) -> Proved:
    party, _ = checkpoint.parse_witness_name(cosignature.cosigner.name)
    time = cosignature.time * 1000
    if time > MAX_INT:
        raise Refusal("K18", "A cosignature's time is beyond every calendar.")
    return Proved("cosigned", (party, cosignature.cosigner.key), time)
