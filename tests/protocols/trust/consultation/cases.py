"""The cases of a consultation: each function plays one and is written as the vector of its name.

Together they walk every path of the ladder, as ``test_ladder.py`` lists them, and the ways out that
are always open.
"""

from __future__ import annotations

from typing import Any

from comity.kernel.act import Act
from comity.kernel.canon import Object
from comity.kernel.ids import PartyId
from comity.kernel.kinds import Growth
from comity.protocols.trust.consultation.acts import (
    AgreeRelease,
    AnswerHelper,
    AnswerMeeting,
    Close,
    MarkMistake,
    MeetingHeld,
    Pause,
    ProposeHelper,
    ProposeMeeting,
    TechnicalOnly,
    Withdraw,
)
from comity.protocols.trust.consultation.codes import HOUR
from comity.protocols.trust.consultation.questions import (
    Acknowledge,
    Answer,
    Ask,
    DeclineAnswer,
    Inform,
    MoreTime,
    Open,
)
from tests.kernel.world import digest
from tests.protocols.table import LATER, TIME, Table

TWO = ("orvanda", "tolmere")
BOTH = ["diplomatic", "technical"]


def opened(table: Table, *, growth: str = Growth.ALL, **terms: Any) -> Act:
    """Orvanda asks Tolmere, in both lanes unless other terms are given."""
    usual: dict[str, Any] = {"urgency": "routine", "lanes": BOTH}
    return table.open(Open(**usual | terms), members=TWO, growth=growth)


def helped(table: Table) -> Act:
    """Orvanda asks Tolmere, and Sarivane comes as the helper that both agreed on."""
    opening = opened(table)
    bring_helper(table)
    return opening


def bring_helper(table: Table) -> None:
    """Let both agree on Sarivane, invite it, and let it join."""
    proposal = table.say("orvanda", ProposeHelper(party=table.id("sarivane")))
    table.say("tolmere", AnswerHelper(word="agreed"), [proposal])
    invites = [table.say(name, "invite", body={"party": table.id("sarivane")}) for name in TWO]
    table.say("sarivane", "join", body={"invite": invites[-1].id})


# Asked, and answered


def accepted_a_crisis_that_did_not_happen(table: Table) -> None:
    """Two questions, one answered and one not known; both say that it is clarified."""
    opening = opened(
        table,
        urgency="urgent",
        rsit="information-gathering",
        since=TIME - 6 * HOUR,
        critical="not_known",
        effect="seen",
        reply_by=LATER,
    )
    table.say("tolmere", Acknowledge(as_="passed_on"), [opening])
    second = table.say("orvanda", Ask(lane="technical"))
    table.say("tolmere", Answer(result="yes", lane="technical"), [opening])
    table.say("tolmere", MoreTime(hours=24, reason="looking"), [second])
    table.say("tolmere", Answer(result="not_known"), [second])
    table.say("orvanda", Inform(lane="technical"), [second])
    table.say("orvanda", Close(outcome="clarified"), [opening])
    table.say("tolmere", Close(outcome="clarified"), [opening])


def accepted_rung_after_rung(table: Table) -> None:
    """The whole ladder: taken notice of, more time, answered in part and whole, met, helped, ended
    together.
    """
    opening = opened(table, urgency="flash")
    table.say("tolmere", Acknowledge(as_="read"), [opening])
    table.say("tolmere", MoreTime(hours=12, reason="others"), [opening])
    table.say("tolmere", Answer(result="no", partly=True), [opening])
    table.say("tolmere", Answer(result="not_known"), [opening])
    meeting = table.say("tolmere", ProposeMeeting(form="in_person", at=LATER))
    table.say("orvanda", AnswerMeeting(word="accepted"), [meeting])
    table.say("orvanda", MeetingHeld(), [meeting])
    bring_helper(table)
    table.say("tolmere", Close(outcome="clarified"), [opening])
    table.say("orvanda", Close(outcome="clarified", lessons=True), [opening])


def accepted_waiting_for_a_reply(table: Table) -> None:
    """Nobody has said a word: what is due is due 48 hours after the opening, and no reply is no
    refusal.
    """
    opened(table)


def accepted_flash(table: Table) -> None:
    """What goes before anything else is acknowledged within four hours."""
    opened(table, urgency="flash", lanes=["technical"])


def accepted_answered_in_part(table: Table) -> None:
    """A first part leaves the rest owed; then the rest comes."""
    opening = opened(table)
    table.say("tolmere", Answer(result="yes", partly=True), [opening])
    table.say("tolmere", Answer(result="yes"), [opening])


def accepted_cannot_say(table: Table) -> None:
    """An answer that says as much is an answer."""
    opening = opened(table)
    table.say("tolmere", Answer(result="cannot_say"), [opening])


def accepted_more_time(table: Table) -> None:
    """A question is due later by the hours that were taken, and goes on being owed."""
    opening = opened(table)
    table.say("tolmere", MoreTime(hours=48, reason="approval"), [opening])


def accepted_more_time_for_one_of_two(table: Table) -> None:
    """Each question has its own clock."""
    opening = opened(table)
    table.say("orvanda", Ask(due=LATER))
    table.say("tolmere", MoreTime(hours=6, reason="not_stated"), [opening])


def accepted_acknowledged_in_one_lane(table: Table) -> None:
    """A further question need not be acknowledged; whoever says anything has noticed the first."""
    opening = opened(table)
    table.say("tolmere", Acknowledge(as_="looking", lane="technical"), [opening])
    table.say("orvanda", Ask())


def accepted_declined(table: Table) -> None:
    """Tolmere says that it will not answer, and need not say why."""
    opening = opened(table)
    table.say("tolmere", DeclineAnswer(), [opening])


def accepted_declined_one_of_two(table: Table) -> None:
    """What is declined and what is open stand apart; an answer may still take its place."""
    opening = opened(table)
    table.say("orvanda", Ask())
    table.say("tolmere", DeclineAnswer(reason="other_channel"), [opening])
    table.say("tolmere", Answer(result="no"), [opening])


def accepted_takes_no_part(table: Table) -> None:
    """The party asked declines to take part at all: it owes nothing, and has not answered."""
    opened(table)
    table.say("tolmere", "decline")


def accepted_asked_back(table: Table) -> None:
    """Who was asked asks, too, and is answered; the status is that of the asker's questions."""
    opened(table)
    back = table.say("tolmere", Ask(due=LATER))
    table.say("orvanda", Answer(result="no"), [back])


# Taken back, put right


def accepted_withdrawn(table: Table) -> None:
    """The asker takes the opening back: Tolmere owes nothing more."""
    opening = opened(table)
    table.say("orvanda", Withdraw(), [opening])


def accepted_one_question_withdrawn(table: Table) -> None:
    """A further question is taken back by itself."""
    opening = opened(table)
    second = table.say("orvanda", Ask())
    table.say("tolmere", Answer(result="no"), [opening])
    table.say("orvanda", Withdraw(), [second])


def accepted_opened_by_mistake(table: Table) -> None:
    """The asker says that it misread what it saw. The record stays, and Tolmere may say so, too."""
    opening = opened(table)
    table.say("tolmere", Answer(result="no"), [opening])
    mark = table.say("orvanda", MarkMistake(reason="misread"), [opening])
    table.say("tolmere", Acknowledge(as_="read"), [mark])


def accepted_answered_by_mistake(table: Table) -> None:
    """An answer that was wrong is marked, owed anew, and put right."""
    opening = opened(table)
    wrong = table.say("tolmere", Answer(result="no"), [opening])
    table.say("tolmere", MarkMistake(reason="wrong_facts"), [wrong])
    table.say("tolmere", Answer(result="yes"), [opening])


def accepted_replaced_and_marked(table: Table) -> None:
    """An answer that another had taken the place of is marked: nothing is owed for it."""
    opening = opened(table)
    wrong = table.say("tolmere", DeclineAnswer(reason="law"), [opening])
    table.say("tolmere", Answer(result="yes"), [opening])
    table.say("tolmere", MarkMistake(reason="sent_in_error"), [wrong])


# Slower, and among fewer


def accepted_paused(table: Table) -> None:
    """Pauses move what is due by their hours, once where they overlap; what was due before one
    began stays as it is.
    """
    opening = opened(table, reply_by=TIME + HOUR)
    table.say("orvanda", Ask())
    table.say("orvanda", Pause(hours=72), [opening], time=TIME + 2 * HOUR)
    table.say("tolmere", Inform())
    table.say("tolmere", Pause(hours=24), [opening], time=TIME + 62 * HOUR)


def accepted_asked_after_the_pause(table: Table) -> None:
    """When the pause is over, questions are asked again."""
    opening = opened(table)
    table.say("tolmere", Pause(hours=1), [opening])
    table.say("orvanda", Ask(), time=TIME + 2 * HOUR)


def accepted_asked_while_crossing_the_pause(table: Table) -> None:
    """A question under way when the pause was called was not seen by it, and stands."""
    opening = opened(table)
    table.catch_up("orvanda")
    table.say("tolmere", Pause(hours=24), [opening])
    table.say("orvanda", Ask(), apart=True)


def accepted_among_technicians(table: Table) -> None:
    """Each party leaves the diplomatic lane for itself; technicians go on."""
    opening = opened(table)
    table.say("tolmere", TechnicalOnly(), [opening])
    table.say("orvanda", Ask(lane="diplomatic"))
    table.say("orvanda", TechnicalOnly(), [opening])
    table.say("tolmere", Answer(result="yes", lane="technical"), [opening])


# Meeting


def accepted_met(table: Table) -> None:
    """Proposed, another time, accepted, held; they agree to differ."""
    opening = opened(table, lanes=["diplomatic"])
    first = table.say("orvanda", ProposeMeeting(form="in_person", at=LATER))
    other = ProposeMeeting(form="video", at=LATER + 24 * HOUR, lane="diplomatic")
    second = table.say("tolmere", other, [first])
    table.say("orvanda", AnswerMeeting(word="accepted"), [second])
    table.say("tolmere", MeetingHeld(), [second])
    table.say("orvanda", MeetingHeld(), [second])
    table.say("tolmere", Close(outcome="agreed_to_differ", lessons=True), [opening])
    table.say("orvanda", Close(outcome="agreed_to_differ"), [opening])


def accepted_not_now(table: Table) -> None:
    """A meeting is not wanted now, then it is, then not; another is proposed and taken back."""
    opened(table)
    first = table.say("tolmere", ProposeMeeting(form="text", at=LATER))
    table.say("orvanda", AnswerMeeting(word="not_now"), [first])
    table.say("orvanda", AnswerMeeting(word="accepted"), [first])
    table.say("orvanda", AnswerMeeting(word="not_now"), [first])
    second = table.say("tolmere", ProposeMeeting(form="video", at=TIME + 100 * HOUR))
    table.say("tolmere", Withdraw(), [second])


def accepted_said_to_be_held_by_mistake(table: Table) -> None:
    """Who noted the wrong meeting says so."""
    opened(table)
    meeting = table.say("orvanda", ProposeMeeting(form="video", at=LATER))
    table.say("tolmere", AnswerMeeting(word="accepted"), [meeting])
    held = table.say("tolmere", MeetingHeld(), [meeting])
    table.say("tolmere", MarkMistake(reason="other"), [held])


# A helper


def accepted_with_a_helper(table: Table) -> None:
    """Both agree on Sarivane and invite it; it is given what one said and the other agreed to."""
    opening = helped(table)
    table.say("tolmere", AgreeRelease(), [opening])
    given: Object = {"acts": [opening.id], "to": table.id("sarivane")}
    table.say("orvanda", "release", body=given)
    table.say("sarivane", Acknowledge(as_="read"), [opening])
    table.say("sarivane", Inform(lane="technical"), [opening])
    table.say("orvanda", Close(outcome="moved_elsewhere"), [opening])
    table.say("tolmere", Close(outcome="moved_elsewhere"), [opening])


def accepted_not_agreed_then_another(table: Table) -> None:
    """The helper first proposed is not agreed to, and a word may be changed, also back; on another
    both agree.
    """
    opened(table)
    first = table.say("tolmere", ProposeHelper(party=PartyId(digest("a party not at the table"))))
    for word in ("not_agreed", "agreed", "not_agreed"):
        table.say("orvanda", AnswerHelper(word=word), [first])
    second = table.say("tolmere", ProposeHelper(party=table.id("sarivane")))
    table.say("orvanda", AnswerHelper(word="agreed"), [second])
    table.say("orvanda", "invite", body={"party": table.id("sarivane")})


def accepted_one_helper_after_another(table: Table) -> None:
    """A helper that has left may be asked to come again, by both."""
    helped(table)
    table.say("sarivane", "leave")
    proposal = table.say("tolmere", ProposeHelper(party=table.id("sarivane")))
    table.say("orvanda", AnswerHelper(word="agreed"), [proposal])


# Closing


def accepted_closed_by_one_side(table: Table) -> None:
    """The party asked closes: it ends nothing for the asker, and its own list stays."""
    opening = opened(table)
    table.say("tolmere", Close(outcome="clarified"), [opening])
    table.say("orvanda", Ask())


def accepted_closed_in_two_ways(table: Table) -> None:
    """Each side says how it ends for itself; nobody has to agree. A later word settles it."""
    opening = opened(table)
    table.say("orvanda", Close(outcome="agreed_to_differ"), [opening])
    table.say("tolmere", Close(outcome="clarified"), [opening])
    table.say("orvanda", Close(outcome="clarified"), [opening])


def accepted_asked_while_crossing_the_closing(table: Table) -> None:
    """A question that the closing had not seen is owed."""
    opening = opened(table)
    table.say("tolmere", Close(outcome="clarified"), [opening])
    table.say("orvanda", Ask(), apart=True)


def accepted_restored(table: Table) -> None:
    """A machine that was restored takes more time again: the longer of the two counts."""
    opening = opened(table)
    table.fork("tolmere", "tolmere/restored")
    table.say("tolmere", MoreTime(hours=6, reason="others"), [opening])
    again = MoreTime(hours=12, reason="volume")
    table.say("tolmere/restored", again, [opening], apart=True)


# What has no effect


def refused_d0_no_urgency(table: Table) -> None:
    """An opening says how urgent it is."""
    table.open({"lanes": [*BOTH]}, members=TWO, growth=Growth.ALL)


def refused_d0_an_actor_is_named(table: Table) -> None:
    """There is no field to say who did it, and one that is not declared opens nothing."""
    terms: Object = {"urgency": "routine", "lanes": [*BOTH], "actor": table.id("tolmere")}
    table.open(terms, members=TWO, growth=Growth.ALL)


def refused_d0_accused(table: Table) -> None:
    """No kind accuses."""
    opened(table)
    table.say("orvanda", "accuse", body={"party": table.id("tolmere")})


def refused_d0_one_party_alone_brings_others_in(table: Table) -> None:
    """A consultation in which a chair invites opens nothing."""
    opened(table, growth=Growth.CHAIR)


def refused_d0_two_questions_in_one_answer(table: Table) -> None:
    """Each question is answered by itself."""
    opening = opened(table)
    second = table.say("orvanda", Ask())
    table.say("tolmere", Answer(result="no"), [opening, second])


def refused_d0_too_much_time(table: Table) -> None:
    """More than 48 hours more is not taken."""
    opening = opened(table)
    table.say("tolmere", "more_time", [opening], {"hours": 49, "reason": "looking"})


def refused_d0_more_time_without_reason(table: Table) -> None:
    """More time has a reason, be it that none is stated."""
    opening = opened(table)
    table.say("tolmere", "more_time", [opening], {"hours": 12})


def refused_d0_too_long_a_pause(table: Table) -> None:
    """A pause lasts 72 hours at most."""
    opening = opened(table)
    table.say("tolmere", "pause", [opening], {"hours": 73})


def refused_d1_alone(table: Table) -> None:
    """Nobody consults itself."""
    table.open(Open(urgency="routine", lanes=BOTH), members=["orvanda"], growth=Growth.ALL)


def refused_d1_of_three(table: Table) -> None:
    """A third party is no founder: it comes when both want it."""
    table.open(Open(urgency="routine", lanes=BOTH), growth=Growth.ALL)


def refused_d2_reply_by_before_it_was_asked(table: Table) -> None:
    """Nobody is late from the start."""
    opened(table, reply_by=TIME)


def refused_d2_question_due_before_it_was_asked(table: Table) -> None:
    """Nor for a further question."""
    opened(table)
    table.say("orvanda", Ask(due=TIME))


def refused_d2_meeting_in_the_past(table: Table) -> None:
    """A meeting is proposed for a time to come."""
    opened(table)
    table.say("tolmere", ProposeMeeting(form="video", at=TIME))


def refused_d3_helper_asks(table: Table) -> None:
    """A helper does not ask the two."""
    helped(table)
    table.say("sarivane", Ask())


def refused_d3_helper_closes(table: Table) -> None:
    """A helper closes nothing: when it has done its part, it leaves."""
    opening = helped(table)
    table.say("sarivane", Close(outcome="clarified"), [opening])


def refused_d4_own_question_answered(table: Table) -> None:
    """Nobody answers itself."""
    opening = opened(table)
    table.say("orvanda", Answer(result="yes"), [opening])


def refused_d4_own_question_acknowledged(table: Table) -> None:
    """Nobody acknowledges itself."""
    opening = opened(table)
    table.say("orvanda", Acknowledge(as_="read"), [opening])


def refused_d4_own_meeting_accepted(table: Table) -> None:
    """Nobody accepts for the other."""
    opened(table)
    meeting = table.say("orvanda", ProposeMeeting(form="video", at=LATER))
    table.say("orvanda", AnswerMeeting(word="accepted"), [meeting])


def refused_d4_own_helper_agreed(table: Table) -> None:
    """Nobody agrees for the other."""
    opened(table)
    proposal = table.say("orvanda", ProposeHelper(party=table.id("sarivane")))
    table.say("orvanda", AnswerHelper(word="agreed"), [proposal])


def refused_d5_other_question_withdrawn(table: Table) -> None:
    """Only the asker takes back what it asked."""
    opening = opened(table)
    table.say("tolmere", Withdraw(), [opening])


def refused_d5_other_answer_called_a_mistake(table: Table) -> None:
    """Nobody calls another's word a mistake."""
    opening = opened(table)
    answer = table.say("tolmere", Answer(result="no"), [opening])
    table.say("orvanda", MarkMistake(reason="wrong_facts"), [answer])


def refused_d6_more_time_twice(table: Table) -> None:
    """Time is taken once for a question."""
    opening = opened(table)
    table.say("tolmere", MoreTime(hours=1, reason="looking"), [opening])
    table.say("tolmere", MoreTime(hours=1, reason="looking"), [opening])


def refused_d7_paused_twice(table: Table) -> None:
    """Pauses do not follow on each other."""
    opening = opened(table)
    table.say("tolmere", Pause(hours=1), [opening])
    table.say("tolmere", Pause(hours=1), [opening], time=TIME + 2 * HOUR)


def refused_d8_asked_in_a_pause(table: Table) -> None:
    """During a pause nothing new is asked, not at its last moment either."""
    opening = opened(table)
    table.say("tolmere", Pause(hours=1), [opening], time=TIME)
    table.say("orvanda", Ask(), time=TIME + HOUR - 1)


def refused_d8_meeting_proposed_in_an_own_pause(table: Table) -> None:
    """Who paused does not press on either."""
    opening = opened(table)
    table.say("orvanda", Pause(hours=2), [opening])
    table.say("orvanda", ProposeMeeting(form="video", at=LATER))


def refused_d9_held_without_word(table: Table) -> None:
    """A meeting that nobody accepted was not held."""
    opened(table)
    meeting = table.say("orvanda", ProposeMeeting(form="video", at=LATER))
    table.say("tolmere", AnswerMeeting(word="not_now"), [meeting])
    table.say("orvanda", MeetingHeld(), [meeting])


def refused_d10_invited_before_both_agreed(table: Table) -> None:
    """The other party's word comes before anything reaches a third."""
    opened(table)
    table.say("orvanda", ProposeHelper(party=table.id("sarivane")))
    table.say("orvanda", "invite", body={"party": table.id("sarivane")})


def refused_d10_invited_after_the_word_was_changed(table: Table) -> None:
    """The newest word counts."""
    opened(table)
    proposal = table.say("orvanda", ProposeHelper(party=table.id("sarivane")))
    table.say("tolmere", AnswerHelper(word="agreed"), [proposal])
    table.say("tolmere", AnswerHelper(word="not_agreed"), [proposal])
    table.say("orvanda", "invite", body={"party": table.id("sarivane")})


def refused_d10_a_party_to_it_as_helper(table: Table) -> None:
    """The other of the two is no helper."""
    opened(table)
    table.say("orvanda", ProposeHelper(party=table.id("tolmere")))


def refused_d10_helper_where_nobody_may_come(table: Table) -> None:
    """A consultation that was opened to nobody else stays between the two."""
    opened(table, growth=Growth.CLOSED)
    table.say("orvanda", ProposeHelper(party=table.id("sarivane")))


def refused_d10_second_helper(table: Table) -> None:
    """While there is a helper, no other is proposed: the first would have to agree."""
    helped(table)
    table.say("orvanda", ProposeHelper(party=table.id("sarivane")))


def refused_d10_helper_invites(table: Table) -> None:
    """A helper brings nobody in."""
    helped(table)
    table.say("tolmere", "leave")
    table.say("sarivane", "invite", body={"party": table.id("tolmere")})


def refused_d11_released_without_the_other(table: Table) -> None:
    """A helper sees of what was said before only what both release."""
    opening = helped(table)
    given: Object = {"acts": [opening.id], "to": table.id("sarivane")}
    table.say("orvanda", "release", body=given)


def refused_d12_asked_after_closing(table: Table) -> None:
    """Who has closed asks nothing new."""
    opening = opened(table)
    table.say("orvanda", Close(outcome="clarified"), [opening])
    table.say("orvanda", Ask())


def refused_d12_paused_after_withdrawing(table: Table) -> None:
    """When the opening was taken back there is nothing to pause."""
    opening = opened(table)
    table.say("orvanda", Withdraw(), [opening])
    table.say("tolmere", Pause(hours=1), [opening])


def refused_d12_asked_after_a_mistake(table: Table) -> None:
    """Nor is anything asked once it was a mistake."""
    opening = opened(table)
    table.say("orvanda", MarkMistake(reason="wrong_party"), [opening])
    table.say("tolmere", Ask())


def refused_d13_in_a_lane_it_was_not_opened_in(table: Table) -> None:
    """What was opened among technicians says nothing to diplomats."""
    opened(table, lanes=["technical"])
    table.say("tolmere", Inform(lane="diplomatic"))


def refused_d13_among_technicians_that_were_not_asked(table: Table) -> None:
    """Where there is no technical lane, none can be gone on in."""
    opening = opened(table, lanes=["diplomatic"])
    table.say("tolmere", TechnicalOnly(), [opening])


def refused_d13_in_a_lane_that_was_left(table: Table) -> None:
    """Who goes on among technicians alone does so."""
    opening = opened(table)
    table.say("tolmere", TechnicalOnly(), [opening])
    table.say("tolmere", Answer(result="no", lane="diplomatic"), [opening])
