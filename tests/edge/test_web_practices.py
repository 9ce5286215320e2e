"""Best practice and lessons at the pages: written, given in a new version, translated, read."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest

from comity.bridges.stix.inject import SERVED
from comity.bridges.stix.practice import Practice, written
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.node import Node
from comity.services.sharing import applying, circles
from tests.bridges.stix.samples import UUID
from tests.edge.visitor import Page, Pages, Visitor
from tests.nodes import Nodes, introduce
from tests.sharing import deliver, entries, indicator, open_circle, share

TITLE = "Two keys for one door"
GIVEN = {
    "kind": "lesson",
    "title": TITLE,
    "text": "One person alone locked us out.\nTwo hold the keys now.",
    "lang": "en",
    "sectors": "energy",
    "topics": "key custody, spare keys",
    "references": "https://harbour.example/paper",
    "tlp": "green",
}


@dataclass(frozen=True)
class Place:
    """The pages of Orvanda, which shares a circle with Tolmere; and ``lesson``, written there."""

    pages: Pages
    tolmere: Node
    circle: Id
    shelf: str
    ada: Visitor
    lesson: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(orvanda, tolmere)
        for node in (orvanda, tolmere):
            node.settings = replace(node.settings, second_factor=False)
        circle = open_circle(orvanda, tolmere)
        shelf = circles.shelf_of(orvanda, circle).id
        with Pages(orvanda) as pages:
            ada = pages.person("ada", "duty_officer")
            publish(ada, ada.fill(ada.get("/objects/practice"), {**GIVEN, "shelf": shelf}))
            (made,) = held(orvanda, circle, "course-of-action")
            yield Place(pages, tolmere, circle, shelf, ada, made["id"])


def publish(visitor: Visitor, page: Page) -> Page:
    assert "Who will see it" in page.text
    done = visitor.fill(page, {}, form=page.form_with(["seen"]), button="add")
    assert "Signed. It is on its way to every member." in done.text
    return done


def held(node: Node, circle: Id, kind: str) -> list[dict[str, Any]]:
    return [orjson.loads(e.data) for e in entries(node, circle=circle) if e.type == kind]


def read(visitor: Visitor, id_: str, more: str = "") -> str:
    page = visitor.get(f"/objects/{id_}{more}")
    assert page.status == 200
    return html.unescape(page.text)


def test_it_is_written_on_a_form_and_is_an_object_like_any_other(place: Place) -> None:
    assert 'href="/objects/practice"' in place.ada.get("/objects").text
    form = place.ada.get("/objects/practice").text
    for code, word in (("energy", "Energy"), ("healthcare", "Health care")):
        assert word in form.split(f'value="{code}"')[1].split("</label>")[0]
    (value,) = held(place.pages.node, place.circle, "course-of-action")
    topics = ["topic:key custody", "topic:spare keys"]
    assert value["labels"] == ["lesson", "sector:energy", *topics]
    assert value["description"].splitlines() == GIVEN["text"].splitlines()
    assert TITLE in read(place.ada, place.lesson)


def test_a_new_version_has_the_same_id_and_what_it_said_is_filled_in(place: Place) -> None:
    page = place.ada.get(f"/objects/{place.lesson}/version")
    fields = page.form_with(["title"]).fields
    assert (fields["title"], fields["kind"]) == ([TITLE], ["lesson"])
    assert fields["topics"] == ["key custody, spare keys"]
    publish(place.ada, place.ada.fill(page, {"title": "Three keys"}))
    (value,) = held(place.pages.node, place.circle, "course-of-action")
    assert (value["id"], value["name"]) == (place.lesson, "Three keys")
    assert value["modified"] > value["created"]
    assert "Other versions" in read(place.ada, place.lesson)


def test_it_is_read_in_the_readers_language_where_there_is_a_translation(place: Place) -> None:
    page = place.ada.get(f"/objects/{place.lesson}/translate")
    assert "two hold the keys" in page.text.lower()
    words = {"title": "Deux clés", "text": "Une seule personne…", "lang": "FR"}
    publish(place.ada, place.ada.fill(page, words))
    # The worker lets objects be found by what they name.
    applying.work(place.pages.node)
    assert "Deux clés" in read(place.ada, place.lesson, "?lang=fr")
    assert "Deux clés" in place.ada.get("/objects").text
    told = read(place.ada, place.lesson)
    assert 'href="?lang=fr"' in told
    assert "Une seule personne" not in told.partition("Relations</h2>")[0]
    deliver(place.pages.node, place.tolmere)
    with Pages(place.tolmere) as pages:
        tom = pages.person("tom", "duty_officer")
        tom.language = "fr"
        assert "Une seule personne" in read(tom, place.lesson)
        # Another party's is translated, and given in no new version.
        assert tom.get(f"/objects/{place.lesson}/version").status == 404
        assert tom.get(f"/objects/{place.lesson}/translate").status == 200


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"title": ""}, "Title: fill this in."),
        ({"lang": "not a tag"}, "Write the tag of a language"),
    ],
)
def test_what_is_missing_is_told_beside_its_field(
    place: Place, given: dict[str, str], says: str
) -> None:
    page = place.ada.get("/objects/practice")
    page = place.ada.fill(page, {**GIVEN, "shelf": place.shelf, **given})
    assert says in html.unescape(page.text)


def test_nothing_is_translated_into_its_own_language(place: Place) -> None:
    page = place.ada.get(f"/objects/{place.lesson}/translate")
    page = place.ada.fill(page, {"title": "Again", "text": "Again", "lang": "en"})
    assert "The original is in this language." in page.text


def test_a_long_text_is_shown_whole(place: Place) -> None:
    long = indicator("long", name="Long", description=f"{'Words. ' * 1000}The end.")
    share(place.pages.node, place.circle, long)
    told = read(place.ada, long["id"])
    assert "The end." in told.partition("As it came")[0]


def test_what_has_no_words_is_not_translated_and_no_other_object_given_anew(place: Place) -> None:
    plain, named = indicator("plain"), indicator("named", name="Gale")
    share(place.pages.node, place.circle, plain, named)
    assert place.ada.get(f"/objects/{plain['id']}/translate").status == 404
    assert place.ada.get(f"/objects/{named['id']}/version").status == 404
    assert "Translate it" in read(place.ada, named["id"])


@pytest.mark.parametrize("label", [TLP.AMBER, TLP.AMBER_STRICT])
def test_what_has_no_marking_is_translated_and_given_anew_under_its_label(
    label: TLP, place: Place
) -> None:
    node = place.pages.node
    circle = open_circle(node)
    told = Practice("lesson", "Lock the door", "It was open.", "en")
    id_ = f"course-of-action--{UUID[:-1]}{label.rank}"
    made = "2026-09-01T00:00:00.000Z"
    share(node, circle, written(told, id_, made, made), unmarked=label)
    fields = place.ada.get(f"/objects/{id_}/version").form_with(["title"]).fields
    assert fields["tlp"] == [label.value]
    page = place.ada.get(f"/objects/{id_}/translate")
    given = {"title": "Fermez la porte", "text": "Elle était ouverte.", "lang": "fr"}
    publish(place.ada, place.ada.fill(page, given))
    (entry,) = [e for e in entries(node, circle=circle) if e.type == "language-content"]
    assert orjson.loads(entry.data)["object_marking_refs"] == [SERVED[label]]


def test_a_new_version_of_what_came_in_a_file_has_its_creator(place: Place) -> None:
    node = place.pages.node
    circle, author = open_circle(node), f"identity--{UUID}"
    told = Practice("lesson", "Lock the door", "It was open.", "en")
    id_ = f"course-of-action--{UUID}"
    made = "2026-09-01T00:00:00.000Z"
    share(node, circle, written(told, id_, made, made) | {"created_by_ref": author})
    page = place.ada.get(f"/objects/{id_}/version")
    publish(place.ada, place.ada.fill(page, {"title": "Lock both doors"}))
    (value,) = held(node, circle, "course-of-action")
    assert (value["name"], value["created_by_ref"]) == ("Lock both doors", author)
