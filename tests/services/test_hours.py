"""When mail may come to a person, by the person's own clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from comity.services.people.hours import Hours

DAY = 24 * 3600 * 1000
TASHKENT = "Asia/Tashkent"


def at(text: str, zone: str = TASHKENT) -> int:
    """Return an instant in ms, from a wall clock."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("made", "now", "comes"),
    [
        ("2026-05-05T23:10", "2026-05-06T07:59", False),
        ("2026-05-05T23:10", "2026-05-06T08:00", True),
        ("2026-05-06T08:01", "2026-05-06T17:00", False),
        ("2026-05-06T08:01", "2026-05-07T08:00", True),
        ("2026-05-08T12:00", "2026-05-10T12:00", False),
        ("2026-05-08T12:00", "2026-05-11T08:00", True),
    ],
    ids=["before work", "as it begins", "same day", "next day", "weekend", "after it"],
)
def test_a_digest_comes_once_a_day_when_work_begins(made: str, now: str, *, comes: bool) -> None:
    assert Hours().may_come(at(made), at(now), TASHKENT) is comes


def test_days_of_work_are_the_persons_own() -> None:
    sunday = Hours(days=(6, 0, 1, 2, 3))
    assert sunday.may_come(at("2026-05-08T12:00"), at("2026-05-10T08:00"), TASHKENT)


def test_without_a_digest_all_comes_at_once_but_in_quiet_hours() -> None:
    hours = Hours(digest=False)
    made = at("2026-05-06T12:00")
    assert hours.may_come(made, made, TASHKENT)
    for quiet in ("2026-05-06T20:00", "2026-05-06T23:59", "2026-05-07T00:00", "2026-05-07T06:59"):
        assert not hours.may_come(made, at(quiet), TASHKENT), quiet
    assert hours.may_come(made, at("2026-05-07T07:00"), TASHKENT)
    assert Hours(digest=False, quiet=None).may_come(made, at("2026-05-06T23:00"), TASHKENT)


def test_quiet_hours_within_a_day_end_on_that_day() -> None:
    hours = Hours(digest=False, quiet=(12 * 60, 14 * 60))
    made = at("2026-05-06T11:59")
    assert hours.may_come(made, made, TASHKENT)
    assert not hours.may_come(made, at("2026-05-06T13:59"), TASHKENT)
    assert hours.may_come(made, at("2026-05-06T14:00"), TASHKENT)


def test_work_begins_by_the_wall_clock_also_when_that_is_moved() -> None:
    paris = "Europe/Paris"
    made = at("2026-03-27T12:00", paris)
    begins = at("2026-03-30T08:00", paris)
    assert begins - at("2026-03-29T00:00", paris) == 31 * 3600 * 1000
    assert not Hours().may_come(made, begins - 1, paris)
    assert Hours().may_come(made, begins, paris)


@pytest.mark.parametrize("zone", ["", "Nowhere/Atlantis", "../etc/passwd", "UTC"])
def test_who_has_no_zone_or_a_lost_one_lives_in_utc(zone: str) -> None:
    made = at("2026-05-05T23:00", "UTC")
    assert not Hours().may_come(made, at("2026-05-06T07:59", "UTC"), zone)
    assert Hours().may_come(made, at("2026-05-06T08:00", "UTC"), zone)


def test_who_works_on_no_day_gets_no_digest() -> None:
    assert not Hours(days=()).may_come(1, 30 * DAY, "UTC")


@pytest.mark.parametrize("hours", [Hours(), Hours(mail=False, days=(6,), quiet=None)])
def test_hours_come_back_from_what_is_kept(hours: Hours) -> None:
    assert Hours.from_object(hours.to_object()) == hours
    assert Hours.from_object({}) == Hours()
