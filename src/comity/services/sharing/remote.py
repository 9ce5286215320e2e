"""Another TAXII server, asked over HTTP: the one password goes to the one server it is for.

Redirects are not followed, lengths are bounded, and every failure says what to do.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import quote, urlencode, urljoin, urlsplit

from comity.bridges.stix import reading
from comity.bridges.taxii import answers
from comity.bridges.taxii.answers import ApiRoot, Collection, Discovery
from comity.bridges.taxii.media import TAXII
from comity.bridges.taxii.times import stix_time
from comity.kernel.errors import Phrase, Refusal
from comity.services.ports import Overlong, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from comity.services.ports import Reply
    from comity.services.sharing.peers import Peer

LIMIT = 1024 * 1024
"""Bytes of an answer that is no page."""
PAGE_BYTES = min(64 * 1024 * 1024, reading.BATCH_LIMIT)
"""Bytes of a page."""
MOST_ROOTS = 20
NAMED = 10
"""Collections that a person is told of, when the one that was asked for is not there."""
PATIENCE = 24 * 3600
"""The most seconds that a server may ask to be left alone."""
AWAY = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses of a server that may answer another time."""


class Asks(Protocol):
    """The way out, as ``services.delivery.outbound`` has it."""

    def ask(
        self, method: str, url: str, body: bytes, *, headers: Mapping[str, str], limit: int
    ) -> Reply:
        """Send a request. Raises Unreachable."""


class Unanswered(Refusal):
    """A request that a server did not grant: its HTTP ``status``, 0 where it was not reached, and
    for how many seconds it asks to be left alone (``wait``).
    """

    def __init__(self, rule: str, reason: str, url: str, status: int = 0, wait: int = 0) -> None:
        super().__init__(rule, reason, url)
        self.status = status
        self.wait = wait


class Place(NamedTuple):
    """A collection at a server: the ``url`` of its ``root`` and its own, each ending in a slash;
    ``limit`` is the most bytes that are posted at once.
    """

    root: str
    url: str
    title: str
    limit: int


@dataclass(slots=True)
class Server:
    """A TAXII server that is asked as ``peer`` says; ``now`` (ms) is when this began."""

    out: Asks
    peer: Peer
    password: str
    now: int

    def place(self, *, writes: bool) -> Place:
        """Return the collection of the peer, that may be added to or read.

        Raises Refusal X61, X62, X64, X65 or X66.
        """
        seen: list[Collection] = []
        for root, told in self._roots():
            found = answers.collections(self._get(f"{root}collections/").body)
            usable = [each for each in found if (each.can_write if writes else each.can_read)]
            seen += usable
            for each in usable:
                if self.peer.collection in {each.id, each.alias, each.title} - {""}:
                    return self._place(root, told, each)
            if not self.peer.collection and len(usable) == 1:
                return self._place(root, told, usable[0])
        raise self._nowhere(seen)

    def _roots(self) -> Iterator[tuple[str, ApiRoot]]:
        front = answers.front(self._get(self.peer.url).body)
        if not isinstance(front, Discovery):
            yield _with_slash(self.peer.url), front
            return
        for url in front.roots[:MOST_ROOTS]:
            root = _with_slash(urljoin(self.peer.url, url))
            yield root, answers.api_root(self._get(root).body)

    def _place(self, root: str, told: ApiRoot, found: Collection) -> Place:
        url = f"{root}collections/{quote(found.id, safe='')}/"
        return Place(root, url, answers.short(found.title), told.max_content_length)

    def _nowhere(self, seen: list[Collection]) -> Refusal:
        if not seen:
            told = Phrase("It shows this user no collection. Ask its administrator for the right.")
            return Refusal("X64", told, self.peer.url)
        named = "; ".join(f"{answers.short(c.title)} ({c.id[:80]})" for c in seen[:NAMED])
        told = Phrase("Say which collection is meant. There are: {named}.", named=named)
        return Refusal("X64", told, self.peer.collection)

    def page(self, place: Place, query: Mapping[str, str]) -> Reply:
        """Return a page of objects. Raises Overlong, or Refusal X61, X64 or X65."""
        return self._get(f"{place.url}objects/?{urlencode(query)}", PAGE_BYTES)

    def add(self, place: Place, body: bytes) -> answers.Status:
        """Post an envelope. Raises Refusal X61, X62, X64 or X65."""
        return answers.status(self._ask("POST", f"{place.url}objects/", body).body)

    def status(self, place: Place, id_: str) -> answers.Status:
        """Return what became of a request. Raises Refusal X61, X62, X64 or X65."""
        return answers.status(self._get(f"{place.root}status/{quote(id_, safe='')}/").body)

    def delete(self, place: Place, id_: str, version: int) -> None:
        """Delete a version of an object; one without versions wholly. Raises Refusal X64, X65."""
        query = f"?{urlencode({'match[version]': stix_time(version)})}" if version else ""
        self._ask("DELETE", f"{place.url}objects/{quote(id_, safe='')}/{query}")

    def _get(self, url: str, limit: int = LIMIT) -> Reply:
        return self._ask("GET", url, limit=limit)

    def _ask(self, method: str, url: str, body: bytes = b"", limit: int = LIMIT) -> Reply:
        """Ask as the peer's user. Raises Refusal, or Overlong where a page was asked for."""
        self._require_own(url)
        headers = {"Accept": TAXII}
        if body:
            headers["Content-Type"] = TAXII
        if self.peer.user:
            pair = base64.b64encode(f"{self.peer.user}:{self.password}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        try:
            reply = self.out.ask(method, url, body, headers=headers, limit=limit)
        except Overlong:
            if limit == PAGE_BYTES:
                raise
            raise Unanswered(
                "X65", Phrase("Its answer is larger than any of its kind."), url
            ) from None
        except Unreachable as error:
            raise Unanswered("X65", str(error), url) from error
        self._require_granted(method, url, reply)
        return reply

    def _require_own(self, url: str) -> None:
        if _origin(url) != _origin(self.peer.url):
            told = Phrase("It leads to another server. If that one is meant, name it as the peer.")
            raise Refusal("X66", told, url[:200])

    def _require_granted(self, method: str, url: str, reply: Reply) -> None:
        """Check the status and the headers of an answer. Raises Refusal X61, X64 or X65."""
        status, headers = reply.status, reply.headers
        if 200 <= status < 300:
            if method != "DELETE":
                encoding = headers.get("content-encoding", "")
                answers.require_answered(headers.get("content-type", ""), encoding)
            return
        if status in AWAY:
            told = Phrase("It cannot answer now (status {status}). {said}", status=status,
                          said=answers.said(reply.body))  # fmt: skip
            wait = _wait(headers.get("retry-after", ""), self.now)
            raise Unanswered("X65", told.strip(), url, status, wait)
        if 300 <= status < 400:
            to = answers.short(headers.get("location", ""))
            told = Phrase("It sends on to {to}. If that is right, name that address.", to=to or "?")
            raise Unanswered("X61", told, url, status)
        raise Unanswered("X64", _refused(status, reply.body), url, status)


def _refused(status: int, body: bytes) -> str:
    said = answers.said(body) or "-"
    if status in {401, 403}:
        return Phrase(
            "It does not let this user do that (status {status}: {said}). Are user and password "
            "right, and has the user the right?",
            status=status,
            said=said,
        )
    if status in {404, 410}:
        return Phrase(
            "It has nothing there for this user (status {status}: {said}). Is the address right?",
            status=status,
            said=said,
        )
    return Phrase("It refuses (status {status}: {said}).", status=status, said=said)


def _wait(text: str, now: int) -> int:
    """Return for how many seconds a header Retry-After asks, 0 where it is none."""
    if text.strip().isdigit() and len(text) < 10:
        return min(int(text), PATIENCE)
    try:
        until = parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return 0
    return max(0, min(int(until - now / 1000), PATIENCE))


def _with_slash(url: str) -> str:
    return url if url.endswith("/") else f"{url}/"


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    usual = 443 if parts.scheme == "https" else 80
    return parts.scheme, parts.hostname or "", usual if port is None else port
