"""Reports of people without a node: taken, added to, and bounded before anything is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from comity.bridges.csaf import report as csaf
from comity.bridges.csaf.report import Issued, Reported
from comity.kernel.errors import Refusal
from comity.services.casework.guests import UPLOAD
from comity.services.node import Node
from comity.services.response import intake, reports
from comity.services.response.intake import ABUSE, FILES, Said
from comity.store.access import reports as access
from comity.store.access.people import audit
from tests.kernel.world import refused
from tests.nodes import Nodes

PUMP = Said(affected="Pump of Fennick", description="Long words stop it.\r\nAlways.")


@pytest.fixture
def node(nodes: Nodes) -> Node:
    """Orvanda, which takes reports."""
    return opened(nodes.make("orvanda"))


def opened(node: Node, *, intake: bool = True) -> Node:
    node.settings = replace(node.settings, intake=intake)
    return node


def secret(node: Node) -> str:
    return intake.new_secret(node)


def denied(rule: str, act: Callable[[], object]) -> None:
    with refused(rule):
        act()


def file(folder: Path, name: str, data: bytes) -> tuple[str, Path]:
    path = folder / hashlib.sha256(name.encode()).hexdigest()
    path.write_bytes(data)
    return name, path


def test_a_report_is_kept_as_it_was_written_and_found_by_its_secret(
    node: Node, tmp_path: Path
) -> None:
    said = replace(
        PUMP, name="  Nele \t", mail="nele@fennick.example", credit=True, planned=1_800_000_000_000
    )
    key = secret(node)
    row = intake.submit(node, key, said, [file(tmp_path, "poc.py", b"print(1)")], "fr")
    case = intake.require_case(node, key)
    assert case.row == row
    assert (row.name, row.mail, row.language) == ("Nele", "nele@fennick.example", "fr")
    assert (row.description, row.state, row.unread) == ("Long words stop it.\nAlways.", "new", True)
    assert (row.credit, row.planned) == (True, 1_800_000_000_000)
    assert [(each.name, each.size) for each in case.files] == [("poc.py", 8)]
    assert access.file(node.db, row.id, case.files[0].id) == ("poc.py", b"print(1)")
    for wrong in (key[:-1] + "x", secret(node), "", "x"):
        denied("S11", lambda: intake.require_case(node, wrong))  # noqa: B023


def test_where_no_reports_are_taken_none_is(node: Node) -> None:
    opened(node, intake=False)
    denied("S3", lambda: intake.submit(node, secret(node), PUMP))
    assert access.load(node.db) == (0, 0)


def test_what_is_sent_twice_is_kept_once(node: Node) -> None:
    key = secret(node)
    first = intake.submit(node, key, PUMP)
    again = intake.submit(node, key, replace(PUMP, description="Other words."))
    assert again == first
    assert access.load(node.db)[0] == 1


@pytest.mark.parametrize("key", ["", "short", "x" * 33, "x" * 31 + "\n", "ä" * 32, "x" * 31 + "."])
def test_a_secret_of_another_form_is_refused(node: Node, key: str) -> None:
    denied("S4", lambda: intake.submit(node, key, PUMP))


WRONG = [
    ("affected", ""),
    ("affected", " \t"),
    ("affected", "x" * 501),
    ("affected", "Pump \u202e evil"),
    ("name", "Ne\u2066le"),
    ("name", "x" * 121),
    ("name", "Nele\0"),
    ("versions", "1\x1b[2J"),
    ("description", " "),
    ("description", "x" * 20_001),
    ("description", "bell \x07"),
    ("reproduce", "\ud800"),
    ("impact", "x" * 5_001),
    ("mail", "nele"),
    ("mail", "nele@fennick.example\nBcc: all@fennick.example"),
    ("mail", "nele@fennick.example\r\nSubject: x"),
    ("mail", "n" * 300 + "@fennick.example"),
    ("public", "perhaps"),
    ("exploited", ""),
    ("planned", -1),
    ("planned", 253_402_300_800_000),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_what_is_wrong_is_named_and_nothing_is_kept(node: Node, field: str, value: object) -> None:
    said = replace(PUMP, **{field: value})  # type: ignore[arg-type]
    with pytest.raises(Refusal) as caught:
        intake.submit(node, secret(node), said)
    assert (caught.value.rule, caught.value.subject) == ("S4", field)
    assert access.load(node.db) == (0, 0)


def test_words_may_be_of_any_script_and_turn_their_direction(node: Node) -> None:
    said = replace(PUMP, affected="پمپ\u200cها", description="עברית \u200f123\u200e")
    assert intake.submit(node, secret(node), said).affected == "پمپ\u200cها"


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "a\\b", "\u202etxt.exe", "", "x" * 256, "c:x", "a\0"]
)
def test_a_name_that_no_file_may_have_is_refused(node: Node, tmp_path: Path, name: str) -> None:
    denied("K15", lambda: intake.submit(node, secret(node), PUMP, [file(tmp_path, name, b"x")]))
    assert access.load(node.db) == (0, 0)


def test_files_have_a_most_together(node: Node, tmp_path: Path) -> None:
    whole = file(tmp_path, "whole", bytes(UPLOAD))
    over = file(tmp_path, "over", bytes(UPLOAD + 1))
    with pytest.raises(Refusal) as caught:
        intake.submit(node, secret(node), PUMP, [over])
    assert (caught.value.rule, caught.value.subject) == ("S4", FILES)
    key = secret(node)
    row = intake.submit(node, key, PUMP, [whole])
    denied("S4", lambda: intake.add(node, key, "", [file(tmp_path, "one", b"1")]))
    assert len(access.files(node.db, row.id)) == 1


def test_ten_files_are_taken_and_not_eleven_at_once_or_later(node: Node, tmp_path: Path) -> None:
    files = [file(tmp_path, f"f{n}", b"x") for n in range(11)]
    denied("S4", lambda: intake.submit(node, secret(node), PUMP, files))
    key = secret(node)
    intake.submit(node, key, PUMP, files[:10])
    denied("S4", lambda: intake.add(node, key, "", files[10:]))


def test_what_waits_unread_is_bounded_in_number(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_UNREAD", 3)
    keys = [secret(node) for _ in range(3)]
    for key in keys:
        intake.submit(node, key, PUMP)
    denied("T5", lambda: intake.submit(node, secret(node), PUMP))
    denied("T5", lambda: intake.require_open(node))
    # Who reported may go on: what is added to waits already.
    intake.add(node, keys[0], "More.")
    reports.read(node, None, intake.require_case(node, keys[0]).row.id)
    row = intake.submit(node, secret(node), PUMP)
    denied("T5", lambda: intake.add(node, keys[0], "Yet more."))
    assert access.load(node.db)[0] == 3
    assert row.state == "new"


def test_what_waits_unread_is_bounded_in_bytes(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "UNREAD_BYTES", 10_000)
    key = secret(node)
    intake.submit(node, key, PUMP, [file(tmp_path, "a", bytes(9_000))])
    denied("T5", lambda: intake.submit(node, secret(node), PUMP, [file(tmp_path, "b", bytes(990))]))
    denied("T5", lambda: intake.add(node, key, "", [file(tmp_path, "c", bytes(990))]))
    count, size = access.load(node.db)
    assert count == 1
    assert size <= 10_000


def test_what_is_added_is_unread_again_and_opens_what_was_closed(
    nodes: Nodes, node: Node, tmp_path: Path
) -> None:
    key = secret(node)
    row = intake.submit(node, key, PUMP)
    reports.close(node, None, row.id, "known")
    assert intake.require_case(node, key).row.unread is False
    nodes.clock.advance(1000)
    intake.add(node, key, " It is another. ", [file(tmp_path, "log", b"x")])
    case = intake.require_case(node, key)
    assert (case.row.state, case.row.reason, case.row.unread) == ("open", "", True)
    assert case.row.changed_at == row.changed_at + 1000
    assert [(note.ours, note.text) for note in case.notes] == [(False, "It is another.")]
    denied("S4", lambda: intake.add(node, key, " \n"))
    denied("S4", lambda: intake.add(node, key, "\x07"))
    denied("S11", lambda: intake.add(node, secret(node), "x"))


def test_what_nobody_read_yet_stays_new_when_it_is_added_to(node: Node) -> None:
    key = secret(node)
    intake.submit(node, key, PUMP)
    intake.add(node, key, "More.")
    assert intake.require_case(node, key).row.state == "new"


def test_nothing_is_added_to_what_was_abuse_nor_without_end(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = secret(node)
    row = intake.submit(node, key, PUMP)
    monkeypatch.setattr(intake, "MOST_NOTES", 2)
    intake.add(node, key, "1")
    intake.add(node, key, "2")
    denied("S12", lambda: intake.add(node, key, "3"))
    monkeypatch.setattr(intake, "MOST_NOTES", 3)
    reports.close(node, None, row.id, ABUSE)
    denied("S12", lambda: intake.add(node, key, "3"))


def test_an_address_sends_and_asks_so_often_and_others_go_on(nodes: Nodes, node: Node) -> None:
    for take, rate in (
        (intake.require_turn, intake.RATE),
        (intake.require_sending, intake.NEW_RATE),
    ):
        for _ in range(rate):
            take(node, "192.0.2.1")
        denied("T5", lambda: take(node, "192.0.2.1"))  # noqa: B023
        take(node, "192.0.2.2")
        for n in range(rate):
            take(node, f"2001:db8::{n + 1:x}")
        denied("T5", lambda: take(node, "2001:db8::ffff"))  # noqa: B023
    nodes.clock.advance(60_000)
    intake.require_turn(node, "192.0.2.1")


def test_what_is_noted_names_no_finder(node: Node) -> None:
    key = secret(node)
    intake.submit(node, key, replace(PUMP, name="Nele", mail="nele@fennick.example"))
    intake.add(node, key, "More.")
    noted = [entry for entry in audit(node.db) if entry.what.startswith("report_")]
    assert [entry.what for entry in noted] == ["report_added", "report_made"]
    assert {entry.name for entry in noted} == {"finder"}
    for word in ("Nele", "nele", "Pump", "words"):
        assert word not in str(noted)


def test_a_full_disk_takes_no_report(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    from comity.services import quota

    monkeypatch.setattr(quota, "LEAST_FREE", 1 << 62)
    denied("S7", lambda: intake.submit(node, secret(node), PUMP))
    assert access.load(node.db) == (0, 0)


def test_so_many_documents_are_read_whoever_sends_them(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "CSAF_RATE", 3)
    for _ in range(3):
        denied("X40", lambda: intake.of_csaf(node, b"x"))
    denied("T5", lambda: intake.of_csaf(node, b"x"))


def test_what_a_document_says_is_cut_to_what_a_report_takes(node: Node) -> None:
    told = Reported("P" * 600, "v" * 600, "d" * 30_000, impact="i" * 6_000)
    told = told._replace(name="N" * 200, credit=True)
    by = Issued("r", "t", "n", "https://nele.example", node.now(), node.now())
    said = intake.of_csaf(node, csaf.write(told, by))
    assert intake.checked(said) == said
    assert [len(text) for text in (said.affected, said.impact, said.name)] == [500, 5_000, 120]
    assert len(said.description) == 20_000
