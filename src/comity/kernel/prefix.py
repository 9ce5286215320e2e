"""Ranges of Internet addresses: prefixes of IPv4 and IPv6, each with one spelling and one place.

The spelling is the standard library's: the first address, for IPv6 as RFC 5952 writes it, a slash,
and the length. IPv4 addresses mapped into IPv6 (``::ffff:0:0/96``) are refused: they have a
spelling as IPv4, and the releases of the library differ in how they write the mapped one.

A place is text by which an index finds prefixes. Frozen: the digit 4 or 6, the first address as 8
or 32 hexadecimal digits, the length as 2. So what lies within a range has places between two, in
every collation, and what encloses it has one of a few.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_interface, ip_network
from typing import TypeAlias

from comity.kernel.errors import Phrase

Network: TypeAlias = "IPv4Network | IPv6Network"

PATTERN = "[0-9a-f.:]+/[0-9]{1,3}"
"""What every spelling looks like; not everything that looks so is one."""
LONGEST = 43
"""The characters of the longest spelling."""
_WRITTEN = re.compile("[0-9A-Fa-f.:]{2,45}(/[0-9]{1,3})?")


def read(text: str) -> Network:
    """Return the range that a person wrote; an address alone is the range of itself.

    Raises ValueError, whose message says what to write instead.
    """
    try:
        # A mask, a zone and other digits are what the library would take, too.
        found = ip_interface(text) if _WRITTEN.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise ValueError(Phrase("write an address or a range, as 192.0.2.0/24 or 2001:db8::/32"))
    if found.version == 6 and found.network.network_address.ipv4_mapped is not None:
        raise ValueError(Phrase("write an IPv4 address as one, without ::ffff:"))
    if found.ip != found.network.network_address:
        raise ValueError(
            Phrase("a range begins with its first address: {range}", range=found.network)
        )
    return found.network


def place(network: Network) -> str:
    """Return the place of a range in an index."""
    return _place(network.version, int(network.network_address), network.prefixlen)


def at(place: str) -> Network:
    """Return the range that has a place. Raises ValueError when none has it."""
    address, length = bytes.fromhex(place[1:-2]), int(place[-2:], 16)
    if place[:1] not in {"4", "6"} or len(address) != (4 if place[0] == "4" else 16):
        raise ValueError(place)
    return ip_network((address, length))


def enclosing(network: Network) -> list[str]:
    """Return the places of all ranges that hold a range, the widest first and itself last."""
    address, bits = int(network.network_address), network.max_prefixlen
    return [
        _place(network.version, address >> (bits - length) << (bits - length), length)
        for length in range(network.prefixlen + 1)
    ]


def within(network: Network) -> tuple[str, str]:
    """Return the least and the greatest place that a range within a range can have."""
    last = network.broadcast_address
    return (
        _place(network.version, int(network.network_address), 0),
        _place(network.version, int(last), 255),
    )


def _place(version: int, address: int, length: int) -> str:
    return f"{version}{address:0{8 if version == 4 else 32}x}{length:02x}"
