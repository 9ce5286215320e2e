"""Meeting another party: exchanging documents over the wire. Accrediting it is a person's act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.ids import PartyId
from comity.services.delivery.deliver import exchange_documents
from comity.services.identity import parties

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.people.actors import Actor


def introduce(node: Node, url: str) -> PartyId:
    """Exchange documents with the node at ``url``; return its party, known and not accredited.

    Raises Unreachable, or Refusal when the other side refused or its documents do not verify.
    """
    return exchange_documents(node, url)


def as_person(node: Node, actor: Actor, *, url: str = "", card: bytes = b"") -> PartyId:
    """Get to know the party at ``url``, or the one whose ``card`` this is; return it.

    Raises Refusal S10, and as ``introduce`` or ``parties.read_card``.
    """
    actor.require_manage("parties")
    return introduce(node, url) if url else parties.read_card(node, card)
