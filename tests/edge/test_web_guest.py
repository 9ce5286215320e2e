"""Letters to people without a node: written at the pages, read and answered by one link."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from comity.edge.web.views import guest as view
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.casework import guests, guestways
from comity.services.casework.guestways import Ways
from comity.services.casework.view import act
from comity.services.node import Node
from comity.store.access import acts
from comity.store.access import guests as access
from comity.store.access.guests import GuestRow
from comity.store.access.people import audit
from tests.edge.visitor import HOST, Form, Page, Pages, Visitor, with_files
from tests.nodes import Nodes, introduce, pass_on
from tests.services.test_guests import JANE, open_incident, warn


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which knows Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


@pytest.fixture
def letter(nodes: Nodes, pages: Pages) -> str:
    """A warning of Orvanda to Tolmere."""
    return warn(pages.node, open_incident(pages.node, nodes.opened["tolmere"]))


@dataclass
class Guest:
    """Somebody at the link of a letter."""

    visitor: Visitor
    path: str

    def open(self, query: str = "") -> Page:
        return self.visitor.get(self.path + query)

    def send(self, fields: dict[str, str], **files: bytes) -> Page:
        """Send a form of the page with files, as a browser does."""
        named = {name.replace("_", "."): data for name, data in files.items()}
        return self.visitor.send(self.path, *with_files(fields, "inform-_files", named))


def link(pages: Pages, act: str, **more: object) -> Guest:
    to = replace(JANE, **more)  # type: ignore[arg-type]
    _, secret = guests.make(pages.node, None, act, to)
    return Guest(pages.nobody(), f"/guest/{secret}")


def fill(name: str = "Jane Fenn", **more: str) -> dict[str, str | list[str]]:
    given = {"mail": "jane@fennick.example", "first": "en", "second": "ar", "days": "30"}
    return {"name": name, **given, **more}


def test_a_duty_officer_writes_a_letter_and_sees_what_leaves_the_house(
    pages: Pages, letter: str
) -> None:
    ada = pages.person("ada", "duty_officer")
    row = acts.act(pages.node.db, letter)
    assert row is not None
    page = ada.get(f"/dossiers/{row.dossier}")
    assert f'href="/acts/{letter}/letter"' in page.text
    page = ada.get(f"/acts/{letter}/letter")
    page = ada.fill(page, fill())
    assert access.guests_of(pages.node.db, row.dossier) == []
    for words in ("Cranes may stop.", "TLP:AMBER", 'dir="rtl"', f"http://{HOST}/guest/…"):
        assert words in page.text
    page = ada.fill(page, {}, form=page.form_with({"name": ""}), button="make")
    (secret,) = set(re.findall(r"/guest/([\w=-]+)", page.text))
    assert "<svg" in page.text
    assert page.text.count("Cranes may stop.") == 2
    (kept,) = access.guests_of(pages.node.db, row.dossier)
    assert (kept.name, kept.languages, kept.made_name) == ("Jane Fenn", ("en", "ar"), "Ada")
    assert pages.nobody().get(f"/guest/{secret}").status == 200
    page = ada.get(f"/dossiers/{row.dossier}/guests")
    assert "Jane Fenn" in page.text
    assert secret not in page.text


def test_a_guest_reads_what_was_written_as_members_do(nodes: Nodes, pages: Pages) -> None:
    dossier = open_incident(pages.node, nodes.opened["tolmere"])
    guest = link(pages, warn(pages.node, dossier, "- **FC-40** stops\n- so does FC-41"))
    page = guest.open()
    assert "<li><strong>FC-40</strong> stops</li>" in page.text
    assert "- **FC-40** stops" in page.text


def test_what_is_wrong_with_whom_one_writes_to_is_said_beside_its_field(
    pages: Pages, letter: str
) -> None:
    ada = pages.person("ada", "duty_officer")
    page = ada.get(f"/acts/{letter}/letter")
    page = ada.fill(page, fill(mail="jane", second="en", days="400"))
    assert page.text.count('id="id_mail_error"') == 1
    assert page.form_with({"name": ""}).fields["name"] == ["Jane Fenn"]
    page = ada.fill(page, fill(second="en"))
    assert page.text.count("Choose two languages that differ.") == 2
    page = ada.fill(page, fill())
    assert page.status == 200
    changed = ada.fill(page, {}, form=page.form_with({"name": ""}), button="change")
    assert changed.form_with({"name": ""}).fields["mail"] == ["jane@fennick.example"]


def test_what_is_too_strict_is_refused_before_anything_is_typed(nodes: Nodes, pages: Pages) -> None:
    dossier = open_incident(pages.node, nodes.opened["tolmere"], ceiling=TLP.AMBER_STRICT)
    strict = warn(pages.node, dossier, tlp=TLP.AMBER_STRICT)
    ada = pages.person("ada", "duty_officer")
    assert f"/acts/{strict}/letter" not in ada.get(f"/dossiers/{dossier}").text
    page = ada.get(f"/acts/{strict}/letter")
    assert page.status == 403
    assert "TLP:AMBER is the strictest label" in page.text
    assert 'name="mail"' not in page.text
    assert ada.post(f"/acts/{strict}/letter", fill()).status == 403
    assert access.guests_of(pages.node.db, dossier) == []


def test_who_has_no_mandate_to_say_it_sees_no_page_of_it(pages: Pages, letter: str) -> None:
    hedda = pages.person("hedda", "head")
    assert hedda.get(f"/acts/{letter}/letter").status == 404
    row = acts.act(pages.node.db, letter)
    assert row is not None
    assert f"/acts/{letter}/letter" not in hedda.get(f"/dossiers/{row.dossier}").text


def test_a_guest_reads_acknowledges_answers_and_hands_over(pages: Pages, letter: str) -> None:
    jane = link(pages, letter)
    page = jane.open()
    for words in ("Cranes may stop.", "orvanda", "tolmere", "jane@fennick.example"):
        assert words in page.text
    page = jane.send({"do": "acknowledge", "acknowledge-as": "read"})
    assert "What was recorded" in page.text
    assert 'name="acknowledge-as"' not in page.text
    page = jane.send({"do": "inform", "inform-text": "We patch\r\ntoday."}, cranes_log=b"a log")
    assert "Your answer is recorded" in page.text
    assert "cranes.log" in page.text
    assert 'name="do"' not in page.text
    assert "We patch<br>\ntoday." in jane.open().text
    jane.visitor.read = 0
    jane.send({"do": "inform", "inform-text": "Again."})
    assert jane.visitor.read == 0
    ada = pages.person("ada", "duty_officer")
    row = acts.act(pages.node.db, letter)
    assert row is not None
    dossier = ada.get(f"/dossiers/{row.dossier}").text
    assert "Guest, by mail to <bdi>Jane Fenn &lt;jane@fennick.example&gt;</bdi>" in dossier
    assert "We patch" in dossier
    said = access.guests_of(pages.node.db, row.dossier)[0].answered
    given = ada.get(f"/acts/{said}/files/0")
    assert given.body == b"a log"
    assert given.headers["content-disposition"].startswith("attachment")
    assert given.headers["content-type"] == "application/octet-stream"
    noted = [entry for entry in audit(pages.node.db) if entry.what == "guest_used"]
    handle = access.guests_of(pages.node.db, row.dossier)[0].handle
    assert [(entry.name, entry.subject) for entry in noted] == [(handle, handle)] * 2


def test_what_was_typed_is_kept_when_something_is_wrong(pages: Pages, letter: str) -> None:
    jane = link(pages, letter)
    page = jane.send({"do": "acknowledge"})
    assert "<title>Error:" in page.text
    assert page.text.count("choose one") == 2
    page = jane.send({"do": "inform", "inform-text": " "})
    assert page.text.count("Text: fill this in.") == 2
    page = jane.send({"do": "close", "close-outcome": "resolved"})
    assert page.status == 200
    assert "What was recorded" not in page.text


def test_files_that_are_too_large_stop_early_and_the_words_are_kept(
    pages: Pages, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guests, "UPLOAD", 100_000)
    monkeypatch.setattr(view, "HARD", 400_000)
    jane = link(pages, letter)
    words = {"do": "inform", "inform-text": "See the file."}
    with monkeypatch.context() as patch:
        # What is beyond the limit is kept nowhere, so that nobody has to judge it.
        patch.delattr(guests, "answer")
        page = jane.send(words, big_bin=bytes(200_000))
    assert page.text.count("The files are too large together") == 2
    assert page.form_with({"inform-text": ""}).fields["inform-text"] == ["\nSee the file."]
    # Beyond that, nothing of it is read.
    jane.visitor.read = 0
    page = jane.send(words, huge_bin=bytes(500_000))
    assert page.status == 413
    assert jane.visitor.read == 0
    assert "Your answer is recorded" in jane.send(words, small_bin=bytes(90_000)).text


def closely(page: Page) -> str:
    return page.text.replace(page.path, "")


def test_whatever_ended_a_link_its_answer_is_that_of_one_that_never_was(
    nodes: Nodes, pages: Pages, letter: str
) -> None:
    revoked, expired, used = link(pages, letter), link(pages, letter), link(pages, letter)
    wrong = Guest(pages.nobody(), "/guest/" + "0" * 32)
    row = acts.act(pages.node.db, letter)
    assert row is not None
    used.send({"do": "inform", "inform-text": "Yes."})
    guests.revoke(pages.node, None, guests.require_link(pages.node, revoked.path[7:]).id)
    nodes.clock.advance(guests.DAYS * guests.DAY)
    given = [
        each.open(query) for each in (revoked, expired, used, wrong) for query in ("", "?in=ar")
    ]
    given += [each.visitor.get(f"{each.path}/record") for each in (revoked, expired, used, wrong)]
    given += [each.visitor.get(f"{each.path}/files/0") for each in (revoked, expired, used, wrong)]
    given += [each.send({"do": "inform"}) for each in (revoked, expired, used, wrong)]
    assert {page.status for page in given} == {404}
    assert len({(closely(page), str(page.headers)) for page in given}) == 1


def test_a_guests_page_sets_no_cookie_and_tells_no_other_page_of_itself(
    pages: Pages, letter: str
) -> None:
    jane = link(pages, letter)
    given = [jane.open(), jane.send({"do": "acknowledge", "acknowledge-as": "read"})]
    given += [jane.visitor.get(f"{jane.path}/record"), pages.nobody().get("/guest/none")]
    given += [jane.visitor.get(f"{jane.path}/files/0")]
    given += [jane.send({"do": "inform", "inform-text": "x" * 1_500_000})]
    given += [jane.visitor.send(jane.path, b"x", "multipart/form-data; boundary=x")]
    for page in given:
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["x-robots-tag"] == "noindex"
        assert "no-store" in page.headers["cache-control"]
        assert "set-cookie" not in page.headers
    assert jane.visitor.cookies == {}


def test_opening_a_letter_changes_nothing_that_is_kept(pages: Pages, letter: str) -> None:
    jane = link(pages, letter)
    row = acts.act(pages.node.db, letter)
    assert row is not None
    before = (access.guests_of(pages.node.db, row.dossier), len(audit(pages.node.db)))
    for path in ("", "?in=ar", "/record", "/files/0"):
        jane.open(path)
    assert (access.guests_of(pages.node.db, row.dossier), len(audit(pages.node.db))) == before


def test_a_letter_is_read_in_one_of_its_languages(pages: Pages, letter: str) -> None:
    jane = link(pages, letter, languages=("fr", "ar"))
    assert '<html lang="fr" dir="ltr">' in jane.open().text
    assert '<html lang="ar" dir="rtl">' in jane.open("?in=ar").text
    assert '<html lang="fr"' in jane.open("?in=ru").text
    jane.visitor.language = "ar"
    assert '<html lang="ar"' in jane.open().text
    sent = jane.send({"do": "acknowledge", "acknowledge-as": "read"})
    assert '<html lang="ar"' in sent.text


def test_an_answer_is_in_the_language_of_the_page_it_was_written_on(
    pages: Pages, letter: str
) -> None:
    jane = link(pages, letter, languages=("en", "zh-hans"))
    jane.path += "?in=zh-hans"
    jane.send({"do": "acknowledge", "acknowledge-as": "read"})
    jane.send({"do": "inform", "inform-text": "已修补。"})
    row = acts.act(pages.node.db, letter)
    assert row is not None
    (kept,) = access.guests_of(pages.node.db, row.dossier)
    # Who has said nothing in words has said it in no language.
    assert act(pages.node, Id(kept.acknowledged)).lang == ""
    assert act(pages.node, Id(kept.answered)).lang == "zh-Hans"


def test_the_record_of_a_letter_is_taken_away(pages: Pages, letter: str) -> None:
    jane = link(pages, letter)
    jane.send({"do": "inform", "inform-text": "Yes."})
    page = jane.visitor.get(f"{jane.path}/record")
    assert page.headers["content-disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(page.body)) as archive:
        assert archive.namelist() == [
            "letter.txt",
            "1-letter.evidence.json",
            "3-answered.evidence.json",
        ]


def test_who_asks_too_often_waits(
    pages: Pages, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guests, "RATE", 2)
    jane = link(pages, letter)
    assert [jane.open().status for _ in range(3)] == [200, 200, 429]
    jane.visitor.origin = "192.0.2.99"
    assert jane.open().status == 200


def listed(pages: Pages, letter: str) -> str:
    """Return the page of the newest letter of a dossier, without its address."""
    row = acts.act(pages.node.db, letter)
    assert row is not None
    newest = access.guests_of(pages.node.db, row.dossier)[0]
    return f"/dossiers/{row.dossier}/guests/{newest.id}"


def buttons(page: Page) -> dict[str, Form]:
    """Return the forms of a page by the names of their buttons."""
    return {name: form for form in page.read.forms for name, _ in form.buttons}


def test_a_link_is_revoked_at_the_page_of_its_letter(pages: Pages, letter: str) -> None:
    jane = link(pages, letter)
    path = listed(pages, letter)
    hedda, ada = pages.person("hedda", "head"), pages.person("ada", "duty_officer")
    assert "revoke" not in buttons(hedda.get(path))
    page = ada.get(path)
    assert "Cranes may stop." in page.text
    assert jane.path not in page.text
    token = buttons(page)["revoke"].fields
    assert hedda.post(path, {**token, "revoke": "1"}).status in {403, 404}
    assert jane.open().status == 200
    page = ada.fill(page, {}, form=buttons(page)["revoke"])
    assert "Revoked." in page.text
    assert jane.open().status == 404
    assert "revoke" not in buttons(ada.get(path))


def test_a_letter_gets_another_address_at_its_page(pages: Pages, letter: str) -> None:
    ada, lost = pages.person("ada", "duty_officer"), link(pages, letter)
    row = guests.require_link(pages.node, lost.path[7:])
    path = f"/dossiers/{row.dossier}/guests/{row.id}"
    page = ada.get(path)
    page = ada.fill(page, {}, form=buttons(page)["renew"], button="renew")
    (secret,) = set(re.findall(r"/guest/([\w=-]+)", page.text))
    assert pages.nobody().get(f"/guest/{secret}").status == 200
    assert lost.open().status == 404
    guests.answer(pages.node, secret, {"text": "We patch today."})
    assert "renew" not in buttons(ada.get(path))


def test_what_takes_two_hands_goes_to_a_guest_by_two(pages: Pages, letter: str) -> None:
    ana, ada = pages.person("ana", "analyst"), pages.person("ada", "duty_officer")
    page = ana.fill(ana.get(f"/acts/{letter}/letter"), fill())
    page = ana.fill(page, {}, form=page.form_with({"name": ""}), button="make")
    assert "It waits for a second person now." in page.text
    path = listed(pages, letter)
    assert "release" not in buttons(ana.get(path))
    assert f'href="{path}"' in ada.get("/").text
    needed, beside = ana.get("/").text.split("With colleagues")
    assert f'href="{path}"' not in needed
    assert f'href="{path}"' in beside
    page = ada.get(path)
    page = ada.fill(page, {}, form=buttons(page)["release"])
    (secret,) = set(re.findall(r"/guest/([\w=-]+)", page.text))
    assert pages.nobody().get(f"/guest/{secret}").status == 200
    assert f'href="{path}"' not in ada.get("/").text


def test_what_goes_to_nobody_says_why_though_the_mandate_is_there(
    nodes: Nodes, pages: Pages
) -> None:
    tolmere = nodes.opened["tolmere"]
    dossier = open_incident(tolmere, pages.node)
    pass_on(tolmere, pages.node)
    ada = pages.person("ada", "duty_officer")
    page = ada.get(f"/acts/{dossier}/letter")
    assert page.status == 403
    assert "Only what this party said itself can go to a guest." in page.text


def test_an_answer_that_is_pressed_twice_at_once_is_shown_as_recorded(
    pages: Pages, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = link(pages, letter)
    ways = guestways.of
    secret = guest.path.rpartition("/")[2]

    def late(node: Node, row: GuestRow) -> Ways:
        monkeypatch.setattr(guestways, "of", ways)
        found = ways(node, row)
        guests.answer(node, secret, {"text": "We patch today."})
        return found

    monkeypatch.setattr(guestways, "of", late)
    answer = guest.send({"do": "inform", "inform-text": "We patch today."})
    assert answer.status == 200
    assert answer.text.count("We patch today.") == 1
