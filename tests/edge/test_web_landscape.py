"""What was seen: its page, the briefing on paper, and the same for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.edge.web.views import landscape as views
from comity.kernel.label import TLP
from comity.services.sharing import vulnerabilities
from comity.services.sharing.schemas import stix_schemas
from tests.bridges.feeds.test_lists import ENTRY, catalogue
from tests.edge.program import Program, person, program, token
from tests.edge.visitor import Pages, Visitor
from tests.nodes import Nodes, introduce
from tests.services.test_landscape import of_relation, of_type, several
from tests.sharing import open_circle, share

HIDDEN = "Fewer than 5 of a kind are never told by themselves"
JARGON = ("KEV", "EPSS", "RSIT", "STIX", "CVE", "indicator", "kill chain", "IoC")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The pages of Orvanda, whose circle tells of five phishings (GREEN), eight floods (AMBER), few
    others, and one claim.
    """
    stix_schemas()
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(orvanda, tolmere)
        orvanda.settings = replace(orvanda.settings, second_factor=False)
        circle = open_circle(orvanda, tolmere)
        aim = of_type("identity", "h", name="H", identity_class="class", sectors=["energy"])
        phished = several("phish", 5)
        aimed = [of_relation("targets", each["id"], aim["id"]) for each in phished]
        share(orvanda, circle, *phished, aim, *aimed, *several("spam", 2, labels=["spam"]))
        claim = of_type("threat-actor", "c", tlp="amber", name="C", primary_motivation="revenge")
        share(orvanda, circle, *several("flood", 8, labels=["ddos"], tlp="amber"), claim)
        day = vulnerabilities.day(orvanda.now())
        vulnerabilities.take_in(orvanda, catalogue({**ENTRY, "dateAdded": day}))
        with Pages(orvanda) as found:
            yield found


@pytest.fixture(scope="module")
def ada(pages: Pages) -> Visitor:
    return pages.person("ada", "head")


def test_the_page_says_what_was_seen_and_what_is_not_told(ada: Visitor) -> None:
    assert 'href="/landscape"' in ada.get("/dossiers").text
    page = ada.get("/landscape").text
    for words in (
        "TLP:AMBER<",
        "At least 13 observations are told of.",
        "New this week: at least 13.",
        HIDDEN,
        "Fraud",
        "Energy",
        ">too few to tell<",
        "1 month too few to tell",
        "From whom nothing came for 30 days",
        "tolmere",
        "passed on the claim “<bdi>revenge</bdi>”",
        "Nobody here has verified it",
        "1 came this month, by lists that are public.",
    ):
        assert words in page, words
    assert "the public list of likely exploits" in page
    assert "older ones are left out" not in page.lower()


def test_narrowed_to_a_label_nothing_stricter_is_in_any_figure(ada: Visitor) -> None:
    page = ada.get("/landscape?tlp=green").text
    assert "At least 5 observations are told of." in page
    assert "TLP:GREEN</span>" in page
    assert "revenge" not in page
    assert '/landscape/briefing?tlp=green"' in page
    # What is no label is taken for the widest.
    assert "0 observations are told of." in ada.get("/landscape?tlp=pink").text


def test_a_reader_whose_mandate_ends_at_green_gets_no_figure_from_amber(pages: Pages) -> None:
    analyst = person(pages.node, "gus", "analyst")
    narrow = Program(pages.app, token(pages.node, analyst, "analyst", ceiling=TLP.GREEN))
    for path in ("/landscape", "/landscape?tlp=amber"):
        told = narrow.get(path).value
        assert (told["label"], told["seen"]) == ("green", 5)
        assert {line["rsit"] for line in told["lines"]} == {"fraud", "abusive-content"}
        assert told["claims"] == []
        assert "availability" in told["unseen_classes"]


def test_programs_are_told_the_same(pages: Pages) -> None:
    told = program(pages, "analyst", name="ann").get("/landscape").value
    assert (told["label"], told["seen"], told["least"], told["more"]) == ("amber", 13, 5, False)
    fraud = next(line for line in told["lines"] if line["rsit"] == "fraud")
    assert (fraud["sector"], fraud["seen"], fraud["new"]) == ("energy", 5, 5)
    month = told["months"][-1]
    assert fraud["spans"] == [{"first": month, "last": month, "seen": 5}]
    few = next(line for line in told["lines"] if line["rsit"] == "abusive-content")
    assert (few["seen"], few["new"], few["withheld"]) == (0, None, [month])
    assert told["claims"][0]["motive"] == "revenge"
    assert (told["public"][month], told["scored"]) == (1, None)


def test_the_briefing_is_marked_dated_and_plain(pages: Pages, ada: Visitor) -> None:
    page = ada.get("/landscape/briefing")
    assert page.text.count('<section class="side">') == 2
    assert page.text.count("TLP:AMBER<") == 2
    assert f'datetime="{vulnerabilities.day(pages.node.now())}' in page.text
    assert 'href="/landscape/sheets/amber.css"' in page.text
    for words in (HIDDEN, "At least 13 observations", "revenge", "What we do not see"):
        assert words in page.text
    assert not [word for word in JARGON if word in page.text]
    green = ada.get("/landscape/briefing?tlp=green").text
    assert 'href="/landscape/sheets/green.css"' in green
    assert "TLP:AMBER" not in green
    sheet = ada.get("/landscape/sheets/amber_strict.css")
    assert sheet.headers["content-type"].startswith("text/css")
    assert "TLP:AMBER+STRICT" in sheet.text
    for wrong in ("red", "pink", "x%7D"):
        assert ada.get(f"/landscape/sheets/{wrong}.css").status == 404


def test_it_is_read_from_right_to_left(ada: Visitor) -> None:
    ada.language = "ar"
    page, paper = ada.get("/landscape"), ada.get("/landscape/briefing")
    sheet = ada.get("/landscape/sheets/amber.css").text
    ada.language = "en"
    for each in (page, paper):
        assert 'dir="rtl"' in each.text
        assert "<bdi>tolmere</bdi>" in each.text
        assert "style=" not in each.text
    # Drawings are turned round by the style sheet, as all others; margins change sides.
    assert '<svg class="bar"' in page.text
    assert "@bottom-right" in sheet.split("TLP:AMBER")[0]
    assert "@top-left" in sheet


def test_lines_beyond_those_of_two_sheets_are_told_to_be_on_the_page(
    ada: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "ON_PAPER", 1)
    page = ada.get("/landscape/briefing").text
    assert "2 more stand on the page." in page
    assert "Abusive content" not in page.split("What we do not see")[0]
