"""What is read of an incident: by party, side by side, each word told apart."""

from __future__ import annotations

from collections.abc import Callable

from comity.kernel.fold import State
from comity.protocols._vocabulary import linking
from comity.protocols.response.incident import PROTOCOL, reading
from comity.protocols.response.incident.acts import Progress, Task
from comity.protocols.response.incident.assistance import Answer, Ask
from comity.protocols.response.incident.codes import HOUR
from tests.protocols.response.incident import cases
from tests.protocols.table import LATER, TIME, Table
from tools.vectors import play


def played(case: Callable[[Table], object]) -> tuple[Table, State]:
    table = Table(PROTOCOL)
    case(table)
    assert table.seen.state is not None
    return table, table.seen.state


def named(table: Table, party: str) -> str:
    return next(name for name, each in table.parties.items() if each.id == party)


def test_the_words_of_parties_stand_side_by_side_each_the_newest_of_its_own() -> None:
    table, state = played(cases.accepted_described)
    found = {named(table, said.author): said.told for said in reading.described(state)}
    assert found["tolmere"]["rsit"] == "sabotage"
    assert found["orvanda"]["rsit"] == "infected-system"
    assert len(reading.described(state)) == 2


def test_the_timeline_is_by_time_and_without_what_was_put_right() -> None:
    _, state = played(cases.accepted_timeline)
    assert [(said.told["what"], said.told["at"]) for said in reading.events(state)] == [
        ("first_compromise", TIME - 90 * HOUR),
        ("effect", TIME - 2 * HOUR),
    ]


def test_each_asked_party_has_its_own_word_and_times() -> None:
    table, state = played(cases.accepted_several_helpers)
    (asked,) = reading.requests(state)
    words = {named(table, word.party): word for word in asked.words}
    times = {act.id: act.header.time for act in table.acts}
    ((will,), (cannot,)) = words["tolmere"].answers, words["sarivane"].answers
    assert (will.told["result"], will.told["when"]) == ("will", LATER - HOUR)
    assert words["tolmere"].whether == times[will.act]
    assert words["tolmere"].delivered is not None
    assert "more" not in words["tolmere"].delivered.told
    # The first delivery is when it helped, and the newest what is shown.
    first, last = (act for act in table.acts if act.header.kind == "deliver")
    assert words["tolmere"].helped == first.header.time
    assert words["tolmere"].delivered.act == last.id
    assert (cannot.told["reason"], words["sarivane"].helped) == ("law", None)
    assert asked.results == ("helped",)


def test_of_who_is_silent_nothing_is_told() -> None:
    _, state = played(cases.accepted_waiting)
    silent = [word for asked in reading.requests(state) for word in asked.words]
    assert {(w.answers, w.whether, w.helped, w.delivered) for w in silent} == {
        ((), None, None, None)
    }


def test_two_answers_that_did_not_know_of_each_other_are_both_told() -> None:
    table = Table(PROTOCOL)
    table.open()
    ask = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="investigate"))
    table.catch_up("tolmere")
    table.fork("tolmere", "tolmere/restored")
    table.say("tolmere", Answer(result="done"), [ask])
    table.say("tolmere/restored", Answer(result="will", when=LATER), [ask], apart=True)
    assert table.seen.state is not None
    (asked,) = reading.requests(table.seen.state)
    assert {said.told["result"] for said in asked.words[0].answers} == {"done", "will"}


def test_an_offer_is_told_with_what_became_of_it() -> None:
    def of(case: Callable[[Table], object]) -> list[tuple[str, int | None, bool, tuple[str, ...]]]:
        _, state = played(case)
        return sorted(
            (o.stands, o.due, o.delivered is not None, o.results) for o in reading.offers(state)
        )

    assert of(cases.offered) == [("waiting", None, False, ())]
    assert of(cases.accepted_offered) == [("accepted", LATER, True, ("partly",))]
    assert of(cases.accepted_offers_that_end) == [
        ("stood_down", None, False, ()),
        ("turned_down", None, False, ()),
        ("waiting", None, False, ()),
    ]


def test_tasks_are_by_party_with_how_far_they_are() -> None:
    table, state = played(cases.accepted_topics_and_tasks)
    found = sorted((named(table, job.task.author), job.states) for job in reading.tasks(state))
    assert found == [("orvanda", ("open",)), ("tolmere", ("done",)), ("tolmere", ("open",))]


def test_a_task_told_in_two_ways_is_told_in_both() -> None:
    table = Table(PROTOCOL)
    table.open()
    task = table.say("orvanda", Task())
    table.fork("orvanda", "orvanda/restored")
    table.say("orvanda", Progress(state="doing"), [task])
    table.say("orvanda/restored", Progress(state="dropped"), [task], apart=True)
    assert table.seen.state is not None
    assert [job.states for job in reading.tasks(table.seen.state)] == [("doing", "dropped")]


def test_what_belongs_to_a_topic_and_what_is_linked_is_told() -> None:
    table, state = played(cases.accepted_topics_and_tasks)
    ((topic, under),) = reading.topics(state)
    kinds = {act.id: act.header.kind for act in table.acts}
    assert named(table, topic.author) == "orvanda"
    assert sorted(kinds[id_] for id_ in under) == ["files", "inform"]
    table, state = played(cases.accepted_linked)
    assert sorted((named(table, each.author), each.relation) for each in linking.links(state)) == [
        ("orvanda", "merged_into"),
        ("tolmere", "duplicate_of"),
    ]


def test_intentions_say_whom_they_meet() -> None:
    table = play(PROTOCOL, cases.accepted_same_target)
    assert table.seen.state is not None
    found = [
        (named(table, each.intent.author), [named(table, party) for party in each.meets])
        for each in reading.intentions(table.seen.state)
    ]
    assert found == [("orvanda", ["tolmere"]), ("orvanda", ["tolmere"]), ("tolmere", ["orvanda"])]
    _, state = played(cases.accepted_talked_it_over)
    assert [each.meets for each in reading.intentions(state)] == [()]
