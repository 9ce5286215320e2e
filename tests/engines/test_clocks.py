"""Clocks against dates worked out by hand, and the reasons that they give."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.engines import calendars, walls
from comity.engines.calendars import Calendar
from comity.engines.clocks import EU, MINUTES, PLAIN, Place, Span, Unit, reckon, said
from comity.kernel.fieldtypes import instant_from_text
from tests.engines.regimes import span_of

TABLE = Path(__file__).with_name("clock_dates.csv")
"""Worked out by hand from calendars and laws, never by the engine: instants with their offsets, the
zone in which the clock hangs, the state whose holidays count, and why it is so."""
REFUSED = "refused"


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def place_of(row: dict[str, str]) -> Place:
    return Place(walls.zone(row["zone"]), calendars.read(row["place"]), row["rules"])


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['since']} {row['why']}")
def test_a_clock_is_due_when_the_table_says(row: dict[str, str]) -> None:
    if row["due"] == REFUSED:
        with pytest.raises(ValueError, match=r"write a date and time|calendar here reaches"):
            reckon(instant_from_text(row["since"]), span_of(row["span"]), place_of(row))
        return
    found = reckon(instant_from_text(row["since"]), span_of(row["span"]), place_of(row))
    assert found.due == instant_from_text(row["due"])
    assert found.steps


def test_the_table_has_two_hundred_dates_of_many_kinds() -> None:
    held = rows()
    assert len(held) >= 200
    # The same instant and place twice would be the same date.
    dates = {(r["since"], r["span"], r["zone"], r["place"], r["rules"]) for r in held}
    assert len(dates) == len(held)
    assert len({r["zone"] for r in held}) >= 25
    assert len({r["place"] for r in held}) >= 25
    for word in ("hour", "day", "month", "working day"):
        assert sum(f" {word}" in r["span"] for r in held) >= 30
    assert all(r["why"] for r in held)


ZONES = ("UTC", "Europe/Paris", "America/Havana", "Australia/Lord_Howe", "Pacific/Apia")
INSTANTS = st.integers(0, instant_from_text("2090-01-01T00:00Z"))
COUNTS = st.integers(1, 60)


@given(since=INSTANTS, count=COUNTS, unit=st.sampled_from(Unit), zone=st.sampled_from(ZONES))
def test_no_clock_ends_before_it_began_and_a_longer_one_ends_no_sooner(
    since: int, count: int, unit: Unit, zone: str
) -> None:
    for rules in (PLAIN, EU):
        hangs = Place(walls.zone(zone), calendars.read("FR"), rules)
        due = reckon(since, Span(count, unit), hangs).due
        assert since < due <= reckon(since, Span(count + 1, unit), hangs).due


@given(since=INSTANTS, count=COUNTS, unit=st.sampled_from(Unit), zone=st.sampled_from(ZONES))
def test_the_rules_of_the_union_are_never_the_stricter(
    since: int, count: int, unit: Unit, zone: str
) -> None:
    plain, union = (
        reckon(since, Span(count, unit), Place(walls.zone(zone), calendars.read("FR"), rules)).due
        for rules in (PLAIN, EU)
    )
    assert union == plain if unit is Unit.HOURS else union >= plain


# Reasons


def why(since: str, span: Span, zone: str, place: str = "", rules: str = PLAIN) -> list[str]:
    hangs = Place(walls.zone(zone), calendars.read(place), rules)
    return [str(step) for step in reckon(instant_from_text(since), span, hangs).steps]


def test_hours_say_from_when_they_run() -> None:
    assert why("2026-03-29T00:30Z", Span(24, Unit.HOURS), "Europe/Paris") == [
        "24 hours after 2026-03-29 00:30 UTC"
    ]


def test_a_month_says_by_which_calendar_it_is_counted_and_where_it_was_cut() -> None:
    assert why("2026-01-31T23:30Z", Span(1, Unit.MONTHS), "Europe/Paris") == [
        (
            "1 month after 2026-01-31 23:30 UTC, which is 2026-02-01 00:30 where the clock hangs, "
            "Europe/Paris"
        )
    ]
    assert why("2026-01-31T10:00Z", Span(1, Unit.MONTHS, 17 * 60 + 30), "UTC")[1:] == [
        "a month without that day ends with 2026-02-28",
        "until 17:30 on 2026-02-28",
    ]


def test_a_day_of_rest_is_named_and_says_to_where_it_moves() -> None:
    told = why("2026-03-06T10:00Z", Span(1, Unit.MONTHS), "Europe/Paris", "FR", EU)
    assert told[1:] == [
        "until the end of 2026-04-06",
        "2026-04-06 is no day of work (Easter Monday), so until the end of 2026-04-07",
    ]
    told = why("2026-09-12T10:00Z", Span(14, Unit.DAYS), "Europe/Paris", "FR", EU)
    assert told[-1] == "2026-09-26 is no day of work, so until the end of 2026-09-28"
    told = why("2026-12-24T10:00Z", Span(2, Unit.DAYS), "Europe/Berlin", "DE", EU)
    assert told[-1] == "two days of work lie in it, so until the end of 2026-12-29"


def test_a_reason_can_be_said_in_another_language() -> None:
    (step,) = reckon(0, Span(1, Unit.HOURS), Place(walls.zone("UTC"))).steps
    german = {"{span} after {since}": "{span} nach {since}", "{count} hour": "{count} Stunde"}
    assert step.said(lambda text: german.get(text, text)) == "1 Stunde nach 1970-01-01 00:00 UTC"


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("unit", [*Unit])
def test_a_span_is_said_as_one_or_many(unit: Unit, count: int) -> None:
    many = str(said(Span(2, unit)))
    assert str(said(Span(count, unit))).startswith(f"{count} ")
    assert (str(said(Span(count, unit)))[2:] == many[2:]) is (count == 2)


# Calendars


def test_days_of_rest_of_a_party_are_no_days_of_work() -> None:
    plain, own = Calendar(), Calendar("", frozenset({date(2026, 9, 28)}))
    assert plain.works(date(2026, 9, 28))
    assert own.first(date(2026, 9, 26)) == date(2026, 9, 29)
    assert own.after(date(2026, 9, 25), 2) == date(2026, 9, 30)
    assert own.name(date(2026, 9, 28)) == ""
    assert calendars.read("FR", [date(2026, 9, 28)]).first(date(2026, 9, 26)) == date(2026, 9, 29)


def test_holidays_are_told_in_english() -> None:
    assert calendars.read("FR").name(date(2026, 5, 1)) == "Labor Day"
    assert calendars.read("FR").name(date(2026, 5, 4)) == ""


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("fr", "write a state by its ISO 3166 code"),
        ("France", "write a state by its ISO 3166 code"),
        ("XX", "no calendar of XX is known here"),
        ("DE-ZZ", "no calendar of DE-ZZ is known here"),
    ],
)
def test_a_place_without_a_calendar_says_what_to_write(place: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        calendars.read(place)


def test_where_nobody_ever_works_nothing_is_due() -> None:
    class Never(Calendar):
        def works(self, day: date) -> bool:
            return day.year < 1970

    with pytest.raises(ValueError, match="no calendar here reaches so far"):
        Never().first(date(2026, 1, 1))
    with pytest.raises(ValueError, match="no calendar here reaches so far"):
        Never().after(date.max, 1)


def test_the_end_of_a_day_is_its_last_millisecond() -> None:
    hangs = Place(walls.zone("UTC"))
    found = reckon(0, Span(1, Unit.DAYS, MINUTES), hangs)
    assert found.due + 1 == 2 * MINUTES * 60_000
