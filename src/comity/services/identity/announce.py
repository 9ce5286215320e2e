"""Saying in a node document what the settings say: an address changes without a ceremony."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.services.identity.parties import node_document, own_node_document, publish_node_document

if TYPE_CHECKING:
    from comity.services.node import Node


def refresh(node: Node) -> bool:
    """Publish a new node document if the settings say other than the last; say whether one was.

    Called when a node starts, so that editing ``node.json`` and starting again is all it takes.
    """
    last = node_document(node, node.me)
    if last is None:
        return False
    wanted = own_node_document(node, last.head, last.version)
    if wanted == last:
        return False
    publish_node_document(node)
    return True
