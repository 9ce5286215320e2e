"""What was computed by other rules is noticed, computed anew, and no damage to a backup."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from comity.protocols.response import disclosure, incident
from comity.services.care import backup, doctor, fsck, rebuild, rehearsal
from comity.services.care.report import Level
from comity.services.casework import ruled
from comity.services.casework.dossiers import ACTIVE, OPAQUE
from comity.services.node import Node
from comity.store.access import acts as access
from comity.store.append.acts import set_cursor
from comity.store.sql import query, writing
from tests import nodes as helpers
from tests.kernel.world import TALLY, refused
from tests.nodes import Nodes, introduce, open_tally, say
from tests.sharing import open_circle

if TYPE_CHECKING:
    from comity.kernel.fold import State
    from comity.kernel.ids import Id
    from comity.kernel.protocol import Protocol, Summary


def counted(state: State) -> Summary:
    """Sum up as the test protocol does, but for the caption: these are its rules of tomorrow."""
    summary = TALLY.summary(state)
    return replace(summary, subjects=(("word", "tomorrow", None, None, ""),))  # type: ignore[arg-type]


TOMORROW = replace(TALLY, summary=counted)


@pytest.fixture
def old(nodes: Nodes) -> tuple[Node, Id]:
    """A node with a dossier, as the rules of today add it up."""
    node = nodes.make("orvanda")
    dossier = open_tally(node)
    say(node, dossier, "claim", {"status": "held"})
    return node, dossier


def upgraded(nodes: Nodes, monkeypatch: pytest.MonkeyPatch, protocol: Protocol = TOMORROW) -> Node:
    """Open the node again by a program that has other rules of the test protocol."""
    known = {**helpers.spoken(), (TALLY.name, TALLY.version): protocol}
    monkeypatch.setattr(helpers, "spoken", lambda: known)
    return nodes.reopen("orvanda")


def told(node: Node) -> list[tuple[Level, str]]:
    found = doctor.examine(node, reaching=False).findings
    return [(each.level, str(each.words)) for each in found if each.subject == "rules"]


def test_other_rules_are_noticed_and_what_they_add_up_to_computed_anew(
    nodes: Nodes, old: tuple[Node, Id], monkeypatch: pytest.MonkeyPatch
) -> None:
    node, _ = old
    assert told(node) == []
    assert rebuild.put_right(node) == ([], 0)
    node = upgraded(nodes, monkeypatch)
    assert not fsck.check(node).clean
    ((level, words),) = told(node)
    assert level is Level.WARNING
    assert words.startswith(f"What is shown under {TALLY.id} was computed by other rules")
    assert rebuild.put_right(node) == ([TALLY.id], 1)
    assert told(node) == []
    assert fsck.check(node).clean
    assert rebuild.put_right(node) == ([], 0)


def test_what_nobody_knows_the_rules_of_is_computed_anew(old: tuple[Node, Id]) -> None:
    node, _ = old
    with writing(node.db):
        set_cursor(node.db, ruled.NAME.format(protocol=TALLY.id), 0)
    assert [each.id for each in ruled.stale(node)] == [TALLY.id]
    assert rebuild.put_right(node) == ([TALLY.id], 1)
    assert ruled.stale(node) == []


def test_what_an_older_program_could_not_read_is_computed_by_the_newer(
    old: tuple[Node, Id],
) -> None:
    node, dossier = old
    place = (TALLY.name, TALLY.version)
    known = {where: each for where, each in node.protocols.items() if where != place}
    assert rebuild.rebuild(replace(node, protocols=known)) == 1
    assert ruled.stale(replace(node, protocols=known)) == []
    row = access.dossier(node.db, dossier)
    assert row is not None
    assert row.state == OPAQUE
    assert rebuild.put_right(node) == ([TALLY.id], 1)
    row = access.dossier(node.db, dossier)
    assert row is not None
    assert row.state == ACTIVE


def test_a_rebuild_by_hand_is_noted_too(
    nodes: Nodes, old: tuple[Node, Id], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ruled.stale(old[0]) == []
    node = upgraded(nodes, monkeypatch)
    assert rebuild.rebuild(node) == 1
    assert ruled.stale(node) == []


def test_a_protocol_that_nobody_used_yet_is_never_computed_anew(nodes: Nodes) -> None:
    node = nodes.make("orvanda")
    known = {**node.protocols, (TALLY.name, TALLY.version): TOMORROW}
    node = replace(node, protocols=known)
    assert rebuild.put_right(node) == ([], 0)
    open_tally(node)
    assert ruled.stale(node) == []


@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_a_backup_of_an_older_version_can_be_restored_and_says_what_follows(
    nodes: Nodes, old: tuple[Node, Id], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    backup.backup(old[0], target=tmp_path / "copy")
    node = upgraded(nodes, monkeypatch)
    done, report = rehearsal.rehearse(node, tmp_path / "copy")
    assert done.sound
    ((level, words),) = [(each.level, str(each.words)) for each in report.findings]
    assert level is Level.NOTE
    assert words.startswith(f"It was made under other rules of {TALLY.id} than this version has.")
    assert "comity rebuild" in words
    # The node itself was only looked at.
    assert [each.id for each in ruled.stale(node)] == [TALLY.id]


def test_the_number_is_of_what_rules_do_and_not_of_what_is_written_about_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {
        "plain": "def facts(act, past):\n    return ()\n",
        "commented": '"""It."""\n# Why.\ndef facts(act, past):\n    """Return."""\n    return ()\n',
        "other": "def facts(act, past):\n    return (1,)\n",
    }
    monkeypatch.syspath_prepend(str(tmp_path))
    numbers = {}
    for name, text in texts.items():
        (tmp_path / "ruled_sample.py").write_text(text, encoding="utf-8")
        ruled._number.cache_clear()
        ruled._tree.cache_clear()
        __import__("ruled_sample")
        numbers[name] = ruled._number(frozenset({"ruled_sample"}))
    ruled._number.cache_clear()
    ruled._tree.cache_clear()
    assert numbers["plain"] == numbers["commented"] != numbers["other"]
    assert all(0 <= number < 2**63 for number in numbers.values())


def test_rules_include_what_they_import_and_differ_between_protocols() -> None:
    imported = ruled._with_imports(frozenset({incident.PROTOCOL.facts.__module__}))
    assert "comity.protocols.response.incident.acts" in imported
    assert "comity.protocols.response.incident" in imported
    assert any(name.startswith("comity.protocols._vocabulary") for name in imported)
    assert not any(name.startswith("comity.protocols.response.disclosure") for name in imported)
    assert ruled.number(incident.PROTOCOL) != ruled.number(disclosure.PROTOCOL)


BY_TOMORROW = "SELECT dossier FROM store_subject WHERE value = 'tomorrow'"


@pytest.mark.parametrize("circle", [False, True])
def test_a_dossier_that_does_not_verify_keeps_no_other_from_being_computed(
    nodes: Nodes, old: tuple[Node, Id], monkeypatch: pytest.MonkeyPatch, *, circle: bool
) -> None:
    node, sound = old
    other = nodes.make("tolmere")
    introduce(node, other)
    damaged = open_circle(node, other) if circle else open_tally(node)
    # Whichever is met first.
    others = [open_tally(node) for _ in range(4)]
    for each in others:
        say(node, each, "claim", {"status": "held"})
    with writing(node.db):
        cut = "UPDATE store_act SET header = SUBSTR(header, 1, 40) WHERE dossier = %s"
        query(node.db, cut, (damaged,))
    node = upgraded(nodes, monkeypatch)
    with refused("K2"):
        rebuild.put_right(node)
    computed = {dossier for (dossier,) in query(node.db, BY_TOMORROW)}
    assert computed == {sound, *others}
    # It is told until it is mended, and tried again at each start.
    assert told(node)
    with refused("K2"):
        rebuild.rebuild(node)
