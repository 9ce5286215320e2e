"""Handing a member what waits for it as a sealed file, where no line leads there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.services.casework.desk import Desk
from comity.services.delivery import stick
from comity.services.people import audit
from comity.store.access import acts as access
from comity.store.sql import writing

if TYPE_CHECKING:
    from pathlib import Path

    from comity.services.delivery.stick import Exported
    from comity.services.node import Node
    from comity.services.people.actors import Actor


def recipients(node: Node, dossier_id: str) -> list[PartyId]:
    """Return the other parties that take part in a dossier, or are invited to."""
    states = access.members(node.db, dossier_id)
    return [PartyId(p) for p, state in states if p != node.me and state in {"member", "invited"}]


def export(node: Node, actor: Actor, dossier_id: str, party: str, path: Path) -> Exported:
    """Write what waits for a member of a dossier into the new file ``path``, sealed for it.

    It counts as sent, so it takes who may say something in the dossier. Raises Refusal S3 for a
    dossier that is not to be seen, S4 for no member, S10, or as ``stick.export_to``.
    """
    desk = Desk(node, actor)
    row = desk.dossier(dossier_id)
    if not actor.speaks(desk.lane(row), row.protocol):
        raise Refusal("S10", "None of your mandates lets you send anything from this dossier.")
    if party not in recipients(node, dossier_id):
        raise Refusal("S4", "Choose a party that takes part in this dossier.", "party")
    done = stick.export_to(node, PartyId(party), path)
    with writing(node.db):
        audit.note(node, actor, "exported", party, detail={"dossier": dossier_id})
    return done
