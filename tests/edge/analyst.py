"""Analysts' tools at a node's TAXII server, in the test's own process.

::

    tool = Tool(app, "reader")
    got = tool.get("collections/readings/objects/", "match[type]=indicator")
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.bridges.taxii.media import TAXII
from comity.edge.taxii.routes import ROOT
from tests.edge.calls import Got, Readable, ask

if TYPE_CHECKING:
    from comity.edge.taxii.app import TaxiiApp


@dataclass
class Tool:
    """A tool that shows a ``secret``, or none."""

    app: TaxiiApp
    secret: str = ""

    def get(self, path: str, query: str = "", **more: str) -> Got:
        return self.ask("GET", path, QUERY_STRING=query, **more)

    def post(self, path: str, body: bytes | Readable, **more: str) -> Got:
        return self.ask("POST", path, body, **{"CONTENT_TYPE": TAXII, **more})

    def ask(self, method: str, path: str, body: bytes | Readable = b"", **more: str) -> Got:
        """Ask for a path below the API root, or from the top."""
        given = {"HTTP_ACCEPT": TAXII}
        if self.secret:
            shown = base64.b64encode(f"tool:{self.secret}".encode()).decode()
            given["HTTP_AUTHORIZATION"] = f"Basic {shown}"
        where = path if path.startswith("/") else ROOT + path
        return ask(self.app, method, where, body, **{**given, **more})


def is_error(got: Got) -> bool:
    """Say whether an answer is a TAXII error with its own status."""
    return (
        got.headers["content-type"] == TAXII
        and got.json["http_status"] == str(got.status)
        and all(type(got.json[name]) is str for name in ("title", "description", "error_code"))
    )
