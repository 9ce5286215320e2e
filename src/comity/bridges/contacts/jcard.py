"""Contacts as jCard (RFC 7095): the properties of vCard 4.0 in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import orjson

from comity.bridges.contacts import cardreading, cards
from comity.bridges.contacts.lines import STRUCTURED, Property
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


def read(text: str) -> Reading:
    """Return the contacts of one card, or of a list of cards. Raises ValueError."""
    require_size(text)
    try:
        value = orjson.loads(text.removeprefix("\ufeff"))
    except orjson.JSONDecodeError:
        raise ValueError(Phrase("This is no JSON, in which a jCard is written.")) from None
    found = [value] if _is_card(value) else value
    if not isinstance(found, list) or not all(map(_is_card, found)):
        raise ValueError(Phrase("This JSON is no jCard, nor a list of them."))
    require_number(len(found))
    lost = Lost()
    return reading([_draft(each[1], lost) for each in found], lost)


def _is_card(value: object) -> bool:
    is_pair = isinstance(value, list) and len(value) == 2
    return is_pair and value[0] == "vcard" and isinstance(value[1], list)  # type: ignore[index]


def _draft(values: list[object], lost: Lost) -> Draft:
    found: list[Property] = []
    for value in values:
        if each := _property(value):
            found.append(each)
        else:
            lost.append(_not_understood(value))
    return cardreading.draft(each for each in found if each.name != "VERSION")


def _not_understood(value: object) -> Phrase:
    name = value[0] if isinstance(value, list) and value else value
    shown = name[:60] if isinstance(name, str) else "?"
    return Phrase("A line is not understood, and left out: {line}", line=shown)


def _property(value: object) -> Property | None:
    """Return a property of section 3.3, None where it is none."""
    if not isinstance(value, list) or len(value) < 4:
        return None
    name, params, kind, *values = value
    if not isinstance(name, str) or not isinstance(params, dict) or not isinstance(kind, str):
        return None
    told = {key.upper(): _listed(each) for key, each in params.items()}
    parts = [_parts(each) for each in values]
    if not name or None in told.values() or None in parts:
        return None
    whole = cast("list[tuple[str, ...]]", parts)
    value = whole[0] if len(whole) == 1 else tuple(", ".join(each) for each in whole)
    texts = {key: each for key, each in told.items() if each is not None and key != "GROUP"}
    is_parted = name.upper() in STRUCTURED
    return Property(name.upper(), value if is_parted else (", ".join(value),), kind.lower(), texts)


def _parts(value: object) -> tuple[str, ...] | None:
    """Return a value as the texts of its parts, None where it holds anything else."""
    parts = [_listed(each, ", ") for each in (value if isinstance(value, list) else [value])]
    return None if None in parts or not parts else tuple(each or "" for each in parts)


def _listed(value: object, sign: str = ",") -> str | None:
    """Return a value, or several, as one text, None where it is anything else."""
    values = value if isinstance(value, list) else [value]
    is_plain = all(isinstance(each, str | int | float) for each in values)
    return sign.join(map(str, values)) if is_plain else None


def write(contacts: Sequence[Contact]) -> Writing:
    """Return one contact as a card, several as a list of cards."""
    found = [_card(each) for each in contacts]
    value = found[0] if len(found) == 1 else found
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n"
    return written(text, contacts, read)


def _card(contact: Contact) -> list[object]:
    version: list[object] = ["version", {}, "text", "4.0"]
    return ["vcard", [version, *(_array(each) for each in cards.properties(contact))]]


def _array(each: Property) -> list[object]:
    params = {name.lower(): value for name, value in each.params.items()}
    value: object = each.text if len(each.value) == 1 else list(each.value)
    return [each.name.lower(), params, each.kind, value]
