"""What a contact holds, and what is told of what is lost."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.contacts import record
from comity.bridges.contacts.record import FIELDS, HEAD, Contact, Draft, Reading
from comity.kernel.errors import Phrase
from comity.protocols._vocabulary import contacts as vocabulary
from tests.bridges.contacts.samples import TEXTS, WHOLE


def test_fields_are_those_of_the_vocabulary() -> None:
    assert tuple(vocabulary.FIELDS) == FIELDS
    assert [each.name for each in fields(Contact)] == [*HEAD, *FIELDS, "updated", "rest"]


@given(st.one_of(st.text(), TEXTS))
def test_a_text_is_tidy_after_it_was_tidied(text: str) -> None:
    tidy = record.tidy(text)
    assert record.tidy(tidy) == tidy
    assert not set(tidy) & set("\r\v\f\x00\x85\u2028\u2029")
    assert all(line == line.strip() for line in tidy.split("\n"))


def test_a_contact_keeps_its_texts_tidy() -> None:
    contact = Contact(
        email=" a@b.example \r\n c@d.example\x00 ", rest=(("first.\nhost", " x "), ("a.b", " "))
    )
    assert contact.email == "a@b.example\nc@d.example\N{REPLACEMENT CHARACTER}"
    assert contact.rest == (("first. host", "x"),)
    # Shown, these digits would be the others.
    assert Contact(phone="\u202e0010 555 99+").phone == "\N{REPLACEMENT CHARACTER}0010 555 99+"
    assert Contact(updated=1_999).updated == 1_000


@pytest.mark.parametrize("at", [-1, 253_402_300_800_000])
def test_an_instant_out_of_bounds_is_refused(at: int) -> None:
    with pytest.raises(ValueError, match="1970"):
        Contact(updated=at)


@pytest.mark.parametrize("name", ["", "host", ".host", "first.", "First.host", "a." + "x" * 200])
def test_what_has_no_field_names_its_format(name: str) -> None:
    with pytest.raises(ValueError, match="does not name a format"):
        Contact(rest=((name, "x"),))


def test_a_text_out_of_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match="mandate has more than 20000 characters"):
        Contact(mandate="x" * 20_001)
    with pytest.raises(ValueError, match="more than"):
        record.require_size("x" * (record.LIMIT + 1))
    with pytest.raises(ValueError, match="more than 10000 contacts"):
        record.reading(Draft() for _ in range(record.MOST + 1))


def test_what_does_not_fit_into_a_field_is_told() -> None:
    draft = Draft()
    draft.add("phone", "+1 2")
    draft.add("phone", "x" * 20_000)
    draft.keep("vcard.PHOTO", "x" * 20_000)
    assert draft.contact() == Contact(phone="+1 2")
    assert [each.values["field"] for each in draft.lost] == ["phone", "vcard.PHOTO"]


def test_what_does_not_come_back_is_told() -> None:
    other = replace(WHOLE, party="Tolmere", rest=(("a.b", "1"), ("a.b", "2")))

    def read(_text: str) -> Reading:
        got = replace(other, zone="", chat="Room", updated=None, rest=(("a.b", "2"),))
        return Reading((replace(WHOLE, zone=""), got), ())

    lost = record.written("", [WHOLE, other, WHOLE, WHOLE], read).lost
    assert lost == (
        "Response Team of Orvanda and 1 more: this format tells of one contact only.",
        "Tolmere, chat: this format tells it in other words.",
        "Response Team of Orvanda and 1 more, zone: this format has no place for what it says.",
        "Tolmere, updated: this format has no place for what it says.",
        "Tolmere, a.b: this format has no place for what it says.",
    )


def test_a_contact_has_a_name_for_people() -> None:
    assert Contact(holder="Ana", seat="or").name == "Ana"
    assert Contact().name == "a contact without a name"


def test_a_text_of_another_kind_does_not_fill_the_memory() -> None:
    draft = Draft()
    draft.lost += [Phrase("x")] * record.MOST_LOST
    with pytest.raises(ValueError, match="another format"):
        draft.lost.append(Phrase("x"))
