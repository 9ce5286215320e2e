"""Quotas that are asked before any cryptography: a token bucket per sender, and bytes on disk."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.store.access.acts import bytes_from
from comity.store.access.outbox import mail_load

if TYPE_CHECKING:
    from comity.kernel.ids import PartyId
    from comity.services.node import Node

MINUTE = 60_000
LEAST_FREE = 64 * 1024 * 1024
"""Bytes that stay free on the disk, so that the node can always finish what it began."""
MOST_SENDERS = 10_000


def require_rate(node: Node, sender: str) -> None:
    """Take one token of ``sender``'s minute. Raises Refusal T5 when none is left."""
    rate, now = node.settings.rate, node.now()
    left, at = node.buckets.get(sender, (float(rate), now))
    left = min(float(rate), left + max(0, now - at) * rate / MINUTE)
    if left < 1:
        raise Refusal("T5", f"More than {rate} requests came within a minute.", sender)
    if len(node.buckets) >= MOST_SENDERS:
        node.buckets.clear()
    node.buckets[sender] = (left - 1, now)


def require_room(node: Node, sender: PartyId) -> None:
    """Raise Refusal S7 when the disk is nearly full, T5 when the sender has used its share."""
    if shutil.disk_usage(node.folder).free < LEAST_FREE:
        raise Refusal("S7", "This node's disk is nearly full; it takes nothing in for now.")
    used = bytes_from(node.db, sender) + mail_load(node.db, "sender", sender)
    if used > node.settings.disk:
        raise Refusal("T5", "The sender has used its share of this node's disk.", sender)
