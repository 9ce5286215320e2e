"""Filters and tags of the pages: instants, labels, digits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext

from comity.kernel.label import TLP

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

register = template.Library()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_402_300_799_999
SHOWN = {
    TLP.CLEAR: "TLP:CLEAR",
    TLP.GREEN: "TLP:GREEN",
    TLP.AMBER: "TLP:AMBER",
    TLP.AMBER_STRICT: "TLP:AMBER+STRICT",
    TLP.RED: "TLP:RED",
}


def moment(time: int) -> datetime:
    """Return an instant of milliseconds since the epoch, or the last one that has a date."""
    return _EPOCH + timedelta(milliseconds=min(time, _LAST))


def _text(found: datetime, zone: str) -> str:
    day, clock = date_format(found, "DATE_FORMAT"), f"{found:%H:%M}"
    return gettext("%(day)s, %(clock)s %(zone)s") % {"day": day, "clock": clock, "zone": zone}


@register.filter
def utc(time: int) -> SafeString:
    """Show an instant in UTC, as ``3 May 2026, 02:40 UTC``; programs read it from the element."""
    found = moment(time)
    return format_html(
        '<time datetime="{}">{}</time>', f"{found:%Y-%m-%dT%H:%M:%SZ}", _text(found, "UTC")
    )


@register.filter
def both(time: int) -> SafeString:
    """Show an instant in the reader's own zone, and in UTC where that is another."""
    local = timezone.localtime(moment(time))
    shown = utc(time)
    if not local.utcoffset():
        return shown
    return format_html("{} <span class=soft>({})</span>", _text(local, local.tzname() or ""), shown)


@register.filter
def tlp(code: str) -> SafeString:
    """Show a TLP label: a word and a shape, and a colour beside them."""
    return format_html('<span class="tlp tlp-{}">{}</span>', code, SHOWN[TLP(code)])
