"""The one outgoing HTTP client: POST to another node, and nothing else.

An address is resolved once, checked, and connected to as checked, so that a name cannot answer
one thing to the check and another to the connection. Redirects are not followed; the answer is
read up to its limit and within its time, whatever its headers say.
"""

from __future__ import annotations

import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NewConnectionError,
    ReadTimeoutError,
)
from urllib3.util.ssl_match_hostname import CertificateError

from comity.services.ports import Reply, Unreachable

if TYPE_CHECKING:
    from pathlib import Path

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"

PIECE = 64 * 1024
ADDRESSES_TRIED = 3
PEERS_KEPT = 64
AT_ONCE = 4
"""Peers to which connections are kept open, and how many to each."""
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


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait: for the connection, for the next bytes, for a whole answer."""

    connect: float = 10.0
    read: float = 30.0
    answer: float = 120.0


class Target(NamedTuple):
    """Where a URL leads: ``path`` begins with a slash."""

    scheme: str
    host: str
    port: int
    path: str


class HTTPTransport:
    """``services.ports.Transport`` over HTTP and HTTPS. Several threads may use it.

    ``ca`` is a file of authorities to trust besides the machine's own; ``proxy`` the URL of an
    HTTP proxy, which then resolves names itself and is trusted to refuse what it must;
    ``allow_private`` False refuses addresses that are not public (nodes of one house talk over
    private ones).
    """

    def __init__(
        self,
        *,
        ca: Path | None = None,
        proxy: str = "",
        allow_private: bool = True,
        patience: Patience | None = None,
    ) -> None:
        context = ssl.create_default_context()
        if ca is not None:
            context.load_verify_locations(ca)
        self._allow_private = allow_private
        self._patience = patience or Patience()
        self._by_proxy = bool(proxy)
        self._pools = (
            urllib3.ProxyManager(proxy, PEERS_KEPT, maxsize=AT_ONCE, ssl_context=context)
            if proxy
            else urllib3.PoolManager(PEERS_KEPT, maxsize=AT_ONCE, ssl_context=context)
        )

    def send(self, url: str, body: bytes, *, limit: int) -> Reply:
        """POST ``body`` to ``url``; at most ``limit`` bytes of answer. Raises Unreachable."""
        target = _target(url)
        try:
            return self._send(target, body, limit)
        except (HTTPError, OSError, UnicodeError) as error:
            raise Unreachable(_words(target, error)) from error

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._pools.clear()

    def _send(self, target: Target, body: bytes, limit: int) -> Reply:
        tried: Exception | None = None
        for address in self._addresses(target):
            try:
                return self._post(target, address, body, limit)
            except (NewConnectionError, ConnectTimeoutError) as error:
                tried = error
        raise tried or Unreachable(f"{target.host} has no address.")

    def _addresses(self, target: Target) -> list[str]:
        """Return the addresses to try. Raises Unreachable when none of them may be used."""
        literal = _literal(target.host)
        if literal is None and self._by_proxy:
            return [target.host]
        found = [literal] if literal else _resolve(target)
        allowed = [address for address in found if self._is_allowed(address)]
        if not allowed:
            raise Unreachable(f"{target.host} is not an address this node connects to.")
        return [str(address) for address in allowed[:ADDRESSES_TRIED]]

    def _is_allowed(self, address: Address) -> bool:
        mapped = getattr(address, "ipv4_mapped", None)
        address = mapped or address
        if address.is_link_local or address.is_multicast or address.is_unspecified:
            return False
        if address in METADATA:
            return False
        return self._allow_private or address.is_global

    def _post(self, target: Target, address: str, body: bytes, limit: int) -> Reply:
        pool = self._pools.connection_from_host(
            address, target.port, target.scheme, _identity(target)
        )
        deadline = time.monotonic() + self._patience.answer
        # A file, so that the time to connect bounds each piece sent and not the whole body.
        response = pool.urlopen(
            "POST",
            _request_target(target, by_proxy=self._by_proxy),
            io.BytesIO(body),
            headers=_headers(target, len(body)),
            retries=False,
            redirect=False,
            assert_same_host=False,  # By a proxy it is another; which one was decided above.
            preload_content=False,
            decode_content=False,
            timeout=urllib3.Timeout(connect=self._patience.connect, read=self._patience.read),
        )
        try:
            data = _read(response, limit, deadline)
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return Reply(response.status, data)


def _target(url: str) -> Target:
    try:
        parts = urllib3.util.parse_url(url)
    except LocationParseError as error:
        raise Unreachable(f"{url[:200]} is not an address.") from error
    if parts.scheme not in {"http", "https"} or not parts.host or parts.auth:
        raise Unreachable(f"{url[:200]} is not an address of a node.")
    host = parts.host.removeprefix("[").removesuffix("]")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return Target(parts.scheme, host, port, parts.path or "/")


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


def _identity(target: Target) -> dict[str, object]:
    """Return what the other side's certificate is checked for, as part of the pool's key."""
    if target.scheme != "https":
        return {}
    return {"assert_hostname": target.host, "server_hostname": target.host}


def _authority(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return f"{host}:{target.port}"


def _request_target(target: Target, *, by_proxy: bool) -> str:
    if by_proxy and target.scheme == "http":
        return f"http://{_authority(target)}{target.path}"
    return target.path


def _headers(target: Target, size: int) -> Mapping[str, str]:
    return {
        "Host": _authority(target),
        "Content-Type": "application/octet-stream",
        "Content-Length": str(size),
        "Accept-Encoding": "identity",
        "User-Agent": "comity",
    }


def _read(response: urllib3.BaseHTTPResponse, limit: int, deadline: float) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := response.read1(PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise Unreachable("The answer is larger than was asked for.")
        if time.monotonic() > deadline:
            raise Unreachable("The answer took too long.")
    return b"".join(pieces)


FAILURES: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    (
        (ConnectionRefusedError,),
        "Nothing answers at {where}. Is the node there running, and is the address right?",
    ),
    (
        (socket.gaierror, UnicodeError),
        "The name in {where} leads nowhere. Is it spelt right, and is this machine connected?",
    ),
    (
        (ssl.SSLCertVerificationError, CertificateError),
        "The certificate at {where} is not one that this node trusts: {cause}.",
    ),
    (
        (ssl.SSLError,),
        "No secure connection to {where} came about. Does its address begin with http://?",
    ),
    ((ConnectTimeoutError,), "Nothing answered at {where} in time. Is the address right?"),
    ((ReadTimeoutError,), "{where} was reached, and did not answer in time."),
    ((ConnectionError,), "The connection to {where} broke off before the answer was there."),
    ((HTTPError,), "What answered at {where} gave no answer of a node."),
)
"""What went wrong, in words: the first line that fits an error or what caused it is said."""


def _words(target: Target, error: Exception) -> str:
    """Return an error as a person reads it: what happened, and what to look at."""
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(cause)
    usual = ":443" if target.scheme == "https" else ":80"
    where = f"{target.scheme}://{_authority(target).removesuffix(usual)}"
    for kinds, words in FAILURES:
        found = next((cause for cause in causes if isinstance(cause, kinds)), None)
        if found is not None:
            return words.format(where=where, cause=getattr(found, "verify_message", found))
    return f"No way leads to {where} from this machine. Is it connected?"
