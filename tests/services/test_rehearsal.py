"""Restore drills: what is tried, what is kept of it, and that the node is left as it was."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from comity.kernel.errors import Phrase
from comity.services.care import backup, copied, doctor, rehearsal
from comity.services.care.report import Level
from comity.services.node import DATABASE, Node, database_of
from comity.store.access import parties
from tests.kernel.world import refused
from tests.nodes import Nodes, open_tally, say
from tests.services.test_backup import rewrite

DAY = 24 * 3600 * 1000
pytestmark = pytest.mark.sqlite("PostgreSQL is copied by its own programs")


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with Nodes(tmp_path) as nodes:
        orvanda = nodes.make("orvanda")
        dossier = open_tally(orvanda)
        say(orvanda, dossier, "claim", {"status": "held"}, files={"f": b"f" * 90_000})
        yield orvanda


def saved(node: Node, name: str = "copy") -> Path:
    target = node.folder.parent / name
    backup.backup(node, target=target)
    return target


def drills(node: Node) -> list[tuple[Level, str]]:
    found = doctor.examine(node, reaching=False).findings
    return [(each.level, each.words) for each in found if each.subject == "restore drill"]


@pytest.mark.parametrize("name", ["copy", "copy.tar"])
def test_a_backup_that_can_be_restored_is_noted_and_nothing_is_left(node: Node, name: str) -> None:
    copy, before = saved(node, name), {path.name for path in node.folder.iterdir()}
    logs = parties.logs(node.db)
    assert rehearsal.last(node) is None
    done, report = rehearsal.rehearse(node, copy)
    assert (done.sound, done.reason, done.where) == (True, "", str(copy))
    assert done.at == done.made_at == node.now()
    assert report.counted["acts"] == 2
    assert report.findings == []
    assert rehearsal.last(node) == done
    assert {path.name for path in node.folder.iterdir()} - before == {rehearsal.LAST}
    assert parties.logs(node.db) == logs


def test_a_backup_of_which_something_was_changed_is_of_no_use(node: Node) -> None:
    copy = saved(node)
    with closing(sqlite3.connect(copy / DATABASE)) as db, db:
        db.execute("UPDATE store_part SET data = salt WHERE data IS NOT NULL")
    files = orjson.loads((copy / copied.MANIFEST).read_bytes())["files"]
    digest = hashlib.sha256((copy / DATABASE).read_bytes()).hexdigest()
    rewrite(copy, files={**files, DATABASE: digest})
    done, report = rehearsal.rehearse(node, copy)
    assert not done.sound
    assert done.reason.startswith(report.findings[0].subject)
    assert isinstance(done.reason, Phrase)
    said = done.reason.said(lambda text: f"«{text}»")
    assert said.startswith("««act ")
    assert "»: «Part 0 is not what it was" in said
    ((level, words),) = drills(node)
    assert level is Level.WARNING
    assert done.reason in words


def test_a_database_that_ends_elsewhere_than_its_backup_says_is_of_no_use(node: Node) -> None:
    copy = saved(node)
    ((log, size, root),) = orjson.loads((copy / copied.MANIFEST).read_bytes())["logs"]
    rewrite(copy, logs=[(log, size + 1, root)])
    done, _ = rehearsal.rehearse(node, copy)
    assert done.reason == "log: The database does not end where the backup says."
    kept = rehearsal.last(node)
    assert kept == done
    assert isinstance(kept.reason, Phrase)
    # What is kept can be said in another language, down to its last value.
    assert kept.reason.said(lambda text: f"«{text}»").startswith("««log»: «The database does")


def test_a_damaged_backup_is_refused_and_that_is_kept(node: Node) -> None:
    copy = saved(node)
    with (copy / DATABASE).open("ab") as file:
        file.write(b"x")
    with refused("S4", "damaged"):
        rehearsal.rehearse(node, copy)
    kept = rehearsal.last(node)
    assert kept is not None
    assert (kept.sound, kept.made_at) == (False, None)
    assert isinstance(kept.reason, Phrase)
    assert kept.reason == f"The backup's file {DATABASE} is damaged."
    assert kept.reason.values == {"name": DATABASE}
    assert not (node.folder / rehearsal.ROOM).exists()


def test_what_a_crash_left_is_removed(node: Node) -> None:
    left = node.folder / rehearsal.ROOM
    left.mkdir()
    (left / "node.json").write_text("{}", encoding="ascii")
    assert rehearsal.rehearse(node, saved(node))[0].sound
    assert not left.exists()


def test_a_backup_of_another_party_and_the_own_database_are_refused(tmp_path: Path) -> None:
    with Nodes(tmp_path) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        with refused("S4", "another party, tolmere"):
            rehearsal.rehearse(orvanda, saved(tolmere))
        own = database_of(orvanda.folder, orvanda.settings)
        with refused("S4", "own database"):
            rehearsal.rehearse(orvanda, saved(orvanda, "own"), database=own)


def test_the_doctor_tells_when_no_backup_was_tried_for_long(node: Node) -> None:
    assert drills(node) == [(Level.NOTE, "No backup was ever tried.")]
    rehearsal.rehearse(node, saved(node))
    assert drills(node) == []
    node.ports.clock.advance(90 * DAY)  # type: ignore[attr-defined]
    assert drills(node) == []
    node.ports.clock.advance(1)  # type: ignore[attr-defined]
    assert drills(node) == [(Level.NOTE, "A backup was last tried 90 days ago.")]


def test_what_is_kept_of_a_drill_may_be_lost(node: Node) -> None:
    (node.folder / rehearsal.LAST).write_text("[", encoding="ascii")
    assert rehearsal.last(node) is None
    (node.folder / rehearsal.LAST).write_text('{"more": 1}', encoding="ascii")
    assert rehearsal.last(node) is None
    (node.folder / rehearsal.LAST).write_text('{"reason": {"values": []}}', encoding="ascii")
    assert rehearsal.last(node) is None
