"""The directory by its pages and by the API: whom to call, what is kept, cards, a note verbale."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from comity.services.casework import view
from comity.services.directory import calling
from comity.services.identity import roster
from tests.edge.program import program
from tests.edge.visitor import Pages, Visitor
from tests.nodes import Nodes, introduce, pass_on, say
from tests.services.phonebook import check, community, nominate, tell


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The pages of Orvanda, which keeps two contacts, one of them with a mobile on request."""
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda = nodes.make("orvanda")
        orvanda.settings = replace(orvanda.settings, second_factor=False)
        forum = community(orvanda, title="Harbour <forum>")
        act = nominate(
            orvanda, forum, holder="Operations <desk>", hours="24/7", zone="Asia/Tokyo",
            deputies="Cora Reyes; +99 555 0102",
        )  # fmt: skip
        tell(
            orvanda, forum, "detail", act,
            contact="ops_desk", visibility="request", phone_emergency="+99 555 0199",
        )  # fmt: skip
        nominate(orvanda, forum, contact="envoy", role="diplomatic", languages="ar")
        with Pages(orvanda) as found:
            yield found


@pytest.fixture(scope="module")
def ada(pages: Pages) -> Visitor:
    return pages.person("ada", "duty_officer")


def test_the_page_leads_to_seats_and_answers(ada: Visitor, pages: Pages) -> None:
    assert 'href="/directory"' in ada.get("/").text
    page = ada.get("/directory")
    for words in ('href="/directory/seats/or"', "<bdi>orvanda</bdi>", 'href="/contact-checks"'):
        assert words in page.text
    me = pages.node.me
    assert f'href="/directory?party={me}"' in ada.get(f"/parties/{me}").text
    assert "+99 555 0100" in ada.get(f"/directory?party={me}").text
    page = ada.get("/directory?party=or&purpose=technical&language=fr")
    for words in (
        "Operations &lt;desk&gt;",
        "at work now",
        "Asia/Tokyo",
        "+99 555 0100",
        "not tested",
        "nominated by its own authority",
        calling.NOT_TESTED,
        "Harbour &lt;forum&gt;",
        'href="/directory/card?party=or&amp;purpose=technical&amp;language=fr"',
    ):
        assert words in page.text
    assert "diplomatic ·" not in page.text


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("party=", "Party or seat: fill this in."),
        ("party=zz", "No contact of such a party or seat is here."),
        ("party=or&purpose=gossip", "Select a valid choice"),
        ("party=or&language=%21", "Write the tag of a language"),
    ],
)
def test_what_cannot_be_answered_is_told_beside_its_field(
    ada: Visitor, asked: str, says: str
) -> None:
    page = ada.get(f"/directory?{asked}")
    assert says in page.text
    assert "There is a problem" in page.text


def test_a_seat_shows_every_particular_with_its_age(ada: Visitor) -> None:
    page = ada.get("/directory/seats/or")
    for words in ("+99 555 0199", "confirmed", "Hours of work", "24/7", "As a note verbale"):
        assert words in page.text
    assert ada.get("/directory/seats/zz").status == 404


def link(page: str, words: str) -> str:
    """Return where the link of these words leads."""
    return html.unescape(page.partition(f'">{words}</a>')[0].rpartition('href="')[2])


def test_who_keeps_a_contact_is_led_to_forms_that_are_filled_in(ada: Visitor) -> None:
    page = ada.get("/directory/seats/or").text.partition("Operations &lt;desk&gt;")[2]
    form = ada.get(link(page, "Confirm that it is still right")).text
    assert 'value="ops_desk"' in form
    for field in ("phone_emergency", "holder", "hours", "zone"):
        chosen = next(each for each in form.split("<input") if f'value="{field}"' in each)
        assert " checked" in chosen.split(">")[0]
    assert " checked" not in next(e for e in form.split("<input") if 'value="chat"' in e)
    for words in ("Tell what has changed", "Hand it over", "End it"):
        form = ada.get(link(page, words)).text
        assert 'value="ops_desk"' in form
        assert " checked" in form or " selected" in form
    assert "Ask for what is given on request" not in page


def test_who_may_not_tell_asks_and_a_keeper_tells(tmp_path: Path) -> None:
    with Nodes(tmp_path) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        tolmere.settings = replace(tolmere.settings, second_factor=False)
        introduce(orvanda, tolmere)
        forum = community(orvanda, tolmere)
        act = nominate(orvanda, forum, seat="xa")
        tell(orvanda, forum, "detail", act, contact="ops_desk", visibility="request", chat="@ops")
        nominate(orvanda, forum, seat="xb", contact="kept", kept_by="tolmere")
        pass_on(orvanda, tolmere)
        with Pages(tolmere) as pages:
            bea = pages.person("bea", "duty_officer")
            page = bea.get("/directory/seats/xa").text
            assert "Hand it over" not in page
            form = bea.get(link(page, "Ask for what is given on request")).text
            assert " checked" in next(e for e in form.split("<input") if 'value="chat"' in e)
            page = bea.get("/directory/seats/xb").text
            assert "Hand it over" in page
            assert "End it" not in page


def test_a_card_has_the_ways_and_no_page_around(ada: Visitor) -> None:
    page = ada.get("/directory/card?party=or&purpose=technical")
    assert "Operations &lt;desk&gt;" in page.text
    assert "Cora Reyes" in page.text
    assert "<nav" not in page.text
    assert ada.get("/directory/card?party=zz").status == 404
    assert ada.get("/directory/card").status == 404


def test_a_card_does_not_hide_that_a_number_is_dead_or_old(tmp_path: Path) -> None:
    with Nodes(tmp_path) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        tolmere.settings = replace(tolmere.settings, second_factor=False)
        introduce(orvanda, tolmere)
        nominate(orvanda, community(orvanda, tolmere), email="ops@or.example")
        pass_on(orvanda, tolmere)
        dossier = check(tolmere, orvanda, "phone")
        probe = view.dossier(tolmere, dossier).acts[-1].id
        nodes.clock.advance(101 * 24 * 3600 * 1000)
        say(tolmere, dossier, "result", {"outcome": "silent"}, refs=[probe])
        with Pages(tolmere) as pages:
            page = pages.person("cam", "duty_officer").get("/directory/card?party=or")
    mail, phone = page.text.split("ops@or.example")[1].split("+99 555 0100")
    assert "did not answer" not in mail
    assert "did not answer" in phone
    assert "stale" in mail
    assert "stale" in phone


def test_a_nomination_is_printed_as_a_note_verbale_in_two_languages(ada: Visitor) -> None:
    page = ada.get("/directory/seats/or")
    link = next(part for part in page.text.split('"') if part.endswith("/note-verbale"))
    note = ada.get(f"{link}?second=ar")
    for words in (
        'lang="en" dir="ltr"',
        'lang="ar" dir="rtl"',
        "highest consideration",
        "presents",
    ):
        assert words in note.text
    assert 'lang="fr"' in ada.get(link).text
    # It is in two languages, whatever was asked for.
    assert 'lang="fr"' in ada.get(f"{link}?second=en").text
    dossier = note.text.split("/dossiers/")[1][:64]
    assert ada.get(f"/acts/{dossier}/note-verbale").status == 404


def test_the_api_says_whom_to_call(pages: Pages) -> None:
    ask = program(pages, "duty_officer", name="api")
    got = ask.get("/call?party=or&purpose=technical").value
    (each,) = got["candidates"]
    assert each["called"] == "Operations <desk>"
    assert [way["channel"] for way in each["ways"]] == ["phone", "phone_emergency"]
    assert ask.get("/directory").value == {
        "seats": [{"seat": "or", "contacts": 2, "authorities": 1, "names": ["orvanda"]}]
    }
    contacts = ask.get("/directory/or").value["contacts"]
    assert {contact["role"] for contact in contacts} == {"technical", "diplomatic"}
    assert contacts[0]["name"] == roster.names(pages.node)[pages.node.me]
    assert ask.get("/directory/zz").value == {"contacts": []}
    assert ask.get("/call?party=zz").status == 404
