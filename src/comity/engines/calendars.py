"""Which days are worked, by the national holidays of a place and by days of rest told here.

A place is a code of ISO 3166-1, as FR, or with a part of it after a dash, as DE-BY; "" is one of
which nothing is told, where Monday to Friday are worked. Holidays are those of the library
``holidays``, public ones and the days observed in their stead; those that go by the moon are its
estimates for years to come, and a party adds its own days of rest where they differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from comity.engines.walls import too_late
from comity.kernel.errors import Phrase

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holidays import HolidayBase

FRIDAY = 4
MOST = 366
"""The most days of rest in a row, and of working days that are counted."""
_PLACE = re.compile("[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of work of a ``place``, but for ``rest``: days on which nobody works there."""

    place: str = ""
    rest: frozenset[date] = frozenset()

    def works(self, day: date) -> bool:
        """Say whether a day is worked."""
        if day in self.rest:
            return False
        if not self.place:
            return day.weekday() <= FRIDAY
        return bool(_known(self.place, day.year).is_working_day(day))

    def name(self, day: date) -> str:
        """Return what a holiday is called, in English; "" for days of rest without a name."""
        return (_known(self.place, day.year).get(day) or "") if self.place else ""

    def first(self, day: date) -> date:
        """Return the first day of work from ``day`` on, which may be itself.

        Raises ValueError where none comes.
        """
        for _ in range(MOST):
            if self.works(day):
                return day
            day = _next(day)
        raise too_late()

    def after(self, day: date, count: int) -> date:
        """Return the ``count``-th day of work after ``day``, which itself does not count.

        Raises ValueError where none comes.
        """
        for _ in range(count):
            day = self.first(_next(day))
        return day

    def worked(self, since: date, until: date) -> int:
        """Return how many days are worked from one to the other, both included."""
        days = (until - since).days + 1
        return sum(self.works(since + each * _DAY) for each in range(days))


def read(place: str, rest: Iterable[date] = ()) -> Calendar:
    """Return the calendar of a place. Raises ValueError, which says what to write instead."""
    if place:
        if not _PLACE.fullmatch(place):
            raise ValueError(Phrase("write a state by its ISO 3166 code, as FR or DE-BY"))
        try:
            _known(place, 2026)
        except NotImplementedError:
            told = Phrase(
                "no calendar of {place} is known here; leave it out, and list the days of rest",
                place=place,
            )
            raise ValueError(told) from None
    return Calendar(place, frozenset(rest))


@lru_cache(maxsize=1000)
def _known(place: str, year: int) -> HolidayBase:
    """Return the holidays of one year; none is added later, so threads may share them."""
    state, _, part = place.partition("-")
    found: HolidayBase = _library().country_holidays(
        state, subdiv=part or None, years=year, expand=False, language=_english(state)
    )
    return found


@cache
def _library() -> Any:  # noqa: ANN401  a module
    """Return the library, loaded when first asked: most that a node does knows no holiday."""
    return import_module("holidays")


def _english(state: str) -> str | None:
    """Return English where the library has it for a state; its own language otherwise."""
    spoken = _library().list_localized_countries().get(state, [])
    return next((each for each in ("en_US", "en_GB") if each in spoken), None)


def _next(day: date) -> date:
    try:
        return day + _DAY
    except OverflowError:
        raise too_late() from None
