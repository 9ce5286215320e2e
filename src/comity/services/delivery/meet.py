"""Meeting another party: exchanging documents over the wire. Accrediting it is a person's act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.ids import PartyId
from comity.services.delivery.deliver import exchange_documents

if TYPE_CHECKING:
    from comity.services.node import Node


def introduce(node: Node, url: str) -> PartyId:
    """Exchange documents with the node at ``url``; return its party, known and not accredited.

    Raises Unreachable, or Refusal when the other side refused or its documents do not verify.
    """
    return exchange_documents(node, url)
