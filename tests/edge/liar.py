"""A TAXII server of the test that says what it is told to say, true or not.

::

    with lying(Liar(script)) as url: ...

``script`` gets (method, path below the collection, query) and returns an ``Said`` or None, which
stands for what a well-behaved server would say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

import orjson

from comity.bridges.taxii.media import TAXII

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

ROOT = "/api/"
COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
PLACE = f"{ROOT}collections/{COLLECTION}/"


class Said(NamedTuple):
    """An answer: a value becomes JSON, bytes stay as they are."""

    value: object = b""
    status: int = 200
    headers: Mapping[str, str] = {}
    type: str = TAXII


class Asked(NamedTuple):
    """What was asked: the path, its query, and the body."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    authorization: str


def status(state: str = "complete", failures: Iterable[Mapping[str, object]] = ()) -> Said:
    """Return the status of a request."""
    failed = [*failures]
    value = {
        "id": "2d086da7-4bdc-4f91-900e-d77486753710",
        "status": state,
        "total_count": 1,
        "success_count": 0,
        "failure_count": len(failed),
        "pending_count": 0,
        "failures": failed,
    }
    return Said(value, 202)


@dataclass
class Liar:
    """The server: ``script`` decides, ``asked`` is all that it was asked."""

    script: Callable[[Asked], Said | None] = lambda _: None
    most: int = 100_000
    asked: list[Asked] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        asked = Asked(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True)),
            environ["wsgi.input"].read(),
            environ.get("HTTP_AUTHORIZATION", ""),
        )
        self.asked.append(asked)
        said = self.script(asked) or self._usual(asked)
        body = said.value if isinstance(said.value, bytes) else orjson.dumps(said.value)
        phrase = HTTPStatus(said.status).phrase
        headers = {"Content-Type": said.type, "Content-Length": str(len(body)), **said.headers}
        start(f"{said.status} {phrase}", [*headers.items()])
        return [body]

    def pages(self) -> list[Mapping[str, str]]:
        """Return what was asked of pages of objects."""
        there = f"{PLACE}objects/"
        return [each.query for each in self.asked if (each.method, each.path) == ("GET", there)]

    def _usual(self, asked: Asked) -> Said:
        usual: dict[str, Any] = {
            "/taxii2/": {"title": "Liar", "default": ROOT},
            ROOT: {"title": "Root", "versions": [TAXII], "max_content_length": self.most},
            f"{ROOT}collections/": {
                "collections": [
                    {"id": COLLECTION, "title": "Lies", "can_read": True, "can_write": True}
                ]
            },
            f"{PLACE}objects/": {},
        }
        if asked.method == "POST":
            return status()
        return Said(usual[asked.path]) if asked.path in usual else Said({"title": "No"}, 404)
