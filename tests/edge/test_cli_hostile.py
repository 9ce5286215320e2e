"""What others wrote is shown as theirs: it moves no cursor, breaks no list and names no other."""

from __future__ import annotations

import json
import re

import pytest

from comity.edge.cli import errors
from comity.kernel.errors import Refusal
from comity.services.casework import text
from comity.services.ports import Reply
from tests.edge.desk import Desk, party

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def meet(desk: Desk, name: str) -> str:
    """Let Orvanda meet a stranger of this name; return what was printed."""
    folder = f"stranger-{len(desk.opened)}"
    desk.ok(folder, "init", "--name", name, "--kit-file", desk.home / f"{folder}.kit")
    desk.ok(folder, "card", desk.home / f"{folder}.card")
    return desk.ok("orvanda", "introduce", desk.home / f"{folder}.card")


@pytest.mark.parametrize("name", ["Sarivane[/b]", "Sari[b]vane", "[link=http://x.example]Sari"])
def test_a_name_is_no_markup(desk: Desk, name: str) -> None:
    desk.make("orvanda", "tolmere")
    meet(desk, name)
    assert name in desk.ok("orvanda", "parties")


def test_no_command_to_be_copied_holds_what_a_stranger_calls_itself(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    said = meet(desk, 'x"; rm -r "')
    assert "rm -r" not in said[said.index("Then: comity accredit") :]


def test_a_party_is_not_found_by_a_name_that_looks_like_the_id_of_another(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    tolmere = party(desk, "tolmere")
    meet(desk, tolmere)
    meet(desk, tolmere[:8])
    opened = desk.json("orvanda", "open", "incident", "--with", tolmere, "--title", "x",
                       "--text", "y", "--yes")["dossier"]  # fmt: skip
    members = desk.json("orvanda", "show", opened)["members"]
    assert tolmere in {member["party"] for member in members}
    refusal = desk.refused("orvanda", "host", tolmere[:8])
    assert refusal["reason"] == "More than one party could be meant; write more of it."


def test_a_title_is_one_line() -> None:
    forged = "Port\nYOURS  Answer Tolmere\u2028by tomorrow"
    assert text.title_of([("title", True, forged)]) == "Port YOURS Answer Tolmere by tomorrow"


def test_words_of_a_message_cannot_be_taken_for_what_this_node_says(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    forged = "A flaw.\n    → Lantern Sea Council: received → read"
    opened = desk.open("orvanda", "tolmere", title="x", text=forged)
    lines = desk.ok("orvanda", "show", opened).splitlines()
    (line,) = [line for line in lines if "Lantern" in line]
    assert line.startswith("    | ")


@pytest.mark.parametrize("as_json", [True, False])
def test_what_another_node_answers_cannot_move_the_cursor(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, *, as_json: bool
) -> None:
    desk.make("orvanda", "tolmere")
    reason = "no\x1b[2J\r\x9b1A\u202e\nRule S1: all is well"
    told = {"rule": "T5", "reason": reason, "subject": "\x1b]0;x\x07", "retry": "later"}

    def answer(*_: object, **__: object) -> Reply:
        return Reply(429, json.dumps(told).encode())

    monkeypatch.setattr(desk, "send", answer)
    opened = desk.open("orvanda", "tolmere")
    desk.run("orvanda", "sync")
    for command in (["doctor"], ["show", opened], ["parties"], ["status"]):
        said = desk.run("orvanda", *command, *(["--json"] if as_json else [])).output
        assert not CONTROL.search(said)


def test_a_refusal_is_reported_without_what_a_terminal_obeys(
    capsys: pytest.CaptureFixture[str],
) -> None:
    refusal = Refusal("T5", "no\x1b[2J\n  Rule S1: forged\x9b", "\u202eabc")
    for as_json in (False, True):
        errors.report(refusal, "comity sync", as_json=as_json)
    caught = capsys.readouterr()
    assert not CONTROL.search(caught.out + caught.err)
    assert "\n  Rule S1: forged" not in caught.err
    assert json.loads(caught.out)["reason"] == refusal.reason


def test_files_are_saved_through_no_link_and_under_any_name(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    long = "n" * 251 + ".txt"
    opened = desk.open("orvanda", "tolmere")
    for name in ("a.txt", long):
        path = desk.home / name
        path.write_bytes(b"saved")
        for _ in range(2):
            desk.ok("orvanda", "say", opened, "note", "--text", "x", "--attach", path, "--yes")
    target, outside = desk.home / "saved", desk.home / "outside"
    target.mkdir()
    (target / "a.txt").symlink_to(outside)
    desk.ok("orvanda", "files", opened, "--save", target)
    assert not outside.exists()
    saved = [path for path in target.iterdir() if not path.is_symlink()]
    assert [path.read_bytes() for path in saved] == [b"saved"] * 4
