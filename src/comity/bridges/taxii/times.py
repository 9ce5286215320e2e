"""Times: in microseconds since the epoch here, in words of TAXII (section 2) and STIX outside."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from comity.kernel.errors import Phrase, Refusal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = 24 * 3600 * 1_000_000
_FIRST = _EPOCH.toordinal()
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def taxii_time(microseconds: int) -> str:
    """Return a time as TAXII writes it: always six digits of a second."""
    return _written(microseconds) + "Z"


@lru_cache(maxsize=4096)
def stix_time(microseconds: int) -> str:
    """Return the version of an object as STIX writes it: three digits, or six where it has them.

    Kept, since what was made at once says one time again and again.
    """
    written = _written(microseconds)
    return (written if microseconds % 1000 else written[:-3]) + "Z"


def _written(microseconds: int) -> str:
    # By its day, since many moments are of few days, and to write a date takes longest.
    days, within = divmod(microseconds, _DAY)
    seconds, fraction = divmod(within, 1_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_date(days)}T{hour:02}:{minute:02}:{second:02}.{fraction:06}"


@lru_cache(maxsize=4096)
def _date(days: int) -> str:
    return date.fromordinal(_FIRST + days).isoformat()


def read_time(text: str, subject: str) -> int:
    """Read a time of RFC 3339; ``subject`` names where it stood. Raises Refusal X34.

    Digits beyond microseconds are cut off: what was added after such a time, or at it, in whole
    microseconds, is the same. A time in another zone is told from UTC.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise _unread(subject)
    date, clock, fraction, zone = found.groups()
    # A leap second has a place in RFC 3339, and none in Python.
    leap = clock.endswith(":60")
    try:
        when = datetime.fromisoformat(
            f"{date}T{clock[:-2] + '59' if leap else clock}{zone.replace('z', 'Z')}"
        )
        since = (when - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError) as error:
        raise _unread(subject) from error
    return since + leap * 1_000_000 + int((fraction or "0").ljust(6, "0")[:6])


def _unread(subject: str) -> Refusal:
    return Refusal(
        "X34",
        Phrase(
            "Write {name} as in {example}, in a query with its signs as they are or escaped.",
            name=subject,
            example="2026-11-26T09:30:00.000000Z",
        ),
        subject,
    )
