"""Fetching what a provider of advisories gives out, over HTTP.

Redirects are followed a few times: by https, or by http within this machine and its own network
where that was how the address was named; and, as every address, only to where this node connects.
Nothing of this party goes along that would be for one server alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import urlsplit

from comity.bridges.csaf import listing
from comity.kernel.errors import Phrase, Refusal
from comity.services.delivery import addresses
from comity.services.ports import Forbidden, Overlong, Unreachable
from comity.services.sharing.remote import AWAY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.services.ports import Reply

MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ABSENT = frozenset({404, 410})


class Asks(Protocol):
    """The way out, as ``services.delivery.outbound`` has it."""

    def ask(
        self, method: str, url: str, body: bytes, *, headers: Mapping[str, str], limit: int
    ) -> Reply:
        """Send a request. Raises Unreachable."""


class Got(NamedTuple):
    """What was at an address, and the ``url`` that it was found at in the end."""

    url: str
    data: bytes


class Absent(Refusal):
    """What is not there."""


@dataclass(slots=True)
class Fetch:
    """What asks; ``lost`` are hosts that are not reached, and not asked again."""

    out: Asks
    lost: dict[str, Refusal] = field(default_factory=dict)

    def get(self, url: str, limit: int) -> Got:
        """Return what is at an address. Raises Refusal X68, and X69 where nothing else is to be had
        now either; either about the address that was asked last.
        """
        for _ in range(MOST_REDIRECTS + 1):
            reply = self._ask(url, limit)
            if reply.status not in _REDIRECTS:
                return Got(url, _given(reply, url))
            url = _onward(reply, url)
        told = Phrase("It sends on more than {most} times.", most=MOST_REDIRECTS)
        raise Refusal("X68", told, url)

    def _ask(self, url: str, limit: int) -> Reply:
        if known := self.lost.get(urlsplit(url).netloc):
            raise Refusal(known.rule, known.reason, url)
        try:
            return self.out.ask("GET", url, b"", headers={}, limit=limit)
        except (Overlong, Forbidden) as error:
            raise Refusal("X68", str(error), url) from error
        except Unreachable as error:
            raise Refusal("X69", str(error), url) from error


def _given(reply: Reply, url: str) -> bytes:
    if reply.status == 200:
        return reply.body
    if reply.status in _ABSENT:
        raise Absent("X68", Phrase("There is nothing at this address."), url)
    told = Phrase("It is not given out (status {status}).", status=reply.status)
    raise Refusal("X69" if reply.status in AWAY else "X68", told, url)


def _onward(reply: Reply, url: str) -> str:
    """Return where a server sends on to. Raises Refusal X68."""
    said = reply.headers.get("location", "")
    if not said:
        raise Refusal("X68", Phrase("It sends on, and does not say where to."), url)
    to = listing.address(said, url)
    parts = urlsplit(to)
    if parts.scheme != "https" and not addresses.is_local(parts.hostname or ""):
        told = Phrase("It leads to what is no address by https: {url}.", url=to[:200])
        raise Refusal("X68", told, url)
    return to
