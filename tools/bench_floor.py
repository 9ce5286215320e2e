"""A bare TAXII-like server: what anything that keeps valid objects durably has to cost.

WSGI on the server that a node has, objects cut and parsed, checked against the OASIS schemas, and
committed once for each request (SQLite, WAL, synchronous FULL). Nobody is asked who they are, no
label is looked at, nothing is signed. Run as ``python -m tools.bench_floor FOLDER PORT``.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import msgspec
import orjson
from granian.constants import HTTPModes, Interfaces
from granian.server import Server

from comity.services.sharing.schemas import stix_schemas

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

FOLDER = "COMITY_BENCH_FLOOR"
DATABASE = "floor.sqlite3"
THREADS = 8
_TABLE = """
    CREATE TABLE IF NOT EXISTS object (
        n INTEGER PRIMARY KEY, id TEXT, modified TEXT, hash BLOB, data BLOB
    );
    CREATE UNIQUE INDEX IF NOT EXISTS once ON object (id, modified);
"""
_INSERT = "INSERT OR IGNORE INTO object (id, modified, hash, data) VALUES (?, ?, ?, ?)"
_cut = msgspec.json.Decoder(dict[str, list[msgspec.Raw]])


class Floor:
    """The server as a WSGI application, with a connection for each thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._schemas = stix_schemas()
        self._db().executescript(_TABLE)

    def _db(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = sqlite3.connect(self._path, isolation_level=None)
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
        return db

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Add what is posted, or answer a page."""
        posted = environ["REQUEST_METHOD"] == "POST"
        body = self._add(environ) if posted else self._page(environ)
        headers = [("Content-Type", "application/taxii+json;version=2.1")]
        start(
            "202 Accepted" if posted else "200 OK", [*headers, ("Content-Length", str(len(body)))]
        )
        return [body]

    def _add(self, environ: WSGIEnvironment) -> bytes:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        rows = []
        for raw in map(bytes, _cut.decode(body)["objects"]):
            value = orjson.loads(raw)
            self._schemas.require(value)
            digest = hashlib.sha256(raw).digest()
            rows.append((value["id"], value.get("modified", ""), digest, raw))
        db = self._db()
        db.execute("BEGIN IMMEDIATE")
        db.executemany(_INSERT, rows)
        db.execute("COMMIT")
        successes = [{"id": id_, "version": modified} for id_, modified, *_ in rows]
        return orjson.dumps({"status": "complete", "successes": successes})

    def _page(self, environ: WSGIEnvironment) -> bytes:
        asked = parse_qs(environ["QUERY_STRING"])
        after, limit = int(asked.get("next", ["0"])[0]), int(asked["limit"][0])
        sql = "SELECT n, data FROM object WHERE n > ? ORDER BY n LIMIT ?"
        rows = self._db().execute(sql, (after, limit + 1)).fetchall()
        more = b'"more":true,"next":"%d",' % rows[limit - 1][0] if len(rows) > limit else b""
        return b"{%b" % more + b'"objects":[' + b",".join(row[1] for row in rows[:limit]) + b"]}"


def application() -> Floor:
    """Return the floor over the folder that the environment names."""
    return Floor(Path(os.environ[FOLDER]) / DATABASE)


def main() -> None:
    """Serve until ended."""
    os.environ[FOLDER] = sys.argv[1]
    server = Server(
        "tools.bench_floor:application",
        factory=True,
        address="127.0.0.1",
        port=int(sys.argv[2]),
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=1,
        blocking_threads=THREADS,
    )
    server.serve()


if __name__ == "__main__":
    main()
