"""The cases of a contact check: each function plays one and is written as its vector."""

from __future__ import annotations

from dataclasses import replace

from comity.kernel.act import Act
from comity.kernel.ids import Id
from comity.protocols.trust.contact_check.acts import Answer, Close, Open, Probe, Remind, Result
from comity.protocols.trust.contact_check.rules import seal_of
from tests.protocols.table import LATER, TIME, Table

TWO = ("orvanda", "tolmere")
HOUR = 3_600_000
CHECK = Open(campaign="council/2026-2", level=3, due_hours=24)
MAIL = Probe(contact="duty_desk", channel="email", level=2, due=LATER, fields=["email", "phone"])
PHONE = Probe(contact="duty_desk", channel="phone", level=1, due=LATER)
RIGHT = Answer(outcome="confirmed")


def opened(table: Table) -> Act:
    """Orvanda checks Tolmere."""
    return table.open(CHECK, members=TWO)


def alone(table: Table) -> Act:
    """Orvanda checks a ministry that has no node."""
    return table.open(replace(CHECK, seat="sarivane/ministry"), members=["orvanda"])


def sealed(nonce: int) -> Probe:
    """A call, in which eight digits are told."""
    return replace(PHONE, seal=Id(seal_of(PHONE.contact, PHONE.channel, nonce)))


def accepted_a_stale_telephone(table: Table) -> None:
    """Mail reaches the desk, its telephone number is old; the deputy answers the second call."""
    opening = table.open(replace(CHECK, lanes=["diplomatic", "technical"]), members=TWO)
    node = table.say("orvanda", Probe(contact="duty_desk", channel="node", level=0, due=LATER))
    mail = table.say("orvanda", MAIL)
    call = table.say("orvanda", sealed(41_337_002))
    table.say("orvanda", Result(outcome="auto_only"), [node])
    table.say("orvanda", Remind(stage="half"), [call])
    stale = Answer(outcome="corrected", fields=["email"], corrected=["phone"])
    table.say("tolmere", stale, [mail], time=TIME + HOUR)
    table.say("orvanda", Result(outcome="wrong_person"), [call])
    table.say("orvanda", Remind(stage="deputy"), [call], time=LATER)
    table.say("tolmere", replace(RIGHT, who="deputy", nonce=41_337_002), [call])
    table.say("orvanda", Close(end="done"), [opening])


def accepted_all_right(table: Table) -> None:
    """Both ways reach the desk, and all is right; the task of the third level was done."""
    opened(table)
    mail = table.say("orvanda", replace(MAIL, level=3))
    call = table.say("orvanda", replace(PHONE, listed_by=table.id("tolmere")))
    table.say("tolmere", replace(RIGHT, fields=["email", "phone"]), [mail])
    tasks = ["deputy_named", "lane_informed", "sample_acknowledged"]
    table.say("tolmere", replace(RIGHT, fields=["email", "phone"], tasks=tasks), [mail])
    table.say("tolmere", RIGHT, [call])


def accepted_corrected(table: Table) -> None:
    """What has changed is told in the answer."""
    opened(table)
    mail = table.say("orvanda", MAIL)
    table.say("tolmere", Answer(outcome="corrected", corrected=["email", "phone"]), [mail])


def accepted_waiting(table: Table) -> None:
    """Two probes are open, each due at its time; an answer to one leaves the other."""
    opened(table)
    mail = table.say("orvanda", MAIL)
    table.say("orvanda", replace(PHONE, due=TIME + HOUR))
    table.say("tolmere", RIGHT, [mail])


def accepted_nobody_answered(table: Table) -> None:
    """All reminders go out, each in its time; then it is silence, which is no refusal."""
    opening = opened(table)
    mail = table.say("orvanda", MAIL)
    for stage in ("half", "ninety"):
        table.say("orvanda", Remind(stage=stage), [mail])
    table.say("orvanda", Remind(stage="deputy"), [mail], time=LATER)
    table.say("orvanda", Remind(stage="second_channel", channel="phone"), [mail])
    table.say("orvanda", Remind(stage="authority"), [mail])
    table.say("orvanda", Result(outcome="silent"), [mail])
    table.say("orvanda", Close(end="done"), [opening])


def accepted_stopped(table: Table) -> None:
    """A check that is stopped asks for nothing more; an answer that comes all the same counts."""
    opening = opened(table)
    mail = table.say("orvanda", MAIL)
    call = table.say("orvanda", PHONE)
    table.say("orvanda", Close(end="stopped"), [opening])
    table.say("tolmere", RIGHT, [mail])
    table.say("tolmere", RIGHT, [call])


def accepted_stopped_in_between(table: Table) -> None:
    """One answer came before the check was stopped, one never."""
    opening = opened(table)
    mail = table.say("orvanda", MAIL)
    table.say("orvanda", PHONE)
    table.say("tolmere", RIGHT, [mail])
    table.say("orvanda", Close(end="stopped"), [opening])


def accepted_declined(table: Table) -> None:
    """Who declines was reached by a person, and need not say why."""
    opened(table)
    mail = table.say("orvanda", sealed(12_345_678))
    table.say("tolmere", Answer(outcome="declined", reason="not_stated"), [mail])


def accepted_came_back_then_answered(table: Table) -> None:
    """What who asked says of it gives way to an answer, also to one that crossed it."""
    opened(table)
    mail = table.say("orvanda", MAIL)
    table.catch_up("tolmere")
    table.say("orvanda", Result(outcome="bounced"), [mail])
    table.say("tolmere", RIGHT, [mail], apart=True)


def accepted_without_a_node(table: Table) -> None:
    """A ministry answers a letter by its link; what it says is recorded as said by a guest."""
    opening = alone(table)
    mail = table.say("orvanda", MAIL)
    answer = Answer(outcome="corrected", fields=["email"], corrected=["phone"])
    table.record("orvanda", "desk", mail, answer, [mail])
    table.say("orvanda", Close(end="done"), [opening])


def accepted_a_letter_to_a_party_with_a_node(table: Table) -> None:
    """A letter tests the mailbox, and its link is answered by whoever reads it there."""
    opened(table)
    mail = table.say("orvanda", MAIL)
    table.record("orvanda", "desk", mail, Answer(outcome="wrong_person"), [mail])


def accepted_two_words_on_one(table: Table) -> None:
    """A guest and the party answer the same; the later word is shown, the first is the time."""
    opened(table)
    mail = table.say("orvanda", MAIL)
    table.record("orvanda", "desk", mail, Answer(outcome="wrong_person"), [mail])
    table.say("tolmere", RIGHT, [mail], time=TIME + HOUR)


def accepted_before_it_was_asked(table: Table) -> None:
    """A clock that is slow there lets nobody have answered before being asked."""
    opened(table)
    mail = table.say("orvanda", MAIL, time=TIME + HOUR)
    table.say("tolmere", RIGHT, [mail], time=TIME + 1)


def accepted_closed_before_it_was_opened(table: Table) -> None:
    """A restored machine closes it in another way: the later word counts."""
    opening = opened(table)
    table.fork("orvanda", "orvanda/restored")
    table.say("orvanda", Close(end="done"), [opening])
    table.say("orvanda/restored", Close(end="stopped"), [opening], apart=True)


def accepted_taken_no_part(table: Table) -> None:
    """Who leaves owes no answer any more."""
    opened(table)
    table.say("orvanda", MAIL)
    table.say("tolmere", "leave")


def accepted_the_longest_handles(table: Table) -> None:
    """What is found by the longest handles still fits."""
    table.open(replace(CHECK, campaign="c" * 64), members=TWO)
    due = 2**53 - 1
    call = Probe(contact="d" * 64, channel="phone_emergency", level=1, due=due)
    probe = table.say("orvanda", call)
    table.say("tolmere", Answer(outcome="wrong_person", who="deputy"), [probe])


def refused_d0_level_beyond(table: Table) -> None:
    """There are four levels."""
    table.open({**CHECK.to_body(), "level": 4}, members=TWO)


def refused_d0_a_number_in_the_header(table: Table) -> None:
    """A contact is a handle, and never a number or an address."""
    opened(table)
    table.say("orvanda", "probe", body={**MAIL.to_body(), "contact": "+1 202 555 0100"})


def refused_d0_corrected_without_a_field(table: Table) -> None:
    """Who corrects says what."""
    opened(table)
    mail = table.say("orvanda", MAIL)
    table.say("tolmere", "answer", [mail], {"outcome": "corrected"})


def refused_d0_a_reminder_recorded(table: Table) -> None:
    """Of a guest nothing but answers is recorded."""
    opened(table)
    mail = table.say("orvanda", MAIL)
    table.record("orvanda", "desk", mail, Remind(stage="half"), [mail])


def refused_d0_second_channel_not_said(table: Table) -> None:
    """A second channel is one."""
    opened(table)
    mail = table.say("orvanda", MAIL)
    table.say("orvanda", "remind", [mail], {"stage": "second_channel"})


def refused_d0_ranked(table: Table) -> None:
    """No kind scores a party."""
    opened(table)
    table.say("orvanda", "score")


def refused_d1_of_two_parties(table: Table) -> None:
    """Two parties would read each other's answers."""
    table.open(CHECK)


def refused_d1_of_nobody(table: Table) -> None:
    """Alone, one says who is checked."""
    table.open(CHECK, members=["orvanda"])


def refused_d1_a_party_and_a_seat(table: Table) -> None:
    """A party with a node is named by itself."""
    table.open(replace(CHECK, seat="tolmere"), members=TWO)


def refused_d2_asked_by_the_other(table: Table) -> None:
    """Who is checked checks others in a check of its own."""
    opened(table)
    table.say("tolmere", MAIL)


def refused_d2_closed_by_the_other(table: Table) -> None:
    """Nor does it close it."""
    opening = opened(table)
    table.say("tolmere", Close(end="stopped"), [opening])


def refused_d3_answered_by_who_asked(table: Table) -> None:
    """Nobody confirms another's contact for it."""
    alone(table)
    mail = table.say("orvanda", MAIL)
    table.say("orvanda", RIGHT, [mail])


def refused_d4_due_when_asked(table: Table) -> None:
    """A deadline that has passed when it is set is none."""
    opened(table)
    table.say("orvanda", replace(MAIL, due=TIME + HOUR), time=TIME + HOUR)


def refused_d5_more_than_opened_for(table: Table) -> None:
    """Who agreed to be asked whether it is there is not given tasks."""
    table.open(replace(CHECK, level=1), members=TWO)
    table.say("orvanda", MAIL)


def refused_d5_no_node(table: Table) -> None:
    """A seat without a node has none to ask."""
    alone(table)
    table.say("orvanda", replace(MAIL, channel="node"))


def refused_d5_a_machine_by_mail(table: Table) -> None:
    """At level 0 the node answers, and no person is asked."""
    opened(table)
    table.say("orvanda", replace(PHONE, level=0))


def refused_d6_the_wrong_person_confirms(table: Table) -> None:
    """Who is not the contact cannot say what is right."""
    opened(table)
    mail = table.say("orvanda", MAIL)
    table.say("tolmere", Answer(outcome="wrong_person", fields=["email"]), [mail])


def refused_d6_right_and_corrected(table: Table) -> None:
    """A field is one or the other."""
    opened(table)
    mail = table.say("orvanda", MAIL)
    both = ["email", "phone"]
    table.say("tolmere", Answer(outcome="corrected", fields=both, corrected=["phone"]), [mail])


def refused_d7_without_the_digits(table: Table) -> None:
    """Who did not hear the call does not confirm that it came."""
    opened(table)
    call = table.say("orvanda", sealed(41_337_002))
    table.say("tolmere", RIGHT, [call])


def refused_d7_other_digits(table: Table) -> None:
    """Nor who heard another."""
    opened(table)
    call = table.say("orvanda", sealed(41_337_002))
    table.say("tolmere", replace(RIGHT, nonce=41_337_003), [call])


def refused_d7_digits_that_were_not_told(table: Table) -> None:
    """Where none were told there are none to say."""
    opened(table)
    mail = table.say("orvanda", MAIL)
    table.say("tolmere", replace(RIGHT, nonce=41_337_002), [mail])


def refused_d8_reminded_twice(table: Table) -> None:
    """Each reminder is one."""
    opened(table)
    mail = table.say("orvanda", MAIL)
    other = table.say("orvanda", PHONE)
    table.say("orvanda", Remind(stage="half"), [other])
    table.say("orvanda", Remind(stage="half"), [mail])
    table.say("orvanda", Remind(stage="half"), [mail])


def refused_d8_reminded_after_the_answer(table: Table) -> None:
    """Nobody is reminded of what was done."""
    opened(table)
    mail = table.say("orvanda", MAIL)
    table.say("tolmere", RIGHT, [mail])
    table.say("orvanda", Remind(stage="ninety"), [mail])


def refused_d8_half_when_it_is_due(table: Table) -> None:
    """What is due is not half gone."""
    opened(table)
    mail = table.say("orvanda", MAIL)
    table.say("orvanda", Remind(stage="half"), [mail], time=LATER)


def refused_d8_the_authority_before_it_is_due(table: Table) -> None:
    """Nobody asks over a contact's head before its time has passed."""
    opened(table)
    mail = table.say("orvanda", MAIL)
    table.say("orvanda", Remind(stage="authority"), [mail])


def refused_d9_silent_before_it_is_due(table: Table) -> None:
    """Who has time yet is not silent."""
    opened(table)
    mail = table.say("orvanda", MAIL)
    table.say("orvanda", Result(outcome="silent"), [mail])


def refused_d9_silent_though_it_answered(table: Table) -> None:
    """Nor who has answered, late or not."""
    opened(table)
    mail = table.say("orvanda", MAIL)
    table.say("tolmere", Answer(outcome="declined", reason="too_often"), [mail])
    table.say("orvanda", Result(outcome="silent"), [mail], time=LATER)


def refused_d10_asked_when_closed(table: Table) -> None:
    """Who has closed opens another."""
    opening = opened(table)
    table.say("orvanda", Close(end="done"), [opening])
    table.say("orvanda", MAIL)


def refused_d10_reminded_when_closed(table: Table) -> None:
    """Nor is anybody reminded."""
    opening = opened(table)
    mail = table.say("orvanda", MAIL)
    table.say("orvanda", Close(end="done"), [opening])
    table.say("orvanda", Remind(stage="half"), [mail])
