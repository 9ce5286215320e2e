"""fsck notices what is not as it was signed, and rebuild mends what is derived."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from comity.kernel.errors import Phrase
from comity.services.care import fsck
from comity.services.care.rebuild import rebuild
from comity.services.care.report import Level, Report
from comity.services.node import Node
from comity.services.proof import witnessing
from comity.store.sql import in_transaction, query
from tests.nodes import Nodes, introduce, open_tally, pass_on, say
from tools import messages


def world(nodes: Nodes) -> tuple[Node, Node, str]:
    """Two nodes that share a dossier with files, receipts and checkpoints."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_tally(orvanda, tolmere)
    say(orvanda, dossier, "claim", {"status": "held"}, files={"plan": b"p" * 200_000})
    pass_on(orvanda, tolmere)
    say(tolmere, dossier, "bid", {"amount": 2})
    pass_on(tolmere, orvanda)
    for node in (orvanda, tolmere):
        witnessing.cut(node)
    say(orvanda, dossier, "bid", {"amount": 3})
    return orvanda, tolmere, dossier


def unsaid(told: object) -> set[str]:
    """What of a finding's words no catalogue holds, so that pages could say it in English alone."""
    known = messages.messages()
    if isinstance(told, Phrase):
        parts = [unsaid(value) for value in told.values.values() if isinstance(value, Phrase)]
        return set().union({told.template} - known.keys(), *parts)
    return {str(told)} - known.keys()


def worst(report: Report) -> set[Level]:
    return {finding.level for finding in report.findings}


def test_a_sound_node_is_clean(nodes: Nodes) -> None:
    seen: list[tuple[str, int, int]] = []
    for node in world(nodes)[:2]:
        report = fsck.check(node, progress=lambda *step: seen.append(step))
        assert report.findings == []
        assert report.counted["acts"] >= 3
        assert report.counted["leaves"] >= 16
    assert {what for what, _, _ in seen} == {"log 1", "dossiers", "statements"}
    assert all(0 < done <= total for _, done, total in seen)


ERRORS: dict[str, str] = {
    "leaf changed": "UPDATE store_leaf SET data = (SELECT data FROM store_leaf WHERE seq = 2) "
    "WHERE seq = 1",
    "leaf lost": "DELETE FROM store_leaf WHERE seq = 1",
    "last leaf lost": "DELETE FROM store_leaf WHERE seq = (SELECT MAX(seq) FROM store_leaf)",
    "head": "UPDATE store_log SET size = size - 1",
    "root": "UPDATE store_log SET root = '" + "0" * 64 + "'",
    "frontier": "UPDATE store_log SET frontier = (SELECT data FROM store_leaf WHERE seq = 0)",
    "subtree": "INSERT INTO store_subtree (log, level, idx, hash) "
    "SELECT 1, 1, 0, data FROM store_leaf WHERE seq = 0",
    "checkpoint root": "UPDATE store_checkpoint SET root = '" + "0" * 64 + "'",
    "checkpoint lost": "DELETE FROM store_checkpoint",
    "act lost": "DELETE FROM store_act WHERE n = (SELECT MAX(n) FROM store_act)",
    "act in the middle lost": "DELETE FROM store_act WHERE n = 2",
    "act changed": "UPDATE store_act SET header = (SELECT header FROM store_act WHERE n = 2) "
    "WHERE n = 3",
    "signature": "UPDATE store_act SET sig = (SELECT sig FROM store_act WHERE n = 1) WHERE n = 2",
    "row of an act": "UPDATE store_act SET seq = 99 WHERE n = 3",
    "count": "UPDATE store_dossier SET acts = 9",
    "part": "UPDATE store_part SET data = salt WHERE path = ''",
    "part lost": "DELETE FROM store_part",
    "receipt": "DELETE FROM store_statement WHERE kind = 'receipt'",
    "place of a statement": "UPDATE store_statement SET seq = 77 WHERE kind = 'node'",
    "counter": "UPDATE store_counter SET value = 1 WHERE name = 'act'",
    "outbox": "INSERT INTO store_delivery (what, item, recipient, state, queued_at, receipt) "
    "SELECT DISTINCT 'act', recipient, recipient, 'queued', 0, '' FROM store_delivery",
    "document": "UPDATE store_document SET step = 4",
    "document lost": "DELETE FROM store_document",
    "party": "UPDATE store_party SET doc = node_doc",
}
WARNINGS: dict[str, str] = {
    "status": "UPDATE store_dossier SET status = 'done'",
    "digest": "UPDATE store_dossier SET digest = ''",
    "caption": "UPDATE store_dossier SET params = '{}'",
    "members": "DELETE FROM store_member",
    "duties": "DELETE FROM store_duty",
    "subjects": "INSERT INTO store_subject (dossier, kind, value, act) "
    "SELECT id, 'x', 'y', id FROM store_dossier",
    "texts": "INSERT INTO store_text (act, part, dossier, field, is_title, text) "
    "SELECT id, 0, id, 'x', '1', 'y' FROM store_dossier",
    "title": "UPDATE store_dossier SET title = 'Other'",
    "verdict": "UPDATE store_act SET void_rule = 'D1' WHERE n = 2",
    "opaque": "UPDATE store_dossier SET state = 'opaque'",
    "bytes": "UPDATE store_counter SET value = value + 1 WHERE name LIKE 'bytes-%%'",
}


@pytest.mark.parametrize("broken", ERRORS)
def test_what_was_signed_and_changed_is_noticed(broken: str, tmp_path: Path) -> None:
    with Nodes(tmp_path) as nodes:
        orvanda = world(nodes)[0]
        query(orvanda.db, ERRORS[broken])
        report = fsck.check(orvanda)
        assert Level.ERROR in worst(report)
        for finding in report.findings:
            assert not unsaid(finding.subject) | unsaid(finding.words)


@pytest.mark.parametrize("broken", WARNINGS)
def test_what_is_derived_is_noticed_and_rebuilt(broken: str, nodes: Nodes) -> None:
    orvanda = world(nodes)[0]
    query(orvanda.db, WARNINGS[broken])
    report = fsck.check(orvanda)
    assert worst(report) == {Level.WARNING}, report
    assert "comity rebuild" in report.findings[0].words
    assert not unsaid(report.findings[0].subject) | unsaid(report.findings[0].words)
    assert rebuild(orvanda) == 1
    assert fsck.check(orvanda).findings == []


def test_files_are_checked_too(tmp_path: Path) -> None:
    with Nodes(tmp_path) as nodes:
        orvanda = world(nodes)[0]
        file = next(path for path in orvanda.parts.rglob("*") if path.is_file())
        (orvanda.parts / "left").write_bytes(b"by a crash")
        report = fsck.check(orvanda)
        assert report.clean
        assert worst(report) == {Level.NOTE}
        data = file.read_bytes()
        file.write_bytes(data[:-1] + b"x")
        assert Level.ERROR in worst(fsck.check(orvanda))
        file.unlink()
        report = fsck.check(orvanda)
        assert Level.ERROR in worst(report)
        for finding in report.findings:
            assert not unsaid(finding.subject) | unsaid(finding.words)


def _without_keys(node: Node) -> None:
    (node.folder / "keys" / "log-1").unlink()


def _without_anchor(node: Node) -> None:
    (node.folder / "anchor").unlink()


def _with_unreadable_anchor(node: Node) -> None:
    (node.folder / "anchor").write_text("{")


def _with_other_keys(node: Node) -> None:
    (node.folder / "keys" / "log-1").write_bytes(b"o" * 32)


@pytest.mark.parametrize(
    "breaking", [_without_keys, _without_anchor, _with_unreadable_anchor, _with_other_keys]
)
def test_a_node_that_cannot_sign_says_so(breaking: Callable[[Node], None], tmp_path: Path) -> None:
    with Nodes(tmp_path) as nodes:
        world(nodes)
        breaking(nodes.opened["orvanda"])
        assert Level.ERROR in worst(fsck.check(nodes.reopen("orvanda")))


def test_checking_takes_no_write_lock(nodes: Nodes) -> None:
    orvanda, _, dossier = world(nodes)
    states: list[bool] = []
    fsck.check(orvanda, progress=lambda *_: states.append(in_transaction(orvanda.db)))
    assert states
    assert not any(states)
    say(orvanda, dossier, "bid", {"amount": 9})
    assert fsck.check(orvanda).clean
