"""Erasing by the command line: nothing is left in any file of the node, and others answer."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests import databases
from tests.edge.desk import Desk, leave

CANARY = "canary-7f3e-harbour-crane-88"


def traces(desk: Desk, who: str) -> list[str]:
    """The files and tables of a node that hold the canary, whatever they are."""
    kept = databases.kept_in(desk.home / who)
    return sorted(name for name, data in kept.items() if CANARY.encode() in data)


def of(desk: Desk, who: str, dossier: str, act: str) -> dict[str, Any]:
    acts = desk.json(who, "show", dossier)["acts"]
    found: dict[str, Any] = next(each for each in acts if each["id"] == act)
    return found


@pytest.fixture(name="told")
def said(desk: Desk) -> tuple[str, str]:
    """An incident among three, and a message with the canary in words and in a large file."""
    told = desk.after("canary", _say)
    for who in ("orvanda", "tolmere", "lantern"):
        assert len(traces(desk, who)) >= 2, who
    return told


def _say(desk: Desk) -> tuple[str, str]:
    desk.make("orvanda", "tolmere", "lantern")
    opened = desk.open("orvanda", "tolmere", "lantern")
    large = desk.home / "large.bin"
    large.write_bytes(CANARY.encode() * 5000)
    sent = desk.json(
        "orvanda", "say", opened, "inform", "--text", f"Look: {CANARY}.", "--attach", large, "--yes"
    )
    desk.sync("orvanda", "tolmere", "lantern", "orvanda")
    return opened, sent["id"]


def test_nothing_is_left_in_any_file_of_the_node(desk: Desk, told: tuple[str, str]) -> None:
    opened, act = told
    done = desk.json("orvanda", "erase", act, "--reason", "personal_data", "--yes")
    assert (done["stage"], done["of"], done["gone"]) == ("asked", act, True)
    assert traces(desk, "orvanda") == []
    assert list((desk.home / "orvanda" / "spool").iterdir()) == []
    assert desk.json("orvanda", "fsck")["clean"]
    shown = of(desk, "orvanda", opened, act)
    assert (shown["content"], shown["fields"]) == ("erased", {})
    assert shown["caption"] == "Orvanda informed"
    # The others have theirs until they answer; what comes back from them is not taken in.
    desk.sync("orvanda", "tolmere", "orvanda")
    assert traces(desk, "tolmere")
    assert traces(desk, "orvanda") == []


def test_the_opening_loses_its_title_too(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere", title=CANARY, text=CANARY)
    assert traces(desk, "orvanda")
    desk.ok("orvanda", "erase", opened, "--reason", "mistake", "--yes")
    assert traces(desk, "orvanda") == []
    title = desk.json("orvanda", "show", opened)["dossier"]["title"]
    assert title.startswith("Incident · opened by Orvanda")
    assert desk.json("orvanda", "fsck")["clean"]


def test_others_apply_refuse_or_are_silent_and_all_see_who(
    desk: Desk, told: tuple[str, str]
) -> None:
    opened, act = told
    desk.ok("orvanda", "erase", act, "--reason", "personal_data", "--yes")
    desk.sync("orvanda", "tolmere", "lantern")
    said = desk.ok("tolmere", "show", opened)
    assert "erasing: Orvanda asked for it (personal data)" in said
    assert "erasing: Tolmere has not answered" in said
    assert f"comity erase {act[:8]}" in said
    applied = desk.json("tolmere", "erase", act, "--yes")
    assert (applied["stage"], applied["reason"]) == ("applied", "personal_data")
    assert traces(desk, "tolmere") == []
    assert f"comity erase {act[:8]}" not in desk.ok("tolmere", "show", opened)
    assert "Give a reason" in desk.refused("lantern", "erase", act, "--refuse", "-y")["reason"]
    desk.ok("lantern", "erase", act, "--refuse", "--reason", "law", "--yes")
    assert traces(desk, "lantern")
    desk.sync("tolmere", "lantern", "orvanda")
    said = of(desk, "orvanda", opened, act)["erasing"]
    words = {word["name"]: (word["stage"], word["reason"]) for word in said}
    assert words == {
        "Orvanda": ("asked", "personal data"),
        "Tolmere": ("applied", "personal data"),
        "Lantern Sea Council": ("refused", "required by law"),
    }
    # Who refused may still do it later.
    desk.ok("lantern", "erase", act, "--yes")
    assert traces(desk, "lantern") == []
    desk.sync("lantern", "orvanda")
    assert "Lantern Sea Council applied" in desk.ok("orvanda", "show", opened)


def test_one_part_is_erased_alone(desk: Desk, told: tuple[str, str]) -> None:
    opened, act = told
    done = desk.json(
        "orvanda", "erase", act, "--part", "1", "--reason", "mistake", "--yes"
    )  # the file's first part; part 0 is the words
    assert done["parts"] == [1]
    shown = of(desk, "orvanda", opened, act)
    assert shown["fields"]["text"] == f"Look: {CANARY}."
    assert [file["held"] for file in shown["files"]] == [False]
    desk.sync("orvanda", "tolmere")
    # What is asked for is what is applied, without saying it again.
    assert desk.json("tolmere", "erase", act, "--yes")["parts"] == [1]
    assert of(desk, "tolmere", opened, act)["fields"]["text"] == f"Look: {CANARY}."
    # Another part later is asked for with what was asked before.
    more = desk.json("orvanda", "erase", act, "--part", "0", "--yes")
    assert (more["parts"], more["reason"]) == ([0, 1], "mistake")
    assert traces(desk, "orvanda") == []
    assert desk.json("orvanda", "fsck")["clean"]


def test_erasing_twice_is_once(desk: Desk, told: tuple[str, str]) -> None:
    opened, act = told
    desk.ok("orvanda", "erase", act, "--reason", "law", "--yes")
    again = desk.json("orvanda", "erase", act, "--yes")
    assert (again["act"], again["stage"]) == ("", "asked")
    kinds = [each["kind"] for each in desk.json("orvanda", "show", opened)["acts"]]
    assert kinds.count("erase") == 1


def test_here_only_tells_nobody(desk: Desk, told: tuple[str, str]) -> None:
    opened, act = told
    done = desk.json("tolmere", "erase", act, "--here-only", "--reason", "retention", "--yes")
    assert (done["act"], done["stage"]) == ("", "")
    assert traces(desk, "tolmere") == []
    shown = of(desk, "tolmere", opened, act)
    assert (shown["content"], shown["erasing"]) == ("erased", [])


WRONG = {
    "no reason": ((), "Give a reason, one of agreement, law"),
    "unknown reason": (("--reason", "because"), "Give a reason"),
    "no such part": (("--reason", "law", "--part", "7"), "has the parts 0 to"),
    "nobody asked": (("--refuse", "--reason", "law"), "has not asked this party"),
    "both": (("--refuse", "--part", "0"), "--reason alone"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_wish_says_what_is_wrong(desk: Desk, told: tuple[str, str], case: str) -> None:
    options, reason = WRONG[case]
    refusal = desk.refused("orvanda", "erase", told[1], *options, "--yes")
    assert refusal["rule"] == "S4"
    assert reason in refusal["reason"]
    assert traces(desk, "orvanda")


def test_nothing_is_erased_unless_somebody_says_yes(desk: Desk, told: tuple[str, str]) -> None:
    assert "--yes" in desk.refused("orvanda", "erase", told[1], "--reason", "law")["reason"]
    assert traces(desk, "orvanda")


def test_it_is_not_said_as_a_message(desk: Desk, told: tuple[str, str]) -> None:
    refusal = desk.refused("orvanda", "say", told[0], "erase", "--yes")
    assert "comity erase" in refusal["reason"]


@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_what_was_erased_stays_so_after_a_restore(desk: Desk, told: tuple[str, str]) -> None:
    _, act = told
    copy = desk.home / "copy.tar"
    desk.json("orvanda", "backup", copy)
    desk.ok("orvanda", "erase", act, "--reason", "personal_data", "--yes")
    desk.sync("orvanda", "tolmere")
    leave(desk)
    shutil.rmtree(desk.home / "orvanda")
    kit, fresh = desk.home / "orvanda.kit", desk.home / "fresh.kit"
    done = desk.json(
        "orvanda", "restore", "--from", copy, "--kit-file", kit, "--new-kit-file", fresh
    )
    assert done["erased"] == 1
    assert traces(desk, "orvanda") == []
    desk.sync("tolmere", "orvanda")
    assert traces(desk, "orvanda") == []


def test_traces_are_looked_for_where_they_are(tmp_path: Path) -> None:
    desk = Desk(tmp_path, tmp_path)
    (tmp_path / "orvanda" / "parts").mkdir(parents=True)
    (tmp_path / "orvanda" / "parts" / "x").write_text(f"..{CANARY}..", encoding="utf-8")
    assert traces(desk, "orvanda") == ["parts/x"]
