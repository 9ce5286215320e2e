"""Asking a WSGI application in the test's own process, as a server would ask it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import orjson

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Got:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


def ask(
    app: WSGIApplication,
    method: str,
    path: str,
    body: bytes | Readable = b"",
    *,
    address: str = "127.0.0.1",
    length: str | None = "",
    **more: str,
) -> Got:
    """Ask for ``path``. ``length`` is Content-Length, by default the body's own, None for none;
    ``more`` are further variables of the environment.
    """
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "REMOTE_ADDR": address,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "wsgi.input": stream,
        "wsgi.url_scheme": "http",
        **more,
    }
    if length == "" and isinstance(body, bytes):
        length = str(len(body))
    if length is not None:
        environ["CONTENT_LENGTH"] = length
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _info: object = None) -> Any:
        started.append((status, headers))

    data = b"".join(app(environ, start))
    ((status, headers),) = started
    names = [name.lower() for name, _ in headers]
    assert len(names) == len(set(names)), "a header is sent twice"
    return Got(int(status.split()[0]), {name.lower(): value for name, value in headers}, data)


def is_error(got: Got) -> bool:
    """Say whether an answer is a refusal in its one shape."""
    return (
        got.headers["content-type"] == "application/json"
        and {"rule", "reason", "subject", "retry"} <= got.json.keys()
        and all(type(got.json[name]) is str for name in ("rule", "reason", "subject", "retry"))
    )
