"""Descriptions of teams by RFC 2350."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.contacts import rfc2350
from comity.bridges.contacts.record import Contact
from comity.bridges.contacts.sections import MOST, TITLES, Heading, guarded, heading, sections
from tests.bridges.contacts.samples import (
    CONTACTS,
    PARTS,
    TEXTS,
    WHOLE,
    fields_of,
    require_honest,
    without,
)
from tests.bridges.openpgp.test_openpgp import ARMORED, TEAM

MAY_3 = 1_777_766_400_000  # 2026-05-03, midnight UTC.


def test_a_description_has_the_sections_of_the_rfc() -> None:
    text, lost = rfc2350.write([WHOLE])
    assert lost == ()
    assert text.startswith("Description by RFC 2350\n\n1. Document Information\n\n1.1 Date of Last")
    for told in (
        "2.1 Name of the Team\n\n      Response Team of Orvanda\n      Short Name: or\n",
        "2.3 Time Zone\n\n      Europe/Lisbon\n",
        "      +99 800 100 201\n      Emergency Telephone Number: +99 800 999\n",
        f"2.8 Public Keys and Other Encryption Information\n\n      {TEAM}\n",
        "      Deputies: Ana Lume; +99 800 1; ana@orvanda.example\n      李小龙\n",
        "      Languages: fr, ar, pt-BR\n",
        "3.4 Authority\n\n      Decree 7; of 2020.\n\n      It answers for all ministries.\n",
        "2.11 Points of Customer Contact\n\n      Hours: Mo-Fr 08:00-16:30; Sa 09:00-12:00\n",
    ):
        assert told in text


@given(PARTS)
def test_a_description_holds_everything(contact: Contact) -> None:
    text, lost = rfc2350.write([contact])
    assert (rfc2350.read(text), lost) == (((contact,), ()), ())


@given(CONTACTS)
def test_whatever_is_lost_is_told(contact: Contact) -> None:
    require_honest([contact], rfc2350.write, rfc2350.read)


@given(TEXTS)
def test_every_text_of_a_section_comes_back(text: str) -> None:
    contact = Contact(
        party="P", address=text, phone=text, mandate=text, constituency=text, institution=text,
        other=text, hours=text, deputies=text, video=text, rest=(("first.host", text),),
    )  # fmt: skip
    assert rfc2350.write([contact]).lost == ()


@given(st.one_of(TEXTS, st.sampled_from(list(TITLES.values()))), st.integers(0, 3))
def test_a_guarded_line_is_no_heading(text: str, times: int) -> None:
    line = "- " * times + text.replace("\n", " ").strip()
    assert heading(guarded(line)) is None
    assert sections(f"2.1 Name of the Team\n{guarded(line)}")["2.1"] == line.strip()


def test_a_value_cannot_take_the_place_of_another() -> None:
    evil = Contact(party="A", address="x\n2.7 Electronic Mail Address\nevil@b.example\nHours: 24/7")
    text, lost = rfc2350.write([evil])
    assert (rfc2350.read(text).contacts, lost) == ((evil,), ())


SPELLINGS = [
    "2.1 Name of the Team\n{}\n2.4 Telephone Number\n{}\n2.7 Electronic Mail Address\n{}",
    "2.1. Name of the team\n\n   {}\n\n2.4. Telephone\n\n  {}\n\n2.6. Email\n\n  {}\n",
    "## 2.1 Name of the Team\n{}\n## 2.4 Telephone numbers\n{}\n## 2.7 E-mail address\n{}",
    "**2.1 Team Name**\n{}\n**2.4 Phone**\n{}\n**2.7 Electronic mail (e-mail)**\n{}\n",
    "3.2: Contact\nFull Name: {}\nTelephone Number:\n{}\nE-Mail: {}\n",
    "2.1 - NAME OF THE TEAM\n{}\n2.4) Main Telephone Number\n{}\n2.7 – Mail\nE-mail: {}\n",
    "§ 2.1 Name of the Team: \n{}\n2.4.Telephone Number\n{}\n2.7 E-mail\n{}\n",
    "Name of the Team\n{}\nTelephone Number\n{}\nElectronic Mail Address\n{}\n",
    (
        "Contents\n2.1 Name of the Team ........ 2\n2.4 Telephone Number . . . . 3\n"
        "2.7 Electronic Mail Address 3\n\n2.1 Name of the Team\n{}\n2.4 Telephone Number\n{}\n"
        "2.7 Electronic Mail Address\n{}\n2.5 Facsimile Number\n"
    ),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_headings_are_read_as_teams_write_them(spelling: str) -> None:
    text = spelling.format("CERT-OR", "+99 1", "a@b.example")
    for each in (text, text.replace("\n", "\r\n"), text.replace("\n", "\n      ")):
        (contact,), lost = rfc2350.read("\ufeff" + each)
        assert replace(contact, rest=()) == Contact(
            party="CERT-OR", phone="+99 1", email="a@b.example"
        )
        assert lost == ()


@pytest.mark.parametrize(
    "line",
    ["1. First, call the desk.", "At 2.4 GHz it fails", "Call us: now", "192.0.2.7", "2.4", "Phone",
     "4.1 All of these are handled, in this order,", "The authority", "12. May 2026", "2. x: y"],
)  # fmt: skip
def test_a_line_of_text_is_no_heading(line: str) -> None:
    assert heading(line) is None


def test_sections_without_a_field_are_kept_and_written_again() -> None:
    text = (
        "Team of Orvanda\n\n1.2 Distribution List for Notifications\nNone.\n"
        "2.1 Name of the Team\nCERT-OR\n2.5 Fax\n+99 2\n"
        "3.1 Mission Statement\nTo help.\n\nAnd to learn.\n5.1.3 Incident Resolution\nAdvice.\n"
        "7 Disclaimers\nNone.\n"
    )
    (contact,), lost = rfc2350.read(text)
    assert lost == ()
    assert contact.rest == (
        ("rfc2350.0", "Team of Orvanda"),
        ("rfc2350.1.2", "None."),
        ("rfc2350.2.5", "+99 2"),
        ("rfc2350.3.1", "To help.\n\nAnd to learn."),
        ("rfc2350.5.1.3 Incident Resolution", "Advice."),
        ("rfc2350.7", "None."),
    )
    again = rfc2350.write([contact])
    assert again.lost == ()
    assert "\n5.1.3 Incident Resolution\n\n      Advice.\n" in again.text


def test_what_was_kept_cannot_take_the_place_of_a_section() -> None:
    contact = Contact(
        party="A", rest=(("rfc2350.odd", "x"), ("rfc2350.E-mail: evil@b.example", "y"))
    )
    text, lost = rfc2350.write([contact])
    assert rfc2350.read(text).contacts == (Contact(party="A"),)
    assert fields_of(lost) == {name for name, _ in contact.rest}


@pytest.mark.parametrize(
    ("told", "at", "kept"),
    [
        ("2026-05-03T02:40:00Z", MAY_3 + 9_600_000, False),
        ("2026-05-03", MAY_3, True),
        ("Version 1.2, published on 3 May 2026.", MAY_3, True),
        ("May 3rd, 2026", MAY_3, True),
        ("2026/05/03", MAY_3, True),
    ],
)
def test_dates_are_read_and_their_words_kept(told: str, at: int, *, kept: bool) -> None:
    (contact,), lost = rfc2350.read(f"1.1 Date of Last Update\n{told}\n")
    assert (contact.updated, lost) == (at, ())
    assert contact.rest == ((("rfc2350.1.1", told),) if kept else ())
    assert rfc2350.write([contact]).lost == ()


@pytest.mark.parametrize("told", ["Version 7", "2026-02-30", "03/05/2026", "1 May 1969"])
def test_what_is_no_date_is_kept_and_told(told: str) -> None:
    (contact,), lost = rfc2350.read(f"1.1 Last update\n{told}\n")
    assert contact == Contact(rest=(("rfc2350.1.1", told),))
    assert lost == (f"{told} is no date; it is kept as it is.",)


def test_addresses_and_zones_are_found_in_words() -> None:
    words = "Write to team@orvanda.example or, at night, night@orvanda.example."
    zone = "CET/CEST, that is Europe/Berlin"
    (contact,), lost = rfc2350.read(f"2.3 Time zone\n{zone}\n2.7 E-mail\n{words}\n")
    assert lost == ()
    assert contact.email == "team@orvanda.example\nnight@orvanda.example"
    assert contact.zone == "Europe/Berlin"
    assert contact.rest == (("rfc2350.2.3", zone), ("rfc2350.2.7", words))
    assert rfc2350.write([contact]).lost == ()
    (contact,), lost = rfc2350.read("2.3 Time zone\nGMT+1\n2.7 E-mail\nteam [at] orvanda\n")
    assert contact == Contact(email="team [at] orvanda", rest=(("rfc2350.2.3", "GMT+1"),))
    assert lost == ("GMT+1 names no time zone; it is kept as it is.",)


def test_fingerprints_are_found_in_words_and_in_keys() -> None:
    spaced = " ".join(TEAM[at : at + 4] for at in range(0, 40, 4))
    words = f"Key-ID: 0x{TEAM[-16:]}\nFingerprint: {spaced}"
    (contact,), lost = rfc2350.read(f"2.8 Public Keys\n{words}\n{ARMORED}")
    assert contact == Contact(openpgp=TEAM, rest=(("rfc2350.2.8", words),))
    assert lost == (f"Of a key, its fingerprint is kept: {TEAM}",)
    assert rfc2350.write([contact]).lost == ()
    broken = ARMORED.replace("mDME", "mD*E")
    (contact,), lost = rfc2350.read(f"2.8 PGP\n{broken}")
    assert (contact.openpgp, lost) == (
        "",
        ("An armored key or signature is cut off or changed; ask for it again.",),
    )


def test_hours_are_found_where_customers_look() -> None:
    assert rfc2350.read("2.11 Points of Contact\n24x7\n").contacts == (Contact(hours="24/7"),)
    assert rfc2350.read("Operating hours: Mo-Fr\n").contacts == (Contact(hours="Mo-Fr"),)
    (contact,), _ = rfc2350.read("2.11 Points of Customer Contact\nBy mail.\n")
    assert contact.rest == (("rfc2350.2.11", "By mail."),)


def test_a_signature_is_told_and_not_verified() -> None:
    text = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n2.1 Name of the Team\nCERT-OR\n"
        "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"
    )
    (contact,), lost = rfc2350.read(text)
    assert contact == Contact(party="CERT-OR")
    assert lost == ("The text is signed with OpenPGP; the signature was not verified here.",)
    inside = Contact(party="A", other="a\n-----BEGIN PGP SIGNED MESSAGE-----\nb")
    assert rfc2350.write([inside]).lost == ()


def test_it_tells_of_one_contact() -> None:
    text, lost = rfc2350.write([without(WHOLE, {"seat"}), WHOLE])
    assert text == rfc2350.write([without(WHOLE, {"seat"})]).text
    assert lost == ("Response Team of Orvanda: this format tells of one contact only.",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "No heading"),
        ("Dear all,\nplease find enclosed.\n", "No heading"),
        ("x" * 5_000_000, "has more than"),
        ("".join(f"5.{n % 99}.{n // 99} Odd\n" for n in range(MOST + 1)), "more than 500 headings"),
        ("2.1 Name of the Team\n" + "a\n" * 60_000, "more than 50000 lines"),
    ],
)
def test_what_is_no_description_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        rfc2350.read(text)


def test_nothing_is_no_description() -> None:
    with pytest.raises(ValueError, match="no contact to describe"):
        rfc2350.write([])


def test_headings_have_a_key() -> None:
    assert heading("2.9 Public Keys") == Heading("2.8")
    assert heading("Hours: 24/7") == Heading("hours", "24/7")
    assert heading("**Hours:** 24/7") == Heading("hours", "24/7")
    assert heading("Hours: *24/7") == Heading("hours", "*24/7")
    assert heading("[first.host]: x") == Heading("first.host", "x")
    assert heading("5.1.2 Level 2:") == Heading("5.1.2 Level 2")
    assert heading("5.1.1 Triage") == Heading("5.1.1 Triage")


def test_a_story_that_was_kept_gives_way_to_what_is_known_now() -> None:
    story = (("rfc2350.2.7", "Write to old@b.example."), ("rfc2350.2.1", "Old name"))
    text, lost = rfc2350.write([Contact(party="A", email="new@b.example", rest=story)])
    assert rfc2350.read(text).contacts == (Contact(party="A", email="new@b.example"),)
    assert fields_of(lost) == {"rfc2350.2.7", "rfc2350.2.1"}
