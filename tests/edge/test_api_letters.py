"""The API, of letters to guests: made once, let go by a second person, renewed and revoked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.casework import guests
from comity.store.access import guests as access
from comity.store.access.people import audit
from comity.store.sql import query
from tests.edge.program import Program, program
from tests.edge.visitor import Pages
from tests.nodes import Nodes, introduce
from tests.services.test_guests import open_incident, warn

JANE = {"name": "Jane Fenn", "mail": "jane@fennick.example", "first": "en", "second": "ar"}


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages and the API of Orvanda, which knows Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    with Pages(orvanda) as found:
        yield found


@pytest.fixture
def warning(nodes: Nodes, pages: Pages) -> str:
    """A warning of Orvanda to Tolmere."""
    return warn(pages.node, open_incident(pages.node, nodes.opened["tolmere"]))


def made(who: Program, act: str, key: str = "k", **more: Any) -> dict[str, str]:
    answer = who.post(f"/acts/{act}/letters", {**JANE, **more}, key=key)
    assert answer.status == 201, answer.body
    found: dict[str, str] = answer.value
    return found


def secret(link: str) -> str:
    """Return the secret in the address of a letter."""
    return link.rpartition("/guest/")[2]


def test_a_letter_is_made_once_and_what_was_answered_is_found(pages: Pages, warning: str) -> None:
    node, ada = pages.node, program(pages, "duty_officer")
    shown = ada.post(f"/acts/{warning}/letters/preview", JANE).value
    assert "Cranes may stop." in shown["page"]
    assert "…" in shown["text"].splitlines()
    assert shown["waits"] is False
    assert not query(node.db, "SELECT id FROM store_guest")
    first = made(ada, warning)
    assert made(ada, warning) == first
    kept = str(query(node.db, "SELECT * FROM store_guest, store_answer"))
    assert secret(first["link"]) not in kept
    place = f"/letters/{first['letter']}"
    assert ada.get(place).value["state"] == "made"
    assert first["link"] not in ada.get(place).value["text"]
    said = guests.answer(node, secret(first["link"]), {"text": "We patch today."})
    (row,) = ada.get(f"/dossiers/{ada.get(place).value['dossier']}/letters").value["letters"]
    assert (row["state"], row["answered"], row["name"]) == ("answered", said, "Jane Fenn")
    assert ada.get(f"/acts/{row['answered']}").value["fields"]["text"] == "We patch today."
    assert ada.post(f"{place}/renew", key="k2").rule == "S12"


def test_a_second_person_lets_a_letter_go(pages: Pages, warning: str) -> None:
    ann, ada = program(pages, "analyst", name="ann"), program(pages, "duty_officer")
    waiting = made(ann, warning)
    assert waiting["link"] == ""
    place = f"/letters/{waiting['letter']}"
    assert ann.post(f"{place}/release", key="k2").rule == "S10"
    (shown,) = ada.get("/work").value["needs"]
    assert (shown["kind"], shown["subject"], shown["who"]) == ("letter", waiting["letter"], "Ann")
    let = ada.post(f"{place}/release", key="k").value
    assert guests.require_link(pages.node, secret(let["link"])).second_name == "Ada"
    assert ada.post(f"{place}/release", key="k").value == let
    assert ada.post(f"{place}/release", key="k2").rule == "S12"
    assert ada.get("/work").value["needs"] == []


def test_a_letter_whose_address_was_lost_gets_another(
    nodes: Nodes, pages: Pages, warning: str
) -> None:
    node, ada = pages.node, program(pages, "duty_officer")
    first = made(ada, warning, days=1)
    nodes.clock.advance(guests.DAY)
    place = f"/letters/{first['letter']}"
    assert ada.get(place).value["state"] == "expired"
    other = ada.post(f"{place}/renew", key="k2").value
    assert ada.get(place).value["state"] == "made"
    assert ada.get(place).value["expires"] == node.now() + guests.DAY
    guests.require_link(node, secret(other["link"]))
    with pytest.raises(Refusal, match="S11"):
        guests.require_link(node, secret(first["link"]))
    # What goes to members by two hands goes to nobody else by one, the second time neither.
    ann = program(pages, "analyst", name="ann")
    assert ann.post(f"{place}/renew", key="k").value["link"] == ""
    with pytest.raises(Refusal, match="S11"):
        guests.require_link(node, secret(other["link"]))
    assert ada.get(place).value["state"] == "waiting"


def test_a_revoked_letter_shows_nothing_and_stays_revoked(pages: Pages, warning: str) -> None:
    node, ada = pages.node, program(pages, "duty_officer")
    first = made(ada, warning)
    place = f"/letters/{first['letter']}"
    ended = ada.post(f"{place}/revoke").value
    assert (ended["state"], ada.post(f"{place}/revoke").value) == ("revoked", ended)
    with pytest.raises(Refusal, match="S11"):
        guests.require_link(node, secret(first["link"]))
    assert ada.post(f"{place}/renew", key="k2").rule == "S12"
    assert [entry.what for entry in audit(node.db, limit=2)] == ["guest_revoked", "guest_made"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"mail": "jane"}, "mail"),
        ({"first": "xx"}, "first"),
        ({"second": "en"}, "second"),
        ({"days": 91}, "days"),
    ],
)
def test_what_is_wrong_with_a_letter_names_its_field(
    pages: Pages, warning: str, given: dict[str, Any], field: str
) -> None:
    ada = program(pages, "duty_officer")
    answer = ada.post(f"/acts/{warning}/letters", {**JANE, **given}, key="k")
    assert (answer.status, answer.rule, answer.value["field"]) == (422, "S4", field)


def test_what_is_too_strict_goes_to_no_guest(nodes: Nodes, pages: Pages) -> None:
    dossier = open_incident(pages.node, nodes.opened["tolmere"], ceiling=TLP.AMBER_STRICT)
    strict = warn(pages.node, dossier, tlp=TLP.AMBER_STRICT)
    ada = program(pages, "duty_officer")
    answer = ada.post(f"/acts/{strict}/letters", JANE, key="k")
    assert (answer.status, answer.rule) == (422, "L3")
    assert access.guests_of(pages.node.db, dossier) == []


def test_a_letter_that_is_not_to_be_seen_is_none(pages: Pages, warning: str) -> None:
    first = made(program(pages, "duty_officer"), warning)
    blind = program(pages, "diplomat", name="dee")
    absent = "0" * 24
    for method, path in (
        ("GET", ""),
        ("POST", "/release"),
        ("POST", "/renew"),
        ("POST", "/revoke"),
    ):
        more = {"HTTP_IDEMPOTENCY_KEY": "k"}
        hidden = blind.ask(method, f"/letters/{first['letter']}{path}", b"", more)
        none = blind.ask(method, f"/letters/{absent}{path}", b"", more)
        assert (hidden.status, none.status) == (404, 404)
        assert hidden.body.replace(first["letter"].encode(), absent.encode()) == none.body
    hidden = blind.post(f"/acts/{warning}/letters", JANE, key="k")
    none = blind.post(f"/acts/{'0' * 64}/letters", JANE, key="k")
    assert hidden.body.replace(warning.encode(), b"0" * 64) == none.body
