"""How an instant is written: for programs, and in lines of digits that any language shares.

What a sentence or a page says in its reader's own language is written by ``casework.words.when``.
Instants are milliseconds since the epoch, UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_402_300_799_999


def moment(time: int) -> datetime:
    """Return an instant, or the last one that has a date."""
    return _EPOCH + timedelta(milliseconds=min(time, _LAST))


def rfc3339(time: int) -> str:
    """Return an instant for programs: ``2026-05-03T02:40:00Z``, with thousandths if it has any."""
    text = moment(time).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00").removesuffix(".000") + "Z"


def plain(time: int) -> str:
    """Return an instant for lines and lists, to the minute: ``2026-05-03 02:40 UTC``."""
    return f"{moment(time):%Y-%m-%d %H:%M} UTC"


def exact(time: int) -> str:
    """Return an instant where seconds count, if it has any: ``2026-05-03 02:40:07 UTC``."""
    found = moment(time)
    return f"{found:%Y-%m-%d %H:%M:%S} UTC" if found.second else plain(time)
