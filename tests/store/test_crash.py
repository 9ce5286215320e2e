"""The crash contract: whatever the point, nothing acknowledged is lost and nothing is doubled."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from comity.kernel.bundle import Bundle
from comity.services.care import fsck
from comity.services.care.report import Level
from comity.services.delivery import arrival, deliver, ingest
from comity.services.node import Node
from comity.services.proof import witnessing
from comity.store.access import acts as access
from comity.store.access import outbox
from comity.store.anchor import Anchor
from comity.store.append.log import LogWriter
from tests.nodes import Nodes, introduce, open_tally, pass_on, say
from tests.store.points import COMMITTED, POINTS, Crash, crash, hooked
from tests.store.processes import finish, start

DOCUMENT = Path(__file__).parents[2] / "docs/reference/crash-contract.md"


def require_sound(node: Node) -> None:
    """No finding but that files or the anchor are as a crash leaves them."""
    report = fsck.check(node)
    assert {finding.level for finding in report.findings} <= {Level.NOTE}, report.findings


def require_goes_on(node: Node, other: Node, dossier: str) -> None:
    """The next append works, everything reaches the other, and both compute one state."""
    say(node, dossier, "bid", {"amount": 1000})
    assert pass_on(node, other) == []
    assert pass_on(other, node) == []
    rows = [access.dossier(each.db, dossier) for each in (node, other)]
    assert len({(row.acts, row.digest) for row in rows if row}) == 1
    for each in (node, other):
        require_sound(each)
        assert access.equivocations(each.db) == []


@pytest.mark.parametrize("restarted", [False, True], ids=["same process", "restarted"])
@pytest.mark.parametrize("point", POINTS)
def test_an_append_that_fails(point: str, nodes: Nodes, *, restarted: bool) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_tally(orvanda, tolmere)
    kept = [say(orvanda, dossier, "bid", {"amount": 1})]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(*hooked(point, crash))
        with pytest.raises(Crash):
            say(orvanda, dossier, "claim", {"status": "held"}, files={"f": b"f" * 70_000})
    if restarted:
        orvanda = nodes.reopen("orvanda")
    require_sound(orvanda)
    held = [row for row in access.acts_of(orvanda.db, dossier) if row.kind == "claim"]
    assert len(held) == (point in COMMITTED)
    assert access.known_acts(orvanda.db, kept) == set(kept)
    for row in held:
        assert [d.state for d in outbox.deliveries(orvanda.db, row.id)] == ["queued"]
    require_goes_on(orvanda, tolmere, dossier)


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_a_process_that_is_killed(point: str, nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_tally(orvanda, tolmere)
    told = finish(start(orvanda, dossier, 5, "first", point=point, skip=2), -signal.SIGKILL)
    assert len(told) == 2
    require_sound(orvanda)
    orvanda = nodes.reopen("orvanda")
    told.append(say(orvanda, dossier, "claim", {"status": "open"}))
    held = [row.id for row in access.acts_of(orvanda.db, dossier) if row.kind == "claim"]
    assert set(told) <= set(held)
    assert len(held) == 3 + (point in COMMITTED)
    require_goes_on(orvanda, tolmere, dossier)


def test_a_bundle_received_and_not_answered(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_tally(orvanda, tolmere)
    packed, _ = deliver.pack(orvanda, tolmere.me)
    ingest.receive(tolmere, sender=orvanda.me, what=packed)
    # The answer was never read: the sender does not know, and sends it all again.
    tolmere = nodes.reopen("tolmere")
    again = ingest.receive(tolmere, sender=orvanda.me, what=packed)
    assert again.receipt is not None
    ingest.receive(orvanda, sender=tolmere.me, what=Bundle(receipts=(again.receipt,)))
    assert [d.state for d in outbox.deliveries(orvanda.db, dossier)] == ["whole"]
    require_goes_on(orvanda, tolmere, dossier)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_bundle_not_received_whole(when: str, nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_tally(orvanda, tolmere)
    say(orvanda, dossier, "claim", {"status": "held"}, files={"f": b"f" * 50_000})
    packed, _ = deliver.pack(orvanda, tolmere.me)
    owner, name = (LogWriter, "flush") if when == "before" else (Anchor, "advance")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, lambda *_: crash())
        with pytest.raises(Crash):
            ingest.receive(tolmere, sender=orvanda.me, what=packed)
    held = access.known_acts(tolmere.db, [item.act.id for item in packed.acts])
    assert len(held) == (0 if when == "before" else 2)
    require_sound(tolmere)
    assert ingest.receive(tolmere, sender=orvanda.me, what=packed).refusals == []
    require_goes_on(orvanda, tolmere, dossier)


def test_a_receipt_that_came_and_was_not_noted(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_tally(orvanda, tolmere)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrival, "insert_statement", lambda *_, **__: crash())
        with pytest.raises(Crash):
            pass_on(orvanda, tolmere)
    assert [d.state for d in outbox.deliveries(orvanda.db, dossier)] == ["sent"]
    require_goes_on(orvanda, tolmere, dossier)


@pytest.mark.parametrize("name", ["insert_checkpoint", "mark_checkpoint"])
def test_a_checkpoint_signed_and_not_stored(name: str, nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_tally(orvanda, tolmere)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(witnessing, name, lambda *_, **__: crash())
        with pytest.raises(Crash):
            witnessing.cut(orvanda)
    require_sound(orvanda)
    signed = witnessing.cut(orvanda)
    assert signed.checkpoint.size == 16
    require_goes_on(orvanda, tolmere, dossier)


def test_the_contract_names_every_point() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [point for point in POINTS if f"| {point}" not in text] == []
