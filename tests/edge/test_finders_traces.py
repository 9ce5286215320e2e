"""A node that runs keeps nothing of who reports: not in its files, its output or what it lends."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import urllib3

from comity.store.access import reports as access
from tests import databases
from tests.edge.visitor import BOUNDARY, with_files
from tests.running import PATIENCE, Running, Town

pytestmark = pytest.mark.slow

ADDRESSES = ("203.0.113.77", "2001:db8:77::7")
AGENT = "canary-5e1f-browser"
WORDS = {"affected": "Pump of Fennick", "description": "Long words stop it."}


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    lent = tmp_path / "lent"
    lent.mkdir()
    monkeypatch.setenv("TMPDIR", str(lent))
    with Town(tmp_path) as made:
        yield made


def ask(running: Running, path: str, origin: str, sent: tuple[bytes, str] | None = None) -> str:
    body, kind = sent or (None, "")
    more = {"X-Forwarded-For": origin, "User-Agent": AGENT, "Content-Type": kind}
    with urllib3.PoolManager() as pool:
        method = "GET" if body is None else "POST"
        found = pool.request(
            method, running.url + path, body=body, headers=more, retries=False, timeout=PATIENCE
        )
        assert found.status < 500, found.data
        return found.data.decode()


def report(running: Running, origin: str) -> str:
    """Report something, and return its secret."""
    found = re.search('name="ticket" value="([^"]+)"', ask(running, "/report", origin))
    assert found is not None
    sent = with_files({"ticket": found[1], **WORDS}, "_files", {"poc": bytes(3_000_000)})
    made = re.search(r"/report/([\w-]{32})", ask(running, "/report", origin, sent))
    assert made is not None
    return made[1]


def test_nothing_is_kept_of_who_reported_or_looked(town: Town, tmp_path: Path) -> None:
    orvanda = town.make("Orvanda", intake=True)
    secrets = []
    for origin in ADDRESSES:
        secrets.append(report(orvanda, origin))
        where = f"/report/{secrets[-1]}"
        ask(orvanda, where, origin)
        ask(orvanda, where, origin, with_files({"text": "More."}, "_files", {}))
        for wrong in ("/report/" + "x" * 32, "/report/%ff", "/report?in=zz"):
            ask(orvanda, wrong, origin)
        ask(orvanda, "/report", origin, (b"x", "multipart/form-data; boundary=x"))
        for _ in range(70):
            ask(orvanda, where, origin)
    assert len(access.reports(orvanda.node.db, None, 9)) == 2
    orvanda.stop()
    held = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert "Fennick" in "".join(str(row) for row in access.reports(orvanda.node.db, None, 9))
    for path in held:
        data = path.read_bytes()
        for trace in (*ADDRESSES, *secrets, "203.0.113", "2001:db8", AGENT):
            assert trace.encode() not in data, (path, trace)
    assert (orvanda.node.folder / "output.txt") in held
    assert not list((tmp_path / "lent").rglob("*.upload*"))
    if not databases.ON_POSTGRES:
        assert any(b"Fennick" in path.read_bytes() for path in held)


ENDLESS = (
    "POST /report HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
)
PIECE = 64 * 1024


@pytest.mark.parametrize("length", ["Transfer-Encoding: chunked", f"Content-Length: {2**40}"])
def test_a_body_without_end_is_cut_off_and_others_are_served(town: Town, length: str) -> None:
    orvanda = town.make("Orvanda", intake=True)
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="_files"; filename="x"\r\n\r\n'
    chunked = "chunked" in length
    sent = 0
    with socket.create_connection(("127.0.0.1", orvanda.port), PATIENCE) as line:
        line.sendall(f"{ENDLESS}{length}\r\n\r\n".encode())
        with suppress(OSError):
            for data in (head.encode(), *[bytes(PIECE)] * 3200):
                line.sendall(b"%x\r\n%s\r\n" % (len(data), data) if chunked else data)
                sent += len(data)
        answer = b""
        with suppress(OSError):
            answer = line.recv(4096)
    assert not answer.startswith(b"HTTP/1.1 5")
    assert sent < 3200 * PIECE
    assert access.load(orvanda.node.db) == (0, 0)
    ask(orvanda, "/report", ADDRESSES[0])
