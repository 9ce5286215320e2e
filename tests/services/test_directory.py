"""The directory: what is kept of contacts, by whom, how fresh, and who is to be called now."""

from __future__ import annotations

from typing import Any

import pytest

from comity.kernel.errors import Refusal
from comity.services.casework import compose, contact_plans, view
from comity.services.casework.forms import FormErrors
from comity.services.casework.inbox import Machine
from comity.services.directory import calling, planning
from comity.services.directory.book import (
    DUE,
    FRESH,
    STALE,
    Book,
    Contact,
    Particular,
    again,
    wanted,
)
from comity.services.node import Node
from comity.store.access import acts as access
from tests.databases import counted
from tests.kernel.world import refused
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
    # Who asked finds in the directory what it was given.
    told = seat(tolmere)[0].particulars["phone_emergency"]
    assert (told.text, told.visibility, told.act) == ("+99 555 0199", "request", given)
    (each,) = call(tolmere, "or").candidates
    assert {way.channel for way in each.ways} == {"phone", "phone_emergency"}
    # What is told anew is not what was given.
    nodes.clock.advance(1000)
    tell(
        orvanda, forum, "detail", act,
        contact="ops_desk", visibility="request", phone_emergency="+99 555 0200",
    )  # fmt: skip
    pass_on(orvanda, tolmere)
    assert seat(tolmere)[0].text("phone_emergency") == ""


def test_what_was_given_is_as_old_as_it_is_and_of_its_own_record(nodes: Nodes) -> None:
    orvanda, tolmere, fennick = (nodes.make(name) for name in ("orvanda", "tolmere", "fennick"))
    introduce(orvanda, tolmere, fennick)
    forum = community(orvanda, tolmere, fennick)
    act = nominate(orvanda, forum)
    hidden: dict[str, Any] = {"contact": "ops_desk", "visibility": "request"}
    told = tell(orvanda, forum, "detail", act, **hidden, chat="@first")
    pass_on(orvanda, tolmere)
    other = nominate(tolmere, forum, seat="to")
    tell(tolmere, forum, "detail", other, **hidden, chat="@other")
    asked = tell(tolmere, forum, "ask_detail", act, contact="ops_desk", fields="chat")
    pass_on(tolmere, orvanda)
    nodes.clock.advance(DAY)
    given = tell(orvanda, forum, "give", asked, contact="ops_desk", chat="@first")
    nodes.clock.advance(85 * DAY)

    def chat() -> Particular:
        for node in (tolmere, fennick):
            pass_on(orvanda, node)
        return seat(tolmere)[0].particulars["chat"]

    assert (chat().text, chat().act, chat().fresh) == ("@first", given, DUE)
    assert chat().confirmed == chat().told == START + DAY
    tell(orvanda, forum, "confirm", told, contact="ops_desk", fields="chat")
    assert (chat().text, chat().fresh, chat().told) == ("@first", FRESH, START + DAY)
    pass_on(tolmere, fennick)
    assert seat(tolmere, "to")[0].text("chat") == "@other"
    for name in ("or", "to"):
        assert seat(fennick, name)[0].text("chat") == ""


def test_what_the_member_that_keeps_a_contact_gave_is_found(nodes: Nodes) -> None:
    orvanda, tolmere, fennick = (nodes.make(name) for name in ("orvanda", "tolmere", "fennick"))
    introduce(orvanda, tolmere, fennick)
    forum = community(orvanda, tolmere, fennick)
    act = nominate(orvanda, forum, kept_by="fennick")
    pass_on(orvanda, fennick)
    hidden: dict[str, Any] = {"contact": "ops_desk", "visibility": "request"}
    tell(fennick, forum, "detail", act, **hidden, chat="@kept")
    for node in (orvanda, fennick):
        pass_on(node, tolmere)
    asked = tell(tolmere, forum, "ask_detail", act, contact="ops_desk", fields="chat")
    pass_on(tolmere, fennick)
    tell(fennick, forum, "give", asked, contact="ops_desk", chat="@kept")
    pass_on(fennick, tolmere)
    assert seat(tolmere)[0].text("chat") == "@kept"


def test_what_belongs_to_an_exercise_is_called_by_nobody(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    forum = community(orvanda, tolmere, realm="autumn")
    nominate(orvanda, forum)
    pass_on(orvanda, tolmere)
    desk = Machine(tolmere)
    assert (seat(tolmere), Book(desk).listed()) == ([], ())
    with pytest.raises(Refusal, match="No contact of such a party"):
        call(tolmere, "or")
    assert Book(desk).in_community(forum) == ()
    (played,) = Book(desk, "autumn").in_community(forum)
    assert played.text("phone") == "+99 555 0100"
    plan = planning.draw_up(desk, forum, campaign="one", title="Played", level=1, due=24)
    assert plan["exercise"] == "autumn"
    forum = community(orvanda, tolmere)
    nominate(orvanda, forum)
    pass_on(orvanda, tolmere)
    assert [each.key.dossier for each in seat(tolmere)] == [forum]
    plan = planning.draw_up(desk, forum, campaign="two", title="In earnest", level=1, due=24)
    assert "exercise" not in plan


def test_a_plan_asks_who_answers_for_a_contact(nodes: Nodes) -> None:
    council, orvanda, tolmere = (nodes.make(name) for name in ("council", "orvanda", "tolmere"))
    introduce(council, orvanda, tolmere)
    forum = community(council, orvanda, tolmere)
    nominate(council, forum, contact="house")
    nominate(council, forum, contact="letter", seat="xa", source="mail")
    pass_on(council, orvanda)
    nominate(orvanda, forum, contact="ministry")
    nominate(orvanda, forum, contact="team", kept_by="tolmere")
    nominate(orvanda, forum, contact="council_desk", kept_by="council")
    nominate(orvanda, forum, contact="copied", seat="xb", source="imported")
    pass_on(orvanda, council)
    plan = planning.draw_up(
        Machine(council), forum, campaign="one", title="Are you there?", level=1, due=24
    )
    asked = {
        who["contacts"][0]["contact"]: (who.get("party", who.get("seat")), who["contacts"])
        for who in plan["checked"]
    }
    assert {name: who for name, (who, _) in asked.items()} == {
        "letter": "xa",
        "ministry": orvanda.me,
        "team": tolmere.me,
    }
    assert all(len(contacts) == 1 for _, contacts in asked.values())
    assert asked["team"][1][0]["listed_by"] == orvanda.me
    assert "node" in asked["team"][1][0]["channels"]
    assert "listed_by" not in asked["ministry"][1][0]
    _, checked = contact_plans.read(council, plan)
    assert {each.who for each in checked} == {"xa", orvanda.me, tolmere.me}


def test_a_party_by_its_whole_name_goes_before_a_seat_that_begins_so(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    others = [nodes.make(name) for name in ("tolmere", "north isles", "north coast")]
    introduce(orvanda, *others)
    forum = community(orvanda, *others)
    nominate(orvanda, forum, seat="tolmere_cert", contact="copied", source="mail")
    assert [c.contact.key.contact for c in call(orvanda, "tolmere").candidates] == ["copied"]
    pass_on(orvanda, others[0])
    nominate(others[0], forum, seat="to", contact="own")
    pass_on(others[0], orvanda)
    assert [c.contact.key.contact for c in call(orvanda, "Tolmere").candidates] == ["own"]
    with pytest.raises(Refusal, match="More than one party could be meant"):
        call(orvanda, "nor")


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


def test_who_is_named_for_something_else_is_shown_as_such(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    forum = community(orvanda)
    nominate(orvanda, forum)
    assert calling.OTHERWISE not in call(orvanda, "or", "technical").notes
    answer = call(orvanda, "or", "legal")
    assert len(answer.candidates) == 1
    assert calling.OTHERWISE in answer.notes


def test_what_is_read_of_a_community_does_not_grow_with_others(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    forum, other = community(orvanda), community(orvanda, title="Another")
    nominate(orvanda, forum)
    for number in range(3):
        nominate(orvanda, other, contact=f"other_{number}")
    book = Book(Machine(orvanda))
    with counted(orvanda.db) as queries:
        (contact,) = book.in_community(forum)
    assert contact.key.dossier == forum
    # By ranges of values, over all communities, its particulars and the policies are found alone.
    assert sum("s.value >= " in query for query in queries) == 2


def test_who_is_called_by_name_is_not_whom_it_keeps_a_list_of(nodes: Nodes) -> None:
    council = nodes.make("council")
    forum = community(council)
    nominate(council, forum, seat="xa", contact="copied", source="imported")
    found = [each.contact.key.contact for each in call(council, "council").candidates]
    assert found == ["copied"]
    nominate(council, forum, seat="council", contact="own")
    nominate(council, forum, seat="council_cert", contact="cert")
    found = [c.key.contact for c in Book(Machine(council)).named(council.me)]
    assert found == ["cert", "own"]


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


def test_what_is_cited_of_another_dossier_says_nothing(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    first, second = community(orvanda), community(orvanda)
    act = nominate(orvanda, first)
    kind = compose.kind_of(orvanda, second, "end")
    texts = {"refs": act, "reason": "left"}
    assert compose.read(orvanda, kind, texts, dossier=first).body["contact"] == "ops_desk"
    for dossier in (second, ""):
        with pytest.raises(FormErrors, match="Contact: fill this in"):
            compose.read(orvanda, kind, texts, dossier=dossier)


def test_what_contacts_answer_for_is_listed_and_seats_are_found_by_it(
    pair: tuple[Node, Node],
) -> None:
    orvanda, tolmere = pair
    forum, other = community(orvanda, tolmere), community(tolmere, orvanda)
    first = nominate(orvanda, forum, sectors="health, energy", states="SA")
    nominate(orvanda, forum, contact="lab", seat="xa_lab", sectors="energy")
    nominate(tolmere, other, contact="ops_desk", seat="to")
    pass_on(orvanda, tolmere)
    directory = Book(Machine(tolmere))
    assert [(each.seat, each.sectors, each.states) for each in directory.listed()] == [
        ("or", ("energy", "health"), ("sa",)),
        ("to", (), ()),
        ("xa_lab", ("energy",), ()),
    ]
    for sector, state, seats in (
        ("energy", "", ["or", "xa_lab"]),
        ("health", "sa", ["or"]),
        ("", "or", ["or"]),
        ("", "to", ["to"]),
        ("space", "", []),
        ("energy", "to", []),
    ):
        assert [each.seat for each in directory.listed(sector, state)] == seats
        serving = {each.seat for each in directory.serving({sector} - {""}, {state} - {""})}
        assert serving >= {*seats}
    (contact,) = seat(tolmere)
    assert contact.sector_labels == ("Energy", "Health")
    assert contact.serves == {"sa", "or"}
    nominate(orvanda, forum, first, sectors="health")
    pass_on(orvanda, tolmere)
    assert [each.seat for each in Book(Machine(tolmere)).listed("energy")] == ["xa_lab"]
    (contact,) = seat(tolmere)
    assert (contact.sectors, contact.states, contact.text("phone")) == (
        ("health",),
        (),
        "+99 555 0100",
    )


def test_what_a_community_may_not_show_serves_nothing(pair: tuple[Node, Node]) -> None:
    orvanda, _ = pair
    forum = community(orvanda, realm="crystal")
    nominate(orvanda, forum, sectors="energy", states="sa")
    for realm, seats in (("", ()), ("crystal", ("or",))):
        directory = Book(Machine(orvanda), realm)
        assert tuple(each.seat for each in directory.listed("energy", "sa")) == seats
        assert tuple(each.seat for each in directory.serving(["energy"], ["sa"])) == seats


def test_what_is_looked_for_is_a_sector_and_a_state() -> None:
    assert wanted("energy", "SA") == ("energy", "sa")
    assert wanted("", "") == ("", "")
    for sector, state, says in (("coal", "", "no such sector"), ("", "x", "write the two letters")):
        with refused("S4", says):
            wanted(sector, state)


def test_an_own_nomination_is_told_again_as_it_stands(pair: tuple[Node, Node]) -> None:
    orvanda, tolmere = pair
    forum = community(orvanda, tolmere)
    act = nominate(orvanda, forum, sectors="energy,health", until="2027-05-01T00:00Z")
    pass_on(orvanda, tolmere)
    told = again(Machine(orvanda), forum, act)
    assert (
        told.items()
        >= {
            "contact": "ops_desk",
            "sectors": "energy,health",
            "until": "2027-05-01T00:00Z",
        }.items()
    )
    assert "fields" not in told
    assert again(Machine(tolmere), forum, act) == {}
    assert again(Machine(orvanda), act, act) == {}
    assert again(Machine(orvanda), forum, forum) == {}
    nominate(orvanda, forum, act, **told)
    (contact,) = seat(orvanda)
    assert (contact.sectors, contact.text("phone")) == (("energy", "health"), "+99 555 0100")


def test_a_record_is_found_by_what_names_one_alone(pair: tuple[Node, Node]) -> None:
    orvanda, _ = pair
    nominate(orvanda, community(orvanda))
    directory = Book(Machine(orvanda))
    assert len(directory.of_record(orvanda.me, "ops_desk")) == 1
    for author, contact in ((orvanda.me, "o%"), ("x", "ops_desk"), (orvanda.me, "ops\0")):
        assert directory.of_record(author, contact) == ()
