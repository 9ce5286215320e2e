"""The cases of a planned activity: each function plays one and is written as its vector."""

from __future__ import annotations

from dataclasses import replace

from comity.kernel.act import Act
from comity.kernel.kinds import Growth
from comity.protocols.trust.planned.acts import (
    MOST_RANGES,
    Acknowledge,
    Amend,
    Announce,
    Answer,
    Ask,
    Begin,
    Cancel,
    Conflict,
    End,
    OnDuty,
)
from tests.protocols.table import LATER, TIME, Table

HOUR = 3_600_000
DAY = 24 * HOUR
SCAN = Announce(
    activity="scan",
    begins=LATER,
    ends=LATER + DAY,
    ranges=["192.0.2.0/28", "2001:db8:7::/48"],
    effect="possible",
)
TOMORROW = Amend(begins=LATER + DAY, ends=LATER + 2 * DAY)


def accepted_a_scan_that_others_see(table: Table) -> None:
    """Announced, acknowledged, moved, begun, asked about from abroad, answered, over."""
    opening = table.open(replace(SCAN, ack_wanted=True))
    table.say("orvanda", OnDuty(), [opening])
    table.say("tolmere", Acknowledge(as_="understood"), [opening])
    amended = table.say(
        "orvanda",
        Amend(begins=LATER, ends=LATER + HOUR, ranges=["192.0.2.0/29"], effect="likely"),
        [opening],
    )
    table.say("sarivane", Acknowledge(as_="acting"), [amended])
    begun = table.say("orvanda", Begin(), [opening])
    ask = table.say("tolmere", Ask(due=LATER), [begun])
    table.say("orvanda", Answer(result="not_known"), [ask])
    table.say("orvanda", Answer(result="yes"), [ask])
    table.say("orvanda", End(course="early"), [opening])


def accepted_waiting(table: Table) -> None:
    """Two owe a word on the announcement, one on an amendment; an answer is owed by a time."""
    opening = table.open(replace(SCAN, ack_wanted=True))
    table.say("tolmere", Acknowledge(as_="read"), [opening])
    table.say("sarivane", Ask())
    table.say("sarivane", Ask(due=LATER), [opening])
    table.say("orvanda", replace(TOMORROW, ack_wanted=True), [opening])
    table.say("sarivane", Acknowledge(as_="read"), [opening])


def accepted_without_addresses(table: Table) -> None:
    """An outage comes from no addresses; they may be told later."""
    opening = table.open(
        Announce(activity="outage", begins=TIME - HOUR, ends=TIME, effect="unknown")
    )
    table.say("orvanda", Amend(begins=TIME, ends=LATER, ranges=["203.0.113.0/24"]), [opening])


def accepted_something_else_at_the_same_time(table: Table) -> None:
    """Another member has an exercise then; the announcer takes notice, and puts its own off."""
    opening = table.open(SCAN)
    clash = table.say("tolmere", Conflict(clash="both", dossier=opening.id))
    table.say("sarivane", Conflict(clash="time"))
    table.say("orvanda", Acknowledge(as_="acting"), [clash])
    table.say("sarivane", Acknowledge(as_="read"), [clash])
    table.say("orvanda", Cancel(reason="conflict"), [opening])
    table.say("orvanda", Cancel(reason="postponed"), [opening])


def accepted_asked_afterwards(table: Table) -> None:
    """Who finds traces in old logs may ask still; nothing else is owed any more."""
    opening = table.open(replace(SCAN, ack_wanted=True))
    table.say("tolmere", Conflict(clash="place"))
    ended = table.say("orvanda", End(course="planned"), [opening])
    ask = table.say("tolmere", Ask(), [opening, ended])
    table.say("orvanda", Answer(result="cannot_say"), [ask])
    table.say("sarivane", Ask())
    table.say("sarivane", Acknowledge(as_="read"), [ended])
    table.say("orvanda", End(course="otherwise"), [opening])


def accepted_invited_and_left(table: Table) -> None:
    """Who comes later owes no word on what was said before; who leaves owes nothing more."""
    opening = table.open(
        replace(SCAN, ack_wanted=True), members=["orvanda", "tolmere"], growth=Growth.CHAIR
    )
    invite = table.say("orvanda", "invite", body={"party": table.id("sarivane")})
    table.say("sarivane", "join", body={"invite": invite.id})
    table.say("orvanda", replace(TOMORROW, ack_wanted=True), [opening])
    table.say("tolmere", "leave")


def accepted_guests(table: Table) -> None:
    """An operator without a node asks and tells of its own plans through Tolmere."""
    opening = table.open(SCAN)
    letter = table.say("tolmere", "note")
    asked = table.record("tolmere", "operator", letter, Ask(due=LATER), [opening])
    table.record("tolmere", "operator", letter, Conflict(clash="time"))
    table.record("tolmere", "operator", letter, Acknowledge(as_="read"), [opening])
    done = table.say("orvanda", Answer(result="told"), [asked])
    table.record("tolmere", "operator", letter, Acknowledge(as_="understood"), [done])


def _restored(table: Table) -> Act:
    """Open, and give Orvanda the second voice of a restored machine."""
    opening = table.open(SCAN)
    table.fork("orvanda", "orvanda/restored")
    return opening


def accepted_window_in_two_ways(table: Table) -> None:
    """A restored machine of the announcer amends once more: both are shown, and found."""
    opening = _restored(table)
    table.say("orvanda", TOMORROW, [opening])
    other = Amend(begins=LATER, ends=LATER + HOUR, ranges=["198.51.100.0/24"])
    table.say("orvanda/restored", other, [opening], apart=True)


def accepted_the_same_twice(table: Table) -> None:
    """Two amendments that say the same are no conflict."""
    opening = _restored(table)
    table.say("orvanda", TOMORROW, [opening])
    table.say("orvanda/restored", TOMORROW, [opening], apart=True)


def accepted_begun_and_cancelled(table: Table) -> None:
    """One machine began it, the other cancelled it; the announcer's next word settles it."""
    opening = _restored(table)
    table.say("orvanda", Begin(), [opening])
    table.say("orvanda/restored", Cancel(reason="not_needed"), [opening], apart=True)
    table.say("orvanda", End(course="early"), [opening])


def accepted_cancelled_after_all(table: Table) -> None:
    """The same, settled the other way."""
    opening = _restored(table)
    table.say("orvanda", Begin(), [opening])
    table.say("orvanda/restored", Cancel(reason="not_needed"), [opening], apart=True)
    table.say("orvanda", Cancel(reason="not_stated"), [opening])


def accepted_crossing_the_end(table: Table) -> None:
    """What else is planned, said without having seen the end, has effect and is owed a word."""
    opening = table.open(SCAN)
    table.say("orvanda", End(course="planned"), [opening])
    table.say("tolmere", Conflict(clash="time"), apart=True)


def accepted_as_many_ranges_as_there_may_be(table: Table) -> None:
    """Sixty-four of the longest spellings stay within a header."""
    spelled = sorted(f"2001:db8:1234:5678:9abc:def0:1234:{n:x}/128" for n in range(4096, 4160))
    assert len(spelled) == MOST_RANGES
    table.open(replace(SCAN, ranges=spelled))


def refused_d0_range_in_another_spelling(table: Table) -> None:
    """A range has one spelling, so that it means one thing in every index."""
    table.open({**SCAN.to_body(), "ranges": ["192.0.2.1/24"]})


def refused_d0_range_as_a_long_spelling(table: Table) -> None:
    """An address of IPv6 has one, too."""
    table.open({**SCAN.to_body(), "ranges": ["2001:0db8::/32"]})


def refused_d0_everything(table: Table) -> None:
    """What claims every address explains none."""
    table.open({**SCAN.to_body(), "ranges": ["0.0.0.0/0"]})


def refused_d0_mapped_addresses(table: Table) -> None:
    """IPv4 within IPv6 is written as IPv4."""
    table.open({**SCAN.to_body(), "ranges": ["::ffff:192.0.2.0/120"]})


def refused_d0_ranges_out_of_order(table: Table) -> None:
    """A set has one spelling."""
    table.open({**SCAN.to_body(), "ranges": ["203.0.113.0/24", "192.0.2.0/24"]})


def refused_d0_range_twice(table: Table) -> None:
    """No range is named twice."""
    table.open({**SCAN.to_body(), "ranges": ["192.0.2.0/24", "192.0.2.0/24"]})


def refused_d0_no_window(table: Table) -> None:
    """An announcement says until when."""
    table.open({"activity": "scan", "begins": LATER, "effect": "none"})


def refused_d0_unknown_activity(table: Table) -> None:
    """No code announces an attack."""
    table.open({**SCAN.to_body(), "activity": "attack"})


def refused_d0_asks_for_consent(table: Table) -> None:
    """No kind consents, and none forbids."""
    table.open(SCAN)
    table.say("tolmere", "consent")


def refused_d0_cancelled_by_a_guest(table: Table) -> None:
    """What the announcer does is recorded for nobody."""
    opening = table.open(SCAN)
    letter = table.say("orvanda", "note")
    table.record("orvanda", "operator", letter, Cancel(reason="asked"), [opening])


def refused_d0_answer_to_no_question(table: Table) -> None:
    """An answer cites a question."""
    opening = table.open(SCAN)
    table.say("orvanda", Answer(result="yes"), [opening])


def refused_d1_ends_as_it_begins(table: Table) -> None:
    """A window has a length."""
    table.open(replace(SCAN, ends=SCAN.begins))


def refused_d1_longer_than_a_year(table: Table) -> None:
    """Nobody announces for ever."""
    table.open(replace(SCAN, ends=SCAN.begins + 366 * DAY + 1))


def refused_d1_amended_backwards(table: Table) -> None:
    """An amended window has a length, too."""
    opening = table.open(SCAN)
    table.say("orvanda", Amend(begins=LATER, ends=LATER - 1), [opening])


def refused_d2_amended_by_another(table: Table) -> None:
    """Nobody changes what another party announced."""
    opening = table.open(SCAN)
    table.say("tolmere", TOMORROW, [opening])


def refused_d2_begun_by_another(table: Table) -> None:
    """Nor says that it begins."""
    opening = table.open(SCAN)
    table.say("tolmere", Begin(), [opening])


def refused_d2_ended_by_another(table: Table) -> None:
    """Nor that it is over."""
    opening = table.open(SCAN)
    table.say("sarivane", End(course="early"), [opening])


def refused_d2_cancelled_by_another(table: Table) -> None:
    """Nor cancels it: an announcement asks for no consent."""
    opening = table.open(SCAN)
    table.say("sarivane", Cancel(reason="asked"), [opening])


def refused_d2_another_on_duty(table: Table) -> None:
    """Nor says whom to call."""
    opening = table.open(SCAN)
    table.say("tolmere", OnDuty(), [opening])


def refused_d2_answered_by_another(table: Table) -> None:
    """Nor answers in the announcer's place."""
    table.open(SCAN)
    ask = table.say("tolmere", Ask())
    table.say("sarivane", Answer(result="yes"), [ask])


def refused_d3_question_to_oneself(table: Table) -> None:
    """The announcer has nobody to ask."""
    table.open(SCAN)
    table.say("orvanda", Ask())


def refused_d3_conflict_with_oneself(table: Table) -> None:
    """Who plans two things amends one."""
    table.open(SCAN)
    table.say("orvanda", Conflict(clash="time"))


def refused_d4_due_when_asked(table: Table) -> None:
    """A deadline that has passed when it is set is no deadline."""
    table.open(SCAN)
    due = TIME + 60_000
    table.say("tolmere", Ask(due=due), time=due)


def refused_d5_own_act_acknowledged(table: Table) -> None:
    """Nobody acknowledges itself, not even among others."""
    opening = table.open(SCAN)
    clash = table.say("tolmere", Conflict(clash="time"))
    table.say("tolmere", Acknowledge(as_="read"), [opening, clash])


def refused_d6_begun_twice(table: Table) -> None:
    """What has begun does not begin."""
    opening = table.open(SCAN)
    table.say("orvanda", Begin(), [opening])
    table.say("orvanda", Begin(), [opening])


def refused_d6_begun_when_over(table: Table) -> None:
    """Nor does what is over."""
    opening = table.open(SCAN)
    table.say("orvanda", End(course="planned"), [opening])
    table.say("orvanda", Begin(), [opening])


def refused_d6_begun_when_cancelled(table: Table) -> None:
    """Nor what was cancelled."""
    opening = table.open(SCAN)
    table.say("orvanda", Cancel(reason="postponed"), [opening])
    table.say("orvanda", Begin(), [opening])


def refused_d7_cancelled_when_begun(table: Table) -> None:
    """What others may have seen already is not made undone."""
    opening = table.open(SCAN)
    table.say("orvanda", Begin(), [opening])
    table.say("orvanda", Cancel(reason="asked"), [opening])


def refused_d7_cancelled_when_over(table: Table) -> None:
    """Nor what took place."""
    opening = table.open(SCAN)
    table.say("orvanda", End(course="planned"), [opening])
    table.say("orvanda", Cancel(reason="not_needed"), [opening])


def refused_d8_over_when_cancelled(table: Table) -> None:
    """What did not take place did not end."""
    opening = table.open(SCAN)
    table.say("orvanda", Cancel(reason="not_needed"), [opening])
    table.say("orvanda", End(course="planned"), [opening])


def refused_d9_amended_when_over(table: Table) -> None:
    """Nobody changes afterwards what was announced."""
    opening = table.open(SCAN)
    table.say("orvanda", End(course="planned"), [opening])
    table.say("orvanda", TOMORROW, [opening])


def refused_d9_amended_when_cancelled(table: Table) -> None:
    """What is planned after all is announced anew."""
    opening = table.open(SCAN)
    table.say("orvanda", Cancel(reason="postponed"), [opening])
    table.say("orvanda", TOMORROW, [opening])


def refused_d9_conflict_when_over(table: Table) -> None:
    """Nothing conflicts with what is over."""
    opening = table.open(SCAN)
    table.say("orvanda", End(course="planned"), [opening])
    table.say("tolmere", Conflict(clash="time"))
