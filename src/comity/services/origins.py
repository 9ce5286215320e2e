"""The network address a request came from, as every door of a node takes it."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def of_request(environ: Mapping[str, Any]) -> str:
    """Return the address a request came from; ``environ`` is of WSGI.

    A connection from this machine is a proxy's if it says for whom: its last word is believed,
    because the proxy wrote that one itself.
    """
    address = str(environ.get("REMOTE_ADDR", ""))
    told = str(environ.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    return told[:64] if told and is_here(address) else address


def is_here(address: str) -> bool:
    """Say whether an address is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def holder(address: str) -> str:
    """Return what stands for everyone behind an address: of IPv6 the network of 64 bits, since one
    machine has as many addresses as it likes in there.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    mapped = found.ipv4_mapped
    return str(mapped or ipaddress.ip_network((found.packed[:8] + bytes(8), 64)))
