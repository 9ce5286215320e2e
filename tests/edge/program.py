"""Programs at a node's API: what each asks, and what it is answered.

::

    with Pages(node) as pages:
        ada = program(pages, "duty_officer")            # acts for a person with these mandates
        answer = ada.get("/dossiers")                   # Answer: status, headers, value
        answer = ada.post("/drafts", {"dossier": …}, key="k1")
"""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from comity.kernel.label import TLP
from comity.kernel.protocol import LANES
from comity.services.people import actors, persons, tokens
from comity.services.people.tokens import Wish
from tests.edge.visitor import HOST, PASSWORD, Pages

if TYPE_CHECKING:
    from comity.edge.web.app import PagesApp
    from comity.services.node import Node

ROOT = "/api/v1"
_NUMBERS = itertools.count()


@dataclass
class Answer:
    """What a program was answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        """The answer as JSON."""
        return orjson.loads(self.body)

    @property
    def rule(self) -> str:
        """The rule that refused."""
        assert self.headers["content-type"] == "application/problem+json", self.body
        return str(self.value["rule"])


@dataclass
class Program:
    """A program with a ``token``, or with none."""

    app: PagesApp
    token: str = ""

    def get(self, path: str) -> Answer:
        """Ask for something."""
        return self.ask("GET", path)

    def post(self, path: str, value: object = None, *, key: str = "") -> Answer:
        """Have something done; ``key`` is the idempotency key."""
        body = b"" if value is None else orjson.dumps(value)
        return self.ask("POST", path, body, {"HTTP_IDEMPOTENCY_KEY": key} if key else {})

    def approve(self, draft: str, *, key: str, seen: str = "") -> Answer:
        """Approve a draft as it was ``seen``, by default as it is now."""
        seen = seen or self.get(f"/drafts/{draft}").headers.get("etag", '"1"')
        more = {"HTTP_IDEMPOTENCY_KEY": key, "HTTP_IF_MATCH": seen}
        return self.ask("POST", f"/drafts/{draft}/approve", b"", more)

    def put(self, path: str, value: object) -> Answer:
        """Have something changed."""
        return self.ask("PUT", path, orjson.dumps(value))

    def ask(
        self, method: str, path: str, body: bytes = b"", more: dict[str, Any] | None = None
    ) -> Answer:
        """Ask anything, with ``more`` in the environment of the request."""
        where, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": ROOT + where,
            "QUERY_STRING": query,
            "HTTP_HOST": HOST,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8440",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "192.0.2.7",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.url_scheme": "http",
        }
        if self.token:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {self.token}"
        status, headers = [0], dict[str, str]()

        def start(line: str, fields: list[tuple[str, str]], _error: object = None) -> None:
            status[0] = int(line.split(maxsplit=1)[0])
            headers.update({name.lower(): value for name, value in fields})

        answer = self.app({**environ, **(more or {})}, start)  # type: ignore[arg-type]
        try:
            found = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        return Answer(status[0], headers, found)


def person(node: Node, name: str, *codes: str) -> int:
    """Let somebody in who has these mandates; return the number."""
    secret = persons.invite(node, None, codes=codes)
    email = f"{name}-{next(_NUMBERS)}@orvanda.example"
    return persons.join(node, secret, email=email, name=name.title(), password=PASSWORD).id


def wish(*codes: str, **fields: Any) -> Wish:
    """Return a wish for a token with these mandates, in all lanes they have."""
    return replace(Wish("A program", codes, ()), **fields)


def token(node: Node, who: int, *codes: str, **fields: Any) -> str:
    """Make a token of a person's mandates, in all lanes unless they are named."""
    owner = actors.of_person(node, who)
    held = [m for m in owner.mandates if m.code in codes]
    lanes = tuple(lane for lane in LANES if any(lane in m.lanes for m in held))
    given = wish(*codes, **{"lanes": lanes, "ceiling": TLP.AMBER_STRICT, **fields})
    return tokens.make(node, owner, given, by=owner)[0]


def program(pages: Pages, *codes: str, name: str = "ada", **fields: Any) -> Program:
    """Return a program that acts for a new person with these mandates."""
    who = person(pages.node, name, *codes)
    return Program(pages.app, token(pages.node, who, *codes, **fields))
