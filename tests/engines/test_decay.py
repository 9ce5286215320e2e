"""Decay: how an indicator stands, who ended it, and that it never gets younger by itself."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.engines.decay import (
    DAY,
    Indicator,
    Report,
    Rules,
    State,
    Validity,
    Why,
    validity,
)

FROM = 1_790_000_000_000
RULES = Rules({"ip": 30 * DAY, "domain": 90 * DAY, "hash": 730 * DAY}, least=0.25, agree=2)
IP = Indicator(("ip",), "orvanda", FROM)
HALF = RULES.half_lives["ip"]


def reports(*told: tuple[str, int]) -> tuple[Report, ...]:
    """Return reports of these parties, so many days after the start."""
    return tuple(Report(party, FROM + days * DAY) for party, days in told)


def after(days: float, indicator: Indicator, rules: Rules = RULES) -> Validity:
    return validity(indicator, FROM + round(days * DAY), rules)


@pytest.mark.parametrize(
    ("days", "state", "worth"),
    [
        (-1, State.AHEAD, 0.0),
        (0, State.CURRENT, 1.0),
        (30, State.CURRENT, 0.5),
        (59.9, State.CURRENT, 0.25),
        (60, State.AGED, 0.25),
        (90, State.AGED, 0.125),
    ],
)
def test_what_nobody_ends_grows_old(days: float, state: State, worth: float) -> None:
    found = after(days, IP)
    assert found.state == state
    assert found.worth == pytest.approx(worth, abs=0.01)
    if state != State.AHEAD:
        assert (found.why, found.at) == (Why.HALF_LIFE, FROM + 2 * HALF)


def test_a_sighting_makes_it_new_again() -> None:
    seen = IP._replace(seen=reports(("tolmere", 50)))
    assert after(60, seen).state == State.CURRENT
    assert after(49, seen) == after(49, IP)  # What is not yet said does not count.
    assert after(110, seen).state == State.AGED


def test_its_source_decides_before_all_others() -> None:
    seen = IP._replace(seen=reports(("tolmere", 9)))
    assert after(10, seen._replace(revoked=FROM + DAY)) == (
        *(State.REVOKED, Why.REVOKED, FROM + DAY, 0.0),
    )
    assert after(10, seen._replace(valid_until=FROM + 5 * DAY)) == (
        *(State.EXPIRED, Why.VALID_UNTIL, FROM + 5 * DAY, 0.0),
    )
    both = seen._replace(valid_until=FROM + 5 * DAY, revoked=FROM + DAY)
    assert after(10, both).state == State.REVOKED
    assert after(0.5, both).state == State.CURRENT


def test_while_its_source_says_that_it_is_valid_it_does_not_age() -> None:
    long = IP._replace(valid_until=FROM + 400 * DAY)
    found = after(300, long)
    assert (found.state, found.why, found.at) == (
        *(State.CURRENT, Why.VALID_UNTIL, FROM + 400 * DAY),
    )
    assert found.worth < 0.01


@pytest.mark.parametrize(
    ("expired", "seen", "at"),
    [
        ([("tolmere", 1)], [], None),
        ([("tolmere", 1), ("tolmere", 2)], [], None),
        ([("tolmere", 3), ("sarivane", 1)], [], 3),
        ([("tolmere", 1), ("sarivane", 2), ("fennick", 3)], [], 2),
        ([("tolmere", 1), ("sarivane", 2), ("tolmere", 5)], [], 2),
        ([("orvanda", 2)], [], 2),
        ([("tolmere", 1), ("sarivane", 4), ("orvanda", 2)], [], 2),
        ([("tolmere", 1), ("sarivane", 2)], [("fennick", 2)], None),
        ([("tolmere", 3), ("sarivane", 4)], [("fennick", 2)], 4),
        ([("tolmere", 1), ("tolmere", 3), ("sarivane", 4)], [("fennick", 2)], 4),
        ([("orvanda", 1)], [("fennick", 2)], None),
        ([("tolmere", 1), ("sarivane", 2)], [("fennick", 11)], 2),
        ([("tolmere", 1), ("sarivane", 11)], [], None),
    ],
)
def test_those_who_met_it_end_it_together_unless_somebody_sees_it_again(
    expired: list[tuple[str, int]], seen: list[tuple[str, int]], at: int | None
) -> None:
    told, saw = reports(*expired), reports(*seen)
    for state, said in (
        (State.EXPIRED, IP._replace(expired=told, seen=saw)),
        (State.WRONG, IP._replace(wrong=told, seen=saw)),
    ):
        found = after(10, said)
        assert (found.why == Why.REPORTS) is (at is not None)
        if at is not None:
            assert found == (state, Why.REPORTS, FROM + at * DAY, 0.0)


def test_who_says_that_it_is_wrong_and_who_that_it_is_expired_do_not_add_up() -> None:
    one = IP._replace(expired=reports(("tolmere", 1)), wrong=reports(("sarivane", 2)))
    assert after(10, one).state == State.CURRENT


def test_what_does_not_grow_old_stays_until_somebody_ends_it() -> None:
    found = after(10_000, IP._replace(kinds=("cve", "attack")))
    assert found == (State.CURRENT, Why.NOTHING, None, 1.0)


def test_of_several_kinds_the_shortest_lived_counts() -> None:
    assert after(60, IP._replace(kinds=("hash", "ip", "cve"))).state == State.AGED
    assert after(60, IP._replace(kinds=("hash", "cve"))).state == State.CURRENT


def test_a_node_sets_its_own_rules() -> None:
    rules = Rules({"ip": 10 * DAY}, least=0.5, agree=1)
    assert after(9, IP, rules).state == State.CURRENT
    assert after(10, IP, rules).state == State.AGED
    assert after(2, IP._replace(expired=reports(("tolmere", 1))), rules).state == State.EXPIRED


PARTIES = st.sampled_from(["orvanda", "tolmere", "sarivane"])
REPORTS = st.lists(st.builds(Report, PARTIES, st.integers(FROM, FROM + 99 * DAY)), max_size=4)
INSTANTS = st.none() | st.integers(FROM, FROM + 99 * DAY)
INDICATORS = st.builds(
    Indicator,
    st.lists(st.sampled_from(["ip", "domain", "cve"]), max_size=2).map(tuple),
    PARTIES,
    st.just(FROM),
    INSTANTS,
    INSTANTS,
    REPORTS.map(tuple),
    REPORTS.map(tuple),
    REPORTS.map(tuple),
)


@given(INDICATORS, st.integers(0, 120), st.integers(0, 120))
def test_it_gets_younger_by_a_sighting_alone(indicator: Indicator, one: int, other: int) -> None:
    earlier, later = sorted([FROM + one * DAY, FROM + other * DAY])
    if not any(earlier < report.at <= later for report in indicator.seen):
        assert validity(indicator, later, RULES).worth <= validity(indicator, earlier, RULES).worth


@given(INDICATORS, st.integers(0, 120), st.randoms())
def test_the_order_of_reports_changes_nothing(
    indicator: Indicator, days: int, chance: random.Random
) -> None:
    seen, expired = [*indicator.seen], [*indicator.expired]
    chance.shuffle(seen)
    chance.shuffle(expired)
    other = indicator._replace(seen=(*seen, *seen), expired=(*expired, *expired))
    assert after(days, other) == after(days, indicator)


@given(INDICATORS, st.integers(0, 120))
def test_only_what_has_ended_or_not_begun_is_worth_nothing(indicator: Indicator, days: int) -> None:
    found = after(days, indicator)
    ended = {State.AHEAD, State.EXPIRED, State.REVOKED, State.WRONG}
    assert (found.worth == 0) is (found.state in ended)
    assert (
        found.at is None
        or found.state in {State.AHEAD, State.CURRENT}
        or found.at <= (FROM + days * DAY)
    )
