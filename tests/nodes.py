"""What tests of the store, services and edges are made of: nodes, their ports, databases.

A node is made in a folder, its database where tests.databases says, with a clock that stands still
until it is told, chance that repeats, and a transport that reaches only what a test connected. It
speaks the protocols that are installed and the test protocol of
``tests.kernel.world``::

    with Nodes(tmp_path) as nodes:                     # or the fixture of the same name
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(orvanda, tolmere)                    # documents exchanged, both accredited
        dossier = open_tally(orvanda, tolmere)
        act = say(orvanda, dossier, "claim", {"status": "held"})
        pass_on(orvanda, tolmere)                      # one bundle, taken in; unsealed
        nodes.clock.advance(60_000)

The fixture ``db_url`` (tests/conftest.py) runs a test once per database. It is a function that
gives a new, empty database each time, as ``node.json`` names it; the fixture ``nodes`` uses it::

    def test_something(nodes: Nodes) -> None: ...      # runs on SQLite and on PostgreSQL
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import os
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from comity import protocols
from comity.kernel.bundle import Bundle
from comity.kernel.canon import Object
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.kernel.kinds import Charter, Growth
from comity.kernel.label import TLP, Footing
from comity.kernel.protocol import Protocol, discover
from comity.services.casework import content, issue
from comity.services.casework.issue import Draft
from comity.services.identity.parties import Made, accredit, init, learn_documents, own_documents
from comity.services.node import DATABASE, Node, Settings, open_node
from comity.services.ports import Ports, Reply, Unreachable
from comity.store.append import outbox
from comity.store.database import close_connection, close_database, migrate, open_database
from comity.store.sql import writing
from tests.databases import usual
from tests.kernel.world import TALLY

START = 1_790_000_000_000
"""When every test begins, in milliseconds since the epoch."""

NewDatabase = Callable[[], str]
Handler = Callable[[str, bytes], Reply]


@dataclass
class FakeClock:
    """A clock that stands still until it is told."""

    time: int = START

    def now(self) -> int:
        return self.time

    def advance(self, milliseconds: int) -> None:
        self.time += milliseconds


class FakeRandom:
    """Chance that repeats: equal names give equal bytes. A forked process draws others."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._pid = os.getpid()
        self._next = itertools.count()
        self._lock = threading.Lock()

    def bytes(self, count: int) -> bytes:
        with self._lock:
            place = f"{self._name} {next(self._next)}"
        if os.getpid() != self._pid:
            place += f" {os.getpid()}"
        return hashlib.shake_256(place.encode()).digest(count)


@dataclass
class Switchboard:
    """A transport inside the process: what begins with a connected URL is answered by its handler.

    ``cut`` URLs cannot be reached, as if a cable was pulled.
    """

    handlers: dict[str, Handler] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)

    def connect(self, url: str, handler: Handler) -> None:
        """Answer what is sent to ``url`` and below; the handler gets the path beyond it."""
        self.handlers[url] = handler

    def send(self, url: str, body: bytes, *, limit: int) -> Reply:
        for base, handler in self.handlers.items():
            if url.startswith(base) and base not in self.cut:
                reply = handler(url.removeprefix(base), body)
                if len(reply.body) > limit:
                    raise Unreachable("The answer is larger than was asked for.")
                return reply
        raise Unreachable(f"Nothing answers at {url}.")


def spoken() -> Mapping[tuple[str, int], Protocol]:
    """Return the protocols that are installed, and the test protocol."""
    return {**discover(protocols), (TALLY.name, TALLY.version): TALLY}


def put_schema(folder: Path) -> None:
    """Put an empty database with the schema into the folder of a node to be made.

    Making the tables anew for each of a hundred nodes would be most of what the tests do.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / DATABASE).write_bytes(_schema())


@functools.cache
def _schema() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / DATABASE
        alias = open_database(folder, str(path))
        migrate(alias)
        close_database(alias)
        return path.read_bytes()


@dataclass
class Nodes:
    """Nodes of one test, side by side below ``folder``, with one clock and one switchboard.

    ``kits`` are the spare-key codes that were printed, by name.
    """

    folder: Path
    new_database: NewDatabase = usual
    clock: FakeClock = field(default_factory=FakeClock)
    transport: Switchboard = field(default_factory=Switchboard)
    kits: dict[str, str] = field(default_factory=dict)
    opened: dict[str, Node] = field(default_factory=dict)

    def make(self, name: str, **settings: Any) -> Node:
        """Make a party and its node; ``settings`` are those of ``node.json``."""
        chosen = replace(Settings(party="", name=name), database=self.new_database(), **settings)
        if chosen.database == DATABASE:
            put_schema(self.folder / name)
        made: Made = init(
            self.folder / name, self.ports(name), name=name, settings=chosen, known=spoken()
        )
        self.kits[name], self.opened[name] = made.kit, made.node
        return made.node

    def ports(self, name: str) -> Ports:
        """Return the ports of the node of this name."""
        return Ports(self.clock, FakeRandom(name), self.transport)

    def reopen(self, name: str) -> Node:
        """Open a node again, as after a restart: nothing it had in memory is left."""
        close_connection(self.opened[name].db)
        node = open_node(self.folder / name, self.ports(f"{name} again"), known=spoken())
        self.opened[name] = node
        return node

    def close_connection(self, name: str) -> None:
        """Close this thread's connection to a node's database; using it again connects anew."""
        close_connection(self.opened[name].db)

    def close(self) -> None:
        """Close this thread's connections."""
        for node in self.opened.values():
            close_database(node.db)
        self.opened.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def introduce(*nodes: Node, accredited: bool = True) -> None:
    """Give every node the documents of all others; by default all are accredited as well."""
    for node, other in itertools.permutations(nodes, 2):
        chain, documents = own_documents(other)
        with writing(node.db):
            learn_documents(node, chain, documents, introduced_by="")
        if accredited:
            accredit(node, other.me)


def open_tally(author: Node, *members: Node, **fields: Any) -> Id:
    """Open a dossier of the test protocol, closed and TLP:AMBER; return its id.

    ``fields`` are those of ``Charter``.
    """
    terms: dict[str, Any] = {
        "protocol": TALLY.name,
        "version": TALLY.version,
        "members": tuple(sorted([author.me, *(node.me for node in members)])),
        "growth": Growth.CLOSED,
        "ceiling": TLP.AMBER,
        "chair": None,
        "readers": (),
        "succeeds": None,
        "time": None,
        "terms": {},
    }
    draft = Draft("charter", footing=Footing.TECHNICAL)
    return issue.open_dossier(author, charter=Charter(**terms | fields), draft=draft)


def say(
    node: Node,
    dossier_id: str,
    kind: str = "bid",
    body: Object | None = None,
    *,
    files: Mapping[str, bytes] | None = None,
    refs: Sequence[str] = (),
) -> Id:
    """Sign an act with these files as its content, or none; return its id."""
    prepared = None
    if files:
        # Each who says something at the same time attaches files of its own.
        folder = node.folder / "to-attach" / f"{os.getpid()}-{threading.get_ident()}"
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
        prepared = content.prepare_fields(
            node, {}, [(name, "application/octet-stream", folder / name) for name in files]
        )
    draft = Draft(kind, dict(body or {}), prepared, tuple(map(Id, refs)))
    return issue.issue(node, dossier_id=dossier_id, draft=draft)


def pass_on(sender: Node, recipient: Node) -> list[Refusal]:
    """Carry what waits at ``sender`` to ``recipient``, and its receipts back, unsealed.

    Returns what the recipient refused.
    """
    from comity.services.delivery import deliver, ingest

    packed, taken = deliver.pack(sender, recipient.me)
    outcome = ingest.receive(recipient, sender=sender.me, what=packed)
    with writing(sender.db):
        outbox.mark_sent(sender.db, taken, sender.now())
    if outcome.receipt is not None:
        ingest.receive(sender, sender=recipient.me, what=Bundle(receipts=(outcome.receipt,)))
    return outcome.refusals
