"""The cases of a dialogue: each function plays one and is written as the vector of its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from comity.kernel.act import Act
from comity.kernel.kinds import Growth
from comity.protocols.trust.dialogue.acts import (
    AcceptItem,
    AgreeSummary,
    Cancel,
    CloseMeeting,
    Commit,
    Commitment,
    DeferItem,
    Draft,
    End,
    Hold,
    Move,
    Open,
    OwnSummary,
    ProposeItem,
    Schedule,
    WithdrawItem,
)
from comity.protocols.trust.dialogue.codes import DAY
from tests.protocols.table import LATER, NAMES, TIME, Table

TWO = ("orvanda", "tolmere")


def opened(table: Table, *, members: Sequence[str] = TWO, **terms: Any) -> Act:
    """Orvanda opens a dialogue with Tolmere, of diplomats and technicians."""
    usual: dict[str, Any] = {"lanes": ["diplomatic", "technical"]}
    return table.open(Open(**usual | terms), members=members, growth=Growth.ALL)


def scheduled(table: Table, number: int = 1, by: str = "orvanda") -> Act:
    """A meeting is set, a day later than the one before."""
    begins = LATER + (number - 1) * DAY
    return table.say(by, Schedule(number=number, begins=begins, form="video"))


def met(table: Table, **terms: Any) -> Act:
    """A dialogue is opened, and its first meeting set and held."""
    opened(table, **terms)
    meeting = scheduled(table)
    table.say("tolmere", Hold(), [meeting])
    return meeting


# Meetings


def accepted_a_series_that_goes_on(table: Table) -> None:
    """Every half year: an item accepted, another deferred; held, summed up, a commitment made and
    kept, the next meeting set, and the first one closed.
    """
    opened(table, cadence=182)
    first = scheduled(table)
    contacts = table.say("orvanda", ProposeItem(), [first])
    exercise = table.say("tolmere", ProposeItem(lane="technical"), [first])
    table.say("tolmere", AcceptItem(), [contacts])
    table.say("orvanda", DeferItem(lane="technical"), [exercise])
    table.say("orvanda", Hold(), [first])
    draft = table.say("orvanda", Draft(), [first])
    promise = table.say("tolmere", Commit(due=LATER + 30 * DAY, lane="technical"), [first])
    table.say("tolmere", AgreeSummary(), [draft])
    second = scheduled(table, 2, "tolmere")
    table.say("orvanda", CloseMeeting(), [first])
    table.say("orvanda", AcceptItem(), [exercise])
    table.say("tolmere", Commitment(outcome="done"), [promise])
    table.say("tolmere", Move(begins=LATER + 180 * DAY, form="in_person"), [second])


def accepted_moved_by_either(table: Table) -> None:
    """Who cannot come moves it; what is said last counts, of each meeting."""
    opened(table)
    meeting = scheduled(table)
    table.say("orvanda", Move(begins=LATER + 7 * DAY, form="video"), [scheduled(table, 2)])
    table.say("tolmere", Move(begins=LATER + DAY, form="video"), [meeting])
    table.say("orvanda", Move(begins=LATER + 2 * DAY, form="in_writing"), [meeting])


def accepted_moved_in_two_ways(table: Table) -> None:
    """Both move it, neither having seen the other: both times are shown, and the next word settles
    it.
    """
    opened(table)
    meeting = scheduled(table)
    table.catch_up("tolmere")
    table.say("orvanda", Move(begins=LATER + DAY, form="video"), [meeting])
    table.say("tolmere", Move(begins=LATER + 2 * DAY, form="video"), [meeting], apart=True)
    table.say("tolmere", Move(begins=LATER + DAY, form="video"), [meeting])


def accepted_moved_alike(table: Table) -> None:
    """Two who move it to the same time are no conflict."""
    opened(table)
    meeting = scheduled(table)
    table.catch_up("tolmere")
    move = Move(begins=LATER + DAY, form="video")
    table.say("orvanda", move, [meeting])
    table.say("tolmere", move, [meeting], apart=True)


def accepted_cancelled(table: Table) -> None:
    """Without a meeting set, both owe to set one, by the cadence."""
    opened(table, cadence=30)
    meeting = scheduled(table)
    table.say("tolmere", Cancel(reason="hindered"), [meeting])


def accepted_held_and_cancelled(table: Table) -> None:
    """One side cancels what the other says was held, neither having seen it: it was held."""
    opened(table)
    meeting = scheduled(table)
    table.catch_up("tolmere")
    table.say("orvanda", Hold(), [meeting])
    table.say("tolmere", Cancel(reason="not_needed"), [meeting], apart=True)


def accepted_closed_after_the_next_was_held(table: Table) -> None:
    """What was forgotten is closed later; a meeting that came after it is enough."""
    first = met(table)
    second = scheduled(table, 2)
    table.say("tolmere", Hold(), [second])
    table.say("orvanda", CloseMeeting(), [first])


# Agenda


def accepted_deferred_when_the_next_is_set(table: Table) -> None:
    """With the next meeting set already, who defers is asked again there, and at the one after."""
    first = met(table)
    item = table.say("orvanda", ProposeItem(), [scheduled(table, 2)])
    scheduled(table, 3)
    scheduled(table, 4)
    table.say("tolmere", DeferItem(), [item])
    table.say("tolmere", DeferItem(), [item])
    scheduled(table, 5)
    table.say("orvanda", CloseMeeting(), [first])


def accepted_a_cancelled_agenda(table: Table) -> None:
    """What nobody had said a word on waits for the next meeting, and who has yet to is asked."""
    opened(table, members=NAMES)
    first = scheduled(table)
    item = table.say("orvanda", ProposeItem(), [first])
    table.say("tolmere", AcceptItem(), [item])
    table.say("orvanda", Cancel(reason="postponed"), [first])
    scheduled(table, 2)


def accepted_items_withdrawn(table: Table) -> None:
    """Nobody owes a word on what was taken back, and it waits for no other meeting."""
    opened(table)
    first = scheduled(table)
    items = [table.say("orvanda", ProposeItem(), [first]) for _ in range(2)]
    table.say("tolmere", DeferItem(), items[:1])
    table.say("orvanda", WithdrawItem(), items)
    scheduled(table, 2)


def accepted_another_word_on_an_item(table: Table) -> None:
    """A later word takes the place of the earlier; who accepted is not asked again."""
    opened(table)
    item = table.say("orvanda", ProposeItem(), [scheduled(table)])
    table.say("tolmere", DeferItem(), [item])
    table.say("tolmere", AcceptItem(), [item])
    scheduled(table, 2)


def accepted_two_words_on_an_item(table: Table) -> None:
    """A machine that was restored says otherwise: deferring counts, and it is asked again."""
    opened(table)
    item = table.say("orvanda", ProposeItem(), [scheduled(table)])
    table.catch_up("tolmere")
    table.fork("tolmere", "tolmere/restored")
    table.say("tolmere", AcceptItem(), [item])
    table.say("tolmere/restored", DeferItem(), [item], apart=True)
    scheduled(table, 2)


# Summaries


def accepted_agreed_by_three(table: Table) -> None:
    """A summary is agreed when each of the others has said so; a draft gives way to a later one."""
    meeting = met(table, members=NAMES)
    table.say("sarivane", Draft(), [meeting])
    draft = table.say("orvanda", Draft(), [meeting])
    table.say("tolmere", AgreeSummary(), [draft])
    table.say("sarivane", AgreeSummary(), [draft])


def accepted_agreed_at_the_same_time(table: Table) -> None:
    """Two agree, neither having seen the other."""
    meeting = met(table, members=NAMES)
    draft = table.say("orvanda", Draft(), [meeting])
    table.catch_up("sarivane")
    table.say("tolmere", AgreeSummary(), [draft])
    table.say("sarivane", AgreeSummary(), [draft], apart=True)


def accepted_side_by_side(table: Table) -> None:
    """They do not agree on one text: each hands in its own, and owes nothing more."""
    meeting = met(table)
    table.say("tolmere", OwnSummary(lane="diplomatic"), [meeting])
    table.say("orvanda", Draft(), [meeting])
    table.say("tolmere", OwnSummary(), [meeting])
    table.say("orvanda", OwnSummary(), [meeting])


def accepted_left_before_agreeing(table: Table) -> None:
    """Who left has not agreed, and nobody did so for it; a new draft asks the others."""
    meeting = met(table, members=NAMES)
    draft = table.say("orvanda", Draft(), [meeting])
    table.say("sarivane", "leave")
    table.say("tolmere", AgreeSummary(), [draft])
    again = table.say("orvanda", Draft(), [meeting])
    table.say("tolmere", AgreeSummary(), [again])


def accepted_joined_after_the_draft(table: Table) -> None:
    """Who comes later owes no word on what was drafted before."""
    meeting = met(table)
    draft = table.say("orvanda", Draft(), [meeting])
    invites = [table.say(name, "invite", body={"party": table.id("sarivane")}) for name in TWO]
    table.say("sarivane", "join", body={"invite": invites[-1].id})
    table.say("tolmere", AgreeSummary(), [draft])
    table.say("sarivane", ProposeItem(), [scheduled(table, 2)])


# Commitments


def accepted_commitments(table: Table) -> None:
    """One is moved to a later time, one dropped with a reason, one done by an act that says so."""
    opened(table)
    kept, dropped, moved = (table.say("tolmere", Commit(due=LATER + n * DAY)) for n in range(3))
    table.say("tolmere", Commitment(outcome="done"), [kept])
    table.say("tolmere", Commitment(outcome="dropped", reason="overtaken"), [dropped])
    table.say("tolmere", Commitment(outcome="moved", due=LATER + 9 * DAY), [moved])
    table.say("tolmere", Commitment(outcome="moved", due=LATER + 19 * DAY), [moved])


# Ending


def accepted_ended(table: Table) -> None:
    """Of two, either ends it: the last meeting is closed without a next. Commitments stay owed."""
    opening = opened(table)
    meeting = scheduled(table)
    table.say("orvanda", Commit(due=LATER), [meeting])
    table.say("tolmere", Hold(), [meeting])
    table.say("orvanda", End(reason="purpose_met"), [opening])
    table.say("tolmere", CloseMeeting(), [meeting])


def accepted_one_of_three_ends_it(table: Table) -> None:
    """The two others go on, and owe to set the next meeting."""
    opening = opened(table, members=NAMES)
    meeting = scheduled(table)
    table.say("sarivane", End(reason="moved_elsewhere"), [opening])
    table.say("orvanda", Hold(), [meeting])


# What has no effect


def refused_d0_one_party_alone_brings_others_in(table: Table) -> None:
    """A dialogue in which a chair invites opens nothing: it is among equals."""
    table.open(Open(lanes=["diplomatic"]), members=TWO, growth=Growth.CHAIR)


def refused_d0_for_ever(table: Table) -> None:
    """A cadence is at most three years."""
    table.open({"lanes": ["legal"], "cadence": 1097}, members=TWO, growth=Growth.ALL)


def refused_d0_dropped_without_reason(table: Table) -> None:
    """What is dropped has a reason, be it that none is stated."""
    opened(table)
    promise = table.say("orvanda", Commit(due=LATER))
    table.say("orvanda", "commitment", [promise], {"outcome": "dropped"})


def refused_d0_moved_to_no_time(table: Table) -> None:
    """What is moved has a new time."""
    opened(table)
    promise = table.say("orvanda", Commit(due=LATER))
    table.say("orvanda", "commitment", [promise], {"outcome": "moved"})


def refused_d0_another_is_committed(table: Table) -> None:
    """No field commits another party."""
    opened(table)
    table.say("orvanda", "commit", body={"due": LATER, "party": table.id("tolmere")})


def refused_d1_alone(table: Table) -> None:
    """Nobody has a dialogue with itself."""
    opened(table, members=["orvanda"])


def refused_d2_set_for_the_past(table: Table) -> None:
    """A meeting that is set is to come."""
    opened(table)
    table.say("orvanda", Schedule(number=1, begins=TIME, form="in_person"))


def refused_d2_moved_to_the_past(table: Table) -> None:
    """So is one that is moved."""
    opened(table)
    table.say("orvanda", Move(begins=TIME, form="video"), [scheduled(table)])


def refused_d2_committed_too_late(table: Table) -> None:
    """So is what a party commits to."""
    opened(table)
    table.say("orvanda", Commit(due=LATER), time=LATER)


def refused_d2_put_off_to_the_past(table: Table) -> None:
    """So is what it puts off."""
    opened(table)
    promise = table.say("orvanda", Commit(due=LATER))
    table.say("orvanda", Commitment(outcome="moved", due=TIME), [promise])


def refused_d3_a_number_twice(table: Table) -> None:
    """A number names one meeting, also where it was cancelled."""
    opened(table)
    table.say("orvanda", Cancel(reason="not_stated"), [scheduled(table)])
    scheduled(table, by="tolmere")


def refused_d4_held_though_cancelled(table: Table) -> None:
    """What was cancelled is set anew."""
    opened(table)
    meeting = scheduled(table)
    table.say("orvanda", Cancel(reason="not_needed"), [meeting])
    table.say("tolmere", Hold(), [meeting])


def refused_d4_moved_after_it_was_held(table: Table) -> None:
    """What took place does not take place at another time."""
    table.say("orvanda", Move(begins=LATER, form="video"), [met(table)])


def refused_d4_cancelled_after_it_was_held(table: Table) -> None:
    """Nor did it not take place."""
    table.say("orvanda", Cancel(reason="not_stated"), [met(table)])


def refused_d4_an_item_for_a_meeting_that_was_held(table: Table) -> None:
    """What is to be talked about is proposed for the next."""
    table.say("orvanda", ProposeItem(), [met(table)])


def refused_d5_own_item_accepted(table: Table) -> None:
    """Others say whether they will talk about it, not even among theirs one's own."""
    opened(table)
    meeting = scheduled(table)
    items = [table.say(name, ProposeItem(), [meeting]) for name in TWO]
    table.say("orvanda", AcceptItem(), items)


def refused_d5_own_item_deferred(table: Table) -> None:
    """Who does not want it any more withdraws it."""
    opened(table)
    item = table.say("orvanda", ProposeItem(), [scheduled(table)])
    table.say("orvanda", DeferItem(), [item])


def refused_d5_own_summary_agreed(table: Table) -> None:
    """Nobody agrees with itself."""
    draft = table.say("orvanda", Draft(), [met(table)])
    table.say("orvanda", AgreeSummary(), [draft])


def refused_d6_item_withdrawn_by_another(table: Table) -> None:
    """Nobody takes another's item off the table."""
    opened(table)
    item = table.say("orvanda", ProposeItem(), [scheduled(table)])
    table.say("tolmere", WithdrawItem(), [item])


def refused_d6_done_by_another(table: Table) -> None:
    """Nobody says for another that it kept its word, or did not."""
    opened(table)
    promise = table.say("orvanda", Commit(due=LATER))
    table.say("tolmere", Commitment(outcome="done"), [promise])


def refused_d7_summed_up_before_it_was_held(table: Table) -> None:
    """Nobody writes down beforehand what will be said."""
    opened(table)
    table.say("orvanda", Draft(), [scheduled(table)])


def refused_d7_own_summary_before_it_was_held(table: Table) -> None:
    """Not even for itself."""
    opened(table)
    table.say("orvanda", OwnSummary(), [scheduled(table)])


def refused_d7_closed_before_it_was_held(table: Table) -> None:
    """What is not wanted is cancelled."""
    opened(table)
    table.say("orvanda", CloseMeeting(), [scheduled(table)])


def refused_d8_no_next_meeting(table: Table) -> None:
    """There is a next date before one closes."""
    table.say("orvanda", CloseMeeting(), [met(table)])


def refused_d8_the_next_was_cancelled(table: Table) -> None:
    """A date that was cancelled is none."""
    first = met(table)
    table.say("tolmere", Cancel(reason="postponed"), [scheduled(table, 2)])
    table.say("orvanda", CloseMeeting(), [first])


def refused_d8_two_of_three_go_on(table: Table) -> None:
    """That a third has ended it lets two go on without a date no more than before."""
    opening = opened(table, members=NAMES)
    meeting = scheduled(table)
    table.say("tolmere", Hold(), [meeting])
    table.say("sarivane", End(reason="not_stated"), [opening])
    table.say("orvanda", CloseMeeting(), [meeting])


def refused_d9_done_twice(table: Table) -> None:
    """What was said to be done stays done."""
    opened(table)
    promise = table.say("orvanda", Commit(due=LATER))
    table.say("orvanda", Commitment(outcome="moved", due=LATER + DAY), [promise])
    table.say("orvanda", Commitment(outcome="done"), [promise])
    table.say("orvanda", Commitment(outcome="dropped", reason="not_stated"), [promise])


def refused_d10_set_after_ending_it(table: Table) -> None:
    """Who has ended it sets no meeting."""
    opening = opened(table)
    table.say("orvanda", End(reason="no_agreement"), [opening])
    scheduled(table)


def refused_d10_moved_after_ending_it(table: Table) -> None:
    """Nor moves the others' to a time of its own."""
    opening = opened(table, members=NAMES)
    meeting = scheduled(table)
    table.say("orvanda", End(reason="not_needed"), [opening])
    table.say("orvanda", Move(begins=LATER + DAY, form="video"), [meeting])


def refused_d10_item_after_ending_it(table: Table) -> None:
    """Nor proposes what they are to talk about."""
    opening = opened(table, members=NAMES)
    meeting = scheduled(table)
    table.say("orvanda", End(reason="not_needed"), [opening])
    table.say("orvanda", ProposeItem(), [meeting])


def refused_d10_committed_after_ending_it(table: Table) -> None:
    """Nor commits itself."""
    opening = opened(table)
    table.say("orvanda", End(reason="not_needed"), [opening])
    table.say("orvanda", Commit(due=LATER))


def refused_d11_in_a_lane_it_has_not(table: Table) -> None:
    """A dialogue of diplomats and technicians has no legal lane."""
    opened(table)
    table.say("orvanda", ProposeItem(lane="legal"), [scheduled(table)])
