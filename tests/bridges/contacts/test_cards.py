"""Contacts as vCard and jCard."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.contacts import jcard, lines, vcard
from comity.bridges.contacts.record import Contact, Reading, Writing
from tests.bridges.contacts.samples import CONTACTS, PARTS, TEXTS, WHOLE, fields_of, require_honest
from tests.bridges.openpgp.test_openpgp import ARMORED, BINARY, TEAM


class Format(NamedTuple):
    read: Callable[[str], Reading]
    write: Callable[[Sequence[Contact]], Writing]


BOTH = pytest.mark.parametrize("form", [vcard, jcard], ids=["vcard", "jcard"])


def card(*told: str, version: str = "4.0") -> str:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *told, "END:VCARD", ""])


def one(*told: str, version: str = "4.0") -> Contact:
    (contact,), lost = vcard.read(card(*told, version=version))
    assert lost == ()
    return contact


def test_a_card_is_written_by_the_standard() -> None:
    text, lost = vcard.write([WHOLE])
    assert lost == ()
    told = lines.unfolded(text)
    assert told[:2] == ["BEGIN:VCARD", "VERSION:4.0"]
    for line in (
        "KIND:group",
        "FN:Duty desk",
        "ORG:Ministry of Digital Affairs\\, Orvanda;Response Team of Orvanda",
        "X-COMITY-SEAT:or",
        "TITLE:First line",
        "EMAIL;PREF=2:duty@orvanda.example",
        "TEL;VALUE=uri;PREF=1:tel:+99-800-100-200",
        "TEL;VALUE=uri;PREF=1;TYPE=x-emergency:tel:+99-800-999",
        "IMPP;PREF=1:xmpp:team@orvanda.example",
        "X-COMITY-CHAT;PREF=2:Room “Harbour”",
        "ADR:;;1\\, Harbour Street\\n1000 Orvanda City\\nOR;;;;",
        "URL;PREF=1:https://cert.orvanda.example/",
        "LANG;PREF=3:pt-BR",
        "TZ:Europe/Lisbon",
        "X-COMITY-HOURS:Mo-Fr 08:00-16:30\\; Sa 09:00-12:00",
        "X-COMITY-HOLIDAYS:2026-12-25\\, 2027-01-01",
        f"KEY;PREF=1:openpgp4fpr:{TEAM}",
        "RELATED;VALUE=text;PREF=2;TYPE=agent:李小龙",
        "REV:20260921T141320Z",
    ):
        assert line in told


def test_a_jcard_is_written_by_the_standard() -> None:
    name, properties = json.loads(jcard.write([WHOLE]).text)
    assert name == "vcard"
    for told in (
        ["version", {}, "text", "4.0"],
        ["tel", {"pref": "1", "type": "x-emergency"}, "uri", "tel:+99-800-999"],
        ["org", {}, "text", ["Ministry of Digital Affairs, Orvanda", "Response Team of Orvanda"]],
        ["lang", {"pref": "1"}, "language-tag", "fr"],
        ["rev", {}, "timestamp", "2026-09-21T14:13:20Z"],
    ):
        assert told in properties


@BOTH
@given(contact=PARTS)
def test_a_card_holds_everything(form: Format, contact: Contact) -> None:
    text, lost = form.write([contact])
    assert (form.read(text), lost) == (((contact,), ()), ())


@BOTH
@given(contacts=st.lists(CONTACTS, min_size=1, max_size=2))
def test_whatever_is_lost_is_told(form: Format, contacts: list[Contact]) -> None:
    require_honest(contacts, form.write, form.read)


@BOTH
@given(text=TEXTS)
def test_every_text_comes_back(form: Format, text: str) -> None:
    contact = Contact(
        seat="s", party="P", holder_is="person", holder=text, institution=text, position=text,
        role=text, address=text, hours=text, zone=text, holidays=text, mandate=text,
        constituency=text, other=text, video=text, rest=(("first.host", text),),
    )  # fmt: skip
    assert form.write([contact]).lost == ()


@given(TEXTS, st.integers(0, 90))
def test_lines_are_folded_at_75_octets_and_no_character_is_divided(text: str, more: int) -> None:
    contact = Contact(party="x" * more + text * 9)
    written = vcard.write([contact]).text
    assert written.endswith("\r\n")
    for line in written.removesuffix("\r\n").split("\r\n"):
        assert 0 < len(line.encode()) <= 75
        assert "\n" not in line
    assert vcard.read(written).contacts == (contact,)
    assert vcard.read(written.replace("\r\n", "\n")).contacts == (contact,)


def test_a_text_cannot_end_its_card() -> None:
    evil = Contact(party="A\nEND:VCARD\nBEGIN:VCARD\nFN:B", rest=(("vcard.END", "VCARD"),))
    text, lost = vcard.write([evil])
    assert (vcard.read(text).contacts, lost) == ((evil,), ())
    assert text.count("\r\nEND:VCARD") == 1


def test_what_was_kept_is_written_as_it_was() -> None:
    contact = one("FN:A", "TEL;TYPE=fax:+99 1", "CATEGORIES:a,b", 'X-LEVEL;FOO="a:b":1;2\\,3')
    assert contact.rest == (
        ("vcard.TEL;TYPE=fax", "+99 1"),
        ("vcard.CATEGORIES", "a\\,b"),
        ('vcard.X-LEVEL;FOO="a:b"', "1;2\\,3"),
    )
    text, lost = vcard.write([contact])
    assert lost == ()
    assert "TEL;TYPE=fax:+99 1\r\n" in text
    assert 'X-LEVEL;FOO="a:b":1;2\\,3\r\n' in text
    assert jcard.write([contact]).lost == ()


def test_a_kept_property_cannot_take_the_place_of_a_field() -> None:
    contact = Contact(party="A", rest=(("vcard.EMAIL", "evil@b.example"), ("vcard.KIND", "group")))
    text, lost = vcard.write([contact])
    assert (vcard.read(text).contacts, lost) == ((contact,), ())


@pytest.mark.parametrize(
    ("told", "contact"),
    [
        (["KIND:org", "FN:CERT-OR", "ORG:CERT-OR"], Contact(party="CERT-OR")),
        (["KIND:org", "FN:CERT-OR", "ORG:Ministry"],
         Contact(party="CERT-OR", institution="Ministry")),
        (["FN:Ana Lume", "ORG:Ministry;;CERT-OR"],
         Contact(holder="Ana Lume", institution="Ministry", party="CERT-OR")),
        (["FN:Orvanda Ltd", "ORG:Orvanda Ltd;"], Contact(party="Orvanda Ltd")),
        (["FN:Orvanda Ltd", "ORG:Orvanda Ltd"], Contact(party="Orvanda Ltd")),
        (["N:Lume;Ana;;;", "FN:Ana Lume"], Contact(holder="Ana Lume")),
        (["KIND:individual", "FN:Ana", "NICKNAME:An"],
         Contact(holder="Ana", holder_is="person", rest=(("vcard.NICKNAME", "An"),))),
        (["N:Lume;Ana;;Dr.;", "FN:Ana Lume"],
         Contact(holder="Ana Lume", rest=(("vcard.N", "Lume;Ana;;Dr.;"),))),
    ],
)  # fmt: skip
def test_names_are_told_apart(told: list[str], contact: Contact) -> None:
    assert one(*told) == contact


def test_values_of_others_are_read() -> None:
    contact = one(
        "FN:A",
        'ADR;LABEL="1, Street^nOR":;;1 Street;;;;',
        "ADR;CC=OR:;;2 Street;City;;1000;",
        "TEL;VALUE=uri:tel:+1-201-555-0123;ext=12",
        "TEL;VALUE=uri;PREF=1:tel:+1(201)5550100",
        "EMAIL;PREF=2:second@b.example",
        "EMAIL;PREF=1:first@b.example",
        "item1.URL:https://a.example/,x;y",
        "REV:20260921T141320Z",
    )
    assert contact.address == "1, Street\nOR\n2 Street\nCity\n1000\nOR"
    assert contact.phone == "+1 201 5550100\n+1 201 555 0123 ext. 12"
    assert contact.email == "first@b.example\nsecond@b.example"
    assert contact.website == "https://a.example/,x;y"
    assert contact.updated == 1_790_000_000_000


def test_a_card_of_version_3_is_read() -> None:
    contact = one(
        "N:Lume;Ana;;;", "FN:Ana Lume", "EMAIL;TYPE=INTERNET:b@c.example",
        "EMAIL;TYPE=INTERNET,PREF:a@c.example", "TEL;WORK;VOICE:+99 1", "NOTE:one\\, two\\nthree",
        version="3.0",
    )  # fmt: skip
    assert contact == Contact(
        holder="Ana Lume", email="a@c.example\nb@c.example", phone="+99 1", other="one, two\nthree"
    )


def test_of_an_embedded_key_the_fingerprint_is_kept_and_that_is_told() -> None:
    data = lines.escaped(ARMORED)
    binary = b64encode(BINARY).decode()
    for told in (
        f"KEY:data:application/pgp-keys;base64,{binary}",
        f"KEY;TYPE=PGP;ENCODING=b:{binary}",
        f"KEY;VALUE=text:{data}",
    ):
        (contact,), lost = vcard.read(card("FN:A", told))
        assert contact.openpgp == TEAM
        assert lost[0] == f"Of a key, its fingerprint is kept: {TEAM}"
    (contact,), lost = vcard.read(card("FN:A", "KEY:data:application/pgp-keys;base64,AAAA"))
    assert contact.rest == (("vcard.KEY", "data:application/pgp-keys;base64,AAAA"),)
    assert lost == ("This holds no OpenPGP public key.",)
    assert one("FN:A", "KEY:https://a.example/key.asc").openpgp == ""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("TZ;VALUE=utc-offset:+0100", "+0100 names no time zone; it is kept as it is."),
        ("TZ:-05:00", "-05:00 names no time zone; it is kept as it is."),
        ("no line", "A line is not understood, and left out: no line"),
        ("EMAIL;TYPE=home;ALTID=1:a@b.example", "EMAIL: ALTID=1, TYPE=home is not kept."),
    ],
)
def test_what_is_not_understood_is_told(line: str, told: str) -> None:
    assert vcard.read(card("FN:A", line)).lost == (told,)


def test_words_between_cards_are_told() -> None:
    text = "Hello\n" + card("FN:A") + "\n" + card("FN:B")
    contacts, lost = vcard.read("\ufeff" + text)
    assert [each.holder for each in contacts] == ["A", "B"]
    assert lost == ("A line is not understood, and left out: Hello",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no vCard"),
        ("BEGIN:VCARD\nVERSION:4.0\nFN:A\n", "has no END:VCARD"),
        (card("FN:A", version="2.1"), "has version 2.1; export it again as 3.0, 4.0"),
        ("BEGIN:VCARD\nFN:A\nEND:VCARD", "has version 2.1"),
        (card("BEGIN:VCARD"), "within another one"),
        (card() * 10_001, "more than 10000 contacts"),
    ],
)
def test_what_is_no_card_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        vcard.read(text)


@pytest.mark.parametrize("text", ["", "[", "{}", "7", '["vcard"]', '["vcard", {}]', '[["x", []]]'])
def test_what_is_no_jcard_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"This (is no )?JSON"):
        jcard.read(text)


def test_a_jcard_of_others_is_read() -> None:
    told = [
        ["version", {}, "text", "4.0"],
        ["fn", {"group": "a"}, "text", "Ana"],
        ["email", {"type": ["work", "internet"]}, "text", "a@b.example"],
        ["categories", {}, "text", "x", "y"],
        ["x-level", {}, "integer", 7],
        ["adr", {}, "text", ["", "", ["1 Street", "Floor 2"], "City", "", "", ""]],
        ["org", {}, "text", "Ministry"],
        ["tel", {}, "text"],
        ["tel", {}, "text", {}],
        [7, {}, "text", "x"],
    ]
    (contact,), lost = jcard.read(json.dumps(["vcard", told]))
    assert contact == Contact(
        holder="Ana",
        party="Ministry",
        email="a@b.example",
        address="1 Street, Floor 2\nCity",
        rest=(("vcard.CATEGORIES", "x\\, y"), ("vcard.X-LEVEL;VALUE=integer", "7")),
    )
    head = "A line is not understood, and left out: "
    assert lost == (f"{head}tel", f"{head}tel", f"{head}?")
    deep = '["vcard", [["email", {}, "text", ' + "[" * 900 + "]" * 900 + "]]]"
    assert jcard.read(deep).lost == (f"{head}email",)
    assert jcard.write([contact]).lost == ()


@given(st.text(max_size=60), st.lists(st.sampled_from(["FN:A", "TEL;", ":", 'ADR;X="', "KEY:"])))
def test_any_text_is_read_or_refused(junk: str, told: list[str]) -> None:
    for text in (junk, card("FN:A", junk, *told)):
        try:
            contacts, _ = vcard.read(text)
        except ValueError:
            continue
        assert fields_of(vcard.write(contacts).lost) == set()


def test_no_contact_is_no_card() -> None:
    assert vcard.write([]) == ("", ())
    assert jcard.read(jcard.write([]).text) == ((), ())
