"""What programs are answered: status, headers and body, and the one shape of an error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson

from comity.kernel.errors import Refusal

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

JSON = "application/json"
BYTES = "application/octet-stream"
TEXT = "text/plain; charset=utf-8"
NEVER_STORE = "no-store"
SAFE = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. ``cache`` is its Cache-Control; ``more`` are further headers."""

    status: int
    body: bytes
    kind: str = BYTES
    cache: str = NEVER_STORE
    more: tuple[tuple[str, str], ...] = ()

    def give(self, start: StartResponse, *, with_body: bool) -> Iterable[bytes]:
        """Start the response and return its body, which a HEAD request does not get."""
        headers = [
            ("Content-Type", self.kind),
            ("Content-Length", str(len(self.body))),
            ("Cache-Control", self.cache),
            *SAFE,
            *self.more,
        ]
        start(f"{self.status} {phrase(self.status)}", headers)
        return [self.body] if with_body else [b""]


def phrase(status: int) -> str:
    """Return the words of a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Refused"


class Turned(Exception):
    """A request turned away at the door: ``status``, the ``refusal``, and further headers."""

    def __init__(self, status: int, refusal: Refusal, *more: tuple[str, str]) -> None:
        super().__init__(str(refusal))
        self.status = status
        self.refusal = refusal
        self.more = more

    def answer(self) -> Answer:
        """Return it as an answer."""
        return refused(self.status, self.refusal, *self.more)


def refused(status: int, refusal: Refusal, *more: tuple[str, str]) -> Answer:
    """Return a refusal in the one shape of an error."""
    return Answer(status, orjson.dumps(refusal.shape()), JSON, more=more)
