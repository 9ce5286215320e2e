"""A desk with several nodes, each worked by the command line, joined without a network."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from django.db import connections
from typer.testing import CliRunner, Result

from comity.edge.cli.main import app
from comity.edge.cli.setting import Setting
from comity.services.delivery import wire
from comity.services.node import Settings, open_node
from comity.services.ports import Ports, Reply, SystemRandom, Unreachable
from comity.store.database import close_database
from tests import databases

START = 1_795_000_000_000
T = TypeVar("T")
NAMES = {"orvanda": "Orvanda", "tolmere": "Tolmere", "lantern": "Lantern Sea Council"}
_PLAYED: dict[Path, tuple[Any, int]] = {}
"""What each play gave whose nodes are in stock, by folder, and when it had ended."""


@dataclass
class Ticking:
    """A clock that goes on by a second with every look."""

    at: int = START

    def now(self) -> int:
        self.at += 1000
        return self.at


@dataclass
class Desk:
    """The folders of nodes below ``home``, and what their commands need; ``stock`` keeps copies."""

    home: Path
    stock: Path
    clock: Ticking = field(default_factory=Ticking)
    cut: bool = False
    hosts: dict[str, str] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    going_to_be: Settings | None = None

    def ports(self, _folder: Path | None = None, settings: Settings | None = None, /) -> Ports:
        self.going_to_be = settings or self.going_to_be
        return Ports(self.clock, SystemRandom(), self)

    def send(self, url: str, body: bytes, *, limit: int) -> Reply:
        """Take a message to the node that the URL names: ``http://orvanda.example``."""
        host, _, path = url.removeprefix("http://").partition("/")
        folder = self.home / self.hosts.get(host, host.partition(".")[0])
        if self.cut or not folder.exists():
            raise Unreachable("Nobody answers there.")
        node = open_node(folder, self.ports())
        reply = wire.answer(node, path.rpartition("/")[2], body)
        assert len(reply.body) <= limit
        return reply

    def run(self, who: str, *args: str | Path, answer: str | None = None) -> Result:
        """Run a command on a node; ``answer`` is what a person would type."""
        self.opened.add(f"node-{(self.home / who).resolve()}")
        words = ["--dir", str(self.home / who), *map(str, args)]
        begins = args[0] == "init" or (args[0] == "restore" and {"--ask", "--memory"} & {*args})
        chosen = "--database" in args or (self.home / who).exists()
        if begins and databases.ON_POSTGRES and not chosen:
            words += ["--database", databases.usual()]
        return CliRunner().invoke(app, words, obj=Setting(ports=self.ports), input=answer)

    def ok(self, who: str, *args: str | Path) -> str:
        """Run a command that goes well; return its output."""
        got = self.run(who, *args)
        assert got.exit_code == 0, f"{args}\n{got.output}\n{got.exception!r}"
        return got.stdout

    def json(self, who: str, *args: str | Path) -> Any:
        """Run a command that goes well with --json; return what it gave."""
        return json.loads(self.ok(who, *args, "--json"))

    def refused(self, who: str, *args: str | Path) -> dict[str, str]:
        """Run a command that is refused, for a program and for a person; return the refusal."""
        got = self.run(who, *args, "--json")
        assert got.exit_code == 1, got.output
        refusal: dict[str, str] = json.loads(got.stdout)
        assert refusal.keys() == {"rule", "reason", "subject", "retry"}
        return refusal

    def make(self, *names: str) -> None:
        """Make nodes that know and have accredited each other; as copies, once they were made."""
        self.after("-".join(names), lambda desk: desk.make_anew(*names))

    def after(self, scene: str, play: Callable[[Desk], T]) -> T:
        """Bring an empty desk to where ``play`` leaves one; return what it gave, which is not to be
        changed. It is played once in a run, and what it left is copied from then on.
        """
        stock = self.stock / scene
        if stock not in _PLAYED:
            stock.mkdir()
            desk = Desk(stock, self.stock, self.clock)
            with databases.kept():
                _PLAYED[stock] = play(desk), self.clock.at
            leave(desk)
        for item in stock.iterdir():
            copy = shutil.copytree if item.is_dir() else shutil.copyfile
            copy(item, self.home / item.name)
            if item.is_dir():
                databases.adopt(self.home / item.name)
        given: T
        given, ended = _PLAYED[stock]
        self.clock.at = max(self.clock.at, ended)
        return given

    def make_anew(self, *names: str) -> None:
        """Make nodes by the commands themselves."""
        for who in names:
            self.ok(
                who, "init", "--name", NAMES[who], "--endpoint", f"http://{who}.example",
                "--cadence", "20", "--kit-file", self.home / f"{who}.kit",
            )  # fmt: skip
            self.ok(who, "card", self.home / f"{who}.card")
        for who in names:
            for other in names:
                if other != who:
                    found = self.json(who, "introduce", self.home / f"{other}.card")
                    self.ok(who, "accredit", found["id"], "--fingerprint", found["fingerprint"])

    def open(self, who: str, *members: str, **options: str) -> str:
        """Open an incident; return the dossier's id."""
        words = [word for name in members for word in ("--with", name)]
        words += [w for name, text in options.items() for w in (f"--{name}", text)]
        texts = [] if "title" in options else ["--title", "Port controller", "--text", "A flaw."]
        opened: str = self.json(who, "open", "incident", *words, *texts, "--yes")["dossier"]
        return opened

    def sync(self, *names: str) -> None:
        """Let nodes send and fetch, twice, so that answers to answers arrive."""
        for who in (*names, *names):
            self.ok(who, "sync")


def party(desk: Desk, who: str) -> str:
    """Return the id of a node's own party."""
    found: str = desk.json(who, "parties")["parties"][0]["id"]
    return found


def leave(desk: Desk) -> None:
    """Close the databases that commands opened."""
    for alias in desk.opened & set(connections.databases):
        close_database(alias)
    desk.opened.clear()
