"""Best practices and lessons by the command line: written, given anew, translated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from comity.services.node import open_node
from tests.edge.desk import Desk
from tests.sharing import entries

GIVEN = ("--title", "Two keys", "--text", "Two hold the keys.", "--lang", "EN", "--kind", "lesson")
MORE = ("--sector", "energy", "--topic", "key custody", "--reference", "https://harbour.example/a")


def circle(desk: Desk, title: str = "Lantern Sea") -> str:
    made = desk.json("orvanda", "circle", "create", "--title", title, "--with", "tolmere")
    return str(made["dossier"])


def held(desk: Desk, kind: str = "course-of-action") -> list[dict[str, Any]]:
    node = open_node(desk.home / "orvanda", desk.ports())
    return [orjson.loads(each.data) for each in entries(node) if each.type == kind]


def test_one_is_written_given_anew_and_translated(desk: Desk, tmp_path: Path) -> None:
    desk.make("orvanda", "tolmere")
    circle(desk)
    dry = desk.ok("orvanda", "practice", "write", "--circle", "lantern sea", *GIVEN, "--dry-run")
    assert ("Nothing was signed" in dry, held(desk)) == (True, [])
    made = desk.json("orvanda", "practice", "write", "--circle", "Lantern Sea", *GIVEN, *MORE)
    (first,) = held(desk)
    assert first["id"] == made["id"] == made["objects"][0]["id"]
    assert (first["lang"], first["labels"]) == (
        *("en", ["lesson", "sector:energy", "topic:key custody"]),
    )
    assert made["objects"][0]["tlp"] == "green"
    # What is not said anew stays.
    text = tmp_path / "text"
    text.write_text("Three hold them.", "utf-8")
    desk.json("orvanda", "practice", "version", made["id"], "--text-file", str(text))
    (second,) = held(desk)
    changed = {"description", "modified"}
    assert {name for name in second if second[name] != first[name]} == changed
    assert second["description"] == "Three hold them."
    desk.json("orvanda", "practice", "version", made["id"], "--kind", "best-practice", "--topic",
              "spares", "--tlp", "amber")  # fmt: skip
    (third,) = held(desk)
    assert third["labels"] == ["best-practice", "sector:energy", "topic:spares"]
    assert third["object_marking_refs"] != second["object_marking_refs"]
    words = ("--lang", "nl", "--title", "Twee sleutels", "--text", "Twee hebben ze.")
    desk.ok("orvanda", "practice", "translate", made["id"], *words)
    (translated,) = held(desk, "language-content")
    assert translated["contents"] == {
        "nl": {"name": "Twee sleutels", "description": "Twee hebben ze."}
    }
    assert translated["object_marking_refs"] == third["object_marking_refs"]


def test_what_does_not_fit_is_refused_and_nothing_signed(desk: Desk, tmp_path: Path) -> None:
    desk.make("orvanda", "tolmere")
    circle(desk)
    made = desk.json("orvanda", "practice", "write", "--circle", "Lantern Sea", *GIVEN)

    def told(*args: str) -> str:
        return desk.refused("orvanda", "practice", *args)["reason"]

    start = ("write", "--circle", "Lantern Sea", "--title", "T", "--lang")
    assert "Write a title and a text." in told(*start, "en")
    assert "There is no sector lamplight." in told(*start, "en", "--text", "x", "--sector",
                                                   "lamplight")  # fmt: skip
    assert "Write the tag of a language" in told(*start, "e", "--text", "x")
    assert "Write one of: best-practice or lesson." in told(*start, "en", "--text", "x", "--kind",
                                                            "x")  # fmt: skip
    file = tmp_path / "file"
    file.write_bytes(b"\xff")
    assert "not text in UTF-8" in told(*start, "en", "--text-file", str(file))
    assert "or a file of it" in told(*start, "en", "--text-file", str(file), "--text", "x")
    translate = ("translate", made["id"], "--title", "x", "--lang")
    assert "if there are both" in told(*translate, "nl")
    assert "The original is in this language" in told(*translate, "en", "--text", "x")
    assert len(held(desk)) == 1


def test_where_it_goes_is_named_when_it_stands_in_several_circles(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    first, second = circle(desk), circle(desk, "Second")
    made = desk.json("orvanda", "practice", "write", "--circle", first, *GIVEN)
    desk.ok("orvanda", "practice", "version", made["id"], "--text", "B", "--circle", second)
    # It stands in the second alone in this version, which is where the next goes.
    assert desk.json("orvanda", "practice", "version", made["id"], "--text", "C")["dossier"] == (
        second
    )


def test_who_claims_something_is_told_how_to_keep_it(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    start = ("write", "--circle", circle(desk), "--title", "A", "--lang", "en", "--text")
    done = desk.run("orvanda", "practice", *start, "By APT29.")
    assert (done.exit_code, held(desk)) == (1, [])
    assert "--claims keep" in done.output
    source = ("--claims", "keep", "--reference", "https://harbour.example/a")
    desk.ok("orvanda", "practice", *start, "By APT29.", *source)
    assert len(held(desk)) == 1
