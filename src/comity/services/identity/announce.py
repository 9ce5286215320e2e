"""Saying in a node document what the settings say: an address changes without a ceremony."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from comity.kernel.errors import Refusal
from comity.services.identity.parties import node_document, own_node_document, publish_node_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.services.node import Node, Settings

NO_PLACE = "Say where to listen as host and port: 127.0.0.1:8440, or [::1]:8440."
NO_ADDRESS = (
    "Say where others reach this node as https://node.example, with a port if it needs one, and "
    "nothing behind it."
)


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


def move(node: Node, *, listen: str = "", endpoints: Sequence[str] = ()) -> Settings:
    """Write into the settings where the node listens and where others reach it; return them.

    What is not given stays. Others are told when the node starts again, see ``refresh``. Raises
    Refusal S4.
    """
    host, _, port = listen.rpartition(":")
    if listen and not (host and port.isdecimal() and int(port) < 65536):
        raise Refusal("S4", NO_PLACE, listen)
    for url in endpoints:
        _require_address(url)
    settings = replace(
        node.settings,
        listen=listen or node.settings.listen,
        endpoints=tuple(url.rstrip("/") for url in endpoints) or node.settings.endpoints,
    )
    settings.write(node.folder)
    node.settings = settings
    return settings


def _require_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError as error:
        raise Refusal("S4", NO_ADDRESS, url) from error
    beyond = parts.path.strip("/") or parts.query or parts.fragment
    if not known or parts.username is not None or beyond:
        raise Refusal("S4", NO_ADDRESS, url)
