"""Per-part audience: who is given which part of an act's content (KERNEL, "Convergence").

Frozen. The body field ``audience`` is a list of 1 to 64 ranges in ascending order, disjoint ::

    [{"first": 1, "last": 3, "to": "members" | "public" | "author" | [party id, …]}]

``to`` names at most 32 parties, in ascending order. Parts that no range covers go to the members;
an act without the field gives them all its parts. Everyone else gets the header and proofs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from comity.kernel.errors import Refusal
from comity.kernel.fields import Fields
from comity.kernel.ids import PartyId

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from comity.kernel.act import Header
    from comity.kernel.canon import Object, Value

MAX_RANGES = 64
MAX_PARTIES = 32


class Reach(StrEnum):
    """Audiences that need no list of parties. Codes frozen."""

    MEMBERS = "members"
    PUBLIC = "public"
    AUTHOR = "author"


Readers: TypeAlias = Reach | frozenset[PartyId]


@dataclass(frozen=True, slots=True)
class PartRange:
    """Parts ``first`` to ``last``, both included, and whom they go ``to``."""

    first: int
    last: int
    to: Readers

    def to_object(self) -> Object:
        """Return {first, last, to}."""
        to: Value = self.to.value if isinstance(self.to, Reach) else [*sorted(self.to)]
        return {"first": self.first, "last": self.last, "to": to}


def parse_audience(value: Value | None, parts: int) -> tuple[PartRange, ...]:
    """Return the ranges that the body field ``value`` spells, for content of ``parts`` parts.

    None, an absent field, gives none. Raises Refusal K4.
    """
    if value is None:
        return ()
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_RANGES:
        raise Refusal("K4", f"An audience has 1 to {MAX_RANGES} ranges.")
    ranges: list[PartRange] = []
    for item in value:
        least = ranges[-1].last + 1 if ranges else 0
        ranges.append(_range(Fields(item, "audience"), least, parts))
    return tuple(ranges)


def _range(fields: Fields, least: int, parts: int) -> PartRange:
    first = fields.integer("first", least, parts - 1)
    last, to = fields.integer("last", first, parts - 1), _to(fields)
    fields.end()
    return PartRange(first, last, to)


def _to(fields: Fields) -> Readers:
    # The field is either a code or a list; which of the two decides how it is read.
    value = fields.take("to")
    if isinstance(value, str) and value in set(Reach):
        return Reach(value)
    return frozenset(Fields({"to": value}, "audience").parties("to", MAX_PARTIES, 1))


def ranges_of(header: Header) -> tuple[PartRange, ...]:
    """Return the ranges in the body of an act. Raises Refusal K4."""
    # No rule reads of the content what the body does not name.
    value = header.body.get("audience")
    return () if value is None else parse_audience(value, header.content.parts)


def part_readers(audience: Iterable[PartRange], index: int) -> Readers:
    """Return whom part ``index`` goes to."""
    return next((r.to for r in audience if r.first <= index <= r.last), Reach.MEMBERS)


def is_within(inner: Readers, outer: Readers, author: PartyId) -> bool:
    """Say whether whoever is given a part that goes to ``inner`` is given one that goes to
    ``outer``, of an act by ``author``; who gives the part to others has it.
    """
    if outer is Reach.PUBLIC or inner is Reach.AUTHOR:
        return True
    if outer is Reach.MEMBERS:
        return inner is not Reach.PUBLIC
    named = outer if isinstance(outer, frozenset) else frozenset[PartyId]()
    return isinstance(inner, frozenset) and inner <= named | {author}


def may_have(
    audience: Iterable[PartRange],
    index: int,
    party: PartyId,
    *,
    author: PartyId,
    members: Container[PartyId],
) -> bool:
    """Say whether ``party`` is given part ``index`` of an act by ``author``.

    ``members`` are the act's own members, with those it was released to. The author has all.
    """
    readers = part_readers(audience, index)
    if party == author or readers is Reach.PUBLIC:
        return True
    if isinstance(readers, frozenset):
        return party in readers
    return readers is Reach.MEMBERS and party in members
