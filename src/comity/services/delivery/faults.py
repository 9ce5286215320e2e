"""What went wrong on the way to another node, as a person reads it: what happened, what to do."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING

from urllib3.exceptions import ConnectTimeoutError, HTTPError, ProxyError, ReadTimeoutError
from urllib3.util.ssl_match_hostname import CertificateError

from comity.services.ports import Astray, Unreachable

if TYPE_CHECKING:
    from comity.services.delivery.addresses import Target

UNTRUSTED = (
    "The certificate at {where} is not one that this node trusts: {cause}. If its authority is one "
    "of your own, name the authority's file as `ca` in node.json."
)
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
        UNTRUSTED,
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
AWAY = (
    "The proxy {proxy} does not answer. Is `proxy` in node.json right, and may this machine "
    "reach it?"
)
STRANGER = (
    "The proxy {proxy} asks who this node is, or does not know it. Put name:password, as its "
    "administrator gave it, into a file and name the file as `proxy_login` in node.json."
)
SHUT = (
    "The proxy {proxy} refuses to connect to {where} (status {status}). Ask its administrator to "
    "allow it."
)
UNKNOWN = 407
"""The status by which a proxy asks who is there (RFC 9110, 15.5.8)."""
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")


def told(target: Target, error: BaseException, proxy: str = "") -> Unreachable:
    """Return an error on the way to ``target`` in words; ``proxy`` is the one that was used."""
    causes = [*_causes(error)]
    found = _of_proxy(target, causes, proxy) if proxy else None
    return found or Unreachable(_words(target, causes))


def _words(target: Target, causes: list[BaseException]) -> str:
    where = place(target)
    for kinds, text in FAILURES:
        found = next((cause for cause in causes if isinstance(cause, kinds)), None)
        if found is not None:
            return text.format(where=where, cause=getattr(found, "verify_message", found))
    return f"No way leads to {where} from this machine. Is it connected?"


def by_proxy(target: Target, proxy: str, status: int) -> Unreachable:
    """Return what a proxy's own answer means."""
    if status == UNKNOWN:
        return Astray(STRANGER.format(proxy=proxy))
    return Unreachable(SHUT.format(proxy=proxy, where=place(target), status=status))


def place(target: Target) -> str:
    """Return scheme, host and port, as people write them."""
    usual = ":443" if target.scheme == "https" else ":80"
    return f"{target.scheme}://{target.authority.removesuffix(usual)}"


def _of_proxy(target: Target, causes: list[BaseException], proxy: str) -> Unreachable | None:
    for cause in causes:
        if found := _TUNNEL.search(str(cause)):
            return by_proxy(target, proxy, int(found[1]))
    away = any(isinstance(cause, ProxyError) for cause in causes)
    return Astray(AWAY.format(proxy=proxy)) if away else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__
