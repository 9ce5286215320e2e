"""The types of act fields: how a value is checked, described, and read from a form or command.

A type has a ``name`` for schemas, checks a canonical value with ``check`` (ValueError says what is
wrong) and reads a person's text with ``from_text``. ``schema`` is its JSON Schema (2020-12).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, cast

from comity.kernel.canon import MAX_INT
from comity.kernel.ids import is_hex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.kernel.canon import Object, Value


class FieldType(Protocol):
    """What every field type can do."""

    @property
    def name(self) -> str:
        """The type's name in documentation and forms."""

    def check(self, value: Value) -> Value:
        """Return ``value`` if it is of this type. Raises ValueError."""

    def from_text(self, text: str) -> Value:
        """Return the value a person wrote as ``text``. Raises ValueError."""

    def schema(self) -> Object:
        """Return the JSON Schema of the canonical value."""


@dataclass(frozen=True, slots=True)
class Code:
    """One of fixed codes; ``choices`` maps each to its label."""

    choices: Mapping[str, str]
    name: str = "code"

    def check(self, value: Value) -> Value:
        """Return the code."""
        if not isinstance(value, str) or value not in self.choices:
            raise ValueError(f"{value!r} is not one of {', '.join(self.choices)}")
        return value

    def from_text(self, text: str) -> Value:
        """Return the code written as itself."""
        return self.check(text)

    def schema(self) -> Object:
        """Return an enumeration of the codes."""
        return {"type": "string", "enum": [*self.choices]}


@dataclass(frozen=True, slots=True)
class Hex:
    """An id of 64 hexadecimal digits; ``name`` says of what: act, party, dossier."""

    name: str = "act"

    def check(self, value: Value) -> Value:
        """Return the id."""
        if not is_hex(value):
            raise ValueError(f"a {self.name} id has 64 lower-case hexadecimal digits")
        return value

    def from_text(self, text: str) -> Value:
        """Return the id written as itself."""
        return self.check(text)

    def schema(self) -> Object:
        """Return a string of 64 hexadecimal digits."""
        return {"type": "string", "pattern": "^[0-9a-f]{64}$", "x_of": self.name}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from ``low`` to ``high``, both included."""

    low: int = 0
    high: int = MAX_INT
    name: str = "number"

    def check(self, value: Value) -> Value:
        """Return the number."""
        if type(value) is not int or not self.low <= value <= self.high:
            raise ValueError(f"a whole number from {self.low} to {self.high} is needed")
        return value

    def from_text(self, text: str) -> Value:
        """Return the number in decimal digits."""
        return self.check(int(text))

    def schema(self) -> Object:
        """Return a bounded integer."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Instant:
    """A point in time: milliseconds since the epoch, UTC. People write and read RFC 3339."""

    name: str = "instant"

    def check(self, value: Value) -> Value:
        """Return the milliseconds."""
        if type(value) is not int or not 0 <= value <= MAX_INT:
            raise ValueError("an instant is whole milliseconds since 1970-01-01T00:00:00Z")
        return value

    def from_text(self, text: str) -> Value:
        """Return the instant of an RFC 3339 date and time with its zone."""
        return instant_from_text(text)

    def schema(self) -> Object:
        """Return an integer."""
        return {"type": "integer", "minimum": 0, "maximum": MAX_INT, "x_of": "milliseconds"}


def instant_from_text(text: str) -> int:
    """Return milliseconds since the epoch for RFC 3339 ``text``; the zone must be written."""
    from datetime import datetime, timedelta, timezone  # noqa: PLC0415

    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("an instant needs its zone, as in 2026-05-03T02:40Z")
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017
    value = (moment - epoch) // timedelta(milliseconds=1)
    return cast("int", Instant().check(value))


@dataclass(frozen=True, slots=True)
class Text:
    """Free text of at most ``most`` characters: content only, never in a body."""

    most: int = 20_000
    lines: bool = True
    name: str = "text"

    def check(self, value: Value) -> Value:
        """Return the text."""
        if not isinstance(value, str) or not 1 <= len(value) <= self.most:
            raise ValueError(f"text of 1 to {self.most} characters is needed")
        if not self.lines and "\n" in value:
            raise ValueError("this text is a single line")
        return value

    def from_text(self, text: str) -> Value:
        """Return the text as written."""
        return self.check(text)

    def schema(self) -> Object:
        """Return a bounded string."""
        return {"type": "string", "minLength": 1, "maxLength": self.most}


@dataclass(frozen=True, slots=True)
class Many:
    """Between ``least`` and ``most`` distinct values of one type, in ascending order."""

    of: FieldType
    most: int = 32
    least: int = 1
    name: str = field(default="list")

    def check(self, value: Value) -> Value:
        """Return the list."""
        if not isinstance(value, list) or not self.least <= len(value) <= self.most:
            raise ValueError(f"a list of {self.least} to {self.most} items is needed")
        items = [self.of.check(item) for item in value]
        keys = [cast("str", item) for item in items]
        if any(a >= b for a, b in itertools.pairwise(keys)):
            raise ValueError("the items of a list are distinct and in ascending order")
        return value

    def from_text(self, text: str) -> Value:
        """Return the items of comma-separated text, in order and once each."""
        items = {cast("str", self.of.from_text(item.strip())) for item in text.split(",")}
        return self.check([*sorted(items)])

    def schema(self) -> Object:
        """Return an array of the item's schema."""
        return {
            "type": "array",
            "items": self.of.schema(),
            "minItems": self.least,
            "maxItems": self.most,
            "uniqueItems": True,
        }
