"""Tokens: made within what their maker may do, shown once, and never reaching further."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections

from comity.kernel.act import read_header
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.people import actors, persons, tokens
from comity.store.access import acts
from comity.store.access import tokens as access
from comity.store.access.people import audit
from comity.store.database import bind
from comity.store.sql import query
from tests.edge.program import Program, person, program, token, wish
from tests.edge.test_api_saying import draft, said
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import PASSWORD, Pages
from tests.nodes import Nodes, introduce


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages and the API of Orvanda, which knows Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


@pytest.fixture
def cranes(nodes: Nodes, pages: Pages) -> str:
    """An incident of Orvanda and Tolmere."""
    return incident(pages.node, nodes.opened["tolmere"], "Cranes stop")


def test_a_token_says_who_acts_and_how_far_it_reaches(pages: Pages) -> None:
    ada = program(pages, "duty_officer", "administrator", name="ada")
    me = ada.get("/me").value
    assert (me["name"], me["machine"], me["party"]) == ("Ada", False, pages.node.me)
    assert [mandate["code"] for mandate in me["mandates"]] == ["administrator", "duty_officer"]
    assert me["expires"] == pages.node.now() + 90 * tokens.DAY


def test_of_a_secret_only_its_hash_is_kept(pages: Pages) -> None:
    ada = program(pages, "duty_officer")
    (row,) = query(pages.node.db, "SELECT * FROM store_token")
    assert ada.token.startswith("comity_")
    assert not [value for value in row if ada.token[7:20] in str(value)]
    assert ada.token not in str([entry.detail for entry in audit(pages.node.db)])


@pytest.mark.parametrize("shown", ["", "comity_nothing", "nothing"])
def test_who_shows_no_token_is_told_so(pages: Pages, shown: str) -> None:
    answer = Program(pages.app, shown).get("/work")
    assert (answer.status, answer.rule) == (401, "S10")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_ends_when_it_expires_or_is_revoked(nodes: Nodes, pages: Pages) -> None:
    node = pages.node
    ada = person(node, "ada", "duty_officer")
    one = Program(pages.app, token(node, ada, "duty_officer", days=2))
    other = Program(pages.app, token(node, ada, "duty_officer"))
    id_ = other.get("/me").value["token"]
    tokens.revoke(node, actors.of_person(node, ada), id_)
    assert other.get("/me").status == 401
    with pytest.raises(Refusal, match="S12"):
        tokens.revoke(node, None, id_)
    nodes.clock.advance(2 * tokens.DAY - 1)
    assert one.get("/me").status == 200
    nodes.clock.advance(1)
    assert one.get("/me").status == 401


def test_a_token_never_reaches_beyond_its_maker(pages: Pages, cranes: str) -> None:
    """Asked at every use, and not when it was made."""
    node = pages.node
    ada = person(node, "ada", "duty_officer", "administrator")
    both = Program(pages.app, token(node, ada, "duty_officer", "administrator"))
    assert both.get(f"/dossiers/{cranes}").status == 200
    assert both.get("/node").status == 200
    person(node, "kim", "administrator")
    persons.change(node, None, ada, codes=["duty_officer"])
    assert both.get(f"/dossiers/{cranes}").status == 200
    assert both.get("/node").status == 403
    persons.change(node, None, ada, active=False)
    assert both.get("/me").status == 401


@pytest.mark.parametrize(
    ("fields", "rule", "subject"),
    [
        ({"codes": ("head",)}, "S10", "mandates"),
        ({"codes": ()}, "S4", "mandates"),
        ({"lanes": ("legal",)}, "S10", "lanes"),
        ({"ceiling": TLP.RED}, "S10", "ceiling"),
        ({"name": " "}, "S4", "name"),
        ({"name": "x" * 121}, "S4", "name"),
        ({"days": 0}, "S4", "days"),
        ({"days": 366}, "S4", "days"),
    ],
)
def test_a_token_is_not_made_beyond_its_maker(
    pages: Pages, fields: dict[str, Any], rule: str, subject: str
) -> None:
    node = pages.node
    owner = actors.of_person(node, person(node, "ada", "duty_officer"))
    with pytest.raises(Refusal) as refused:
        tokens.make(node, owner, wish("duty_officer", **fields), by=owner)
    assert (refused.value.rule, refused.value.subject) == (rule, subject)
    assert access.tokens(node.db) == []


def test_a_token_holds_the_mandates_that_were_chosen_alone(pages: Pages, cranes: str) -> None:
    node = pages.node
    ada = person(node, "ada", "duty_officer", "administrator")
    officer = Program(pages.app, token(node, ada, "duty_officer"))
    keeper = Program(pages.app, token(node, ada, "administrator"))
    assert (officer.get(f"/dossiers/{cranes}").status, officer.get("/node").status) == (200, 403)
    assert (keeper.get(f"/dossiers/{cranes}").status, keeper.get("/node").status) == (404, 200)


def test_lanes_and_label_narrow_what_is_seen(pages: Pages, cranes: str) -> None:
    node, hal = pages.node, person(pages.node, "hal", "head")
    seen = {"lanes": ("technical",), "ceiling": TLP.AMBER}
    assert Program(pages.app, token(node, hal, "head", **seen)).get("/acts").value["acts"]
    for narrowed in ({"lanes": ("legal",)}, {"ceiling": TLP.GREEN}):
        blind = Program(pages.app, token(node, hal, "head", **{**seen, **narrowed}))
        assert blind.get(f"/dossiers/{cranes}").status == 404
        assert blind.get("/acts").value["acts"] == []


def test_one_person_has_so_many_tokens(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST", 2)
    ada = person(pages.node, "ada", "duty_officer")
    for _ in range(2):
        token(pages.node, ada, "duty_officer")
    with pytest.raises(Refusal, match="as many tokens"):
        token(pages.node, ada, "duty_officer")


def test_when_a_token_was_used_is_known_to_the_minute(nodes: Nodes, pages: Pages) -> None:
    ada = program(pages, "duty_officer")

    def used() -> int | None:
        return access.tokens(pages.node.db)[0].used_at

    assert used() is None
    first = nodes.clock.now()
    ada.get("/me")
    nodes.clock.advance(tokens.MINUTE - 1)
    ada.get("/me")
    assert used() == first
    nodes.clock.advance(1)
    ada.get("/me")
    assert used() == first + tokens.MINUTE


def test_a_machine_acts_under_its_own_name(pages: Pages, cranes: str) -> None:
    node = pages.node
    ada = person(node, "ada", "duty_officer")
    machine = Program(pages.app, token(node, ada, "duty_officer", machine=True, name="Scanner"))
    own = Program(pages.app, token(node, ada, "duty_officer"))
    assert machine.get("/me").value["name"] == "Scanner"
    id_ = draft(machine, cranes)
    assert machine.get(f"/drafts/{id_}").value["name"] == "Scanner"
    # It is not the person's own draft: nobody signs what another wrote.
    assert own.post(f"/drafts/{id_}/sign", key="k").status == 404
    assert own.get("/work").value["needs"] == []
    assert machine.post(f"/drafts/{id_}/sign", key="k").status == 200
    entry = audit(node.db)[0]
    assert (entry.what, entry.name, entry.person) == ("said", "Scanner", ada)
    assert entry.detail["token"] == machine.get("/me").value["token"]
    (row,) = said(pages, cranes)
    assert read_header(row.header).body["by"] == {"role": "duty_officer"}


def test_what_takes_a_person_no_machine_does(nodes: Nodes, pages: Pages, cranes: str) -> None:
    node, tolmere = pages.node, nodes.opened["tolmere"]
    ada = person(node, "ada", "duty_officer", "analyst", "administrator")
    codes = ("duty_officer", "analyst", "administrator")
    machine = Program(pages.app, token(node, ada, *codes, machine=True))
    ann = program(pages, "analyst", name="ann")
    waiting = draft(ann, cranes)
    ann.post(f"/drafts/{waiting}/prepare")
    assert machine.approve(waiting, key="k").status == 404
    assert machine.get("/work").value["needs"] == []
    given = {"dossier": cranes, "kind": "acknowledge", "texts": {"refs": cranes}, "tlp": "amber"}
    assert machine.post("/drafts", given).rule == "S10"
    assert ann.post("/drafts", given).status == 201
    alone = Program(pages.app, token(node, ada, "analyst", machine=True))
    id_ = draft(alone, cranes)
    assert alone.get(f"/drafts/{id_}/preview").value["override"] is False
    assert alone.post(f"/drafts/{id_}/emergency", {"reason": "Now."}, key="k").rule == "S10"
    told = {"told": "0" * 60}
    assert machine.post(f"/parties/{tolmere.me}/accredit", told).rule == "S10"
    assert machine.post("/parties", {"address": "https://x.example"}).rule == "S10"
    assert machine.get("/mandates").rule == "S10"
    assert machine.get("/node").status == 200


def test_the_maker_is_no_second_person_to_a_machine(pages: Pages, cranes: str) -> None:
    node = pages.node
    ann = person(node, "ann", "analyst", "duty_officer")
    machine = Program(pages.app, token(node, ann, "analyst", machine=True))
    maker = Program(pages.app, token(node, ann, "duty_officer"))
    other = program(pages, "duty_officer", name="ada")
    id_ = draft(machine, cranes)
    assert machine.post(f"/drafts/{id_}/prepare").status == 200
    assert maker.approve(id_, key="k").rule == "S10"
    assert other.approve(id_, key="k").status == 200
    assert len(said(pages, cranes)) == 1


def test_too_many_requests_are_refused_for_a_minute(nodes: Nodes, pages: Pages) -> None:
    pages.node.settings = replace(pages.node.settings, rate=3)
    ada, bea = program(pages, "duty_officer"), program(pages, "duty_officer", name="bea")
    assert [ada.get("/me").status for _ in range(4)] == [200, 200, 200, 429]
    answer = ada.get("/me")
    assert (answer.rule, answer.value["retry"], answer.headers["retry-after"]) == (
        "T5",
        "later",
        "60",
    )
    assert bea.get("/me").status == 200
    guesser = Program(pages.app, "comity_guess")
    assert [guesser.get("/me").status for _ in range(4)] == [401, 401, 401, 429]
    nodes.clock.advance(60_000)
    assert ada.get("/me").status == 200


def test_a_session_of_the_pages_means_nothing_here(pages: Pages) -> None:
    ada = pages.person("ada", "duty_officer")
    assert ada.get("/").status == 200
    answer = ada.get("/api/v1/work", follow=False)
    assert answer.status == 401
    assert "set-cookie" not in answer.headers
    cookie = "; ".join(f"{name}={value}" for name, value in ada.cookies.items())
    machine = program(pages, "auditor", name="machine")
    me = machine.ask("GET", "/me", b"", {"HTTP_COOKIE": cookie}).value
    assert me["name"] == "Machine"


def test_tokens_are_made_and_revoked_on_an_account_s_page(pages: Pages) -> None:
    ada = pages.person("ada", "duty_officer")
    page = ada.get("/account")
    assert "/account/tokens" in page.read.links
    page = ada.get("/account/tokens")
    given: dict[str, str | list[str]] = {
        "name": "Mail gateway",
        "mandates": ["duty_officer"],
        "lanes": ["technical"],
        "ceiling": "green",
        "machine": "on",
    }
    page = ada.fill(page, given)
    assert "It is not shown again." in page.text
    secret = page.text.partition('<code dir="ltr">')[2].partition("</code>")[0]
    me = Program(pages.app, secret).get("/me").value
    assert (me["name"], me["machine"]) == ("Mail gateway", True)
    assert me["mandates"][0]["ceiling"] == "green"
    page = ada.get("/account/tokens")
    assert secret not in page.text
    assert "Mail gateway" in page.text
    assert audit(pages.node.db)[0].what == "token"
    eve = pages.person("eve", "duty_officer")
    answer = eve.fill(eve.get("/account/tokens"), {"name": "x", "mandates": ["duty_officer"]})
    theft = eve.post(
        "/account/tokens",
        {
            "revoke": me["token"],
            "csrfmiddlewaretoken": answer.read.forms[-1].fields["csrfmiddlewaretoken"],
        },
    )
    assert theft.status == 404
    assert Program(pages.app, secret).get("/me").status == 200
    form = page.form_with(["csrfmiddlewaretoken"])
    page = ada.fill(page, {}, form=form, button="revoke")
    assert "Revoked." in page.text
    assert Program(pages.app, secret).get("/me").status == 401
    assert audit(pages.node.db)[0].what == "revoked"


def test_a_page_says_what_is_wrong_with_a_token(pages: Pages) -> None:
    ada = pages.person("ada", "duty_officer")
    page = ada.fill(ada.get("/account/tokens"), {"name": "x", "days": "400"})
    assert "There is a problem" in page.text
    assert access.tokens(pages.node.db) == []


def test_making_a_token_asks_for_the_password_again(pages: Pages) -> None:
    """Who finds a browser open makes no way in that lasts."""
    ada = pages.person("ada", "duty_officer")
    stale(pages)
    page = ada.get("/account/tokens")
    assert page.path.startswith("/account/reauthenticate/")
    page = ada.fill(page, {"password": PASSWORD})
    assert page.path == "/account/tokens"


def stale(pages: Pages) -> None:
    """Let every sign-in be long ago."""
    methods = "account_authentication_methods"
    bind(pages.node.db)
    try:
        for (key,) in query(pages.node.db, "SELECT session_key FROM django_session"):
            session = SessionStore(key)
            session[methods] = [{**each, "at": 1.0} for each in session[methods]]
            session.save()
    finally:
        # Elsewhere a query that names no database is to fail.
        del connections["default"]


def test_nobody_else_sees_what_was_signed_by_a_machine(pages: Pages, cranes: str) -> None:
    ada = program(pages, "duty_officer", machine=True)
    id_ = draft(ada, cranes)
    signed = ada.post(f"/drafts/{id_}/sign", key="k").value
    row = acts.act(pages.node.db, signed["act"])
    assert row is not None
    assert b"A program" not in row.header


def test_a_token_changes_no_draft_that_it_could_not_have_begun(pages: Pages, cranes: str) -> None:
    """What a person signs at the pages is the person's own words."""
    number = person(pages.node, "ada", "duty_officer", "head")
    ada = Program(pages.app, token(pages.node, number, "duty_officer"))
    given = {"kind": "inform", "texts": {"text": "Look for 192.0.2.7"}, "tlp": "amber"}
    draft = ada.post("/drafts", {"dossier": cranes, **given}).value["id"]
    head = Program(pages.app, token(pages.node, number, "head"))
    assert head.get(f"/drafts/{draft}").status == 200
    said = {"texts": {"text": "Look away"}, "tlp": "amber"}
    for answer in (
        head.put(f"/drafts/{draft}", said),
        head.ask("POST", f"/drafts/{draft}/files?name=a.txt", b"a"),
        head.ask("DELETE", f"/drafts/{draft}/files/{'0' * 16}"),
        head.ask("DELETE", f"/drafts/{draft}"),
    ):
        assert (answer.status, answer.rule) == (403, "S10")
    assert ada.get(f"/drafts/{draft}").value["form"]["texts"] == given["texts"]
    assert ada.ask("DELETE", f"/drafts/{draft}").status == 204
