"""Declining to take part in a dossier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.services.casework import dossiers
from comity.services.casework.issue import Draft, issue

if TYPE_CHECKING:
    from comity.kernel.ids import Id
    from comity.services.node import Node


def decline(node: Node, *, dossier_id: str) -> Id:
    """Sign this party's declining: of being named in the charter, or of its invitation.

    Raises Refusal S3 when it was neither, S4 when the invitation cannot be answered yet.
    """
    dossier = dossiers.load(node, dossier_id)
    if node.me in dossier.charter.members:
        return issue(node, dossier_id=dossier_id, draft=Draft("decline"))
    held = dossier.members.invites_of(node.me)
    if not held:
        raise Refusal(
            "S4",
            "Only who has joined sees where to sign; not joining is enough, and is no answer.",
            dossier_id,
        )
    newest = max(held, key=lambda invite: invite.index)
    return issue(node, dossier_id=dossier_id, draft=Draft("decline", {"invite": newest.id}))
