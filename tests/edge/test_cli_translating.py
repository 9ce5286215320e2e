"""Translating by the command line, and the language of what is said."""

from __future__ import annotations

from typing import Any

import pytest

from tests.edge.desk import Desk


@pytest.fixture(name="told")
def said(desk: Desk) -> tuple[str, str]:
    """An incident between two, and a message in it that says its language."""
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere", title="Kran", text="Am Hafen.", lang="DE")
    sent = desk.json(
        "orvanda", "say", opened, "inform", "--text", "Ein Leck.", "--lang", "de", "--yes"
    )
    desk.sync("orvanda", "tolmere")
    return opened, sent["id"]


def of(desk: Desk, who: str, dossier: str, act: str) -> Any:
    acts = desk.json(who, "show", dossier)["acts"]
    return next(each for each in acts if each["id"] == act)


def test_what_was_said_is_translated(desk: Desk, told: tuple[str, str]) -> None:
    opened, act = told
    words = ("translate", act, "--as", "unofficial", "--lang", "fr", "--text", "Une fuite.")
    done = desk.json("tolmere", *words, "--yes")
    assert (done["act"], done["lang"], done["as"]) == (act, "fr", "unofficial")
    desk.sync("tolmere", "orvanda")
    (found,) = of(desk, "orvanda", opened, act)["translations"]
    assert (found["called"], found["lang"]) == ("unofficial", "fr")
    assert found["fields"] == {"text": "Une fuite."}
    shown = desk.ok("orvanda", "show", opened)
    assert "    | Ein Leck.\n    written in German\n" in shown
    mark = f"    Unofficial translation by Tolmere, in French [{done['id'][:8]}]\n"
    assert f"{mark}    | Une fuite.\n" in shown
    assert f"Tolmere translated {act[:4]} into French" in shown


def test_the_opening_is_translated_word_by_word(desk: Desk, told: tuple[str, str]) -> None:
    opened, _ = told
    asked = desk.ok("orvanda", "translate", opened, "--explain")
    assert {"--title", "--text", "--lang", "--as"} <= {*asked.split()}
    assert "    | Am Hafen." in asked
    assert desk.json("orvanda", "translate", opened, "--explain")["words"] == {
        "title": "Kran",
        "text": "Am Hafen.",
    }
    words = ("translate", opened, "--as=official", "--lang=en", "--title=Crane")
    lacking = desk.refused("orvanda", *words, "--yes")
    assert (lacking["rule"], "--text" in lacking["reason"]) == ("S4", True)
    desk.ok("orvanda", *words, "--text=At the harbour.", "--yes")
    shown = desk.ok("orvanda", "show", opened)
    assert "    | At the harbour.\n    | Crane\n" in shown
    assert shown.startswith("Kran\n")


def test_what_is_wrong_with_it_is_said(desk: Desk, told: tuple[str, str]) -> None:
    opened, act = told
    words = ("translate", act, "--as", "machine", "--text", "Une fuite.", "--yes")
    assert "--lang" in desk.refused("tolmere", *words)["reason"]
    assert "tag of a language" in desk.refused("tolmere", *words, "--lang", "French!")["reason"]
    assert "choose another" in desk.refused("tolmere", *words, "--lang", "de")["reason"]
    lower = desk.refused("tolmere", *words, "--lang", "fr", "--tlp", "green")
    assert (lower["rule"], "label" in lower["reason"]) == ("K14", True)
    given = desk.refused("tolmere", *words, "--lang", "fr", "--act", act)
    assert given["subject"] == "--act"
    assert "official" in desk.refused(
        "tolmere", "translate", act, "--as", "official", "--text", "x", "--lang", "fr", "--yes"
    )["reason"]  # fmt: skip
    say = desk.refused("tolmere", "say", opened, "translation", "--yes")
    assert "comity translate" in say["reason"]
    say = desk.refused("orvanda", "say", opened, "note", "--text", "x", "--lang", "x y", "--yes")
    assert say["reason"].startswith("--lang")
