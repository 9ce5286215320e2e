"""How an act stands is told from what this node verified, and never more than that."""

from __future__ import annotations

import base64
import shutil
from functools import partial
from pathlib import Path

import pytest

from comity.kernel import merkle
from comity.kernel.canon import Object
from comity.kernel.ids import Id
from comity.kernel.kinds import TLOG_PROOF
from comity.kernel.proof import Proof
from comity.services.casework import view
from comity.services.casework.issue import own_view
from comity.services.delivery import wire
from comity.services.node import Node, open_node
from comity.services.ports import Reply
from comity.services.proof import standing, witnessing
from comity.services.proof.standing import ActStanding
from comity.store import subtrees
from comity.store.access import acts as access
from comity.store.access import parties
from comity.store.append import outbox as queue
from comity.store.database import close_database
from comity.store.sql import query, writing
from tests import databases
from tests.kernel.world import refused
from tests.nodes import Nodes, introduce, open_tally, pass_on, say, spoken


def answer(node: Node, path: str, body: bytes) -> Reply:
    return wire.answer(node, path.rsplit("/", 1)[-1], body)


def make(nodes: Nodes, name: str) -> Node:
    """Make a node that answers witnesses' requests."""
    node = nodes.make(name, endpoints=(f"http://{name}",))
    nodes.transport.connect(f"http://{name}", partial(answer, node))
    return node


def witnessed_by(node: Node, *witnesses: Node, quorum: int = 0) -> None:
    settings = node.settings
    node.settings = type(settings)(
        **{n: getattr(settings, n) for n in settings.__dataclass_fields__}
        | {"witnesses": tuple(each.me for each in witnesses), "quorum": quorum}
    )


def cut(nodes: Nodes, node: Node) -> int:
    """Cut a checkpoint and ask the witnesses; return its size."""
    nodes.clock.advance(1000)
    size = witnessing.cut(node).checkpoint.size
    witnessing.collect(node)
    return size


def told(found: ActStanding) -> tuple[str, bool, int | None]:
    return found.rung.value, found.checked, found.size


def show(node: Node, author: Node, act: Id, *witnesses: Node) -> Id:
    """Sign an act of kind evidence about an act, by the newest checkpoint of its author's log."""
    row = access.act(author.db, act)
    assert row is not None
    origin = witnessing.own_origin(author, row.log)
    newest = parties.newest_checkpoint(author.db, origin)
    assert newest is not None
    cosigned = witnessing.cosigned(author, origin, newest.size)
    assert cosigned is not None
    path = merkle.prove_inclusion(subtrees.LogReader(author.db, row.log), row.seq, newest.size)
    shown = base64.b64encode(Proof(row.seq, tuple(path), cosigned).to_bytes()).decode()
    docs = sorted({own_view(each).id for each in (author, *witnesses)})
    body: Object = {"act": act, "standard": TLOG_PROOF, "proof": shown, "docs": [*docs]}
    return say(node, row.dossier, "evidence", body)


def test_an_own_act_climbs_with_the_own_log(nodes: Nodes) -> None:
    orvanda, tolmere, lantern = (make(nodes, name) for name in ("orvanda", "tolmere", "lantern"))
    introduce(orvanda, tolmere, lantern)
    act = say(orvanda, open_tally(orvanda, tolmere), "bid", {"amount": 1})
    assert told(standing.of(orvanda, act)) == ("plain", True, None)
    cut(nodes, orvanda)
    assert told(standing.of(orvanda, act)) == ("proven", True, 16)
    # Named only later, the witnesses sign the next checkpoint, which covers it as well.
    witnessed_by(orvanda, tolmere, lantern, quorum=2)
    nodes.transport.cut.add("http://lantern")
    cut(nodes, orvanda)
    found = standing.of(orvanda, act)
    assert told(found) == ("proven", True, 16)
    assert found.time is None
    nodes.transport.cut.clear()
    cut(nodes, orvanda)
    found = standing.of(orvanda, act)
    assert told(found) == ("cosigned", True, 16)
    assert {party for party, _ in found.cosigned} == {tolmere.me, lantern.me}
    assert found.time == nodes.clock.now()
    assert view.act(orvanda, act).standing == found


def test_without_a_witness_nothing_is_cosigned(nodes: Nodes) -> None:
    orvanda, tolmere = make(nodes, "orvanda"), make(nodes, "tolmere")
    introduce(orvanda, tolmere)
    witnessed_by(orvanda, orvanda)
    act = open_tally(orvanda, tolmere)
    cut(nodes, orvanda)
    assert standing.of(orvanda, act).rung.value == "proven"
    # Who names itself beside another waits for that other alone.
    witnessed_by(orvanda, orvanda, tolmere)
    cut(nodes, orvanda)
    assert standing.of(orvanda, act).rung.value == "cosigned"


def test_an_act_of_another_is_not_checked_until_somebody_shows_its_place(nodes: Nodes) -> None:
    orvanda, tolmere, lantern = (make(nodes, name) for name in ("orvanda", "tolmere", "lantern"))
    introduce(orvanda, tolmere, lantern)
    witnessed_by(orvanda, lantern)
    act = open_tally(orvanda, tolmere)
    beside = say(orvanda, act, "bid", {"amount": 1})
    cut(nodes, orvanda)
    pass_on(orvanda, tolmere)
    # Its checkpoint came too, and proves nothing of what is in there.
    assert told(standing.of(tolmere, act)) == ("plain", False, None)
    show(orvanda, orvanda, act, lantern)
    pass_on(orvanda, tolmere)
    found = standing.of(tolmere, act)
    assert told(found) == ("proven", True, 16)
    assert [party for party, _ in found.cosigned] == [lantern.me]
    assert told(standing.of(tolmere, beside)) == ("plain", False, None)
    # Whose signature is enough, each node says for itself.
    witnessed_by(tolmere, orvanda)
    assert standing.of(tolmere, act).rung.value == "proven"
    witnessed_by(tolmere, lantern)
    assert standing.of(tolmere, act).rung.value == "cosigned"


def test_an_act_at_a_place_shown_to_hold_another_is_disowned(tmp_path: Path) -> None:
    with Nodes(tmp_path) as nodes:
        play_a_clone(nodes)


def play_a_clone(nodes: Nodes) -> None:
    orvanda, tolmere, lantern = (make(nodes, name) for name in ("orvanda", "tolmere", "lantern"))
    introduce(orvanda, tolmere, lantern)
    dossier = open_tally(orvanda, tolmere)
    pass_on(orvanda, tolmere)
    folder = nodes.folder / "clone"
    nodes.close_connection("orvanda")
    shutil.copytree(orvanda.folder, folder)
    databases.adopt(folder)
    clone = open_node(folder, nodes.ports("clone"), known=spoken())
    try:
        other = say(clone, dossier, "bid", {"amount": 1})
        pass_on(clone, tolmere)
    finally:
        close_database(clone.db)
    witnessed_by(orvanda, lantern)
    act = say(orvanda, dossier, "bid", {"amount": 2})
    cut(nodes, orvanda)
    assert told(standing.of(tolmere, other)) == ("plain", False, None)
    show(orvanda, orvanda, act, lantern)
    pass_on(orvanda, tolmere)
    assert told(standing.of(tolmere, act)) == ("proven", True, 16)
    assert told(standing.of(tolmere, other)) == ("disowned", True, None)
    # The author needs no proof of others to know what its own log holds.
    with writing(tolmere.db):
        queue.queue(tolmere.db, queue.ACT, [(other, orvanda.me)], tolmere.now())
    pass_on(tolmere, orvanda)
    assert told(standing.of(orvanda, other)) == ("disowned", True, None)


def test_leaves_that_do_not_lead_to_the_checkpoint_prove_nothing(nodes: Nodes) -> None:
    orvanda, tolmere = make(nodes, "orvanda"), make(nodes, "tolmere")
    introduce(orvanda, tolmere)
    act = open_tally(orvanda, tolmere)
    cut(nodes, orvanda)
    assert standing.of(orvanda, act).rung.value == "proven"
    query(orvanda.db, "UPDATE store_leaf SET data = %s WHERE seq = 0", (bytes(32),))
    assert standing.of(orvanda, act).rung.value == "plain"


def test_of_what_is_not_here_nothing_is_said(nodes: Nodes) -> None:
    with refused("S3"):
        standing.of(nodes.make("orvanda"), "0" * 64)


@pytest.mark.parametrize("count", [1, 2])
def test_the_first_checkpoint_that_enough_signed_is_found(nodes: Nodes, count: int) -> None:
    orvanda, *others = (make(nodes, name) for name in ("orvanda", "tolmere", "lantern"))
    introduce(orvanda, *others)
    act = open_tally(orvanda, *others)
    witnessed_by(orvanda, *others, quorum=count)
    cut(nodes, orvanda)
    time = nodes.clock.now()
    cut(nodes, orvanda)
    assert standing.of(orvanda, act).time == time
