"""The one outgoing HTTP client: it posts to other nodes, and asks the servers that settings name.

An address is looked up once, checked, and connected to as checked (see ``addresses``). Redirects
are not followed; the answer is read up to its limit and within its time, whatever its headers say.
"""

from __future__ import annotations

import io
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NewConnectionError,
)

from comity.services.delivery import addresses, faults
from comity.services.delivery.addresses import Target
from comity.services.ports import Astray, Overlong, Reply, Unreachable

if TYPE_CHECKING:
    from pathlib import Path

PIECE = 64 * 1024
PEERS_KEPT = 64
AT_ONCE = 4
"""Peers to which connections are kept open, and how many to each."""
BYTES = {"Content-Type": "application/octet-stream"}
NOBODY = "https://comity.invalid/"
NO_AUTHORITIES = (
    "The file that `ca` names in node.json is not there, or holds no certificate. Put the "
    "certificate of the authority there, as PEM."
)
NO_LOGIN = "The file that `proxy_login` names in node.json is not there, or is no name:password."
NO_PROXY = (
    "`proxy` in node.json is not the address of a proxy, as http://proxy.example:3128; name and "
    "password go into the file that `proxy_login` names."
)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait: for the connection, for the next bytes, for a whole answer."""

    connect: float = 10.0
    read: float = 30.0
    answer: float = 120.0


@dataclass(frozen=True, slots=True)
class Way:
    """How this node gets out.

    ``ca`` is a file of authorities to trust besides the machine's own; ``proxy`` the URL of an
    HTTP proxy, which then looks names up itself and is trusted to refuse what it must;
    ``proxy_login`` a file that holds name:password for it; ``local`` allows addresses of this
    machine and of its own network.
    """

    ca: Path | None = None
    proxy: str = ""
    proxy_login: Path | None = None
    local: bool = True


class Sent(NamedTuple):
    """What is sent: ``headers`` beside those that every request has."""

    method: str
    body: bytes
    headers: Mapping[str, str]


class HTTPTransport:
    """``services.ports.Transport`` over HTTP and HTTPS. Several threads may use it.

    What is wrong with the way out is told when something is sent, so that commands which send
    nothing do their work.
    """

    def __init__(self, way: Way | None = None, *, patience: Patience | None = None) -> None:
        self._way = way or Way()
        self._patience = patience or Patience()
        self._pools: urllib3.PoolManager | None = None
        self.fault = ""
        """What is wrong with the files and addresses of the way, "" when nothing is."""
        try:
            self._pools = _pools(self._way)
        except Astray as error:
            self.fault = str(error)

    def send(self, url: str, body: bytes, *, limit: int) -> Reply:
        """POST ``body`` to ``url``; at most ``limit`` bytes of answer. Raises Unreachable."""
        return self.ask("POST", url, body, headers=BYTES, limit=limit)

    def ask(
        self, method: str, url: str, body: bytes, *, headers: Mapping[str, str], limit: int
    ) -> Reply:
        """Send a request with ``headers`` of its own, as ``send`` does. Raises Unreachable."""
        target = _target(url)
        try:
            return self._send(target, Sent(method, body, headers), limit)
        except (HTTPError, OSError, UnicodeError) as error:
            raise faults.told(target, error, self._way.proxy) from error

    def probe(self) -> str:
        """Return what is wrong with the way out, "" when it is as the settings say.

        A proxy is asked for a name that nobody has (RFC 2606): how it refuses is passed over.
        """
        if self.fault or not self._way.proxy:
            return self.fault
        try:
            self.send(NOBODY, b"", limit=PIECE)
        except Astray as error:
            return str(error)
        except Unreachable:
            return ""
        return ""

    def close(self) -> None:
        """Close the connections that are kept open."""
        if self._pools is not None:
            self._pools.clear()

    def _send(self, target: Target, sent: Sent, limit: int) -> Reply:
        if self._pools is None:
            raise Astray(self.fault)
        tried: Exception | None = None
        by_proxy = bool(self._way.proxy)
        for address in addresses.to_try(target, local=self._way.local, by_proxy=by_proxy):
            try:
                return self._post(self._pools, target, address, sent, limit)
            except (NewConnectionError, ConnectTimeoutError) as error:
                tried = error
        raise tried or Unreachable(f"{target.host} has no address.")

    def _post(
        self, pools: urllib3.PoolManager, target: Target, address: str, sent: Sent, limit: int
    ) -> Reply:
        pool = pools.connection_from_host(address, target.port, target.scheme, _identity(target))
        deadline = time.monotonic() + self._patience.answer
        # A file, so that the time to connect bounds each piece sent and not the whole body.
        response = pool.urlopen(
            sent.method,
            _request_target(target, by_proxy=bool(self._way.proxy)),
            io.BytesIO(sent.body),
            headers={**_headers(target, len(sent.body)), **sent.headers},
            retries=False,
            redirect=False,
            assert_same_host=False,  # By a proxy it is another; which one was decided above.
            preload_content=False,
            decode_content=False,
            timeout=urllib3.Timeout(connect=self._patience.connect, read=self._patience.read),
        )
        self._require_passed(target, response)
        try:
            data = _read(response, limit, deadline)
        except BaseException:
            response.close()
            raise
        response.release_conn()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status, data, headers)

    def _require_passed(self, target: Target, response: urllib3.BaseHTTPResponse) -> None:
        """Raise Unreachable for an answer that only the proxy itself gives."""
        if self._way.proxy and response.status == faults.UNKNOWN:
            response.close()
            raise faults.by_proxy(target, self._way.proxy, response.status)


def _pools(way: Way) -> urllib3.PoolManager:
    """Return the connections that a way out needs. Raises Astray when it is no way."""
    context = ssl.create_default_context()
    if way.ca is not None:
        try:
            context.load_verify_locations(way.ca)
        except (OSError, ssl.SSLError) as error:
            raise Astray(NO_AUTHORITIES) from error
    if not way.proxy:
        return urllib3.PoolManager(PEERS_KEPT, maxsize=AT_ONCE, ssl_context=context)
    try:
        return urllib3.ProxyManager(
            _require_proxy(way.proxy),
            PEERS_KEPT,
            maxsize=AT_ONCE,
            proxy_headers=_login(way.proxy_login),
            proxy_ssl_context=context,
            ssl_context=context,
        )
    except HTTPError as error:
        raise Astray(NO_PROXY) from error


def _require_proxy(url: str) -> str:
    parts = urllib3.util.parse_url(url)
    if parts.scheme not in {"http", "https"} or not parts.host or parts.auth:
        raise Astray(NO_PROXY)
    return url


def _login(file: Path | None) -> dict[str, str]:
    if file is None:
        return {}
    try:
        told = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Astray(NO_LOGIN) from error
    if ":" not in told:
        raise Astray(NO_LOGIN)
    return {**urllib3.util.make_headers(proxy_basic_auth=told)}


def _target(url: str) -> Target:
    try:
        parts = urllib3.util.parse_url(url)
    except LocationParseError as error:
        raise Unreachable(f"{url[:200]} is not an address.") from error
    if parts.scheme not in {"http", "https"} or not parts.host or parts.auth:
        raise Unreachable(f"{url[:200]} is not an address of a node.")
    host = parts.host.removeprefix("[").removesuffix("]")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return Target(parts.scheme, host, port, parts.request_uri)


def _identity(target: Target) -> dict[str, object]:
    """Return what the other side's certificate is checked for, as part of the pool's key."""
    if target.scheme != "https":
        return {}
    return {"assert_hostname": target.host, "server_hostname": target.host}


def _request_target(target: Target, *, by_proxy: bool) -> str:
    if by_proxy and target.scheme == "http":
        return f"http://{target.authority}{target.path}"
    return target.path


def _headers(target: Target, size: int) -> Mapping[str, str]:
    return {
        "Host": target.authority,
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
            raise Overlong("The answer is larger than was asked for.")
        if time.monotonic() > deadline:
            raise Unreachable("The answer took too long.")
    return b"".join(pieces)
