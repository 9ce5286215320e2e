"""What a contact check must never hold: a score, or a person; and by what it is found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from comity.kernel.fieldtypes import Code, Many
from comity.kernel.protocol import LANES as SIDES
from comity.kernel.protocol import Subject
from comity.protocols.trust.contact_check import PROTOCOL, codes
from comity.protocols.trust.contact_check.acts import Probe
from comity.protocols.trust.contact_check.subjects import CAMPAIGN, CHECKED, PROBE, probe_of
from tests.protocols.table import LATER, TIME, Table
from tests.protocols.trust.contact_check import cases

KINDS = (PROTOCOL.opening, *PROTOCOL.acts)
SCORES = ("score", "rank", "rating", "grade", "points of", "league")


def found(case: Callable[[Table], None]) -> tuple[Table, dict[str, list[Subject]]]:
    table = Table(PROTOCOL)
    case(table)
    summary = table.seen.summary()
    assert summary is not None
    by_kind: dict[str, list[Subject]] = {}
    for subject in summary.subjects:
        by_kind.setdefault(subject.kind, []).append(subject)
    return table, by_kind


def test_nothing_scores_a_party() -> None:
    for kind in KINDS:
        words = [kind.kind, kind.label]
        for field in (*kind.body, *kind.content):
            of = field.type.of if isinstance(field.type, Many) else field.type
            words += [field.name, field.label]
            words += (
                [w for item in of.choices.items() for w in item] if isinstance(of, Code) else []
            )
        assert not [w for w in words if any(score in w.lower() for score in SCORES)]


def test_nothing_but_answers_is_recorded_for_a_guest_and_nobody_else_comes_in() -> None:
    assert PROTOCOL.recordable == {"answer"}
    assert PROTOCOL.growths == ("closed",)
    assert {*codes.LANES} <= {*SIDES}


def test_statistics_read_all_they_need_from_what_a_check_is_found_by() -> None:
    table, by_kind = found(cases.accepted_a_stale_telephone)
    told = [(probe_of(s.value), s.begins, s.ends, s.act) for s in by_kind[PROBE]]
    rows = {(t.channel, t.level): (t, begins, ends, act) for t, begins, ends, act in told}
    acts = {act.id: act.header for act in table.acts}
    mail, asked, first, act = rows["email", 2]
    assert mail.campaign == "council/2026-2"
    assert (mail.contact, mail.outcome, mail.answered) == ("duty_desk", "corrected", 2)
    assert (mail.who, mail.right, mail.corrected, mail.due) == ("holder", 1, 1, LATER)
    assert asked == acts[act].time
    assert first == TIME + cases.HOUR
    call, *_ = rows["phone", 1]
    assert (call.outcome, call.who, call.answered) == ("confirmed", "deputy", 1)
    node, _, answered, _ = rows["node", 0]
    assert (node.outcome, node.who, answered) == ("auto_only", "nobody", None)


def test_a_campaign_is_found_by_its_handle_and_who_is_checked() -> None:
    table, by_kind = found(cases.accepted_a_stale_telephone)
    (check,) = by_kind[CAMPAIGN]
    assert check.value == f"council/2026-2:{table.id('tolmere')}"
    assert (check.begins, check.ends) == (TIME, table.acts[-1].header.time)
    _, by_kind = found(cases.accepted_waiting)
    assert by_kind[CAMPAIGN][0].ends is None
    _, by_kind = found(cases.accepted_without_a_node)
    assert by_kind[CAMPAIGN][0].value == "council/2026-2:sarivane/ministry"


def test_the_last_test_of_a_channel_is_found_by_who_lists_the_contact() -> None:
    table, by_kind = found(cases.accepted_all_right)
    tolmere = table.id("tolmere")
    assert [s.value for s in by_kind[CHECKED]] == [
        f"{tolmere}:duty_desk:email:confirmed:3",
        f"{tolmere}:duty_desk:phone:confirmed:1",
    ]
    table, by_kind = found(cases.accepted_without_a_node)
    assert by_kind[CHECKED][0].value.startswith(f"{table.id('orvanda')}:duty_desk:email:")
    _, by_kind = found(cases.accepted_waiting)
    assert len(by_kind[CHECKED]) == 1  # What waits was not tested yet.


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        (cases.accepted_came_back_then_answered, "confirmed"),
        (cases.accepted_two_words_on_one, "confirmed"),
        (cases.accepted_nobody_answered, "silent"),
    ],
)
def test_an_answer_counts_before_what_who_asked_says(
    case: Callable[[Table], None], outcome: str
) -> None:
    _, by_kind = found(case)
    assert [probe_of(s.value).outcome for s in by_kind[PROBE]] == [outcome]


def test_nobody_answers_before_being_asked() -> None:
    _, by_kind = found(cases.accepted_before_it_was_asked)
    assert [(s.begins, s.ends) for s in by_kind[PROBE]] == [(TIME + cases.HOUR,) * 2]


def test_the_longest_handles_are_found_too() -> None:
    _, by_kind = found(cases.accepted_the_longest_handles)
    subjects = [s for held in by_kind.values() for s in held]
    assert max(len(s.value) for s in subjects) <= 200
    assert probe_of(by_kind[PROBE][0].value).due == 2**53 - 1


def test_one_press_says_of_all_that_was_asked_about_that_it_is_still_right() -> None:
    _, by_kind = found(cases.accepted_waiting)
    told = {probe_of(s.value).channel: probe_of(s.value) for s in by_kind[PROBE]}
    assert (told["email"].right, told["email"].answered) == (2, 2)
    _, by_kind = found(cases.accepted_all_right)
    told = {probe_of(s.value).channel: probe_of(s.value) for s in by_kind[PROBE]}
    assert (told["phone"].right, told["phone"].answered) == (0, 1)


def test_nobody_owes_an_answer_to_what_a_node_takes() -> None:
    def level_0(table: Table) -> None:
        cases.opened(table)
        table.say("orvanda", Probe(contact="duty_desk", channel="node", level=0, due=LATER))

    table, _ = found(level_0)
    summary = table.seen.summary()
    assert summary is not None
    assert summary.duties == ()
    table, _ = found(cases.accepted_waiting)
    summary = table.seen.summary()
    assert summary is not None
    assert [(duty.who, duty.due) for duty in summary.duties] == [
        (table.id("tolmere"), TIME + cases.HOUR)
    ]
