"""The node's doors as one WSGI callable.

::

    POST      /comity/1/{bundle,pull,blob,spool,recall,hello,add-checkpoint,tile}   services.wire
    GET HEAD  /comity/1/card                  this party's documents, by which others get to know it
    GET HEAD  /comity/1/log/<n>/checkpoint    C2SP tlog-tiles, where the node serves them to all
    GET HEAD  /comity/1/log/<n>/tile/…
    GET HEAD  /healthz                        {status, reasons}

Every refusal has the one shape {rule, reason, subject, retry}. Bad input never gets a 5xx.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

import orjson

from comity.kernel.errors import Refusal
from comity.services import gate, origins, replies
from comity.services.care.health import health
from comity.services.delivery import wire
from comity.services.delivery.lanes import Lanes
from comity.services.gate import Gate, Limits
from comity.services.identity import parties
from comity.services.replies import Answer, Turned, refused

if TYPE_CHECKING:
    from typing import TypeAlias
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from comity.services.node import Node
    from comity.services.ports import Reply

    Door: TypeAlias = Callable[[str], Answer]

LOG = logging.getLogger(__name__)
PREFIX = "/comity/1/"
HEALTH = "/healthz"
LANES = 8
"""Requests worked on at once; more wait, read and in memory."""
DOORS = frozenset({"bundle", "pull", "blob", "spool", "hello", "recall", "add-checkpoint", "tile"})
READING = frozenset({"GET", "HEAD"})
_LOG_PATH = re.compile(r"log/([1-9][0-9]{0,5})/(.+)", re.DOTALL)
IMMUTABLE = "public, max-age=604800, immutable"
FRESH = "public, max-age=5"


class WireApp:
    """The doors of one node. ``then`` answers every other path; without it they are not found."""

    def __init__(
        self, node: Node, *, then: WSGIApplication | None = None, limits: Limits | None = None
    ) -> None:
        self._node = node
        self._then = then
        self._gate = Gate(limits)
        self._lanes = Lanes(node.db, LANES, "wire")

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path, method = str(environ.get("PATH_INFO", "")), str(environ.get("REQUEST_METHOD", ""))
        ours = path.startswith(PREFIX) or path == HEALTH
        if self._then is not None and not ours:
            return self._then(environ, start)
        return self._answer(environ, method, path).give(start, with_body=method != "HEAD")

    def close(self) -> None:
        """Finish what is under way and close the database connections."""
        self._lanes.close()

    def _answer(self, environ: WSGIEnvironment, method: str, path: str) -> Answer:
        try:
            return self._route(environ, method, path)
        except Turned as turned:
            return turned.answer()
        except Exception:
            LOG.exception("A request to %s failed here.", path[:80])
            fault = Refusal("T13", "This node could not take it in just now.")
            return refused(503, fault, ("Retry-After", "5"))

    def _route(self, environ: WSGIEnvironment, method: str, path: str) -> Answer:
        name = path.removeprefix(PREFIX) if path.startswith(PREFIX) else ""
        if name in DOORS:
            _require_method(method, frozenset({"POST"}))
            return self._post(environ, name)
        door = self._readable(name, path)
        if door is None:
            raise Turned(404, Refusal("S3", "There is nothing at this address.", _short(path)))
        _require_method(method, READING)
        self._gate.require_turn(origins.of_request(environ))
        return self._lanes.run(door)

    def _post(self, environ: WSGIEnvironment, name: str) -> Answer:
        origin = origins.of_request(environ)
        self._gate.require_turn(origin)
        with self._gate.reading(origin):
            body = gate.read_body(environ, wire.BODY_LIMIT)
        return self._lanes.run(
            lambda: _from_wire(name, wire.answer(self._node, name, body, origin=origin))
        )

    def _readable(self, name: str, path: str) -> Callable[[], Answer] | None:
        if path == HEALTH:
            return self._health
        if name == "card":
            return self._card
        found = _LOG_PATH.fullmatch(name)
        if found is not None and self._node.settings.tiles_public:
            return partial(self._log, int(found[1]), found[2])
        return None

    def _health(self) -> Answer:
        state = health(self._node)
        value = {"status": "degraded" if state.reasons else "ok", "reasons": state.reasons}
        return Answer(200 if state.able else 503, orjson.dumps(value), replies.JSON)

    def _card(self) -> Answer:
        return Answer(200, parties.card(self._node), replies.JSON)

    def _log(self, number: int, path: str) -> Answer:
        try:
            found = wire.log_resource(self._node, number, path)
        except Refusal as refusal:
            return refused(404, refusal)
        if path == "checkpoint":
            return Answer(200, found.body, replies.TEXT, FRESH)
        return Answer(200, found.body, replies.BYTES, IMMUTABLE)


def _require_method(method: str, allowed: frozenset[str]) -> None:
    if method not in allowed:
        refusal = Refusal("T10", "This address is not asked in this way.", _short(method))
        raise Turned(405, refusal, ("Allow", ", ".join(sorted(allowed))))


def _from_wire(name: str, reply: Reply) -> Answer:
    if name == "add-checkpoint" and reply.status == 409:
        return Answer(409, reply.body, "text/x.tlog.size")
    if reply.status >= 400:
        return Answer(reply.status, reply.body, replies.JSON)
    kind = replies.JSON if name in {"hello", "spool"} else replies.BYTES
    return Answer(reply.status, reply.body, replies.TEXT if name == "add-checkpoint" else kind)


def _short(text: str) -> str:
    """Return what was asked for as it may be repeated: short, and characters of one line."""
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in text[:80])
