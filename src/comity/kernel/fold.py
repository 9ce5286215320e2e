"""Facts and their join: the state of a dossier (DESIGN section 4, ADR 0003).

A protocol never sees a mutable state. It gives facts about one act, and the state is the join of
the facts of all acts that have effect. The join is commutative and idempotent, so the order and
number of deliveries cannot matter.

Four ways to join, frozen:

``latest``  a one-writer cell: its author's maximal facts. One normally; two are a shown conflict.
``add``     a set that only grows, of keys.
``least``   the smallest value of a key.
``most``    the largest value of a key.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from comity.kernel.canon import Value
    from comity.kernel.graph import Node
    from comity.kernel.ids import Id, PartyId

Key: TypeAlias = "tuple[str | int, ...]"


class How(StrEnum):
    """The ways facts join."""

    LATEST = "latest"
    ADD = "add"
    LEAST = "least"
    MOST = "most"


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement an act makes about one cell: ``cell`` name, ``key`` within it, ``value``."""

    how: How
    cell: str
    key: Key = ()
    value: Value = True


def latest(cell: str, *key: str | int, value: Value = True) -> Fact:
    """Return a fact of a one-writer cell: the author's word on ``key``, replacing its earlier."""
    return Fact(How.LATEST, cell, key, value)


def add(cell: str, *key: str | int) -> Fact:
    """Return a fact that adds ``key`` to a growing set."""
    return Fact(How.ADD, cell, key)


def least(cell: str, *key: str | int, value: int) -> Fact:
    """Return a fact that bounds ``key`` from above: the smallest value is kept."""
    return Fact(How.LEAST, cell, key, value)


def most(cell: str, *key: str | int, value: int) -> Fact:
    """Return a fact that bounds ``key`` from below: the largest value is kept."""
    return Fact(How.MOST, cell, key, value)


class Entry(NamedTuple):
    """A fact as it stands in the state: who said it, in which act, and what."""

    author: PartyId
    act: Id
    value: Value


Slot: TypeAlias = "dict[Id, tuple[Node, Value]]"
Before: TypeAlias = "Callable[[Node, Node], bool]"


class State:
    """The join of facts. ``before`` answers causality; it comes from the graph."""

    def __init__(self, before: Before) -> None:
        self._before = before
        self._latest: dict[str, dict[tuple[Key, PartyId], Slot]] = {}
        self._sets: dict[str, dict[Key, Slot]] = {}
        self._bounds: dict[tuple[How, str], dict[Key, int]] = {}

    def join(self, node: Node, facts: Iterable[Fact]) -> None:
        """Join the facts of one act. Joining an act twice changes nothing."""
        for fact in facts:
            match fact.how:
                case How.LATEST:
                    cell = self._latest.setdefault(fact.cell, {})
                    slot = cell.setdefault((fact.key, node.header.party), {})
                    self._join_latest(slot, node, fact.value)
                case How.ADD:
                    members = self._sets.setdefault(fact.cell, {})
                    members.setdefault(fact.key, {})[node.id] = (node, True)
                case How.LEAST | How.MOST:
                    self._join_bound(fact)

    def _join_latest(self, slot: Slot, node: Node, value: Value) -> None:
        if any(self._before(node, other) for other, _ in slot.values()):
            return
        for id_ in [i for i, (other, _) in slot.items() if self._before(other, node)]:
            del slot[id_]
        slot[node.id] = (node, value)

    def _join_bound(self, fact: Fact) -> None:
        bounds = self._bounds.setdefault((fact.how, fact.cell), {})
        value = fact.value
        if type(value) is not int:
            raise TypeError(f"The fact of {fact.cell!r} bounds with {value!r}, not an integer.")
        held = bounds.get(fact.key, value)
        bounds[fact.key] = min(held, value) if fact.how is How.LEAST else max(held, value)

    def entries(self, cell: str, *key: str | int, by: PartyId | None = None) -> list[Entry]:
        """Return the entries of a one-writer cell, by author and act id."""
        found = self._latest.get(cell, {})
        authors = [by] if by is not None else [a for k, a in found if k == key]
        return sorted(
            Entry(author, id_, value)
            for author in authors
            for id_, (_, value) in found.get((key, author), {}).items()
        )

    def keys(self, cell: str) -> list[Key]:
        """Return the keys that occur in a cell of any kind, in order."""
        names = {key for key, _ in self._latest.get(cell, {})}
        names |= self._sets.get(cell, {}).keys()
        for how in (How.LEAST, How.MOST):
            names |= self._bounds.get((how, cell), {}).keys()
        return sorted(names, key=repr)

    def has(self, cell: str, *key: str | int) -> bool:
        """Say whether a growing set holds ``key``."""
        return key in self._sets.get(cell, {})

    def sources(self, cell: str, *key: str | int) -> list[Entry]:
        """Return who added ``key`` to a growing set, by author and act id."""
        slot = self._sets.get(cell, {}).get(key, {})
        return sorted(Entry(n.header.party, n.id, value) for n, value in slot.values())

    def bound(self, how: How, cell: str, *key: str | int) -> int | None:
        """Return the value a bounding cell holds for ``key``, or None."""
        return self._bounds.get((how, cell), {}).get(key)

    def to_rows(self) -> list[list[Value]]:
        """Return all facts that stand, as sorted rows [how, cell, key, author, act, value]."""
        rows: list[list[Value]] = []
        for name, cell in self._latest.items():
            for (key, author), slot in cell.items():
                rows += [
                    [How.LATEST.value, name, [*key], author, id_, value]
                    for id_, (_, value) in slot.items()
                ]
        for name, members in self._sets.items():
            for key, slot in members.items():
                rows += [
                    [How.ADD.value, name, [*key], n.header.party, n.id, value]
                    for n, value in slot.values()
                ]
        for (how, name), bounds in self._bounds.items():
            rows += [[how.value, name, [*key], "", "", value] for key, value in bounds.items()]
        return sorted(rows, key=_canonical)

    def digest(self) -> str:
        """Return SHA-256 over all facts: equal states have equal digests, on every node."""
        return hashlib.sha256(_canonical(self.to_rows())).hexdigest()


def _canonical(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
