"""Standing: how strong the evidence for a statement is (DESIGN section 4, "Evidence").

plain → proven → cosigned, or unproven, or disowned. Standing never changes admission: a disowned
act stays in its graph and its state, and pages and egress treat the facts it gave as absent.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comity.kernel.documents import View
    from comity.kernel.ids import Id


class Standing(StrEnum):
    """The rungs, weakest first; ``DISOWNED`` and ``UNPROVEN`` stand apart."""

    DISOWNED = "disowned"
    UNPROVEN = "unproven"
    PLAIN = "plain"
    PROVEN = "proven"
    COSIGNED = "cosigned"


class Proof(StrEnum):
    """What has been verified about a statement's place in its log."""

    NONE = "none"
    INCLUDED = "included"
    COSIGNED = "cosigned"
    OTHER_LEAF = "other_leaf"
    """The log is proven to hold another leaf at this place, padding for example."""


def standing(id_: Id, log: int, seq: int, latest: View, proof: Proof) -> Standing:
    """Return the standing of a statement under the newest documents of its party.

    ``proof`` is the strongest evidence held here; for a closed log only evidence under the
    closing root counts as ``INCLUDED`` or ``COSIGNED``.
    """
    entry = latest.logs.get(log)
    if entry is None or proof is Proof.OTHER_LEAF:
        return Standing.DISOWNED
    if entry.closed is not None:
        if seq >= entry.closed.size:
            kept = (seq, id_) in entry.closed.kept
            return Standing.PLAIN if kept else Standing.DISOWNED
        if proof is Proof.NONE:
            return Standing.UNPROVEN
    return {
        Proof.NONE: Standing.PLAIN,
        Proof.INCLUDED: Standing.PROVEN,
        Proof.COSIGNED: Standing.COSIGNED,
    }[proof]
