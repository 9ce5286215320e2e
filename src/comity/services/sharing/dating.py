"""Times of objects that this node makes: now, and later than the version before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from comity.bridges.stix.times import micros

if TYPE_CHECKING:
    from comity.services.node import Node


def now(node: Node, after: str = "") -> str:
    """Return the time as STIX writes it; later than ``after``, the time of the version before."""
    ms = node.now() if not after else max(node.now(), micros(after) // 1000 + 1)
    told = datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
    return told.replace("+00:00", "Z")
