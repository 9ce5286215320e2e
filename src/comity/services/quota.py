"""Quotas that are asked before any cryptography: a token bucket per sender, and bytes on disk."""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING

from comity.kernel.errors import Phrase, Refusal
from comity.store.access import parties
from comity.store.access.blobs import kept_load
from comity.store.access.space import STRANGERS, bytes_from
from comity.store.append.parties import count_today
from comity.store.append.space import count_bytes

if TYPE_CHECKING:
    from comity.kernel.ids import PartyId
    from comity.services.node import Node

MINUTE = 60_000
DAY = 24 * 60 * MINUTE
OPENINGS = 50
"""Dossiers that a party not accredited here may open within a day."""
LEAST_FREE = 64 * 1024 * 1024
"""Bytes that stay free on the disk, so that the node can always finish what it began."""
MEETINGS = 1000
"""Parties not known before that may make themselves known within a day."""
NEWCOMER = 64 * 1024
"""Bytes of documents by which a party may become known, however much other strangers use."""
MOST_SENDERS = 10_000
MOST_KEPT = 4096
"""Blobs kept for one hosted party at once, however small they are."""


class Buckets:
    """Token buckets by name: each holds a minute's requests and fills evenly. For all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[str, tuple[float, int]] = {}

    def take(self, name: str, rate: int, now: int) -> bool:
        """Take one token of ``name``, at ``now`` in ms; say whether there was one."""
        with self._lock:
            left, at = self._left.pop(name, (float(rate), now))
            left = min(float(rate), left + max(0, now - at) * rate / MINUTE)
            while len(self._left) >= MOST_SENDERS:
                # The one unused for longest is the fullest: inventing names empties no bucket.
                del self._left[next(iter(self._left))]
            self._left[name] = (left - 1 if left >= 1 else left, now)
            return left >= 1


def require_rate(node: Node, sender: str, origin: str = "") -> None:
    """Take one token of ``sender``'s minute. Raises Refusal T5 when none is left.

    Nothing is verified yet, so each network address ``origin`` has a bucket of its own: who claims
    to be another party uses up nothing of that party's.
    """
    rate = node.settings.rate
    if not node.buckets.take(f"{origin} {sender}", rate, node.now()):
        raise Refusal("T5", f"More than {rate} requests came within a minute.", sender)


def require_openings(node: Node, sender: PartyId) -> None:
    """Count a dossier that ``sender`` opens here. Raises Refusal T5 beyond its share of the day,
    unless a person here has accredited it.
    """
    row = parties.party(node.db, sender)
    if sender == node.me or (row is not None and row.accredited_at is not None):
        return
    if count_today(node.db, f"opened-{sender}", node.now() // DAY) > OPENINGS:
        raise Refusal("T5", f"Who is not accredited opens at most {OPENINGS} dossiers a day.")


def require_meetings(node: Node) -> None:
    """Count a stranger that makes itself known here. Raises Refusal T5 beyond the day's limit."""
    if count_today(node.db, "strangers", node.now() // DAY) > MEETINGS:
        raise Refusal("T5", f"At most {MEETINGS} strangers a day become known here.")


def left(node: Node, party: str) -> tuple[int, str]:
    """Return how many bytes more may be kept because of ``party``, and why no more of them.

    Mail and acts that wait count too, and what is counted falls with what is kept. Parties are free
    to make, so that those nobody here has accredited have one share together.
    """
    settings, row = node.settings, parties.party(node.db, party)
    own = settings.disk - bytes_from(node.db, party)
    if row is None or row.accredited_at is None:
        common = settings.disk_strangers - bytes_from(node.db, STRANGERS)
        if common < own:
            return common, Phrase(
                "Parties not accredited here share {bytes} bytes of this node's disk, and have "
                "used them up. Its people may accredit this party.",
                bytes=settings.disk_strangers,
            )
    return own, Phrase("This party has used its share of this node's disk.")


def require_share(node: Node, party: str, size: int = 0) -> None:
    """Raise Refusal T5 when ``size`` more bytes because of ``party`` are beyond its share."""
    room, reason = left(node, party)
    if party != node.me and size > room:
        raise Refusal("T5", reason, party)


def take_space(node: Node, party: PartyId, size: int, *, met: bool = False) -> None:
    """Count ``size`` bytes that are kept because of ``party``, within a write transaction.

    Raises Refusal T5 beyond its share of the disk. What makes a party known that was ``met`` by
    itself, and not brought by another, is never refused: there are quotas for meeting, and a person
    must be able to accredit a newcomer when strangers have used up what they share.
    """
    if not met or bytes_from(node.db, party) + size > NEWCOMER:
        require_share(node, party, size)
    count_bytes(node.db, party, size)


def require_spool(node: Node, owner: PartyId, size: int) -> None:
    """Raise Refusal S7 or T5 when this node cannot keep a blob of ``size`` bytes for ``owner``.

    What was announced counts as if it had come already. Blobs never take the room of mail: they
    share the sender's part of the disk with it, and are refused first.
    """
    require_free(node, size)
    count, kept = kept_load(node.db, owner)
    if count >= MOST_KEPT:
        raise Refusal("T5", f"This node keeps at most {MOST_KEPT} blobs for one party.", owner)
    require_share(node, owner, kept + size)


def require_free(node: Node, size: int = 0) -> None:
    """Raise Refusal S7 when ``size`` more bytes would nearly fill the disk."""
    if shutil.disk_usage(node.folder).free < LEAST_FREE + size:
        raise Refusal("S7", "This node's disk is nearly full; it takes nothing in for now.")


def require_room(node: Node, sender: PartyId) -> None:
    """Raise Refusal S7 when the disk is nearly full, T5 when the sender has used its share."""
    require_free(node)
    require_share(node, sender)
