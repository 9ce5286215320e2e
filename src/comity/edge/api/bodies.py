"""Bodies of requests: JSON, and files that are taken in pieces and never held in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from ninja.parser import Parser

from comity.bridges.stix.strict import require_names_once
from comity.edge.api.problems import Wrong
from comity.kernel.errors import Refusal
from comity.services import quota
from comity.services.casework import drafts

if TYPE_CHECKING:
    from typing import BinaryIO

    from django.http import HttpRequest

    from comity.edge.api.asking import Asked

PIECE = 64 * 1024


class JSONBody(Parser):
    """Reads the body of a request as JSON by the rules of RFC 8259, in which no name stands twice:
    of two values each reader would take another one.
    """

    def parse_body(self, request: HttpRequest) -> Any:  # noqa: ANN401  what JSON holds
        """Return what the body says. Raises Wrong 400 for what is not such JSON."""
        try:
            value = orjson.loads(request.body)
            require_names_once(request.body)
        except orjson.JSONDecodeError as error:
            raise Wrong(400, Refusal("S4", f"The body is not JSON: {error}.")) from error
        except RecursionError as error:
            told = "The body nests too deep; what is asked for here nests a few levels."
            raise Wrong(400, Refusal("S4", told)) from error
        except Refusal as refusal:
            raise Wrong(400, Refusal("S4", refusal.reason)) from refusal
        return value


@contextmanager
def received(request: Asked) -> Iterator[Path]:
    """Take the body of a request into a file, for as long as it is used.

    Raises Wrong 411 or 413 before a byte is read, 400 for a body that ends early, and Refusal S7
    when there is no room for it.
    """
    size = _length(request)
    quota.require_free(request.node, size)
    with tempfile.TemporaryDirectory(dir=request.node.spool) as folder:
        path = Path(folder) / "body"
        with path.open("wb") as file:
            _copy(request, file, size)
        yield path


def _length(request: Asked) -> int:
    told = str(request.META.get("CONTENT_LENGTH") or "")
    if not (told.isascii() and told.isdigit()):
        raise Wrong(411, Refusal("T7", "The request does not say how long its body is."))
    if len(told) > 12 or int(told) > drafts.FILE_LIMIT:
        raise Wrong(413, Refusal("T7", f"A file has at most {drafts.FILE_LIMIT} bytes."))
    return int(told)


def _copy(request: Asked, file: BinaryIO, size: int) -> None:
    left = size
    while left and (piece := request.read(min(PIECE, left))):
        file.write(piece)
        left -= len(piece)
    if left:
        raise Wrong(400, Refusal("T7", f"The body ended {left} bytes early."))
