"""The commands of the page on sharing do what it says, in its order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.edge.desk import Desk

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "howto" / "share-objects.md"


def commands() -> list[list[str]]:
    found = re.findall(r"^\$ comity (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [shlex.split(line) for line in found]


def filled(desk: Desk, words: list[str]) -> list[str]:
    """Return a command with its files and what stands for a message or an object put in."""
    found = []
    for word in words:
        if word == "MESSAGE":
            found.append(desk.json("orvanda", "permit")["asks"][0]["act"])
        elif word == "PRACTICE":
            of = desk.json("orvanda", "search", "--type", "course-of-action")["objects"]
            found.append(of[0]["id"])
        elif word.startswith("docs/"):
            found.append(str(ROOT / word))
        else:
            found.append(str(desk.home / word) if word.endswith(".json") else word)
    return found


def test_every_command_of_the_page_goes_well(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    said = []
    for words in commands():
        at = words.index("--dir") if "--dir" in words else None
        who = "nobody" if at is None else words[at + 1]
        own = words if at is None else [*words[:at], *words[at + 2 :]]
        got = desk.run(who, *filled(desk, own))
        expected = 3 if words[0] == "verify-object" else 0
        assert got.exit_code == expected, f"{words}\n{got.output}"
        said.append(got.stdout)
        desk.sync("orvanda", "tolmere")
        desk.sync("tolmere", "orvanda")
    assert "Nothing was signed; to publish: 3" in said[1]
    assert "Published 3, there already 0, left out 0." in said[2]
    assert "indicator--0d9f6a52" in said[3]
    assert "User       opencti\nPassword   comity_" in said[-1]
    assert "indicator--0d9f6a52" not in desk.ok("tolmere", "search")
