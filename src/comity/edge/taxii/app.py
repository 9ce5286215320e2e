"""The TAXII server of a node as one WSGI callable; ``routes`` has its addresses.

Who asks is looked up before anything else is said, and what a body may be before it is read. Every
answer is of the one media type, refusals are TAXII's errors, and bad input never gets a 5xx.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from comity.bridges.taxii import media, packing
from comity.edge.taxii import answers, asking, endpoints, routes
from comity.edge.taxii.endpoints import Ask
from comity.kernel.errors import Refusal
from comity.services import gate, origins
from comity.services.gate import Gate, Limits
from comity.services.replies import Answer, Turned
from comity.services.sharing import callers
from comity.store.pool import Pool

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from comity.edge.taxii.asking import Shown
    from comity.edge.taxii.routes import Route
    from comity.services.node import Node

LOG = logging.getLogger(__name__)
READING, CHANGING = 8, 4
"""Requests worked on at once; more wait. What adds or removes objects waits for its own turn to
write, and so has connections of its own: it never keeps a reader waiting.
"""
LIMITS = Limits(bodies=4, bodies_here=8, bodies_in_all=16)
"""Bodies are large here: no more than this many are in memory, being read."""


class TaxiiApp:
    """The TAXII server of one node. ``then`` answers every other path."""

    def __init__(
        self,
        node: Node,
        *,
        then: WSGIApplication,
        limits: Limits = LIMITS,
    ) -> None:
        self._node = node
        self._then = then
        secret = bytes.fromhex(node.keys.pages_secret(node.ports.random.bytes(32)))
        self._key = hashlib.blake2b(secret, digest_size=32, person=b"taxii cursors").digest()
        self._gate = Gate(limits)
        self._reading, self._changing = Pool(node.db, READING), Pool(node.db, CHANGING)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path, method = str(environ.get("PATH_INFO", "")), str(environ.get("REQUEST_METHOD", ""))
        if path != routes.TOP and not path.startswith(f"{routes.TOP}/"):
            return self._then(environ, start)
        return self._answer(environ, method, path).give(start, with_body=method != "HEAD")

    def close(self) -> None:
        """Finish what is under way and close the database connections."""
        self._reading.close()
        self._changing.close()

    def _answer(self, environ: WSGIEnvironment, method: str, path: str) -> Answer:
        try:
            self._gate.require_turn(origins.of_request(environ))
            return self._route(environ, method, routes.find(path))
        except Turned as away:
            return answers.turned(away)
        except Refusal as refusal:
            return answers.refused(refusal)
        except Exception:
            LOG.exception("A request to %s failed here.", path[:80])
            fault = Refusal("T13", "This node could not do it just now.")
            return answers.refused(fault)

    def _route(self, environ: WSGIEnvironment, method: str, route: Route | None) -> Answer:
        shown = asking.shown(environ)
        if shown is None:
            return self._unknown(environ, method, route)
        if method == "POST":
            return self._post(environ, shown, route)
        pool = self._changing if method == "DELETE" else self._reading
        return pool.run(lambda: self._done(environ, method, self._ask(environ, shown, route)))

    def _unknown(self, environ: WSGIEnvironment, method: str, route: Route | None) -> Answer:
        """Answer somebody unknown: the server's name is all that is said to everyone."""
        if route is None or route.name != routes.DISCOVERY:
            raise asking.unknown("Show a token of this node, by HTTP Basic or as a bearer.")
        _require_asked_well(environ, method, route)
        return _methods(route) if method == "OPTIONS" else endpoints.discovery(self._node)

    def _ask(self, environ: WSGIEnvironment, shown: Shown, route: Route | None) -> Ask:
        """Return a request of one who is known here. Raises Refusal X38, or S3 for no address."""
        try:
            caller = callers.of_basic(self._node, shown.user, shown.secret)
        except Refusal as refusal:
            raise asking.unknown(str(refusal.reason)) from refusal
        if route is None:
            raise endpoints.nothing("There is nothing at this address.")
        query = str(environ.get("QUERY_STRING", ""))
        return Ask(self._node, self._key, caller, route, query)

    def _done(self, environ: WSGIEnvironment, method: str, ask: Ask) -> Answer:
        _require_asked_well(environ, method, ask.route)
        if method == "OPTIONS":
            return _methods(ask.route)
        if ask.route.name == routes.DISCOVERY:
            return endpoints.discovery(self._node)
        acts = endpoints.CHANGING if method == "DELETE" else endpoints.READING
        return acts[ask.route.name](ask)

    def _post(self, environ: WSGIEnvironment, shown: Shown, route: Route | None) -> Answer:
        """Add what is posted: nobody's body is read who may not post it, or not in this form."""
        encoding = str(environ.get("HTTP_CONTENT_ENCODING", ""))
        self._reading.run(lambda: self._writing(environ, shown, route))
        media.require_sent(str(environ.get("CONTENT_TYPE") or environ.get("HTTP_CONTENT_TYPE", "")))
        packing.require_known(encoding)
        with self._gate.reading(origins.of_request(environ)):
            body = gate.read_body(environ, endpoints.MAX_CONTENT_LENGTH)
        whole = packing.unpacked(body, encoding, endpoints.MAX_CONTENT_LENGTH)
        # A body may take minutes to come, and the token may have been revoked meanwhile.
        return self._changing.run(
            lambda: endpoints.add(self._writing(environ, shown, route), whole)
        )

    def _writing(self, environ: WSGIEnvironment, shown: Shown, route: Route | None) -> Ask:
        ask = self._ask(environ, shown, route)
        _require_asked_well(environ, "POST", ask.route)
        endpoints.require_writable(ask)
        return ask


def _require_asked_well(environ: WSGIEnvironment, method: str, route: Route) -> None:
    """Check how an address is asked. Raises Turned 405, or Refusal X30."""
    if method not in route.methods:
        refusal = Refusal("X39", "This address is not asked by this method.")
        raise Turned(405, refusal, _allowed(route))
    media.require_acceptable(str(environ.get("HTTP_ACCEPT", "")))


def _methods(route: Route) -> Answer:
    return answers.answer(b"", 200, _allowed(route))


def _allowed(route: Route) -> tuple[str, str]:
    return "Allow", ", ".join(sorted(route.methods))
