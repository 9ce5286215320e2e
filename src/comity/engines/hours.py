"""Working hours by the clock on a contact's wall: whether it is open, when next, by when it is due.

``hours`` is ``24/7``, or days with times: ``Mo-Fr 08:00-12:00,13:00-16:30; Sa 09:00-12:00``. Days
are Mo Tu We Th Fr Sa Su, as lists and ranges; a time that ends no later than it begins ends on the
next day. ``zone`` is a name of the IANA time zone database, ``holidays`` are dates as 2026-12-25,
parted by commas. Nothing is supposed where nothing was told: days of rest differ.

A holiday closes what begins on it; ``24/7`` is open on holidays too. Times that a clock jumps over
are the instant of the jump; of those that it shows twice, work begins with the first and ends with
the last. Instants are milliseconds since the epoch.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from comity.engines import walls
from comity.engines.walls import HOUR, LATEST, moment, shown, too_late
from comity.kernel.errors import Phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

ALWAYS = "24/7"
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
LONGEST = 500
"""The most characters of hours, and the most holidays, that are read."""
MOST_HOURS = 366 * 24
"""The most working hours within which something is due."""
MIDNIGHT = 24 * 60

_DAYS = re.compile(f"({'|'.join(DAYS)})(?:-({'|'.join(DAYS)}))?")
_TIMES = re.compile("([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)")


@dataclass(frozen=True)
class Schedule:
    """When a contact is at work.

    ``week`` holds for each day from Monday on the times (from, to) in minutes since midnight, None
    when it is always; ``zone`` where its clock hangs; ``holidays`` when nothing begins.
    """

    week: tuple[tuple[tuple[int, int], ...], ...] | None
    zone: str
    holidays: frozenset[date] = frozenset()

    @cached_property
    def _place(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def is_open(self, at_ms: int) -> bool:
        """Say whether it is at work at an instant. Raises ValueError beyond ``LATEST``."""
        return self.next_open(at_ms) == at_ms

    def next_open(self, at_ms: int) -> int | None:
        """Return the first instant of work from ``at_ms`` on, which may be itself.

        None when none comes before ``LATEST``. Raises ValueError beyond ``LATEST``.
        """
        found = next(self._spans(at_ms), None)
        return None if found is None else found[0]

    def due(self, at_ms: int, hours: int) -> int:
        """Return the instant when so many hours of work have passed since ``at_ms``.

        Raises ValueError for hours beyond a year, and beyond ``LATEST``.
        """
        if not 0 <= hours <= MOST_HOURS:
            raise ValueError(Phrase("hours of work are from 0 to {most}", most=MOST_HOURS))
        return self.after(at_ms, hours * HOUR)

    def after(self, at_ms: int, work: int) -> int:
        """Return the instant when ``work`` milliseconds of work have passed since ``at_ms``.

        Raises ValueError beyond ``LATEST``.
        """
        if work == 0:
            return at_ms
        for begins, ends in self._spans(at_ms):
            if work <= ends - begins:
                return begins + work
            work -= ends - begins
        raise too_late()

    def worked(self, since: int, until: int) -> int:
        """Return how many milliseconds of work lie between two instants; ValueError as above."""
        total = 0
        for begins, ends in self._spans(since):
            if begins >= until:
                break
            total += min(ends, until) - begins
        return total

    def local(self, at_ms: int) -> str:
        """Return what clock and calendar show there, as ``Fr 2026-11-27 02:40 +0100 Europe/Paris``.

        Raises ValueError beyond ``LATEST``.
        """
        here = moment(at_ms).astimezone(self._place)
        return f"{DAYS[here.weekday()]} {here:%Y-%m-%d %H:%M %z} {self.zone}"

    def _spans(self, at_ms: int) -> Iterator[tuple[int, int]]:
        """Yield the spans of work from ``at_ms`` on in order; they may touch, and never overlap."""
        when = moment(at_ms)
        if self.week is None:
            yield at_ms, LATEST + MOST_HOURS * HOUR
            return
        reached = at_ms
        for begins, ends in self._told(when.astimezone(self._place).date()):
            if ends > max(begins, reached):  # Else it is past, or a clock jumps over it.
                yield max(begins, reached), ends
                reached = ends

    def _told(self, day: date) -> Iterator[tuple[int, int]]:
        """Yield the spans as told, from those on that begin two days before a day."""
        day -= timedelta(days=2)  # Work goes past midnight, and zones have jumped over a day.
        while day.year < 9900:
            times = (self.week or ((),) * 7)[day.weekday()]
            for begins, ends in () if day in self.holidays else times:
                yield self._instant(day, begins, 0), self._instant(day, ends, 1)
            day += timedelta(days=1)

    def _instant(self, day: date, minute: int, fold: int) -> int:
        """Return when a clock there shows a time; of a time that it skips, when it does."""
        wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001  the time on a wall
        return shown(wall, fold, self._place) * 1000


def read(hours: str, zone: str, holidays: str = "") -> Schedule:
    """Return the schedule that a contact's particulars tell.

    Raises ValueError, whose message says what to write instead.
    """
    return Schedule(_week(hours), walls.zone(zone.strip()).key, _holidays(holidays))


def _week(text: str) -> tuple[tuple[tuple[int, int], ...], ...] | None:
    if text.strip() == ALWAYS:
        return None
    week: list[set[tuple[int, int]]] = [set() for _ in DAYS]
    for rule in text.strip().rstrip(";").split(";") if len(text) <= LONGEST else [""]:
        days, _, times = rule.strip().partition(" ")
        spans = {_times(each.strip()) for each in times.split(",")}
        for day in (each for part in days.split(",") for each in _days(part)):
            week[day] |= spans
    return tuple(tuple(sorted(spans)) for spans in week)


def _days(text: str) -> list[int]:
    found = _DAYS.fullmatch(text)
    if found is None:
        raise _unread()
    first, last = DAYS.index(found[1]), DAYS.index(found[2] or found[1])
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _times(text: str) -> tuple[int, int]:
    found = _TIMES.fullmatch(text)
    if found is None:
        raise _unread()
    begins = int(found[1]) * 60 + int(found[2])
    ends = MIDNIGHT if found[3] is None else int(found[3]) * 60 + int(found[4])
    return begins, ends if ends > begins else ends + MIDNIGHT


def _unread() -> ValueError:
    return ValueError(Phrase("write hours as 24/7 or as Mo-Fr 08:00-16:30; Sa 09:00-12:00"))


def _holidays(text: str) -> frozenset[date]:
    told = [each for each in re.split(r"[\s,]+", text) if each]
    try:
        if len(told) > LONGEST or not all(
            re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", t) for t in told
        ):
            raise ValueError
        return frozenset(map(date.fromisoformat, told))
    except ValueError:
        raise ValueError(Phrase("write holidays as dates, as in 2026-12-25, 2027-01-01")) from None
