"""The tutorial's commands do what it says, in its order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.edge.desk import Desk

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tutorial" / "first-dossier.md"
HOSTS = {"127.0.0.1:8441": "orvanda", "127.0.0.1:8442": "tolmere"}


def commands() -> list[list[str]]:
    found = re.findall(r"^\$ comity (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [shlex.split(line) for line in found]


def fingerprint(desk: Desk, who: str) -> str:
    found: str = desk.json(who, "parties")["parties"][0]["fingerprint"]
    return found


def filled(desk: Desk, words: list[str], said: str) -> list[str]:
    """Return a command with what stands for ids, digits and files put in."""
    ids = {
        "DOSSIER": re.search(r"Opened ([0-9a-f]{8})", said),
        "MESSAGE": re.search(r"Signed ([0-9a-f]{8})", said),
    }
    for at, word in enumerate(words):
        if word.endswith("FINGERPRINT"):
            words[at] = fingerprint(desk, word.partition("'")[0].lower())
        elif word.endswith(".json"):
            words[at] = str(desk.home / word)
        elif (match := ids.get(word)) is not None:
            words[at] = match[1]
    return words


def test_every_command_of_the_tutorial_goes_well(desk: Desk) -> None:
    desk.hosts = HOSTS
    said, last = "", ""
    for words in commands():
        at = words.index("--dir") if "--dir" in words else None
        who = "nobody" if at is None else words[at + 1]
        if words[0] == "run":
            continue
        own = words if at is None else [*words[:at], *words[at + 2 :]]
        got = desk.run(who, *filled(desk, own, said))
        # The last check is without the ids of parties, and says so.
        expected = 3 if words[0] == "verify" and at is None else 0
        assert got.exit_code == expected, f"{words}\n{got.output}"
        said, last = said + got.stdout, got.stdout
        if words[0] in {"open", "say"}:
            desk.sync("orvanda", "tolmere")
    assert "CONSISTENT, IDENTITY NOT CHECKED" in last
    # Whether it helps, Tolmere says within eight hours.
    assert re.search(r"YOURS  Answer Orvanda by 20\d\d-\d\d-\d\d \d\d:\d\d UTC", said)
    assert "Tolmere answered: partly done" in said
