"""Large content by way of a host, over a line of TCP that is cut: ranges go on where they stood."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from comity.edge.wire.app import WireApp
from comity.kernel.ids import Id
from comity.services.casework import content
from comity.services.delivery import blobs as fetching
from comity.services.delivery import uploads, work
from comity.services.identity import parties
from comity.services.node import Node
from comity.store.access import blobs
from tests.line import Line
from tests.nodes import introduce
from tests.running import Town, open_incident, tell

MIB = 1024 * 1024
SIZE = 3 * MIB + 77
PIECE = 256 * 1024
ROUND = 64 * 1024
"""What one request or answer has beside its piece, at most."""


@dataclass
class Way:
    """An author and a reader without addresses, and the line to the host of both."""

    line: Line
    author: Node
    reader: Node
    act: Id
    data: bytes


class Silent(WSGIRequestHandler):
    """Says nothing of requests whose line was cut."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()


class Threaded(ThreadingMixIn, WSGIServer):
    """A server whose requests do not wait for each other."""


@contextmanager
def served(node: Node) -> Iterator[int]:
    """Answer for a node at a port of this machine."""
    app = WireApp(node)

    def bounded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # The server of the standard library does not end a body where its length says.
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        return app({**environ, "wsgi.input": io.BytesIO(body)}, start_response)

    with make_server("127.0.0.1", 0, bounded, Threaded, Silent) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()
    app.close()


@pytest.fixture
def way(tmp_path: Path) -> Iterator[Way]:
    """Everything is in this process: the host answers, the others work when the test says so."""
    with Town(tmp_path) as town, Line() as line:
        council = town.make("Council", start=False, endpoints=(line.url,))
        author, reader = (
            town.make(name, start=False, reachable=False, mailbox=council.node.me)
            for name in ("Sarivane", "Tolmere")
        )
        introduce(council.node, author.node, reader.node)
        for running in (author, reader):
            parties.host(council.node, running.node.me, agreed=True)
        dossier, data = open_incident(author, reader), os.urandom(SIZE)
        (tmp_path / "large.bin").write_bytes(data)
        named = [("large.bin", "application/octet-stream", tmp_path / "large.bin")]
        act = tell(author, dossier, content.prepare_fields(author.node, {}, named))
        with served(council.node) as port:
            line.lead(port)
            yield Way(line, author.node, reader.node, act, data)


def test_a_file_goes_by_ranges_over_a_line_cut_three_times_each_way(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PIECE", PIECE)
    monkeypatch.setattr(fetching, "PIECE", PIECE)
    work.send_all(way.author)
    require_resumed(way, bring, "up")
    while work.pull_mail(way.reader):
        pass
    require_resumed(way, fetch, "down")
    got = b"".join(part.data for part in content.read_parts(way.reader, way.act, 1))
    assert got == way.data


def require_resumed(way: Way, go_on: Callable[[Way], bool], direction: str) -> None:
    """Demand that what was cut three times within a range costs at most these ranges twice."""
    line = way.line
    before, line.cut = getattr(line, direction), 0
    line.cut_after(PIECE * 5 // 2, PIECE * 3 // 2, PIECE * 9 // 2)
    tries = 1
    while not go_on(way):
        tries += 1
        assert tries <= 4
    assert (line.cut, tries) == (3, 4)
    assert getattr(line, direction) - before <= SIZE + 3 * PIECE + ROUND


def bring(way: Way) -> bool:
    (row,) = blobs.out_blobs(way.author.db, way.act)
    return uploads.upload(way.author, row)


def fetch(way: Way) -> bool:
    """Go on with the one blob; what was there before is there afterwards."""
    (row,) = blobs.in_blobs(way.reader.db, act=way.act)
    target: Path = way.reader.spool / row.name
    held = target.read_bytes() if target.exists() else b""
    finished = fetching.fetch(way.reader, row)
    if not finished:
        now = target.read_bytes()
        assert now.startswith(held)
        assert len(now) > len(held)
        assert len(now) % PIECE == 0
    return finished
