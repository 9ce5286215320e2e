"""Teams as FIRST lists them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.contacts import first
from comity.bridges.contacts.record import Contact
from tests.bridges.contacts.samples import (
    CONTACTS,
    PARTS,
    WHOLE,
    fields_of,
    require_honest,
    without,
)

TEAM = {
    "first-id": "77",
    "team": "CERT-OR",
    "team-full": "Response Team of Orvanda",
    "host": "Ministry of Digital Affairs",
    "establishment": "2001-07-01",
    "address": "1, Harbour Street",
    "country": "OR",
    "website": ["https://cert.orvanda.example/"],
    "email": "team@orvanda.example",
    "phone": "+99 800 100 200",
    "phone-emergency": None,
    "timezone": "Europe/Lisbon",
    "timezone-dst": "UTC+01:00",
    "other-communication": "",
    "operating-hours": "24x7",
    "constituency": "Government",
    "constituency-description": "Ministries.",
    "member-since": "2003-01-05",
}
NOT_HELD = {
    "role", "holder_is", "holder", "position", "deputies", "chat", "video", "languages", "holidays",
    "mandate", "openpgp", "updated",
}  # fmt: skip


def test_every_name_of_the_list_has_a_place() -> None:
    (contact,), lost = first.read(json.dumps({"status": "OK", "total": 1, "data": [TEAM]}))
    assert lost == ()
    assert contact == Contact(
        seat="CERT-OR",
        party="Response Team of Orvanda",
        institution="Ministry of Digital Affairs",
        address="1, Harbour Street\nOR",
        website="https://cert.orvanda.example/",
        email="team@orvanda.example",
        phone="+99 800 100 200",
        zone="Europe/Lisbon",
        hours="24x7",
        constituency="Ministries.",
        rest=(
            ("first.first-id", "77"),
            ("first.establishment", "2001-07-01"),
            ("first.timezone-dst", "UTC+01:00"),
            ("first.constituency", "Government"),
            ("first.member-since", "2003-01-05"),
        ),
    )
    text, lost = first.write([contact])
    assert lost == ()
    told = {name: value for name, value in TEAM.items() if value} | {"website": contact.website}
    assert json.loads(text) == {"total": 1, "data": [told]}


def test_an_offset_is_no_zone_and_is_kept() -> None:
    (contact,), lost = first.read(json.dumps([{"team": "A", "timezone": "UTC+01:00"}]))
    assert (contact.zone, contact.rest) == ("", (("first.timezone", "UTC+01:00"),))
    assert lost == ("UTC+01:00 names no time zone; it is kept as it is.",)
    assert json.loads(first.write([contact]).text)["data"][0]["timezone"] == "UTC+01:00"


def test_the_kind_of_a_constituency_stands_for_its_description() -> None:
    (contact,), _ = first.read(json.dumps({"data": {"constituency": "Government"}}))
    assert contact == Contact(constituency="Government")


def test_a_page_of_a_longer_list_says_so() -> None:
    _, lost = first.read(json.dumps({"total": 700, "data": [TEAM]}))
    assert lost == ("These are 1 of 700 teams; the others are on other pages of the list.",)


def test_what_is_no_text_is_told() -> None:
    (contact,), lost = first.read(
        json.dumps([{"team": "A", "email": {"a": 1}, "phone": [[], True]}])
    )
    assert contact == Contact(seat="A")
    assert fields_of(lost) == {"email", "phone"}


@given(PARTS)
def test_what_first_can_hold_comes_back(contact: Contact) -> None:
    text, lost = first.write([contact])
    assert fields_of(lost) == {name for name in NOT_HELD if getattr(contact, name)}
    assert first.read(text) == ((without(contact, NOT_HELD),), ())


@given(st.lists(CONTACTS, max_size=2))
def test_whatever_is_lost_is_told(contacts: list[Contact]) -> None:
    require_honest(contacts, first.write, first.read)


def test_many_contacts_are_told_of_together() -> None:
    lost = first.write([WHOLE, WHOLE, WHOLE]).lost
    assert len(lost) == len(NOT_HELD)
    assert lost[0].startswith("Response Team of Orvanda and 2 more, role: this format has no place")


@pytest.mark.parametrize("text", ["", "{", "[" * 9_000, "[1]", "7", '{"data": 7}', '{"teams": []}'])
def test_what_is_no_list_of_teams_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"This (is no )?JSON"):
        first.read(text)
