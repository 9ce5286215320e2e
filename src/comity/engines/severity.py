"""How grave an incident is by the scheme of somebody, from facts that a party told.

A scheme has levels from the gravest down, each with rules: a level is reached when all conditions
of one of its rules hold. A scheme may instead weigh categories, each a fact with a number for each
of its codes, and give a level by their weighted mean. Facts are the coded fields of a description;
what is left out, or told as ``unknown``, is not known, and decides nothing: a level is given with
the facts that led to it, and with those whose absence leaves a graver one open. Levels of different
schemes, and by what different parties told, are never joined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Facts: TypeAlias = "Mapping[str, object]"
Rule: TypeAlias = "tuple[Condition, ...]"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Condition:
    """That a fact is one of ``codes``, or where it has several holds one of them; or, where
    ``least`` is given, that it is a number as great.
    """

    fact: str
    codes: frozenset[str] = frozenset()
    least: int | None = None

    def holds(self, facts: Facts) -> bool | None:
        """Say whether it holds; None where the fact is not known."""
        value = facts.get(self.fact)
        if not _is_known(value):
            return None
        if self.least is not None:
            return isinstance(value, int) and value >= self.least
        return not self.codes.isdisjoint(_each(value))


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a scheme: its ``code``, English ``label``, and the ``rules`` that reach it; where
    a scheme weighs, the ``least`` mean that does.
    """

    code: str
    label: str
    rules: tuple[Rule, ...] = ()
    least: float = 0


@dataclass(frozen=True, slots=True)
class Category:
    """What a scheme weighs: a fact, the ``weight`` it has, and the number of each code.

    Without numbers it is known what is weighed, and not how.
    """

    fact: str
    weight: float = 0
    numbers: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme of severity: its ``levels`` from the gravest down; ``categories`` where it weighs,
    and ``unasked``, what else it weighs that nobody is asked for, in English words.
    """

    code: str
    title: str
    levels: tuple[Level, ...]
    categories: tuple[Category, ...] = ()
    unasked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What a scheme says: the ``level``, None where none is reached; the facts that are the
    ``reasons`` for it; and those that are ``missing``, so that a graver level may be the right one.
    """

    level: Level | None
    reasons: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether nothing is missing: the level is not only the least."""
        return self.level is not None and not self.missing


def _is_known(value: object) -> bool:
    return value is not None and value != UNKNOWN


def judge(scheme: Scheme, facts: Facts) -> Judged:
    """Return the level that facts reach in a scheme."""
    return _weighed(scheme, facts) if scheme.categories else _ruled(scheme, facts)


def _ruled(scheme: Scheme, facts: Facts) -> Judged:
    missing: dict[str, None] = {}
    for level in scheme.levels:
        reached = next((rule for rule in level.rules if all(c.holds(facts) for c in rule)), None)
        if reached is not None:
            return Judged(level, tuple(condition.fact for condition in reached), tuple(missing))
        for rule in level.rules:
            held = {condition.fact: condition.holds(facts) for condition in rule}
            if False not in held.values():
                missing |= {fact: None for fact, holds in held.items() if holds is None}
    return Judged(None, (), tuple(missing))


def _weighed(scheme: Scheme, facts: Facts) -> Judged:
    """Return the level of the weighted mean, if every category is known and has its numbers."""
    known = tuple(c.fact for c in scheme.categories if _is_weighable(c, facts.get(c.fact)))
    missing = tuple(c.fact for c in scheme.categories if c.fact not in known)
    numbered = all(c.numbers is not None for c in scheme.categories)
    if missing or scheme.unasked or not numbered:
        return Judged(None, known, missing)
    total = sum(c.weight * _number(c, facts[c.fact]) for c in scheme.categories)
    mean = total / sum(c.weight for c in scheme.categories)
    level = next((level for level in scheme.levels if mean >= level.least), None)
    return Judged(level, known, ())


def _is_weighable(category: Category, value: object) -> bool:
    """Say whether a fact is known, and the scheme has numbers for it if it has any."""
    numbers = category.numbers
    return _is_known(value) and (numbers is None or all(code in numbers for code in _each(value)))


def _number(category: Category, value: object) -> float:
    """Return the number of a fact; of several codes the greatest."""
    return max((category.numbers or {})[str(code)] for code in _each(value))


def _each(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [value]
