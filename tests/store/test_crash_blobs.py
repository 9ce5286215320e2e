"""The crash contract of blobs at a mailbox host: at every point they come whole, and go away."""

from __future__ import annotations

from typing import Any

import pytest

from comity.kernel.ids import Id
from comity.services.care import fsck
from comity.services.care.report import Level
from comity.services.casework import content
from comity.services.delivery import blobs as fetching
from comity.services.delivery import kept, uploads, wire, work
from comity.services.identity import parties
from comity.services.node import Node
from comity.services.ports import Reply
from comity.store.access import blobs as access
from comity.store.access import outbox
from comity.store.append import blobs
from tests.nodes import Nodes, introduce, open_tally, say
from tests.store.points import AFTER, BEFORE, Crash, crash
from tests.store.test_crash import DOCUMENT

DATA = b"seen at the lock gate " * 15_000
URL = "http://council"
POINTS: dict[str, tuple[Any, str, str]] = {
    "a blob made, its row not committed": (blobs, "insert_out_blob", BEFORE),
    "a blob announced to a host, the answer lost": (kept, "_announce", AFTER),
    "a piece kept by a host, the answer lost": (kept, "_take", AFTER),
    "all pieces kept, not compared with the hash": (kept, "_compare", BEFORE),
    "a kept blob compared, not marked whole": (blobs, "mark_kept", AFTER),
    "half a blob fetched": (fetching, "_piece", AFTER),
    "a blob fetched and taken in, its file still in the spool": (fetching, "_say_taken", BEFORE),
    "a blob taken in, the host not told": (fetching, "_say_taken", BEFORE),
    "a kept blob forgotten, its file not removed": (blobs, "delete_kept", AFTER),
}


@pytest.fixture
def three(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> tuple[Node, Node, Node]:
    """A host, and two nodes behind it; everything goes through the host."""
    monkeypatch.setattr(uploads, "PIECE", 100_000)
    monkeypatch.setattr(fetching, "PIECE", 100_000)
    council = nodes.make("council", endpoints=(URL,))
    sarivane = nodes.make("sarivane", mailbox=council.me)
    wicklight = nodes.make("wicklight", mailbox=council.me)
    introduce(council, sarivane, wicklight)
    for node in (sarivane, wicklight):
        parties.host(council, node.me, agreed=True)

    def handler(path: str, body: bytes) -> Reply:
        return wire.answer(nodes.opened["council"], path.rpartition("/")[2], body)

    nodes.transport.connect(URL, handler)
    return council, sarivane, wicklight


def go_on(nodes: Nodes, rounds: int) -> None:
    for _ in range(rounds):
        nodes.clock.advance(60_000)
        for name in ("sarivane", "wicklight", "council"):
            work.work_once(nodes.opened[name])


def hooked(point: str) -> tuple[Any, str, Any]:
    """Return (owner, name, replacement) that fails at ``point``, once."""
    owner, name, when = POINTS[point]
    original, calls = getattr(owner, name), 0

    def replacement(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 1 and when == BEFORE:
            crash()
        result = original(*args, **kwargs)
        if calls == 1:
            crash()
        return result

    return owner, name, replacement


@pytest.mark.parametrize("point", POINTS)
def test_a_blob_on_its_way(point: str, nodes: Nodes, three: tuple[Node, Node, Node]) -> None:
    _, sarivane, wicklight = three
    dossier = open_tally(sarivane, wicklight)
    act = say(sarivane, dossier, "bid", {"amount": 1}, files={"f": DATA})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(*hooked(point))
        with pytest.raises(Crash):
            go_on(nodes, 10)
    for name in ("council", "sarivane", "wicklight"):
        nodes.reopen(name)
    go_on(nodes, 12)
    sarivane, wicklight = nodes.opened["sarivane"], nodes.opened["wicklight"]
    assert file_of(wicklight, act) == DATA
    assert [d.state for d in outbox.deliveries(sarivane.db, act)] == ["whole"]
    go_on(nodes, 6)
    for node in nodes.opened.values():
        report = fsck.check(node)
        assert {finding.level for finding in report.findings} <= {Level.NOTE}, report.findings
        assert not access.all_kept(node.db)
        assert not [path for path in node.spool.iterdir() if "-" in path.name]


def file_of(node: Node, act: Id) -> bytes:
    return b"".join(part.data for part in content.read_parts(node, act, 1))


def test_the_contract_names_every_point() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [point for point in POINTS if f"| {point} |" not in text] == []
