"""Lists of contacts come in under the own signature, and go out as far as their authors allow."""

from __future__ import annotations

import pytest

from comity.bridges.contacts import first, vcard
from comity.bridges.contacts.record import Contact
from comity.kernel.errors import Phrase
from comity.kernel.label import TLP
from comity.protocols.trust.community.contacts import CONTACT
from comity.services.casework.inbox import Machine
from comity.services.directory import lists
from comity.services.directory.book import Book
from comity.services.node import Node
from tests.nodes import Nodes, introduce, pass_on
from tests.services.phonebook import call, community, nominate, tell

TEAMS = (
    Contact(seat="OR", party="CERT-OR", phone="+99 555 0100", zone="Africa/Accra", languages="en"),
    Contact(party="Ёлка", email="team@tolmere.example", rest=(("first.host", "University"),)),
    Contact(party="CERT-OR", seat="OR", email="second@or.example"),
)


@pytest.fixture
def orvanda(nodes: Nodes) -> Node:
    """Orvanda, which keeps a list of its own."""
    return nodes.make("orvanda")


def test_a_list_is_told_once_and_then_what_has_changed(orvanda: Node) -> None:
    forum, desk = community(orvanda), Machine(orvanda)
    taken = lists.take_in(desk, forum, TEAMS)
    assert (taken.told, taken.changed, taken.same, taken.lost) == (3, 0, 0, ())
    (contact, other) = Book(desk).of_seat("or")
    assert (contact.source, contact.role, contact.text("holder")) == (
        "imported", "technical", "CERT-OR",
    )  # fmt: skip
    assert {contact.key.contact, other.key.contact} == {"cert_or", "cert_or_2"}
    (each,) = [c for c in call(orvanda, "orvanda").candidates if c.contact.text("other")]
    assert each.contact.text("other") == "first.host: University"
    again = lists.take_in(desk, forum, TEAMS)
    assert (again.told, again.changed, again.same) == (0, 0, 3)
    moved = Contact(seat="OR", party="CERT-OR", phone="+99 555 0199", zone="Africa/Accra")
    taken = lists.take_in(desk, forum, [moved])
    assert (taken.told, taken.changed, taken.same) == (0, 1, 0)
    assert Book(desk).of_seat("or")[0].text("phone") == "+99 555 0199"
    assert Book(desk).of_seat("or")[0].text("languages") == "en"


def test_a_list_changes_nothing_that_was_nominated(orvanda: Node) -> None:
    forum, desk = community(orvanda), Machine(orvanda)
    nominate(orvanda, forum, contact="ops_desk", seat="or")
    false = Contact(seat="OR", holder="Ops desk", phone="+99 555 6666")
    for _ in range(2):
        lists.take_in(desk, forum, [false])
        told = {each.key.contact: each for each in Book(desk).of_seat("or")}
        assert told["ops_desk"].text("phone") == "+99 555 0100"
        assert (told["ops_desk_2"].source, told["ops_desk_2"].text("phone")) == (
            "imported", "+99 555 6666",
        )  # fmt: skip
        assert len(told) == 2


def test_many_of_one_name_are_told_apart_by_handles_that_fit() -> None:
    same = [Contact(party="A team of the longest name that there is")] * 10_000
    handles = [handle for handle, _, _ in lists._named(same, ())]
    assert len({*handles}) == 10_000
    assert all(CONTACT.check(handle) for handle in handles)


def test_what_is_copied_comes_after_what_was_nominated(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    forum = community(orvanda, tolmere)
    lists.take_in(Machine(orvanda), forum, TEAMS[:1])
    pass_on(orvanda, tolmere)
    nominate(tolmere, forum, contact="real")
    found = [each.contact.key.contact for each in call(tolmere, "or").candidates]
    assert found == ["real", "cert_or"]


def test_what_is_too_long_is_left_out_and_told(orvanda: Node) -> None:
    forum = community(orvanda)
    taken = lists.take_in(
        Machine(orvanda), forum, [Contact(party="CERT", position="x" * 401, email="a@b.example")]
    )
    assert [str(each) for each in taken.lost] == [
        "CERT, Position: it is longer than 400 characters, and left out."
    ]
    assert taken.told == 1


def test_only_what_everybody_may_have_goes_to_everybody(orvanda: Node) -> None:
    forum, desk = community(orvanda, ceiling=TLP.GREEN), Machine(orvanda)
    act = nominate(orvanda, forum)
    tell(
        orvanda, forum, "detail", act,
        contact="ops_desk", visibility="public", website="https://or.example",
    )  # fmt: skip
    tell(
        orvanda, forum, "detail", act, tlp=TLP.CLEAR,
        contact="ops_desk", visibility="public", email="ops@or.example",
    )  # fmt: skip
    contacts = Book(desk).of_seat("or")
    (given,), left = lists.take_out(desk, contacts)
    assert (given.email, given.website, given.phone, given.holder) == ("ops@or.example", "", "", "")
    told = [str(each) for each in left]
    assert f"ops_desk, Website: {lists.LABELLED}" in told
    assert f"ops_desk, Telephone: {lists.NOT_PUBLIC}" in told
    assert not any("answers" in each for each in told)
    (given,), left = lists.take_out(desk, contacts, own=True)
    assert (given.phone, given.website, given.seat) == ("+99 555 0100", "https://or.example", "or")
    assert left == ()
    assert "ops@or.example" in vcard.write([given]).text


def test_a_list_goes_out_and_comes_in_elsewhere(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    lists.take_in(Machine(orvanda), community(orvanda), TEAMS)
    given, _ = lists.take_out(Machine(orvanda), Book(Machine(orvanda)).of_seat("or"), own=True)
    text = first.write(given).text
    lists.take_in(Machine(tolmere), community(tolmere), first.read(text).contacts)
    there = {each.text("phone") for each in Book(Machine(tolmere)).named(tolmere.me)}
    assert "+99 555 0100" in there


def test_what_is_red_goes_into_no_file(orvanda: Node) -> None:
    desk = Machine(orvanda)
    forum = community(orvanda, ceiling=TLP.RED, readers=((orvanda.me, desk.actor.handle or "ada"),))
    nominate(orvanda, forum)
    (given,), left = lists.take_out(desk, Book(desk).of_seat("or"), own=True)
    assert given.phone == ""
    assert len(left) == 3


def test_what_files_have_no_place_for_is_said(orvanda: Node) -> None:
    desk = Machine(orvanda)
    nominate(orvanda, community(orvanda), states="or")
    _, left = lists.take_out(desk, Book(desk).of_seat("or"), own=True)
    assert [*left] == [Phrase(lists.UNSERVED, who="ops_desk")]
