"""Timestamps of STIX: RFC 3339 in UTC, with any number of digits after the point."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEAP = re.compile(r":60(?=[.Z])")


@lru_cache(maxsize=4096)
def micros(text: str) -> int:
    """Return the microseconds from the epoch to a timestamp; finer digits are cut off.

    A leap second is the second before it. Raises ValueError for a day that does not exist. Kept,
    since what was made at once says one time again and again.
    """
    try:
        passed = datetime.fromisoformat(text) - _EPOCH
    except ValueError:
        if not _LEAP.search(text):
            raise
        passed = datetime.fromisoformat(_LEAP.sub(":59", text)) - _EPOCH
    return (passed.days * 86400 + passed.seconds) * 1_000_000 + passed.microseconds
