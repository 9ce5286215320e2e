"""Working hours: the same by the wall clock, whatever zone, change of clocks, holiday or month."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.engines import hours
from comity.engines.hours import DAYS, MOST_HOURS, Schedule, read
from comity.engines.walls import HOUR, LATEST

MINUTE = 60_000
DAY = 24 * HOUR
OFFICE = "Mo-Fr 08:00-16:30; Sa 09:00-12:00"
# Half and quarter hours, a change by half an hour, at midnight, days that one clock never showed.
ZONES = (
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
)


def at(text: str, zone: str = "UTC", fold: int = 0) -> int:
    """Return the instant at which a clock shows ``text``."""
    wall = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return round(wall.timestamp() * 1000)


def wall(at_ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone))


# By example


@pytest.mark.parametrize(
    ("when", "is_open", "opens"),
    [
        ("2026-11-26T07:59", False, "2026-11-26T08:00"),
        ("2026-11-26T08:00", True, "2026-11-26T08:00"),
        ("2026-11-26T16:29", True, "2026-11-26T16:29"),
        ("2026-11-26T16:30", False, "2026-11-27T08:00"),
        ("2026-11-28T11:59", True, "2026-11-28T11:59"),
        ("2026-11-28T12:00", False, "2026-11-30T08:00"),
        ("2026-12-24T20:00", False, "2026-12-26T09:00"),
    ],
)
def test_it_is_open_by_the_clock_on_the_wall(when: str, is_open: bool, opens: str) -> None:  # noqa: FBT001
    office = read(OFFICE, "Europe/Paris", "2026-12-25")
    assert office.is_open(at(when, "Europe/Paris")) is is_open
    assert office.next_open(at(when, "Europe/Paris")) == at(opens, "Europe/Paris")


@pytest.mark.parametrize(
    ("told", "since", "work", "due"),
    [
        (OFFICE, "2026-11-27T15:30", 2, "2026-11-28T10:00"),
        (OFFICE, "2026-11-28T11:00", 4, "2026-11-30T11:00"),
        (OFFICE, "2026-11-30T16:00", 8, "2026-12-01T15:30"),
        (OFFICE, "2026-11-30T16:00", 9, "2026-12-01T16:30"),  # Not the next morning.
        (OFFICE, "2026-12-24T16:00", 1, "2026-12-26T09:30"),
        (OFFICE, "2028-02-28T16:00", 1, "2028-02-29T08:30"),
        ("24/7", "2026-12-24T16:00", 24, "2026-12-25T16:00"),
        ("Mo-Su 00:00-24:00", "2026-12-24T16:00", 24, "2026-12-26T16:00"),
        ("Su-Th 22:00-06:00", "2026-11-29T23:00", 8, "2026-11-30T23:00"),
        ("Mo,We 08:00-09:00,10:00-11:00", "2026-11-23T08:30", 2, "2026-11-25T08:30"),
    ],
)
def test_due_counts_hours_of_work(told: str, since: str, work: int, due: str) -> None:
    schedule = read(told, "UTC", "2026-12-25")
    assert schedule.due(at(since), work) == at(due)


def test_a_time_that_the_clock_jumps_over_is_the_jump() -> None:
    """In Paris no clock showed 02:30 on 29 March 2026."""
    night = read("Su 02:30-05:00", "Europe/Paris")
    assert night.next_open(at("2026-03-28T12:00")) == at("2026-03-29T01:00")
    assert night.worked(at("2026-03-29T00:00"), at("2026-03-30T00:00")) == 2 * HOUR
    gone = read("Su 02:10-02:50", "Europe/Paris")
    assert gone.next_open(at("2026-03-28T12:00")) == at("2026-04-05T00:10")


def test_a_time_that_the_clock_shows_twice_begins_with_the_first_and_ends_with_the_last() -> None:
    night = read("Su 02:30-02:45", "Europe/Paris")
    assert night.next_open(at("2026-10-24T12:00")) == at("2026-10-25T00:30")
    assert night.worked(at("2026-10-25T00:00"), at("2026-10-26T00:00")) == 75 * MINUTE


def test_a_day_that_no_clock_showed_has_no_work() -> None:
    """Samoa went from 29 to 31 December 2011."""
    daily = read("Mo-Su 09:00-17:00", "Pacific/Apia")
    since = at("2011-12-29T17:00", "Pacific/Apia")
    assert daily.next_open(since) == at("2011-12-31T09:00", "Pacific/Apia")
    assert daily.due(since, 8) == at("2011-12-31T17:00", "Pacific/Apia")


def test_adjacent_times_around_a_clock_put_back_count_once() -> None:
    parted = read("Su 00:00-02:20,02:40-05:00", "Europe/Paris")
    assert parted.worked(at("2026-10-24T12:00"), at("2026-10-26T00:00")) == 6 * HOUR


def test_local_says_what_clock_and_calendar_show() -> None:
    shown = read("24/7", "Asia/Kathmandu").local(at("2026-11-26T20:55"))
    assert shown == "Fr 2026-11-27 02:40 +0545 Asia/Kathmandu"


@pytest.mark.parametrize(
    "told",
    [
        "",
        "always",
        "Mo 8:00-9:00",
        "Mo-Fr",
        "08:00-09:00",
        "Mo 08:00-25:00",
        "Mo 24:00-08:00",
        "Mo 08:00-09:00;;Tu 08:00-09:00",
        "Xx 08:00-09:00",
        "Mo 08:00",
        "Mo 08:00-09:00\n24/7",
        "Mo 08:00-09:00;" * 100,
    ],
)
def test_hours_that_cannot_be_read_are_refused(told: str) -> None:
    with pytest.raises(ValueError, match="write hours as 24/7 or as Mo-Fr"):
        read(told, "UTC")


@pytest.mark.parametrize(
    "zone",
    [
        "",
        "Paris",
        "Europe",
        "../etc/passwd",
        "/etc/localtime",
        "right/Europe/Paris",
        "Europe/\x00",
        "CEST+1",
        "UTC" * 100,
    ],
)
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="IANA name"):
        read("24/7", zone)


def test_every_zone_can_be_written() -> None:
    names = {name for name in available_timezones() if name[0].isupper()}
    assert len(names) > 400
    for name in names:
        assert read("24/7", name).zone == name


@pytest.mark.parametrize(
    "told", ["25.12.2026", "2026-13-01", "Christmas", "2026-1-1", "１２３４-12-25"]
)
def test_holidays_that_cannot_be_read_are_refused(told: str) -> None:
    with pytest.raises(ValueError, match="write holidays as dates"):
        read("24/7", "UTC", told)


def test_more_holidays_than_a_year_has_are_refused() -> None:
    days = [(date(2026, 1, 1) + timedelta(days=n)).isoformat() for n in range(501)]
    assert len(read("24/7", "UTC", ",".join(days[:500])).holidays) == 500
    with pytest.raises(ValueError, match="write holidays as dates"):
        read("24/7", "UTC", ",".join(days))


def test_hours_beyond_a_year_and_times_beyond_calendars_are_refused() -> None:
    office = read(OFFICE, "UTC")
    for wrong in (-1, MOST_HOURS + 1):
        with pytest.raises(ValueError, match="from 0 to 8784"):
            office.due(0, wrong)
    for instant in (-1, LATEST, 2**53 - 1):
        for asked in (office.is_open, office.next_open, office.local):
            with pytest.raises(ValueError, match="no calendar here"):
                asked(instant)
    assert office.due(LATEST - 1, 0) == LATEST - 1
    with pytest.raises(ValueError, match="no calendar here"):
        office.due(LATEST - 1, MOST_HOURS)
    assert Schedule(((),) * 7, "UTC").next_open(LATEST - DAY) is None


# By property


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Any hours that can be written, with holidays among the days that instants are drawn from."""
    rules = []
    for _ in range(draw(st.integers(1, 3))):
        first, last = draw(st.sampled_from(DAYS)), draw(st.sampled_from(DAYS))
        begins, length = draw(st.integers(0, 95)) * 15, draw(st.integers(1, 95)) * 15
        ends = (begins + length) % hours.MIDNIGHT
        rules.append(
            f"{first}-{last} {begins // 60:02}:{begins % 60:02}-{ends // 60:02}:{ends % 60:02}"
        )
    days = draw(st.lists(st.integers(0, 40), max_size=5))
    free = ",".join((date(2026, 3, 20) + timedelta(days=n)).isoformat() for n in days)
    return read("; ".join(rules), draw(st.sampled_from(ZONES)), free)


# Around the changes of clocks in spring and autumn, and the day that Samoa had not.
instants = st.one_of(
    st.integers(at("2026-03-20T00:00"), at("2026-04-20T00:00")),
    st.integers(at("2026-10-15T00:00"), at("2026-11-10T00:00")),
    st.integers(at("2011-12-27T00:00"), at("2012-01-02T00:00")),
)


@given(schedules(), instants, st.integers(0, 200))
def test_what_is_due_is_due_when_the_work_has_passed(
    schedule: Schedule, since: int, work: int
) -> None:
    due = schedule.due(since, work)
    assert schedule.worked(since, due) == work * HOUR
    assert due == since if work == 0 else schedule.worked(since, due - 1) < work * HOUR


@given(schedules(), instants, st.integers(0, 10 * DAY), st.integers(0, 10 * DAY))
def test_work_adds_up_and_is_never_more_than_the_time(
    schedule: Schedule, since: int, first: int, second: int
) -> None:
    middle, end = since + first, since + first + second
    parts = schedule.worked(since, middle), schedule.worked(middle, end)
    assert sum(parts) == schedule.worked(since, end)
    assert 0 <= parts[0] <= first


@given(schedules(), instants)
def test_it_opens_when_it_is_open_first(schedule: Schedule, since: int) -> None:
    opens = schedule.next_open(since)
    assert opens is not None
    assert opens >= since
    assert schedule.is_open(opens)
    assert opens == since or not schedule.is_open(opens - 1)
    assert schedule.worked(since, opens) == 0


@given(schedules(), instants)
def test_it_is_open_as_each_day_by_itself_says(schedule: Schedule, now: int) -> None:
    """An oracle that knows nothing of spans: the clock's time against what was told for its day.

    Where a clock is put forward or back that day or the next, times on it are not the times told.
    """
    here = wall(now, schedule.zone)
    near = (wall(now + step * HOUR, schedule.zone).utcoffset() for step in range(-60, 61, 4))
    if len({*near}) > 1:
        return
    minute = here.hour * 60 + here.minute
    told = False
    for back in (0, 1):
        day = here.date() - timedelta(days=back)
        for begins, ends in (schedule.week or ())[day.weekday()]:
            shown = minute + back * hours.MIDNIGHT
            told |= begins <= shown < ends and day not in schedule.holidays
    assert schedule.is_open(now) == told


@given(schedules(), st.integers(0, 40))
def test_nothing_begins_on_a_holiday(schedule: Schedule, number: int) -> None:
    day = date(2026, 3, 20) + timedelta(days=number)
    more = Schedule(schedule.week, schedule.zone, schedule.holidays | {day})
    since = at(f"{day}T00:00", schedule.zone)
    opens = more.next_open(since)
    assert opens is not None
    began = wall(opens, schedule.zone).date()
    # It may still be open from the day before.
    assert began != day or more.is_open(since) or schedule.worked(since - DAY, opens) > 0


@given(schedules(), instants, st.sampled_from(ZONES))
def test_the_same_wall_time_elsewhere_is_the_same_work(
    schedule: Schedule, since: int, zone: str
) -> None:
    """In zones whose clocks were not changed meanwhile, work due is due at the same wall time."""
    moved = Schedule(schedule.week, zone, schedule.holidays)
    here = wall(since, schedule.zone).replace(tzinfo=None)
    there = round(here.replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)
    due, other = schedule.due(since, 8), moved.due(there, 8)
    for start, end, name in ((since, due, schedule.zone), (there, other, zone)):
        offsets = {wall(t, name).utcoffset() for t in range(start - 2 * DAY, end + DAY, HOUR)}
        if len(offsets) > 1:
            return
    assert wall(due, schedule.zone).replace(tzinfo=None) == wall(other, zone).replace(tzinfo=None)
