"""Evidence, its check and notarised files by the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from comity.services.node import Settings
from tests.edge.desk import Desk, party


def witnessed(desk: Desk) -> str:
    """Let Orvanda be witnessed by the council and send Tolmere a message; return its id."""
    desk.make("orvanda", "tolmere", "lantern")
    folder = desk.home / "orvanda"
    settings = Settings.read(folder)
    changed = json.loads((folder / "node.json").read_bytes())
    changed |= {"witnesses": [party(desk, "lantern")], "quorum": 1}
    (folder / "node.json").write_text(json.dumps(changed), encoding="utf-8")
    assert settings.quorum == 0
    opened = desk.open("orvanda", "tolmere")
    desk.sync("orvanda", "tolmere")
    sent = desk.json("orvanda", "say", opened, "inform", "--text", "A flaw in a pump.", "--yes")
    desk.sync("orvanda", "tolmere")
    return str(sent["id"])


def make(desk: Desk, who: str, act: str, *words: str) -> Path:
    file = desk.home / "evidence.json"
    desk.ok(who, "evidence", act, "-o", file, *words)
    return file


def verify(desk: Desk, file: Path, *words: str, code: int = 0) -> dict[str, Any]:
    """Verify a file where there is no node."""
    got = desk.run("nobody", "verify", file, *words, "--json")
    assert got.exit_code == code, got.output
    value: dict[str, Any] = json.loads(got.stdout)
    return value


def test_evidence_of_a_message_is_verified_by_who_knows_the_parties(desk: Desk) -> None:
    act = witnessed(desk)
    file = make(desk, "orvanda", act)
    ids = {who: party(desk, who) for who in ("orvanda", "tolmere", "lantern")}
    unchecked = verify(desk, file, code=3)
    assert unchecked["verdict"] == "consistent, identity not checked"
    known = ("--party", ids["orvanda"], "--party", ids["tolmere"], "--witness", ids["lantern"])
    report = verify(desk, file, *known, "--quorum", "1")
    assert report["verdict"] == "verified"
    assert report["subject"] == act
    assert report["proven_time"] > 0
    assert report["standing"] == "cosigned"
    assert [r["party"] for r in report["received"]] == [ids["tolmere"]]
    assert report["parts"] == []
    assert b"flaw in a pump" not in file.read_bytes()
    said = desk.run("nobody", "verify", file)
    assert said.exit_code == 3
    assert "Compare these fingerprints" in said.stdout
    assert "received by Tolmere" in said.stdout
    assert "witnessed by Lantern Sea Council" in said.stdout


def test_a_dossier_shows_how_far_each_act_is_proven_here(desk: Desk) -> None:
    act = witnessed(desk)
    dossier = str(desk.json("tolmere", "inbox")["new"][0]["dossier"])
    row = shown_act(desk, "orvanda", dossier, act)
    assert (row["standing"], row["proof"]["checked"]) == ("cosigned", True)
    assert [party for party, _ in row["proof"]["cosigned"]] == [party(desk, "lantern")]
    said = desk.ok("orvanda", "show", dossier)
    assert "cosigned: its place in its author's log is shown" in said
    assert "cosigned by Lantern Sea Council" in said
    # Tolmere was sent a checkpoint, and nothing that shows what is in the log.
    theirs = shown_act(desk, "tolmere", dossier, act)
    assert (theirs["standing"], theirs["proof"]["checked"]) == ("plain", False)
    assert "not checked here: signed" in desk.ok("tolmere", "show", dossier)


def shown_act(desk: Desk, who: str, dossier: str, act: str) -> dict[str, Any]:
    """Return an act as ``show`` gives it to programs."""
    found: list[dict[str, Any]] = desk.json(who, "show", dossier)["acts"]
    return next(each for each in found if each["id"] == act)


def test_the_receiver_proves_what_it_got(desk: Desk) -> None:
    act = witnessed(desk)
    file = make(desk, "tolmere", act)
    report = verify(desk, file, code=3)
    assert report["author"] == party(desk, "orvanda")
    assert [r["party"] for r in report["received"]] == [party(desk, "tolmere")]
    assert "not proven yet" in desk.ok("tolmere", "evidence", act, "-o", file)


def test_a_node_lends_the_parties_it_accredited(desk: Desk) -> None:
    file = make(desk, "orvanda", witnessed(desk))
    words = ("verify", file, "--known", "--witness", "lantern")
    assert desk.json("tolmere", *words)["verdict"] == "verified"


def test_content_is_shown_only_when_asked_for(desk: Desk) -> None:
    act = witnessed(desk)
    assert len(verify(desk, make(desk, "orvanda", act, "--content"), code=3)["parts"]) == 1
    assert len(verify(desk, make(desk, "orvanda", act, "--part", "0"), code=3)["parts"]) == 1
    refusal = desk.refused("orvanda", "evidence", act, "-o", desk.home / "x", "--part", "9")
    assert refusal["rule"] == "S4"


def test_red_content_goes_into_no_file(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.json(
        "orvanda", "open", "incident", "--with", "tolmere", "--title", "T", "--text", "x",
        "--tlp", "red", "--reader", "tolmere:duty", "--yes",
    )["dossier"]  # fmt: skip
    out = desk.home / "x"
    assert desk.refused("orvanda", "evidence", opened, "-o", out, "--content")["rule"] == "L2"
    desk.ok("orvanda", "evidence", opened, "-o", out)


def test_one_changed_byte_is_refused(desk: Desk) -> None:
    file = make(desk, "orvanda", witnessed(desk))
    data = file.read_bytes()
    for at in range(100, len(data), len(data) // 7):
        file.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        got = desk.run("nobody", "verify", file)
        assert got.exit_code == 1, at
        assert "Why:" in got.stderr
        assert verify(desk, file, code=1).keys() == {"rule", "reason", "subject", "retry"}


WRONG = {
    "quorum": (("--quorum", "1"), "more witnesses"),
    "short id": (("--party", "abcd"), "64 digits"),
    "both": (("--policy", "x", "--quorum", "0"), "not both"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_demand_says_what_is_wrong(desk: Desk, case: str) -> None:
    desk.make("orvanda", "tolmere")
    file = make(desk, "orvanda", desk.open("orvanda", "tolmere"))
    words, reason = WRONG[case]
    got = verify(desk, file, *words, code=1)
    assert got["rule"] == "S4"
    assert reason in got["reason"]


def test_witnesses_that_have_not_signed_are_not_enough(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    file = make(desk, "orvanda", desk.open("orvanda", "tolmere"))
    assert verify(desk, file, "--witness", party(desk, "tolmere"), code=1)["rule"] == "W5"


def test_a_policy_takes_the_place_of_witnesses(desk: Desk) -> None:
    from comity.kernel import checkpoint, policy
    from comity.kernel.ids import PartyId

    file = make(desk, "orvanda", witnessed(desk))
    keys = {who: desk.json(who, "keys")["logs"][0] for who in ("orvanda", "lantern")}
    log = checkpoint.log_key(PartyId(party(desk, "orvanda")), 1, keys["orvanda"]["checkpoint"])
    cosigner = checkpoint.witness_key(
        PartyId(party(desk, "lantern")), 1, keys["lantern"]["witness"]
    )
    rules = desk.home / "policy"
    rules.write_bytes(policy.write([log], [cosigner], 1))
    ids = [word for who in ("orvanda", "tolmere") for word in ("--party", party(desk, who))]
    assert verify(desk, file, "--policy", str(rules), *ids)["proven_time"] > 0


def test_any_file_is_notarised_and_checked_against_its_evidence(desk: Desk) -> None:
    witnessed(desk)
    report = desk.home / "report.pdf"
    report.write_bytes(b"A report.")
    done = desk.json("orvanda", "notarise", report)
    assert done["file"] == f"{report}.proof"
    assert (done["cosigned"], done["witnesses"]) == (1, 1)
    known = ("--party", party(desk, "orvanda"), "--witness", party(desk, "lantern"))
    proof = Path(done["file"])
    assert verify(desk, proof, *known, "--of", str(report))["verdict"] == "verified"
    report.write_bytes(b"Another.")
    assert verify(desk, proof, *known, "--of", str(report), code=1)["rule"] == "K15"
    assert "notarised" in desk.ok("orvanda", "show", done["id"]).lower()


def test_without_witnesses_a_notarised_file_says_so(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    file = desk.home / "a.txt"
    file.write_text("a", encoding="utf-8")
    said = desk.ok("orvanda", "notarise", file, "--out", desk.home / "a.proof")
    assert "no witnesses" in said
    assert verify(desk, desk.home / "a.proof", code=3)["size"] == 16


def test_a_witness_that_is_away_is_named_as_missing(desk: Desk) -> None:
    witnessed(desk)
    desk.cut = True
    file = desk.home / "a.txt"
    file.write_text("a", encoding="utf-8")
    assert "0 of 1 witnesses" in desk.ok("orvanda", "notarise", file)


def test_what_is_no_evidence_is_refused(desk: Desk) -> None:
    file = desk.home / "nothing"
    file.write_text("{}", encoding="utf-8")
    assert verify(desk, file, code=1)["rule"] == "W7"
    with file.open("wb") as big:
        big.truncate(64 * 1024 * 1024 + 1)
    assert verify(desk, file, code=1)["rule"] == "W7"
    assert desk.run("nobody", "verify", desk.home / "absent").exit_code == 2
