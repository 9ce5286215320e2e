"""Clocks that run: which limit counts, what late is, and what is green."""

from __future__ import annotations

from typing import Any

import pytest

from comity.engines import walls
from comity.engines.clocks import Place
from comity.engines.regimes import Regime
from comity.engines.running import SETTLED, Clock, Known, State, clock
from comity.kernel.fieldtypes import instant_from_text
from tests.engines.regimes import made, stage

HOUR = 3_600_000
T = instant_from_text("2026-05-03T02:40Z")
UTC = Place(walls.zone("UTC"))
NIS = (
    stage("notice", {"since": "aware", "within": "72 hours"}),
    stage("progress", {"after": "notice", "within": "1 month"}, only="When it still goes on"),
    stage(
        "final",
        {"after": "notice", "within": "1 month", "unless": "progress"},
        {"since": "handled", "within": "1 month", "once": "progress"},
    ),
)
DORA = (
    stage(
        "initial",
        {"since": "classified", "within": "4 hours"},
        {"since": "aware", "within": "24 hours", "unless": "classified"},
    ),
)


def known(reports: dict[str, int] | None = None, **events: int) -> Known:
    return Known(
        {(event, ""): T + hours * HOUR for event, hours in events.items()},
        {("agreed", stage): T + hours * HOUR for stage, hours in (reports or {}).items()},
    )


def run(regime: Regime, stage_: str, said: Known, after: float = 0) -> Clock:
    found = regime.stage(stage_)
    assert found is not None
    return clock(regime, found, said, UTC, T + round(after * HOUR))


def at(text: str) -> int:
    return instant_from_text(text)


# Which limit counts


def test_the_earliest_limit_counts() -> None:
    regime = made(*DORA)
    assert run(regime, "initial", known(aware=0, classified=2)).due == T + 6 * HOUR
    assert run(regime, "initial", known(aware=0, classified=23)).due == T + 24 * HOUR
    assert run(regime, "initial", known(aware=0)).due == T + 24 * HOUR


def test_a_limit_falls_away_where_the_event_came_after_it() -> None:
    found = run(made(*DORA), "initial", known(aware=0, classified=25))
    assert found.due == T + 29 * HOUR
    assert [each.falls_away for each in found.counted] == [False, True]
    assert run(made(*DORA), "initial", known(aware=0, classified=24)).due == T + 24 * HOUR


def test_a_final_report_waits_for_the_end_once_progress_was_reported() -> None:
    regime = made(*NIS)
    said = known({"notice": 20}, aware=0, handled=1)
    assert run(regime, "final", said).due == at("2026-06-03T22:40Z")
    said = known({"notice": 20, "progress": 700}, aware=0)
    found = run(regime, "final", said)
    assert (found.due, found.waits, found.state) == (None, ("handled",), State.WAITING)
    said = known({"notice": 20, "progress": 700}, aware=0, handled=1000)
    assert run(regime, "final", said).due == at("2026-07-13T18:40Z")


def test_what_was_said_for_a_regime_alone_counts_before_what_was_said_for_all() -> None:
    said = Known({("aware", ""): T, ("aware", "agreed"): T + HOUR, ("aware", "x"): T + 9}, {})
    assert run(made(), "report", said).due == T + 25 * HOUR


# How it stands


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (0, State.RUNNING),
        (17.9, State.RUNNING),
        (18, State.SOON),
        (24, State.SOON),
        (24.001, State.LATE),
        (900, State.LATE),
    ],
)
def test_a_clock_runs_until_it_is_late(after: float, state: State) -> None:
    found = run(made(), "report", known(aware=0), after)
    assert (found.state, found.reported, found.late_by) == (state, None, 0)


def test_a_late_report_stays_late() -> None:
    found = run(made(), "report", known({"report": 27}, aware=0), 9000)
    assert (found.state, found.late_by) == (State.REPORTED_LATE, 3 * HOUR)
    assert not found.is_good


def test_a_report_to_the_millisecond_is_kept() -> None:
    assert run(made(), "report", known({"report": 24}, aware=0)).state is State.KEPT


def test_what_nobody_told_of_is_waited_for() -> None:
    found = run(made(*NIS), "notice", known())
    assert (found.state, found.due, found.waits) == (State.WAITING, None, ("aware",))
    assert found.forecast is None


def test_what_was_reported_without_a_known_time_is_not_said_to_be_kept() -> None:
    found = run(made(), "report", known({"report": 1}))
    assert found.state is State.REPORTED
    assert not found.is_good


def test_what_only_some_owe_makes_nobody_late() -> None:
    regime = made(*NIS)
    assert run(regime, "progress", known({"notice": 1}, aware=0), 9000).state is State.NOT_NEEDED
    late = run(regime, "progress", known({"notice": 1, "progress": 2000}, aware=0))
    assert late.state is State.REPORTED_LATE


def test_a_stage_that_waits_for_another_says_when_it_would_be_due() -> None:
    found = run(made(*NIS), "final", known(aware=0))
    assert (found.state, found.due, found.waits) == (State.WAITING, None, ("notice",))
    assert found.forecast == at("2026-06-06T02:40Z")
    chain = made(
        stage(), *(stage(b, {"after": a, "within": "1 day"}) for a, b in [("report", "b")])
    )
    assert run(chain, "b", known(aware=0)).forecast == T + 48 * HOUR
    further = made(
        stage(),
        stage("b", {"after": "report", "within": "1 day"}),
        stage("c", {"after": "b", "within": "1 day"}),
    )
    assert run(further, "c", known(aware=0)).forecast == T + 72 * HOUR


def test_the_settled_states_are_those_of_what_was_reported_or_is_not_owed() -> None:
    assert {*State} - SETTLED == {State.WAITING, State.RUNNING, State.SOON, State.LATE}


# What is green


@pytest.mark.parametrize(
    ("more", "good"),
    [
        ({}, True),
        ({"verified": False}, False),
        ({"valid_from": None}, False),
        ({"valid_from": "2026-05-04"}, False),
        ({"valid_from": "2026-05-03"}, True),
    ],
)
def test_only_what_is_verified_and_in_force_is_green(more: dict[str, Any], good: bool) -> None:  # noqa: FBT001
    found = run(made(**more), "report", known({"report": 1}, aware=0))
    assert found.state is State.KEPT
    assert found.is_good is good


def test_whether_it_is_in_force_goes_by_the_day_where_the_clock_hangs() -> None:
    regime = made(valid_from="2026-05-03")
    said = Known({("aware", ""): at("2026-05-02T23:00Z")}, {})
    stage_ = regime.stages[0]
    paris = Place(walls.zone("Europe/Paris"))
    assert clock(regime, stage_, said, UTC, T).in_force is False
    assert clock(regime, stage_, said, paris, T).in_force is True
    assert clock(regime, stage_, Known({}, {}), paris, T).in_force is None
