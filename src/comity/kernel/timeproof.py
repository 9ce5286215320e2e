"""Evidence carried by acts: what it proves about an earlier act (KERNEL "Kernel kinds").

A time is proven only when an act of the dossier carries the evidence, so that every node computes
the same. Two standards: a tlog-proof of the act's leaf with a witness's cosignature, whose time is
the witness's; and an addressee's receipt, whose time binds that addressee only.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel import dsse, kinds, statement
from comity.kernel.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.kernel.documents import View
    from comity.kernel.graph import Node
    from comity.kernel.ids import Id, PartyId


class Proved(NamedTuple):
    """One proven statement about an act: ``how`` (cosigned or received), by whom, when (ms)."""

    how: str
    party: PartyId
    time: int


def require_evidence(
    body: kinds.Evidence, subject: Node, documents: Mapping[Id, View]
) -> tuple[Proved, ...]:
    """Verify the proof in an evidence act about ``subject`` with the ``documents`` it names.

    Raises Refusal K18.
    """
    try:
        proof = base64.b64decode(body.proof, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal("K18", "The proof is not base64.", body.act) from error
    check = _tlog_proof if body.standard == kinds.TLOG_PROOF else _receipt
    try:
        return check(proof, subject, documents)
    except Refusal as refusal:
        raise Refusal(
            "K18", f"The evidence does not verify: {refusal.reason}", body.act
        ) from refusal


def _receipt(proof: bytes, subject: Node, documents: Mapping[Id, View]) -> tuple[Proved, ...]:
    envelope = dsse.parse(proof, limit=statement.RECEIPT_LIMIT)
    receipt = statement.read_receipt(envelope)
    view = documents.get(receipt.head.doc)
    if view is None:
        raise Refusal("K18", "The evidence does not name the document its receipt rests on.")
    statement.verify(envelope, receipt.head, view)
    if subject.id not in receipt.acts or receipt.to != subject.header.party:
        raise Refusal("K18", "The receipt is not about this act, or not to its author.")
    return (Proved("received", receipt.head.party, receipt.head.time),)


def _tlog_proof(proof: bytes, subject: Node, documents: Mapping[Id, View]) -> tuple[Proved, ...]:
    raise NotImplementedError
