"""Whoever types while the session ends finds it again after signing in, and nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.edge.web import keeping
from comity.services.people import actors
from comity.store.access import acts, drafts, people
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import PASSWORD, Page, Pages, Visitor
from tests.nodes import Nodes, introduce

TYPED = "Look for 192.0.2.7; half a page of it."


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
    return incident(pages.node, nodes.opened["tolmere"], "Cranes stop")


def send(visitor: Visitor, dossier: str, *lost: str) -> Page:
    """Open the form of a message, lose some cookies, and send it."""
    page = visitor.get(f"/dossiers/{dossier}/say/inform")
    for name in lost:
        del visitor.cookies[name]
    return visitor.fill(page, {"text": TYPED, "_tlp": "green"}, button="check")


def sign_in(visitor: Visitor, page: Page, name: str) -> Page:
    given = {"login": f"{name}@orvanda.example", "password": PASSWORD}
    return visitor.fill(page, given)


@pytest.mark.parametrize("lost", [("session",), ("csrftoken",), ("session", "csrftoken")])
def test_what_was_typed_is_there_after_signing_in(
    pages: Pages, cranes: str, lost: tuple[str, ...]
) -> None:
    ada = pages.person("ada", "duty_officer")
    page = send(ada, cranes, *lost)
    assert "Your session had ended. What you typed was kept." in page.text
    if "session" in lost:
        assert page.path.startswith("/account/login/")
        assert TYPED not in page.text
        page = sign_in(ada, page, "ada")
    assert page.path.startswith("/drafts/")
    assert page.form_with(["text"]).fields["text"][0].strip() == TYPED
    assert page.form_with(["_tlp"]).fields["_tlp"] == ["green"]
    assert len([*acts.acts_of(pages.node.db, cranes)]) == 1


def test_nobody_else_who_signs_in_there_reads_it(pages: Pages, cranes: str) -> None:
    ada = pages.person("ada", "duty_officer")
    pages.person("eve", "duty_officer")
    page = send(ada, cranes, "session")
    page = sign_in(ada, page, "eve")
    assert page.status == 404
    assert TYPED not in page.text
    assert TYPED not in ada.get("/").text
    (row,) = drafts.drafts(pages.node.db)
    assert row.name == "Ada"


@pytest.mark.parametrize("token", ["", "1", "1:1tZ:x"])
def test_nothing_is_kept_of_a_form_that_this_node_did_not_make(
    pages: Pages, cranes: str, token: str
) -> None:
    ada = pages.person("ada", "duty_officer")
    page = ada.get(f"/dossiers/{cranes}/say/inform")
    del ada.cookies["session"]
    page = ada.fill(page, {"text": TYPED, "_tlp": "green", keeping.FIELD: token}, button="check")
    assert page.path.startswith("/account/login/")
    assert drafts.drafts(pages.node.db) == []


def test_a_page_that_stood_open_too_long_is_nobodys(
    pages: Pages, cranes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = pages.person("ada", "duty_officer")
    monkeypatch.setattr("django.core.signing.time.time", lambda: 0.0)
    page = ada.get(f"/dossiers/{cranes}/say/inform")
    old = page.form_with([keeping.FIELD]).fields[keeping.FIELD]
    monkeypatch.undo()
    page = ada.get(page.path)
    del ada.cookies["session"]
    page = ada.fill(page, {"text": TYPED, "_tlp": "green", keeping.FIELD: old}, button="check")
    assert drafts.drafts(pages.node.db) == []


def test_who_lost_the_mandate_meanwhile_keeps_nothing(
    pages: Pages, cranes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.person("hal", "head")
    ada = pages.person("ada", "duty_officer")
    head = next(row for row in people.people(pages.node.db) if row.name == "Hal")
    page = ada.get(f"/dossiers/{cranes}/say/inform")
    monkeypatch.setattr(keeping, "made_for", lambda r: actors.of_person(r.node, head.id))
    del ada.cookies["session"]
    page = ada.fill(page, {"text": TYPED, "_tlp": "green"}, button="check")
    assert page.path.startswith("/account/login/")
    assert drafts.drafts(pages.node.db) == []


def test_what_is_wrong_is_kept_as_it_was_typed(pages: Pages, cranes: str) -> None:
    ada = pages.person("ada", "duty_officer")
    page = ada.get(f"/dossiers/{cranes}/say/ask")
    del ada.cookies["session"]
    long = "x" * 20_001
    page = ada.fill(page, {"text": long, "verb": "nonsense"}, button="check")
    page = sign_in(ada, page, "ada")
    assert page.form_with(["text"]).fields["text"][0].strip() == long


def test_a_draft_that_is_gone_on_with_keeps_what_was_typed_last(pages: Pages, cranes: str) -> None:
    ada = pages.person("ada", "duty_officer")
    page = ada.get(f"/dossiers/{cranes}/say/inform")
    page = ada.fill(page, {"text": "First", "_tlp": "green"}, button="later")
    where = page.path
    del ada.cookies["session"]
    page = ada.fill(page, {"text": TYPED}, button="check")
    page = sign_in(ada, page, "ada")
    assert page.path == where
    assert TYPED in page.text
    assert len(drafts.drafts(pages.node.db)) == 1


def test_a_time_is_kept_in_the_zone_of_who_typed_it(pages: Pages, cranes: str) -> None:
    ada = pages.person("ada", "duty_officer")
    ada.fill(ada.get("/account"), {"language": "en", "zone": "Asia/Tokyo"})
    page = ada.get(f"/dossiers/{cranes}/say/ask")
    del ada.cookies["session"]
    page = ada.fill(page, {"text": "When?", "due": "2026-10-01T09:00"}, button="check")
    page = sign_in(ada, page, "ada")
    assert page.form_with(["due"]).fields["due"] == ["2026-10-01T09:00"]
    (row,) = drafts.drafts(pages.node.db)
    assert row.form["texts"]["due"] == "2026-10-01T00:00Z"
