"""The doctor names what could go wrong, why it matters, and what helps."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from comity.services.care import backup, doctor
from comity.services.care.report import Finding, Level
from comity.services.delivery import deliver
from comity.services.node import DAY, Node, open_node
from comity.services.people import persons
from comity.services.proof import witnessing
from comity.store import vitals
from comity.store.access import parties as access
from comity.store.sql import query
from tests.kernel.world import refused
from tests.nodes import Nodes, introduce, open_tally, pass_on, say
from tests.services.staff import hire

MAY_DAMAGE = vitals.may_damage


@pytest.fixture(autouse=True)
def of_a_server_that_waits_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of the tests does not, so what it says of that is passed over."""
    monkeypatch.setattr(vitals, "_POSTGRES", vitals._POSTGRES[:1])


@pytest.fixture(autouse=True)
def of_a_library_without_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says of the library of this machine is passed over."""
    monkeypatch.setattr(vitals, "may_damage", lambda _: False)


def two(nodes: Nodes) -> tuple[Node, Node, str]:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_tally(orvanda, tolmere)
    assert pass_on(orvanda, tolmere) == []
    say(tolmere, dossier, "bid", {"amount": 1})
    assert pass_on(tolmere, orvanda) == []
    witnessing.cut(orvanda)
    (orvanda.folder / backup.LAST).write_bytes(orjson.dumps({"at": orvanda.now()}))
    return orvanda, tolmere, dossier


def found(node: Node) -> dict[str, Finding]:
    return {finding.subject: finding for finding in doctor.examine(node).findings}


def test_a_healthy_evaluation_node_has_notes_only(nodes: Nodes) -> None:
    orvanda = two(nodes)[0]
    report = doctor.examine(orvanda)
    assert report.clean, report.findings
    assert {finding.subject for finding in report.findings} == {
        "grade",
        "restore drill",
        "witnesses",
    }
    assert report.counted["checks"] == 21


def _no_anchor(nodes: Nodes) -> str:
    (nodes.opened["orvanda"].folder / "anchor").unlink()
    return "anchor"


def _unreadable_anchor(nodes: Nodes) -> str:
    (nodes.opened["orvanda"].folder / "anchor").write_text("x")
    return "anchor"


def _no_keys(nodes: Nodes) -> str:
    (nodes.opened["orvanda"].folder / "keys" / "log-1").unlink()
    return "keys"


def _other_keys(nodes: Nodes) -> str:
    (nodes.opened["orvanda"].folder / "keys" / "log-1").write_bytes(b"k" * 32)
    nodes.reopen("orvanda")
    return "keys"


def _no_log(nodes: Nodes) -> str:
    query(nodes.opened["orvanda"].db, "UPDATE store_log SET closed = '1'")
    return "log"


def _no_checkpoint(nodes: Nodes) -> str:
    query(nodes.opened["orvanda"].db, "UPDATE store_log SET checkpoint_at = 0")
    return "checkpoint"


def _old_checkpoint(nodes: Nodes) -> str:
    nodes.clock.advance(3 * DAY)
    return "checkpoint"


def _old_backup(nodes: Nodes) -> str:
    nodes.clock.advance(9 * DAY)
    return "backup"


def _no_backup(nodes: Nodes) -> str:
    (nodes.opened["orvanda"].folder / "backup.json").unlink()
    return "backup"


def _clock_back(nodes: Nodes) -> str:
    nodes.clock.advance(-DAY)
    return "clock"


def _clock_apart(nodes: Nodes) -> str:
    query(nodes.opened["orvanda"].db, "UPDATE store_act SET time = time + 86400000 WHERE via <> ''")
    return "clock"


def _stuck(nodes: Nodes) -> str:
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    open_tally(orvanda, tolmere)
    for _ in range(3):
        assert not deliver.send_to(orvanda, tolmere.me)
    return "outbox to tolmere"


def _undeliverable(nodes: Nodes) -> str:
    query(nodes.opened["orvanda"].db, "UPDATE store_delivery SET state = 'undeliverable'")
    return "outbox to tolmere"


def _no_node_document(nodes: Nodes) -> str:
    query(nodes.opened["orvanda"].db, "UPDATE store_party SET node_doc = ''")
    return "node document"


@pytest.mark.parametrize(
    "spoil",
    [
        _no_anchor,
        _unreadable_anchor,
        _no_keys,
        _other_keys,
        _no_log,
        _no_checkpoint,
        _old_checkpoint,
        _old_backup,
        _no_backup,
        _clock_back,
        _clock_apart,
        _stuck,
        _undeliverable,
        _no_node_document,
    ],
)
def test_what_is_wrong_is_named_with_what_helps(
    spoil: Callable[[Nodes], str], tmp_path: Path
) -> None:
    with Nodes(tmp_path) as nodes:
        two(nodes)
        subject = spoil(nodes)
        finding = found(nodes.opened["orvanda"])[subject]
        assert finding.level is not Level.NOTE
        if finding.commands:
            assert finding.why
            assert len(finding.commands) <= 2


def test_a_disk_nearly_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Nodes(tmp_path) as nodes:
        orvanda = two(nodes)[0]
        usage = shutil.disk_usage(tmp_path)
        for free, level in ((500 * 1024**2, Level.WARNING), (1024, Level.ERROR)):
            monkeypatch.setattr(shutil, "disk_usage", lambda _, f=free: usage._replace(free=f))
            assert found(orvanda)["disk"].level is level


def test_a_witness_that_lags(tmp_path: Path) -> None:
    with Nodes(tmp_path) as nodes:
        tolmere = nodes.make("tolmere")
        orvanda = nodes.make("orvanda", witnesses=(tolmere.me,), quorum=1)
        introduce(orvanda, tolmere)
        witnessing.cut(orvanda)
        assert witnessing.collect(orvanda) == 0
        words = found(orvanda)["witness tolmere"].words
        assert "size 0 of 16" in words
        assert "last: As witness" in words


def test_a_newer_schema(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    query(
        orvanda.db,
        "INSERT INTO django_migrations (app, name, applied) "
        "VALUES ('store', '9999_later', CURRENT_TIMESTAMP)",
    )
    assert "9999_later" in found(orvanda)["schema"].words
    query(orvanda.db, "DELETE FROM django_migrations WHERE name = '9999_later'")


def test_a_node_of_format_0_says_so_and_opens_no_more(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    kept = access.document(orvanda.db, orvanda.me) or b""
    early = kept.replace(b".v1+json", b".v0+json")
    for envelope, opens in ((early, False), (b"not an envelope", True), (kept, True)):
        query(orvanda.db, "UPDATE store_document SET envelope = %s", (envelope,))
        if opens:
            open_node(orvanda.folder, orvanda.ports)
        else:
            with refused("S5", "format 0"):
                open_node(orvanda.folder, orvanda.ports)


def test_a_database_that_may_forget(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    postgres = orvanda.settings.database.startswith("postgres")
    query(orvanda.db, "SET synchronous_commit = off" if postgres else "PRAGMA synchronous = NORMAL")
    finding = found(orvanda)["database"]
    assert finding.level is Level.ERROR
    assert "synchronous" in finding.words


@pytest.mark.parametrize(
    ("version", "faulty"),
    [
        ("3.40.1", True),
        ("3.44.5", True),
        ("3.44.6", False),
        ("3.45.0", True),
        ("3.50.6", True),
        ("3.50.7", False),
        ("3.51.2", True),
        ("3.51.3", False),
        ("3.53.0", False),
        ("4.0.0", False),
    ],
)
def test_a_library_that_may_damage_a_database_is_told_by_its_version(
    version: str, *, faulty: bool
) -> None:
    assert MAY_DAMAGE(version) is faulty


def test_a_library_that_may_damage_the_database_is_a_note(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda = nodes.make("orvanda")
    monkeypatch.setattr(vitals, "may_damage", lambda _: True)
    finding = found(orvanda).get("SQLite")
    if orvanda.settings.database.startswith("postgres"):
        assert finding is None
        return
    assert finding is not None
    assert finding.level is Level.NOTE
    assert sqlite3.sqlite_version in finding.words
    assert "walresetbug" in finding.why


def test_a_standby_that_is_not_waited_for(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    orvanda = nodes.make("orvanda")
    if not orvanda.settings.database.startswith("postgres"):
        return
    assert not vitals.waits_for_replicas(orvanda.db)
    monkeypatch.setattr(vitals, "has_replicas", lambda _: True)
    assert found(orvanda)["database"].level is Level.WARNING


def test_reports_that_nobody_reads_are_told_of(nodes: Nodes) -> None:
    orvanda, _, _ = two(nodes)
    hire(orvanda, "Hedda", "head", "administrator")

    def told() -> list[tuple[str, str]]:
        found = doctor.examine(orvanda, reaching=False).findings
        return [(each.level.value, each.words) for each in found if each.subject == "intake"]

    assert told() == []
    orvanda.settings = replace(orvanda.settings, intake=True)
    reader = "Anybody may report a vulnerability, and no role that is held here reads reports."
    assert [level for level, _ in told()] == ["warning", "note"]
    assert told()[0][1] == reader
    ben = hire(orvanda, "Ben", "analyst")
    orvanda.settings = replace(orvanda.settings, safe_harbour="We thank you.")
    assert told() == []
    persons.change(orvanda, None, ben.id, active=False)
    assert [what for _, what in told()] == [reader]
