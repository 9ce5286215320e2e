"""Contacts as a table."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.contacts import table
from comity.bridges.contacts.record import Contact
from tests.bridges.contacts.samples import CONTACTS, WHOLE, require_honest


def test_a_table_holds_everything() -> None:
    text, lost = table.write([WHOLE, Contact(party="Tolmere", rest=(("first.host", "H"),))])
    assert lost == ()
    assert text.startswith("seat,party,role,holder_is,holder,")
    assert text.partition("\r\n")[0].endswith(",updated,first.host")
    assert table.read(text).contacts[0] == WHOLE
    assert table.read("\ufeff" + text) == table.read(text)


@given(st.lists(CONTACTS, max_size=3))
def test_whatever_is_lost_is_told(contacts: list[Contact]) -> None:
    contacts = [each for each in contacts if each != Contact()]
    require_honest(contacts, table.write, table.read)
    once = [replace(each, rest=()) for each in contacts if replace(each, rest=()) != Contact()]
    assert table.write(once).lost == ()


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "'=", "''+"])
def test_no_cell_begins_as_a_formula(sign: str) -> None:
    contact = Contact(party=sign + 'HYPERLINK("https://evil.example")', phone="+99 800 100")
    text = table.write([contact]).text
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell[:1] in set("=+-@＝＋－＠")]
    assert table.read(text).contacts == (contact,)


def test_a_name_of_a_column_is_no_formula_either() -> None:
    text = table.write([Contact(party="A", rest=(("csv.=1+1", "x"),))]).text
    assert ",'=1+1\r\n" in text


def test_a_contact_of_whom_nothing_is_known_has_no_row() -> None:
    text, lost = table.write([Contact(), WHOLE, Contact()])
    assert (table.read(text).contacts, lost) == ((WHOLE,), ())


def test_tables_of_others_are_read() -> None:
    text = "Party;Phone Emergency;Fax;updated\nTolmere;+99 1;+99 2;2026-05-03T02:40Z\n;;;\n"
    contact = Contact(
        party="Tolmere",
        phone_emergency="+99 1",
        updated=1777776000000,
        rest=(("csv.Fax", "+99 2"),),
    )
    assert table.read(text) == ((contact,), ())
    assert table.write([contact]).lost == ()
    assert table.read("party\temail\nA\ta@b.example").contacts[0].email == "a@b.example"
    odd = table.read("party,E.mail,\nA,B,C\n").contacts
    assert odd == (Contact(party="A", rest=(("csv.E.mail", "B"), ("csv.unnamed", "C"))),)
    assert table.read(table.write(odd).text).contacts == odd
    assert table.read("party,email\nA").contacts == (Contact(party="A"),)


def test_a_date_that_is_none_is_kept_and_told() -> None:
    (contact,), lost = table.read("party,updated\nA,yesterday\n")
    assert contact == Contact(party="A", rest=(("csv.updated", "yesterday"),))
    assert lost == ("yesterday is no date and time with its zone; it is kept as it is.",)
    assert table.write([contact]).lost == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "first line names the columns"),
        ("name,mail\na,b\n", "first line names the columns"),
        ("party,party\na,b\n", "party is there twice"),
        ("party,email\na,b,c\n", "Row 1 has more cells"),
        ('party\n"a\n', "is no CSV"),
        ("party\n" + '"' + "x" * 200_000 + '"\n', "is no CSV"),
        ("party" + ",x" * 1000 + "\n", "at most 1000"),
        ("party\n" + "a\n" * 10_001, "more than 10000 contacts"),
    ],
)
def test_what_is_no_table_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        table.read(text)
