"""Reports of vulnerabilities by the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from comity.bridges.csaf import reading
from comity.edge.cli import reports
from comity.services.node import Node, open_node
from comity.services.response import intake
from comity.services.response.intake import Said
from comity.services.sharing.advisories import known_lists
from tests.edge.desk import Desk

PUMP = Said("Pump of Fennick", "Long words stop it.\nAlways.", versions="1.0", name="Nele")


def reporting(desk: Desk) -> Node:
    node = open_node(desk.home / "orvanda", desk.ports())
    node.settings = replace(node.settings, intake=True)
    return node


def test_reports_are_listed_shown_answered_closed_and_erased(desk: Desk, tmp_path: Path) -> None:
    desk.make("orvanda")
    assert desk.ok("orvanda", "report") == "Nobody has reported anything here.\n"
    node = reporting(desk)
    key, poc = intake.new_secret(node), tmp_path / "poc"
    poc.write_bytes(b"print(1)")
    row = intake.submit(node, key, PUMP, [("poc.py", poc), ("poc.py", poc)])
    listed = desk.ok("orvanda", "report")
    assert listed.startswith(f"[{row.id[:8]}] Pump of Fennick: new, not read, ")
    shown = desk.ok("orvanda", "report", row.id[:6])
    assert "Pump of Fennick: open, " in shown
    assert "The flaw: Long words stop it.\n    | Always.\n" in shown
    told = desk.ok("orvanda", "report", row.id[:6], "--answer", "We look at it.")
    assert "this machine, " in told
    assert "    | We look at it.\n" in told
    intake.add(node, key, "It was 1.0.")
    assert "not read" in desk.ok("orvanda", "report")
    desk.ok("orvanda", "report", row.id, "--close", "done", "--answer", "1.1 is out.")
    case = intake.require_case(node, key)
    assert [note.text for note in case.notes] == ["We look at it.", "It was 1.0.", "1.1 is out."]
    assert (case.row.state, case.row.reason) == ("closed", "done")
    refused = desk.refused("orvanda", "report", row.id, "--close", "because")
    assert (refused["rule"], refused["subject"]) == ("S4", "reason")
    file, folder = tmp_path / "r.json", tmp_path / "saved"
    desk.ok("orvanda", "report", row.id, "--csaf", file, "--save", folder)
    reading.read(file.read_bytes(), known_lists())
    assert [path.read_bytes() for path in folder.iterdir()] == [b"print(1)"] * 2
    value = desk.json("orvanda", "report", row.id)
    assert (value["name"], value["notes"][1]["ours"]) == ("Nele", False)
    assert desk.ok("orvanda", "report", row.id, "--erase", "--yes").endswith("\nErased.\n")
    assert desk.refused("orvanda", "report", row.id)["rule"] == "S3"


def test_erasing_passes_over_nothing_else_that_was_asked(desk: Desk, tmp_path: Path) -> None:
    desk.make("orvanda")
    node = reporting(desk)
    row = intake.submit(node, intake.new_secret(node), PUMP)
    for option, value in (
        ("--answer", "Thank you."),
        ("--close", "done"),
        ("--csaf", tmp_path / "r.json"),
        ("--save", tmp_path / "files"),
    ):
        refused = desk.refused("orvanda", "report", row.id, "--erase", "--yes", option, value)
        assert refused["rule"] == "S4"
        assert "--erase alone" in refused["reason"]
        assert desk.refused("orvanda", "report", option, value)["rule"] == "S4"
    assert desk.json("orvanda", "report", row.id)["notes"] == []
    assert [*tmp_path.glob("r.json"), *tmp_path.glob("files")] == []


def test_which_report_is_meant_is_said_by_enough_of_its_id(desk: Desk) -> None:
    desk.make("orvanda")
    node = reporting(desk)
    rows = [intake.submit(node, intake.new_secret(node), PUMP) for _ in range(20)]
    starts = [row.id[0] for row in rows]
    twice = next(start for start in starts if starts.count(start) > 1)
    assert desk.refused("orvanda", "report", twice)["rule"] == "S4"
    assert json.loads(desk.ok("orvanda", "report", rows[0].id, "--json"))["id"] == rows[0].id


def test_what_a_finder_wrote_moves_no_terminal(desk: Desk) -> None:
    desk.make("orvanda")
    node = reporting(desk)
    row = intake.submit(node, intake.new_secret(node), replace(PUMP, description="a\u202eb"))
    assert "\u202e" not in desk.ok("orvanda", "report", row.id)


def test_one_older_than_those_listed_is_found_by_its_whole_id(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.make("orvanda")
    node = reporting(desk)
    row = intake.submit(node, intake.new_secret(node), PUMP)
    monkeypatch.setattr(reports, "MOST", 0)
    assert "Pump of Fennick: open, " in desk.ok("orvanda", "report", row.id)
    assert desk.refused("orvanda", "report", row.id[:6])["rule"] == "S3"


def test_a_heap_is_listed_and_cleared_away(desk: Desk) -> None:
    desk.make("orvanda")
    node = reporting(desk)
    for n in range(3):
        intake.submit(node, intake.new_secret(node), Said("Pumps", f"Buy {n}."))
    value = desk.json("orvanda", "report", "--waiting")
    assert (value["waiting"]["number"], value["heaps"][0]["number"]) == (3, 3)
    key = value["heaps"][0]["key"]
    listed = desk.ok("orvanda", "report", "--waiting").splitlines()
    assert listed[0] == "3 wait unread."
    assert listed[1].startswith(f"[{key}] 3 of the words of Pumps, ")
    assert desk.refused("orvanda", "report", "x", "--waiting", "--clear", "aside")["rule"] == "S3"
    for wrong in (
        (key, "--waiting"),
        ("--waiting", "--clear", "aside"),
        (key, "--clear", "aside"),
        (key, "--waiting", "--clear", "aside", "--answer", "Thanks."),
        ("--waiting", "--erase"),
    ):
        assert desk.refused("orvanda", "report", *wrong)["rule"] == "S4"
    assert desk.ok("orvanda", "report", key, "--waiting", "--clear", "erase", "--yes").endswith(
        "Cleared away: 3.\n"
    )
    assert desk.ok("orvanda", "report", "--waiting") == "0 wait unread.\n"
