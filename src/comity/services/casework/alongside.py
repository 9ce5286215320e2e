"""What else is said by signing a draft: who announces an advisory has it published later, and needs
for that the hands that publishing needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.services.casework.desk import Desk
from comity.services.people.mandates import Hand
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


def overrides(node: Node, actor: Actor, row: DraftRow) -> bool:
    """Say whether a person may sign a draft, and all that goes with it, alone in an emergency."""
    if not any(m.overrides(row.protocol, row.kind) for m in actor.mandates if row.lane in m.lanes):
        return False
    for lanes, protocol, kind in said(node, actor, row):
        under = actor.under_any(lanes, protocol, kind)
        able = any(m.overrides(protocol, kind) for m in actor.mandates if {*lanes} & {*m.lanes})
        if not able and (under is None or under[1] is not Hand.ALONE):
            return False
    return True
