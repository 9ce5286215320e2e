"""Real processes on this machine: what a person starts, kills, cuts off and gets back."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import urllib3

from comity.services.casework import content, ruled
from comity.services.delivery import meet
from comity.services.gate import Limits
from comity.services.identity.parties import accredit, host
from comity.store.access import outbox, parties
from comity.store.append.acts import set_cursor
from comity.store.sql import query, writing
from tests.edge.impatient import LIMITS
from tests.running import (
    PATIENCE,
    Running,
    Town,
    acquaint,
    answers,
    free_port,
    is_whole,
    open_incident,
    tell,
    until,
)

pytestmark = pytest.mark.slow

MIB = 1024 * 1024


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Town(tmp_path) as made:
        yield made


def get(url: str) -> urllib3.BaseHTTPResponse:
    """GET a URL over a connection of its own."""
    with urllib3.PoolManager() as pool:
        return pool.request("GET", url, retries=False, timeout=PATIENCE)


def test_two_nodes_exchange_an_act_and_its_receipt(town: Town) -> None:
    orvanda, tolmere = town.make("Orvanda"), town.make("Tolmere")
    acquaint(orvanda, tolmere)
    dossier = open_incident(orvanda, tolmere)
    until(lambda: is_whole(orvanda, dossier), "the receipt of the charter")
    answer = tell(tolmere, dossier)
    until(lambda: is_whole(tolmere, answer), "the receipt of the answer")
    assert parties.refusals(orvanda.node.db) == parties.refusals(tolmere.node.db) == []


def test_a_node_says_in_one_line_that_it_runs(town: Town) -> None:
    orvanda = town.make("Orvanda")
    until(lambda: "Fingerprint" in orvanda.said(), "its line")
    assert re.fullmatch(
        rf"Orvanda runs at {orvanda.url}\. Fingerprint: (\d{{5}} ){{11}}\d{{5}}\. "
        r"Stop it with Ctrl-C\.\n",
        orvanda.said(),
    )


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_a_node_stops_when_it_is_told(town: Town, number: signal.Signals) -> None:
    orvanda = town.make("Orvanda")
    assert get(f"{orvanda.url}/healthz").json() == {"status": "ok", "reasons": []}
    assert orvanda.stop(number) == 0
    assert not answers(orvanda.port)
    assert orvanda.said().count("\n") == 1, orvanda.said()
    orvanda.start()


def test_a_node_computes_anew_at_its_start_what_other_rules_added_up_to(town: Town) -> None:
    orvanda = town.make("Orvanda", start=False)
    open_incident(orvanda)
    with writing(orvanda.node.db):
        set_cursor(orvanda.node.db, ruled.NAME.format(protocol="response/incident@1"), 0)
    orvanda.start()
    until(lambda: "Fingerprint" in orvanda.said(), "its line")
    assert orvanda.said().startswith(
        "The rules of response/incident@1 are not those it was computed by. "
        "Computed anew: 1 dossier.\n"
    )
    assert ruled.stale(orvanda.node) == []


def test_a_node_of_which_something_was_lost_starts_and_says_what_to_do(town: Town) -> None:
    orvanda = town.make("Orvanda", start=False)
    dossier = open_incident(orvanda)
    with writing(orvanda.node.db):
        set_cursor(orvanda.node.db, ruled.NAME.format(protocol="response/incident@1"), 0)
        query(orvanda.node.db, "UPDATE store_act SET header = sig WHERE id = %s", (dossier,))
    orvanda.start()
    until(lambda: "Fingerprint" in orvanda.said(), "its line")
    assert "`comity fsck` says what is wrong." in orvanda.said()
    assert [each.id for each in ruled.stale(orvanda.node)] == ["response/incident@1"]


def test_a_node_does_not_start_twice_on_one_folder(town: Town) -> None:
    orvanda = town.make("Orvanda")
    assert orvanda.process is not None
    again = Running(orvanda.node, orvanda.port)
    for command in ("run", "serve", "work"):
        again.command = command
        said = refused_to_start(again)
        assert f"running already (process {orvanda.process.pid})" in said


@pytest.mark.slow
def test_a_node_does_not_share_its_port_with_another(town: Town) -> None:
    orvanda = town.make("Orvanda")
    tolmere = town.make("Tolmere", start=False, listen=f"127.0.0.1:{orvanda.port}")
    assert "cannot listen on 127.0.0.1" in refused_to_start(tolmere)


@pytest.mark.slow
def test_port_0_takes_a_free_port_and_says_which(town: Town) -> None:
    orvanda = town.make("Orvanda", listen="127.0.0.1:0", start=False)
    orvanda.launch()
    until(lambda: "Fingerprint" in orvanda.said(), "its line")
    found = re.search(r"http://127\.0\.0\.1:([1-9]\d*)\.", orvanda.said())
    assert found is not None
    until(lambda: answers(int(found[1])), "its door")


@pytest.mark.slow
def test_the_web_comes_back_when_its_process_is_killed(town: Town) -> None:
    orvanda = town.make("Orvanda")
    assert orvanda.process is not None
    (web,) = web_processes(orvanda.process.pid)
    os.kill(web, signal.SIGKILL)
    until(lambda: not answers(orvanda.port), "the web to end")
    until(lambda: answers(orvanda.port), "the web to come back")
    assert get(f"{orvanda.url}/healthz").status == 200


@pytest.mark.slow
def test_what_the_settings_say_is_told_at_the_next_start(town: Town) -> None:
    orvanda, tolmere = town.make("Orvanda"), town.make("Tolmere")
    acquaint(orvanda, tolmere)
    orvanda.stop()
    replace(orvanda.node.settings, name="Orvanda CSIRT").write(orvanda.node.folder)
    orvanda.start()
    meet.introduce(tolmere.node, orvanda.url)
    known = parties.party(tolmere.node.db, orvanda.node.me)
    assert known is not None
    assert known.name == "Orvanda CSIRT"


@pytest.mark.slow
def test_web_and_worker_run_apart(town: Town) -> None:
    orvanda, tolmere = town.make("Orvanda", start=False), town.make("Tolmere")
    orvanda.command = "serve"
    orvanda.start()
    acquaint(orvanda, tolmere)
    assert "No worker" in get(f"{orvanda.url}/healthz").json()["reasons"][0]
    dossier = open_incident(orvanda, tolmere)
    worker = Running(orvanda.node, orvanda.port, command="work")
    worker.start()
    until(lambda: is_whole(orvanda, dossier), "the receipt")
    assert get(f"{orvanda.url}/healthz").json()["reasons"] == []
    assert worker.stop() == 0


def test_what_was_said_to_a_killed_node_arrives_when_it_is_back(town: Town) -> None:
    orvanda, tolmere = town.make("Orvanda"), town.make("Tolmere")
    acquaint(orvanda, tolmere)
    dossier = open_incident(orvanda, tolmere)
    until(lambda: is_whole(orvanda, dossier), "the receipt of the charter")
    tolmere.kill()
    late = tell(orvanda, dossier)
    until(lambda: has_failed(orvanda), "a try that fails")
    tolmere.start()
    until(lambda: is_whole(orvanda, late), "the receipt after the restart")


def has_failed(running: Running) -> bool:
    return any(peer.failures for peer in outbox.peers(running.node.db))


def test_a_node_that_accepts_no_connections_works_through_its_host(
    town: Town, tmp_path: Path
) -> None:
    council = town.make("Lantern Sea Council")
    orvanda = town.make("Orvanda")
    sarivane = town.make("Sarivane", start=False, reachable=False, mailbox=council.node.me)
    meet.introduce(sarivane.node, council.url)
    accredit(council.node, sarivane.node.me)
    host(council.node, sarivane.node.me, agreed=True)
    meet.introduce(orvanda.node, council.url)
    meet.introduce(sarivane.node, orvanda.url)
    accredit(orvanda.node, sarivane.node.me)
    accredit(sarivane.node, orvanda.node.me)
    accredit(sarivane.node, council.node.me)
    sarivane.start()
    dossier = open_incident(sarivane, orvanda)
    until(lambda: is_whole(sarivane, dossier), "the receipt by mail")
    answer = tell(orvanda, dossier)
    until(lambda: is_whole(orvanda, answer), "the receipt of a node that polls")
    file = tmp_path / "capture.bin"
    file.write_bytes(os.urandom(20 * MIB))
    named = [("capture.bin", "application/octet-stream", file)]
    for sender in (sarivane, orvanda):
        sent = tell(sender, dossier, content.prepare_fields(sender.node, {}, named))
        until(lambda: is_whole(sender, sent), "the receipt of a large file", 2 * PATIENCE)  # noqa: B023
    until(lambda: not list(council.node.spool.iterdir()), "an empty spool at the host")


class CuttingProxy:
    """Passes bytes on to a port, and cuts the line when the answers have reached certain sizes."""

    def __init__(self, port: int, cuts: list[int]) -> None:
        self.port = port
        self.cuts = cuts
        self.answered = 0
        self.made = 0
        self._lock = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        # Closing alone does not wake a thread that waits at the door.
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.port))
            for pair in ((near, far, False), (far, near, True)):
                self._threads.append(threading.Thread(target=self._pass_on, args=pair))
                self._threads[-1].start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:  # noqa: FBT001
        try:
            while data := source.recv(16 * 1024):
                if answers and self._is_cut(len(data)):
                    break
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _is_cut(self, size: int) -> bool:
        with self._lock:
            self.answered += size
            if self.cuts and self.answered >= self.cuts[0]:
                self.cuts.pop(0)
                self.made += 1
                return True
        return False


def test_a_large_attachment_is_resumed_where_the_line_was_cut(town: Town, tmp_path: Path) -> None:
    port = free_port()
    proxy = CuttingProxy(port, cuts=[3 * MIB, 11 * MIB])
    with ExitStack() as stack:
        stack.callback(proxy.close)
        orvanda = town.make(
            "Orvanda", listen=f"127.0.0.1:{port}", endpoints=(proxy.url,), start=False
        )
        orvanda.port = port
        orvanda.start()
        tolmere = town.make("Tolmere")
        acquaint(orvanda, tolmere)
        dossier = open_incident(orvanda, tolmere)
        file = tmp_path / "capture.bin"
        data = os.urandom(20 * MIB)
        file.write_bytes(data)
        prepared = content.prepare_fields(
            orvanda.node, {}, [("capture.bin", "application/octet-stream", file)]
        )
        act = tell(orvanda, dossier, prepared)
        until(lambda: is_whole(orvanda, act), "the receipt of the whole file", 2 * PATIENCE)
        assert proxy.made == 2
        # A piece that was cut is asked for again; what came before it is not.
        assert proxy.answered < 24 * MIB
        held = [part.data for part in content.read_parts(tolmere.node, act)]
        assert b"".join(held[-20:]) == data
        assert not list((tolmere.node.folder / "spool").glob("in-*"))
        for running in (orvanda, tolmere):
            running.stop()


def test_slow_and_oversized_senders_do_not_hold_up_the_others(town: Town) -> None:
    orvanda, tolmere = town.make("Orvanda"), town.make("Tolmere")
    acquaint(orvanda, tolmere)
    dossier = open_incident(tolmere, orvanda)
    until(lambda: is_whole(tolmere, dossier), "the receipt of the charter")
    with ExitStack() as stack:
        heads = [stack.enter_context(connect(orvanda)) for _ in range(60)]
        for each in heads:
            each.sendall(b"POST /comity/1/bundle HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        bodies = [stack.enter_context(connect(orvanda)) for _ in range(60)]
        for each in bodies:
            each.sendall(post("Content-Length: 1000000", "X-Forwarded-For: 192.0.2.66") + b"slow")
        # All but as many as one address may send at once are turned away.
        until(lambda: len(answered(bodies)) == len(bodies) - Limits().bodies, "the refusals")
        assert statuses(answered(bodies)) == {429}
        with connect(orvanda) as large:
            large.sendall(post("Content-Length: 10000000000"))
            assert statuses([large]) == {413}
        with connect(orvanda) as endless:
            endless.sendall(post("Transfer-Encoding: chunked"))
            until(lambda: is_refused(endless, b"10000\r\n" + b"x" * 65536 + b"\r\n"), "a refusal")
        began = time.monotonic()
        act = tell(tolmere, dossier)
        until(lambda: is_whole(tolmere, act), "the receipt meanwhile")
        assert get(f"{orvanda.url}/healthz").status == 200
        assert time.monotonic() - began < 10


@pytest.mark.parametrize("said", ["Content-Length: 1000000", "Transfer-Encoding: chunked"])
def test_who_sends_its_body_too_slowly_gives_its_place_to_the_next(town: Town, said: str) -> None:
    orvanda = town.make("Orvanda", start=False)
    orvanda.module = ("tests.edge.impatient", str(orvanda.node.folder))
    orvanda.start()
    address = "X-Forwarded-For: 192.0.2.66"
    with ExitStack() as stack:
        # One connection is used for one request after the other, and is not in anybody's way.
        kept = stack.enter_context(connect(orvanda))
        # Twice as many as there are places, one round after the other: all places come free.
        for _ in range(2):
            slow = [stack.enter_context(connect(orvanda)) for _ in range(LIMITS.bodies)]
            for each in slow:
                each.sendall(post(said, address))
            until(lambda: drip(kept, slow), "the end of their time")  # noqa: B023
        kept.sendall(post("Content-Length: 4", address) + b"fast")
        assert statuses([kept]) == {400}


def drip(kept: socket.socket, slow: list[socket.socket]) -> bool:
    """Send a byte more over every other line that is open; say whether all were closed unasked."""
    kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert statuses([kept]) == {200}
    for each in slow[1::2]:
        with suppress(OSError):
            each.sendall(b"1\r\nx\r\n")
    done = answered(slow)
    return len(done) == len(slow) and not any(said_last(each) for each in done)


def said_last(stream: socket.socket) -> bytes:
    try:
        return stream.recv(4096, socket.MSG_PEEK)
    except OSError:
        return b""


def connect(running: Running) -> socket.socket:
    return socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE)


def post(*headers: str) -> bytes:
    lines = ["POST /comity/1/bundle HTTP/1.1", "Host: x", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def answered(sockets: list[socket.socket]) -> list[socket.socket]:
    return select.select(sockets, [], [], 0)[0]


def statuses(sockets: list[socket.socket]) -> set[int]:
    return {int(each.recv(4096).split()[1]) for each in sockets}


def is_refused(stream: socket.socket, piece: bytes) -> bool:
    """Send one more piece; say whether the other side has refused or hung up."""
    try:
        stream.sendall(piece)
        stream.setblocking(False)
        return b" 413 " in stream.recv(4096)
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        stream.settimeout(PATIENCE)


def web_processes(parent: int) -> list[int]:
    """Return the running children of a process that serve the web."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,stat=,args=", "--ppid", str(parent)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    rows = [line.split(None, 2) for line in listed]
    return [int(pid) for pid, state, args in rows if "spawn_main" in args and "Z" not in state]


def refused_to_start(running: Running) -> str:
    """Start a node that must refuse; return what it said."""
    running.launch()
    assert running.process is not None
    assert running.process.wait(PATIENCE) == 1
    running.process = None
    return " ".join(running.said().split())
