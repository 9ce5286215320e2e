"""A team's description of itself by RFC 2350: one contact, as text for people.

What RFC 2350 has no section for stands in labelled lines of the section where people would look.
Sections that have no field are kept as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from comity.bridges.contacts import forms
from comity.bridges.contacts.record import (
    Contact,
    Draft,
    Reading,
    Writing,
    is_kept,
    iso,
    reading,
    require_size,
    tidy,
    written,
)
from comity.bridges.contacts.sections import LABELS, TITLES, Heading, guarded, heading, sections
from comity.bridges.contacts.securitytxt import SIGNED
from comity.bridges.openpgp import armor, keys
from comity.kernel.errors import Phrase
from comity.kernel.fieldtypes import instant_from_text

_KEPT = "rfc2350."
_BEFORE = _KEPT + "0"
_TITLE = "Description by RFC 2350"
_FIELDS = {
    "2.1": "party",
    "2.2": "address",
    "2.3": "zone",
    "2.4": "phone",
    "2.7": "email",
    "2.8": "openpgp",
    "2.10": "other",
    "3.2": "constituency",
    "3.3": "institution",
    "3.4": "mandate",
}
# Where the labelled lines stand.
_WITHIN = {
    "2.1": ("seat", "role"),
    "2.4": ("phone_emergency",),
    "2.6": ("chat", "video"),
    "2.9": ("holder_is", "holder", "position", "deputies"),
    "2.10": ("website", "languages"),
    "2.11": ("hours", "holidays"),
}
_INDENT = "      "
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_MONTH = f"({'|'.join(_MONTHS)})[a-z]*"
_DATES = (
    (re.compile(r"\b(\d{4})[-/.](\d\d)[-/.](\d\d)\b"), (0, 1, 2)),
    (re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?[ .-]+{_MONTH}[ ,.-]+(\d{{4}})\b"), (2, 1, 0)),
    (re.compile(rf"\b{_MONTH}[ .]+(\d{{1,2}})(?:st|nd|rd|th)?,? +(\d{{4}})\b"), (2, 0, 1)),
)


def read(text: str) -> Reading:
    """Return the one contact of a description. Raises ValueError where no heading is known."""
    require_size(text)
    body, signed = armor.cleartext(text.removeprefix("\ufeff"))
    found = sections(tidy(body))
    if not found.keys() & {*TITLES, *LABELS}:
        raise ValueError(Phrase("No heading of RFC 2350 is found, as “2.1 Name of the Team”."))
    draft = Draft()
    draft.lost += [SIGNED] if signed else []
    for key, told in found.items():
        if told and not (key == "" and told == _TITLE):
            _take(draft, key, told)
    return reading([draft])


def _take(draft: Draft, key: str, told: str) -> None:
    if key in _READERS:
        _READERS[key](draft, key, told)
    elif key in _FIELDS or key in LABELS:
        draft.add(_FIELDS.get(key, key), told)
    elif key in TITLES or not is_kept(key) or key[0].isdecimal():
        draft.keep(f"{_KEPT}{key or '0'}", told)
    else:
        draft.keep(key, told)


def _updated(draft: Draft, key: str, told: str) -> None:
    """Take the date of the last change; a day begins at midnight, UTC."""
    try:
        draft.updated = instant_from_text(told)
    except ValueError:
        draft.updated = _date(told)
        draft.keep(_KEPT + key, told)
    if draft.updated is None:
        draft.lost.append(Phrase("{value} is no date; it is kept as it is.", value=told))


def _date(told: str) -> int | None:
    for pattern, order in _DATES:
        if found := pattern.search(told):
            year, month, day = (found[at + 1] for at in order)
            number = int(month) if month.isdecimal() else _MONTHS.index(month) + 1
            return _midnight(int(year), number, int(day))
    return None


def _midnight(year: int, month: int, day: int) -> int | None:
    try:
        at = int(datetime(year, month, day, tzinfo=UTC).timestamp()) * 1000
    except ValueError:
        return None
    return at if at >= 0 else None


def _zone(draft: Draft, key: str, told: str) -> None:
    names = forms.zones_in(told)
    if len(names) == 1:
        draft.add("zone", names[0])
    else:
        told_so = Phrase("{value} names no time zone; it is kept as it is.", value=told)
        draft.lost.append(told_so)
    if [told] != names:
        draft.keep(_KEPT + key, told)


def _email(draft: Draft, key: str, told: str) -> None:
    """Take mail addresses out of what is said about them; what has none is taken as it is."""
    found = forms.mails_in(told)
    draft.add("email", "\n".join(found) or told)
    if found and told.split("\n") != found:
        draft.keep(_KEPT + key, told)


def _keys(draft: Draft, key: str, told: str) -> None:
    """Take fingerprints, of keys that stand there too."""
    words = armor.without_keys(told).strip()
    marks = forms.fingerprints_in(words)
    for mark in (
        each for each in _embedded(draft, told) if each.upper() not in map(str.upper, marks)
    ):
        marks.append(mark)
    draft.add("openpgp", "\n".join(marks))
    if words and words.split("\n") != marks:
        draft.keep(_KEPT + key, words)


def _embedded(draft: Draft, told: str) -> list[str]:
    if "-----BEGIN PGP PUBLIC" not in told:
        return []
    try:
        found = [each.fingerprint for each in keys.read(told)]
    except ValueError as error:
        draft.lost.append(error.args[0])
        return []
    draft.lost += [
        Phrase("Of a key, its fingerprint is kept: {value}", value=each) for each in found
    ]
    return found


def _hours(draft: Draft, key: str, told: str) -> None:
    if re.fullmatch(r"24\s*[/x]\s*7", told, re.IGNORECASE):
        draft.add("hours", "24/7")
    else:
        draft.keep(_KEPT + key, told)


_READERS: dict[str, Callable[[Draft, str, str], None]] = {
    "1.1": _updated,
    "2.3": _zone,
    "2.7": _email,
    "2.8": _keys,
    "2.11": _hours,
}


def write(contacts: Sequence[Contact]) -> Writing:
    """Return the first contact as a description. Raises ValueError where there is none."""
    if not contacts:
        raise ValueError(Phrase("There is no contact to describe."))
    return written("\n".join(_document(contacts[0])).rstrip() + "\n", contacts, read)


def _document(contact: Contact) -> Iterator[str]:
    kept = _kept(contact)
    yield from (*map(guarded, kept.pop("0", _TITLE).split("\n")), "")
    more = [(key, "") for key in kept if key not in TITLES and heading(key) == Heading(key)]
    for key, title in sorted([*TITLES.items(), *more], key=_order):
        body = list(_section(contact, key, kept.get(key, "")))
        if body or "." not in key or key == "2.1":
            yield from (f"{key}{'' if '.' in key else '.'} {title}".rstrip(), "", *_indented(body))


def _kept(contact: Contact) -> dict[str, str]:
    ours = ((n.removeprefix(_KEPT), value) for n, value in contact.rest if n.startswith(_KEPT))
    return dict(ours)


def _order(section: tuple[str, str]) -> list[int]:
    return [int(part) for part in section[0].partition(" ")[0].split(".")]


def _indented(body: list[str]) -> Iterator[str]:
    yield from (f"{_INDENT}{line}".rstrip() for line in body)
    if body:
        yield ""


def _section(contact: Contact, key: str, kept: str) -> Iterator[str]:
    """Yield the lines of a section: what it says, then what stands there under labels."""
    told = _said(contact, key)
    if kept and (not told or _says(key, kept, told)):
        told = kept
    yield from map(guarded, told.split("\n") if told else ())
    for field in _WITHIN.get(key, ()):
        yield from _labelled(LABELS[field], contact.told(field))
    if key == "2.10":
        for name, value in contact.rest:
            if not name.startswith(_KEPT):
                yield from _labelled(f"[{name}]", value)


def _said(contact: Contact, key: str) -> str:
    if key == "1.1":
        return "" if contact.updated is None else iso(contact.updated)
    return contact.told(_FIELDS[key]) if key in _FIELDS else ""


def _says(key: str, kept: str, told: str) -> bool:
    """Say whether the whole text of a section that was kept says what its field says."""
    draft = Draft()
    if key not in _READERS:
        return False
    _take(draft, key, kept)
    return _said(draft.contact(), key) == told


def _labelled(label: str, value: str) -> Iterator[str]:
    if value:
        first, *more = value.split("\n")
        yield from (f"{label}: {first}", *map(guarded, more))
