"""Offices: who may speak as chair, whatever order the hand-overs arrive in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.act import Act
from comity.kernel.canon import Object
from comity.kernel.fieldtypes import Party as PartyType
from comity.kernel.ids import PartyId
from comity.kernel.kinds import Growth
from comity.kernel.office import Grant, Office, authority, held, held_in, offers
from comity.kernel.protocol import Field, Protocol
from tests.kernel.world import TALLY, TELLER, Party, digest
from tests.oracle.fold import fold
from tests.protocols.table import NAMES, Table, gather


class Seat(Table):
    """A table of the test protocol whose opener, Orvanda, holds the office first."""

    def __init__(self, protocol: Protocol = TALLY, **charter: Any) -> None:
        super().__init__(protocol)
        self.opening = self.open(**charter)

    def hand(self, by: str, to: str, grant: Act, *, apart: bool = False) -> Act:
        """Let ``by`` hand the office over, by what gave it the office."""
        return self.say(by, "hand_over", [grant], {"to": self.id(to)}, apart=apart)

    def hand_on(self, by: str, to: str, grant: Act) -> Act:
        """As ``hand``, and accepted."""
        offer = self.hand(by, to, grant)
        self.say(to, "accept", [offer])
        return offer

    def twice(self) -> tuple[Act, Act]:
        """Orvanda's restored machine hands over once more, and both accept: two hand-overs."""
        self.fork("orvanda", "orvanda/restored")
        first = self.hand("orvanda", "tolmere", self.opening)
        second = self.hand("orvanda/restored", "sarivane", self.opening, apart=True)
        for voice, other, offer in (
            ("tolmere", "orvanda", first),
            ("sarivane", "orvanda/restored", second),
        ):
            self.hear(voice, other)
            self.say(voice, "accept", [offer], apart=True)
        return first, second

    def hear(self, voice: str, other: str) -> None:
        """Let one voice take in what another knows."""
        known = self.voices[other].graph.nodes
        for act in self.acts:
            if act.id in known:
                self.give(self.voices[voice], act)

    def holder(self) -> tuple[PartyId, ...]:
        """To whom the office belongs as everyone sees it: two when that is in conflict."""
        grants = held(TELLER, self.seen.state)
        assert grants == held_in(TELLER, self.seen.now())
        return tuple(grant.to for grant in grants)


@pytest.fixture(name="seat")
def opened() -> Seat:
    return Seat()


def test_the_charter_gives_the_office_first(seat: Seat) -> None:
    assert held(TELLER, seat.seen.state) == (Grant(seat.opening.id, seat.id("orvanda")),)
    count = seat.say("orvanda", "count", [seat.opening])
    assert seat.verdict(count) is None
    assert seat.seen.state.has("count", count.id)


def test_a_chair_that_the_charter_names_holds_it_first() -> None:
    assert Seat(growth=Growth.CHAIR).holder() == (Party("orvanda").id,)


def test_a_hand_over_is_complete_when_the_next_accepts(seat: Seat) -> None:
    offer = seat.hand("orvanda", "tolmere", seat.opening)
    assert seat.holder() == (seat.id("orvanda"),)
    assert offers(TELLER, seat.seen.state) == (Grant(offer.id, seat.id("tolmere")),)
    assert seat.verdict(seat.say("orvanda", "count", [seat.opening])) is None
    seat.say("tolmere", "accept", [offer])
    assert seat.holder() == (seat.id("tolmere"),)
    assert offers(TELLER, seat.seen.state) == ()
    assert seat.verdict(seat.say("tolmere", "count", [offer])) is None
    assert seat.verdict(seat.say("orvanda", "count", [seat.opening])) == "D0"


def test_what_was_done_before_the_hand_over_was_seen_stays_done(seat: Seat) -> None:
    seat.hand_on("orvanda", "tolmere", seat.opening)
    assert seat.verdict(seat.say("orvanda", "count", [seat.opening], apart=True)) is None
    assert seat.verdict(seat.say("orvanda", "count", [seat.opening])) == "D0"


def test_an_office_comes_back_by_another_hand_over(seat: Seat) -> None:
    first = seat.hand_on("orvanda", "tolmere", seat.opening)
    second = seat.hand_on("tolmere", "orvanda", first)
    assert seat.verdict(seat.say("orvanda", "count", [second])) is None
    assert seat.verdict(seat.say("orvanda", "count", [seat.opening])) == "D0"
    third = seat.hand_on("orvanda", "sarivane", second)
    assert held(TELLER, seat.seen.state) == (Grant(third.id, seat.id("sarivane")),)


def test_of_two_offers_the_first_accepted_counts(seat: Seat) -> None:
    first = seat.hand("orvanda", "tolmere", seat.opening)
    second = seat.hand("orvanda", "sarivane", seat.opening)
    assert {grant.act for grant in offers(TELLER, seat.seen.state)} == {first.id, second.id}
    seat.say("sarivane", "accept", [second])
    assert seat.verdict(seat.say("tolmere", "accept", [first])) == "D0"
    assert seat.holder() == (seat.id("sarivane"),)


def test_two_hand_overs_by_one_holder_are_shown_and_both_lapse(seat: Seat) -> None:
    first, second = seat.twice()
    # Who has seen one of them may go on: nothing it had seen is against it.
    alone = seat.say("tolmere", "count", [first], apart=True)
    later = seat.hand("tolmere", "orvanda", first, apart=True)
    assert (seat.verdict(alone), seat.verdict(later)) == (None, None)
    grants = sorted([Grant(first.id, seat.id("tolmere")), Grant(second.id, seat.id("sarivane"))])
    assert held(TELLER, seat.seen.state) == tuple(grants)
    assert offers(TELLER, seat.seen.state) == ()
    for voice, grant in (("tolmere", first), ("sarivane", second), ("orvanda", seat.opening)):
        act = seat.say(voice, "count", [grant])
        assert seat.verdict(act) == "D0"
        assert "twice" in reason(seat, act)


def test_what_followed_from_one_of_two_hand_overs_lapses_too(seat: Seat) -> None:
    first, _ = seat.twice()
    on = seat.hand("tolmere", "orvanda", first, apart=True)
    seat.hear("orvanda", "tolmere")
    seat.say("orvanda", "accept", [on], apart=True)
    assert seat.verdict(seat.say("orvanda", "count", [on], apart=True)) is None
    assert seat.verdict(seat.say("orvanda", "count", [on])) == "D0"


def test_one_hand_over_accepted_twice_is_one(seat: Seat) -> None:
    offer = seat.hand("orvanda", "tolmere", seat.opening)
    seat.catch_up("tolmere")
    seat.fork("tolmere", "tolmere/restored")
    for voice in ("tolmere", "tolmere/restored"):
        assert seat.verdict(seat.say(voice, "accept", [offer], apart=True)) is None
    assert held(TELLER, seat.seen.state) == (Grant(offer.id, seat.id("tolmere")),)


def test_of_a_disowned_acceptance_nothing_is_left(seat: Seat) -> None:
    seat.hand_on("orvanda", "tolmere", seat.opening)
    shown = seat.seen.state_without(frozenset({seat.acts[-1].id}))
    assert [grant.to for grant in held(TELLER, shown)] == [seat.id("orvanda")]
    assert held(TELLER, seat.seen.state_without(frozenset({seat.opening.id}))) == ()


def reason(seat: Seat, act: Act) -> str:
    void = seat.node(act).void
    assert void is not None
    return void[1]


def stranger(seat: Seat) -> Act:
    return seat.say("tolmere", "count", [seat.opening])


def nothing_cited(seat: Seat) -> Act:
    bid = seat.say("orvanda", "bid", body={"amount": 1})
    return seat.say("orvanda", "count", [bid])


def former_grant(seat: Seat) -> Act:
    first = seat.hand_on("orvanda", "tolmere", seat.opening)
    seat.hand_on("tolmere", "orvanda", first)
    return seat.say("orvanda", "count", [seat.opening])


def not_accepted(seat: Seat) -> Act:
    return seat.say("tolmere", "count", [seat.hand("orvanda", "tolmere", seat.opening)])


def hand_over_by_another(seat: Seat) -> Act:
    return seat.hand("tolmere", "sarivane", seat.opening)


def hand_over_to_oneself(seat: Seat) -> Act:
    return seat.hand("orvanda", "orvanda", seat.opening)


def hand_over_to_a_stranger(seat: Seat) -> Act:
    return seat.say("orvanda", "hand_over", [seat.opening], {"to": digest("stranger")})


def accepted_by_another(seat: Seat) -> Act:
    return seat.say("sarivane", "accept", [seat.hand("orvanda", "tolmere", seat.opening)])


def accepted_after_another(seat: Seat) -> Act:
    offer = seat.hand("orvanda", "tolmere", seat.opening)
    seat.hand_on("orvanda", "sarivane", seat.opening)
    return seat.say("tolmere", "accept", [offer])


def accepted_in_a_conflict(seat: Seat) -> Act:
    offer = seat.hand("orvanda", "tolmere", seat.opening)
    seat.twice()
    return seat.say("tolmere", "accept", [offer])


def guest_in_office(seat: Seat) -> Act:
    did: Object = {"guest": "finder", "kind": "count", "body": {}, "letter": seat.opening.id}
    return seat.say("orvanda", "record", [seat.opening], did)


REFUSED: dict[Callable[[Seat], Act], str] = {
    stranger: "Another party holds the office of teller",
    nothing_cited: "does not cite",
    former_grant: "does not cite",
    not_accepted: "Another party holds",
    hand_over_by_another: "Another party holds",
    hand_over_to_oneself: "another member",
    hand_over_to_a_stranger: "another member",
    accepted_by_another: "handed over to another party",
    accepted_after_another: "handed on already",
    accepted_in_a_conflict: "handed over twice",
    guest_in_office: "lets no host record 'count'",
}


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.__name__)
def test_an_act_without_the_office_has_no_effect(case: Callable[[Seat], Act]) -> None:
    seat = Seat()
    act = case(seat)
    assert seat.verdict(act) == "D0"
    assert REFUSED[case] in reason(seat, act)
    # It stays in the graph, and its author goes on.
    assert seat.verdict(seat.say("orvanda", "objection")) is None


def test_what_gives_the_office_is_what_an_act_of_it_should_cite(seat: Seat) -> None:
    def cite(kind: str) -> str | None:
        return authority(TALLY.offices, kind, seat.seen.now())

    assert [cite(kind) for kind in ("count", "hand_over")] == [seat.opening.id] * 2
    assert [cite(kind) for kind in ("accept", "bid")] == [None, None]
    offer = seat.hand_on("orvanda", "tolmere", seat.opening)
    assert cite("count") == offer.id


def test_where_nobody_holds_the_office_nothing_gives_it(seat: Seat) -> None:
    seat.twice()
    assert authority(TALLY.offices, "count", seat.seen.now()) is None


NAMED = replace(
    TALLY,
    opening=replace(TALLY.opening, body=(Field("first", PartyType(), "First teller"),)),
    offices=(replace(TELLER, given="first"), Office("clerk", "clerk", (), "appoint", "agree")),
)


def test_a_term_of_the_charter_may_name_the_first_holder() -> None:
    tolmere = Party("tolmere").id
    seat = Seat(NAMED, terms={"first": tolmere})
    teller = NAMED.offices[0]
    assert [grant.to for grant in held(teller, seat.seen.state)] == [tolmere]
    assert seat.verdict(seat.say("tolmere", "count", [seat.opening])) is None
    assert seat.verdict(seat.say("orvanda", "count", [seat.opening])) == "D0"
    # Another office of the protocol is another affair.
    assert [grant.to for grant in held(NAMED.offices[1], seat.seen.state)] == [seat.id("orvanda")]


def test_an_office_given_to_a_stranger_opens_nothing() -> None:
    seat = Seat(NAMED, terms={"first": digest("stranger")})
    assert seat.verdict(seat.opening) == "D0"
    assert "no founding member" in reason(seat, seat.opening)


# --- Whatever happens, in whatever order ---

VOICES = [*NAMES, "orvanda/restored", "tolmere/restored"]
KINDS = ["hear", "hear", "hand_over", "hand_over", "accept", "accept", "accept", "count"]


@st.composite
def seats(draw: st.DrawFn) -> Seat:
    """Parties that hand an office on, offer and take it twice, and speak past each other."""
    seat = Seat()
    for name in ("orvanda", "tolmere"):
        seat.fork(name, f"{name}/restored")
    for _ in range(draw(st.integers(1, 25))):
        kind, voice = draw(st.sampled_from(KINDS)), draw(st.sampled_from(VOICES))
        if kind == "hear":
            seat.hear(voice, draw(st.sampled_from(VOICES)))
        elif kind == "accept":
            accept(seat, draw, voice)
        else:
            # Mostly one that holds the office by what it knows.
            able = [name for name in VOICES if holds(seat, name)] if draw(st.booleans()) else []
            voice = draw(st.sampled_from(able or [voice]))
            grants = held(TELLER, seat.voices[voice].state)
            to: Object = (
                {"to": seat.id(draw(st.sampled_from(NAMES)))} if kind == "hand_over" else {}
            )
            seat.say(voice, kind, body=to, apart=True, refs=(grants[0].act,))
    return seat


def holds(seat: Seat, voice: str) -> bool:
    grants = held(TELLER, seat.voices[voice].state)
    return [grant.to for grant in grants] == [seat.id(voice.partition("/")[0])]


def accept(seat: Seat, draw: st.DrawFn, voice: str) -> None:
    """Let a party take what is offered to it somewhere, else what was offered to anyone."""
    found = [act for act in seat.acts if act.header.kind == "hand_over"]
    if not found:
        return
    offer = draw(st.sampled_from(found))
    mine = [name for name in VOICES if seat.id(name.partition("/")[0]) == offer.header.body["to"]]
    voice = draw(st.sampled_from([*mine, *mine, voice]))
    seat.hear(voice, next(name for name in VOICES if offer.id in seat.voices[name].graph.nodes))
    seat.say(voice, "accept", [offer], apart=True)


@given(seats(), st.data())
def test_who_holds_an_office_is_the_same_in_every_order_of_delivery(
    seat: Seat, data: st.DataObject
) -> None:
    orders: Sequence[Sequence[Act]] = (
        data.draw(st.permutations(seat.acts)),
        data.draw(st.permutations([*seat.acts, *seat.acts])),
    )
    for order in orders:
        other = gather(seat, order)
        assert other.digest() == seat.seen.digest()
        assert held(TELLER, other.state) == held(TELLER, seat.seen.state)
        for node in other.graph.order:
            assert node.void == seat.seen.graph.nodes[node.id].void
            past, same = other.past(node), seat.seen.past(seat.seen.graph.nodes[node.id])
            assert held_in(TELLER, past) == held_in(TELLER, same)
    # A verdict is for ever: who knows less finds the same.
    for voice in seat.voices.values():
        for node in voice.graph.order:
            assert node.void == seat.seen.graph.nodes[node.id].void


@given(seats())
def test_a_second_fold_agrees_on_offices(seat: Seat) -> None:
    other = fold(act.envelope.to_bytes() for act in seat.acts)
    nodes = seat.seen.graph.order
    assert other.void == {n.id: n.void[0] for n in nodes if n.void is not None}
    assert other.rows == seat.seen.state.to_rows()
    assert seat.holder()


@given(seats())
def test_nobody_has_effect_without_the_office(seat: Seat) -> None:
    for node in seat.seen.graph.order:
        if node.void is None and node.header.kind in {"count", "hand_over"}:
            [grant] = held_in(TELLER, seat.seen.past(node))
            assert grant.to == node.header.party
            assert grant.act in node.header.refs
