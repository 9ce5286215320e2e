"""A coordinated disclosure by the command line: what is generic carries it wholly."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.edge.desk import Desk
from tests.edge.test_cli_consultation import needs, say, status

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "disclose.md"
TITLE = "Gateways write past a buffer"


def opened(desk: Desk, *options: str) -> str:
    """Orvanda reports to Tolmere."""
    words = ("--role", "finder", "--title", TITLE, "--text", "In the parser of names.", *options)
    found = desk.json("orvanda", "open", "disclosure", "--with", "tolmere", *words, "--yes")
    desk.ok("orvanda", "sync")
    return str(found["dossier"])


def proposed(desk: Desk, dossier: str, days: int = 30) -> str:
    end = datetime.fromtimestamp(desk.clock.now() / 1000, UTC) + timedelta(days=days)
    terms = {"use": "defence", "duties": "none", "text": "As usual."}
    return say(desk, "orvanda", dossier, "propose", end=f"{end:%Y-%m-%dT%H:%MZ}", **terms)


def test_a_case_is_reported_agreed_to_and_handled(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    case = opened(desk, "--names", "cve-2026-0417")
    assert status(desk, "tolmere", case) == "Reported, no terms yet"
    terms = proposed(desk, case)
    (report, there) = desk.json("tolmere", "show", case)["acts"]
    assert (report["fields"], there["fields"]["text"]) == ({}, "As usual.")
    assert [need["words"] for need in needs(desk, "tolmere")] == [
        "Agree to the terms of Orvanda, or refuse them"
    ]
    say(desk, "tolmere", case, "accept", terms, duties="csirt,regulator", within="24")
    desk.ok("orvanda", "sync")
    desk.ok("tolmere", "sync")
    assert desk.json("tolmere", "show", case)["acts"][0]["fields"]["title"] == TITLE
    say(desk, "tolmere", case, "handle", case, stage="received", role="vendor")
    say(desk, "tolmere", case, "status", word="affected", product="gateway-3")
    assert status(desk, "orvanda", case) == "Under embargo"
    say(desk, "tolmere", case, "withdraw", terms, reason="safety")
    assert status(desk, "orvanda", case) == "Embargo ended by a party"


def test_who_waits_for_the_words_is_named_before_they_are_sent(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    case = opened(desk)
    asked = desk.run("orvanda", "say", case, "inform", "--text", "More of it.", answer="n\n")
    assert "is given it when it has agreed to terms, and not before" in asked.output
    asked = desk.run("orvanda", "say", case, "discuss", "--text", "How long?", answer="n\n")
    assert "not before" not in asked.output


def test_every_command_of_the_guide_is_one(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    text = PAGE.read_text(encoding="utf-8").replace("\\\n", " ")
    found = re.findall(r"^    comity (open|say) (.+)$", text, re.MULTILINE)
    kinds = [words.split()[1 if verb == "say" else 0] for verb, words in found]
    assert kinds == ["disclosure", "propose", "accept", "handle", "status", "fix", "link"]
    case = opened(desk)
    for (verb, words), kind in zip(found, kinds, strict=True):
        named = re.findall(r"--([a-z_]+)", words)
        place = ("open", "disclosure") if verb == "open" else ("say", case, kind)
        known = desk.ok("orvanda", *place, "--explain")
        assert not [
            name
            for name in named
            if name not in {"with", "ref", "growth"} and f"--{name}" not in known
        ]
