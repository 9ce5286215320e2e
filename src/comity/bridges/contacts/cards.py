"""Contacts as the properties of cards, which vCard and jCard write in two ways.

Where the standard has a property, it is used; the rest stands in properties of our own, X-COMITY-…,
which others pass over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from comity.bridges.contacts import forms
from comity.bridges.contacts.cardreading import (
    EMERGENCY,
    KEPT,
    KINDS,
    MOST_PREF,
    OWN_NAMES,
    REST,
    kept,
)
from comity.bridges.contacts.lines import Property, parsed
from comity.bridges.contacts.record import Contact, iso

_URI = re.compile(r"[a-z][a-z0-9+.-]*:\S+")
# What stands in a card once, or frames it, is not written as it was kept.
_FRAME = {"BEGIN", "END", "VERSION", "FN", "KIND", "REV", "N"}


def properties(contact: Contact) -> Iterator[Property]:
    """Yield the properties of a contact's card."""
    kind = KINDS.get(contact.holder_is, "" if contact.holder else "org")
    if kind:
        yield Property("KIND", (kind,))
    yield _named(contact, kind)
    yield from _organisation(contact)
    yield from _plain(contact, kind)
    yield from _ways(contact)
    yield from _keys(contact)
    if contact.updated is not None:
        yield Property("REV", (iso(contact.updated),), "timestamp")
    for name, value in contact.rest:
        yield _kept(name, value, kind)


def _named(contact: Contact, kind: str) -> Property:
    name = contact.party if kind == "org" else contact.holder
    if name:
        return Property("FN", (name,))
    # A card has a name; RFC 9554 has a word for one that was put together.
    return Property("FN", (contact.name,), params={"DERIVED": "true"})


def _organisation(contact: Contact) -> Iterator[Property]:
    if contact.institution:
        yield Property("ORG", (contact.institution, contact.party))
    elif contact.party:
        yield Property("ORG", (contact.party,))


def _plain(contact: Contact, kind: str) -> Iterator[Property]:
    """Yield the texts that stand in one property each."""
    names = {"position": "TITLE", "other": "NOTE"}
    for field in (
        "position",
        "role",
        "video",
        "hours",
        "holidays",
        "mandate",
        "constituency",
        "other",
    ):
        if contact.told(field):
            yield Property(names.get(field, OWN_NAMES[field]), (contact.told(field),))
    if contact.seat:
        yield Property("NICKNAME" if kind == "org" else OWN_NAMES["seat"], (contact.seat,))
    if contact.holder_is not in {"", *KINDS}:
        yield Property(OWN_NAMES["holder_is"], (contact.holder_is,))
    if contact.zone:
        name = "TZ" if forms.is_zone(contact.zone) else OWN_NAMES["zone"]
        yield Property(name, (contact.zone,))
    if contact.address:
        yield Property("ADR", ("", "", contact.address, "", "", "", ""))


def _ways(contact: Contact) -> Iterator[Property]:
    """Yield what may be there several times, best first."""
    yield from (Property("EMAIL", (each,), params=pref) for each, pref in _lines(contact.email))
    for each, pref in _lines(contact.phone):
        yield _phone(each, pref)
    for each, pref in _lines(contact.phone_emergency):
        yield _phone(each, pref | {"TYPE": EMERGENCY})
    for each, pref in _lines(contact.chat):
        is_uri = _URI.fullmatch(each) is not None
        yield Property(
            "IMPP" if is_uri else OWN_NAMES["chat"], (each,), "uri" if is_uri else "text", pref
        )
    for each, pref in _lines(contact.website):
        yield Property("URL", (each,), "uri", pref)
    for each, pref in _lines(contact.deputies):
        yield Property("RELATED", (each,), "text", pref | {"TYPE": "agent"})
    tags = forms.tags_of(contact.languages)
    for each, pref in _lines("\n".join(tags)):
        yield Property("LANG", (each,), "language-tag", pref)
    if contact.languages and not tags:
        yield Property(OWN_NAMES["languages"], (contact.languages,))


def _lines(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for number, line in enumerate(filter(None, text.split("\n")), 1):
        yield line, {"PREF": str(min(number, MOST_PREF))}


def _phone(text: str, params: dict[str, str]) -> Property:
    uri = forms.phone_to_uri(text)
    return Property("TEL", (uri or text,), "uri" if uri else "text", params)


def _keys(contact: Contact) -> Iterator[Property]:
    for each, pref in _lines(contact.openpgp):
        uri = forms.fingerprint_to_uri(each)
        yield Property("KEY", (uri or each,), "uri" if uri else "text", pref)


def _kept(name: str, value: str, kind: str) -> Property:
    """Return what has no field as the property that it was, or in one of ours."""
    line = f"{name.removeprefix(KEPT)}:{value}" if name.startswith(KEPT) else ""
    found = None if "\n" in line else parsed(line)
    if found and found.name not in _FRAME and kept(found, kind) == (name, value):
        return found
    return Property(REST, (value,), params={"X-NAME": name})
