"""Contacts as vCard 4.0 (RFC 6350); 3.0 is read too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from comity.bridges.contacts import cardreading, cards
from comity.bridges.contacts.lines import Property, folded, parsed, unfolded
from comity.bridges.contacts.record import (
    Contact,
    Draft,
    Lost,
    Reading,
    Writing,
    reading,
    require_number,
    require_size,
    written,
)
from comity.kernel.errors import Phrase

VERSIONS = ("3.0", "4.0")


def read(text: str) -> Reading:
    """Return the contacts of one card or more, one below the other.

    Raises ValueError where there is none, where one has no end, and for other versions.
    """
    require_size(text)
    lost = Lost()
    drafts = [_draft(lines, lost) for lines in _cards(text.removeprefix("\ufeff"), lost)]
    if not drafts:
        raise ValueError(Phrase("This holds no vCard; one begins with BEGIN:VCARD."))
    return reading(drafts, lost)


def _cards(text: str, lost: Lost) -> Iterator[list[str]]:
    """Yield the lines of each card, without its first and last."""
    card: list[str] | None = None
    count = 0
    for line in unfolded(text):
        mark = line.strip().upper()
        if mark == "BEGIN:VCARD" and card is None:
            card, count = [], count + 1
            require_number(count)
        elif mark == "END:VCARD" and card is not None:
            yield card
            card = None
        elif mark and card is None:
            lost.append(_not_understood(line))
        elif mark and card is not None:
            _require_inside(mark)
            card.append(line)
    if card is not None:
        raise ValueError(Phrase("A vCard has no END:VCARD; the file is cut off."))


def _require_inside(mark: str) -> None:
    if mark in {"BEGIN:VCARD", "END:VCARD"}:
        raise ValueError(Phrase("A vCard stands within another one."))


def _not_understood(line: str) -> Phrase:
    shown = line if len(line) <= 60 else f"{line[:60]}…"
    return Phrase("A line is not understood, and left out: {line}", line=shown)


def _draft(lines: list[str], lost: Lost) -> Draft:
    found: list[Property] = []
    for line in lines:
        if each := parsed(line):
            found.append(each)
        else:
            lost.append(_not_understood(line))
    version = next((each.text.strip() for each in found if each.name == "VERSION"), "2.1")
    if version not in VERSIONS:
        raise ValueError(
            Phrase(
                "A vCard has version {version}; export it again as {versions}.",
                version=version,
                versions=", ".join(VERSIONS),
            )
        )
    return cardreading.draft(each for each in found if each.name != "VERSION")


def write(contacts: Sequence[Contact]) -> Writing:
    """Return the contacts as cards, one below the other."""
    text = folded(line for contact in contacts for line in _lines(contact))
    return written(text, contacts, _read_any)


def _lines(contact: Contact) -> Iterator[str]:
    yield from ("BEGIN:VCARD", "VERSION:4.0")
    for each in cards.properties(contact):
        # A card writes an instant without signs between its parts.
        raw = each.raw.translate(_SIGNS) if each.kind == "timestamp" else each.raw
        yield f"{each.label}:{raw}"
    yield "END:VCARD"


_SIGNS = str.maketrans("", "", "-:")


def _read_any(text: str) -> Reading:
    return read(text) if text else Reading((), ())
