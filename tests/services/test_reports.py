"""Reports that came in: who reads them, what finders are told, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from comity.bridges.csaf import reading
from comity.services.care import backup
from comity.services.casework import drafts, needing, signing
from comity.services.casework.desk import Desk
from comity.services.delivery import work
from comity.services.node import Node
from comity.services.people import awaiting, notices
from comity.services.people.actors import Actor
from comity.services.response import intake, reports
from comity.services.response.intake import Said
from comity.services.sharing.advisories import known_lists
from comity.store import compact
from comity.store.access import reports as access
from comity.store.access.people import audit
from comity.store.access.reports import ReportRow
from tests.edge.test_web_dossiers import incident
from tests.kernel.world import refused
from tests.nodes import Nodes, introduce
from tests.services.staff import hire
from tests.services.test_intake import file, opened

CANARY = "canary-77d0-finder"
PUMP = Said(
    affected="Pump of Fennick",
    description=f"Long words stop it. {CANARY}",
    versions="before 1.1",
    reproduce="Send 300 bytes.",
    name="Nele",
    mail="nele@fennick.example",
    credit=True,
)


@pytest.fixture
def node(nodes: Nodes) -> Node:
    """Orvanda, which takes reports."""
    return opened(nodes.make("orvanda"))


def report(node: Node, said: Said = PUMP, key: str = "") -> ReportRow:
    return intake.submit(node, key or intake.new_secret(node), said)


def denied(rule: str, act: Callable[[], object]) -> None:
    with refused(rule):
        act()


def noted(node: Node) -> list[tuple[str, str]]:
    """What was noted of reports, the oldest first, with by whom."""
    found = [entry for entry in audit(node.db) if entry.what.startswith("report_")]
    return [(entry.what, entry.name) for entry in reversed(found)]


def needs(node: Node, actor: Actor) -> list[str]:
    agenda = needing.of_desk(Desk(node, actor))
    assert not [need for need in agenda.colleagues if need.kind == needing.REPORT]
    return [need.subject for need in agenda.needs if need.kind == needing.REPORT]


def told(node: Node, actor: Actor) -> list[str]:
    """The reports of which a person has a notice that is neither read nor settled."""
    awaiting.gather(node)
    shown = notices.of_desk(Desk(node, actor))
    return [each.subject for each in shown if each.kind == notices.REPORT and not each.is_read]


ALL = ("duty_officer", "analyst", "head", "diplomat", "legal_officer", "administrator", "auditor")


@pytest.mark.parametrize("code", ALL)
def test_who_may_open_a_dossier_about_it_reads_reports_and_nobody_else(
    node: Node, code: str
) -> None:
    row, actor = report(node), hire(node, "Ada", code)
    if code in {"duty_officer", "analyst"}:
        assert needs(node, actor) == told(node, actor) == [row.id]
        assert reports.listed(node, actor) == [row]
        assert reports.read(node, actor, row.id).row.description == PUMP.description
        return
    assert needs(node, actor) == told(node, actor) == []
    for act in (
        lambda: reports.listed(node, actor),
        lambda: reports.read(node, actor, row.id),
        lambda: reports.file(node, actor, row.id, 1),
        lambda: reports.as_csaf(node, actor, row.id),
        lambda: reports.answer(node, actor, row.id, "x"),
        lambda: reports.close(node, actor, row.id, "known"),
        lambda: reports.take(Desk(node, actor), row.id, "0" * 64),
        lambda: reports.begin(Desk(node, actor), row.id),
        lambda: reports.forget(node, actor, row.id),
    ):
        denied("S10", act)
    kept = access.report(node.db, row.id)
    assert kept == row


def test_where_no_such_rules_are_spoken_nobody_reads_any(node: Node) -> None:
    row, ada = report(node), hire(node, "Ada", "duty_officer")
    node.protocols = {}
    denied("S10", lambda: reports.read(node, ada, row.id))


def test_it_needs_somebody_until_it_is_read_and_again_when_more_was_said(
    nodes: Nodes, node: Node
) -> None:
    key = intake.new_secret(node)
    row = report(node, key=key)
    ada, ben = hire(node, "Ada", "duty_officer"), hire(node, "Ben", "analyst")
    assert told(node, ada) == told(node, ben) == [row.id]
    assert reports.read(node, ben, row.id).row.state == "open"
    assert needs(node, ada) == told(node, ada) == told(node, ben) == []
    nodes.clock.advance(1000)
    intake.add(node, key, "More.")
    assert needs(node, ada) == told(node, ada) == [row.id]


def test_what_a_machine_took_nobody_has_read(node: Node) -> None:
    row, ada = report(node), hire(node, "Ada", "duty_officer")
    machine = replace(ada, name="feeder", machine="feeder", token="t")
    assert reports.read(node, machine, row.id).row.unread
    assert needs(node, ada) == [row.id]
    denied("S10", lambda: reports.begin(Desk(node, machine), row.id))


def test_a_finder_is_answered_by_who_may_do_so_alone(node: Node) -> None:
    key = intake.new_secret(node)
    row = report(node, key=key)
    ada, ben = hire(node, "Ada", "duty_officer"), hire(node, "Ben", "analyst")
    denied("S10", lambda: reports.answer(node, ben, row.id, "Thanks."))
    denied("S10", lambda: reports.close(node, ben, row.id, "known"))
    denied("S10", lambda: reports.forget(node, ben, row.id))
    denied("S4", lambda: reports.answer(node, ada, row.id, " "))
    denied("S4", lambda: reports.answer(node, ada, row.id, "\x07"))
    denied("S3", lambda: reports.answer(node, ada, "0" * 24, "x"))
    reports.answer(node, ada, row.id, " We look at it. ")
    case = intake.require_case(node, key)
    assert [(note.ours, note.name, note.text) for note in case.notes] == [
        (True, "Ada", "We look at it.")
    ]
    assert (case.row.state, case.row.unread) == ("open", False)


def test_it_is_closed_for_a_reason_that_its_finder_is_told(node: Node) -> None:
    key = intake.new_secret(node)
    row, ada = report(node, key=key), hire(node, "Ada", "duty_officer")
    denied("S4", lambda: reports.close(node, ada, row.id, "because"))
    denied("S4", lambda: reports.close(node, ada, row.id, "known", "\x07"))
    assert intake.require_case(node, key).row == row
    reports.close(node, ada, row.id, "known", "Since May.")
    case = intake.require_case(node, key)
    assert (case.row.state, case.row.reason, case.row.unread) == ("closed", "known", False)
    assert [note.text for note in case.notes] == ["Since May."]


def test_a_dossier_is_begun_with_its_words_and_without_its_finder(nodes: Nodes, node: Node) -> None:
    tolmere = nodes.make("tolmere")
    introduce(node, tolmere)
    row, ada = report(node, replace(PUMP, affected="P" * 300)), hire(node, "Ada", "duty_officer")
    begun = reports.begin(Desk(node, ada), row.id)
    texts = begun.form["texts"]
    assert texts["title"] == "P" * 200
    for words in (PUMP.description, PUMP.versions, PUMP.reproduce):
        assert words in texts["text"]
    assert "Nele" not in str(begun.form)
    assert "nele" not in str(begun.form)
    assert reports.read(node, ada, row.id).row.dossier == ""
    filled = drafts.filling_of(begun)
    filled = replace(filled, members=(tolmere.me,), texts={**filled.texts, "role": "vendor"})
    drafts.change(node, ada, begun.id, filled)
    act = signing.sign(node, ada, begun.id)
    assert reports.read(node, ada, row.id).row.dossier == act


def test_it_is_taken_into_a_dossier_that_is_seen(nodes: Nodes, node: Node) -> None:
    tolmere = nodes.make("tolmere")
    introduce(node, tolmere)
    dossier = incident(node, tolmere, "Pumps")
    row, ada = report(node), hire(node, "Ada", "duty_officer")
    denied("S3", lambda: reports.take(Desk(node, ada), row.id, "0" * 64))
    reports.take(Desk(node, ada), row.id, dossier)
    assert reports.read(node, ada, row.id).row.dossier == dossier


def test_the_list_goes_on_below_the_last(nodes: Nodes, node: Node) -> None:
    rows = []
    for n in range(5):
        rows.append(report(node))
        nodes.clock.advance(n % 2)
    rows.sort(key=lambda row: (row.made_at, row.id), reverse=True)
    assert reports.listed(node, None, limit=3) == rows[:3]
    assert reports.listed(node, None, rows[2].id, 3) == rows[3:]
    denied("S3", lambda: reports.listed(node, None, "x"))


def test_what_is_taken_out_is_valid_csaf(node: Node) -> None:
    name, data = reports.as_csaf(node, None, report(node).id)
    doc = reading.read(data, known_lists())
    assert name == f"{doc['document']['tracking']['id']}.json"
    assert doc["document"]["acknowledgments"] == [{"names": ["Nele"]}]
    again = intake.of_csaf(node, data)
    assert (again.affected, again.name, again.credit) == (PUMP.affected, "Nele", True)


def test_a_person_is_noted_with_every_act_and_a_finder_never(node: Node) -> None:
    row, ada = report(node), hire(node, "Ada", "duty_officer")
    reports.read(node, ada, row.id)
    reports.answer(node, ada, row.id, "x")
    reports.close(node, ada, row.id, "known")
    reports.forget(node, ada, row.id)
    whats = ["report_read", "report_answered", "report_closed", "report_erased"]
    assert noted(node) == [("report_made", "finder"), *((what, "Ada") for what in whats)]


def everything(node: Node) -> bytes:
    """Every byte in the node's folder but those of programs."""
    return b"".join(path.read_bytes() for path in node.folder.rglob("*") if path.is_file())


def test_what_is_erased_is_gone_from_every_file(node: Node, tmp_path: Path) -> None:
    if node.settings.database.startswith("postgres"):
        pytest.skip("its files are not in the folder")
    key = intake.new_secret(node)
    sent = file(tmp_path, "poc", CANARY.encode() * 1000)
    row = intake.submit(node, key, PUMP, [sent])
    intake.add(node, key, CANARY)
    assert CANARY.encode() in everything(node)
    reports.forget(node, hire(node, "Ada", "duty_officer"), row.id)
    work.checkpoint(node)
    assert CANARY.encode() not in everything(node)
    assert reports.clear(node)
    denied("S11", lambda: intake.require_case(node, key))
    denied("S3", lambda: reports.read(node, None, row.id))
    denied("S3", lambda: reports.file(node, None, row.id, 1))


def test_what_is_said_while_it_is_erased_is_not_kept(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if node.settings.database.startswith("postgres"):
        pytest.skip("its files are not in the folder")

    def erased_meanwhile(of: Any, name: str, row: ReportRow) -> None:
        whole = getattr(of, name)

        def then(*args: object) -> object:
            reports.forget(node, None, row.id)
            return whole(*args)

        monkeypatch.setattr(of, name, then)

    key = intake.new_secret(node)
    erased_meanwhile(intake, "_read", report(node, replace(PUMP, description="It."), key))
    sent = file(tmp_path, "poc", CANARY.encode())
    denied("S11", lambda: intake.add(node, key, CANARY, [sent]))
    monkeypatch.undo()
    row = report(node, replace(PUMP, description="It."))
    erased_meanwhile(reports, "_words", row)
    denied("S3", lambda: reports.answer(node, None, row.id, CANARY))
    assert CANARY.encode() not in everything(node)


def test_a_backup_holds_reports_and_their_files(node: Node, tmp_path: Path) -> None:
    if node.settings.database.startswith("postgres"):
        pytest.skip("PostgreSQL copies itself")
    sent = file(tmp_path, "poc", b"poc-" + CANARY.encode())
    intake.submit(node, intake.new_secret(node), PUMP, [sent])
    backup.backup(node, target=tmp_path / "copy")
    copied = (tmp_path / "copy" / "comity.sqlite3").read_bytes()
    assert b"poc-" + CANARY.encode() in copied


def test_while_the_database_is_busy_what_was_erased_is_cleared_later(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = report(node)
    assert reports.clear(node)
    reports.forget(node, None, row.id)
    monkeypatch.setattr(compact, "compact", lambda _: False)
    assert not reports.clear(node)
    ran: list[str] = []

    def cleared(db: str) -> bool:
        ran.append(db)
        return True

    monkeypatch.setattr(compact, "compact", cleared)
    assert reports.clear(node)
    assert reports.clear(node)
    assert ran == [node.db]
