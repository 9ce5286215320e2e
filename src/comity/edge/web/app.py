"""The pages of one node as one WSGI callable.

Django sees a request only when its host is one of the node's own addresses. It works in a few
threads that own database connections, bound to this node's database and secret; what is streamed
is read by the thread of the client.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from comity.services.delivery.lanes import Lanes
from comity.services.node import ENVIRON
from comity.store.database import bind

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

    from comity.services.node import Node

LANES = 8
"""Pages made at once; more wait."""
HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})
MAILS = "comity.mails"
"""Where a request's environment names the thread that sends mail for its pages."""


class PagesApp:
    """The pages of one node; ``close`` ends its threads."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._secret = node.keys.pages_secret(node.ports.random.bytes(32))
        self._handler = WSGIHandler()
        self._lanes = Lanes(node.db, LANES, "pages")
        self._mails = Lanes(node.db, 1, "mail of pages")

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if not is_ours(self._node, str(environ.get("HTTP_HOST", ""))):
            return _misdirected(start)
        environ[ENVIRON], environ[MAILS] = self._node, self._mails
        if is_encrypted(self._node):
            # A proxy ended the encryption; that one stands before the node is its setting.
            environ["wsgi.url_scheme"] = "https"
        return self._lanes.run(lambda: self._answer(environ, start))

    def close(self) -> None:
        """Finish what is under way and close the database connections."""
        self._lanes.close()
        self._mails.close()

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        bind(self._node.db)
        settings.SECRET_KEY = self._secret
        return self._handler(environ, start)


def is_encrypted(node: Node) -> bool:
    """Say whether people reach this node over HTTPS."""
    return node.settings.pages.startswith("https:")


def is_ours(node: Node, host: str) -> bool:
    """Say whether a request's host is an address of this node."""
    wanted = urlsplit(f"//{host}").hostname if host else None
    chosen = node.settings
    known = {urlsplit(url).hostname for url in (chosen.pages, *chosen.endpoints)}
    known |= {urlsplit(f"//{name}").hostname for name in (*HERE, chosen.listen)}
    return wanted is not None and wanted in known


def _misdirected(start: StartResponse) -> list[bytes]:
    status = HTTPStatus.MISDIRECTED_REQUEST
    body = (
        b"This node does not answer under that name. If it should, put the address into its "
        b'node.json, as "pages".\n'
    )
    start(
        f"{status.value} {status.phrase}",
        [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))],
    )
    return [body]
