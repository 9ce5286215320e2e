"""What else is said by signing a draft: who announces an advisory has it published later, and needs
for that the hands that publishing needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.services.casework.desk import Desk
from comity.store.access import acts, announcements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.store.access.drafts import DraftRow

PUBLISH = "publish"


def said(node: Node, actor: Actor, row: DraftRow) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield what else is said, as (lanes, protocol, kind): publishing in each circle."""
    waits = announcements.of_draft(node.db, row.id)
    desk = Desk(node, actor)
    for circle in () if waits is None else waits.circles:
        found = acts.dossier(node.db, circle)
        if found is not None:
            yield desk.sides.of(found), found.protocol, PUBLISH


def approves(node: Node, actor: Actor, row: DraftRow) -> bool:
    """Say whether a person's mandates approve all that is said by signing a draft."""
    if actor.approving(row.lane, row.protocol, row.kind) is None:
        return False
    return all(
        any(actor.approving(lane, protocol, kind) for lane in lanes)
        for lanes, protocol, kind in said(node, actor, row)
    )
