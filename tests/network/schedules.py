"""Random schedules: people act, the network fails, nodes crash and are restored, parties lie.

A seed is a schedule. ``play`` plays it, lets the network heal and everything settle, and demands of
the honest nodes what must hold whatever the others did.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from comity.kernel.act import Act
from comity.kernel.bundle import read_carried
from comity.kernel.canon import Object, Value
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.kinds import Growth
from comity.kernel.label import TLP
from comity.services.care import fsck
from comity.services.casework import content, dossiers, issue, join
from comity.services.casework.issue import Draft
from comity.services.identity import parties
from comity.services.node import Node
from comity.store.access import acts as access
from comity.store.access import space
from comity.store.sql import query
from tests import databases
from tests.network.liars import HABITS, LIES, Liar
from tests.network.simulator import ROUGH, Crash, Network, held, require_equal
from tests.nodes import open_tally, say
from tests.oracle.fold import fold

NAMES = ["orvanda", "tolmere", "council", "sarivane", "fennick", "wicklight", "lab"]
DISK, PENDING = 4_000_000, 60
STEPS = 40
# What a network that loses, repeats and restores counts without anything being wrong.
HARMLESS = {"T1", "T2", "T3", "T4", "T9", "W4", "W5"}


@dataclass
class Said:
    """An act that was acknowledged to its author; ``canary`` stands in a part for ``readers``."""

    author: str
    dossier: Id
    act: Id
    canary: bytes = b""
    readers: frozenset[PartyId] = frozenset()


@dataclass
class Schedule:
    """One schedule being played; ``open_`` dossiers, ``said`` acts, ``restored`` nodes."""

    net: Network
    open_: list[Id] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    restored: set[str] = field(default_factory=set)

    # What people do.

    def act_somehow(self) -> None:
        """Let someone do something that people do."""
        name = self.net.chance.choice([*self.net.nodes])
        deed = self.net.chance.choice(DEEDS)
        try:
            deed(self, name)
        except (Refusal, LookupError):
            pass
        except Crash:
            self.net.reopen(name)

    def one_of(self, name: str) -> Id:
        """Return a dossier that a node takes part in."""
        node = self.net[name]
        return self.net.chance.choice([d for d in self.open_ if access.dossier(node.db, d)])

    def note(self, name: str, dossier: Id, act: Id) -> None:
        """Note what was acknowledged."""
        self.said.append(Said(name, dossier, act))

    def open(self, name: str) -> None:
        if len(self.open_) >= 5:
            return
        net, kind = self.net, self.net.chance.choice(["closed", "closed", "chair", "red"])
        names = [n for n in net.nodes if n != name]
        others = [net[n] for n in net.chance.sample(names, net.chance.randint(1, len(names)))]
        more: dict[str, Any] = {}
        if kind == "chair":
            more = {"growth": Growth.CHAIR, "chair": net[name].me}
            others = others[: len(names) - 1]
        if kind == "red":
            readers = tuple(sorted([(net[name].me, "duty"), (others[0].me, "duty")]))
            more = {"ceiling": TLP.RED, "readers": readers}
        dossier = open_tally(net[name], *others, **more)
        self.open_.append(dossier)
        self.note(name, dossier, dossier)

    def bid(self, name: str) -> None:
        dossier = self.one_of(name)
        body: Object = {"amount": self.net.chance.randint(1, 999)}
        self.note(name, dossier, say(self.net[name], dossier, "bid", body))

    def claim(self, name: str) -> None:
        dossier = self.one_of(name)
        self.note(name, dossier, say(self.net[name], dossier, "claim", {"status": "held"}))

    def mark(self, name: str) -> None:
        dossier = self.one_of(name)
        rows = [r for r in access.acts_of(self.net[name].db, dossier) if r.kind == "claim"]
        body: Object = {"of": self.net.chance.choice(rows).id}
        self.note(name, dossier, say(self.net[name], dossier, "mark", body))

    def attach(self, name: str) -> None:
        """Say something with a file, small or large, for all or for some."""
        net, node, dossier = self.net, self.net[name], self.one_of(name)
        canary = b"canary-%s-%d-" % (name.encode(), len(self.said))
        data = canary * net.chance.choice([3, 3, 9000])
        loaded = dossiers.load(node, dossier)
        readers = loaded.members.now()
        if loaded.charter.ceiling is TLP.RED:
            readers &= {party for party, _ in loaded.charter.readers}
            if node.me not in readers:
                return  # Without a listed reader of its own, it would not be given it back.
        body: Object = {"status": "held"}
        if net.chance.random() < 0.4:
            chosen = net.chance.sample(sorted(readers), min(len(readers), 2))
            to: list[Value] = [*sorted(chosen)]
            body |= {"audience": [{"first": 1, "last": 1, "to": to}]}
            readers &= frozenset(chosen)
        file = node.folder / "to-attach"
        file.write_bytes(data)
        prepared = content.prepare_fields(node, {}, [("f", "text/plain", file)])
        act = issue.issue(node, dossier_id=dossier, draft=Draft("claim", body, prepared))
        self.said.append(Said(name, dossier, act, canary, readers | {node.me}))

    def invite(self, name: str) -> None:
        dossier = self.one_of(name)
        guest = self.net[self.net.chance.choice([*self.net.nodes])]
        draft = Draft("invite", {"party": guest.me})
        self.note(name, dossier, issue.issue(self.net[name], dossier_id=dossier, draft=draft))

    def join(self, name: str) -> None:
        for dossier in self.open_:
            if access.dossier(self.net[name].db, dossier):
                join.join(self.net[name], dossier_id=dossier)

    def leave(self, name: str) -> None:
        if self.net.chance.random() < 0.1:
            join.leave(self.net[name], dossier_id=self.one_of(name))

    # What goes wrong.

    def disturb(self) -> None:
        net = self.net
        match net.chance.randint(0, 11):
            case 0:
                net.cut(set(net.chance.sample([*net.nodes], len(net.nodes) // 2)))
            case 1:
                net.heal()
            case 2:
                net.arm(net.chance.choice([*net.nodes]), net.chance.choice([None, *range(30)]))
            case 3:
                net.reopen(net.chance.choice([*net.nodes]))
            case 4:
                net.copy(net.chance.choice([*net.honest()]))
            case 5:
                self.roll_back(net.chance.choice([*net.honest()]))
            case _:
                pass

    def roll_back(self, name: str) -> None:
        """Put an old database under a node, now and then; its owner asks everyone and goes on."""
        if not self.restored and self.net.roll_back(name):
            self.restored.add(name)


DEEDS = [
    Schedule.open,
    Schedule.open,
    Schedule.bid,
    Schedule.bid,
    Schedule.claim,
    Schedule.claim,
    Schedule.mark,
    Schedule.attach,
    Schedule.attach,
    Schedule.invite,
    Schedule.join,
    Schedule.join,
    Schedule.leave,
]


def network(folder: Path, seed: int, *, liars: int, size: int) -> Network:
    """Return nodes that know each other, some of them lying; one accepts no connections."""
    net = Network(folder, seed)
    names = NAMES[:size]
    for name in names:
        mailbox = net["council"].me if name == "sarivane" else ""
        skew = net.chance.choice([0, 0, -240_000, 180_000])
        net.make(name, skew=skew, mailbox=mailbox, disk=DISK, pending=PENDING)
    net.introduce()
    parties.host(net["council"], net["sarivane"].me, agreed=True)
    for name in names:
        # A witness has to answer itself.
        witness = net[net.chance.choice([n for n in names if n not in {name, "sarivane"}])].me
        settings = replace(net[name].settings, witnesses=(witness,), quorum=1)
        settings.write(net[name].folder)
        net.reopen(name)
    for name in net.chance.sample(names, liars):
        net.corrupt(liar(net, name))
    return net


def liar(net: Network, name: str) -> Liar:
    """Return a liar of the seed's choice."""
    parties_ = [node.me for n, node in net.nodes.items() if n != name]
    return Liar(
        net,
        name,
        habits=tuple(net.chance.sample([*HABITS], net.chance.randint(0, 3))),
        lies=tuple(net.chance.sample([*LIES], 8)),
        victims=frozenset(net.chance.sample(parties_, len(parties_) // 2)),
    )


def play(folder: Path, seed: int) -> Schedule:
    """Play a schedule to its end, and demand what must hold.

    Up to f of 3f + 1 nodes lie; nothing here needs a quorum, but others will.
    """
    size = random.Random(seed).choice([4, 4, 5, 5, 7])
    with network(folder, seed, liars=(size - 1) // 3 if seed % 5 else 0, size=size) as net:
        schedule = Schedule(net)
        schedule.open(next(iter(net.honest())))
        net.faults = ROUGH
        for _ in range(STEPS):
            schedule.act_somehow()
            schedule.disturb()
            net.step()
        net.settle(120)
        judge(schedule)
        return schedule


def judge(schedule: Schedule) -> None:
    """Demand of the honest nodes what must hold, whatever the others did."""
    net = schedule.net
    for dossier in schedule.open_:
        require_agreement(schedule, dossier)
    for said in schedule.said:
        if said.author not in net.liars:
            require_arrival(schedule, said)
    for name, node in net.honest().items():
        assert fsck.check(node).clean, (name, fsck.check(node).findings)
        require_evidence(net, node)
        require_bounds(schedule, node)
        require_no_word(schedule, node)
        require_true_receipts(schedule, node)
        if not net.liars:
            assert net.refusals(name).keys() <= HARMLESS


def staying(net: Network, dossier: Id) -> list[Node]:
    """Return the honest nodes that are members of a dossier, as they see it."""
    holders = [n for n in net.honest().values() if access.dossier(n.db, dossier)]
    return [n for n in holders if n.me in dossiers.load(n, dossier).members.now()]


def require_agreement(schedule: Schedule, dossier: Id) -> None:
    """Equal acts, equal states, and the state that a second fold computes of these acts."""
    nodes = staying(schedule.net, dossier)
    if not nodes:
        return
    require_equal(nodes, dossier)
    loaded = dossiers.load(nodes[0], dossier)
    void = {n.id: n.void for n in loaded.graph.order if n.void is not None}
    rows = loaded.state.to_rows()
    assert all(row[1] == "void" for row in rows if row[4] in void)
    if all(rule in {"D1", "D2"} for rule, _ in void.values()):
        stored = [dossiers.stored_act(nodes[0], r) for r in access.acts_of(nodes[0].db, dossier)]
        assert fold(act.envelope.to_bytes() for act in stored).digest() == loaded.digest()


def require_arrival(schedule: Schedule, said: Said) -> None:
    """What was acknowledged is with every honest member that stayed, content and all."""
    nodes = staying(schedule.net, said.dossier)
    lost = said.author in schedule.restored and not any(
        said.act in held(node, said.dossier) for node in nodes
    )
    if lost or schedule.net[said.author] not in nodes:
        return
    for node in nodes:
        assert said.act in held(node, said.dossier), (said, node.settings.name)
        row = access.act(node.db, said.act)
        assert row is not None
        loaded = dossiers.load(node, said.dossier)
        if said.author in schedule.restored:
            continue  # Content that nobody else had fetched yet is lost with the database.
        if node.me in loaded.members.of(loaded.graph.nodes[said.act]):
            assert row.whole or node.me not in said.readers, (said, node.settings.name)


def require_evidence(net: Network, node: Node) -> None:
    """Nobody honest is accused, and a liar is by whatever shows that it lied."""
    lying = {net[name].me for name in net.liars}
    pairs = access.equivocations(node.db)
    assert {row.party for row in pairs} <= lying
    shown = {id_ for row in pairs for id_ in (row.first, row.second)}
    for party in lying:
        for twins in claimed_twice(node, party):
            # Of thousands in one place a few are kept.
            assert len(twins & shown) >= 2, (node.settings.name, twins)


def claimed_twice(node: Node, party: str) -> Iterator[set[str]]:
    """Yield the sets of statements of a party that stand in one place of a log, or of a feed."""
    places: dict[tuple[object, ...], set[str]] = {}
    sql = "SELECT log, seq, id FROM {} WHERE party = %s"
    for table in ("store_act", "store_statement"):
        for log, seq, id_ in query(node.db, sql.format(table), (party,)):
            places.setdefault((log, seq), set()).add(id_)
    for row in access.dossiers(node.db):
        if row.acts:
            for n in dossiers.load(node, row.id).graph.order:
                if n.header.party == party:
                    places.setdefault((row.id, n.header.log, n.header.n), set()).add(n.id)
    return (ids for ids in places.values() if len(ids) > 1)


def require_bounds(schedule: Schedule, node: Node) -> None:
    """What a node keeps because of one peer is bounded, and nothing honest waits for what could
    still come.
    """
    net = schedule.net
    for other in net.nodes.values():
        assert access.pending_load(node.db, other.me) <= PENDING
        assert space.bytes_from(node.db, other.me) <= DISK + 2**20
    assert space.counted(node.db) == space.stored(node.db)
    lying = {net[name].me for name in net.liars}
    for row in access.pending(node.db):
        author = act_of(row.item).header.party
        excused = author in lying or row.via in lying or is_outside(node, row.dossier)
        assert excused or rests_on_lost(schedule, author, row.missing), row.id
    files = [path for path in node.folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 10 * DISK


def act_of(item: bytes) -> Act:
    return read_carried(item).act


def rests_on_lost(schedule: Schedule, author: PartyId, missing: Sequence[str]) -> bool:
    """Say whether a restored author's act waits for one that went with its database: who has the
    later one alone waits until it gives up, for no honest node can give it the earlier.
    """
    net, held_somewhere = schedule.net, set[str]()
    for node in net.honest().values():
        held_somewhere |= access.known_acts(node.db, missing)
        held_somewhere |= access.known_documents(node.db, missing)
    restored = {net[name].me for name in schedule.restored}
    return author in restored and not held_somewhere.issuperset(missing)


def is_outside(node: Node, dossier: str) -> bool:
    """Say whether a node left a dossier or never joined it: then it is not sent the rest."""
    row = access.dossier(node.db, dossier)
    return row is None or not row.acts or node.me not in dossiers.load(node, dossier).members.now()


def require_no_word(schedule: Schedule, node: Node) -> None:
    """Content is nowhere but at those whom it was for."""
    kept = b"".join(databases.kept_in(node.folder).values())
    for said in schedule.said:
        if said.canary and node.me not in said.readers and said.author not in schedule.net.liars:
            assert said.canary not in kept, ("leaked", said, node.settings.name)


def require_true_receipts(schedule: Schedule, node: Node) -> None:
    """What an honest node is said to hold, by its own receipts, it holds."""
    for other in schedule.net.honest().values():
        if other.settings.name in schedule.restored:
            continue
        sql = (
            "SELECT item FROM store_delivery WHERE what = 'act' AND recipient = %s "
            "AND state IN ('received', 'whole')"
        )
        receipted = [row[0] for row in query(node.db, sql, (other.me,))]
        waiting = {row.id for row in access.pending(other.db)}
        assert set(receipted) <= access.known_acts(other.db, receipted) | waiting
