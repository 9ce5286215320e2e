"""By when something must be reported: limits of hours, days, months or days of work, and why.

A limit is counted from an instant that somebody said, or from an earlier report. Hours are time
that passes, whatever clocks on walls do meanwhile. Days and months go by the calendar of the zone
where the clock hangs: to the same time of day or, where it ``ends`` at one, to that; a month
without that day ends with its last. Days of work begin to count with the day after.

``EU`` is how periods in acts of the Union are counted (Regulation 1182/71, Article 3): one that is
not in hours ends with its last day; a last day that is not worked moves to the end of the next that
is; two days or more hold two days of work. Its rule that the hour under way does not count is left
out here, so that no clock runs longer than the law's.

Instants are milliseconds since the epoch, UTC; the end of a day is its last millisecond.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from comity.engines import walls
from comity.engines.calendars import Calendar
from comity.engines.instants import exact
from comity.engines.walls import HOUR
from comity.kernel.errors import Phrase

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

PLAIN, EU = "plain", "eu-1182-71"
RULES = (PLAIN, EU)
"""The ways to count."""
END, NOON = "end of day", "noon"
MINUTES = 24 * 60
"""Minutes of a day: the one at which it ends. Whatever else is counted here is in milliseconds."""


class Unit(StrEnum):
    """What a limit counts, as packs write it."""

    HOURS = "hours"
    DAYS = "days"
    MONTHS = "months"
    WORKING_DAYS = "working days"


MOST: Mapping[Unit, int] = {
    Unit.HOURS: 8784,
    Unit.DAYS: 3660,
    Unit.MONTHS: 120,
    Unit.WORKING_DAYS: 366,
}
"""The largest counts."""


@dataclass(frozen=True, slots=True)
class Span:
    """How long: ``count`` of a ``unit``; ``ends`` is the minute of the last day at which it does,
    1440 for its end, None at the same time of day.
    """

    count: int
    unit: Unit
    ends: int | None = None


NOWHERE = Calendar()
"""A calendar of which nothing is told: Monday to Friday."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a clock hangs: its ``zone``, the ``calendar`` of its days of work, and by which of
    ``RULES`` it counts.
    """

    zone: ZoneInfo
    calendar: Calendar = NOWHERE
    rules: str = PLAIN


class Reckoned(NamedTuple):
    """When something is ``due`` (ms), and the ``steps`` by which that was found."""

    due: int
    steps: tuple[Phrase, ...]


@lru_cache(maxsize=10_000)
def reckon(since: int, span: Span, place: Place) -> Reckoned:
    """Return when a span since an instant ends; it is the same for ever, and looked up again.

    Raises ValueError where no calendar reaches.
    """
    began = walls.moment(since)
    if span.unit is Unit.HOURS:
        due = since + span.count * HOUR
        walls.moment(due)
        return Reckoned(due, (Phrase("{span} after {since}", span=said(span), since=exact(since)),))
    here = began.astimezone(place.zone)
    day = _last(here.date(), span, place.calendar)
    told = Phrase(
        "{span} after {since}, which is {day} where the clock hangs, {zone}",
        span=said(span),
        since=exact(since),
        day=_shown(here),
        zone=place.zone.key,
    )
    steps = (told, *_clamped(here.date(), day, span))
    if place.rules == EU:
        two = span.unit is not Unit.WORKING_DAYS and (span.unit, span.count) != (Unit.DAYS, 1)
        return _by_the_union(here.date() if two else None, day, place, steps)
    minute = span.ends
    if minute is None:
        wall = here.replace(tzinfo=None, year=day.year, month=day.month, day=day.day)
        return Reckoned(_instant(wall, place.zone), steps)
    ends = Phrase("until {time} on {day}", time=_time(minute), day=day.isoformat())
    return Reckoned(_at(day, minute, place.zone), (*steps, ends))


def _by_the_union(
    began: date | None, last: date, place: Place, so_far: tuple[Phrase, ...]
) -> Reckoned:
    """Return the end of the last day, moved where Article 3(4) says so and, of two days or more,
    which ``began`` on a day, where (5) does.
    """
    calendar, steps = place.calendar, [*so_far]
    steps.append(Phrase("until the end of {day}", day=last.isoformat()))
    day = calendar.first(last)
    if day != last:
        steps.append(_moved(last, day, calendar.name(last)))
    two = day if began is None else calendar.after(began, 2)
    if two > day:
        day = two
        steps.append(
            Phrase("two days of work lie in it, so until the end of {day}", day=day.isoformat())
        )
    return Reckoned(_at(day, MINUTES, place.zone), tuple(steps))


def _moved(last: date, day: date, name: str) -> Phrase:
    told = "{last} is no day of work, so until the end of {day}"
    if name:
        told = "{last} is no day of work ({name}), so until the end of {day}"
    return Phrase(told, last=last.isoformat(), day=day.isoformat(), name=name)


def _clamped(began: date, last: date, span: Span) -> tuple[Phrase, ...]:
    if span.unit is Unit.MONTHS and last.day != began.day:
        return (Phrase("a month without that day ends with {day}", day=last.isoformat()),)
    return ()


def _last(began: date, span: Span, calendar: Calendar) -> date:
    if span.unit is Unit.WORKING_DAYS:
        return calendar.after(began, span.count)
    try:
        if span.unit is Unit.DAYS:
            return began + timedelta(days=span.count)
        return _month_later(began, span.count)
    except (OverflowError, ValueError):
        raise walls.too_late() from None


def _month_later(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = following - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))


def _at(day: date, minute: int, zone: ZoneInfo) -> int:
    """Return the instant of a minute of a day; of its end, the last millisecond of it."""
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001  the time on a wall
    return _instant(wall, zone) - (minute == MINUTES)


def _instant(wall: datetime, zone: ZoneInfo) -> int:
    """Return when a clock shows a time, of two times the first."""
    bare = wall.replace(microsecond=0)
    at = walls.shown(bare, 0, zone) * 1000
    skipped = datetime.fromtimestamp(at // 1000, zone).replace(tzinfo=None) != bare
    walls.moment(at)
    # A time that the clock skips is the instant of the jump, to the millisecond.
    return at if skipped else at + wall.microsecond // 1000


def said(span: Span) -> Phrase:
    """Return a span in words."""
    count, one = span.count, span.count == 1
    match span.unit:
        case Unit.HOURS:
            return Phrase("{count} hour" if one else "{count} hours", count=count)
        case Unit.DAYS:
            return Phrase("{count} day" if one else "{count} days", count=count)
        case Unit.MONTHS:
            return Phrase("{count} month" if one else "{count} months", count=count)
        case Unit.WORKING_DAYS:
            return Phrase("{count} day of work" if one else "{count} days of work", count=count)


def _shown(here: datetime) -> str:
    return f"{here:%Y-%m-%d %H:%M}"


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
