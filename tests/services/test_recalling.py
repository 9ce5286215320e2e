"""A node restored over the wire: peers say what they remember, learn the next log, catch up."""

from __future__ import annotations

import hashlib
import itertools
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from comity.kernel import cover, documents, dsse, seal
from comity.kernel.cover import Cover, CoverKind
from comity.kernel.documents import LogEntry
from comity.kernel.keys import SeedSigner
from comity.services.care import backup, fsck, recall, recalling, restore
from comity.services.casework.issue import own_view
from comity.services.delivery import wire, work
from comity.services.delivery.deliver import PREFIX
from comity.services.identity.keyring import LogSigners, read_kit, signers_of
from comity.services.identity.parties import learn_documents
from comity.services.node import Node, Settings
from comity.services.ports import Reply, Unreachable
from comity.store.access import acts as access
from comity.store.access import parties
from comity.store.sql import writing
from tests.databases import usual
from tests.kernel.world import digest, refused
from tests.nodes import Nodes, introduce, open_tally, say


def answering(nodes: Nodes, name: str, path: str, body: bytes) -> Reply:
    return wire.answer(nodes.opened[name], path.removeprefix(f"{PREFIX}/"), body)


class Net:
    """Three nodes that reach each other."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        for name in ("orvanda", "tolmere", "sarivane"):
            nodes.make(name, endpoints=(f"http://{name}",))
            nodes.transport.connect(f"http://{name}", partial(answering, nodes, name))
        introduce(*nodes.opened.values())
        self.dossier = open_tally(self["orvanda"], self["tolmere"], self["sarivane"])
        self.work()

    def __getitem__(self, name: str) -> Node:
        return self.nodes.opened[name]

    def work(self) -> None:
        """Let every node do its rounds until nothing is left to do."""
        for _ in range(12):
            self.nodes.clock.advance(120_000)
            for node in self.nodes.opened.values():
                for _ in range(20):
                    if not work.work_once(node):
                        break

    def require_peace(self) -> None:
        rows = [access.dossier(node.db, self.dossier) for node in self.nodes.opened.values()]
        assert len({(row.acts, row.digest) for row in rows if row is not None}) == 1
        for node in self.nodes.opened.values():
            assert access.equivocations(node.db) == []
            assert fsck.check(node).clean


@pytest.fixture
def net(tmp_path: Path) -> Iterator[Net]:
    with Nodes(tmp_path) as nodes:
        yield Net(nodes)


@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_a_backup_is_restored_with_the_help_of_peers(net: Net) -> None:
    target = net.nodes.folder / "copy"
    backup.backup(net["orvanda"], target=target)
    said = [
        say(net["orvanda"], net.dossier, "claim", {"status": "held"}),
        say(net["orvanda"], net.dossier, "claim", {"status": "done"}, files={"f": b"f" * 300_000}),
    ]
    say(net["tolmere"], net.dossier, "bid", {"amount": 3})
    net.work()
    shutil.rmtree(net["orvanda"].folder)
    backup.unpack(target, net["orvanda"].folder)
    net.nodes.reopen("orvanda")
    net.nodes.transport.cut.add("http://sarivane")
    restored = restore.restore(
        net["orvanda"],
        code=net.nodes.kits["orvanda"],
        hand_over=lambda _: None,
        recollect=recalling.ask,
    )
    assert restored.reached == [net["tolmere"].me]
    assert set(restored.unreachable) == {net["sarivane"].me}
    net.nodes.transport.cut.clear()
    assert restored.closing is not None
    assert restored.closing.size >= 16
    net.work()
    assert access.known_acts(net["orvanda"].db, said) == set(said)
    row = access.act(net["orvanda"].db, said[1])
    assert row is not None
    assert row.whole
    first = say(net["orvanda"], net.dossier, "bid", {"amount": 7})
    net.work()
    for name in ("tolmere", "sarivane"):
        held = access.act(net[name].db, first)
        assert held is not None
        assert held.log == 2
    net.require_peace()


def test_who_lost_everything_is_told_who_it_is_by_its_spare_keys_alone(net: Net) -> None:
    ports = net.nodes.ports("anew")
    signers = signers_of(read_kit(net.nodes.kits["orvanda"]))
    memory = recalling.find(ports, "http://tolmere/", signers)
    assert (memory.peer, memory.of) == (net["tolmere"].me, net["orvanda"].me)
    assert net["orvanda"].me in {item.act.header.party for item in memory.acts}
    # Keys that nobody announced, or that were announced by another log, open nothing.
    with refused("T13"):
        recalling.find(ports, "http://tolmere", signers_of(bytes(32)))
    assert parties.refusals(net["tolmere"].db)[-1][0] == "T4"


def test_nobody_is_told_that_it_is_the_party_that_copied_what_it_announces(net: Net) -> None:
    signers = signers_of(read_kit(net.nodes.kits["orvanda"]))
    key = SeedSigner(b"m" * 32)
    payload = documents.root_payload(
        time=1,
        grade="evaluation",
        root_keys=[key.key],
        threshold=1,
        logs={1: LogEntry(signers_of(b"n" * 32).public, None)},
        next_hash=signers.public.hash,
    )
    tolmere = net["tolmere"]
    with writing(tolmere.db):
        learn_documents(tolmere, [dsse.sign(dsse.ROOT, payload, [key])], [], introduced_by="")
    with refused("T13"):
        recalling.find(net.nodes.ports("anew"), "http://tolmere", signers)
    assert parties.refusals(tolmere.db)[-1][0] == "T4"


@pytest.mark.parametrize("by", ["file", "keys"])
def test_a_lost_disk_comes_back_from_a_peer(net: Net, by: str) -> None:
    say(net["orvanda"], net.dossier, "claim", {"status": "done"}, files={"f": b"f" * 300_000})
    net.work()
    if by == "file":
        memory = recall.remember(net["tolmere"], of=net["orvanda"].me)
    else:
        signers = signers_of(read_kit(net.nodes.kits["orvanda"]))
        memory = recalling.find(net.nodes.ports("asking"), "http://tolmere", signers)
    net.nodes.close_connection("orvanda")
    shutil.rmtree(net["orvanda"].folder)
    restore.start_over(
        net["orvanda"].folder,
        net.nodes.ports("anew"),
        memories=[memory],
        base=Settings("", "", database=usual()),
    )
    net.nodes.reopen("orvanda")
    restored = restore.restore(
        net["orvanda"],
        code=net.nodes.kits["orvanda"],
        hand_over=lambda _: None,
        recollect=recalling.ask,
        memories=[memory],
    )
    assert len(restored.reached) == 2
    net.work()
    say(net["orvanda"], net.dossier, "bid", {"amount": 7})
    net.work()
    net.require_peace()
    rows = access.acts_of(net["orvanda"].db, net.dossier)
    assert all(row.whole for row in rows)


def question(net: Net, body: Any, kind: CoverKind = CoverKind.RECALL, **fields: Any) -> Reply:
    """Ask as the one whose kit was printed, with some of it changed."""
    signers: LogSigners = fields.pop("signers", signers_of(read_kit(net.nodes.kits["orvanda"])))
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    made: dict[str, Any] = {
        "sender": net["orvanda"].me,
        "recipient": net["tolmere"].me,
        "created": net.nodes.clock.now(),
        "nonce": net["orvanda"].ports.random.bytes(32).hex(),
        "kind": kind,
        "doc": own_view(net["orvanda"]).id,
        "log": 2,
        "hash": hashlib.sha256(data).hexdigest(),
        "size": len(data),
    }
    signed = cover.build(Cover(**made | fields), signers.act)
    return wire.answer(net["tolmere"], "recall", cover.frame(signed, data))


def good(net: Net) -> dict[str, Any]:
    signers = signers_of(read_kit(net.nodes.kits["orvanda"]))
    return {
        "keys": signers.public.to_object(),
        "hpke": seal.SecretOpener(b"x" * 32).key,
        "since": {},
        "page": 0,
    }


def test_only_who_holds_the_announced_keys_is_answered(net: Net) -> None:
    assert question(net, good(net)).status == 200
    thief = signers_of(b"t" * 32)

    def rule(reply: Reply) -> str:
        assert reply.status != 200
        return str(orjson.loads(reply.body)["rule"])

    keys = thief.public.to_object()
    assert rule(question(net, good(net) | {"keys": keys}, signers=thief)) == "T1"
    assert rule(question(net, good(net), signers=thief)) in {"K5", "T1"}
    assert rule(question(net, good(net), sender=digest("nobody"))) == "T4"
    assert rule(question(net, good(net), recipient=net["sarivane"].me)) == "T2"
    assert rule(question(net, good(net), created=1)) == "T1"
    assert rule(question(net, good(net) | {"page": 99})) == "T9"
    assert rule(question(net, b"x" * 5000)) == "T7"
    for bad in (b"{}", b"[]", b"x", good(net) | {"since": 3}, good(net) | {"page": "x"}):
        assert rule(question(net, bad)) == "T10"
    assert rule(question(net, good(net) | {"hpke": "x"})) != ""


def test_a_peer_without_an_address_or_with_a_bad_answer(net: Net) -> None:
    signers = signers_of(read_kit(net.nodes.kits["orvanda"]))
    net.nodes.transport.connect("http://tolmere", lambda *_: Reply(200, b""))
    with pytest.raises(Exception, match="status 200"):
        recalling.ask(net["orvanda"], net["tolmere"].me, signers)
    lonely = net.nodes.make("lonely")
    introduce(net["orvanda"], lonely)
    with pytest.raises(Unreachable):
        recalling.ask(net["orvanda"], lonely.me, signers)


def test_many_pages(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        say(net["orvanda"], net.dossier, "claim", {"status": "held"})
    net.work()
    monkeypatch.setattr(recall, "MAX_ACTS", 2)
    monkeypatch.setattr(parties, "logs", lambda _: [])
    signers = signers_of(read_kit(net.nodes.kits["orvanda"]))
    memory = recalling.ask(net["orvanda"], net["tolmere"].me, signers)
    assert len(memory.bundles) > 3
    assert len(memory.acts) == 6
    assert list(itertools.chain(*(each.acts for each in memory.bundles))) == memory.acts
