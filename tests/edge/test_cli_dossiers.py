"""Opening, saying and reading by the command line."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from comity.edge.cli.reading import CONTENT_WORDS
from comity.kernel.content import PART_LIMIT
from comity.services.casework import erasure
from comity.services.casework.missing import Content
from comity.services.node import open_node
from tests.edge.desk import Desk, party

SENT = ["signed", "logged", "sent", "received", "whole"]


def stix(path: Path, count: int) -> Path:
    """Write a bundle of ``count`` indicators."""
    objects = [
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--00000000-0000-4000-8000-{n:012d}",
            "pattern": f"[ipv4-addr:value = '192.0.2.{n}']",
        }
        for n in range(count)
    ]
    path.write_text(json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}))
    return path


def acts(desk: Desk, who: str, dossier: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.json(who, "show", dossier)["acts"]
    return found


def test_an_incident_goes_from_opening_to_closing(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    assert len(opened) == 64
    desk.sync("orvanda", "tolmere")
    asked = desk.json(
        "orvanda", "say", opened[:8], "ask", "--to", "tolmere", "--verb", "investigate",
        "--text", "Please look.", "--whether-by", "2030-01-01T00:00Z", "--yes",
    )  # fmt: skip
    assert [r["name"] for r in asked["readers"]] == ["Tolmere"]
    desk.sync("orvanda", "tolmere")
    (need,) = desk.json("tolmere", "inbox", "--keep")["needs"]
    assert (need["kind"], need["step"], need["subject"]) == ("duty", "answer", asked["id"])
    said = desk.ok("tolmere", "inbox")
    assert "YOURS  Answer Orvanda by 2030-01-01 00:00 UTC" in said
    assert "       Orvanda asked Tolmere: investigate" in said
    partly = ["--result", "partly", "--reason", "ongoing", "--text", "Half of it."]
    desk.ok("tolmere", "say", opened, "answer", *partly, "--ref", asked["id"][:10], "--yes")
    desk.ok("tolmere", "say", opened, "acknowledge", "--ref", asked["id"], "--as", "acting", "-y")
    desk.sync("tolmere", "orvanda")
    desk.ok("orvanda", "say", opened, "close", "--outcome", "resolved", "--yes")
    shown = desk.json("orvanda", "show", opened)
    assert shown["dossier"]["status_words"] == "Closed"
    assert [act["kind"] for act in shown["acts"]] == [
        "charter", "ask", "answer", "acknowledge", "close",
    ]  # fmt: skip
    (rung,) = next(act for act in shown["acts"] if act["id"] == asked["id"])["ladder"]
    assert [*rung["rungs"]] == [*SENT, "acknowledged", "answered"]
    said = desk.ok("orvanda", "show", opened)
    assert "Half of it." in said
    assert "Tolmere answered: partly done" in said
    assert "→ Tolmere: signed → logged → sent → received → whole → acknowledged → answered" in said


def test_who_will_read_it_is_always_printed_first(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere", tlp="amber+strict")
    got = desk.run("orvanda", "say", opened, "inform", "--text", "News.", "--yes")
    readers, _, signed = got.stdout.partition("Signed")
    assert "WHO WILL BE ABLE TO READ IT\n  Tolmere\n  TLP:AMBER+STRICT" in readers
    assert signed
    with_json = desk.run("orvanda", "say", opened, "inform", "--text", "News.", "--yes", "--json")
    assert "WHO WILL BE ABLE TO READ IT" in with_json.stderr
    assert json.loads(with_json.stdout)["readers"][0]["name"] == "Tolmere"


def test_nothing_is_signed_unless_somebody_says_yes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    say = ("say", opened, "inform", "--text", "News.")
    assert "--yes" in desk.refused("orvanda", *say)["reason"]
    monkeypatch.setattr("comity.edge.cli.run.Run.can_ask", True)
    assert desk.run("orvanda", *say, answer="n\n").exit_code == 1
    assert len(acts(desk, "orvanda", opened)) == 1
    assert desk.run("orvanda", *say, answer="y\n").exit_code == 0
    assert len(acts(desk, "orvanda", opened)) == 2


def test_what_is_missing_is_asked_of_a_person_and_named_to_a_program(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    refusal = desk.refused("orvanda", "say", opened, "ask", "--yes")
    assert {"--to", "--verb", "--text"} <= set(refusal["reason"].split())
    monkeypatch.setattr("comity.edge.cli.run.Run.can_ask", True)
    got = desk.run("orvanda", "say", opened, "ask", "--yes", answer="tolmere\nother\nHelp us.\n")
    assert got.exit_code == 0, got.output
    assert "something else, as described" in got.stdout
    assert acts(desk, "orvanda", opened)[-1]["fields"] == {"text": "Help us."}


WRONG = {
    "unknown option": (("inform", "--nope", "x"), "does not take --nope"),
    "no value": (("inform", "--text"), "--text needs a value"),
    "twice": (("inform", "--text", "a", "--text", "b"), "given twice"),
    "unknown code": (("ask", "--to", "tolmere", "--verb", "attack", "--text", "x"), "--verb"),
    "unknown party": (("ask", "--to", "nobody", "--verb", "other", "--text", "x"), "--to"),
    "wrong time": (("ask", "--to", "tolmere", "--verb", "other", "--text", "x", "--due", "9"),
                   "with its zone"),
    "unknown kind": (("shout",), "has the kinds inform"),
    "kernel kind": (("invite",), "comity invite"),
    "not by hand": (("evidence",), "not said by hand"),
    "no files": (("files",), "--attach"),
    "no citation": (("answer", "--result", "done"), "--ref"),
    "wrong level": (("inform", "--text", "x", "--tlp", "pink"), "--tlp is one of: clear"),
    "wrong pap": (("inform", "--text", "x", "--pap", "pink"), "--pap is one of"),
    "wrong footing": (("inform", "--text", "x", "--footing", "loud"), "without prejudice"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_message_says_what_is_wrong(desk: Desk, case: str) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    words, reason = WRONG[case]
    refusal = desk.refused("orvanda", "say", opened, *words, "--yes")
    assert refusal["rule"] == "S4"
    assert reason in refusal["reason"]
    assert len(acts(desk, "orvanda", opened)) == 1


def test_a_label_above_the_ceiling_is_refused_with_its_rule(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere", tlp="green")
    refusal = desk.refused(
        "orvanda", "say", opened, "inform", "--text", "x", "--tlp", "red", "--yes"
    )
    assert refusal["rule"] == "K13"
    got = desk.run("orvanda", "say", opened, "inform", "--text", "x", "--tlp", "red", "--yes")
    assert "Rule K13" in got.stderr
    assert "What to do: Choose a label within the dossier's own" in got.stderr


def test_what_the_dossier_refuses_is_not_signed(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    ask = ("ask", "--to", "tolmere", "--verb", "other", "--text", "x", "--due", "2001-01-01T00:00Z")
    refusal = desk.refused("orvanda", "say", opened, *ask, "--yes")
    assert refusal["rule"] == "S2"
    assert "D2" in refusal["reason"]


def test_the_kinds_and_their_fields_are_listed(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    kinds = desk.json("orvanda", "say", opened)["kinds"]
    assert {"inform", "ask", "answer", "note", "release", "record"} <= {k["kind"] for k in kinds}
    (record,) = desk.json("orvanda", "say", opened, "record", "--kind", "ask", "--explain")["kinds"]
    assert {"--guest", "--letter", "--verb"} <= {f["option"] for f in record["fields"]}
    (ask,) = desk.json("orvanda", "say", opened, "ask", "--explain")["kinds"]
    asked = {"--to", "--verb", "--due", "--whether-by", "--purpose", "--form", "--sector", "--use"}
    asked |= {"--basis", "--text", "--infrastructure", "--lang"}
    assert {f["option"] for f in ask["fields"]} == asked
    assert ask["schema"]["type"] == "object"
    said = desk.ok("orvanda", "open", "incident", "--explain")
    assert "--title  Title (needed)." in said


def test_what_a_guest_did_is_recorded_and_shown_as_the_guests(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    letter = desk.json("orvanda", "say", opened, "note", "--text", "A finder called.", "--yes")
    recorded = desk.json(
        "orvanda", "say", opened, "record", "--kind", "ask", "--guest", "finder_1",
        "--letter", letter["id"][:8], "--to", "tolmere", "--verb", "upgrade-software",
        "--text", "A port is open, at 192.0.2.7.", "--yes",
    )  # fmt: skip
    assert recorded["kind"] == "record"
    desk.sync("orvanda", "tolmere")
    (need,) = desk.json("tolmere", "inbox", "--keep")["needs"]
    assert need["words"] == "Answer guest of Orvanda (finder_1)"
    said = desk.ok("tolmere", "show", opened)
    assert "Guest of Orvanda (finder_1) asked Tolmere: upgrade or patch the software" in said
    assert "A port is open" in said
    act = acts(desk, "tolmere", opened)[-1]
    assert (act["kind"], act["recorded"], act["guest"]) == ("record", "ask", "finder_1")
    assert act["name"] == "Orvanda"
    assert act["body"] == {
        "letter": letter["id"],
        "guest": "finder_1",
        "kind": "ask",
        "body": {"to": [party(desk, "tolmere")], "verb": "upgrade-software"},
    }
    # Its answer is owed by the party that was asked, and ends what it owes to the guest.
    desk.ok("tolmere", "say", opened, "answer", "--result", "done", "--yes")
    assert desk.json("tolmere", "show", opened)["duties"] == []
    file = desk.home / "evidence.json"
    desk.ok("orvanda", "evidence", recorded["id"], "-o", file)
    report = desk.json("orvanda", "verify", file, "--known")
    assert (report["kind"], report["body"]["guest"]) == ("record", "finder_1")
    assert "stating what a guest of it, finder_1, did: ask" in desk.ok(
        "orvanda", "verify", file, "--known"
    )


RECORDS = {
    "no kind": ((), "Name with --kind what the guest did, one of: inform, acknowledge, ask"),
    "not for guests": (("--kind", "close"), "Name with --kind"),
    "no guest": (("--kind", "inform", "--text", "x"), "--guest · Guest: fill this in."),
    "a name": (("--kind", "inform", "--guest", "Jane Doe"), "a handle begins with a letter"),
    "no such letter": (("--kind", "inform", "--letter", "ffff"), "--letter · Letter: There is no"),
}


@pytest.mark.parametrize("case", RECORDS)
def test_a_wrong_record_says_what_is_wrong(desk: Desk, case: str) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    words, reason = RECORDS[case]
    refusal = desk.refused("orvanda", "say", opened, "record", *words, "--yes")
    assert refusal["rule"] == "S4"
    assert reason in refusal["reason"]
    refusal = desk.refused("orvanda", "say", opened, "inform", "--kind", "ask", "--yes")
    assert "goes with `record` alone" in refusal["reason"]
    assert len(acts(desk, "orvanda", opened)) == 1


def test_a_letter_is_an_own_message(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    desk.sync("orvanda", "tolmere")
    record = ("record", "--kind", "inform", "--guest", "port", "--text", "x", "--letter", opened)
    assert desk.refused("tolmere", "say", opened, *record, "--yes")["rule"] == "K14"
    desk.ok("orvanda", "say", opened, *record, "--yes")


def test_a_flag_needs_no_value(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    desk.ok("orvanda", "say", opened, "inform", "--ack-wanted", "--text=Read this.", "--yes")
    assert acts(desk, "orvanda", opened)[-1]["body"] == {"ack_wanted": True}
    desk.sync("orvanda", "tolmere")
    assert desk.json("tolmere", "inbox")["needs"][0]["step"] == "acknowledge"


def test_labels_and_footing_are_carried(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere", footing="formal")
    desk.ok(
        "orvanda", "say", opened, "inform", "--text", "x", "--tlp", "TLP:GREEN", "--pap", "red",
        "--footing", "without prejudice", "--yes",
    )  # fmt: skip
    said = acts(desk, "orvanda", opened)[-1]
    assert (said["tlp"], said["pap"], said["footing"]) == ("green", "red", "without_prejudice")
    assert "footing: formal" in desk.ok("orvanda", "show", opened)


OPENING = {
    "unknown protocol": (("nothing",), "response/incident"),
    "unknown member": (("incident", "--with", "nobody"), "no such party"),
    "growth": (("incident", "--growth", "wild"), "closed, chair, all"),
    "quorum": (("incident", "--witness", "tolmere", "--quorum", "2"), "more witnesses"),
    "reader": (("incident", "--tlp", "red", "--reader", "tolmere"), "PARTY:HANDLE"),
    "text": (("incident", "--title", "x"), "--text"),
}


@pytest.mark.parametrize("case", OPENING)
def test_a_wrong_opening_says_what_is_wrong(desk: Desk, case: str) -> None:
    desk.make("orvanda", "tolmere")
    words, reason = OPENING[case]
    more = () if case == "text" else ("--title", "x", "--text", "x")
    refusal = desk.refused("orvanda", "open", *words, *more, "--yes")
    assert reason in refusal["reason"]
    assert desk.json("orvanda", "status")["dossiers"] == 0


def test_a_charter_takes_its_rules_from_the_options(desk: Desk) -> None:
    desk.make("orvanda", "tolmere", "lantern")
    opened = desk.json(
        "orvanda", "open", "response/incident@1", "--with", "tolmere", "--title", "T",
        "--text", "x", "--growth", "chair", "--witness", "lantern", "--grace", "60",
        "--exercise", "north_2026", "--tlp", "red", "--reader", "tolmere:duty", "--yes",
    )["dossier"]  # fmt: skip
    body = acts(desk, "orvanda", opened)[0]["body"]
    assert body["chair"] == party(desk, "orvanda")
    assert body["time"] == {
        "witnesses": [party(desk, "lantern")],
        "quorum": 1,
        "grace": 60_000,
    }
    assert body["readers"] == [{"party": party(desk, "tolmere"), "handle": "duty"}]
    said = desk.ok("orvanda", "show", opened)
    assert "EXERCISE north_2026: not live" in said
    assert "TLP:RED" in said


def test_a_party_is_invited_and_joins(desk: Desk) -> None:
    desk.make("orvanda", "tolmere", "lantern")
    opened = desk.open("orvanda", "tolmere", growth="chair", title="T", text="x")
    desk.ok("orvanda", "invite", opened, "lantern", "--yes")
    desk.sync("orvanda", "lantern")
    assert f"comity join {opened[:8]}" in desk.ok("lantern", "inbox")
    desk.ok("lantern", "join", opened)
    desk.sync("lantern", "orvanda", "lantern")
    shown = desk.json("lantern", "show", opened)
    assert shown["dossier"]["state"] == "active"
    states = {m["name"]: m["state"] for m in shown["members"]}
    assert states["Lantern Sea Council"] == "member"
    assert desk.refused("tolmere", "invite", opened, "lantern", "--yes")["rule"]


def test_who_is_invited_is_named_among_the_readers(desk: Desk) -> None:
    desk.make("orvanda", "tolmere", "lantern")
    opened = desk.open("orvanda", "tolmere", growth="chair", title="T", text="x")
    before = desk.json("orvanda", "say", opened, "inform", "--text", "x", "--yes")["id"]
    desk.ok("orvanda", "invite", opened, "lantern", "--yes")
    said = desk.ok("orvanda", "say", opened, "inform", "--text", "x", "--yes")
    assert "Lantern Sea Council · invited; reads it once it has joined" in said
    words = ("translate", before, "--as", "official", "--lang", "fr", "--text", "x", "--yes")
    # What was said before it joins is not given to it, and so no translation of it is.
    assert [reader["name"] for reader in desk.json("orvanda", *words)["readers"]] == ["Tolmere"]


def test_a_founder_declines_and_another_leaves(desk: Desk) -> None:
    desk.make("orvanda", "tolmere", "lantern")
    opened = desk.json(
        "orvanda", "open", "incident", "--with", "tolmere", "--with", "lantern", "--title", "T",
        "--text", "x", "--yes",
    )["dossier"]  # fmt: skip
    desk.sync("orvanda", "tolmere", "lantern")
    desk.ok("tolmere", "decline", opened)
    desk.ok("lantern", "say", opened, "inform", "--text", "x", "--yes")
    assert desk.refused("lantern", "leave", opened)["rule"] == "S4"
    desk.ok("lantern", "leave", opened, "--yes")
    desk.sync("tolmere", "lantern", "orvanda")
    states = {m["name"]: m["state"] for m in desk.json("orvanda", "show", opened)["members"]}
    assert states["Tolmere"] == "declined"
    assert states["Lantern Sea Council"] == "left"


def test_who_is_invited_declines_once_and_who_has_joined_does_not(desk: Desk) -> None:
    desk.make("orvanda", "tolmere", "lantern")
    opened, other = (
        desk.open("orvanda", "tolmere", growth="chair", title=title, text="x") for title in "TU"
    )
    for dossier in (opened, other):
        desk.ok("orvanda", "say", dossier, "inform", "--text", "x", "--yes")
        desk.ok("orvanda", "invite", dossier, "lantern", "--yes")
    desk.sync("orvanda", "lantern")
    # What was said before is not here: the invitation itself waits for it.
    desk.ok("lantern", "decline", opened)
    assert desk.refused("lantern", "decline", opened)["rule"] == "S2"
    desk.ok("lantern", "join", other)
    desk.sync("lantern", "orvanda", "lantern")
    states = {m["name"]: m["state"] for m in desk.json("orvanda", "show", opened)["members"]}
    assert states["Lantern Sea Council"] == "declined"
    assert "leave the dossier instead" in desk.refused("lantern", "decline", other)["reason"]
    states = {m["name"]: m["state"] for m in desk.json("lantern", "show", other)["members"]}
    assert states["Lantern Sea Council"] == "member"


def test_new_messages_are_new_once(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    desk.sync("orvanda", "tolmere")
    (new,) = desk.json("tolmere", "inbox", "--keep")["new"]
    assert new["dossier"] == opened
    assert new["fields"]["title"] == "Port controller"
    assert "NEW    Incident · opened by Orvanda" in desk.ok("tolmere", "inbox")
    assert desk.ok("tolmere", "inbox") == "Nothing needs you.\n"
    assert len(desk.json("tolmere", "inbox", "--since", "0")["new"]) == 1


def test_what_is_not_here_is_refused(desk: Desk) -> None:
    desk.make("orvanda")
    for words in (("show", "abcd"), ("files", "abcd"), ("join", "abcd"), ("say", "abcd", "x")):
        assert desk.refused("orvanda", *words)["rule"] == "S3"
    assert desk.refused("orvanda", "show", "xyz")["rule"] == "S4"
    assert desk.refused("orvanda", "show", "%%%%")["rule"] == "S4"


def test_text_of_others_moves_no_cursor(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere", title="T", text="one \u202etwo\nthree")
    desk.sync("orvanda", "tolmere")
    said = desk.ok("tolmere", "show", opened)
    assert "\u202e" not in said
    assert "    | three" in said
    assert "[bold]" in _say_and_show(desk, opened, "[bold]")


def _say_and_show(desk: Desk, opened: str, text: str) -> str:
    desk.ok("orvanda", "say", opened, "inform", "--text", text, "--yes")
    return desk.ok("orvanda", "show", opened)


# Files


def test_a_stix_bundle_is_sent_object_by_object(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    bundle = stix(desk.home / "warning.json", 3)
    plain = desk.home / "plan.txt"
    plain.write_text("A plan.", encoding="utf-8")
    words = ("--with", "tolmere", "--title", "T", "--text", "x", "--yes")
    said = desk.ok("orvanda", "open", "incident", *words, "--attach", bundle, "--attach", plain)
    assert "warning.json: 3 objects." in said
    value = desk.json("orvanda", "open", "incident", *words, "--attach", bundle)
    assert value["objects"] == 3
    assert len(value["batches"]) == 1
    opened = value["dossier"]
    sent = desk.json("orvanda", "say", opened, "inform", "--attach", bundle, "--yes")
    assert (sent["objects"], len(sent["ids"])) == (3, 1)
    both = desk.json(
        "orvanda", "say", opened, "inform", "--attach", bundle, "--text", "See these.", "--yes"
    )
    assert len(both["ids"]) == 2
    desk.sync("orvanda", "tolmere")
    assert [a["objects"] for a in acts(desk, "tolmere", opened)] == [0, 3, 3, 0, 3]
    saved = desk.json("tolmere", "files", opened, "--act", sent["id"], "--save", desk.home / "out")
    (file,) = saved["files"]
    again = json.loads(Path(file["saved"]).read_bytes())
    assert again["objects"] == json.loads(bundle.read_bytes())["objects"]


def test_a_file_that_only_looks_like_stix_is_a_file(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    odd = desk.home / "odd.json"
    odd.write_text('{"type": "bundle", "objects": []}', encoding="utf-8")
    sent = desk.json("orvanda", "say", opened, "inform", "--text", "x", "--attach", odd, "--yes")
    assert (sent["objects"], sent["files"]) == (0, ["odd.json"])


def test_files_are_listed_and_saved_without_writing_over_any(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    assert "no files here" in desk.ok("orvanda", "files", opened)
    report = desk.home / "report.bin"
    report.write_bytes(b"r" * 70_000)
    desk.ok("orvanda", "say", opened, "files", "--attach", report, "--yes")
    desk.sync("orvanda", "tolmere")
    out = desk.home / "out"
    assert "not arrived yet" not in desk.ok("tolmere", "files", opened, "--save", out)
    desk.ok("tolmere", "files", opened, "--save", out)
    assert sorted(path.name for path in out.iterdir()) == ["report-1.bin", "report.bin"]
    assert (out / "report-1.bin").read_bytes() == report.read_bytes()


def test_a_person_sees_what_there_is_of_a_content(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    report = desk.home / "report.bin"
    report.write_bytes(b"r" * 100_000)
    sent = desk.json("orvanda", "say", opened, "files", "--attach", report, "--yes")
    desk.ok("orvanda", "sync")
    assert acts(desk, "tolmere", opened)[-1]["content"] == Content.ARRIVING
    assert CONTENT_WORDS[Content.ARRIVING] in desk.ok("tolmere", "show", opened)
    desk.sync("tolmere")
    assert acts(desk, "tolmere", opened)[-1]["content"] == Content.HERE
    node = open_node(desk.home / "tolmere", desk.ports())
    erasure.erase(node, sent["id"], reason="personal_data")
    assert CONTENT_WORDS[Content.ERASED] in desk.ok("tolmere", "show", opened)
    assert CONTENT_WORDS.keys() == {*Content} - {Content.HERE}


def test_a_large_file_is_read_in_pieces(desk: Desk) -> None:
    """64 MiB pass through; what is held of it at any time is a few parts."""
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    large = desk.home / "large.bin"
    with large.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    tracemalloc.start()
    try:
        desk.ok("orvanda", "say", opened, "files", "--attach", large, "--yes")
        desk.ok("orvanda", "files", opened, "--save", desk.home / "out")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (desk.home / "out" / "large.bin").stat().st_size == large.stat().st_size
    assert peak < 24 * PART_LIMIT
