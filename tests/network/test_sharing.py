"""Objects among nodes: shown with their origin's signature at any distance, and never to whom their
label and circle do not allow.
"""

from __future__ import annotations

import gzip
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import pytest

from comity.bridges.stix import reading
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.protocols.sharing.circle import reading as said
from comity.services.casework import dossiers
from comity.services.casework.issue import Draft, issue
from comity.services.node import Node
from comity.services.people.tokens import READ
from comity.services.sharing import (
    applying,
    circles,
    exporting,
    forwarding,
    publishing,
    retracting,
    searching,
    shelf,
    shelving,
    whole,
)
from comity.services.sharing.callers import Caller
from comity.services.sharing.exporting import Form, Wish
from comity.services.sharing.schemas import stix_schemas
from comity.services.sharing.searching import Query
from comity.services.sharing.shelf import Source, Wanted
from comity.store.access import acts, objects
from tests.network.simulator import CALM, Network
from tests.nodes import Nodes, introduce, pass_on
from tests.sharing import caller, entries, indicator, open_circle, share, shown

ATTACK = "data/stix/attack-enterprise.stix21.json.gz"


@pytest.mark.parametrize(
    "count",
    [
        400,
        pytest.param(30_000, marks=pytest.mark.long, id="all of it"),
    ],
)
def test_a_catalogue_goes_through_three_nodes(shared: Path, tmp_path: Path, count: int) -> None:
    """All of ATT&CK Enterprise in the long run: A → B → C; C verifies A's signature on any object,
    a tombstone of A's is applied at C, and A holds the record of it.
    """
    raws = reading.split(gzip.decompress((shared / ATTACK).read_bytes()))[:count]
    batch, flaws = reading.read_all(raws, stix_schemas())
    assert not flaws
    with Network(tmp_path, seed=1, faults=CALM) as net:
        a, b, c = net.make("orvanda"), net.make("tolmere"), net.make("sarivane")
        net.introduce("orvanda", "tolmere")
        net.introduce("tolmere", "sarivane")
        near, far = open_circle(a, b), open_circle(b, c)
        done = publishing.publish(a, near, batch, unmarked=TLP.AMBER)
        assert len(done.objects) == len(raws)
        net.settle()
        held = entries(b, circle=near)
        assert {entry.id for entry in held} == {item.id for item in batch}
        carried = forwarding.forward(b, far, [entry.added for entry in held])
        assert not carried.refused
        net.settle()
        assert len(entries(c, circle=far)) == len(raws)
        chance = random.Random(7)
        for act in carried.acts:
            row = acts.act(c.db, act)
            assert row is not None
            header = dossiers.stored_act(c, row).header
            came = shelving.read_provenance(c, act, header)
            for part in chance.sample(range(row_objects(header)), 20):
                assert [each.header.party for each in came.through(part)] == [a.me]
        signed = retracting.retract(a, done.acts[0], [0, 1, 2], reason="wrong")
        net.settle()
        assert len(entries(c, circle=far)) == len(raws) - 3
        state = dossiers.shown(a, dossiers.load(a, near))
        assert [(each.party, each.how) for each in said.applied(state, signed)] == [
            (b.me, "removed")
        ]
        assert [(each.party, each.how) for each in said.relayed(state, signed)] == [
            (c.me, "removed")
        ]


def row_objects(header: object) -> int:
    content, body = header.content, header.body  # type: ignore[attr-defined]
    return int(content.parts) - int(body["proofs"])


# No byte reaches whom the label and the circle do not allow.


@dataclass
class Canary:
    """An object that says who may ever see it: the members of its circle at its origin, and, by
    being carried on, those of other circles.
    """

    name: str
    tlp: TLP
    circle: Id
    author: str
    free: bool
    """Whether members may carry on what is AMBER or stricter."""
    allowed: set[str] = field(default_factory=set)
    versions: int = 1
    """How many its author made of its object, each a canary of its own; 0 of all but the first."""
    act: Id | None = None
    gone: bool = False
    """Whether its author took it back."""


@dataclass
class World:
    """Parties, circles between them, and what was shared."""

    nodes: dict[str, Node]
    circles: dict[Id, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    programs: dict[str, dict[str, Caller]] = field(default_factory=dict)
    canaries: list[Canary] = field(default_factory=list)
    reads: Counter[str] = field(default_factory=Counter)

    def members(self, circle: Id) -> tuple[str, ...]:
        return self.circles[circle][0]


def carry_all(world: World) -> None:
    """Let everything arrive everywhere it goes, until nothing moves."""
    for _ in range(4):
        for one in world.nodes.values():
            for other in world.nodes.values():
                if one is not other:
                    pass_on(one, other)
        for node in world.nodes.values():
            applying.work(node)


LEVELS = [TLP.CLEAR, TLP.GREEN, TLP.AMBER, TLP.AMBER_STRICT]


def act_at_random(world: World, chance: random.Random) -> None:
    """Do one thing that parties do: open a circle, publish, carry on, relabel, take back."""
    words = ["open", "publish", "edit", "forward", "relabel", "retract"]
    match chance.choices(words, [1, 5, 2, 6, 1, 1])[0]:
        case "open":
            names = tuple(chance.sample(sorted(world.nodes), chance.randint(2, 3)))
            forward = chance.choice(["none", "ask", "members"])
            nodes = [world.nodes[name] for name in names]
            circle = open_circle(*nodes, ceiling=chance.choice(LEVELS[1:]), forward=forward)
            world.circles[circle] = (names, forward)
            carry_all(world)
        case "publish":
            publish_at_random(world, chance)
        case "edit":
            edit_at_random(world, chance)
        case "forward":
            forward_at_random(world, chance)
        case word:
            change_at_random(world, chance, word)


def publish_at_random(world: World, chance: random.Random) -> None:
    circle = chance.choice(sorted(world.circles))
    names, forward = world.circles[circle]
    author = world.nodes[chance.choice(names)]
    name = f"canary{len(world.canaries)}x"
    canary = Canary(name, TLP.AMBER, circle, author.me, free=forward == "members")
    sing(world, chance, canary, name, 0)


def edit_at_random(world: World, chance: random.Random) -> None:
    """Publish another version of an object under a label that may be another."""
    firsts = [canary for canary in world.canaries if 0 < canary.versions < 60]
    if firsts:
        first = chance.choice(firsts)
        name = f"canary{len(world.canaries)}x"
        later = Canary(name, TLP.AMBER, first.circle, first.author, first.free, versions=0)
        sing(world, chance, later, first.name, first.versions)
        first.versions += 1


def sing(world: World, chance: random.Random, canary: Canary, called: str, version: int) -> None:
    """Publish a canary as a version of the object that is ``called`` so."""
    canary.tlp = chance.choice(LEVELS)
    song = f"{canary.name} sings"
    value = indicator(called, version, name=song, description=song, tlp=canary.tlp.value)
    if chance.random() < 0.3:
        del value["object_marking_refs"]
        canary.tlp = TLP.AMBER
    author = next(node for node in world.nodes.values() if node.me == canary.author)
    done = share(author, canary.circle, value)
    if done.objects:
        (canary.act,) = done.acts
        names = world.members(canary.circle)
        canary.allowed = {world.nodes[each].me for each in names}
        world.canaries.append(canary)


def forward_at_random(world: World, chance: random.Random) -> None:
    """Carry on whatever a node holds to wherever it is, and widen who may see what was let go."""
    name = chance.choice(sorted(world.nodes))
    node, own = world.nodes[name], [c for c in sorted(world.circles) if name in world.members(c)]
    if not own:
        return
    to = chance.choice(own)
    rows = objects.page(
        node.db, everything(node), objects.Asked(), limit=30, data=True, backwards=True
    )
    if not rows:
        return
    some = chance.sample(rows, min(3, len(rows)))
    done = forwarding.forward(node, to, [row.added for row in some])
    refused = {added for added, _ in done.refused}
    for row in some:
        canary = next(c for c in world.canaries if f"{c.name} sings".encode() in row.data)
        targets = {world.nodes[each].me for each in world.members(to)}
        if row.added in refused:
            continue
        # The oracle: what is AMBER or stricter goes on by leave of its circle alone; what is wider
        # goes to accredited parties.
        if row.tlp >= TLP.AMBER.rank and not targets <= canary.allowed:
            assert canary.free or canary.author == node.me, (canary, to)
        canary.allowed |= targets


def change_at_random(world: World, chance: random.Random, word: str) -> None:
    circle = chance.choice(sorted(world.circles))
    name = chance.choice(world.members(circle))
    node = world.nodes[name]
    own = [r for r in acts.acts_of(node.db, circle) if r.kind == "publish" and r.party == node.me]
    if not own:
        return
    act = Id(chance.choice(own).id)
    try:
        if word == "retract":
            retracting.retract(node, act, None, reason="wrong")
        else:
            draft = Draft("relabel", {"tlp": "amber_strict"}, refs=(act,))
            issue(node, dossier_id=circle, draft=draft)
    except Refusal:
        return
    for canary in (each for each in world.canaries if each.act == act):
        canary.gone = canary.gone or word == "retract"
        canary.tlp = max(canary.tlp, TLP.AMBER_STRICT if word == "relabel" else TLP.CLEAR)


def everything(node: Node) -> objects.Sight:
    """Return a sight of all shelves, that no reader has."""
    sets = [(number, TLP.RED.rank) for number, _ in objects.source_sets(node.db)]
    return objects.Sight(tuple(row.number for row in circles.ensure(node)), tuple(sets))


def reads_of(world: World) -> Iterator[tuple[str, str, bytes]]:
    """Yield (party, reader, bytes) of all that anybody is given by any door."""
    for node in world.nodes.values():
        programs = world.programs[node.me]
        doors = served(node, programs), searched(node), exported(node), stored(node)
        for reader, data in chain.from_iterable(doors):
            yield node.me, reader, data


def programs_of(node: Node) -> dict[str, Caller]:
    """Return programs that read at a node, by what is told of them; each has a token."""
    return {
        "taxii green": caller(node, tlp=TLP.GREEN, scopes=(READ,)),
        "taxii amber_strict": caller(node, tlp=TLP.AMBER_STRICT, scopes=(READ,)),
        "constituent": caller(node, scopes=(READ,), constituent=True),
    }


def served(node: Node, programs: dict[str, Caller]) -> Iterator[tuple[str, bytes]]:
    """Yield what programs are given, of every collection."""
    for name, who in programs.items():
        for each in shelf.shelves(node, who):
            if each.can_read:
                source = shelf.readable(node, who, each.id)
                yield from ((name, data) for data in read_through(node, who, source))


def read_through(node: Node, who: Caller, source: Source) -> Iterator[bytes]:
    """Yield all that a caller sees of a collection, page by page."""
    after, more = 0, True
    while more:
        page = shelf.page(node, who, source, Wanted(versions=("all",)), after, 1000)
        yield from page.entries
        more = page.more
        after = page.added[-1] if more else after


def searched(node: Node) -> Iterator[tuple[str, bytes]]:
    """Yield what is found by words and by values."""
    finder = searching.at_the_machine(node)
    for query in (Query(words="sings"), Query(value="192.0.2.7")):
        yield from (("search", hit.data) for hit in searching.search(node, finder, query).found)


FORMS = [Form.BUNDLE, Form.CSV, Form.ATOM, Form.MISP, Form.STATIC]


def exported(node: Node) -> Iterator[tuple[str, bytes]]:
    """Yield what is written for others up to a label, and each object as a file of its own."""
    finder = searching.at_the_machine(node)
    for form in FORMS:
        done = exporting.export(node, finder, Wish(form, TLP.GREEN, address="https://x.example/"))
        yield from (("export green", data) for data in done.files.values())
    for hit in searching.search(node, finder, Query(words="sings")).found[:5]:
        yield "file", whole.file(node, finder, hit.id)


def stored(node: Node) -> Iterator[tuple[str, bytes]]:
    """Yield what lies on a node's disk."""
    for file in (node.folder / "parts").rglob("*"):
        if file.is_file():
            yield "disk", file.read_bytes()
    asked = objects.Asked(versions=("all",))
    for row in objects.page(node.db, everything(node), asked, limit=9999):
        yield "store", row.data


def require_no_leak(world: World) -> None:
    by_name = {canary.name.encode(): canary for canary in world.canaries}
    for party, reader, data in reads_of(world):
        for name in {*SONG.findall(data)}:
            world.reads[reader] += 1
            canary = by_name[name]
            assert party in canary.allowed, (reader, canary)
            assert canary.tlp <= MOST.get(reader, TLP.RED), (reader, canary)
            assert not canary.gone or reader in {"store", "disk"}, (reader, canary)


SONG = re.compile(rb"(canary\d+x) sings")
MOST = {"taxii green": TLP.GREEN, "export green": TLP.GREEN, "constituent": TLP.AMBER}
"""The strictest label that each of these readers may be given."""
FLOWS = 100_000 if os.environ.get("COMITY_LONG") else 400
"""Readings that are looked at: who is given which bytes by which door."""


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_no_byte_reaches_whom_its_label_and_circle_do_not_allow(nodes: Nodes, seed: int) -> None:
    chance = random.Random(seed)
    names = ["fennick", "lantern", "orvanda", "sarivane", "tolmere"]
    world = World({name: nodes.make(name) for name in names})
    introduce(*world.nodes.values())
    world.programs = {node.me: programs_of(node) for node in world.nodes.values()}
    for members in (names[:2], names[1:3], names[2:]):
        circle = open_circle(*(world.nodes[name] for name in members), forward="members")
        world.circles[circle] = (tuple(members), "members")
    carry_all(world)
    while world.reads.total() < FLOWS:
        for _ in range(8):
            act_at_random(world, chance)
        carry_all(world)
        require_no_leak(world)
    assert len(world.canaries) > 5
    # Each door was gone through.
    assert {*world.reads} >= {"taxii amber_strict", "search", "file", "store", *MOST}
    assert any(shown(node) for node in world.nodes.values())
