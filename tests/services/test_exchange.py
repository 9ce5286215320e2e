"""Contacts in the formats of the world, and what is told of what is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.bridges.contacts.record import FIELDS, HEAD, Contact
from comity.kernel.errors import Phrase, Refusal
from comity.services.directory import exchange
from comity.services.directory.exchange import Format
from tests.bridges.contacts.samples import WHOLE, fields_of

ROOT = Path(__file__).resolve().parents[2]


def test_every_field_has_a_name_for_people() -> None:
    assert {*exchange.LABELS} == {*HEAD, *FIELDS, "updated"}
    assert all(isinstance(label, Phrase) for label in exchange.LABELS.values())


@pytest.mark.parametrize("form", Format)
def test_every_format_is_written_and_read(form: Format) -> None:
    text, lost = exchange.exported([WHOLE], form)
    (contact,), _ = exchange.imported(text, form)
    assert contact.email == WHOLE.email
    assert bool(lost) == (form in {Format.FIRST, Format.SECURITYTXT})


def test_what_is_lost_is_named_as_people_know_it() -> None:
    lost = exchange.exported([WHOLE], Format.FIRST).lost
    told = next(each for each in lost if each.values["field"] == "Languages")
    assert told == (
        "Response Team of Orvanda, Languages: this format has no place for what it says."
    )
    said = told.said(lambda template: template.replace("Languages", "Langues"))
    assert "Langues" in said
    read = exchange.imported('[{"team": "A", "email": 1.5}]', Format.FIRST).lost
    assert read == ("Mail is left out: it is neither a text nor a list of texts.",)


@pytest.mark.parametrize("form", Format)
def test_the_documented_table_says_what_each_format_holds(form: Format) -> None:
    page = (ROOT / "docs" / "howto" / "exchange-contacts.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    (column,) = (at for at, head in enumerate(rows[0]) if form in head.split(", "))
    held = {row[0].strip("`"): row[column] != "–" for row in rows[1:-1]}
    lost = fields_of(exchange.exported([WHOLE], form).lost)
    assert held == {name: label not in lost for name, label in exchange.LABELS.items()}
    many = len(exchange.imported(exchange.exported([WHOLE] * 2, form).text, form).contacts) == 2
    assert rows[-1][column] == ("many" if many else "one")


@pytest.mark.parametrize("form", Format)
def test_what_is_not_of_a_format_is_refused_in_words(form: Format) -> None:
    with pytest.raises(Refusal) as refused:
        exchange.imported("Dear all,", form)
    assert (refused.value.rule, refused.value.subject) == ("S4", exchange.FORMAT)
    assert isinstance(refused.value.reason, Phrase)


def test_what_a_format_has_no_text_for_is_refused_in_words() -> None:
    with pytest.raises(Refusal, match="names no contact"):
        exchange.exported([Contact(party="A")], Format.SECURITYTXT)
