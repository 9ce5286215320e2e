"""What was signed alone in an emergency, and waits for another person to look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.services.casework import drafts
from comity.store.access import drafts as access

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.store.access.drafts import DraftRow

REVIEW = 24 * 3600 * 1000
"""Within how many ms that is due."""


def emergencies(node: Node, actor: Actor) -> list[DraftRow]:
    """Return what was signed alone in an emergency, and that somebody else has still to look at,
    as far as this person sees it; it is due ``REVIEW`` ms after it was signed.
    """
    return [row for row in access.emergencies(node.db) if drafts.sees(node, actor, row)]


def to_review(node: Node, actor: Actor) -> list[DraftRow]:
    """Return of ``emergencies`` what somebody like this person has still to look at."""
    return [row for row in emergencies(node, actor) if not drafts.is_by(actor, row)]
