"""Translations: never under a wider label than what they translate."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from comity.bridges.stix import practice, reading
from comity.bridges.stix.practice import Practice
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.sharing import circles, practices, searching
from comity.services.sharing.schemas import stix_schemas
from tests.nodes import Nodes
from tests.sharing import MARKINGS, indicator, open_circle, share

STATEMENT = "marking-definition--0cd4bbd6-6c5c-4d21-9b5e-0c7f4a1f4a11"


@pytest.mark.parametrize(
    ("more", "unmarked", "label", "refs"),
    [
        ({}, TLP.AMBER_STRICT, TLP.AMBER_STRICT, ["amber_strict"]),
        ({}, TLP.CLEAR, TLP.CLEAR, ["clear"]),
        ({"labels": ["tlp:amber+strict"]}, None, TLP.AMBER_STRICT, ["amber_strict"]),
        ({"object_marking_refs": [MARKINGS["green"]]}, None, TLP.GREEN, ["green"]),
        ({"object_marking_refs": [STATEMENT]}, TLP.GREEN, TLP.GREEN, ["green"]),
    ],
)
def test_a_translation_is_marked_as_its_object_stands(
    more: dict[str, Any], unmarked: TLP | None, label: TLP, refs: list[str], nodes: Nodes
) -> None:
    orvanda = nodes.make("orvanda")
    circle = open_circle(orvanda)
    value = indicator("one", name="Two keys", lang="en", **more)
    share(orvanda, circle, value, unmarked=unmarked)
    of = practices.origin(orvanda, searching.at_the_machine(orvanda), value["id"])
    shelf = circles.shelf_of(orvanda, circle).id
    made = practices.translation(orvanda, of, shelf, ("nl", "Twee sleutels", ""))
    others = [each for each in more.get("object_marking_refs", ()) if each == STATEMENT]
    assert made["object_marking_refs"] == [*others, *(MARKINGS[each] for each in refs)]
    (item,), _ = reading.read_all([orjson.dumps(made)], stix_schemas())
    assert item.marking.tlp is label


GOOD = Practice(practice.LESSON, "Two keys", "Two hold them.", "EN")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"kind": "essay"}, "kind"),
        ({"title": " "}, "title"),
        ({"text": ""}, "text"),
        ({"title": "x" * 251}, "title"),
        ({"text": "x" * 60_001}, "text"),
        ({"sectors": ("energy", "lamplight")}, "sectors"),
        ({"topics": ("x",) * 21}, "topics"),
        ({"references": ("x",) * 21}, "references"),
        ({"lang": "e"}, "lang"),
    ],
)
def test_what_somebody_wrote_is_checked(more: dict[str, Any], field: str) -> None:
    assert practices.checked(GOOD) == GOOD._replace(lang="en")
    at_most: dict[str, Any] = {"title": "x" * 250, "text": "x" * 60_000, "topics": ("x",) * 20}
    assert practices.checked(GOOD._replace(**at_most)).topics == at_most["topics"]
    with pytest.raises(Refusal) as caught:
        practices.checked(GOOD._replace(**more))
    assert (caught.value.rule, caught.value.subject) == ("S4", field)


@pytest.mark.parametrize("words", [("Zwei", ""), ("", "Text"), ("x" * 251, "Text")])
def test_a_translation_has_what_its_object_has(words: tuple[str, str], nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    circle = open_circle(orvanda)
    value = indicator("one", name="Two", description="Text", lang="en")
    share(orvanda, circle, value, {**indicator("bare"), "lang": "en"})
    finder, shelf = searching.at_the_machine(orvanda), circles.shelf_of(orvanda, circle).id
    of = practices.origin(orvanda, finder, value["id"])
    bare = practices.origin(orvanda, finder, indicator("bare")["id"])
    assert (
        practices.translation(orvanda, of, shelf, ("de", "Zwei", "Text"))["object_ref"]
        == of.about.id
    )
    for each, said in ((of, words), (bare, ("", ""))):
        with pytest.raises(Refusal, match=r"ranslat|at most"):
            practices.translation(orvanda, each, shelf, ("de", *said))
