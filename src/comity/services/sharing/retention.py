"""Removing what a circle's charter lets nobody keep for longer.

Each node does it for itself, and says nothing: that it is due is in the charter, and by when in the
act. Leaves stay, so that proofs of what others still show go on verifying.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.act import read_header
from comity.kernel.ids import Id
from comity.protocols.sharing.circle.acts import BATCHES
from comity.protocols.sharing.circle.terms import Open
from comity.services.casework import erasure
from comity.services.sharing import circles
from comity.store.access import acts, objects

if TYPE_CHECKING:
    from comity.services.node import Node

DAY = 24 * 3600 * 1000
RETENTION = "retention"
"""The reason for which content is erased (a code of the kernel)."""
MOST = 100
"""Batches removed in one round; what is left is removed in the next."""


def remove_due(node: Node) -> int:
    """Erase here the batches whose time is over; return how many."""
    done = 0
    for row in circles.all_circles(node):
        charter = acts.act(node.db, row.id)
        days = None if charter is None else Open.of(read_header(charter.header)).retention
        if days is not None:
            before = node.now() - days * DAY
            for act in objects.batches_before(node.db, row.id, BATCHES, before, MOST - done):
                erasure.erase(node, Id(act), reason=RETENTION)
                done += 1
    return done
