"""Strict reading of coded objects: every field is taken once, and nothing may be left over."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, cast

from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId, is_hex
from comity.kernel.keys import Key, parse_key
from comity.kernel.language import is_tag
from comity.kernel.version import VERSION, require_known

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from comity.kernel.canon import Object, Value

    T = TypeVar("T")

CODE = re.compile(r"[a-z][a-z0-9_/-]{0,63}")


class Fields:
    """A canonical object being read. Every method removes the field it names.

    ``rule`` is the rule that refuses a wrong field; ``what`` names the object in the reason.
    A field that is absent and has no default, of another type, or out of range raises Refusal.
    """

    def __init__(self, value: Value, what: str, rule: str = "K4") -> None:
        if not isinstance(value, dict):
            raise Refusal(rule, f"The {what} is not an object.")
        self._left = dict(value)
        self._what = what
        self._rule = rule

    def refuse(self, reason: str) -> Refusal:
        """Return the refusal of this object with ``reason``, to be raised."""
        return Refusal(self._rule, f"The {self._what} {reason}")

    def has(self, name: str) -> bool:
        """Say whether the field is there and not taken yet."""
        return name in self._left

    def take(self, name: str) -> Value:
        """Return any value."""
        try:
            return self._left.pop(name)
        except KeyError:
            raise self.refuse(f"lacks the field {name!r}.") from None

    def integer(self, name: str, low: int = 0, high: int = 2**53 - 1) -> int:
        """Return an integer within ``low`` and ``high``, both included."""
        value = self.take(name)
        if type(value) is not int or not low <= value <= high:
            raise self.refuse(f"needs an integer from {low} to {high} in {name!r}.")
        return value

    def version(self) -> None:
        """Take the format version ``v``, and require it to be this program's.

        Another one raises Refusal K17 or K19, whatever else the object holds: its sender should
        learn which of the two programs has to be upgraded. Read it first.
        """
        require_known(self._left.get("v"), self._what)
        self.integer("v", VERSION, VERSION)

    def text(self, name: str, most: int = 200) -> str:
        """Return a string of 1 to ``most`` characters."""
        value = self.take(name)
        if not isinstance(value, str) or not 1 <= len(value) <= most:
            raise self.refuse(f"needs a string of 1 to {most} characters in {name!r}.")
        return value

    def code(self, name: str, allowed: frozenset[str] | None = None) -> str:
        """Return a code: one of ``allowed``, or any of the form of a code."""
        value = self.take(name)
        if not isinstance(value, str) or not CODE.fullmatch(value):
            raise self.refuse(f"needs a code in {name!r}.")
        if allowed is not None and value not in allowed:
            raise self.refuse(f"has {value!r} in {name!r}, not one of {sorted(allowed)}.")
        return value

    def language(self, name: str) -> str:
        """Return the tag of a language, in its one spelling."""
        value = self.take(name)
        if not is_tag(value):
            raise self.refuse(f"needs the tag of a language in {name!r}.")
        return cast("str", value)

    def id(self, name: str) -> Id:
        """Return an id of 64 lower-case hexadecimal digits."""
        value = self.take(name)
        if not is_hex(value):
            raise self.refuse(f"needs 64 lower-case hexadecimal digits in {name!r}.")
        return Id(cast("str", value))

    def party(self, name: str) -> PartyId:
        """Return a party id."""
        return PartyId(self.id(name))

    def key(self, name: str) -> Key:
        """Return a public key. Raises Refusal K9 when it is not one."""
        return parse_key(self.take(name))

    def keys(self, name: str, most: int, least: int = 0) -> frozenset[Key]:
        """Return distinct public keys, spelled in ascending order."""
        values = self.array(name, most, least)
        keys = [parse_key(v) for v in values]
        if sorted(set(keys)) != keys:
            raise self.refuse(f"needs distinct keys in ascending order in {name!r}.")
        return frozenset(keys)

    def array(self, name: str, most: int, least: int = 0) -> list[Value]:
        """Return an array of ``least`` to ``most`` items."""
        value = self.take(name)
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise self.refuse(f"needs an array of {least} to {most} items in {name!r}.")
        return value

    def integers(self, name: str, most: int, least: int = 0) -> tuple[int, ...]:
        """Return integers from 0 on, in strictly ascending order."""
        values = self.array(name, most, least)
        if not all(type(v) is int and 0 <= v <= 2**53 - 1 for v in values) or any(
            cast("int", a) >= cast("int", b) for a, b in itertools.pairwise(values)
        ):
            raise self.refuse(f"needs integers in strictly ascending order in {name!r}.")
        return tuple(cast("int", v) for v in values)

    def ids(self, name: str, most: int, least: int = 0) -> tuple[Id, ...]:
        """Return ids in strictly ascending order, so that a set has one spelling."""
        values = self.array(name, most, least)
        if not all(is_hex(v) for v in values) or any(
            cast("str", a) >= cast("str", b) for a, b in itertools.pairwise(values)
        ):
            raise self.refuse(f"needs ids in strictly ascending order in {name!r}.")
        return tuple(Id(cast("str", v)) for v in values)

    def parties(self, name: str, most: int, least: int = 0) -> tuple[PartyId, ...]:
        """Return party ids in strictly ascending order."""
        return tuple(PartyId(v) for v in self.ids(name, most, least))

    def object(self, name: str) -> Object:
        """Return a nested object as it is."""
        value = self.take(name)
        if not isinstance(value, dict):
            raise self.refuse(f"needs an object in {name!r}.")
        return value

    def nested(self, name: str) -> Fields:
        """Return a reader over a nested object."""
        return Fields(self.take(name), f"{self._what}'s {name}", self._rule)

    def optional(self, name: str, method: Callable[[str], T]) -> T | None:
        """Return ``method(name)``, or None when the field is absent."""
        return method(name) if name in self._left else None

    def each(self, name: str, most: int, least: int = 0) -> list[Fields]:
        """Return a reader for each object of an array."""
        return [
            Fields(value, f"{self._what}'s {name}", self._rule)
            for value in self.array(name, most, least)
        ]

    def end(self) -> None:
        """Refuse fields that nobody took: a reader never ignores what was signed."""
        if self._left:
            raise self.refuse(f"has unknown fields: {sorted(self._left)}.")
