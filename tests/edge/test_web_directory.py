"""The directory by its pages and by the API: whom to call, what is kept, cards, a note verbale."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from comity.bridges.contacts import vcard
from comity.bridges.contacts.record import Contact as Listed
from comity.kernel.act import read_header
from comity.kernel.kinds import said
from comity.kernel.label import TLP
from comity.services.casework import checking_contacts as checking
from comity.services.casework import guests, view
from comity.services.casework.checking_contacts import Campaign, Checked, Contact
from comity.services.casework.guests import Addressee
from comity.services.directory import calling
from comity.services.identity import roster
from comity.services.people.mandates import shipped
from comity.store.access import acts
from comity.store.access.people import audit, newest_audit, people
from comity.store.append.people import save_mandate
from comity.store.sql import query, writing
from tests.edge.program import program
from tests.edge.visitor import Pages, Visitor, with_files
from tests.nodes import Nodes, introduce, pass_on, say
from tests.services.phonebook import TERMS, check, community, nominate, tell


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
    assert "<bdi>orvanda</bdi> · <bdi>" in page.text
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


def test_a_guest_says_by_one_press_that_it_is_still_right(pages: Pages) -> None:
    node = pages.node
    asked = Contact("desk", ("email",), fields=("phone", "email"))
    campaign = Campaign("spring", level=2, due_hours=24, title="Are you there?")
    (started,) = checking.start(node, campaign, [Checked(None, "xa", (asked,))])
    (probe,) = [row.id for row in acts.acts_of(node.db, started.dossier) if row.kind == "probe"]
    to = Addressee("Jane", "jane@xa.example", ("en", "fr"))
    _, secret = guests.make(node, None, probe, to)
    jane = pages.nobody()
    page = jane.get(f"/guest/{secret}")
    assert "one press says so" in page.text
    page = jane.fill(page, {}, form=page.read.forms[0])
    assert "still right" in page.text
    assert "this address takes no other" in page.text
    (answered,) = [row for row in acts.acts_of(node.db, started.dossier) if row.kind == "record"]
    assert said(read_header(answered.header)).body["outcome"] == "confirmed"


def test_the_api_says_whom_to_call(pages: Pages) -> None:
    ask = program(pages, "duty_officer", name="api")
    got = ask.get("/call?party=or&purpose=technical").value
    (each,) = got["candidates"]
    assert each["called"] == "Operations <desk>"
    assert [way["channel"] for way in each["ways"]] == ["phone", "phone_emergency"]
    (seat,) = ask.get("/directory").value["seats"]
    assert seat == {
        "seat": "or",
        "contacts": 2,
        "authorities": 1,
        "names": ["orvanda"],
        "sectors": [],
        "states": [],
    }
    contacts = ask.get("/directory/or").value["contacts"]
    assert {contact["role"] for contact in contacts} == {"technical", "diplomatic"}
    assert contacts[0]["name"] == roster.names(pages.node)[pages.node.me]
    assert ask.get("/directory/zz").value == {"contacts": []}
    assert ask.get("/call?party=zz").status == 404
    assert ask.get("/call?party=or&at=9007199254740991").status == 422


def test_what_has_no_effect_is_no_note_verbale(pages: Pages, ada: Visitor) -> None:
    forum = community(pages.node)
    act = nominate(pages.node, forum, contact="former", seat="xv")
    assert ada.get(f"/acts/{act}/note-verbale").status == 200
    query(pages.node.db, "UPDATE store_act SET void_rule = 'D1' WHERE id = %s", (act,))
    assert ada.get(f"/acts/{act}/note-verbale").status == 404


def test_what_is_red_is_noted_when_it_is_read_and_on_no_card(pages: Pages) -> None:
    mandate = replace(shipped()["analyst"], ceiling=TLP.RED)
    with writing(pages.node.db):
        save_mandate(pages.node.db, "analyst", mandate.to_object(), pages.node.now())
    ann, bea = (pages.person(name, "analyst") for name in ("ann", "bea"))
    handle = next(row.handle for row in people(pages.node.db) if row.name == "Ann")
    readers = ((pages.node.me, handle),)
    forum = community(pages.node, ceiling=TLP.RED, readers=readers)
    nominate(pages.node, forum, contact="red_desk", seat="xr")
    for path in ("/directory?party=xr", "/directory/seats/xr"):
        before = newest_audit(pages.node.db)
        assert "+99 555 0100" in ann.get(path).text
        noted = audit(pages.node.db)[0]
        assert noted.n == before + 1
        assert (noted.what, noted.name, noted.subject) == ("read", "Ann", forum)
        assert "+99 555 0100" not in bea.get(path).text
    assert "+99 555 0100" not in ann.get("/directory/card?party=xr").text


def test_who_does_not_read_the_lane_learns_of_no_contact(pages: Pages) -> None:
    node = pages.node
    forum = community(node, terms={**TERMS, "lanes": ["diplomatic"]}, title="Quiet forum")
    act = nominate(node, forum, seat="xd", contact="envoy_desk")
    mandate = replace(shipped()["duty_officer"], code="night", lanes=("technical",))
    with writing(node.db):
        save_mandate(node.db, "night", mandate.to_object(), node.now())
    ask = program(pages, "night", name="nora")
    assert "xd" not in {each["seat"] for each in ask.get("/directory").value["seats"]}
    assert ask.get("/directory/xd").value == {"contacts": []}
    assert ask.get("/call?party=xd").status == 404
    called = ask.get(f"/call?party={node.me}").value["candidates"]
    assert "envoy_desk" not in {each["contact"]["key"]["contact"] for each in called}
    nora = pages.person("nora2", "night")
    for path in ("/directory?party=xd", "/directory/seats/xd", f"/acts/{act}/note-verbale"):
        page = nora.get(path)
        assert "+99 555 0100" not in page.text, path
        assert "Quiet forum" not in page.text, path
    assert "Quiet forum" not in nora.get("/contact-checks/start").text


def test_contacts_are_taken_along_as_far_as_their_authors_say(ada: Visitor) -> None:
    assert "/directory/seats/or/file" in ada.get("/directory/seats/or").text
    page = ada.get("/directory/seats/or/file?format=vcard")
    assert "it was not told to everybody" in page.text
    assert "+99 555 0100" not in page.text
    page = ada.get("/directory/seats/or/file?format=first&own=on")
    for words in ("+99 555 0100", "this format has no place for what it says", "Download it"):
        assert words in page.text
    got = ada.get("/directory/seats/or/file?format=vcard&own=on&get=1")
    assert got.headers["content-disposition"] == 'attachment; filename="contacts.vcf"'
    assert b"BEGIN:VCARD" in got.body
    assert ada.get("/directory/seats/zz/file").status == 404
    assert "There is a problem" in ada.get("/directory/seats/or/file?format=wax").text


def test_a_list_is_taken_in_by_who_signs_alone(pages: Pages, ada: Visitor) -> None:
    forum = community(pages.node, title="Own list")
    path, cards = f"/dossiers/{forum}/contacts", vcard.write([Listed(party="CERT-XA")]).text
    assert ada.get(path).status == 404
    mandate = replace(shipped()["duty_officer"], code="importer", second=())
    with writing(pages.node.db):
        save_mandate(pages.node.db, "importer", mandate.to_object(), pages.node.now())
    imra = pages.person("imra", "importer")
    assert path in imra.get(f"/dossiers/{forum}").text
    assert path not in ada.get(f"/dossiers/{forum}").text
    typed = {name: values[-1] for name, values in imra.get(path).form.fields.items() if values}
    typed |= {"format": "vcard", "role": "technical"}
    typed.pop("file", None)
    page = imra.send(path, *with_files(typed, "file", {"list.vcf": cards.encode()}))
    assert "1 contact told" in page.text
    odd = imra.send(path, *with_files(typed, "file", {"list.vcf": b"\xff\xfe"}))
    assert "This file is no text in UTF-8." in odd.text
    asked = {"format": "vcard", "text": cards}
    ask = program(pages, "importer", name="imre")
    assert ask.post(path, asked).value["same"] == 1
    assert program(pages, "duty_officer", name="dora").post(path, asked).rule == "S10"
    assert ask.post(path, {**asked, "text": "x" * 10}).rule == "S4"
    got = ask.get("/directory/cert_xa/file?format=csv&own=true").value
    assert "CERT-XA" in got["text"]
