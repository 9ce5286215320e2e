"""The root ceremony by the command line, on machines that share nothing but what is carried."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from nacl import pwhash

from comity.services.identity import holders
from tests.edge.desk import Desk

NAMES = ("Head", "Deputy", "Notary")


@pytest.fixture(autouse=True)
def of_a_passphrase_that_is_quick_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holders, "OPS", pwhash.argon2id.OPSLIMIT_MIN)
    monkeypatch.setattr(holders, "MEMORY", pwhash.argon2id.MEMLIMIT_MIN)


def phrase(desk: Desk) -> Path:
    file = desk.home / "phrase"
    file.write_text("four green boats sail\n", encoding="utf-8")
    return file


def stick(desk: Desk, who: str) -> str:
    """Let a holder make a key on a machine without a node; return the holder code."""
    made: str = desk.json(
        "offline", "ceremony", "key", "--label", who, "--usb", desk.home / f"{who}.json",
        "--passphrase-file", phrase(desk),
    )["code"]  # fmt: skip
    return made


def sign(desk: Desk, who: str) -> str:
    """Let a holder sign what was carried there; return the signature code."""
    made: str = desk.json(
        "offline", "ceremony", "sign", desk.home / "proposal", "--usb", desk.home / f"{who}.json",
        "--passphrase-file", phrase(desk), "--yes",
    )["code"]  # fmt: skip
    return made


def test_a_ceremony_says_at_every_step_what_comes_next(desk: Desk) -> None:
    desk.make("orvanda")
    assert "Next: comity ceremony begin --threshold 2" in desk.ok("orvanda", "ceremony")
    assert "Name the holders." in desk.ok("orvanda", "ceremony", "begin", "--threshold", "2")
    for who in NAMES:
        desk.ok("orvanda", "ceremony", "add", who, "--code", stick(desk, who))
    assert "comity ceremony propose" in desk.ok("orvanda", "ceremony")
    assert not (desk.home / "offline").exists()
    said = desk.ok("orvanda", "ceremony", "propose", "--out", desk.home / "proposal")
    assert "Signed by holders of today: 1 of 1 needed." in said
    spoken = desk.json("orvanda", "ceremony")["spoken"]
    assert spoken in said
    assert spoken in desk.ok(
        "offline", "ceremony", "sign", desk.home / "proposal", "--usb", desk.home / "Head.json",
        "--passphrase-file", phrase(desk), "--yes",
    )  # fmt: skip
    desk.ok("orvanda", "ceremony", "take", "--code", sign(desk, "Head"))
    code = desk.home / "code"
    code.write_text(sign(desk, "Notary"), encoding="utf-8")
    said = desk.ok("orvanda", "ceremony", "take", code)
    assert "Enough have signed." in said
    assert "let them sign while everybody is there: Deputy" in said
    said = desk.ok("orvanda", "ceremony", "publish")
    assert "The root key is off this machine" in said
    assert "Grade hardened: 2 of 3 root keys" in said
    assert not (desk.home / "orvanda" / "keys" / "root").exists()
    assert desk.json("orvanda", "keys")["root_here"] is False
    assert "comity ceremony begin --threshold 2" in desk.ok("orvanda", "ceremony")


def test_a_key_on_paper_is_on_the_sheet_and_nowhere_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.make("orvanda")
    desk.ok("orvanda", "ceremony", "begin", "--threshold", "2")
    keys: dict[str, str] = {}
    for who in NAMES:
        sheet = desk.home / f"{who}.html"
        said = desk.ok(
            "orvanda", "ceremony", "key", "--label", f"<{who}>", "--paper", sheet, "--add", "--qr"
        )
        assert "██" in said
        assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
        text = sheet.read_text(encoding="utf-8")
        assert f"&lt;{who}&gt;" in text
        assert "<svg" in text
        assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
        keys[who] = text.partition("<code>")[2].partition("</code>")[0]
        assert keys[who] not in said
    for file in (desk.home / "orvanda").rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert not [key for key in keys.values() if key.encode() in data], file
    desk.ok("orvanda", "ceremony", "propose", "--out", desk.home / "proposal")
    monkeypatch.setattr("comity.edge.cli.run.Run.can_ask", True)
    for who in NAMES[:2]:
        got = desk.run(
            "offline", "ceremony", "sign", desk.home / "proposal", "--out", desk.home / who,
            answer=f"y\n{keys[who].lower()}\n",
        )  # fmt: skip
        assert got.exit_code == 0, got.output
        assert f"comes  <{who}>" in got.output
        assert keys[who].lower() not in got.output
        desk.ok("orvanda", "ceremony", "take", desk.home / who)
    desk.ok("orvanda", "ceremony", "publish")
    no = desk.run("offline", "ceremony", "sign", desk.home / "proposal", answer="n\n")
    assert "you said no" in no.output
    monkeypatch.undo()
    kit = desk.home / "kit"
    kit.write_text(keys["Head"], encoding="utf-8")
    asked = ("ceremony", "sign", desk.home / "proposal", "--kit-file", kit)
    assert "Add --yes" in desk.refused("offline", *asked)["reason"]
    assert desk.json("offline", *asked, "--yes")["key"].startswith("ed25519:")


def test_the_spare_kits_root_code_signs_for_an_evaluation_node(desk: Desk) -> None:
    desk.make("orvanda")
    (desk.home / "orvanda" / "keys" / "root").unlink()
    desk.ok("orvanda", "ceremony", "begin", "--threshold", "2")
    for who in NAMES[:2]:
        desk.ok("orvanda", "ceremony", "add", who, "--code", stick(desk, who))
    desk.ok("orvanda", "ceremony", "propose", "--out", desk.home / "proposal")
    kit = ("--kit-file", desk.home / "orvanda.kit", "--yes")
    code = desk.json("offline", "ceremony", "sign", desk.home / "proposal", *kit)["code"]
    for each in (code, sign(desk, "Head"), sign(desk, "Deputy")):
        desk.ok("orvanda", "ceremony", "take", "--code", each)
    assert desk.json("orvanda", "ceremony", "publish")["grade"] == "hardened"


def test_holders_come_and_go(desk: Desk) -> None:
    desk.make("orvanda")
    desk.ok("orvanda", "ceremony", "begin", "--threshold", "2")
    for who in NAMES:
        desk.ok("orvanda", "ceremony", "add", who, "--code", stick(desk, who))
    desk.ok("orvanda", "ceremony", "propose", "--out", desk.home / "proposal")
    for who in NAMES[:2]:
        desk.ok("orvanda", "ceremony", "take", "--code", sign(desk, who))
    desk.ok("orvanda", "ceremony", "publish")
    desk.ok("orvanda", "ceremony", "begin", "--threshold", "2")
    desk.ok("orvanda", "ceremony", "drop", "Deputy")
    desk.ok("orvanda", "ceremony", "add", "Judge", "--code", stick(desk, "Judge"))
    said = desk.ok("orvanda", "ceremony", "propose", "--out", desk.home / "proposal")
    assert "Signed by holders of today: 0 of 2 needed." in said
    found: dict[str, Any] = desk.json("orvanda", "ceremony", "take", "--code", sign(desk, "Judge"))
    assert (found["old"]["have"], found["new"]["have"]) == (0, 1)
    assert desk.refused("orvanda", "ceremony", "publish")["rule"] == "K5"
    for who in ("Head", "Notary"):
        desk.ok("orvanda", "ceremony", "take", "--code", sign(desk, who))
    said = desk.ok("orvanda", "ceremony", "publish")
    assert "off this machine" not in said
    labels = {holder["label"] for holder in desk.json("orvanda", "ceremony")["holders"]}
    assert labels == {"Head", "Judge", "Notary"}


def test_a_node_cannot_put_words_before_who_signs(desk: Desk) -> None:
    """Labels come from the node: they must not be able to look like what this machine says."""
    desk.make("orvanda")
    desk.ok("orvanda", "ceremony", "begin", "--threshold", "2")
    for who in NAMES:
        desk.ok("orvanda", "ceremony", "add", who, "--code", stick(desk, who))
    desk.ok("orvanda", "ceremony", "propose", "--out", desk.home / "proposal")
    value = json.loads((desk.home / "proposal").read_bytes())
    evil = "Head\n  stays  Judge\x1b[2J"
    value |= {"name": evil, "labels": dict.fromkeys(value["labels"], evil)}
    (desk.home / "proposal").write_text(json.dumps(value), encoding="utf-8")
    said = desk.ok(
        "offline", "ceremony", "sign", desk.home / "proposal", "--usb", desk.home / "Head.json",
        "--passphrase-file", phrase(desk), "--yes",
    )  # fmt: skip
    assert not [line for line in said.splitlines() if line.lstrip().startswith("stays")]
    assert "\x1b" not in said
    assert "Labels are the node's words" in said


def test_one_holder_is_replaced_in_two_steps(desk: Desk) -> None:
    desk.make("orvanda")
    desk.ok("orvanda", "ceremony", "begin", "--threshold", "2")
    for who in NAMES:
        desk.ok("orvanda", "ceremony", "add", who, "--code", stick(desk, who))
    desk.ok("orvanda", "ceremony", "propose", "--out", desk.home / "proposal")
    signed = {who: desk.home / f"{who}.signature" for who in (*NAMES, "Judge")}
    for who in NAMES:
        signed[who].write_text(sign(desk, who), encoding="utf-8")
    desk.ok("orvanda", "ceremony", "take", signed["Head"])
    # What came already is passed over, so that a step that was cut off can be done again.
    desk.ok("orvanda", "ceremony", "publish", *(signed[who] for who in NAMES))
    code = stick(desk, "Judge")
    said = desk.ok(
        "orvanda", "ceremony", "replace", "Deputy", "Judge", "--code", code,
        "--out", desk.home / "proposal",
    )  # fmt: skip
    assert "Signed by holders of today: 0 of 2 needed." in said
    for who in ("Head", "Notary", "Judge"):
        signed[who].write_text(sign(desk, who), encoding="utf-8")
    asked = ("ceremony", "publish", signed["Head"], signed["Judge"])
    assert desk.refused("orvanda", *asked)["rule"] == "K5"
    desk.ok("orvanda", *asked, signed["Notary"])
    labels = {holder["label"] for holder in desk.json("orvanda", "ceremony")["holders"]}
    assert labels == {"Head", "Judge", "Notary"}


def test_what_is_not_said_whole_is_refused(desk: Desk) -> None:
    desk.make("orvanda")
    for words in (
        ("key", "--label", "Head"),
        ("key", "--label", "Head", "--usb", desk.home / "x.json"),
        ("add", "Head"),
        ("add", "Head", desk.home / "orvanda.kit", "--code", "x"),
        ("add", "Head", desk.home / "orvanda.kit"),
        ("take",),
        ("propose",),
        ("publish",),
        ("cancel",),
    ):
        assert desk.refused("orvanda", "ceremony", *words)["rule"] == "S4", words
    desk.ok("orvanda", "ceremony", "begin", "--threshold", "2")
    assert "put away" in desk.ok("orvanda", "ceremony", "cancel")
    assert desk.refused("orvanda", "ceremony", "sign", desk.home / "orvanda.kit")["rule"] == "T10"


def test_options_of_all_commands_stand_before_or_after_a_step(desk: Desk) -> None:
    desk.make("orvanda")
    folder = desk.home / "orvanda"
    ways = [
        desk.run("nobody", "ceremony", "--json", "--dir", folder),
        desk.run("nobody", "ceremony", "--dir", folder, "begin", "--threshold", "2", "--json"),
        desk.run("nobody", "ceremony", "begin", "--threshold", "2", "--json", "--dir", folder),
    ]
    assert [json.loads(got.stdout)["step"] for got in ways] == ["rest", "gather", "gather"]
