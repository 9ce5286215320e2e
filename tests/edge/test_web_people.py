"""People come in by a link, sign in, and see what their mandates allow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.edge.web import middleware
from comity.kernel.errors import Refusal
from comity.services.people import actors, persons
from comity.services.people.mandates import Hand, Mandate, shipped
from comity.store.access import people as access
from tests.edge.visitor import PASSWORD, Page, Pages
from tests.nodes import Nodes


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of a node that asks for no second factor."""
    node = nodes.make("orvanda")
    node.settings = replace(node.settings, second_factor=False)
    with Pages(node) as found:
        yield found


def test_a_link_lets_in_one_person_once(pages: Pages) -> None:
    secret = persons.invite(pages.node, None, codes=persons.FIRST)
    ada = pages.nobody()
    page = ada.get(f"/welcome/{secret}")
    assert "You were invited to the node of" in page.text
    given = {"name": "Ada", "email": "Ada@Orvanda.example", "password": PASSWORD}
    page = ada.fill(page, given)
    assert (page.status, page.path) == (200, "/")
    assert access.person_by_email(pages.node.db, "ada@orvanda.example") is not None
    assert pages.nobody().get(f"/welcome/{secret}").status == 404


def test_what_is_wrong_with_an_account_is_said_beside_its_field_and_on_top(pages: Pages) -> None:
    pages.person("grace", "analyst")
    secret = persons.invite(pages.node, None, codes=["analyst"], name="Eve")
    eve = pages.nobody()
    page = eve.get(f"/welcome/{secret}")
    page = eve.fill(page, {"name": "", "email": "grace@orvanda.example", "password": "short"})
    for error in ("Your name: fill this in.", "at least 12 characters"):
        assert page.text.count(error) >= 2
    page = eve.fill(page, {"name": "Eve", "password": PASSWORD})
    assert "Somebody here has this address already." in page.text
    assert page.form.fields["name"] == ["Eve"]
    assert page.text.startswith("<!doctype html>")
    assert "<title>Error:" in page.text
    page = eve.fill(page, {"email": "eve@orvanda.example", "password": PASSWORD})
    assert page.path == "/"


def test_a_link_that_is_too_old_lets_nobody_in(nodes: Nodes) -> None:
    node = nodes.make("orvanda")
    secret = persons.invite(node, None, codes=["head"])
    nodes.clock.advance(persons.LINK_LASTS)
    with pytest.raises(Refusal, match="S11"):
        persons.join(node, secret, email="a@b.example", name="A", password=PASSWORD)


def test_signing_in_tells_nobody_who_has_an_account(pages: Pages) -> None:
    pages.person("ada", "head")
    answers = {}
    for email in ("ada@orvanda.example", "nobody@orvanda.example"):
        visitor = pages.nobody()
        page = visitor.get("/account/login/")
        page = visitor.fill(page, {"login": email, "password": "not the password at all"})
        answers[email] = re.sub(r'value="[^"]*"', "", page.text)
    first, second = answers.values()
    assert first == second
    assert "not correct" in first


def test_a_person_signs_in_and_out(pages: Pages) -> None:
    pages.person("ada", "duty_officer")
    ada = pages.nobody()
    page = ada.get("/")
    assert page.path.startswith("/account/login/")
    page = ada.fill(page, {"login": "ada@orvanda.example", "password": PASSWORD})
    assert (page.status, page.path) == (200, "/")
    leave = next(form for form in page.read.forms if form.action == "/account/logout/")
    ada.fill(page, {}, form=leave)
    assert ada.get("/").path.startswith("/account/login/")


def test_a_closed_account_is_out_at_once(pages: Pages) -> None:
    keeper = pages.person("kim", "administrator")
    ada = pages.person("ada", "duty_officer")
    row = access.person_by_email(pages.node.db, "ada@orvanda.example")
    assert row is not None
    page = keeper.get(f"/people/{row.id}")
    assert keeper.fill(page, {"active": []}).status == 200
    assert ada.get("/").path.startswith("/account/login/")
    page = ada.get("/account/login/")
    page = ada.fill(page, {"login": row.email, "password": PASSWORD})
    assert page.path != "/"


def test_the_last_who_manages_people_cannot_be_shut_out(pages: Pages) -> None:
    keeper = pages.person("kim", "administrator")
    row = access.people(pages.node.db)[0]
    page = keeper.get(f"/people/{row.id}")
    page = keeper.fill(page, {"mandates": ["analyst"]})
    assert "Somebody must be left who manages people" in page.text
    assert access.people(pages.node.db)[0].mandates == ("administrator",)


def test_whoever_lost_the_way_in_gets_a_new_password(pages: Pages) -> None:
    pages.person("ada", "duty_officer")
    secret = persons.renew(pages.node, None, "ada@orvanda.example")
    ada = pages.nobody()
    page = ada.get(f"/welcome/{secret}")
    assert "Set a new password" in page.text
    assert ada.fill(page, {"password": "another four words entirely"}).path == "/"
    old = pages.nobody()
    page = old.fill(
        old.get("/account/login/"), {"login": "ada@orvanda.example", "password": PASSWORD}
    )
    assert page.path != "/"


def test_a_node_may_demand_a_second_factor_of_all(nodes: Nodes) -> None:
    with Pages(nodes.make("orvanda")) as pages:
        ada = pages.person("ada", "duty_officer")
        assert ada.get("/").path.startswith("/account/2fa/totp/activate/")
        page = ada.get("/people")
        assert page.path.startswith("/account/2fa/totp/activate/")
        # Its code is an image inside the page: this page alone lets one load.
        assert "data:image/svg+xml" in page.text
        assert "img-src 'self' data:" in page.headers["content-security-policy"]
        assert "data:" not in ada.get("/about").headers["content-security-policy"]


def _closely(page: Page) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page.text)


def test_who_may_not_see_a_page_gets_the_answer_of_one_that_is_not_there(pages: Pages) -> None:
    ada = pages.person("ada", "analyst")
    hidden, absent = ada.get("/people/1"), ada.get("/people/999")
    assert hidden.status == absent.status == 404
    assert _closely(hidden).replace("/people/1", "") == _closely(absent).replace("/people/999", "")


def test_every_answer_carries_the_headers(pages: Pages) -> None:
    for path in ("/about", "/nothing", "/account/login/", "/static/comity/comity.css"):
        page = pages.nobody().get(path)
        for name, value in middleware.HEADERS.items():
            assert page.headers[name.lower()] == value, (path, name)


def test_a_page_of_another_host_is_not_given(pages: Pages) -> None:
    assert pages.nobody().get("/about", host="elsewhere.example").status == 421
    pages.node.settings = replace(pages.node.settings, pages="https://node.orvanda.example")
    page = pages.nobody().get("/account/login/", host="node.orvanda.example")
    assert page.status == 200
    assert "secure" in page.headers["set-cookie"].lower()
    assert page.headers["strict-transport-security"]


def test_a_form_from_elsewhere_is_not_taken(pages: Pages) -> None:
    keeper = pages.person("kim", "administrator")
    page = keeper.post("/people/invite", {"mandates": ["administrator"]})
    assert page.status == 403
    assert "Please send it again" in page.text


def test_mandates_say_what_a_hand_may_do() -> None:
    officer, analyst = shipped()["duty_officer"], shipped()["analyst"]
    assert officer.hand("response/incident", "inform") is Hand.ALONE
    assert analyst.hand("response/incident", "inform") is Hand.SECOND
    assert shipped()["auditor"].hand("response/incident", "inform") is None
    closer = Mandate.from_object(
        {"code": "x", "title": "X", "issue": ["*"], "second": ["response/*:close"]}
    )
    assert closer.hand("response/incident", "close") is Hand.SECOND
    assert closer.hand("response/incident", "inform") is Hand.ALONE


@pytest.mark.parametrize(
    "value",
    [
        {"code": "x", "title": "X", "lanes": ["secret"]},
        {"code": "x", "title": "X", "manage": ["all"]},
        {"code": "x", "title": "X", "ceiling": "black"},
        {"code": "x", "title": "X", "issue": "*"},
        {"code": "x", "title": "X", "issue": [""]},
        {"code": "x", "title": "X", "power": ["*"]},
    ],
)
def test_a_mandate_that_makes_no_sense_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(Refusal, match="S4"):
        Mandate.from_object(value)


def test_mandates_come_back_from_what_is_kept() -> None:
    for mandate in shipped().values():
        assert Mandate.from_object(mandate.to_object()) == mandate


def test_an_actor_reads_up_to_the_label_in_the_lanes_of_its_mandates(nodes: Nodes) -> None:
    node = nodes.make("orvanda")
    secret = persons.invite(node, None, codes=["programme_officer", "auditor"])
    person = persons.join(node, secret, email="p@o.example", name="P", password=PASSWORD)
    actor = actors.of_person(node, person.id)
    assert actor.lanes == {"programme"}
    assert actor.ceiling("technical") is None
    assert actor.manages("audit")
    with pytest.raises(Refusal, match="S10"):
        actor.require_manage("people")


@pytest.mark.parametrize(
    "path",
    ["", "sessions/", "2fa/", "2fa/webauthn/", "password/change/", "password/reset/"],
)
def test_the_pages_of_an_account_are_there(pages: Pages, path: str) -> None:
    ada = pages.person("ada", "duty_officer")
    page = ada.get(f"/account/{path}" if path else "/account")
    assert page.status == 200
    assert "Orvanda" in page.text or "orvanda" in page.text


def test_what_breaks_is_logged_without_the_secret_of_a_link(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_node: object, _secret: str) -> None:
        raise OSError("the disk is gone")

    secret = persons.invite(pages.node, None, codes=["analyst"])
    monkeypatch.setattr(persons, "require_link", broken)
    page = pages.nobody().get(f"/welcome/{secret}")
    assert page.status == 500
    assert "welcome/<str:secret>" in caplog.text
    assert "the disk is gone" in caplog.text
    assert secret not in caplog.text


def test_a_place_in_the_audit_that_is_no_number_is_its_beginning(pages: Pages) -> None:
    auditor = pages.person("aud", "auditor")
    for before in ("x", "9" * 30, "9" * 5000):
        assert auditor.get(f"/audit?before={before}").status == 200, len(before)


def test_who_guesses_passwords_waits(pages: Pages) -> None:
    # What was counted outlives the test: nobody else comes from there, or has this name.
    pages.person("guessed", "duty_officer")
    guesser = pages.nobody()
    guesser.origin = "198.51.100.77"
    wrong = {"login": "guessed@orvanda.example", "password": "not this one"}
    for _ in range(5):
        guesser.fill(guesser.get("/account/login/"), wrong)
    page = guesser.fill(guesser.get("/account/login/"), {**wrong, "password": PASSWORD})
    assert page.path == "/account/login/"
    assert "Too many failed login attempts" in page.text
