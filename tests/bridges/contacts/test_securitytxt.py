"""Contacts in the security.txt of a web site."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from comity.bridges.contacts import securitytxt
from comity.bridges.contacts.record import Contact
from tests.bridges.contacts.samples import (
    CONTACTS,
    PARTS,
    WHOLE,
    fields_of,
    require_honest,
    without,
)
from tests.bridges.openpgp.test_openpgp import TEAM

FILE = f"""# Whom to tell
Contact: https://orvanda.example/security
contact:mailto:team%2Bsecurity@orvanda.example
Contact: tel:+99-800-100
Expires: 2027-01-01T00:00:00Z
Encryption: openpgp4fpr:{TEAM}
Encryption: https://orvanda.example/key.asc
Preferred-Languages: EN, pt-br
Canonical: https://orvanda.example/.well-known/security.txt
Policy: https://orvanda.example/policy
X-Level: 7
"""
READ = Contact(
    website="https://orvanda.example/security",
    email="team+security@orvanda.example",
    phone="+99 800 100",
    openpgp=TEAM,
    languages="en, pt-BR",
    rest=(
        ("securitytxt.Expires", "2027-01-01T00:00:00Z"),
        ("securitytxt.Encryption", "https://orvanda.example/key.asc"),
        ("securitytxt.Canonical", "https://orvanda.example/.well-known/security.txt"),
        ("securitytxt.Policy", "https://orvanda.example/policy"),
        ("securitytxt.X-Level", "7"),
    ),
)
HELD = {"email", "phone", "website", "openpgp", "languages"}
NO_END = "A security.txt needs a line “Expires: …”, and nothing says until when this one is valid."


def test_a_file_is_read_and_written_again() -> None:
    odd = "A line is not understood, and left out: odd"
    comments = "Comments in the file are left out."
    assert securitytxt.read(f"{FILE}#\nodd\n") == ((READ,), (comments, odd))
    text, lost = securitytxt.write([READ])
    assert (securitytxt.read(text), lost) == (((READ,), ()), ())
    assert text.startswith(
        "Contact: mailto:team+security@orvanda.example\nContact: tel:+99-800-100\n"
    )
    assert securitytxt.read(text.replace("\n", "\r\n")) == securitytxt.read(text)


def test_a_signature_is_told_and_not_verified() -> None:
    signed = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nContact: mailto:a@b.example\n"
        "Expires: 2027-01-01T00:00:00Z\n-----BEGIN PGP SIGNATURE-----\n\nabc\n"
        "-----END PGP SIGNATURE-----\nContact: mailto:evil@b.example\n"
    )
    (contact,), lost = securitytxt.read(signed)
    assert contact.email == "a@b.example"
    assert lost == ("The text is signed with OpenPGP; the signature was not verified here.",)


@given(PARTS)
def test_what_a_security_txt_can_hold_comes_back(contact: Contact) -> None:
    contact = replace(contact, email="team@orvanda.example")
    text, lost = securitytxt.write([contact])
    told = {name for name in ("updated", *without(contact, HELD).__slots__) if name != "rest"}
    gone = {name for name in told - HELD if getattr(contact, name)}
    assert fields_of(lost) == gone
    assert securitytxt.read(text).contacts == (without(contact, gone),)


@given(CONTACTS)
def test_whatever_is_lost_is_told(contact: Contact) -> None:
    require_honest([replace(contact, phone="+99 1")], securitytxt.write, securitytxt.read)


def test_a_file_says_until_when_it_is_valid() -> None:
    assert securitytxt.read("Contact: mailto:a@b.example\n").lost == (NO_END,)
    assert securitytxt.write([Contact(email="a@b.example")]).lost == (NO_END,)


def test_it_tells_of_one_contact() -> None:
    text, lost = securitytxt.write([READ, WHOLE])
    assert text == securitytxt.write([READ]).text
    assert lost == ("Response Team of Orvanda: this format tells of one contact only.",)


@pytest.mark.parametrize(
    ("line", "contact"),
    [
        ("Contact: a@b.example", Contact(email="a@b.example")),
        ("Contact: MAILTO:a@b.example", Contact(email="a@b.example")),
        ("Preferred-Languages: English",
         Contact(rest=(("securitytxt.Preferred-Languages", "English"),))),
        ("Contact: mailto:a@b.example?subject=x",
         Contact(rest=(("securitytxt.Contact", "mailto:a@b.example?subject=x"),))),
        ("Contact: http://a.example", Contact(rest=(("securitytxt.Contact", "http://a.example"),))),
    ],
)  # fmt: skip
def test_what_others_write_is_read_or_kept(line: str, contact: Contact) -> None:
    ((got,), _) = securitytxt.read(f"{line}\nContact: tel:+1\nPreferred-Languages: fr\n")
    languages = contact.languages or "fr"
    assert got == replace(contact, phone="+1", languages=languages)


def test_what_was_kept_cannot_become_a_contact() -> None:
    rest = (
        ("securitytxt.Contact", "mailto:evil@b.example"),
        ("securitytxt.A", "x\nContact: tel:+2"),
    )
    text, lost = securitytxt.write([Contact(phone="+1", rest=rest)])
    assert text == "Contact: tel:+1\n"
    assert fields_of(lost) == {"securitytxt.Contact", "securitytxt.A"}


@pytest.mark.parametrize("text", ["", "<html>\n", "Policy: https://a.example\n", "x" * 5_000_000])
def test_what_names_no_contact_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"names no contact|has more than"):
        securitytxt.read(text)
    with pytest.raises(ValueError, match="names no contact"):
        securitytxt.write([Contact(party="A", email="by post", website="http://a.example")])
