"""The guards of a reporting file, numbered as in SPEC.md. Each raises Void: no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Void
from comity.protocols.response.reporting.acts import (
    Applies,
    Aware,
    Close,
    DoesNotApply,
    Feedback,
    Reported,
    Request,
    read,
)

if TYPE_CHECKING:
    from comity.kernel.graph import Node, Past

RULES = {
    "D1": "Who opened the file says what happened, what applies and what was reported, and closes "
    "it.",
    "D2": "What happened or was reported is said afterwards, and not before.",
    "D3": "Requests and answers come from others than who opened it.",
    "D4": "A report is due after it is asked for.",
}


def require_own(node: Node, past: Past) -> None:
    """D1: who opened the file says what happened, what applies and what was reported, and closes
    it.
    """
    own = isinstance(read(node.header), Aware | Applies | DoesNotApply | Reported | Close)
    if own and node.header.party != past.charter.party:
        raise Void("D1", "The file is another party's; ask it for a report, or open your own.")


def require_past(node: Node, _past: Past) -> None:
    """D2: what happened or was reported is said afterwards, and not before."""
    act = read(node.header)
    if isinstance(act, Aware | Reported) and act.at > node.header.time:
        raise Void("D2", "That would be in the future; say it when it has happened.")


def require_others(node: Node, past: Past) -> None:
    """D3: requests and answers come from others than who opened it.

    Who answers without a node is recorded as a guest.
    """
    asked = isinstance(read(node.header), Request | Feedback)
    if asked and node.header.party == past.charter.party:
        raise Void("D3", "The file is your own; record as a guest's what an authority said.")


def require_time_to_report(node: Node, _past: Past) -> None:
    """D4: a report is due after it is asked for."""
    act = read(node.header)
    if isinstance(act, Request) and act.due is not None and act.due <= node.header.time:
        raise Void("D4", "The report would be due before it was asked for; set a later time.")


GUARDS = (require_own, require_past, require_others, require_time_to_report)
