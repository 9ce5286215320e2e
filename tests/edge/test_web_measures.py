"""Measures at the pages and at the machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.edge.desk import Desk
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Pages
from tests.network.test_consent import agree, propose, report
from tests.nodes import Nodes, introduce, pass_on, say
from tests.services.test_measures import HOUR, asking


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which asked Tolmere for help nine hours ago and was not answered."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    dossier = incident(orvanda, tolmere, "Cranes stop")
    say(orvanda, dossier, "ask", asking(tolmere))
    assert pass_on(orvanda, tolmere) == []
    nodes.clock.advance(9 * HOUR)
    with Pages(orvanda) as found:
        yield found


def test_who_has_not_replied_is_counted_and_not_named(pages: Pages) -> None:
    page = pages.person("ada", "duty_officer").get("/measures")
    row = page.text[page.text.index("Until others said whether they help us") :]
    row = row[: row.index("</tr>")]
    assert 'data-label="Overdue">1<' in row
    assert 'data-label="Half within">–<' in row
    assert "0 of 1" in row
    assert "tolmere" not in page.text


def test_what_never_happened_is_one_sentence_and_no_line_of_noughts(pages: Pages) -> None:
    page = pages.person("ada", "duty_officer").get("/measures").text
    assert page.count('data-label="Number"') == 2
    assert 'data-label="Number">0<' not in page
    told = page[page.index("Of these, nothing happened:") :]
    told = told[: told.index("</p>")]
    assert "Until we acknowledged; " in told
    assert "Until others said" not in told
    bare = pages.person("len", "legal_officer").get("/measures").text
    assert "<table" not in bare
    assert "Until others said whether they help us; " in bare


def test_a_table_is_given_and_who_sees_no_incident_finds_nothing_in_it(pages: Pages) -> None:
    table = pages.person("ada", "duty_officer").get("/measures.csv").text.splitlines()
    assert table[4].split(",")[1:5] == ["1", "0", "1", "0"]
    others = pages.person("len", "legal_officer").get("/measures.csv").text.splitlines()
    assert others[4].split(",")[1:5] == ["0", "0", "0", "0"]


def test_embargoes_are_told_with_what_ended_them(nodes: Nodes, pages: Pages) -> None:
    ada, orvanda, tolmere = pages.person("ada", "duty_officer"), pages.node, nodes.opened["tolmere"]
    assert "whose end came as agreed" not in ada.get("/measures").text
    dossier = report(orvanda, tolmere)
    terms = propose(orvanda, dossier)
    assert pass_on(orvanda, tolmere) == []
    agree(tolmere, dossier, terms)
    assert pass_on(tolmere, orvanda) == []
    nodes.clock.advance(30 * 24 * HOUR)
    page = pages.person("hed", "head").get("/measures").text
    assert "<dt>Embargoes whose end came as agreed</dt><dd>1</dd>" in page
    assert "<dt>Ended by a party before</dt><dd>0</dd>" in page
    table = pages.person("bob", "duty_officer").get("/measures.csv").text.splitlines()
    days = str(30 * 24 * HOUR)
    assert [line.split(",")[1:7] for line in table[-3:-1]] == [["1", "1", "0", "0", days, days]] * 2


def test_at_the_machine_they_are_said_in_words(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    said = desk.ok("orvanda", "measures").splitlines()
    assert said[0] == "Made of 0 incidents"
    assert "Until we said whether we help: 0, half within –, nine tenths within –" in said[3]
    assert said[-2].endswith("ended: 0 at the end agreed, 0 by a party, 0 out")
    found = desk.json("orvanda", "measures")
    assert found["told"]["n"] == found["clocks"]["n"] == found["embargo"]["held"]["n"] == 0
