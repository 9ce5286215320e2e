"""A node's own rule over claims that a vulnerability is out."""

from __future__ import annotations

import pytest

from comity.engines.embargo import (
    Because,
    Belief,
    Course,
    Keeping,
    Outlook,
    Rule,
    Said,
    believe,
    course,
    keeping,
    soonest,
)

ME, COORDINATOR = "me", "coordinator"
NOT, USUAL = Belief(None, ()), Rule()


def said(by: str, *, own: bool = True, taken_back: bool = False) -> Said:
    return Said(f"act of {by}", by, own, taken_back)


def judged(*claims: Said, rule: Rule = USUAL, coordinator: str = COORDINATOR) -> Belief:
    return believe(claims, rule, me=ME, coordinator=coordinator)


def test_what_we_saw_ourselves_is_believed_under_every_rule() -> None:
    rule = Rule(parties=0, coordinator=False)
    assert judged(said(ME), said("a"), rule=rule) == Belief(Because.OWN, ("act of me",))


def test_what_a_source_told_us_is_not_our_own_observation() -> None:
    assert judged(said(ME, own=False)) == NOT


def test_one_other_party_is_not_believed_alone_and_two_are() -> None:
    assert judged(said("a")) == NOT
    assert judged(said("b"), said("a")) == Belief(Because.PARTIES, ("act of a", "act of b"))


def test_one_party_that_says_it_twice_is_one() -> None:
    assert judged(said("a"), said("a")._replace(act="another")) == NOT


def test_parties_that_pass_on_what_they_heard_do_not_add_up() -> None:
    assert judged(said("a"), said("b", own=False), said("c", own=False)) == NOT


def test_no_number_of_parties_is_believed_where_the_rule_says_none() -> None:
    rule = Rule(parties=0)
    assert judged(*(said(name) for name in "abcdef"), rule=rule) == NOT


def test_the_coordinator_is_believed_where_the_rule_says_so() -> None:
    told = said(COORDINATOR, own=False)
    assert judged(told) == Belief(Because.COORDINATOR, ("act of coordinator",))
    assert judged(told, rule=Rule(coordinator=False)) == NOT


def test_nobody_is_taken_for_a_coordinator_that_is_lost() -> None:
    assert judged(said("", own=False), coordinator="") == NOT


@pytest.mark.parametrize("by", [ME, COORDINATOR])
def test_what_was_taken_back_is_not_believed(by: str) -> None:
    assert judged(said(by, taken_back=True), said("a")) == NOT


def test_a_guest_is_neither_its_host_nor_one_more_party() -> None:
    guest = said(ME)._replace(guest=True)
    told = said(COORDINATOR)._replace(guest=True)
    assert judged(guest) == judged(told) == NOT
    assert judged(said("a"), said("a")._replace(act="its guest's", guest=True)) == NOT
    assert judged(said("a"), guest).because is Because.PARTIES


OUT = Belief(Because.OWN, ("a",))


@pytest.mark.parametrize(
    ("held", "ended", "end", "belief", "found"),
    [
        (True, False, 11, NOT, Keeping.KEEPS),
        (True, False, 10, NOT, Keeping.PAST),
        (True, False, 11, OUT, Keeping.OUT),
        (True, False, 10, OUT, Keeping.PAST),
        (True, True, 11, NOT, Keeping.WITHDRAWN),
        (False, True, None, OUT, Keeping.WITHDRAWN),
        (False, False, 11, NOT, Keeping.NONE),
        (True, False, None, NOT, Keeping.NONE),
    ],
)
def test_how_long_we_keep_to_it(
    *, held: bool, ended: bool, end: int | None, belief: Belief, found: Keeping
) -> None:
    assert keeping(held=held, ended=ended, end=end, belief=belief, now=10) is found


END = 100
KEPT = Outlook(END, agreed=True)


@pytest.mark.parametrize(
    ("outlooks", "was_early", "now", "expected"),
    [
        ([KEPT], False, END - 1, Course.WAITS),
        ([KEPT], False, END, Course.DUE),
        ([KEPT], False, END + 1000, Course.DUE),
        ([], False, END, Course.EARLY),
        ([Outlook(None, agreed=False)], False, END, Course.EARLY),
        # An end that was agreed to when it was past is not waited for, and lets nothing out.
        ([Outlook(END, agreed=False)], False, END, Course.EARLY),
        ([KEPT._replace(out=(END - 1,))], False, END - 1, Course.EARLY),
        ([KEPT._replace(out=(END - 1,))], False, END + 1, Course.EARLY),
        ([KEPT._replace(out=(END,))], False, END - 1, Course.WAITS),
        ([KEPT._replace(out=(END,))], False, END, Course.DUE),
        ([KEPT._replace(withdrawn=(END - 1,))], False, END + 1, Course.EARLY),
        ([KEPT._replace(withdrawn=(END + 5,))], False, END - 1, Course.EARLY),
        ([KEPT._replace(withdrawn=(END + 5,))], True, END + 1, Course.EARLY),
        ([KEPT._replace(withdrawn=(END + 5,))], False, END + 6, Course.DUE),
        # Of several about one flaw the earliest end counts, and what ended any ended it.
        ([KEPT, Outlook(END - 50, agreed=True)], False, END - 50, Course.DUE),
        ([KEPT, Outlook(END - 50, agreed=True)], False, END - 51, Course.WAITS),
        ([KEPT, Outlook(None, False, withdrawn=(END - 9,))], False, END, Course.EARLY),
        ([KEPT, Outlook(END - 50, False)], False, END - 50, Course.EARLY),
    ],
)
def test_what_becomes_of_an_advisory(
    outlooks: list[Outlook],
    was_early: bool,  # noqa: FBT001  pytest's form
    now: int,
    expected: Course,
) -> None:
    assert course(outlooks, was_early=was_early, now=now) is expected


def test_of_one_end_in_two_cases_it_is_enough_that_it_was_agreed_to_in_one() -> None:
    assert soonest([Outlook(END, agreed=False), KEPT]) == (END, True)
