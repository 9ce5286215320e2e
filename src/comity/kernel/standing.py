"""Standing: how strong the evidence for a statement is (DESIGN section 4, "Evidence").

plain → proven → cosigned, or unproven, or disowned. Standing never changes admission: a disowned
act stays in its graph and its state, and pages and egress treat the facts it gave as absent.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def is_disowned(id_: Id, log: int, seq: int, named: View, latest: View) -> bool:
    """Say whether the ``latest`` documents of its party disown a statement.

    ``named`` is the view as of the document that the statement names. They disown it when they do
    not list its log; when they give the log other keys, as a root document may that replaces what
    a succession opened: then the number is the same, and the log is not; and when they close the
    log at or before ``seq`` and do not keep the statement.
    """
    was, entry = named.logs.get(log), latest.logs.get(log)
    if was is None or entry is None or entry.keys != was.keys:
        return True
    closed = entry.closed
    return closed is not None and seq >= closed.size and (seq, id_) not in closed.kept


def first_disowned(log: int, views: Sequence[View]) -> int | None:
    """Return the least place of a log that may be disowned, None where none is.

    ``views``, one at least, are those of a party as of all its documents held, the newest last.
    """
    entry = views[-1].logs.get(log)
    if entry is None or any(v.logs[log].keys != entry.keys for v in views if log in v.logs):
        return 0
    return None if entry.closed is None else entry.closed.size


def standing(
    id_: Id, log: int, seq: int, *, named: View, latest: View, proof: Proof = Proof.NONE
) -> Standing:
    """Return the standing of a statement under the ``latest`` documents of its party.

    ``named`` is the view as of the document it names; ``proof`` the strongest evidence held here:
    for a closed log only evidence under the closing root counts as ``INCLUDED`` or ``COSIGNED``.
    """
    if proof is Proof.OTHER_LEAF or is_disowned(id_, log, seq, named, latest):
        return Standing.DISOWNED
    closed = latest.logs[log].closed
    if closed is not None and seq >= closed.size:
        return Standing.PLAIN
    if closed is not None and proof is Proof.NONE:
        return Standing.UNPROVEN
    return {
        Proof.NONE: Standing.PLAIN,
        Proof.INCLUDED: Standing.PROVEN,
        Proof.COSIGNED: Standing.COSIGNED,
    }[proof]
