"""Contacts in the formats of the world, and what gets lost on the way, in words for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from comity.bridges.contacts import first, jcard, rfc2350, securitytxt, table, vcard
from comity.bridges.contacts.record import LIMIT, Contact, Reading, Writing
from comity.bridges.openpgp import wkd
from comity.kernel.errors import Phrase, Refusal
from comity.protocols._vocabulary.contacts import FIELDS

LARGEST = 4 * LIMIT
"""The largest file that is read, in bytes: no character takes more than four."""
FORMAT = "format"
"""The subject of a refusal that is about a text in a format."""


class Format(StrEnum):
    """A format of contacts, by the word that people write for it."""

    FIRST = "first"
    RFC2350 = "rfc2350"
    VCARD = "vcard"
    JCARD = "jcard"
    SECURITYTXT = "securitytxt"
    CSV = "csv"


class _Bridge(NamedTuple):
    read: Callable[[str], Reading]
    write: Callable[[Sequence[Contact]], Writing]


_BRIDGES: Mapping[Format, _Bridge] = {
    Format.FIRST: _Bridge(first.read, first.write),
    Format.RFC2350: _Bridge(rfc2350.read, rfc2350.write),
    Format.VCARD: _Bridge(vcard.read, vcard.write),
    Format.JCARD: _Bridge(jcard.read, jcard.write),
    Format.SECURITYTXT: _Bridge(securitytxt.read, securitytxt.write),
    Format.CSV: _Bridge(table.read, table.write),
}
LABELS: Mapping[str, str] = {
    "seat": Phrase("For whom it speaks"),
    "party": Phrase("Party"),
    "role": Phrase("Role"),
    "holder_is": Phrase("Person or desk"),
    "updated": Phrase("Last change"),
    **{code: Phrase(label) for code, label in FIELDS.items()},
}
"""How the fields of a contact are called."""


def imported(text: str, form: Format) -> Reading:
    """Return the contacts of a text in a format, and what of it is lost.

    Raises Refusal S4, with the subject ``FORMAT``, for what is not of that format.
    """
    try:
        contacts, lost = _BRIDGES[form].read(text)
    except ValueError as error:
        raise Refusal("S4", error.args[0], FORMAT) from error
    return Reading(contacts, _labelled(lost))


def exported(contacts: Sequence[Contact], form: Format) -> Writing:
    """Return contacts as a text in a format, and what of them it cannot hold.

    Raises Refusal S4, with the subject ``FORMAT``, where the format has no text for them at all.
    """
    try:
        text, lost = _BRIDGES[form].write(contacts)
    except ValueError as error:
        raise Refusal("S4", error.args[0], FORMAT) from error
    return Writing(text, _labelled(lost))


def key_places(address: str) -> wkd.Places:
    """Return where the key of a mail address may lie. Raises Refusal S4, with that subject."""
    try:
        return wkd.places(address)
    except ValueError as error:
        raise Refusal("S4", Phrase("{why}.", why=error.args[0]), address) from error


def _labelled(lost: Iterable[Phrase]) -> tuple[Phrase, ...]:
    """Return what is lost with the fields called as people know them."""
    return tuple(
        Phrase(each.template, **{name: _label(name, told) for name, told in each.values.items()})
        for each in lost
    )


def _label(name: str, value: object) -> object:
    return LABELS.get(str(value), value) if name == "field" else value
