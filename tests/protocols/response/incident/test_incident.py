"""Who owes what to whom by when, in what order whatever comes, and what the state tells apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from comity.kernel.fold import How, State
from comity.kernel.ids import PartyId
from comity.protocols._vocabulary.rsit import _VALUES, RSIT, VALUES
from comity.protocols.response.incident import PROTOCOL
from comity.protocols.response.incident.assistance import Accept, Answer, Ask, Deliver, Result
from comity.protocols.response.incident.codes import HOUR, MOST_INTENTS
from comity.protocols.response.incident.deconfliction import Intend, StandDown
from comity.protocols.response.incident.facts import whether_by
from tests.kernel.world import digest
from tests.protocols.response.incident import cases
from tests.protocols.table import LATER, TIME, Table
from tools.vectors import play

Duty = tuple[str, str, str, int | None]


def owed(table: Table) -> list[Duty]:
    """Who owes what to whom, and by when."""
    names = {party.id: name for name, party in table.parties.items()}
    summary = table.seen.summary()
    assert summary is not None
    return [(names[d.who], d.what, names.get(d.to or d.who, "?"), d.due) for d in summary.duties]


DUTIES: list[tuple[Callable[[Table], None], list[Duty]]] = [
    (
        cases.accepted_waiting,
        [
            ("sarivane", "answer", "orvanda", 0),
            ("orvanda", "answer", "tolmere", 0),
            ("sarivane", "acknowledge", "tolmere", None),
        ],
    ),
    (cases.accepted_several_helpers, []),
    (cases.accepted_promised, [("tolmere", "deliver", "orvanda", LATER)]),
    (cases.accepted_delivered_at_once, []),
    (cases.accepted_offered, []),
    (
        cases.accepted_offered_to_who_asked,
        [("tolmere", "answer", "orvanda", 0), ("sarivane", "deliver", "orvanda", None)],
    ),
    (cases.accepted_offers_that_end, [("orvanda", "offered", "tolmere", LATER)]),
    (
        cases.accepted_topics_and_tasks,
        [
            ("tolmere", "answer", "orvanda", 0),
            ("orvanda", "progress", "orvanda", None),
            ("tolmere", "progress", "tolmere", None),
        ],
    ),
    (
        cases.accepted_same_target,
        [
            ("tolmere", "go_ahead", "orvanda", LATER + HOUR),
            ("orvanda", "go_ahead", "tolmere", LATER + HOUR),
        ],
    ),
    (cases.accepted_talked_it_over, []),
    (cases.accepted_not_at_the_same_time, []),
]


@pytest.mark.parametrize(("case", "duties"), DUTIES, ids=[case.__name__ for case, _ in DUTIES])
def test_what_is_owed_is_owed_until_it_is_done(
    case: Callable[[Table], None], duties: list[Duty]
) -> None:
    # A 0 stands for eight hours after the ask, whenever it was said at the table.
    table = play(PROTOCOL, case)
    by_default = {act.header.time + 8 * HOUR for act in table.acts if act.header.kind == "ask"}
    found = [(*duty[:3], 0 if duty[3] in by_default else duty[3]) for duty in owed(table)]
    assert sorted(map(str, found)) == sorted(map(str, duties))


def test_whether_is_due_in_eight_hours_and_no_later_than_the_help() -> None:
    def by(due: int | None = None, whether: int | None = None) -> int:
        ask = Ask(to=[PartyId(digest("tolmere"))], verb="other", due=due, whether_by=whether)
        return whether_by(ask, TIME)

    assert by() == by(LATER) == TIME + 8 * HOUR
    assert by(TIME + HOUR) == TIME + HOUR
    assert by(LATER, LATER) == LATER


def test_whether_delivered_and_result_are_told_apart() -> None:
    table = Table(PROTOCOL)
    table.open()
    tolmere = table.id("tolmere")
    ask = table.say("orvanda", Ask(to=[tolmere], verb="investigate"))
    will = table.say("tolmere", Answer(result="will", when=LATER), [ask], time=TIME + 9 * HOUR)
    state = _state(table)
    (asked,) = state.entries("ask", ask.id)
    assert isinstance(asked.value, dict)
    # It came late, and stays so whatever is said later.
    assert asked.value["whether_by"] == ask.header.time + 8 * HOUR
    assert state.bound(How.LEAST, "whether", ask.id, tolmere) == will.header.time
    assert state.bound(How.LEAST, "helped", ask.id, tolmere) is None
    given = table.say("tolmere", Deliver(), [ask], time=TIME + 10 * HOUR)
    table.say("tolmere", Answer(result="done"), [ask], time=TIME + 11 * HOUR)
    state = _state(table)
    assert state.bound(How.LEAST, "whether", ask.id, tolmere) == will.header.time
    assert state.bound(How.LEAST, "helped", ask.id, tolmere) == given.header.time
    assert state.entries("result", ask.id) == []
    table.say("orvanda", Result(result="not"), [ask], time=TIME + 12 * HOUR)
    assert [entry.value for entry in _state(table).entries("result", ask.id)] == ["not"]


def test_a_no_with_its_reason_settles_all_and_a_result_ends_what_others_owe() -> None:
    table = Table(PROTOCOL)
    table.open()
    both = sorted([table.id("tolmere"), table.id("sarivane")])
    ask = table.say("orvanda", Ask(to=both, verb="investigate", due=LATER))
    assert {duty[0] for duty in owed(table)} == {"tolmere", "sarivane"}
    table.say("sarivane", Answer(result="cannot", reason="not_stated"), [ask])
    assert [duty[0] for duty in owed(table)] == ["tolmere"]
    table.say("orvanda", Result(result="withdrawn"), [ask])
    assert owed(table) == []
    # Who promises it all the same owes nothing.
    table.say("tolmere", Answer(result="will", when=LATER), [ask])
    assert owed(table) == []


def test_two_intentions_that_did_not_know_of_each_other_meet_all_the_same() -> None:
    table = Table(PROTOCOL)
    table.open()
    host, other = digest("ip:198.51.100.7/32"), digest("ip:198.51.100.8/32")
    mine = Intend(verb="block-host", targets=sorted([host, other]), from_=LATER, until=2 * LATER)
    theirs = Intend(verb="honeypot", targets=[other], from_=LATER + HOUR, until=LATER + 2 * HOUR)
    first = table.say("orvanda", mine)
    table.say("tolmere", theirs, apart=True)
    assert sorted(owed(table)) == [
        ("orvanda", "go_ahead", "tolmere", LATER + HOUR),
        ("tolmere", "go_ahead", "orvanda", LATER + HOUR),
    ]
    table.say("orvanda", StandDown(), [first])
    assert owed(table) == []


def test_who_acts_on_a_target_before_or_after_another_owes_nothing() -> None:
    table = Table(PROTOCOL)
    table.open()
    table.say("orvanda", cases.intend(cases.HOST))
    table.say("tolmere", cases.intend(cases.HOST, start=LATER + 2 * HOUR))
    table.say("sarivane", cases.intend(cases.NETWORK))
    assert owed(table) == []
    table.say("tolmere", cases.intend(cases.HOST, start=LATER + 2 * HOUR - 1))
    assert {duty[0] for duty in owed(table)} == {"orvanda", "tolmere"}


def test_a_party_has_as_many_intentions_as_the_rule_says() -> None:
    table = Table(PROTOCOL)
    table.open()
    said = [table.say("orvanda", cases.intend(cases.HOST)) for _ in range(MOST_INTENTS)]
    assert {table.verdict(act) for act in said} == {None}
    assert table.verdict(table.say("orvanda", cases.intend(cases.HOST))) == "D12"
    table.say("orvanda", StandDown(), said[:1])
    assert table.verdict(table.say("orvanda", cases.intend(cases.HOST))) is None


def test_an_offer_is_accepted_to_its_last_moment_and_by_who_had_not_heard_that_it_ended() -> None:
    table = Table(PROTOCOL)
    offer = cases.offered(table)
    assert table.verdict(table.say("orvanda", Accept(), [offer], time=LATER)) is None
    table = Table(PROTOCOL)
    offer = cases.offered(table)
    table.catch_up("orvanda")
    table.say("sarivane", StandDown(), [offer])
    assert table.verdict(table.say("orvanda", Accept(), [offer], apart=True)) is None
    # It has effect, and nothing is owed for what was taken back.
    assert owed(table) == []


def test_every_value_of_the_taxonomy_stands_in_one_class() -> None:
    assert len(VALUES) == sum(map(len, _VALUES.values())) == 39
    assert _VALUES.keys() == RSIT.keys()


def _state(table: Table) -> State:
    state = table.seen.state
    assert state is not None
    return state
