"""Best practices and lessons by the API: written once, given anew, translated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest

from comity.kernel.ids import Id
from comity.services.node import Node
from comity.services.sharing import adding, circles
from tests.edge.program import Program, program
from tests.edge.visitor import Pages
from tests.nodes import Nodes, introduce
from tests.sharing import deliver, entries, indicator, open_circle, share

GIVEN = {"kind": "lesson", "title": "Two keys", "text": "Two hold the keys.", "lang": "EN"}


@dataclass(frozen=True)
class Place:
    """The API of Orvanda, for who signs alone; its circle with Tolmere and the collection."""

    pages: Pages
    asks: Program
    tolmere: Node
    circle: Id
    shelf: str

    def held(self, kind: str = "course-of-action") -> list[dict[str, Any]]:
        found = entries(self.pages.node, circle=self.circle)
        return [orjson.loads(each.data) for each in found if each.type == kind]

    def write(self, key: str, **more: Any) -> Any:
        given = {**GIVEN, "title": key, **more}
        return self.asks.post(f"/collections/{self.shelf}/practices", given, key=key)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(orvanda, tolmere)
        orvanda.settings = replace(orvanda.settings, second_factor=False)
        circle = open_circle(orvanda, tolmere)
        shelf = circles.shelf_of(orvanda, circle).id
        with Pages(orvanda) as pages:
            yield Place(pages, program(pages, "duty_officer"), tolmere, circle, shelf)


def test_one_is_written_once_however_often_it_is_asked_for(place: Place) -> None:
    listed = {"sectors": ["energy"], "topics": ["keys"], "references": ["https://a.example/"]}
    done = place.write("once", **listed)
    assert done.status == 200, done.body
    assert place.write("once", **listed).value == done.value
    (value,) = [each for each in place.held() if each["name"] == "once"]
    assert [each["id"] for each in done.value["verdicts"]] == [value["id"]]
    assert len(done.value["acts"]) == 1
    assert value["labels"] == ["lesson", "sector:energy", "topic:keys"]
    assert value["lang"] == "en"


def test_a_new_version_keeps_its_id_and_a_translation_names_it(place: Place) -> None:
    (line,) = place.write("given").value["verdicts"]
    again = {**GIVEN, "title": "given again", "collection": place.shelf, "tlp": "amber"}
    for _ in range(2):
        done = place.asks.post(f"/objects/{line['id']}/versions", again, key="version")
        assert (done.status, done.value["verdicts"][0]["verdict"]) == (200, "version")
    words = {"collection": place.shelf, "lang": "nl", "title": "Weer", "text": "Twee."}
    for _ in range(2):
        done = place.asks.post(f"/objects/{line['id']}/translations", words, key="words")
        assert done.status == 200, done.body
    (value,) = place.held("language-content")
    assert (value["object_ref"], [*value["contents"]]) == (line["id"], ["nl"])
    assert [each["name"] for each in place.held() if each["id"] == line["id"]] == ["given again"]


def test_who_needs_a_second_person_is_answered_with_the_draft_every_time(place: Place) -> None:
    asks = program(place.pages, "analyst", name="ann")
    path = f"/collections/{place.shelf}/practices"
    done = [asks.post(path, {**GIVEN, "title": "Waiting"}, key="wait") for _ in range(2)]
    assert [each.status for each in done] == [202, 202]
    assert done[0].value == done[1].value
    assert done[0].value["page"].endswith(f"/drafts/{done[0].value['draft']}/check")
    assert "Waiting" not in {each["name"] for each in place.held()}


def test_what_goes_into_an_intake_is_written_once_and_signed_by_nobody(place: Place) -> None:
    intake = adding.open_by_hand(place.pages.node, "Taken in by hand")
    path = f"/collections/{intake.id}/practices"
    done = [place.asks.post(path, {**GIVEN, "title": "At home"}, key="home") for _ in range(2)]
    assert [(each.status, each.value["acts"]) for each in done] == [(200, []), (200, [])]
    found = [orjson.loads(each.data) for each in entries(place.pages.node)]
    assert [each["name"] for each in found if each.get("name") == "At home"] == ["At home"]


@pytest.mark.parametrize(
    ("more", "rule", "field"),
    [
        ({"sectors": ["lamplight"]}, "S4", "sectors"),
        ({"lang": "e"}, "S4", "lang"),
        ({"text": " "}, "S4", "text"),
        ({"title": "x" * 251}, "S4", "title"),
        ({"text": "By APT29."}, "X25", ""),
        ({"kind": "essay"}, "S4", "kind"),
        ({"topics": ["x"] * 21}, "S4", "topics"),
    ],
)
def test_what_does_not_fit_is_told_with_its_field(
    place: Place, more: dict[str, Any], rule: str, field: str
) -> None:
    before = len(place.held())
    done = place.write("unfit", **more)
    assert (done.status, done.rule) == (422, rule), done.body
    assert field in done.body.decode()
    assert len(place.held()) == before


def test_what_claims_something_goes_where_that_is_kept(place: Place) -> None:
    more = {"text": "By APT29.", "references": ["https://harbour.example/a"], "claims": "keep"}
    assert place.write("claims", **more).status == 200


def test_what_another_published_gets_no_new_version_but_a_translation(place: Place) -> None:
    theirs = indicator("theirs", name="Heron")
    deliver(place.pages.node, place.tolmere)
    share(place.tolmere, place.circle, theirs)
    deliver(place.tolmere, place.pages.node)
    given = {**GIVEN, "collection": place.shelf}
    done = place.asks.post(f"/objects/{theirs['id']}/versions", given, key="theirs")
    assert done.rule == "X24"
    words = {"collection": place.shelf, "lang": "nl", "title": "Reiger"}
    done = place.asks.post(f"/objects/{theirs['id']}/translations", words, key="heron")
    assert done.status == 200
    done = place.asks.post(f"/objects/{theirs['id']}/translations", {**words, "title": ""}, key="h")
    assert done.rule == "S4"
