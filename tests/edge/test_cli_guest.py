"""Letters to people without a node, at the command line."""

from __future__ import annotations

import urllib.parse
from pathlib import Path

from comity.services.casework import guests
from comity.services.node import open_node
from comity.services.proof import guestrecord
from tests.edge.desk import Desk

TO = ("--name", "Jane Fenn", "--mail", "jane@fennick.example", "--in", "en", "--in", "ar")


def warning(desk: Desk) -> tuple[str, str]:
    """Open an incident and warn in it; return its id and the message's."""
    desk.make("orvanda", "tolmere")
    dossier = desk.open("orvanda", "Tolmere")
    said = desk.json("orvanda", "say", dossier, "inform", "--text", "Cranes may stop.", "--yes")
    return dossier, said["id"]


def test_a_letter_is_made_listed_answered_and_revoked(desk: Desk, tmp_path: Path) -> None:
    dossier, message = warning(desk)
    out = tmp_path / "letter.txt"
    made = desk.json("orvanda", "guest", message, *TO, "--out", out, "--yes")
    assert made["state"] == "made"
    assert made["text"].count(made["link"]) == 2
    assert "Cranes may stop." not in made["text"]
    assert out.read_text(encoding="utf-8").count("Cranes may stop.") == 2
    (listed,) = desk.json("orvanda", "guest", "--of", dossier)["letters"]
    assert (listed["id"], listed["name"]) == (made["id"], "Jane Fenn")
    assert "link" not in listed
    node = open_node(desk.home / "orvanda", desk.ports())
    secret = urllib.parse.urlsplit(made["link"]).path.rpartition("/")[2]
    guests.answer(node, secret, {"text": "We patch today."})
    told = desk.ok("orvanda", "guest", "--of", dossier)
    assert "Jane Fenn <jane@fennick.example>: answered" in told
    assert "Guest of Orvanda" in desk.ok("orvanda", "show", dossier)
    record = tmp_path / "record.zip"
    record.write_bytes(guestrecord.make(node, guests.require_link(node, secret)))
    assert "Revoked" in desk.ok("orvanda", "guest", "--revoke", made["id"])
    assert desk.json("orvanda", "guest", "--of", dossier)["letters"][0]["state"] == "revoked"
    desk.make_anew("lantern")
    kept = desk.json("lantern", "import", record)
    assert [each["kind"] for each in kept["statements"]] == ["inform", "record"]
    assert "record.zip" in desk.ok("lantern", "show", kept["dossier"])
    assert "Compare these fingerprints" in desk.ok("lantern", "import", record)


def test_a_letter_gets_another_address(desk: Desk) -> None:
    _, message = warning(desk)
    first = desk.json("orvanda", "guest", message, *TO, "--yes")
    other = desk.json("orvanda", "guest", "--renew", first["id"])
    assert (other["id"], other["state"]) == (first["id"], "made")
    assert other["link"] != first["link"]
    assert other["link"] in other["text"]


def test_nothing_is_made_when_the_answer_is_no(desk: Desk) -> None:
    dossier, message = warning(desk)
    refusal = desk.refused("orvanda", "guest", message, *TO)
    assert refusal["rule"] == "S4"
    assert desk.json("orvanda", "guest", "--of", dossier)["letters"] == []
    assert "No letter of this dossier" in desk.ok("orvanda", "guest", "--of", dossier)


def test_what_makes_no_sense_together_is_refused(desk: Desk) -> None:
    dossier, message = warning(desk)
    for words in (
        (),
        (message, "--of", dossier),
        (message, *TO[:4], "--in", "en"),
        (message, *TO[:4], "--in", "en", "--in", "en"),
        (message, "--name", "", *TO[2:]),
        (message, *TO, "--days", "91"),
    ):
        assert desk.refused("orvanda", "guest", *words, "--yes")["rule"] == "S4"
    assert desk.refused("orvanda", "guest", "--revoke", "0" * 24)["rule"] == "S3"


def test_what_is_too_strict_is_refused_before_it_is_asked_to_whom(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    strict = desk.open("orvanda", "Tolmere", tlp="amber+strict")
    assert desk.refused("orvanda", "guest", strict, "--in", "en", "--in", "ar")["rule"] == "L3"
