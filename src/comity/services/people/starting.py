"""The way from a new node to its first acknowledged warning, and how far it was gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.store.access import finding, parties

if TYPE_CHECKING:
    from comity.services.node import Node


@dataclass(frozen=True, slots=True)
class Started:
    """What is done: another party is ``met``, and ``accredited``; something was ``said`` to one;
    and one has ``acknowledged`` it.
    """

    met: bool
    accredited: bool
    said: bool
    acknowledged: bool


def of_node(node: Node) -> Started:
    """Return how far a node has come."""
    others = [row for row in parties.parties(node.db) if not row.is_self]
    return Started(
        met=bool(others),
        accredited=any(row.accredited_at is not None for row in others),
        said=finding.has_said(node.db, node.me),
        acknowledged=finding.was_acknowledged(node.db, node.me),
    )
