"""The directory: what is kept of contacts, by whom, how fresh, and who is to be called now."""

from __future__ import annotations

import pytest

from comity.kernel.errors import Refusal
from comity.services.casework import view
from comity.services.casework.inbox import Machine
from comity.services.directory import calling
from comity.services.directory.book import DUE, FRESH, STALE, Book, Contact
from comity.services.node import Node
from comity.store.access import acts as access
from tests.databases import counted
from tests.nodes import START, Nodes, introduce, pass_on, say
from tests.services.phonebook import call, check, community, nominate, tell

DAY = 24 * 3600 * 1000
THURSDAY = 1_790_211_600_000
"""2026-09-24, 01:00 UTC."""


@pytest.fixture
def pair(nodes: Nodes) -> tuple[Node, Node]:
    """Orvanda, which keeps contacts, and Tolmere, which looks for them."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    return orvanda, tolmere


def seat(node: Node, name: str = "or") -> list[Contact]:
    return [*Book(Machine(node)).of_seat(name)]


def test_a_contact_is_found_where_it_was_told_to(pair: tuple[Node, Node]) -> None:
    orvanda, tolmere = pair
    forum = community(orvanda, tolmere)
    act = nominate(orvanda, forum)
    pass_on(orvanda, tolmere)
    for node in pair:
        (contact,) = seat(node)
        assert (contact.name, contact.seat, contact.role) == ("orvanda", "or", "technical")
        assert (contact.act, contact.key.dossier, contact.called) == (act, forum, "Operations desk")
        assert {each.fresh for each in contact.particulars.values()} == {FRESH}
        assert [each.seat for each in Book(Machine(node)).listed()] == ["or"]
    (each,) = call(tolmere, "or", "technical").candidates
    assert [(way.channel, way.text) for way in each.ways] == [("phone", "+99 555 0100")]


def test_a_seat_is_named_by_its_beginning_and_a_party_by_its_name(
    pair: tuple[Node, Node],
) -> None:
    orvanda, _ = pair
    forum = community(orvanda)
    nominate(orvanda, forum, seat="xa_cert", contact="one")
    nominate(orvanda, forum, seat="xa_police", contact="two")
    for text, found in (("xa_c", ["one"]), ("XA_POLICE", ["two"]), ("orvanda", ["one", "two"])):
        assert [each.contact.key.contact for each in call(orvanda, text).candidates] == found
    with pytest.raises(Refusal, match="More than one party could be meant") as refused:
        call(orvanda, "xa_")
    assert refused.value.rule == "S4"
    for text in ("nobody", "", "xb", "xa\x00", "\udcff"):
        assert seat(orvanda, text) == []
        with pytest.raises(Refusal, match="No contact of such a party") as refused:
            call(orvanda, text)
        assert refused.value.rule == "S3"


def test_a_seat_called_as_a_party_does_not_hide_it(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    forum = community(orvanda, tolmere)
    nominate(orvanda, forum, contact="real", seat="or")
    pass_on(orvanda, tolmere)
    for seat_name in ("orvanda", "orvanda_cert"):
        act = nominate(tolmere, forum, contact="false", seat=seat_name)
        answer = call(tolmere, "Orvanda")
        assert "real" in {each.contact.key.contact for each in answer.candidates}
        tell(tolmere, forum, "end", act, contact="false", reason="left")
    nominate(tolmere, forum, contact="false", seat="orvanda")
    answer = call(tolmere, "orvanda")
    assert {each.contact.key.contact for each in answer.candidates} == {"real", "false"}
    assert calling.CONFLICT in answer.notes


def test_what_is_asked_has_to_be_readable(pair: tuple[Node, Node]) -> None:
    for purpose, language, field in (("gossip", "", "purpose"), ("", "french!", "language")):
        with pytest.raises(Refusal) as refused:
            call(pair[0], "or", purpose, language)
        assert (refused.value.rule, refused.value.subject) == ("S4", field)


def test_a_particular_for_others_is_never_given(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    forum = community(orvanda, tolmere)
    act = nominate(orvanda, forum)
    secret = tell(
        orvanda, forum, "detail", act,
        contact="ops_desk", visibility="request", phone_emergency="+99 555 0199",
    )  # fmt: skip
    pass_on(orvanda, tolmere)
    assert seat(orvanda)[0].text("phone_emergency") == "+99 555 0199"
    told = seat(tolmere)[0].particulars["phone_emergency"]
    assert (told.text, told.visibility, told.act) == ("", "request", secret)
    withheld = view.act(tolmere, secret)
    assert (withheld.fields, withheld.content.value) == ({}, "withheld")
    assert b"0199" not in b"".join(p.data or b"" for p in access.parts(tolmere.db, secret))

    asked = tell(tolmere, forum, "ask_detail", act, contact="ops_desk", fields="phone_emergency")
    pass_on(tolmere, orvanda)
    given = tell(orvanda, forum, "give", asked, contact="ops_desk", phone_emergency="+99 555 0199")
    pass_on(orvanda, tolmere)
    assert view.act(tolmere, given).fields == {"phone_emergency": "+99 555 0199"}
    assert seat(tolmere)[0].text("phone_emergency") == "+99 555 0199"
    # What is told anew is not what was given.
    nodes.clock.advance(1000)
    tell(
        orvanda, forum, "detail", act,
        contact="ops_desk", visibility="request", phone_emergency="+99 555 0200",
    )  # fmt: skip
    pass_on(orvanda, tolmere)
    assert seat(tolmere)[0].text("phone_emergency") == ""


def test_what_is_for_one_party_goes_to_no_other(nodes: Nodes) -> None:
    orvanda, tolmere, fennick = (nodes.make(name) for name in ("orvanda", "tolmere", "fennick"))
    introduce(orvanda, tolmere, fennick)
    forum = community(orvanda, tolmere, fennick)
    act = nominate(orvanda, forum)
    tell(
        orvanda, forum, "detail", act,
        contact="ops_desk", visibility="named", named="tolmere", chat="@ops",
    )  # fmt: skip
    pass_on(orvanda, tolmere)
    pass_on(orvanda, fennick)
    assert seat(tolmere)[0].text("chat") == "@ops"
    assert seat(fennick)[0].text("chat") == ""
    assert seat(fennick)[0].particulars["chat"].visibility == "named"


def test_age_counts_from_the_newest_word_and_not_from_when_it_came(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    forum = community(orvanda)
    act = nominate(orvanda, forum)

    def ages() -> dict[str, str]:
        return {name: told.fresh for name, told in seat(orvanda)[0].particulars.items()}

    nodes.clock.advance(85 * DAY)
    assert set(ages().values()) == {DUE}
    tell(orvanda, forum, "confirm", act, contact="ops_desk", fields="phone")
    assert (ages()["phone"], ages()["holder"]) == (FRESH, DUE)
    nodes.clock.advance(20 * DAY)
    assert (ages()["phone"], ages()["holder"]) == (FRESH, STALE)


def test_a_hand_over_is_one_message(pair: tuple[Node, Node]) -> None:
    orvanda, tolmere = pair
    forum = community(orvanda, tolmere)
    act = nominate(
        orvanda, forum, holder="Ada Lindqvist", holder_is="person", email="ada@or.example"
    )
    tell(
        orvanda, forum, "hand_over", act,
        contact="ops_desk", holder_is="person", since="2026-09-20T00:00Z", visibility="members",
        leaver="Ada Lindqvist", holder="Ben Okoro", deputies="Cora Reyes; +99 555 0102",
    )  # fmt: skip
    pass_on(orvanda, tolmere)
    (each,) = call(tolmere, "or").candidates
    assert (each.called, each.deputies) == ("Ben Okoro", ("Cora Reyes; +99 555 0102",))
    assert [way.text for way in each.ways] == ["+99 555 0100", "ada@or.example"]


def test_two_authorities_stand_side_by_side_until_a_forum_lists_one(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    forum = community(orvanda, tolmere, growth="chair", chair=orvanda.me)
    nominate(orvanda, forum, seat="xa", contact="one")
    pass_on(orvanda, tolmere)
    nominate(tolmere, forum, seat="xa", contact="two")
    pass_on(tolmere, orvanda)
    answer = call(orvanda, "xa")
    assert {each.contact.key.contact for each in answer.candidates} == {"one", "two"}
    assert calling.CONFLICT in answer.notes
    (listed,) = Book(Machine(orvanda)).listed()
    assert (listed.contacts, listed.authorities) == (2, 2)
    tell(orvanda, forum, "recognise", seat="xa", authority="tolmere", stand="recognised")
    answer = call(orvanda, "xa")
    found = [(each.contact.key.contact, each.contact.listed) for each in answer.candidates]
    assert found == [("two", "listed"), ("one", "other")]
    assert calling.CONFLICT not in answer.notes


def test_who_is_at_work_and_speaks_the_language_comes_first(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    forum = community(orvanda)
    hours = {"hours": "Mo-Fr 08:00-16:00", "phone_emergency": "+99 555 0911"}
    nominate(orvanda, forum, contact="east", zone="Asia/Tokyo", languages="ja", **hours)
    nominate(orvanda, forum, contact="west", zone="America/Lima", languages="es, fr", **hours)
    nominate(orvanda, forum, contact="vague", hours="when we can", languages="")
    nominate(orvanda, forum, contact="talks", role="diplomatic")

    def called(language: str = "") -> list[tuple[str, bool | None]]:
        found = call(orvanda, "or", "technical", language, at=THURSDAY).candidates
        return [(each.contact.key.contact, each.open) for each in found]

    # At one in the morning, UTC, it is ten in Tokyo.
    assert called() == [("east", True), ("vague", None), ("west", False)]
    assert called("fr") == [("west", False), ("vague", None), ("east", True)]
    east, _, west = call(orvanda, "or", "technical", at=THURSDAY).candidates
    assert [way.channel for way in east.ways] == ["phone", "phone_emergency"]
    assert [way.channel for way in west.ways] == ["phone_emergency", "phone"]
    assert west.opens == THURSDAY + 12 * 3600 * 1000
    assert east.local.startswith("Th 2026-09-24 10:00")
    assert [c.contact.key.contact for c in call(orvanda, "or", "legal").candidates] != []


def test_a_nomination_holds_in_its_time_alone(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    forum = community(orvanda)
    act = nominate(orvanda, forum, since="2027-01-01T00:00Z", until="2027-06-01T00:00Z")
    assert call(orvanda, "or").candidates == ()
    assert len(call(orvanda, "or", at=START + 200 * DAY).candidates) == 1
    assert call(orvanda, "or", at=START + 300 * DAY).candidates == ()
    tell(orvanda, forum, "end", act, contact="ops_desk", reason="left")
    with pytest.raises(Refusal, match="No contact of such a party"):
        call(orvanda, "or")


def test_what_was_tested_and_answered_comes_first(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    forum = community(orvanda, tolmere)
    act = nominate(orvanda, forum, chat="@ops", email="ops@or.example")
    pass_on(orvanda, tolmere)
    assert calling.NOT_TESTED in call(tolmere, "or").notes
    for channel, outcome in (("email", "confirmed"), ("phone", "")):
        nodes.clock.advance(1000)
        dossier = check(tolmere, orvanda, channel)
        probe = view.dossier(tolmere, dossier).acts[-1].id
        pass_on(tolmere, orvanda)
        if outcome:
            say(orvanda, dossier, "answer", {"outcome": outcome}, refs=[probe])
            pass_on(orvanda, tolmere)
        else:
            nodes.clock.advance(2 * DAY)
            say(tolmere, dossier, "result", {"outcome": "silent"}, refs=[probe])
    answer = call(tolmere, "or")
    (each,) = answer.candidates
    found = [(way.channel, way.answered) for way in each.ways]
    assert found == [("email", True), ("chat", None), ("phone", False)]
    assert calling.NOT_TESTED not in answer.notes
    # A number that is told anew is another number, of which nothing is known.
    nodes.clock.advance(1000)
    tell(orvanda, forum, "detail", act, contact="ops_desk", visibility="members", phone="+99 555 7")
    pass_on(orvanda, tolmere)
    (each,) = call(tolmere, "or").candidates
    found = [(way.channel, way.answered) for way in each.ways]
    assert found == [("email", True), ("phone", None), ("chat", None)]


def answered(node: Node, text: str = "or") -> dict[str, bool | None]:
    """Return of each channel whether it was answered when it was tested."""
    found = call(node, text).candidates
    return {way.channel: way.answered for each in found for way in each.ways}


def test_who_checks_says_nothing_of_the_contacts_of_others(nodes: Nodes) -> None:
    orvanda, tolmere, fennick = (nodes.make(name) for name in ("orvanda", "tolmere", "fennick"))
    introduce(orvanda, tolmere, fennick)
    forum = community(orvanda, tolmere)
    nominate(orvanda, forum)
    pass_on(orvanda, tolmere)
    nodes.clock.advance(1000)
    dossier = check(fennick, tolmere, "phone", listed_by=orvanda.me)
    probe = view.dossier(fennick, dossier).acts[-1].id
    nodes.clock.advance(2 * DAY)
    say(fennick, dossier, "result", {"outcome": "silent"}, refs=[probe])
    pass_on(fennick, tolmere)
    assert answered(tolmere) == {"phone": None}


def test_a_test_counts_for_what_it_tested_alone(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    forums = [community(orvanda, tolmere) for _ in range(2)]
    acts = [nominate(orvanda, forum, seat=seat) for forum, seat in zip(forums, "xy", strict=True)]
    pass_on(orvanda, tolmere)
    nodes.clock.advance(1000)
    dossier = check(tolmere, orvanda, "phone")
    probe = view.dossier(tolmere, dossier).acts[-1].id
    pass_on(tolmere, orvanda)
    say(orvanda, dossier, "answer", {"outcome": "confirmed"}, refs=[probe])
    pass_on(orvanda, tolmere)
    # One record in two communities, and one test of it.
    assert (answered(tolmere, "x"), answered(tolmere, "y")) == ({"phone": True}, {"phone": True})
    # That it is still right does not make it another number; to tell one anew does.
    nodes.clock.advance(1000)
    tell(orvanda, forums[0], "confirm", acts[0], contact="ops_desk", fields="phone")
    tell(
        orvanda, forums[1], "detail", acts[1],
        contact="ops_desk", visibility="members", phone="+99 555 7",
    )  # fmt: skip
    pass_on(orvanda, tolmere)
    assert (answered(tolmere, "x"), answered(tolmere, "y")) == ({"phone": True}, {"phone": None})


def test_what_claims_a_time_ahead_is_neither_fresh_nor_tested(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    forum = community(orvanda, tolmere)
    act = nominate(orvanda, forum)
    dossier = check(tolmere, orvanda, "phone")
    probe = view.dossier(tolmere, dossier).acts[-1].id
    pass_on(tolmere, orvanda)
    nodes.clock.advance(900 * DAY)
    tell(orvanda, forum, "confirm", act, contact="ops_desk", fields="phone")
    say(orvanda, dossier, "answer", {"outcome": "confirmed"}, refs=[probe])
    nodes.clock.advance(-900 * DAY)
    pass_on(orvanda, tolmere)
    nodes.clock.advance(110 * DAY)
    assert seat(tolmere)[0].particulars["phone"].fresh == STALE
    assert answered(tolmere) == {"phone": None}


def test_the_queries_of_a_call_do_not_grow_with_the_directory(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    forum = community(orvanda)
    nominate(orvanda, forum)

    def asked() -> int:
        with counted(orvanda.db) as queries:
            call(orvanda, "or", "technical")
        return len(queries)

    before = asked()
    for number in range(12):
        nominate(orvanda, forum, contact=f"other_{number}", seat=f"xa_{number}")
    assert asked() == before <= 12
