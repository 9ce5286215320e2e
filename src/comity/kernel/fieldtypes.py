"""The types of act fields: how a value is checked, described, and read from a form or command.

A type has a ``name`` for schemas, checks a canonical value with ``check`` and reads a person's
text with ``from_text``; both raise ValueError, whose message says what to write instead.
``schema`` is its JSON Schema (2020-12).
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, cast

from comity.kernel import prefix
from comity.kernel.canon import MAX_INT
from comity.kernel.errors import Phrase, either
from comity.kernel.fields import CODE
from comity.kernel.ids import Id, PartyId, is_hex
from comity.kernel.language import LIMIT, PATTERN, is_tag, spelled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.kernel.canon import Object, Value

T = TypeVar("T", str, Id, PartyId, int)
T_co = TypeVar("T_co", covariant=True)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What the manifest refuses, and halves of characters, which no encoding can write.
_TEXT_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class FieldType(Protocol[T_co]):
    """What every field type can do."""

    @property
    def name(self) -> str:
        """The type's name in documentation and forms."""

    def check(self, value: Value) -> T_co:
        """Return ``value`` if it is of this type. Raises ValueError."""

    def from_text(self, text: str) -> T_co:
        """Return the value a person wrote as ``text``. Raises ValueError."""

    def schema(self) -> Object:
        """Return the JSON Schema of the canonical value."""


@dataclass(frozen=True, slots=True)
class Code:
    """One of fixed codes; ``choices`` maps each to its label."""

    choices: Mapping[str, str]
    name: str = "code"

    def check(self, value: Value) -> str:
        """Return the code."""
        if not isinstance(value, str) or value not in self.choices:
            raise ValueError(
                Phrase(
                    "{value} is not one of {choices}",
                    value=_shown(value),
                    choices=", ".join(self.choices),
                )
            )
        return value

    def from_text(self, text: str) -> str:
        """Return the code written as itself."""
        return self.check(text)

    def schema(self) -> Object:
        """Return an enumeration of the codes."""
        return {"type": "string", "enum": [*self.choices]}


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that is so, or is not said: the only value is true, "no" is the field's absence."""

    name: str = "flag"

    def check(self, value: Value) -> bool:
        """Return true."""
        if value is not True:
            raise ValueError(Phrase("write yes, or leave it out"))
        return True

    def from_text(self, text: str) -> bool:
        """Return true for ``yes``, ``true``, ``on`` and ``1``."""
        return self.check(text.lower() in {"yes", "true", "on", "1"})

    def schema(self) -> Object:
        """Return the constant true."""
        return {"type": "boolean", "const": True}


@dataclass(frozen=True, slots=True)
class Hex:
    """The id of a statement, 64 hexadecimal digits; ``name`` says of what: act, dossier."""

    name: str = "act"

    def check(self, value: Value) -> Id:
        """Return the id."""
        return Id(_hex(value, self.name))

    def from_text(self, text: str) -> Id:
        """Return the id written as itself."""
        return self.check(text)

    def schema(self) -> Object:
        """Return a string of 64 hexadecimal digits."""
        return _hex_schema(self.name)


@dataclass(frozen=True, slots=True)
class Party:
    """A party, by its id of 64 hexadecimal digits.

    ``outside`` tells forms to offer those that take no part yet, ``own`` to offer the party that
    fills it in as well; what a body says is judged by guards.
    """

    name: str = "party"
    outside: bool = False
    own: bool = False

    def check(self, value: Value) -> PartyId:
        """Return the party's id."""
        return PartyId(_hex(value, self.name))

    def from_text(self, text: str) -> PartyId:
        """Return the id written as itself."""
        return self.check(text)

    def schema(self) -> Object:
        """Return a string of 64 hexadecimal digits."""
        return _hex_schema(self.name)


@dataclass(frozen=True, slots=True)
class Handle:
    """A handle that a party gives a person or a guest: a code, never a name or an address.

    One that is ``plain`` has at most ``most`` characters and no ``/``, so that several may stand
    in one value, parted by it.
    """

    name: str = "handle"
    plain: bool = False
    most: int = 64

    def check(self, value: Value) -> str:
        """Return the handle."""
        if not isinstance(value, str) or not re.fullmatch(self._pattern, value):
            if self.plain:
                told = "a handle begins with a letter and has a-z, 0-9, _ and -, at most {most}"
                raise ValueError(Phrase(told, most=self.most))
            raise ValueError(
                Phrase("a handle begins with a letter and has a-z, 0-9, _, - and /, at most 64")
            )
        return value

    @property
    def _pattern(self) -> str:
        return f"[a-z][a-z0-9_-]{{0,{self.most - 1}}}" if self.plain else CODE.pattern

    def from_text(self, text: str) -> str:
        """Return the handle written as itself."""
        return self.check(text)

    def schema(self) -> Object:
        """Return a string with the pattern of codes."""
        return {"type": "string", "pattern": f"^{self._pattern}$"}


@dataclass(frozen=True, slots=True)
class Digits:
    """Hexadecimal digits, as many as one of ``lengths``: the fingerprint of a key, a digest.

    People write them as they are shown elsewhere: in capitals, in groups, after ``0x``.
    """

    lengths: tuple[int, ...]
    name: str = "digits"

    def check(self, value: Value) -> str:
        """Return the digits."""
        if not isinstance(value, str) or not re.fullmatch(self._pattern, value):
            lengths = either([*map(str, self.lengths)])
            raise ValueError(Phrase("write all {count} hexadecimal digits", count=lengths))
        return value

    def from_text(self, text: str) -> str:
        """Return the digits in their one spelling: small letters, with nothing between them."""
        return self.check(re.sub(r"[\s:]", "", text).lower().removeprefix("0x"))

    def schema(self) -> Object:
        """Return a string of so many digits."""
        return {"type": "string", "pattern": f"^({self._pattern})$", "x_of": self.name}

    @property
    def _pattern(self) -> str:
        return "|".join(f"[0-9a-f]{{{length}}}" for length in self.lengths)


LETTERS = 3
"""The most letters with which the tag of a language begins that people write."""


@dataclass(frozen=True, slots=True)
class Language:
    """The tag of a language, as ``language`` explains it; people write it in any case."""

    name: str = "language"

    def check(self, value: Value) -> str:
        """Return the tag."""
        if not is_tag(value):
            raise ValueError(Phrase("write the tag of a language, as ar, fr, pt-BR or zh-Hans"))
        return cast("str", value)

    def from_text(self, text: str) -> str:
        """Return the tag in its one spelling.

        A tag may begin with more than three letters, and none is registered that does: who writes
        ``french`` means its name.
        """
        tag = spelled(text)
        return self.check(tag if len(tag.partition("-")[0]) <= LETTERS else "")

    def schema(self) -> Object:
        """Return a string with the pattern of tags."""
        return {"type": "string", "pattern": f"^({PATTERN})$", "maxLength": LIMIT}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from ``low`` to ``high``, both included."""

    low: int = 0
    high: int = MAX_INT
    name: str = "number"

    def check(self, value: Value) -> int:
        """Return the number."""
        if type(value) is not int or not self.low <= value <= self.high:
            raise ValueError(
                Phrase("write a whole number from {low} to {high}", low=self.low, high=self.high)
            )
        return value

    def from_text(self, text: str) -> int:
        """Return the number in decimal digits."""
        return self.check(int(text) if re.fullmatch("[+-]?[0-9]{1,16}", text) else text)

    def schema(self) -> Object:
        """Return a bounded integer."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Instant:
    """A point in time: milliseconds since the epoch, UTC. People write and read RFC 3339."""

    name: str = "instant"

    def check(self, value: Value) -> int:
        """Return the milliseconds."""
        if type(value) is not int or not 0 <= value <= MAX_INT:
            raise ValueError(Phrase("an instant is whole milliseconds since 1970-01-01T00:00:00Z"))
        return value

    def from_text(self, text: str) -> int:
        """Return the instant of an RFC 3339 date and time with its zone."""
        return instant_from_text(text)

    def schema(self) -> Object:
        """Return an integer."""
        return {"type": "integer", "minimum": 0, "maximum": MAX_INT, "x_of": "milliseconds"}


def instant_from_text(text: str) -> int:
    """Return milliseconds since the epoch for RFC 3339 ``text``; the zone must be written.

    Raises ValueError.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(Phrase("write a date and time with its zone, as in 2026-05-03T02:40Z"))
    return Instant().check((moment - _EPOCH) // timedelta(milliseconds=1))


@dataclass(frozen=True, slots=True)
class Prefix:
    """A range of Internet addresses, in the spelling of ``prefix``.

    ``least4`` and ``least6`` are the least lengths of IPv4 and IPv6: what is wider is refused.
    """

    least4: int = 0
    least6: int = 0
    name: str = "prefix"

    def check(self, value: Value) -> str:
        """Return the range."""
        found = self.from_text(value if isinstance(value, str) else "")
        if found != value:
            raise ValueError(Phrase("write it as {spelling}", spelling=found))
        return found

    def from_text(self, text: str) -> str:
        """Return the range in its one spelling; an address alone is the range of itself."""
        found = prefix.read(text)
        if found.prefixlen < (self.least4 if found.version == 4 else self.least6):
            raise ValueError(
                Phrase(
                    "{range} is too wide; the widest are /{four} of IPv4 and /{six} of IPv6",
                    range=found,
                    four=self.least4,
                    six=self.least6,
                )
            )
        return str(found)

    def schema(self) -> Object:
        """Return a string with the pattern of spellings."""
        return {
            "type": "string",
            "pattern": f"^{prefix.PATTERN}$",
            "maxLength": prefix.LONGEST,
            "x_of": self.name,
        }


@dataclass(frozen=True, slots=True)
class Text:
    """Free text of at most ``most`` characters: content only, never in a body.

    ``lines`` allows more than one line.
    """

    most: int = 20_000
    lines: bool = True
    name: str = "text"

    def check(self, value: Value) -> str:
        """Return the text."""
        if not isinstance(value, str) or not 1 <= len(value) <= self.most:
            raise ValueError(Phrase("write 1 to {most} characters", most=self.most))
        if not self.lines and "\n" in value:
            raise ValueError(Phrase("write a single line"))
        if _TEXT_FORBIDDEN.search(value):
            raise ValueError(Phrase("take out the control characters"))
        return value

    def from_text(self, text: str) -> str:
        """Return the text as written, its lines ended in the one way that is stored."""
        return self.check(text.replace("\r\n", "\n"))

    def schema(self) -> Object:
        """Return a bounded string."""
        return {"type": "string", "minLength": 1, "maxLength": self.most}


@dataclass(frozen=True, slots=True)
class Many(Generic[T]):
    """Between ``least`` and ``most`` distinct values of one type, in ascending order."""

    of: FieldType[T]
    most: int = 32
    least: int = 1
    name: str = field(default="list")

    def check(self, value: Value) -> list[T]:
        """Return the list."""
        if not isinstance(value, list) or not self.least <= len(value) <= self.most:
            raise ValueError(
                Phrase("a list has {least} to {most} items", least=self.least, most=self.most)
            )
        items = [self.of.check(item) for item in value]
        if any(a >= b for a, b in itertools.pairwise(items)):
            raise ValueError(Phrase("the items of a list are distinct and in ascending order"))
        return items

    def from_text(self, text: str) -> list[T]:
        """Return the items of text parted by commas or lines, in order and once each."""
        items = {self.of.from_text(item) for item in items_of(text)}
        return self.check(cast("list[Value]", sorted(items)))

    def schema(self) -> Object:
        """Return an array of the item's schema."""
        return {
            "type": "array",
            "items": self.of.schema(),
            "minItems": self.least,
            "maxItems": self.most,
            "uniqueItems": True,
        }


def items_of(text: str) -> list[str]:
    """Return what a person wrote as several values, parted by commas or lines."""
    return [item.strip() for item in re.split("[,\n]", text) if item.strip()]


def _hex(value: Value, name: str) -> str:
    if not is_hex(value):
        raise ValueError(
            Phrase("the id of a {what} has 64 lower-case hexadecimal digits", what=Phrase(name))
        )
    return cast("str", value)


def _hex_schema(name: str) -> Object:
    return {"type": "string", "pattern": "^[0-9a-f]{64}$", "x_of": name}


def _shown(value: Value) -> str:
    """Return a wrong value as it may stand in a sentence: short, and quoted."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
