"""Handing a member what waits for it as a sealed file, where no line leads there."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.services.casework.desk import Desk
from comity.services.delivery import stick
from comity.services.people import audit
from comity.store.access import acts as access
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.people.actors import Actor


def recipients(node: Node, dossier_id: str) -> list[PartyId]:
    """Return the other parties that take part in a dossier, or are invited to."""
    states = access.members(node.db, dossier_id)
    return [PartyId(p) for p, state in states if p != node.me and state in {"member", "invited"}]


def export(node: Node, actor: Actor, dossier_id: str, party: str) -> tuple[str, BinaryIO]:
    """Return what waits for a member of a dossier, sealed for it, as a file opened for reading, and
    what to call it; it is gone when that is closed.

    It counts as sent, so it takes who may say something in the dossier. Raises Refusal S3 for a
    dossier that is not to be seen, S4 for no member, S10, or as ``stick.export_to``.
    """
    desk = Desk(node, actor)
    row = desk.dossier(dossier_id)
    if not any(actor.speaks(lane, row.protocol) for lane in desk.sides.of(row)):
        raise Refusal("S10", "None of your mandates lets you send anything from this dossier.")
    if party not in recipients(node, dossier_id):
        raise Refusal("S4", "Choose a party that takes part in this dossier.", "party")
    with tempfile.TemporaryDirectory(dir=node.spool) as folder:
        path = Path(folder) / "sealed"
        stick.export_to(node, PartyId(party), path)
        # The name may go; whoever holds the file open reads it to its end.
        opened = path.open("rb")
    with writing(node.db):
        audit.note(node, actor, "exported", party, detail={"dossier": dossier_id})
    return f"sealed-{party[:8]}-{dossier_id[:8]}.comity", opened
