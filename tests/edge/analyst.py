"""Analysts' tools at a node's TAXII server, in the test's own process, and what they send.

::

    with TaxiiServer(node) as server:
        tool = server.tool(scopes=SCOPES)               # at a collection of its own
        got = tool.get("objects/", "match[type]=indicator")
        got = tool.at("reader").get("objects/")         # another, at the same collection
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import orjson

from comity.bridges.taxii.media import TAXII
from comity.edge.taxii.app import TaxiiApp
from comity.edge.taxii.routes import ROOT
from comity.kernel.label import TLP
from comity.services.people import tokens
from comity.services.people.tokens import READ, WRITE, Wish
from comity.services.sharing import circles
from comity.store.append import objects as append
from comity.store.sql import writing
from tests.edge.calls import Got, Readable, ask
from tests.sharing import uuid_of

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.store.access.objects import ShelfRow

RIGHTS = {"both": (READ, WRITE), "reader": (READ,), "writer": (WRITE,)}
MALWARE = {"spec_version": "2.1", "created": "2026-11-01T08:00:00.000Z", "is_family": False}
_NUMBERS = itertools.count()


def malware(name: str, version: int = 0) -> dict[str, Any]:
    """Return a malware in a version, each a second later than the one before."""
    told = {"id": f"malware--{uuid_of(name)}", "modified": f"2026-11-01T08:00:{version:02}.000Z"}
    return {"type": "malware", **MALWARE, "name": name, **told}


def envelope(objects: Sequence[object]) -> bytes:
    return orjson.dumps({"objects": objects})


def ids(got: Got) -> list[str]:
    assert got.status == 200, got.body
    return [each["id"] for each in got.json.get("objects", [])]


def indicators(*numbers: int) -> list[str]:
    return [f"indicator--{uuid_of(f'i{n}')}" for n in numbers]


GALE = f"malware--{uuid_of('gale')}"
GALE_PATH = f"objects/{GALE}/"


def is_error(got: Got) -> bool:
    """Say whether an answer is a TAXII error with its own status."""
    return (
        got.headers["content-type"] == TAXII
        and got.json["http_status"] == str(got.status)
        and all(type(got.json[name]) is str for name in ("title", "description", "error_code"))
    )


class TaxiiServer:
    """The TAXII server of a node, and tokens for it: ``both``, ``reader`` and ``writer`` of every
    collection, and ``neither``, of another one alone.
    """

    def __init__(self, node: Node) -> None:
        self.node = node
        self.app = TaxiiApp(node, then=_nothing)
        wishes = [Wish(name, scopes=scopes) for name, scopes in RIGHTS.items()]
        self.other = open_collection(node)
        wishes.append(Wish("neither", scopes=(READ, WRITE), shelf=self.other.id))
        self.secrets = {wish.name: tokens.make_for_program(node, wish)[0] for wish in wishes}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.app.close()

    def tool(self, name: str = "both") -> Tool:
        """Return a tool at a new, empty collection."""
        return Tool(self, open_collection(self.node), name, self.secrets[name])


def _nothing(_environ: object, _start: object) -> list[bytes]:
    raise AssertionError("asked for what is not of TAXII")


def open_collection(node: Node) -> ShelfRow:
    """Return a new collection of a node that has an alias."""
    alias = f"readings-{next(_NUMBERS)}"
    made = circles.open_intake(node, name=alias, title="Readings", label=TLP.GREEN)
    with writing(node.db):
        return append.insert_shelf(
            node.db, made._replace(id=uuid_of(alias), source=f"{alias}.named", alias=alias)
        )


@dataclass
class Tool:
    """A tool at a collection, ``place``, that shows a token: its ``user`` and ``secret``."""

    server: TaxiiServer
    place: ShelfRow
    user: str = ""
    secret: str = ""

    def at(self, user: str, secret: str = "") -> Tool:
        """Return another tool at the same place."""
        return replace(self, user=user, secret=secret or self.server.secrets.get(user, ""))

    def get(self, path: str, query: str = "", **more: str) -> Got:
        return self.ask("GET", path, b"", query, **more)

    def post(self, path: str, body: bytes | Readable, **more: str) -> Got:
        return self.ask("POST", path, body, "", **{"CONTENT_TYPE": TAXII, **more})

    def delete(self, path: str, query: str = "") -> Got:
        return self.ask("DELETE", path, query=query)

    def ask(
        self, method: str, path: str, body: bytes | Readable = b"", query: str = "", **more: str
    ) -> Got:
        """Ask for a path below the collection, or from the top."""
        given = {"HTTP_ACCEPT": TAXII, "QUERY_STRING": query}
        if self.secret:
            shown = base64.b64encode(f"{self.user}:{self.secret}".encode()).decode()
            given["HTTP_AUTHORIZATION"] = f"Basic {shown}"
        where = path if path.startswith("/") else f"{ROOT}collections/{self.place.alias}/{path}"
        variables: dict[str, Any] = {**given, **more}
        return ask(self.server.app, method, where, body, **variables)
