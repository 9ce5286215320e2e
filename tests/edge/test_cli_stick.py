"""Sealed files carried between nodes that no line joins."""

from __future__ import annotations

import json

import pytest

from tests.edge.desk import Desk


def test_an_incident_goes_to_and_fro_by_stick(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    desk.cut = True
    opened = desk.open("orvanda", "tolmere")
    large = desk.home / "large.bin"
    large.write_bytes(b"\x00\x01" * 200_000)
    sent = desk.json("orvanda", "say", opened, "files", "--attach", large, "--yes")["id"]
    there, back = desk.home / "there.comity", desk.home / "back.comity"
    done = desk.json("orvanda", "export", "tolmere", there)
    assert (done["messages"], done["blobs"]) == (2, 1)
    assert b"Port controller" not in there.read_bytes()
    got = desk.json("tolmere", "import", there)
    assert (got["messages"], got["blobs"], got["refused"]) == (2, 1, [])
    out = desk.home / "out"
    desk.ok("tolmere", "files", opened, "--save", out)
    assert (out / "large.bin").read_bytes() == large.read_bytes()
    desk.ok("tolmere", "say", opened, "acknowledge", "--ref", sent, "--as", "read", "--yes")
    desk.ok("tolmere", "export", "orvanda", back)
    desk.ok("orvanda", "import", back)
    act = next(a for a in desk.json("orvanda", "show", opened)["acts"] if a["id"] == sent)
    assert {"sent", "received", "whole", "acknowledged"} <= act["ladder"][0]["rungs"].keys()


def test_taking_a_file_in_twice_changes_nothing(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    file = desk.home / "file.comity"
    assert "1 message" in desk.ok("orvanda", "export", "tolmere", file)
    desk.ok("tolmere", "import", file)
    again = desk.json("tolmere", "import", file)
    assert (again["messages"], again["before"]) == (0, 1)
    assert "taken in before" in desk.ok("tolmere", "import", file)
    assert len(desk.json("tolmere", "show", opened)["acts"]) == 1


def test_a_file_is_for_its_recipient_alone(desk: Desk) -> None:
    desk.make("orvanda", "tolmere", "lantern")
    desk.open("orvanda", "tolmere")
    file = desk.home / "file.comity"
    desk.ok("orvanda", "export", "tolmere", file)
    got = desk.run("lantern", "import", file, "--json")
    assert got.exit_code == 1
    assert [refusal["rule"] for refusal in json.loads(got.stdout)["refused"]] == ["T2"]
    assert "Refused (T2)" in desk.run("lantern", "import", file).stdout


@pytest.mark.parametrize("cut", [10, 30, -1])
def test_a_damaged_file_is_refused(desk: Desk, cut: int) -> None:
    desk.make("orvanda", "tolmere")
    desk.open("orvanda", "tolmere")
    file = desk.home / "file.comity"
    desk.ok("orvanda", "export", "tolmere", file)
    file.write_bytes(file.read_bytes()[:cut])
    refusal = desk.refused("tolmere", "import", file)
    assert refusal["rule"] == "S4"
    words = "not a sealed file of Comity" if cut == 10 else "cut off, or damaged"
    assert words in refusal["reason"]


def test_a_file_of_a_newer_program_asks_for_an_upgrade(desk: Desk) -> None:
    desk.make("orvanda")
    file = desk.home / "file.comity"
    file.write_bytes(b"comity-stick-v2\n")
    assert desk.refused("orvanda", "import", file)["rule"] == "T10"
    file.write_bytes(b"comity-stick-v0\n")
    refusal = desk.refused("orvanda", "import", file)
    assert refusal["rule"] == "K19"
    assert "Ask its sender" in refusal["reason"]


def test_blobs_nobody_announced_are_passed_over(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    desk.open("orvanda", "tolmere")
    file = desk.home / "file.comity"
    desk.ok("orvanda", "export", "tolmere", file)
    stray = b"0" * 64 + b"stray"
    file.write_bytes(file.read_bytes() + b"B" + len(stray).to_bytes(8, "big") + stray)
    assert desk.json("tolmere", "import", file)["blobs"] == 0


def test_a_wrong_export_says_what_is_wrong(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    held = desk.home / "held"
    held.write_text("x", encoding="utf-8")
    assert desk.refused("orvanda", "export", "tolmere", held)["rule"] == "S4"
    assert desk.refused("orvanda", "export", "nobody", desk.home / "new")["rule"] == "S3"
    assert desk.refused("orvanda", "export", "orvanda", desk.home / "new")["rule"] == "S4"
    assert held.read_text(encoding="utf-8") == "x"
