"""Filters and tags of the pages: instants, labels, digits."""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from django import template
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.edge.web import pictures, prose
from comity.edge.web.languages import said
from comity.edge.web.stixwords import of_type
from comity.kernel.label import TLP, Egress, Footing, lets_out
from comity.kernel.standing import Standing
from comity.services.casework import marking, telling, tongues, words
from comity.services.casework.sides import NAMES
from comity.services.people.mandates import shipped
from comity.store.access.memos import ALL, ME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.safestring import SafeString

    from comity.services.casework.reach import Reach
    from comity.services.people.actors import Actor
    from comity.services.proof.standing import ActStanding

register = template.Library()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_402_214_399_999  # A day before the last, so that no zone leads beyond the calendar.
ADDRESS = re.compile("[0-9a-f]*(?::[0-9a-f]*){2,}(?:/[0-9]+)?")
SHOWN = {tlp: tlp.written for tlp in TLP}

MEMO_READERS = {ME: _("only you"), ALL: _("your colleagues who read the message")}


def moment(time: int) -> datetime:
    """Return an instant of milliseconds since the epoch, or the last one that has a date in
    every time zone.
    """
    return _EPOCH + timedelta(milliseconds=min(time, _LAST))


@lru_cache(maxsize=4096)
def _day(found: date, _language: str | None) -> str:
    """Return a day in the language in use: a page shows few days, and each of them many times."""
    return date_format(found, "DATE_FORMAT")


def _text(found: datetime, zone: str) -> str:
    day, clock = _day(found.date(), translation.get_language()), f"{found:%H:%M}"
    return gettext(words.WHEN) % {"day": day, "clock": clock, "zone": zone}


register.filter("said", said)
register.filter("stixtype", of_type)


@register.filter
def micros(time: int) -> int:
    """Return an instant of microseconds, as objects have them, in milliseconds."""
    return time // 1000


@register.filter
def utc(time: int) -> SafeString:
    """Show an instant in UTC, as ``3 May 2026, 02:40 UTC``; programs read it from the element."""
    found = moment(time)
    return format_html(
        '<time datetime="{}">{}</time>', f"{found:%Y-%m-%dT%H:%M:%SZ}", _text(found, "UTC")
    )


@register.filter
def day(time: int) -> SafeString:
    """Show the day of an instant in UTC, as ``3 May 2026``."""
    found = moment(time).date()
    shown = _day(found, translation.get_language())
    return format_html('<time datetime="{}">{}</time>', found.isoformat(), shown)


@register.filter
def both(time: int) -> SafeString:
    """Show an instant in the reader's own zone, and in UTC where that is another."""
    local = timezone.localtime(moment(time))
    shown = utc(time)
    if not local.utcoffset():
        return shown
    return format_html("{} <span class=soft>({})</span>", _text(local, local.tzname() or ""), shown)


@register.filter
def zoned(time: int, zone: str) -> SafeString:
    """Show an instant in another time zone, by its name: ``3 May 2026, 11:40 Asia/Tokyo``."""
    found = moment(time).astimezone(zoneinfo.ZoneInfo(zone))
    return format_html("<bdi>{}</bdi>", _text(found, zone))


@register.filter
def shown(text: object) -> prose.Prose:
    """Show what somebody wrote."""
    return prose.shown(str(text))


@register.filter
def addressed(text: object) -> str:
    """Keep the addresses in a sentence whole: where it runs from right to left, the parts between
    their colons would trade places.
    """
    return ADDRESS.sub(lambda found: telling.isolated(found[0]), str(text))


register.filter("worded", telling.worded)


@register.filter
def tongue(tag: str) -> str:
    """Say what a language is called."""
    return tongues.named(tag, gettext)


@register.filter
def foreign(tag: str, reader: str) -> bool:
    """Say whether a text is known to be in another language than who reads the page."""
    return bool(tag) and not tongues.reads(reader, tag)


@register.filter
def tlp(code: str) -> SafeString:
    """Show a TLP label: a word and a shape, and a colour beside them."""
    return format_html('<span class="tlp tlp-{}">{}</span>', code, SHOWN[TLP(code)])


@register.filter
def leaves(code: str) -> bool:
    """Say whether what has a TLP label may be taken along at all, as a file or on paper."""
    return lets_out(TLP(code), Egress.FILE)


MEANINGS = {
    TLP.CLEAR: _("Anybody may see it."),
    TLP.GREEN: _("They may pass it on to parties they have accredited."),
    TLP.AMBER: _("They may pass it on within their own constituency, where needed."),
    TLP.AMBER_STRICT: _("It stays within their own organisations."),
    TLP.RED: _("Only the persons listed see it, on pages, never machines."),
}
FOOTINGS = {footing: _(text) for footing, text in marking.FOOTINGS.items()}
MEMBERSHIPS = {
    "member": _("takes part"),
    "invited": _("invited"),
    "left": _("has left"),
    "declined": _("declined"),
}
ABSENCES = {
    "arriving": _("Its content is on its way."),
    "missing": _("Its content has not arrived; it is asked for again."),
    "withheld": _("Its content is not meant for this party; that it was said is."),
    "erased": _("Its content was erased; that it was said stays proven."),
}
STRENGTHS = {
    Standing.DISOWNED: _("disowned: its author no longer stands behind it"),
    Standing.UNPROVEN: _("unproven: its author's log does not hold it where it says"),
    Standing.PLAIN: _("signed by its author"),
    Standing.PROVEN: _("proven: its author's log holds it"),
    Standing.COSIGNED: _("witnessed: others signed the log that holds it"),
}


WAYS = {
    "queued": _("waits to be sent"),
    "sent": _("sent, no receipt yet"),
    "received": _("received"),
    "whole": _("received with all files"),
    "refused": _("refused by its node"),
    "undeliverable": _("could not be delivered"),
}
SENT, RECEIVED = (
    frozenset({"sent", "received", "whole", "refused"}),
    frozenset({"received", "whole"}),
)
RELATIONS = {
    ("succeeds", True): _("This dossier replaces it."),
    ("succeeds", False): _("It replaces this dossier."),
    ("cites", True): _("Something said here refers to it."),
    ("cites", False): _("Something said there refers to this dossier."),
    ("related", True): _("This case is related to it."),
    ("related", False): _("It is related to this dossier."),
    ("duplicate_of", True): _("This is about the same as it."),
    ("duplicate_of", False): _("It is about the same as this dossier."),
    ("part_of", True): _("This case is part of it."),
    ("part_of", False): _("It is part of this dossier."),
    ("split_from", True): _("This case was split from it."),
    ("split_from", False): _("It was split from this dossier."),
    ("merged_into", True): _("This case was merged into it."),
    ("merged_into", False): _("It was merged into this dossier."),
    ("continued_in", True): _("This case is continued in it."),
    ("continued_in", False): _("It is continued in this dossier."),
}


ERASING = {
    "asked": _("asks the others to erase its content"),
    "applied": _("has erased it"),
    "refused": _("keeps it"),
    "silent": _("was asked, no word yet"),
}


@register.filter
def erasing(stage: str) -> str:
    """Say what a party said about erasing content."""
    return str(ERASING.get(stage, stage))


@register.filter
def way(state: str) -> str:
    """Say how far what was sent got on its way to a party's node."""
    return str(WAYS.get(state, state))


@register.filter
def relation(how: str, named: bool) -> str:  # noqa: FBT001  filters take one by position
    """Say how another dossier belongs to this one."""
    return str(RELATIONS[how, named])


@register.filter
def steps(reach: Reach) -> SafeString:
    """Draw how far an act got: by the node, where this one sent it, then by people."""
    node = (reach.state in SENT, reach.state in RECEIVED) if reach.state else ()
    return pictures.steps(node, (bool(reach.acknowledged), bool(reach.answered)))


@register.filter
def footing(code: str) -> str:
    """Say how what is said may be read."""
    return str(FOOTINGS[Footing(code)]) if code else ""


@register.filter
def membership(state: str) -> str:
    """Say what a party's place in a dossier is."""
    return str(MEMBERSHIPS.get(state, state))


@register.filter
def absence(code: str) -> str:
    """Say why content is not here; "" when it is."""
    return str(ABSENCES.get(code, ""))


@register.filter
def strength(standing: ActStanding) -> str:
    """Say how strong the evidence is, and never more than was verified here."""
    if standing.rung is Standing.PLAIN and not standing.checked:
        return gettext("not checked here: signed, and nothing here shows its place in a log")
    return str(STRENGTHS[standing.rung])


@register.filter
def partyname(party: str, names: Mapping[str, str]) -> str:
    """Return what a party calls itself."""
    return names.get(party, party[:8])


@register.filter
def meaning(code: str) -> str:
    """Say what a TLP label lets its readers do."""
    return str(MEANINGS[TLP(code)])


@register.filter
def rolename(code: str) -> str:
    """Return what a mandate is called."""
    found = shipped().get(code)
    return code if found is None else gettext(found.title)


@register.filter
def manages(actor: Actor, what: str) -> bool:
    """Say whether somebody manages ``what``."""
    return actor.manages(what)


@register.filter
def memoreaders(readers: str) -> str:
    """Return who reads a memo, by the code of its readers."""
    if readers in MEMO_READERS:
        return str(MEMO_READERS[readers])
    return gettext("your colleagues in %(lane)s") % {"lane": gettext(NAMES[readers])}
