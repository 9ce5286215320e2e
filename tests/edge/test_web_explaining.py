"""Announcing a planned activity by page, and looking up what explains an address: page and API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.services.casework import explaining
from comity.services.identity import roster
from tests.edge.program import program
from tests.edge.test_web_saying import press
from tests.edge.visitor import Pages, Visitor
from tests.nodes import Nodes, introduce
from tests.services.test_explaining import AT, BEGINS, announce, say_cited

WHEN = "2026-09-21T16:13"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The pages of Orvanda, which announced one scan, and cancelled another, to Tolmere."""
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(orvanda, tolmere)
        orvanda.settings = replace(orvanda.settings, second_factor=False)
        announce(orvanda, tolmere, "Survey of <ports>")
        say_cited(orvanda, announce(orvanda, tolmere, "Put off"), "cancel", {"reason": "asked"})
        with Pages(orvanda) as found:
            yield found


@pytest.fixture(scope="module")
def ada(pages: Pages) -> Visitor:
    return pages.person("ada", "duty_officer")


def test_the_page_begins_empty_and_leads_on(ada: Visitor) -> None:
    assert 'href="/explain"' in ada.get("/dossiers").text
    page = ada.get("/explain")
    assert {"address", "at", "margin"} <= page.form.fields.keys()
    assert "proves nothing" not in page.text
    assert "There is a problem" not in page.text


def test_addresses_stay_whole_from_right_to_left(ada: Visitor) -> None:
    ada.language = "ar"
    page, wrong = ada.get("/explain"), ada.get("/explain?address=harbour")
    ada.language = "en"
    assert "\u20682001:db8::/48\u2069" in page.text
    assert wrong.text.count("\u20682001:db8::/32\u2069") == 2


def test_what_explains_is_told_with_what_it_does_not_prove(ada: Visitor) -> None:
    page = ada.get(f"/explain?address=192.0.2.9&at={WHEN}&margin=30")
    for words in (
        "Survey of &lt;ports&gt;",
        "192.0.2.0/28",
        "192.0.2.8/29",
        "Announced",
        "Cancelled",
        "explains nothing",
        "give or take 30 minutes",
        "it permits nothing and asks for no consent",
        "That no announcement is found proves nothing",
    ):
        assert words in page.text
    assert page.text.index("Survey of") < page.text.index("Put off")
    assert page.form.fields["address"] == ["192.0.2.9"]
    assert page.form.fields["at"] == [WHEN]


def test_what_nothing_explains_is_told_so(ada: Visitor) -> None:
    page = ada.get("/explain?address=198.51.100.7")
    assert "No announcement that you see holds it at that time." in page.text
    assert explaining.PROVES_NOTHING in page.text


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("address=harbour&at=2026-09-21T16:13", "The address cannot be read: write an address"),
        ("address=&at=2026-09-21T16:13", "Address or range: fill this in."),
        ("address=192.0.2.9/24&margin=5", "a range begins with its first address: 192.0.2.0/24"),
        ("address=192.0.2.9&at=tomorrow", "write a date and time with its zone"),
        ("address=192.0.2.9&margin=10081", "10080"),
        ("address=192.0.2.9&margin=x", "whole number"),
    ],
)
def test_what_was_typed_stays_beside_what_is_wrong(ada: Visitor, asked: str, says: str) -> None:
    page = ada.get(f"/explain?{asked}")
    assert "There is a problem" in page.text
    assert says in page.text
    for name, text in (pair.split("=") for pair in asked.split("&")):
        assert page.form.fields[name] == [text]
    assert "Survey of" not in page.text


def test_programs_are_told_the_same(pages: Pages) -> None:
    ask = program(pages, "analyst", name="ann").get
    answer = ask(f"/explained?address=192.0.2.9&at={AT}").value
    first, second = answer["announcements"]
    assert (first["title"], first["explains"], first["within"]) == ("Survey of <ports>", True, True)
    assert (second["title"], second["explains"], second["label"]) == ("Put off", False, "Cancelled")
    assert first["ranges"] == ["192.0.2.0/28", "192.0.2.8/29"]
    assert (answer["range"], answer["at"], answer["margin"]) == ("192.0.2.9", AT, 0)
    assert answer["note"] == explaining.PROVES_NOTHING
    assert ask("/explained?address=198.51.100.7").value["announcements"] == []
    now = ask(f"/explained?address=192.0.2.9&margin={(BEGINS - pages.node.now()) // 60_000}").value
    assert [each["within"] for each in now["announcements"]] == [False, False]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("address=harbour", "address"),
        ("", "address"),
        ("address=192.0.2.9&margin=10081", "margin"),
        ("address=192.0.2.9&at=2026-09-21T16:13Z", "at"),
    ],
)
def test_programs_are_told_what_is_wrong(pages: Pages, asked: str, field: str) -> None:
    answer = program(pages, "analyst", name=f"a{abs(hash(asked))}").get(f"/explained?{asked}")
    assert (answer.status, answer.rule, answer.value["field"]) == (422, "S4", field)


def test_it_is_announced_by_page_with_one_range_a_line(pages: Pages, ada: Visitor) -> None:
    page = ada.get("/open/trust/planned")
    given: dict[str, str | list[str]] = {
        "_members": [party.id for party in roster.everyone(pages.node) if not party.is_self],
        "_tlp": "green",
        "activity": "sinkhole",
        "begins": WHEN,
        "ends": "2026-09-20T00:00",
        "ranges": "203.0.113.7\n203.0.113.8/33",
        "effect": "possible",
        "title": "Sinkhole",
        "text": "For a botnet.",
    }
    page = ada.fill(page, given, button="check")
    assert "write an address or a range" in page.text
    assert page.form.fields["ranges"][0].split() == ["203.0.113.7", "203.0.113.8/33"]
    many = [f"2001:db8:7::{n:x}" for n in range(64)]
    page = ada.fill(page, {"ranges": "\r\n".join(many)}, button="later")
    assert page.path.startswith("/drafts/")
    assert page.form.fields["ranges"][0].split() == many
    page = press(ada, ada.fill(page, {}, button="check"), "sign")
    assert "The window ends before it has begun; set a later end." in page.text
