"""What a clock on a wall shows in a zone of the IANA time zone database, and when it shows it.

Zones skip times and show others twice, by an hour, half an hour or a whole day. Instants are
milliseconds since the epoch, UTC.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from comity.kernel.errors import Phrase

HOUR = 3_600_000
"""Milliseconds."""
LATEST = round(datetime(9900, 1, 1, tzinfo=UTC).timestamp() * 1000)
"""Calendars end with the year 9999."""

_ZONE = re.compile("[A-Z][A-Za-z0-9_+-]*(?:/[A-Z][A-Za-z0-9_+-]*){0,2}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def zone(name: str) -> ZoneInfo:
    """Return the zone of a name, as Europe/Paris. Raises ValueError, which says what to write."""
    try:
        found = ZoneInfo(name) if _ZONE.fullmatch(name) else None
    except (KeyError, OSError, ValueError):  # No such zone; the name of a folder of zones.
        found = None
    if found is None:
        raise ValueError(Phrase("write a time zone by its IANA name, as Europe/Paris"))
    return found


def moment(at_ms: int) -> datetime:
    """Return an instant. Raises ValueError before the epoch and from ``LATEST`` on."""
    if not 0 <= at_ms < LATEST:
        raise too_late()
    return _EPOCH + timedelta(milliseconds=at_ms)


def too_late() -> ValueError:
    """Return what is raised where calendars end."""
    return ValueError(Phrase("no calendar here reaches so far; give an earlier time"))


def shown(wall: datetime, fold: int, place: ZoneInfo) -> int:
    """Return the second since the epoch at which a clock shows ``wall``; of a time that it skips,
    the first after. Of two, it is the later by ``fold``.
    """
    first, last = sorted(_second(wall.replace(tzinfo=place, fold=f)) for f in (0, 1))
    if _wall(first, place) == wall:
        return last if fold else first
    span = range(first, last + 1)
    return span[bisect_left(span, wall, key=lambda second: _wall(second, place))]


def _second(when: datetime) -> int:
    return (when - _EPOCH) // _SECOND


def _wall(second: int, place: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(seconds=second)).astimezone(place).replace(tzinfo=None)
