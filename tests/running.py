"""Nodes as processes, as a person runs them, and waiting for what they do.

The test's own process opens the same folders and acts as the command line does::

    with Town(tmp_path) as town:
        orvanda = town.make("Orvanda")          # made, started, and healthy
        ...
        orvanda.kill()                          # kill -9, the whole family of processes
        orvanda.start()
        until(lambda: whole(orvanda.node, act), "the receipt")
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from comity.kernel.canon import Object
from comity.kernel.ids import Id
from comity.kernel.kinds import Charter, Growth
from comity.kernel.label import TLP, Footing
from comity.services.casework import issue
from comity.services.casework.issue import Draft
from comity.services.delivery import meet
from comity.services.delivery.outbound import HTTPTransport
from comity.services.identity.parties import accredit, init
from comity.services.node import Node, Settings
from comity.services.ports import Ports, SystemClock, SystemRandom
from comity.store.access import outbox
from comity.store.database import close_database
from tests.databases import usual
from tests.nodes import NewDatabase

PATIENCE = 180.0
"""Seconds after which a test gives up waiting; a healthy machine needs none of them."""


def until(condition: Callable[[], bool], what: str, within: float = PATIENCE) -> None:
    """Wait until ``condition`` holds; fail, naming ``what``, when it does not."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within:.0f} s in vain for {what}")
        time.sleep(0.02)


def free_port() -> int:
    """Return a port of this machine that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Say whether something accepts connections on a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@dataclass
class Running:
    """One node: its folder opened in this process, and its own process if it runs.

    ``module`` is run with its arguments instead of Comity's ``command``.
    """

    node: Node
    port: int
    command: str = "run"
    module: tuple[str, ...] = ()
    process: subprocess.Popen[str] | None = None
    output: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait for its door to open."""
        self.launch()
        if self.command != "work":
            until(lambda: answers(self.port) or self.has_ended(), f"{self.node.settings.name}")
        assert not self.has_ended(), self.said()

    def launch(self) -> None:
        """Start it and wait for nothing."""
        log = (self.node.folder / "output.txt").open("a")
        command = self.module or ("comity", self.command, "--dir", str(self.node.folder))
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command],
            stdout=log,
            stderr=log,
            text=True,
        )
        log.close()

    def said(self) -> str:
        """Return what it printed so far."""
        return (self.node.folder / "output.txt").read_text()

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def kill(self) -> None:
        """End it as the machine's power would: at once, whatever it was doing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)
        # Its web process notices, and ends by itself.
        until(lambda: not answers(self.port), "the web process to end with its parent")
        self.process = None

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Tell it to stop; return its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.process = None
        return code


@dataclass
class Town:
    """Nodes of one test, as processes on this machine."""

    folder: Path
    new_database: NewDatabase = usual
    nodes: list[Running] = field(default_factory=list)

    def make(
        self, name: str, *, start: bool = True, reachable: bool = True, **more: Any
    ) -> Running:
        """Make a party and its node, and start it. ``more`` are settings of ``node.json``."""
        port = free_port()
        chosen = replace(
            Settings(party="", name=name),
            database=self.new_database(),
            listen=f"127.0.0.1:{port}",
            endpoints=(f"http://127.0.0.1:{port}",) if reachable else (),
            cadence=1000,
            rate=100_000,
            local_addresses=True,
        )
        made = init(self.folder / name, real_ports(), name=name, settings=replace(chosen, **more))
        running = Running(made.node, port)
        self.nodes.append(running)
        if start:
            running.start()
        return running

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for running in self.nodes:
            if running.process is not None:
                running.process.kill()
                running.process.wait()
            close_database(running.node.db)
            transport = running.node.ports.transport
            assert isinstance(transport, HTTPTransport)
            transport.close()


def real_ports() -> Ports:
    """Return the ports of the real world."""
    return Ports(SystemClock(), SystemRandom(), HTTPTransport())


def acquaint(*nodes: Running) -> None:
    """Let every node introduce itself to every reachable other, and accredit all it knows."""
    for one in nodes:
        for other in nodes:
            if one is not other and other.node.settings.endpoints:
                meet.introduce(one.node, other.url)
    for one in nodes:
        for other in nodes:
            if one is not other:
                accredit(one.node, other.node.me)


def open_incident(author: Running, *members: Running) -> Id:
    """Open an incident with these members; return its id."""
    charter = Charter(
        protocol="response/incident",
        version=1,
        members=tuple(sorted(running.node.me for running in (author, *members))),
        growth=Growth.CLOSED,
        ceiling=TLP.AMBER,
        chair=None,
        readers=(),
        succeeds=None,
        time=None,
        terms={},
    )
    draft = Draft("charter", footing=Footing.TECHNICAL)
    return issue.open_dossier(author.node, charter=charter, draft=draft)


def tell(author: Running, dossier: Id, content: Any = None, body: Object | None = None) -> Id:
    """Sign a note, with prepared content or none."""
    return issue.issue(
        author.node, dossier_id=dossier, draft=Draft("note", dict(body or {}), content)
    )


def is_whole(author: Running, act: Id) -> bool:
    """Say whether every recipient of an act has said it holds all of it."""
    states = [delivery.state for delivery in outbox.deliveries(author.node.db, act)]
    return bool(states) and set(states) == {"whole"}
