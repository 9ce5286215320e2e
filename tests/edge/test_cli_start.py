"""Making nodes and meeting parties by the command line."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys

import pytest
import typer

from comity.edge.cli.main import FAMILIES
from comity.edge.cli.main import app as program
from comity.kernel.ids import fingerprint
from tests.edge.desk import Desk, party
from tools import cli_docs

KIT = re.compile(r"COMITY(-[A-Z2-7]{5})+-[A-Z2-7]")
ROOT = re.compile(r"COMITY-ROOT(-[A-Z2-7]{5})+-[A-Z2-7]")


def test_init_makes_a_node_and_prints_the_kit_once(desk: Desk) -> None:
    said = desk.ok("orvanda", "init", "--name", "Orvanda")
    assert len(KIT.findall(said)) == 1
    assert "evaluation" in said
    assert "Keep it away from this machine" in said
    folder = desk.home / "orvanda"
    assert len(ROOT.findall(said)) == 1
    for code in (KIT.search(said), ROOT.search(said)):
        assert code is not None
        files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        assert not [data for data in files if code[0].encode() in data]
    assert fingerprint(party(desk, "orvanda")) in said  # type: ignore[arg-type]


def test_init_writes_the_kit_into_a_file_of_this_user_alone(desk: Desk) -> None:
    kit = desk.home / "kit"
    value = desk.json("orvanda", "init", "--name", "Orvanda", "--kit-file", kit)
    assert value["kit"] is None
    assert value["kit_file"] == str(kit)
    assert value["root_code"] is None
    spare, root = kit.read_text(encoding="utf-8").split()
    assert KIT.fullmatch(spare)
    assert ROOT.fullmatch(root)
    assert stat.S_IMODE(kit.stat().st_mode) == 0o600
    again = desk.refused("tolmere", "init", "--name", "Tolmere", "--kit-file", kit)
    assert again["rule"] == "S4"
    assert not (desk.home / "tolmere").exists()


def test_init_takes_what_a_node_needs(desk: Desk) -> None:
    desk.ok("orvanda", "init", "--name", "Orvanda", "--cadence", "1", "--listen", "127.0.0.1:1")
    settings = json.loads((desk.home / "orvanda" / "node.json").read_bytes())
    assert settings["cadence"] == 1000
    assert settings["listen"] == "127.0.0.1:1"


def test_an_address_is_changed_and_shown(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    assert "http://orvanda.example" in desk.ok("orvanda", "address")
    said = desk.json(
        "orvanda", "address", "--listen", "[::1]:8441", "--endpoint", "https://new.example:8441/"
    )
    assert said == {"listen": "[::1]:8441", "endpoints": ["https://new.example:8441"]}
    assert (
        desk.json("orvanda", "address", "--listen", "0.0.0.0:1")["endpoints"] == said["endpoints"]
    )
    for wrong in (
        ("--listen", "8441"),
        ("--listen", "host:port"),
        ("--listen", "host:99999"),
        ("--endpoint", "new.example"),
        ("--endpoint", "https://"),
        ("--endpoint", "https://me:secret@new.example"),
        ("--endpoint", "https://new.example/path"),
        ("--endpoint", "https://new.example:x"),
        ("--endpoint", "https://[new"),
    ):
        assert desk.refused("orvanda", "address", *wrong)["rule"] == "S4", wrong
    assert desk.json("orvanda", "address") == {**said, "listen": "0.0.0.0:1"}


def test_init_notes_the_way_out(desk: Desk) -> None:
    ca = desk.home / "ca.pem"
    ca.write_text("", encoding="utf-8")
    way = ("--proxy", "http://proxy.example:3128", "--ca", ca)
    desk.ok("orvanda", "init", "--name", "Orvanda", *way)
    settings = json.loads((desk.home / "orvanda" / "node.json").read_bytes())
    assert (settings["proxy"], settings["ca"]) == ("http://proxy.example:3128", str(ca))


def test_a_second_init_is_refused(desk: Desk) -> None:
    desk.ok("orvanda", "init", "--name", "Orvanda")
    assert desk.refused("orvanda", "init", "--name", "Orvanda")["rule"] == "S5"


def test_without_a_node_it_says_how_to_make_one(desk: Desk) -> None:
    got = desk.run("nobody", "parties")
    assert got.exit_code == 1
    assert "comity init --dir" in got.stderr
    assert got.stdout == ""
    assert "Traceback" not in got.output


def test_a_party_is_met_by_card_and_accredited_by_fingerprint(desk: Desk) -> None:
    for who in ("orvanda", "tolmere"):
        desk.ok(who, "init", "--name", who.title())
        desk.ok(who, "card", desk.home / f"{who}.card")
    said = desk.ok("orvanda", "introduce", desk.home / "tolmere.card")
    digits = fingerprint(party(desk, "tolmere"))  # type: ignore[arg-type]
    assert digits in said
    assert re.fullmatch(r"(\d{5} ){11}\d{5}", digits)
    assert "known, not compared" in desk.ok("orvanda", "parties")
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    refusal = desk.refused("orvanda", "accredit", "tolmere", "--fingerprint", wrong)
    assert "somebody may stand between you" in refusal["reason"]
    assert desk.refused("orvanda", "accredit", "tolmere")["rule"] == "S4"
    told = digits.replace(" ", "-")
    assert "accredited" in desk.ok("orvanda", "accredit", "TOLMERE", "--fingerprint", told)
    (_, known) = desk.json("orvanda", "parties")["parties"]
    assert known["accredited_at"]
    assert known["grade"] == "evaluation"


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1)])
def test_a_person_is_asked_to_compare(
    desk: Desk, answer: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.make("orvanda")
    desk.ok("tolmere", "init", "--name", "Tolmere")
    desk.ok("tolmere", "card", desk.home / "tolmere.card")
    desk.ok("orvanda", "introduce", desk.home / "tolmere.card")
    monkeypatch.setattr("comity.edge.cli.run.Run.can_ask", True)
    got = desk.run("orvanda", "accredit", "tolmere", answer=answer)
    assert got.exit_code == code
    assert "Compare every digit" in got.stdout
    known = desk.json("orvanda", "parties")["parties"][1]
    assert (known["accredited_at"] is not None) == (code == 0)


def test_a_party_is_met_by_its_address(desk: Desk) -> None:
    for who in ("orvanda", "tolmere"):
        desk.ok(who, "init", "--name", who.title(), "--endpoint", f"http://{who}.example")
    found = desk.json("orvanda", "introduce", "http://tolmere.example")
    assert found["name"] == "Tolmere"
    assert desk.json("tolmere", "parties")["parties"][1]["name"] == "Orvanda"
    desk.cut = True
    assert desk.refused("orvanda", "introduce", "http://tolmere.example")["rule"] == "S13"


def test_what_is_no_card_is_refused(desk: Desk) -> None:
    desk.make("orvanda")
    bad = desk.home / "bad.card"
    for text in ("", "{}", '{"documents": [], "nodes": []}'):
        bad.write_text(text, encoding="utf-8")
        assert desk.refused("orvanda", "introduce", bad)["rule"] == "T10"
    bad.write_bytes(b" " * (4 * 1024 * 1024 + 1))
    assert desk.refused("orvanda", "introduce", bad)["rule"] == "T10"
    assert desk.refused("orvanda", "introduce", desk.home / "none.card")["rule"] == "S4"


def test_mail_is_kept_for_an_accredited_party_only(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    assert "keeps mail for Tolmere" in desk.ok("orvanda", "host", "tolmere")
    assert desk.json("orvanda", "parties")["parties"][1]["hosted"]
    assert not desk.json("orvanda", "host", "tolmere", "--stop")["hosted"]


def test_where_a_party_is_is_said_by_people_here(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    assert {each["zone"] for each in desk.json("orvanda", "parties")["parties"]} == {""}
    assert "Asia/Tokyo" in desk.ok("orvanda", "zone", "tolmere", "Asia/Tokyo")
    assert desk.refused("orvanda", "zone", "tolmere", "Mars/Olympus")["rule"] == "S4"
    assert desk.json("orvanda", "zone", "tolmere", "")["zone"] == ""


def test_names_and_ids_may_be_shortened_when_only_one_is_meant(desk: Desk) -> None:
    desk.make("orvanda", "tolmere", "lantern")
    whole = desk.json("orvanda", "parties")["parties"][1]["id"]
    assert desk.json("orvanda", "host", whole[:6])["id"] == whole
    assert desk.json("orvanda", "host", "lantern")["name"] == "Lantern Sea Council"
    assert desk.refused("orvanda", "host", "nobody")["rule"] == "S3"
    ambiguous = desk.refused("orvanda", "host", "an")  # Orvanda, and Lantern Sea Council.
    assert ambiguous["rule"] == "S4"
    assert "More than one" in ambiguous["reason"]


def test_the_root_code_is_shown_again_after_a_warning(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.make("orvanda", "tolmere")
    _, root = (desk.home / "orvanda.kit").read_text(encoding="utf-8").split()
    assert root not in desk.ok("orvanda", "keys")
    assert "--yes" in desk.refused("orvanda", "keys", "--root-code")["reason"]
    said = desk.ok("orvanda", "keys", "--root-code", "--yes")
    assert said.index("Let nobody look on") < said.index(root)
    assert desk.json("orvanda", "keys", "--root-code", "--yes")["root_code"] == root
    monkeypatch.setattr("comity.edge.cli.run.Run.can_ask", True)
    assert root not in desk.run("orvanda", "keys", "--root-code", answer="n\n").output
    assert root in desk.run("orvanda", "keys", "--root-code", answer="y\n").output
    (desk.home / "orvanda" / "keys" / "root").unlink()
    assert "not on this machine" in desk.refused("orvanda", "keys", "--root-code", "-y")["reason"]


def test_status_keys_and_sync(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    desk.open("orvanda", "tolmere")
    assert desk.json("orvanda", "status")["queued"] == 1
    assert "Waiting to be sent: 1" in desk.ok("orvanda", "status")
    assert desk.json("orvanda", "sync").keys() == {"rounds", "queued", "sent"}
    assert desk.json("orvanda", "status")["queued"] == 0
    keys = desk.json("orvanda", "keys")
    assert keys["grade"] == "evaluation"
    assert [log["here"] for log in keys["logs"]] == [True]
    assert "comity ceremony" in desk.ok("orvanda", "keys")


# The program itself


def test_help_loads_neither_the_database_nor_the_services() -> None:
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from comity.__main__ import cli\n"
        "got = CliRunner().invoke(cli.app, ['--help'])\n"
        "assert got.exit_code == 0, got.output\n"
        "heavy = ('django', 'granian', 'comity.services.node', 'comity.store', 'cryptography')\n"
        "print([name for name in sys.modules if name.startswith(heavy)])\n"
    )
    got = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert got.stdout.strip() == "[]"


def test_the_list_of_commands_is_that_of_the_modules(desk: Desk) -> None:
    for family in FAMILIES:
        for name, text in family.commands.items():
            said = " ".join(desk.ok("nobody", name, "--help").replace("│", " ").split())
            assert text in said, name


def test_every_command_takes_the_folder_and_gives_json(desk: Desk) -> None:
    for family in FAMILIES:
        for name in family.commands:
            said = desk.ok("nobody", name, "--help")
            assert "--dir" in said, name
            assert "--json" in said, name


def test_options_of_all_commands_stand_before_or_after_the_command(desk: Desk) -> None:
    desk.make("orvanda")
    before = desk.run("orvanda", "--json", "parties")
    after = desk.run("nobody", "parties", "--json", "--dir", desk.home / "orvanda")
    assert json.loads(before.stdout) == json.loads(after.stdout)


def test_a_wrong_option_is_told_apart(desk: Desk) -> None:
    got = desk.run("nobody", "parties", "--nope")
    assert got.exit_code == 2
    assert "--nope" in got.output
    assert desk.refused("nobody", "parties", "--nope")["rule"] == "S4"
    assert desk.run("nobody", "partys").exit_code == 2


def test_a_fault_of_the_program_is_not_hidden(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_node: object) -> None:
        raise ZeroDivisionError

    desk.make("orvanda")
    monkeypatch.setattr("comity.services.identity.roster.everyone", broken)
    assert isinstance(desk.run("orvanda", "parties").exception, ZeroDivisionError)


def test_the_version_is_told(desk: Desk) -> None:
    assert desk.ok("nobody", "--version").startswith("comity ")


def test_the_program_is_a_typer_program() -> None:
    assert isinstance(program, typer.Typer)


@pytest.mark.parametrize("name", ["", "n" * 121, "Evil \x1b[2J"])
def test_a_name_nobody_could_read_makes_no_node(desk: Desk, name: str) -> None:
    assert desk.refused("evil", "init", "--name", name)["rule"] in {"S4", "K2"}
    assert not (desk.home / "evil").exists()


def test_the_reference_is_current() -> None:
    assert cli_docs.PAGE.read_text(encoding="utf-8") == cli_docs.page()
