"""The guard of a notarisation: it is one party's own word, which nobody else joins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Void
from comity.kernel.kinds import Growth, read_charter
from comity.protocols.kernel.notary.acts import Notarise, read

if TYPE_CHECKING:
    from comity.kernel.graph import Node, Past

RULES = {"D1": "A notarisation has one member, and gains none."}


def require_alone(node: Node, _past: Past) -> None:
    """D1: a notarisation has one member, and gains none."""
    if isinstance(read(node.header), Notarise):
        charter = read_charter(node.header)
        if len(charter.members) != 1 or charter.growth != Growth.CLOSED:
            raise Void("D1", "Notarise it alone, and send the evidence to whom it may concern.")


GUARDS = (require_alone,)
