"""Input that is made to break a page, and what is done twice at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.kernel.canon import MAX_INT
from comity.services.people import persons
from comity.store.access import people, tokens
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Pages, Visitor
from tests.nodes import Nodes, introduce, pass_on
from tests.services.staff import ask

ZONES = ("Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC")


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which knows Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


def living_in(pages: Pages, zone: str) -> Visitor:
    """Return a duty officer whose times are shown in a zone."""
    visitor = pages.person("ada", "duty_officer")
    (row,) = people.people(pages.node.db)
    persons.settle(pages.node, row.id, language="en", zone=zone)
    return visitor


@pytest.mark.parametrize("zone", ZONES)
def test_an_instant_beyond_every_calendar_breaks_no_page(
    nodes: Nodes, pages: Pages, zone: str
) -> None:
    """Whoever is a member may name any instant, and takes no page from others by it."""
    orvanda, tolmere = pages.node, nodes.opened["tolmere"]
    dossier = incident(tolmere, orvanda, "Cranes stop")
    ask(tolmere, orvanda, dossier, due=MAX_INT)
    pass_on(tolmere, orvanda)
    ada = living_in(pages, zone)
    for path in ("/", "/due", "/due.csv", "/dossiers.csv", "/notices"):
        assert ada.get(path).status == 200, path
    for path in ("", "/print", "/picture"):
        assert ada.get(f"/dossiers/{dossier}{path}").status == 200, path


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", ["9999-12-31T23:59", "0001-01-01T00:00"])
def test_an_instant_that_no_calendar_has_in_utc_is_an_error_of_the_form(
    nodes: Nodes, pages: Pages, zone: str, at: str
) -> None:
    dossier = incident(pages.node, nodes.opened["tolmere"], "Cranes stop")
    ada = living_in(pages, zone)
    page = ada.get(f"/dossiers/{dossier}/say/ask")
    given = {"to": nodes.opened["tolmere"].me, "verb": "investigate", "due": at, "_tlp": "amber"}
    page = ada.fill(page, given, button="check")
    assert page.status == 200
    assert ada.get(page.path).status == 200


def test_a_cursor_beyond_every_number_breaks_no_page(pages: Pages) -> None:
    joan = pages.person("joan", "auditor", "duty_officer")
    for number in ("9" * 30, "9" * 5000, "²", "-1"):
        for path in ("/audit", "/dossiers"):
            assert joan.get(f"{path}?before={number}").status == 200, (path, number[:9])


PLACES = (
    "/dossiers/{}", "/dossiers/{}/print", "/dossiers/{}/sheet.css", "/dossiers/{}/picture",
    "/dossiers/{}/export", "/dossiers/{}/say/inform", "/dossiers/{}/guests", "/acts/{}/evidence",
    "/dossiers/{}/guests/{}", "/acts/{}/files/0", "/acts/{}/letter", "/drafts/{}",
    "/drafts/{}/check", "/guest/{}", "/guest/{}/record", "/guest/{}/files/0", "/parties/{}",
    "/mandates/{}", "/welcome/{}", "/open/{}", "/account/oidc/{}/login/",
)  # fmt: skip


@pytest.mark.parametrize("word", ["\0", "a\0b", "\ud800", "%", "..", "'\"<", "9" * 5000])
def test_an_address_of_any_characters_leads_nowhere(pages: Pages, word: str) -> None:
    """One database keeps characters that another does not."""
    ada = pages.person("ada", "duty_officer", "administrator", "auditor")
    for place in PLACES:
        path = place.replace("{}", word).encode("utf-8", "surrogatepass").decode("latin-1")
        assert ada.get(path).status in {400, 404, 422}, place


TYPED = {"text": "a\0b", "reason": "a\0b", "_tlp": "amber", "name": "a\0b", "act": "a\0b"}


@pytest.mark.parametrize("what", ["sign", "prepare", "emergency", "approve", "return", "review"])
def test_what_is_typed_of_any_characters_breaks_no_page(
    nodes: Nodes, pages: Pages, what: str
) -> None:
    dossier = incident(pages.node, nodes.opened["tolmere"], "Cranes stop")
    ann, ada = pages.person("ann", "analyst"), pages.person("ada", "duty_officer")
    page = ann.get(f"/dossiers/{dossier}/say/inform")
    page = ann.fill(page, TYPED, button="later", form=page.form_with(["text"]))
    assert page.status == 400
    page = ann.get(f"/dossiers/{dossier}/say/inform")
    page = ann.fill(page, {"text": "Look", "_tlp": "amber"}, button="check")
    token = {"csrfmiddlewaretoken": ann.cookies["csrftoken"]}
    if what in {"approve", "return", "review"}:
        ann.post(page.path, {**token, "do": "prepare"})
        token = {"csrfmiddlewaretoken": ada.cookies["csrftoken"]}
        answer = ada.post(page.path, {**token, "do": what, "reason": "a\0b"})
    else:
        answer = ann.post(page.path, {**token, "do": what, "reason": "a\0b"})
    assert answer.status == 400


def test_a_session_that_ended_keeps_what_was_typed_of_any_characters(
    nodes: Nodes, pages: Pages
) -> None:
    dossier = incident(pages.node, nodes.opened["tolmere"], "Cranes stop")
    ada = pages.person("ada", "duty_officer")
    page = ada.get(f"/dossiers/{dossier}/say/ask")
    ada.cookies.pop("session")
    sent = {"text": "a\0b", "due": "9999-12-31T23:59", "verb": "\0", "to": "\0", "_tlp": "\0"}
    assert ada.fill(page, sent, form=page.form_with(["text"]), button="check").status == 200


def test_what_no_view_says_of_a_refusal_has_a_page(pages: Pages) -> None:
    """A token that is revoked twice, a kind of dossier that nobody knows: no fault of the node."""
    ada = pages.person("ada", "duty_officer")
    answer = ada.get("/open/nonsense")
    assert (answer.status, "Name one of the protocols" in answer.text) == (422, True)
    page = ada.get("/account/tokens")
    form = page.form_with(["name"])
    made = ada.fill(page, {"name": "A program", "mandates": ["duty_officer"]}, form=form)
    assert made.status == 200
    (row,) = tokens.tokens(pages.node.db)
    sent = {"revoke": row.id, "csrfmiddlewaretoken": form.fields["csrfmiddlewaretoken"]}
    assert ada.post("/account/tokens", sent).status == 200
    answer = ada.post("/account/tokens", sent)
    assert (answer.status, "revoked before" in answer.text) == (409, True)
