"""What the command line says to people: what happened, why, what to do; and before it asks."""

from __future__ import annotations

import errno
import os

import pytest
from django.db import OperationalError

from comity.edge.cli import errors
from comity.edge.cli.sending import NAMED, to_whom
from comity.kernel.ids import PartyId
from comity.services.casework.readers import ReaderParty
from comity.services.ports import Unreachable
from tests.edge.desk import Desk


@pytest.mark.parametrize("number", [*errors.FAULTS, errno.EIO])
def test_what_the_system_says_is_put_in_words(number: int) -> None:
    refusal = errors.as_refusal(OSError(number, os.strerror(number), "some.file"))
    assert refusal is not None
    assert refusal.rule == ("S7" if number in {errno.ENOSPC, errno.EDQUOT} else "S4")
    assert refusal.subject == "some.file"
    assert "Errno" not in refusal.reason


@pytest.mark.parametrize(
    ("error", "rule", "words"),
    [
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "S4", "should hold text"),
        (Unreachable("Nothing answers at http://orvanda.example."), "S13", "Nothing answers"),
        (
            OperationalError("failed to resolve host 'x': [Errno -2] Name not known\nmore"),
            "S13",
            "The node's database does not answer: failed to resolve host 'x': Name not known.",
        ),
        (OperationalError(), "S13", "it says nothing."),
    ],
)
def test_faults_from_outside_are_refusals(error: Exception, rule: str, words: str) -> None:
    refusal = errors.as_refusal(error)
    assert refusal is not None
    assert refusal.rule == rule
    assert words in refusal.reason


def test_a_fault_of_the_program_is_no_refusal() -> None:
    assert errors.as_refusal(RuntimeError("a fault")) is None


def test_what_nobody_answers_says_what_to_do(desk: Desk) -> None:
    desk.make("orvanda")
    said = desk.run("orvanda", "introduce", "http://nobody.example").stderr
    first, *others = said.splitlines()
    assert first == "comity introduce did nothing."
    assert [line.split(":")[0] for line in others] == ["  Why", "  What to do", "  Rule S13"]


# A new node.


def test_a_new_node_says_how_it_stands_in_words(desk: Desk) -> None:
    desk.make("orvanda")
    said = desk.ok("orvanda", "status")
    assert "  Log 1: 1 entry; none can be proven before `comity run`" in said
    assert "  No witness is named: nobody else confirms when something was said\n" in said
    assert "no date" not in said
    desk.ok("orvanda", "sync")
    said = desk.ok("orvanda", "status")
    assert "  Log 1: 16 entries; the first 16 provable since 2026-" in said


def test_the_folder_written_with_the_command_goes_before_the_environment(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.make("orvanda", "tolmere")
    monkeypatch.setenv("COMITY_DIR", str(desk.home / "tolmere"))
    assert desk.json("orvanda", "status")["name"] == "Orvanda"


# Before something is done.


def asked(desk: Desk, *words: str) -> str:
    """Return what Orvanda is asked before a command, and answer no."""
    got = desk.run("orvanda", *words, answer="n\n")
    assert got.exit_code == 1
    assert "you said no" in got.stderr
    question: str = got.stdout.splitlines()[-1]
    return question.removesuffix(" [y/N]: n")


def test_each_question_says_what_will_happen(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.make("orvanda", "tolmere", "lantern")
    opened = desk.open("orvanda", "tolmere", "lantern")
    monkeypatch.setattr("comity.edge.cli.run.Run.can_ask", True)
    texts = ("--title", "Cranes", "--text", "They stand still.")
    assert asked(desk, "open", "incident", "--with", "tolmere", *texts) == (
        "Sign and send this to Tolmere?"
    )
    assert asked(desk, "open", "incident", *texts) == "Sign this? Nobody else gets it."
    assert asked(desk, "say", opened, "inform", "--text", "They move again.") in {
        "Sign and send this to Tolmere and Lantern Sea Council?",
        "Sign and send this to Lantern Sea Council and Tolmere?",
    }
    erase = ("erase", opened, "--reason", "mistake")
    assert asked(desk, *erase) == (
        f"Erase all content of {opened[:8]} here, and ask 2 others to erase theirs?"
    )
    assert asked(desk, *erase, "--here-only") == (
        f"Erase all content of {opened[:8]} here, and tell nobody?"
    )
    assert asked(desk, "leave", opened) == f"Leave {opened[:8]} for good, and tell its members?"


def test_many_readers_are_counted() -> None:
    who = PartyId("a" * 64)
    many = [ReaderParty(who, f"Party {n}", accredited=True, state="member") for n in range(9)]
    assert to_whom(many) == "Sign and send this to 9 parties?"
    assert to_whom(many[:NAMED]).endswith("Party 0, Party 1, Party 2 and Party 3?")
