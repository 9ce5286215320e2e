"""Meeting another party: exchanging documents over the wire. Accrediting it is a person's act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.cover import CoverKind
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.services import envelope, parties
from comity.services.deliver import ANSWER_LIMIT, PREFIX

if TYPE_CHECKING:
    from comity.services.node import Node


def introduce(node: Node, url: str) -> PartyId:
    """Exchange documents with the node at ``url``; return its party, known and not accredited.

    Raises Unreachable, or Refusal when the other side refused or its documents do not verify.
    """
    body = parties.card(node)
    # Who answers is not known yet, so the cover is addressed to its own sender.
    data = envelope.request(node, node.me, CoverKind.HELLO, body=body)
    reply = node.ports.transport.send(f"{url.rstrip('/')}{PREFIX}/hello", data, limit=ANSWER_LIMIT)
    if reply.status != 200:
        raise Refusal("T13", f"The other node answered with status {reply.status}.", url)
    return parties.read_card(node, reply.body)
