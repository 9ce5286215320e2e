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
    lost: list[Phrase] = []
    return reading([_draft(each[1], lost) for each in found], lost)


def _is_card(value: object) -> bool:
    is_pair = isinstance(value, list) and len(value) == 2
    return is_pair and value[0] == "vcard" and isinstance(value[1], list)  # type: ignore[index]


def _draft(values: list[object], lost: list[Phrase]) -> Draft:
    found: list[Property] = []
    for value in values:
        if each := _property(value):
            found.append(each)
        else:
            shown = orjson.dumps(value).decode()[:60]
            lost.append(Phrase("A line is not understood, and left out: {line}", line=shown))
    return cardreading.draft(each for each in found if each.name != "VERSION")


def _property(value: object) -> Property | None:
    """Return a property of section 3.3, None where it is none."""
    if not isinstance(value, list) or len(value) < 4:
        return None
    name, params, kind, *values = value
    if not isinstance(name, str) or not isinstance(params, dict) or not isinstance(kind, str):
        return None
    texts = [_texts(each) for each in values]
    if not name or None in texts or any(_texts(each) is None for each in params.values()):
        return None
    told = {key.upper(): ",".join(_texts(each) or ()) for key, each in params.items()}
    told.pop("GROUP", None)
    parts = cast("list[tuple[str, ...]]", texts)
    whole = parts[0] if len(parts) == 1 else tuple(", ".join(each) for each in parts)
    return Property(name.upper(), _value(name.upper(), whole), kind.lower(), told)


def _value(name: str, texts: tuple[str, ...]) -> tuple[str, ...]:
    return texts if name in STRUCTURED else (", ".join(texts),)


def _texts(value: object) -> tuple[str, ...] | None:
    """Return a value as the texts of its parts, None where it holds anything else."""
    if not isinstance(value, list):
        return (str(value),) if isinstance(value, str | int | float) else None
    parts = [_texts(each) for each in value]
    if any(each is None for each in parts):
        return None
    return tuple(", ".join(each or ()) for each in parts)


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
