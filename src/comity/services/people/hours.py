"""When mail may come to a person: at the start of work, never at night, and at once what is urgent.

Times of day are minutes since midnight where the person is; days are numbered from Monday, 0.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from comity.kernel.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

WEEK = tuple(range(7))


@dataclass(frozen=True, slots=True)
class Hours:
    """What a person chose.

    ``mail``: whether any comes; ``digest``: one at the start of work, instead of one at once for
    each thing; ``begins`` is that start, on ``days``; ``quiet`` (from, to) are hours in which only
    what is urgent comes, None without any.
    """

    mail: bool = True
    digest: bool = True
    begins: int = 8 * 60
    days: tuple[int, ...] = WEEK[:5]
    quiet: tuple[int, int] | None = (20 * 60, 7 * 60)

    @classmethod
    def from_object(cls, value: Mapping[str, Any]) -> Self:
        """Return what a person's row holds; {} is of who never chose."""
        given = dict(value)
        if "days" in given:
            given["days"] = tuple(given["days"])
        if given.get("quiet"):
            given["quiet"] = tuple(given["quiet"])
        return cls(**given)

    def to_object(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)

    def may_come(self, made_at: int, now: int, zone: str) -> bool:
        """Say whether what was made at ``made_at`` and is not urgent may be told now; ms."""
        if self.quiet is not None and self._is_quiet(self.quiet, now, zone):
            return False
        return not self.digest or self._last_start(now, zone) >= made_at

    def _is_quiet(self, quiet: tuple[int, int], now: int, zone: str) -> bool:
        here = _local(now, zone)
        minute, (start, end) = here.hour * 60 + here.minute, quiet
        if start <= end:
            return start <= minute < end
        return minute >= start or minute < end

    def _last_start(self, now: int, zone: str) -> int:
        """Return when work began last, by the wall clock; 0 when there is no day of work."""
        here = _local(now, zone)
        for back in range(8):
            day = here.date() - timedelta(days=back)
            begins = time(self.begins // 60, self.begins % 60, tzinfo=here.tzinfo)
            start = round(datetime.combine(day, begins).timestamp() * 1000)
            if day.weekday() in self.days and start <= now:
                return start
        return 0


def require_zone(zone: str) -> None:
    """Raise Refusal S4, about ``zone``, for what is no time zone (IANA); "" is none."""
    if zone and zone not in available_timezones():
        raise Refusal("S4", "There is no such time zone; choose one of the list.", "zone")


def _local(now: int, zone: str) -> datetime:
    try:
        place: tzinfo = ZoneInfo(zone) if zone else UTC
    except (ZoneInfoNotFoundError, ValueError):
        # A zone that this machine's tables do not have any more.
        place = UTC
    return datetime.fromtimestamp(now / 1000, place)
