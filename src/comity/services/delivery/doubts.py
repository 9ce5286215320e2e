"""Receipts that did not come: asking whether a recipient holds the content of an act by now.

Content beside a bundle is receipted apart, once it is whole, and that receipt is sent once. Lost on
its way, as with the mail of a host that was restored, it would leave the author with "received"
for ever. So the header alone is sent again: whoever holds the act answers with a receipt for it,
which says whether it is whole, and takes in nothing. Each act is asked about after pauses that
double, and no longer than anything else waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.services.casework import dossiers, missing
from comity.services.delivery.carry import may_have_content
from comity.store.access import outbox as access

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.store.access.outbox import UnsureRow

AT_ONCE = 512
"""Deliveries looked at in one round."""
MOST_ASKED = 64
"""Acts that one bundle asks about."""


def ask_again(node: Node) -> None:
    """Note for peers which acts to ask them about, with what they are sent next."""
    now = node.now()
    rows = access.unsure(node.db, node.doubted, now - node.settings.expire, AT_ONCE)
    node.doubted = rows[-1].id if len(rows) == AT_ONCE else 0
    for row in rows:
        key = (row.recipient, row.item)
        if missing.is_due(now, row.received_at, node.asked.get(key)):
            with node.lock:
                _ask_about(node, row)


def _ask_about(node: Node, row: UnsureRow) -> None:
    peer, act = PartyId(row.recipient), Id(row.item)
    asked = node.unsure.setdefault(peer, set())
    if len(asked) < MOST_ASKED and _may_be_whole_there(node, row):
        asked.add(act)
        missing.note_asked(node, [(peer, act)])
        node.nudged.add(peer)


def _may_be_whole_there(node: Node, row: UnsureRow) -> bool:
    """Say whether a recipient is a member still and was given the content: who was not has nothing
    to say of it.
    """
    try:
        dossier = dossiers.load(node, row.dossier)
    except Refusal:
        return False  # It is being joined.
    peer, placed = PartyId(row.recipient), dossier.graph.nodes[Id(row.item)]
    return peer in dossier.members.now() and may_have_content(node, dossier, placed, peer)
