"""Where this node may connect: URLs of people and of other parties, read and looked up once.

An address comes from whoever typed or announced it, and this node may stand where others cannot
reach: beside a database, a printer, the machine's own secrets. So what leads to this machine or to
its own network is refused, unless the node itself lives there; and what nobody's node has as an
address, always. What a name leads to is what is checked and connected to: a name cannot answer one
thing to the check and another to the connection.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from comity.services.ports import Forbidden

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"

ADDRESSES_TRIED = 3
METADATA = frozenset(
    ipaddress.ip_address(address)
    for address in (
        "100.100.100.200",
        "168.63.129.16",
        "169.254.169.254",
        "192.0.0.192",
        "fd00:ec2::254",
    )
)
"""Where providers of machines answer with secrets of the machine."""
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
# An address written in another way than its own, as 127.1, 0x7f.1 or 2130706433: some resolvers
# read it, others ask for it as a name.
_NUMBER = re.compile(r"(?i)(.*\.)?(0x[0-9a-f]*|[0-9]+)\.?")
_OWN_NAME = re.compile(r"(?i)(.*\.)?localhost\.?|[^.]*\.?")
"""Names that mean whoever looks them up, or something in its own network."""


class Target(NamedTuple):
    """Where a URL leads: ``path`` begins with a slash, and its query is part of it."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port, as they are written in a request."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def to_try(target: Target, *, local: bool, by_proxy: bool) -> list[str]:
    """Return the addresses to connect to. By a proxy, which looks names up itself, the name.

    ``local`` allows those of this machine and of its own network. Raises Forbidden when none may
    be used, and OSError when the name leads nowhere.
    """
    literal = _literal(target.host)
    if literal is None and _NUMBER.fullmatch(target.host):
        raise _refused(target)
    if literal is None and by_proxy:
        if not local and _OWN_NAME.fullmatch(target.host):
            raise _refused(target)
        return [target.host]
    found = [literal] if literal else _resolve(target)
    allowed = [address for address in found if is_allowed(address, local=local)]
    if not allowed:
        raise _refused(target)
    return [str(address) for address in allowed[:ADDRESSES_TRIED]]


def _refused(target: Target) -> Forbidden:
    return Forbidden(
        f"{target.host} is not an address this node connects to: it belongs to this machine, to "
        "the network it stands in, or to no node at all. Where your own nodes talk inside one "
        "network, set `local_addresses` to true in node.json."
    )


def is_allowed(address: Address, *, local: bool) -> bool:
    """Say whether this node connects to an address, and to whatever is written inside of it."""
    return all(_is_open(each, local=local) for each in _meant(address))


def is_local(host: str) -> bool:
    """Say whether a host is written as this machine or an address of a network of its own."""
    found = _literal(host)
    return host.lower() == "localhost" if found is None else not is_allowed(found, local=False)


def _is_open(address: Address, *, local: bool) -> bool:
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if address in METADATA or (address.is_reserved and not address.is_loopback):
        return False
    return local or address.is_global


def _meant(address: Address) -> Iterator[Address]:
    """Yield an address, and those that gateways make of it: IPv6 can carry IPv4 in many ways."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
        return
    if address.ipv4_mapped:
        yield address.ipv4_mapped  # The system connects to this one, and not to the whole.
        return
    yield ipaddress.IPv6Address(int(address))  # Without a zone, which would make it another.
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    inside = address in _TRANSLATED or (address in _COMPATIBLE and int(address) > 1)
    if inside:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _resolve(target: Target) -> list[Address]:
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    # What follows % names a network card, and is part of link-local addresses alone.
    names = dict.fromkeys(str(item[4][0]).partition("%")[0] for item in found)
    return [ipaddress.ip_address(name) for name in names]
