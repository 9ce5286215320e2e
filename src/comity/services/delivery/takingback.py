"""Blobs at a mailbox host that a member is given no more: the host is told to drop them.

A host knows neither dossiers nor terms: it gives a blob to whoever its owner named. So the owner
has it dropped as soon as it holds the word of a member that withdrew or left, and makes others,
under new keys, for those who are given the content still and have not got it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.ids import PartyId
from comity.services.delivery import uploads
from comity.services.delivery.carry import may_have_content
from comity.store.access import blobs as access
from comity.store.access import outbox as deliveries
from comity.store.append import outbox

if TYPE_CHECKING:
    from comity.kernel.dossier import Dossier
    from comity.kernel.ids import Id
    from comity.services.node import Node


def follow(node: Node, dossier: Dossier) -> None:
    """Take back what lies at a host for members of a dossier that are given it no more.

    Call it when an act came, within its write transaction.
    """
    if node.host is None:
        return
    for act, named in access.named_at_hosts(node.db, node.me, dossier.id).items():
        placed = dossier.graph.nodes[act]
        given = {to for to in named if may_have_content(node, dossier, placed, to)}
        if given != named:
            uploads.forget(node, [row.hash for row in access.out_blobs(node.db, act)])
            _send_anew(node, act, given)


def _send_anew(node: Node, act: Id, to: set[PartyId]) -> None:
    now = node.now()
    for row in deliveries.deliveries(node.db, act):
        if row.recipient in to and row.state != "whole":
            outbox.queue_lacking(
                node.db, PartyId(row.recipient), [act], now=now, sent_before=now + 1, content=True
            )
