"""A network of nodes in one test process: real nodes and databases, a transport that fails.

What goes wrong is decided by one generator, so that a seed repeats a run decision by decision; the
ciphertexts differ, since sealing draws its own randomness. ::

    with Network(tmp_path, seed=7, faults=ROUGH) as net:
        orvanda, tolmere = net.make("orvanda"), net.make("tolmere", skew=90_000)
        net.introduce()                          # everyone knows and has accredited everyone
        dossier = open_tally(orvanda, tolmere)
        net.cut({"orvanda"}, {"tolmere"})        # nothing passes between the two groups
        net.run(20)                              # every node works, in an order of the seed
        net.heal()
        net.settle()                             # no more faults, until nothing moves

A node may crash: at its ``nth`` look at the clock, which is anywhere within an append too, or
between commit and anchor. It is opened again from its folder, with nothing it had in memory; ask
the network for it by name, ``net["orvanda"]``. A ``Forger`` signs and sends what no service would.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import orjson

from comity.kernel import act as acts
from comity.kernel import content, cover, dsse, seal
from comity.kernel.act import Act, Header
from comity.kernel.bundle import Bundle, Carried, Heights
from comity.kernel.cover import CoverKind
from comity.kernel.ids import Id, PartyId
from comity.kernel.label import TLP
from comity.kernel.protocol import Protocol
from comity.services.care import recalling, restore
from comity.services.casework import dossiers, issue
from comity.services.delivery import envelope, wire, work
from comity.services.delivery.carry import may_have_content
from comity.services.identity.parties import init, node_document
from comity.services.node import DATABASE, Node, Settings, open_node
from comity.services.ports import Ports, Reply, Unreachable
from comity.store.access import acts as access
from comity.store.access import outbox
from comity.store.access import parties as access_parties
from comity.store.anchor import Anchor, Mark
from comity.store.database import close_connection, close_database
from comity.store.sql import query
from tests.databases import remember, roll_back, usual
from tests.nodes import START, FakeRandom, introduce, put_schema, spoken

if TYPE_CHECKING:
    from tests.network.liars import Liar

MINUTE = 60_000


class Crash(Exception):
    """The process of a node died here."""


@dataclass(frozen=True)
class Faults:
    """How often, from 0 to 1, a message or a round of work meets each misfortune."""

    lose_request: float = 0.0
    lose_reply: float = 0.0
    duplicate: float = 0.0
    hold: float = 0.0
    crash: float = 0.0


CALM = Faults()
ROUGH = Faults(lose_request=0.1, lose_reply=0.1, duplicate=0.1, hold=0.1, crash=0.05)


@dataclass
class _Host:
    """The machine of one node: its clock, its port to the network, and when it will crash."""

    net: Network
    name: str
    folder: Path
    skew: int
    known: Mapping[tuple[str, int], Protocol]
    kit: str = ""
    lives: int = 0
    clock_crash: int | None = None
    anchor_crash: bool = False

    def now(self) -> int:
        if self.clock_crash is not None:
            self.clock_crash -= 1
            if self.clock_crash < 0:
                self.clock_crash = None
                raise Crash(self.name)
        return self.net.time + self.skew

    def send(self, url: str, body: bytes, *, limit: int) -> Reply:
        return self.net.send(self.name, url, body, limit)

    def keep(self, kit: str) -> None:
        """Keep the spare-key code that was printed last."""
        self.kit = kit

    def ports(self) -> Ports:
        self.lives += 1
        return Ports(self, FakeRandom(f"{self.name} {self.lives}"), self)


class _FragileAnchor(Anchor):
    """An anchor whose node may crash between the commit and the anchor's advance.

    It does not wait for the disk: processes die here, and never the machine.
    """

    def __init__(self, host: _Host) -> None:
        super().__init__(host.folder / "anchor", lambda _: None, lambda _: None)
        self._host = host

    def advance(self, mark: Mark) -> None:
        if self._host.anchor_crash:
            self._host.anchor_crash = False
            raise Crash(self._host.name)
        super().advance(mark)


@dataclass
class Network:
    """Nodes below ``folder``, and everything that may happen between them. See the module."""

    folder: Path
    seed: int = 0
    faults: Faults = CALM
    time: int = START
    hosts: dict[str, _Host] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    groups: tuple[set[str], ...] = ()
    held: list[tuple[str, str, bytes]] = field(default_factory=list)
    seen: list[tuple[str, str, bytes]] = field(default_factory=list)
    tries: Counter[tuple[str, str]] = field(default_factory=Counter)
    liars: dict[str, Liar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.honestly = envelope.seal_for

    def make(
        self,
        name: str,
        *,
        skew: int = 0,
        known: Mapping[tuple[str, int], Protocol] | None = None,
        **settings: Any,
    ) -> Node:
        """Make a node, reached at ``http://<name>`` unless it has a ``mailbox``."""
        host = _Host(self, name, self.folder / name, skew, spoken() if known is None else known)
        self.hosts[name] = host
        endpoints = () if settings.get("mailbox") else (f"http://{name}",)
        settings = {"cadence": 30_000, "endpoints": endpoints} | settings
        if "database" not in settings:
            settings["database"] = usual()
        chosen = Settings(party="", name=name, **settings)
        if chosen.database == DATABASE:
            put_schema(host.folder)
        made = init(host.folder, host.ports(), name=name, settings=chosen, known=host.known)
        host.keep(made.kit)
        made.node.anchor = _FragileAnchor(host)
        self.nodes[name] = made.node
        return made.node

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]

    def introduce(self, *names: str) -> None:
        """Let the named nodes, or all, know and accredit each other."""
        introduce(*(self.nodes[name] for name in names or self.nodes))

    def corrupt(self, liar: Liar) -> None:
        """Let the owner of a node lie from now on: every bundle passes its hands."""
        self.liars[liar.name] = liar
        envelope.seal_for = self._seal

    def _seal(self, node: Node, recipient: PartyId, what: Bundle) -> bytes:
        liar = self.liars.get(node.settings.name)
        altered = what if liar is None else liar.alter(recipient, what)
        return self.honestly(node, recipient, altered)

    def honest(self) -> dict[str, Node]:
        """Return the nodes whose owners do not lie."""
        return {name: node for name, node in self.nodes.items() if name not in self.liars}

    def copy(self, name: str) -> None:
        """Make a snapshot of a node's database, in place of the last one."""
        remember(self.nodes[name])

    def roll_back(self, name: str) -> bool:
        """Put the snapshot of a node's database back, and let its owner restore it from peers."""
        host = self.hosts[name]
        close_connection(self.nodes[name].db)
        if not roll_back(self.nodes[name]):
            return False
        node = self.reopen(name)
        restore.restore(node, code=host.kit, hand_over=host.keep, recollect=recalling.ask)
        return True

    def reopen(self, name: str) -> Node:
        """Open a node from its folder, as after a crash or a restart."""
        host = self.hosts[name]
        host.clock_crash, host.anchor_crash = None, False
        close_connection(self.nodes[name].db)
        node = open_node(host.folder, host.ports(), known=host.known, upgrade=False)
        node.anchor = _FragileAnchor(host)
        self.nodes[name] = node
        return node

    def arm(self, name: str, nth: int | None = None) -> None:
        """Let a node crash at its ``nth`` look at the clock, or after its next commit."""
        self.hosts[name].clock_crash = nth
        self.hosts[name].anchor_crash = nth is None

    def send(self, sender: str, url: str, body: bytes, limit: int) -> Reply:
        """Carry a message, or let it meet a misfortune. Raises Unreachable."""
        to, _, path = url.removeprefix("http://").partition("/")
        self.tries[sender, to] += 1
        if to not in self.nodes or self._is_cut(sender, to) or self._happens("lose_request"):
            raise Unreachable(url)
        self.seen.append((to, path, body))
        if self._happens("hold"):
            self.held.append((to, path, body))
            raise Unreachable(url)
        reply = self._answer(to, path, body)
        if self._happens("duplicate"):
            self._answer(to, path, body)
        if self._happens("lose_reply") or len(reply.body) > limit:
            raise Unreachable(url)
        return reply

    def _answer(self, to: str, path: str, body: bytes) -> Reply:
        path = path.rpartition("/")[2]
        try:
            reply = wire.answer(self.nodes[to], path, body)
        except Crash as crash:
            self.reopen(to)
            raise Unreachable(to) from crash
        liar = self.liars.get(to)
        return reply if liar is None else liar.answer(path, reply)

    def _happens(self, fault: str) -> bool:
        return self.chance.random() < float(getattr(self.faults, fault))

    def _is_cut(self, one: str, other: str) -> bool:
        return any((one in group) != (other in group) for group in self.groups)

    def cut(self, *groups: set[str]) -> None:
        """Let nothing pass between a group and everyone outside it."""
        self.groups = groups

    def heal(self) -> None:
        """Let everything pass again, and deliver what was held, late and out of order."""
        self.groups = ()
        self.chance.shuffle(self.held)
        held, self.held = self.held, []
        for to, path, body in held:
            try:
                self._answer(to, path, body)
            except Unreachable:
                continue

    def work(self, name: str) -> bool:
        """Let one node do one round; say whether it did anything. It may crash meanwhile."""
        if self._happens("crash"):
            self.arm(name, self.chance.choice([None, *range(40)]))
        try:
            if name in self.liars:
                self.liars[name].round()
            return work.work_once(self.nodes[name])
        except Crash:
            self.reopen(name)
            return True

    def step(self, milliseconds: int = 1000) -> bool:
        """Let time pass and every node do one round, in an order of the seed."""
        self.time += milliseconds
        names = [*self.nodes]
        self.chance.shuffle(names)
        worked = [self.work(name) for name in names]
        return any(worked)

    def run(self, steps: int, milliseconds: int = 1000) -> None:
        """Take this many steps."""
        for _ in range(steps):
            self.step(milliseconds)

    def settle(self, most: int = 40) -> None:
        """End all faults, and let time pass until every queue is empty and nothing moves.

        Liars tell no new lies and keep their habits; what concerns them may go on moving.
        """
        self.faults = CALM
        for liar in self.liars.values():
            liar.quiet = True
        self.heal()
        for name, host in self.hosts.items():
            if host.clock_crash is not None or host.anchor_crash:
                self.reopen(name)
        quiet = 0
        for _ in range(most):
            self.step(MINUTE)
            moving = any(any(self._moving(name)) for name in self.honest())
            quiet = 0 if moving else quiet + 1
            if quiet == 2:
                return
        raise AssertionError(f"Not settled: { {n: self._moving(n) for n in self.honest()} }")

    def _of(self, party: str) -> Node:
        return next(node for node in self.nodes.values() if node.me == party)

    def _lying(self) -> set[str]:
        return {self.nodes[name].me for name in self.liars}

    def _moving(self, name: str) -> tuple[object, object, object]:
        """Return what is queued, who is to be told something, and what content is under way."""
        node = self.nodes[name]
        return self.unsettled(name), node.nudged - self._lying(), self._unfilled(node)

    def _unfilled(self, node: Node) -> list[Id]:
        """Return what honest ones received without the content that is whole here for them, or
        with it, as its author has not heard yet.
        """
        rows = query(
            node.db,
            "SELECT d.item, d.recipient, a.party FROM store_delivery d JOIN store_act a "
            "ON a.id = d.item WHERE d.what = 'act' AND d.state = 'received' AND a.whole",
        )
        return [
            act
            for act, to, author in rows
            if to not in self._lying()
            and all(h for *_, h in access.part_sizes(node.db, act))
            and (author == node.me or not access.whole_acts(self._of(to).db, [act]))
            and self._may_have(node, act, to)
        ]

    def _may_have(self, node: Node, act: Id, to: PartyId) -> bool:
        # To carry it would have its blobs brought to a host once more: looking must change nothing.
        row = access.act(node.db, act)
        assert row is not None
        dossier = dossiers.load(node, row.dossier)
        return may_have_content(node, dossier, dossier.graph.nodes[act], to)

    def unsettled(self, name: str) -> dict[str, dict[str, int]]:
        """Return what still waits at a node for honest ones, per recipient and state."""
        sizes = outbox.queue_sizes(self.nodes[name].db)
        moving = {"queued", "sent"}
        open_ = {p: {s: c for s, c in states.items() if s in moving} for p, states in sizes.items()}
        return {p: states for p, states in open_.items() if states and p not in self._lying()}

    def refusals(self, name: str) -> dict[str, int]:
        """Return how often each rule refused something at a node."""
        counts: dict[str, int] = {}
        for rule, _, count, _, _ in access_parties.refusals(self.nodes[name].db):
            counts[rule] = counts.get(rule, 0) + count
        return counts

    def close(self) -> None:
        """Close every database."""
        envelope.seal_for = self.honestly
        for node in self.nodes.values():
            close_database(node.db)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class Forger:
    """The party of ``node``, lying: what it signs is not recorded at its own node."""

    node: Node
    place: int | None = None

    def act(
        self,
        dossier_id: Id,
        kind: str = "bid",
        body: Mapping[str, Any] | None = None,
        *,
        parts: Sequence[content.Part] | None = None,
        **fields: Any,
    ) -> Carried:
        """Sign an act that goes on from what the node holds, with any header field replaced."""
        node = self.node
        parts = [content.Part(0, node.ports.random.bytes(32), b"")] if parts is None else parts
        prev, parents = issue._place(dossiers.load(node, dossier_id), node.me, 1)
        self.place = access_parties.logs(node.db)[0].size if self.place is None else self.place + 1
        header = Header(
            party=node.me,
            doc=issue.own_view(node).id,
            log=1,
            seq=self.place,
            dossier=dossier_id,
            kind=kind,
            n=1 if prev is None else prev[1] + 1,
            prev=None if prev is None else prev[0],
            parents=parents,
            time=node.now(),
            tlp=TLP.AMBER,
            pap=None,
            footing=None,
            realm=None,
            body=dict({"amount": self.place} if body is None else body),
            content=content.commit(content.DOCUMENT, parts),
            refs=(),
        )._replace(**fields)
        return Carried(self.sign(header), tuple(parts))

    def after(self, before: Carried, **fields: Any) -> Carried:
        """Sign an act that follows one that was forged."""
        header = before.act.header
        place = {"n": header.n + 1, "prev": before.act.id, "parents": (), **fields}
        return self.act(before.act.dossier, **place)

    def sign(self, header: Header) -> Act:
        """Sign any header that can be written down."""
        key = self.node.keys.log(1).act
        return acts.read(dsse.sign(dsse.ACT, header.to_payload(), [key]))

    def send(self, to: Node, *items: Carried, **members: Any) -> Bundle | dict[str, Any]:
        """Send a bundle of these acts; return the bundle, or the refusal, that is answered."""
        return self.post(to, Bundle(acts=items, **members))

    def post(self, to: Node, what: Bundle) -> Bundle | dict[str, Any]:
        """As ``send``, of any bundle."""
        return self.answer(to, wire.answer(to, "bundle", envelope.seal_for(self.node, to.me, what)))

    def raw(self, to: Node, plain: bytes) -> Bundle | dict[str, Any]:
        """As ``send``, of any bytes instead of a bundle."""
        return self.answer(to, wire.answer(to, "bundle", self.frame(to, plain)))

    def frame(self, to: Node, plain: bytes) -> bytes:
        """Return any bytes, sealed and covered as a bundle would be."""
        known = node_document(self.node, to.me)
        assert known is not None
        key = seal.HPKEKey(known.hpke[0])
        sealed = seal.seal(plain, key, self.node.me, to.me)
        signed = envelope._sign(
            self.node, to.me, CoverKind.BUNDLE, sealed, seal.hpke_key_id(key), {}
        )
        return cover.frame(signed, sealed)

    def answer(self, to: Node, reply: Reply) -> Bundle | dict[str, Any]:
        """Open what a node answered."""
        if reply.status != 200:
            value: dict[str, Any] = orjson.loads(reply.body)
            return value
        signed, sealed = envelope.split(reply.body)
        assert signed.cover.sender == to.me
        return envelope.open_bundle(self.node, signed, sealed)


def held(node: Node, dossier_id: str) -> set[str]:
    """Return the ids of the acts a node holds of a dossier."""
    return {row.id for row in access.acts_of(node.db, dossier_id)}


def verdicts(node: Node, dossier_id: str) -> dict[str, tuple[str, str] | None]:
    """Return, of every act, why it has no effect, or None."""
    return {n.id: n.void for n in dossiers.load(node, dossier_id).graph.order}


def ladder(node: Node, act: str) -> dict[PartyId, str]:
    """Return how far an own act came, by recipient."""
    return {PartyId(row.recipient): row.state for row in outbox.deliveries(node.db, act)}


def require_equal(nodes: Iterable[Node], dossier_id: Id) -> None:
    """Demand that nodes hold the same acts of a dossier, and that these add up to the same."""
    first, *others = nodes
    dossier = dossiers.load(first, dossier_id)
    for other in others:
        assert held(other, dossier_id) == held(first, dossier_id)
        assert verdicts(other, dossier_id) == verdicts(first, dossier_id)
        computed = dossiers.load(other, dossier_id)
        if dossier.protocol is computed.protocol:
            assert computed.digest() == dossier.digest()
            assert computed.summary() == dossier.summary()
        assert dossiers.member_states(computed) == dossiers.member_states(dossier)


def told(reply: Bundle | dict[str, Any]) -> list[Heights]:
    """Return the heights in an answer."""
    return [*reply.heights] if isinstance(reply, Bundle) else []
