"""Saying something at the pages: filled in, looked at, signed alone or with a second person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.kernel.act import read_header
from comity.store.access import acts, drafts
from comity.store.access.acts import ActRow
from comity.store.access.people import audit
from comity.store.append import drafts as append
from comity.store.sql import writing
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Page, Pages, Visitor
from tests.nodes import Nodes, introduce


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which knows Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


@pytest.fixture
def cranes(nodes: Nodes, pages: Pages) -> str:
    """An incident of Orvanda and Tolmere."""
    assert pages.node.me
    return incident(nodes.opened["orvanda"], nodes.opened["tolmere"], "Cranes stop")


def said(pages: Pages, dossier: str) -> list[ActRow]:
    """Return what was said in a dossier, its opening aside."""
    return list(acts.acts_of(pages.node.db, dossier))[1:]


def write(visitor: Visitor, dossier: str, text: str) -> Page:
    """Fill in a message and go on to the page before it is signed."""
    page = visitor.get(f"/dossiers/{dossier}/say/inform")
    return visitor.fill(page, {"text": text, "_tlp": "amber"}, button="check")


def press(visitor: Visitor, page: Page, what: str, **fields: str) -> Page:
    """Press a button of the page before it is signed."""
    form = next(form for form in page.read.forms if ("do", what) in form.buttons)
    return visitor.fill(page, fields, form=form, button="do")


def test_a_duty_officer_opens_an_incident_and_sees_who_will_read_it(
    nodes: Nodes, pages: Pages
) -> None:
    ada = pages.person("ada", "duty_officer")
    page = ada.get("/open/response/incident")
    given: dict[str, str | list[str]] = {
        "_members": [nodes.opened["tolmere"].me],
        "_tlp": "green",
        "title": "Cranes stop",
        "text": "Since 02:40.",
    }
    page = ada.fill(page, given, button="check")
    assert "Who will be able to read it" in page.text
    assert "<bdi>tolmere</bdi>" in page.text
    assert "Nobody: whoever is to join later needs a new dossier" in page.text
    page = press(ada, page, "sign")
    assert "Signed. It is on its way to every member." in page.text
    row = acts.dossier(pages.node.db, page.path.removeprefix("/dossiers/"))
    assert row is not None
    assert (row.title, row.ceiling, row.footing) == ("Cranes stop", "green", "technical")
    charter = acts.act(pages.node.db, row.id)
    assert charter is not None
    assert read_header(charter.header).body["by"] == {"role": "duty_officer"}


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(
    pages: Pages, cranes: str
) -> None:
    ada = pages.person("ada", "duty_officer")
    page = ada.get(f"/dossiers/{cranes}/say/ask")
    page = ada.fill(page, {"text": "Does anybody know FC-40?"}, button="check")
    assert page.status == 200
    assert page.text.count("Whom you ask: ") >= 2
    assert "Does anybody know FC-40?" in page.text
    for row in drafts.drafts(pages.node.db):
        assert row.form["texts"]["text"] == "Does anybody know FC-40?"
    assert not said(pages, cranes)


def test_what_is_wrong_is_said_in_the_language_of_the_reader(
    nodes: Nodes, pages: Pages, cranes: str
) -> None:
    ada = pages.person("ada", "duty_officer")
    ada.language = "ar"
    page = ada.get(f"/dossiers/{cranes}/say/ask")
    given = {"to": nodes.opened["tolmere"].me, "verb": "investigate", "due": "tomorrow"}
    page = ada.fill(page, given, button="check")
    errors = page.text.partition('aria-labelledby="errors"')[2].partition("</div>")[0]
    assert "2026-05-03T02:40Z" in errors
    assert not re.search("[A-Za-z]{3}", re.sub("<[^>]*>|tabindex", "", errors))


def test_what_one_party_said_twice_is_told_apart_by_when(pages: Pages, cranes: str) -> None:
    ada = pages.person("ada", "duty_officer")
    press(ada, write(ada, cranes, "Once."), "sign")
    page = ada.get(f"/dossiers/{cranes}/say/inform")
    # Each piece keeps the direction it is written in, whatever stands beside it.
    told = "\u2068orvanda informed\u2069 · \u2068" + r"\d+ \w+ \d{4}, \d\d:\d\d UTC"
    assert re.search(told + "\u2069", page.text)


def test_what_nobody_can_choose_is_not_asked_for(pages: Pages, cranes: str) -> None:
    ada = pages.person("ada", "duty_officer")
    assert "Belongs to" not in ada.get(f"/dossiers/{cranes}/say/inform").text
    press(ada, write(ada, cranes, "Once."), "sign")
    assert "Belongs to" in ada.get(f"/dossiers/{cranes}/say/inform").text


def test_an_instant_is_shown_as_people_write_it_before_it_is_signed(
    nodes: Nodes, pages: Pages, cranes: str
) -> None:
    ada = pages.person("ada", "duty_officer")
    page = ada.get(f"/dossiers/{cranes}/say/ask")
    given = {
        "to": nodes.opened["tolmere"].me,
        "verb": "investigate",
        "due": "2030-05-03T02:40",
        "text": "Look at FC-40.",
    }
    page = ada.fill(page, given, button="check")
    assert ">3 May 2030, 02:40 UTC</time>" in page.text


def test_what_is_ticked_or_not_is_not_called_optional(pages: Pages, cranes: str) -> None:
    page = pages.person("ada", "duty_officer").get(f"/dossiers/{cranes}/say/inform")
    assert '<label for="id_ack_wanted">Ask for acknowledgement</label>' in page.text


def test_a_draft_is_kept_without_signing_and_can_be_thrown_away(pages: Pages, cranes: str) -> None:
    ada = pages.person("ada", "duty_officer")
    page = ada.get(f"/dossiers/{cranes}/say/inform")
    page = ada.fill(page, {"text": "Half a sentence"}, button="later")
    assert "Kept. Nothing is signed yet." in page.text
    assert page.path.startswith("/drafts/")
    assert page.path in ada.get("/").text
    assert pages.person("eve", "duty_officer").get(page.path).status == 404
    ada.fill(page, {}, button="drop")
    assert drafts.drafts(pages.node.db) == []
    assert not said(pages, cranes)


def test_a_second_person_approves_and_roles_are_signed_never_names(
    pages: Pages, cranes: str
) -> None:
    ann, ada = pages.person("ann", "analyst"), pages.person("ada", "duty_officer")
    page = write(ann, cranes, "Look for 192.0.2.7")
    assert "Your mandate asks for a second person." in page.text
    assert ("do", "sign") not in [b for form in page.read.forms for b in form.buttons]
    press(ann, page, "prepare")
    assert not said(pages, cranes)
    assert page.path in ada.get("/").text
    page = ada.get(page.path)
    assert "Prepared by <bdi>Ann</bdi>" in page.text
    press(ada, page, "approve")
    (row,) = said(pages, cranes)
    body = read_header(row.header).body
    assert body["by"] == {"role": "analyst", "approved_by": ["duty_officer"]}
    assert b"Ann" not in row.header
    assert [entry.what for entry in audit(pages.node.db)][:2] == ["approved", "prepared"]


def test_who_approves_sees_in_which_dossier_and_finds_it(pages: Pages, cranes: str) -> None:
    ann = pages.person("ann", "analyst")
    press(ann, write(ann, cranes, "Look for 192.0.2.7."), "prepare")
    hal = pages.person("hal", "head")
    work = hal.get("/").text
    assert "<bdi>Cranes stop</bdi></a><br><bdi>Ann</bdi> asks you to approve it." in work
    (path,) = set(re.findall(r'"(/drafts/\w+/check)"', work))
    assert f"/dossiers/{cranes}" in hal.get(path).read.links


def test_nobody_is_a_second_person_to_oneself(pages: Pages, cranes: str) -> None:
    both = pages.person("bo", "analyst", "diplomat")
    page = write(both, cranes, "Look for 192.0.2.7")
    press(both, page, "prepare")
    token = page.form.fields["csrfmiddlewaretoken"]
    answer = both.post(page.path, {"do": "approve", "csrfmiddlewaretoken": token})
    assert "There is a problem" in answer.text
    assert not said(pages, cranes)


def test_a_second_person_returns_it_with_a_reason(pages: Pages, cranes: str) -> None:
    ann, ada = pages.person("ann", "analyst"), pages.person("ada", "duty_officer")
    page = write(ann, cranes, "It was Tolmere")
    press(ann, page, "prepare")
    page = ada.get(page.path)
    assert "Say what should be different." in press(ada, page, "return").text
    press(ada, page, "return", reason="Leave out who it was.")
    draft = page.path.removesuffix("/check")
    back = ann.get(draft)
    assert "Leave out who it was." in back.text
    page = ann.fill(back, {"text": "Look for 192.0.2.7"}, button="check")
    press(ann, page, "prepare")
    press(ada, ada.get(page.path), "approve")
    assert len(said(pages, cranes)) == 1


def test_what_was_changed_since_it_was_looked_at_is_not_approved(pages: Pages, cranes: str) -> None:
    ann = pages.person("ann", "analyst")
    ada, bea = [pages.person(name, "duty_officer") for name in ("ada", "bea")]
    page = write(ann, cranes, "Look for 192.0.2.7")
    press(ann, page, "prepare")
    looked_at = ada.get(page.path)
    press(bea, bea.get(page.path), "return", reason="Add the port.")
    back = ann.get(page.path.removesuffix("/check"))
    press(ann, ann.fill(back, {"text": "We did it"}, button="check"), "prepare")
    answer = press(ada, looked_at, "approve")
    assert "There is a problem" in answer.text
    assert "We did it" in answer.text
    assert not said(pages, cranes)
    press(ada, answer, "approve")
    assert len(said(pages, cranes)) == 1


def test_an_emergency_is_signed_alone_with_a_reason_and_noted(pages: Pages, cranes: str) -> None:
    ann = pages.person("ann", "analyst")
    page = write(ann, cranes, "Cut the line now")
    assert "Say why it cannot wait" in press(ann, page, "emergency").text
    assert not said(pages, cranes)
    press(ann, page, "emergency", reason="Nobody else is here.")
    (row,) = said(pages, cranes)
    assert read_header(row.header).body["by"] == {"role": "analyst"}
    assert audit(pages.node.db)[0].what == "emergency"
    hal = pages.person("hal", "head")
    assert "signed this alone in an emergency: <bdi>Nobody else is here.</bdi>" in hal.get("/").text
    press(hal, hal.get(page.path), "review")
    assert page.path not in hal.get("/").text
    assert audit(pages.node.db)[0].what == "reviewed"


def test_two_people_who_approve_at_once_sign_it_once(pages: Pages, cranes: str) -> None:
    ann = pages.person("ann", "analyst")
    officers = [pages.person(name, "duty_officer") for name in ("ada", "bea")]
    page = write(ann, cranes, "Look for 192.0.2.7")
    press(ann, page, "prepare")
    seen = [officer.get(page.path) for officer in officers]
    answers = [press(o, p, "approve") for o, p in zip(officers, seen, strict=True)]
    assert len(said(pages, cranes)) == 1
    assert "There is a problem" in answers[1].text or answers[1].status == 200


def test_a_draft_that_was_thrown_away_says_so_and_is_not_signed(pages: Pages, cranes: str) -> None:
    ada = pages.person("ada", "duty_officer")
    whole = write(ada, cranes, "Look for 192.0.2.7")
    unfinished = ada.fill(ada.get(f"/dossiers/{cranes}/say/ask"), {"text": "Who?"}, button="later")
    for draft in (whole.path.removesuffix("/check"), unfinished.path):
        ada.fill(ada.get(draft), {}, button="drop")
        # Neither page leads to the other for ever.
        for path in (draft, f"{draft}/check"):
            page = ada.get(path)
            assert page.status == 410
            assert "Nothing of it was signed" in page.text
            assert f'href="/dossiers/{cranes}"' in page.text
            assert 'name="do"' not in page.text
    page = press(ada, whole, "sign")
    assert page.status == 410
    assert not said(pages, cranes)


def test_an_opening_that_was_thrown_away_leads_to_work(nodes: Nodes, pages: Pages) -> None:
    ada = pages.person("ada", "duty_officer")
    given: dict[str, str | list[str]] = {
        "_members": [nodes.opened["tolmere"].me],
        "_tlp": "green",
        "title": "Cranes stop",
    }
    page = ada.fill(ada.get("/open/response/incident"), given, button="later")
    ada.fill(page, {}, button="drop")
    page = ada.get(page.path)
    assert page.status == 410
    assert "begin anew." in page.text


def test_what_waits_and_is_no_longer_whole_goes_round_in_no_circle(
    pages: Pages, cranes: str
) -> None:
    ann, ada = pages.person("ann", "analyst"), pages.person("ada", "duty_officer")
    page = write(ann, cranes, "Look for 192.0.2.7")
    press(ann, page, "prepare")
    (row,) = drafts.drafts(pages.node.db, (drafts.WAITING,))
    with writing(pages.node.db):
        assert append.change(pages.node.db, row, 0, form={**row.form, "texts": {"lang": "en"}})
    found = [visitor.get(page.path) for visitor in (ann, ada)]
    assert {each.status for each in found} == {409}
    assert all("Text: fill this in." in each.text for each in found)
    assert "Returned" in ada.fill(found[1], {"reason": "Say it."}, button="do").text


def test_an_unknown_label_or_a_wider_one_than_the_dossier_is_not_offered(
    pages: Pages, cranes: str
) -> None:
    ada = pages.person("ada", "duty_officer")
    page = ada.get(f"/dossiers/{cranes}/say/inform")
    assert re.findall(r'name="_tlp" value="([a-z_]+)"', page.text) == ["clear", "green", "amber"]
    page = ada.fill(page, {"text": "x", "_tlp": "amber_strict"}, button="check")
    assert "Error:" in page.text
    assert drafts.drafts(pages.node.db) == []


@pytest.mark.parametrize("path", ["/open", "/open/response/incident", "/dossiers/{}/say/inform"])
def test_who_has_no_mandate_for_it_cannot_begin(pages: Pages, cranes: str, path: str) -> None:
    kim = pages.person("kim", "administrator")
    assert kim.get(path.format(cranes)).status == 404
