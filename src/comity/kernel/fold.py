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
import itertools
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar, cast

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from comity.kernel.canon import Value
    from comity.kernel.graph import Node
    from comity.kernel.ids import Id, PartyId

Key: TypeAlias = "tuple[str | int, ...]"
K = TypeVar("K")


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


class Open:
    """Which keys are owed and not settled: ``by_first`` holds them by their first element."""

    def __init__(self) -> None:
        self.by_first: dict[str | int, set[Key]] = {}
        self._settled: set[Key] = set()

    def owe(self, key: Key) -> None:
        """Note that ``key`` is owed, unless it or a beginning of it was settled."""
        if not any(key[:length] in self._settled for length in range(1, len(key) + 1)):
            self.by_first.setdefault(key[0], set()).add(key)

    def settle(self, key: Key) -> None:
        """Note that ``key``, and all that begins with it, is settled."""
        self._settled.add(key)
        owed = self.by_first.get(key[0], set())
        owed -= {each for each in owed if each[: len(key)] == key}
        if not owed:
            self.by_first.pop(key[0], None)


Slot: TypeAlias = "dict[Id, tuple[Node, Value]]"
Before: TypeAlias = "Callable[[Node, Node], bool]"


class State:
    """The join of facts. ``before`` answers causality; it comes from the graph."""

    def __init__(self, before: Before) -> None:
        self._before = before
        self._latest: dict[str, dict[Key, dict[PartyId, Slot]]] = {}
        self._sets: dict[str, dict[Key, Slot]] = {}
        self._bounds: dict[tuple[How, str], dict[Key, int]] = {}
        self._open: dict[tuple[str, str], Open] = {}
        self._under: dict[str, dict[str | int, set[Key]]] = {}
        self._kept: dict[str | int, dict[str, object]] = {}
        self._sum = 0

    def join(self, node: Node, facts: Iterable[Fact]) -> None:
        """Join the facts of one act. Joining an act twice changes nothing."""
        for fact in facts:
            if fact.key:
                self._kept.pop(fact.key[0], None)
                if fact.cell in self._under:
                    self._under[fact.cell].setdefault(fact.key[0], set()).add(fact.key)
            match fact.how:
                case How.LATEST:
                    self._join_latest(node, fact)
                case How.ADD:
                    self._join_set(node, fact)
                case _:
                    self._join_bound(fact)

    def _join_set(self, node: Node, fact: Fact) -> None:
        slot = self._sets.setdefault(fact.cell, {}).setdefault(fact.key, {})
        if not slot:
            for (owed, settled), index in self._open.items():
                if fact.cell == owed:
                    index.owe(fact.key)
                if fact.cell == settled:
                    index.settle(fact.key)
        if node.id not in slot:
            slot[node.id] = (node, True)
            self._count(_row(fact, node, True), 1)

    def _join_latest(self, node: Node, fact: Fact) -> None:
        authors = self._latest.setdefault(fact.cell, {}).setdefault(fact.key, {})
        slot = authors.setdefault(node.header.party, {})
        if node.id in slot or any(self._before(node, other) for other, _ in slot.values()):
            return
        for id_ in [i for i, (other, _) in slot.items() if self._before(other, node)]:
            self._count(_row(fact, *slot.pop(id_)), -1)
        slot[node.id] = (node, fact.value)
        self._count(_row(fact, node, fact.value), 1)

    def _join_bound(self, fact: Fact) -> None:
        bounds = self._bounds.setdefault((fact.how, fact.cell), {})
        value, held = fact.value, bounds.get(fact.key)
        if type(value) is not int:
            raise TypeError(f"The fact of {fact.cell!r} bounds with {value!r}, not an integer.")
        if held is not None:
            value = min(held, value) if fact.how is How.LEAST else max(held, value)
            self._count(_row(fact, None, held), -1)
        bounds[fact.key] = value
        self._count(_row(fact, None, value), 1)

    def _count(self, row: list[Value], sign: int) -> None:
        self._sum += sign * int.from_bytes(hashlib.sha256(_canonical(row)).digest(), "big")

    def entries(self, cell: str, *key: str | int, by: PartyId | None = None) -> list[Entry]:
        """Return the entries of a one-writer cell, by author and act id."""
        found = self._latest.get(cell, {}).get(key, {})
        return sorted(
            Entry(author, id_, value)
            for author in ([by] if by is not None else found)
            for id_, (_, value) in found.get(author, {}).items()
        )

    def keys(self, cell: str) -> list[Key]:
        """Return the keys that occur in a cell of any kind, in order."""
        names = self._latest.get(cell, {}).keys() | self._sets.get(cell, {}).keys()
        for how in (How.LEAST, How.MOST):
            names |= self._bounds.get((how, cell), {}).keys()
        return sorted(names, key=repr)

    def under(self, cell: str, first: str | int) -> list[Key]:
        """Return the keys of a cell of any kind that begin with ``first``, in order.

        They are kept by their beginning once it was asked for one, so that this costs what there
        is under it, and not what the cell holds.
        """
        index = self._under.get(cell)
        if index is None:
            index = self._under[cell] = {}
            for key in self.keys(cell):
                if key:
                    index.setdefault(key[0], set()).add(key)
        return sorted(index.get(first, ()), key=repr)

    def has(self, cell: str, *key: str | int) -> bool:
        """Say whether a growing set holds ``key``."""
        return key in self._sets.get(cell, {})

    def sources(self, cell: str, *key: str | int) -> list[Entry]:
        """Return who added ``key`` to a growing set, by author and act id."""
        slot = self._sets.get(cell, {}).get(key, {})
        return sorted(Entry(n.header.party, n.id, value) for n, value in slot.values())

    def open(self, owed: str, settled: str) -> list[Key]:
        """Return the keys of the set ``owed`` of which no beginning is in the set ``settled``.

        So one key settles another, or all that begin like it. What is open is kept while joining
        once it was asked for, so that a summary costs what is open and not what ever was.
        """
        index = self._open.get((owed, settled))
        if index is None:
            index = self._open[owed, settled] = Open()
            for key in self._sets.get(settled, {}):
                index.settle(key)
            for key in self._sets.get(owed, {}):
                index.owe(key)
        return sorted(itertools.chain.from_iterable(index.by_first.values()), key=repr)

    def kept(self, name: str, first: str | int, make: Callable[[], K]) -> K:
        """Return what ``make`` gives, which is kept under ``name`` until a fact is joined whose key
        begins with ``first``: it may read no others.

        So a summary with many parts costs what changed, and not what there is.
        """
        held = self._kept.setdefault(first, {})
        if name not in held:
            held[name] = make()
        return cast("K", held[name])

    def bound(self, how: How, cell: str, *key: str | int) -> int | None:
        """Return the value a bounding cell holds for ``key``, or None."""
        return self._bounds.get((how, cell), {}).get(key)

    def bounds(self, how: How, cell: str, *first: str | int) -> list[tuple[Key, int]]:
        """Return the values of a bounding cell whose keys begin with ``first``, by what follows."""
        found, length = self._bounds.get((how, cell), {}), len(first)
        return sorted(
            (key[length:], value) for key, value in found.items() if key[:length] == first
        )

    def to_rows(self) -> list[list[Value]]:
        """Return all facts that stand, as sorted rows [how, cell, key, author, act, value]."""
        rows: list[list[Value]] = []
        for name, keys in self._latest.items():
            for key, authors in keys.items():
                fact = Fact(How.LATEST, name, key)
                rows += [_row(fact, *held) for slot in authors.values() for held in slot.values()]
        for name, members in self._sets.items():
            for key, slot in members.items():
                rows += [_row(Fact(How.ADD, name, key), *held) for held in slot.values()]
        for (how, name), bounds in self._bounds.items():
            rows += [_row(Fact(how, name, key), None, value) for key, value in bounds.items()]
        return sorted(rows, key=_canonical)

    def digest(self) -> str:
        """Return a digest of all facts: equal states have equal digests, on every node.

        Frozen: SHA-256 over the decimal sum, modulo 2^256, of the SHA-256 of each row as canonical
        JSON, read as big-endian integers. Kept while joining, so it costs nothing to ask. It finds
        programs that compute differently; it is no defence against rows chosen to collide.
        """
        return hashlib.sha256(str(self._sum % 2**256).encode()).hexdigest()


def _row(fact: Fact, node: Node | None, value: Value) -> list[Value]:
    author, act = ("", "") if node is None else (node.header.party, node.id)
    return [fact.how.value, fact.cell, [*fact.key], author, act, value]


def _canonical(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
