"""How long something took, in words."""

from __future__ import annotations

from django.utils.translation import ngettext

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000


def span(time: int) -> str:
    """Return how long something took, in the largest unit of which it is more than one."""
    if time < 2 * MINUTE:
        number = time // SECOND
        return ngettext("%(n)s second", "%(n)s seconds", number) % {"n": number}
    if time < 2 * HOUR:
        number = time // MINUTE
        return ngettext("%(n)s minute", "%(n)s minutes", number) % {"n": number}
    if time < 2 * DAY:
        number = time // HOUR
        return ngettext("%(n)s hour", "%(n)s hours", number) % {"n": number}
    number = time // DAY
    return ngettext("%(n)s day", "%(n)s days", number) % {"n": number}
