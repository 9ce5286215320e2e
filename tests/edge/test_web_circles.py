"""Circles at the pages: how programs reach one, its terms, how the exchange goes."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from comity.edge.web.durations import DAY, HOUR, MINUTE, SECOND, span
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.casework.content import prepare_objects
from comity.services.casework.issue import Draft, issue
from comity.services.node import Node
from comity.services.sharing import circles, comparing, exchange, retracting
from comity.store.access.outbox import DeliveryRow
from tests.databases import counted
from tests.edge.visitor import Pages, Visitor
from tests.nodes import Nodes, introduce
from tests.sharing import deliver, indicator, open_circle, share


@dataclass(frozen=True)
class Place:
    """The pages of Orvanda, which has sent, got, taken back and been asked in a circle."""

    pages: Pages
    tolmere: Node
    circle: Id
    ask: Id


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere, silent = (nodes.make(n) for n in ("orvanda", "tolmere", "sarivane"))
        introduce(orvanda, tolmere)
        introduce(orvanda, silent)
        orvanda.settings = replace(orvanda.settings, second_factor=False)
        circle = open_circle(orvanda, tolmere, silent, retention=30)
        act = share(orvanda, circle, indicator("one"), indicator("two")).acts[0]
        nodes.clock.advance(3 * MINUTE)
        deliver(orvanda, tolmere)
        share(tolmere, circle, indicator("three"))
        draft = Draft("feedback", {"part": 0, "as": "false_positive"}, refs=(act,))
        issue(tolmere, dossier_id=circle, draft=draft)
        ask = issue(tolmere, dossier_id=circle, draft=Draft("ask", {"what": "widen"}, refs=(act,)))
        bad = Draft("publish", {}, prepare_objects(tolmere, [{"id": "x"}]), tlp=TLP.GREEN)
        issue(tolmere, dossier_id=circle, draft=bad)
        deliver(tolmere, orvanda)
        retracting.retract(orvanda, act, [1], reason="outdated")
        deliver(orvanda, tolmere)
        comparing.say(tolmere, circle)
        deliver(tolmere, orvanda)
        with Pages(orvanda) as pages:
            yield Place(pages, tolmere, circle, ask)


@pytest.fixture(scope="module")
def ada(place: Place) -> Visitor:
    return place.pages.person("ada", "duty_officer")


def page_of(visitor: Visitor, place: Place, more: str = "") -> str:
    found = visitor.get(f"/circles/{place.circle}{more}")
    assert found.status == 200, found.text
    return html.unescape(found.text)


def between(page: str, head: str, end: str) -> str:
    return page.partition(head)[2].partition(end)[0]


def test_circles_are_listed(place: Place, ada: Visitor) -> None:
    assert 'href="/circles"' in ada.get("/objects").text
    page = ada.get("/circles").text
    assert f'href="/circles/{place.circle}"' in page
    assert 'href="/open/sharing/circle"' in page


def test_programs_and_people_are_told_how_to_connect(place: Place, ada: Visitor) -> None:
    page = page_of(ada, place)
    id_ = circles.shelf_of(place.pages.node, place.circle).id
    assert f"/taxii2/api/collections/{id_}/" in page
    assert "comity token create" in page
    for words in ("Kept for (days)", "30", "defence of own systems", "every member"):
        assert words in between(page, "Its terms", "</dl>")
    members = between(page, "Who is in it", "</ul>")
    assert all(name in members for name in ("orvanda", "tolmere", "sarivane"))


def test_what_was_published_is_counted_by_week_and_party(place: Place, ada: Visitor) -> None:
    week = between(page_of(ada, place), "<tbody>", "</tr>")
    assert "<bdi>orvanda</bdi> 2, <bdi>tolmere</bdi> 2" in week
    assert '<td class="number">4</td>' in week
    assert '<rect class="under"' in week
    assert "UTC" not in week


def test_who_received_what_and_how_fast(place: Place, ada: Visitor) -> None:
    page = between(page_of(ada, place), "What we sent, and who has received it</h2>", "What came")
    assert "not received yet" in page
    rows = {row.partition("</bdi>")[0]: row for row in page.split("<tr><td><bdi>")[1:]}
    assert "3 minutes" in rows["tolmere"]
    assert "–" in rows["sarivane"]


def test_the_slowest_tenth_is_told_beside_the_median() -> None:
    def way(took: int) -> DeliveryRow:
        return DeliveryRow(0, "act", "a", "p", "whole", 0, 0, took, "")

    rows = [*(way(n) for n in range(1, 10)), way(1000)]
    assert exchange._reach("p", rows)[1:] == (10, 0, 5, 1000)


def test_what_came_back_was_taken_back_and_is_asked(place: Place, ada: Visitor) -> None:
    page = page_of(ada, place)
    assert "false positive" in between(page, "What came back</h2>", "</dl>")
    stones = between(page, "Taken back</h2>", "<h2>")
    for words in ("it is out of date", "tolmere</bdi>: removed", "no word yet", "sarivane"):
        assert words in stones, words
    asks = between(page, "Open asks</h2>", "<h2>")
    assert "a wider label" in asks
    assert f"/dossiers/{place.circle}/say/permit?refs={place.ask}" in asks
    flaws = between(page, "Not taken in, or an alarm</h2>", "</ul>")
    assert "Rule X" in flaws


def test_whether_all_hold_the_same_is_worked_out_when_asked(place: Place, ada: Visitor) -> None:
    before = page_of(ada, place)
    assert "we hold the same" not in before
    page = between(page_of(ada, place, "?compare=1"), "Do all hold the same?", "</ul>")
    assert "we hold" in page
    done = ada.fill(ada.get(f"/circles/{place.circle}"), {}, button="compare")
    assert "Signed. It is on its way to every member." in done.text
    held = between(html.unescape(done.text), "Do all hold the same?", "</ul>")
    assert "orvanda" in held


def test_who_may_not_is_shown_no_button_and_no_page(place: Place) -> None:
    head = place.pages.person("hana", "head")
    page = page_of(head, place)
    assert "Say what we hold" not in page
    assert "/say/permit" not in page
    assert 'href="/objects/add"' not in page
    path = f"/circles/{place.circle}"
    assert head.fill(head.get(path), {}, form=_form(head, path)).status in {403, 404}
    admin = place.pages.person("root", "administrator")
    assert admin.get(path).status == 404
    assert admin.get("/circles").status == 404


def _form(visitor: Visitor, path: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    page = visitor.get(path)
    return replace(page.read.forms[0], action=path, method="post")


def test_a_page_costs_the_same_with_more_in_it(place: Place, ada: Visitor) -> None:
    def asked() -> int:
        with counted(place.pages.node.db) as queries:
            page_of(ada, place)
        return len(queries)

    asked()
    before = asked()
    node = place.pages.node
    for number in range(6):
        share(node, place.circle, indicator(f"more {number}"))
    asked()
    assert asked() == before


def test_spans_are_told_in_whole_units() -> None:
    told = [span(each) for each in (SECOND, 90 * SECOND, 3 * MINUTE, 5 * HOUR, 9 * DAY)]
    assert told == ["1 second", "90 seconds", "3 minutes", "5 hours", "9 days"]
