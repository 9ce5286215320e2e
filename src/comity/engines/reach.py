"""How well contacts are reached: figures over many parties, in which no few of them can be seen.

A figure is over the parties that contribute to it, each once. Over fewer than ``LEAST`` it is
withheld, and so are others, until nothing is left that subtracting what is published from its total
would tell of fewer. There is no figure over all channels together: what one channel adds to another
would be such a difference. Figures tell how contacts of a kind are reached; no party is named, none
is compared with another, and nothing here can put them in an order.

Shares are rounded to whole hundredths, times up to whole hours. Instants are milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.errors import Phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

LEAST = 5
"""The fewest parties over which a figure is published."""
HOUR = 3_600_000
ALL = ""
"""The name of all groups together; groups have others."""
RIGHT = frozenset({"confirmed", "corrected"})
"""The outcomes by which the right contact was reached."""
DEPUTY = "deputy"

REACHED, IN_TIME, MEDIAN, NINETIETH = "reached", "in_time", "median", "ninetieth"
CORRECTED, DEPUTIES, HALF_LIFE = "corrected", "deputies", "half_life"
BY_CHANNEL = (REACHED, IN_TIME, MEDIAN, NINETIETH)
OVERALL = (CORRECTED, DEPUTIES, HALF_LIFE)


class Row(NamedTuple):
    """One contact asked by one channel.

    ``party`` is whose contact it is, in a ``group`` that the reader chose, as a category; every
    party is in one. It was ``asked``, ``answered`` by a person or None, and ``due`` (ms). ``who``
    answered is a holder or a deputy. Of its fields so many were still ``right``, so many
    ``corrected``, and last confirmed ``age`` ms before, None where that is not known.
    """

    party: str
    group: str
    contact: str
    channel: str
    outcome: str
    who: str
    asked: int
    answered: int | None
    due: int
    right: int = 0
    corrected: int = 0
    age: int | None = None


class Figure(NamedTuple):
    """A figure over so many parties. Both are None where it is withheld; ``value`` alone where
    there is nothing to tell.
    """

    value: float | None
    parties: int | None

    @property
    def is_withheld(self) -> bool:
        """Whether it is not told, because it would tell of too few."""
        return self.parties is None


@dataclass(frozen=True, slots=True)
class Series:
    """One ``measure`` of a ``channel``, of all contacts where that is "": by group, and of all."""

    measure: str
    channel: str
    figures: Mapping[str, Figure]


WITHHELD = Figure(None, None)


def aggregate(rows: Iterable[Row], least: int = LEAST) -> tuple[Series, ...]:
    """Return all figures over ``rows``; with ``least`` 1, for the one who asked, none is withheld.

    Raises ValueError for a party that is in two groups: what is withheld could be worked out.
    """
    held = [*rows]
    if len({(row.party, row.group) for row in held}) > len({row.party for row in held}):
        raise ValueError(Phrase("a party is in one group"))
    found = []
    for channel in sorted({row.channel for row in held}):
        own = [row for row in held if row.channel == channel]
        found += [_series(measure, channel, own, least) for measure in BY_CHANNEL]
    return (*found, *(_series(measure, "", held, least) for measure in OVERALL))


def _series(measure: str, channel: str, rows: Sequence[Row], least: int) -> Series:
    counts, figure = _MEASURES[measure]
    told = [row for row in rows if counts(row)]
    groups = {row.group: set[str]() for row in rows}
    for row in told:
        groups[row.group].add(row.party)
    hidden = withheld({group: len(parties) for group, parties in groups.items()}, least)
    figures = {
        group: WITHHELD
        if group in hidden
        else Figure(figure([row for row in told if row.group == group]), len(parties))
        for group, parties in sorted(groups.items())
    }
    everyone = sum(map(len, groups.values()))
    total = Figure(figure(told), everyone) if everyone >= least or not everyone else WITHHELD
    return Series(measure, channel, {ALL: total, **figures})


def withheld(sizes: Mapping[str, int], least: int = LEAST) -> Collection[str]:
    """Return which groups of a whole are not told, by how many parties contribute to each.

    Those of too few; and where these together are too few as well, so that the total less what is
    told would tell of them, the smallest others, until they are not.
    """
    hidden = {group for group, size in sizes.items() if 0 < size < least}
    others = sorted((size, group) for group, size in sizes.items() if size >= least)
    while 0 < sum(sizes[group] for group in hidden) < least and others:
        hidden.add(others.pop(0)[1])
    return hidden


# What each measure is of which rows


def _share(part: Iterable[str], whole: Iterable[str]) -> float | None:
    everyone = {*whole}
    return round(len({*part}) / len(everyone), 2) if everyone else None


def _reached(rows: Sequence[Row]) -> float | None:
    return _share((r.party for r in rows if r.outcome in RIGHT), (r.party for r in rows))


def _in_time(rows: Sequence[Row]) -> float | None:
    """Return the share of parties of which every contact that was asked answered in time."""
    late = {r.party for r in rows if r.answered is None or r.answered > r.due}
    everyone = {r.party for r in rows}
    return _share(everyone - late, everyone)


def _quantile(part: float) -> Callable[[Sequence[Row]], float | None]:
    def of(rows: Sequence[Row]) -> float | None:
        first: dict[str, int] = {}
        for row in rows:
            taken = max(row.answered or 0, row.asked) - row.asked
            first[row.party] = min(taken, first.get(row.party, taken))
        times = sorted(first.values())
        return math.ceil(times[math.ceil(part * len(times)) - 1] / HOUR) if times else None

    return of


def _corrected(rows: Sequence[Row]) -> float | None:
    wrong, right = sum(r.corrected for r in rows), sum(r.right for r in rows)
    return round(wrong / (wrong + right), 2) if rows else None


def _deputies(rows: Sequence[Row]) -> float | None:
    """Return the share of contacts that were asked of which a deputy answered rightly."""
    tested = (r for r in rows if r.who == DEPUTY and r.outcome in RIGHT)
    return _share((_contact(r) for r in tested), (_contact(r) for r in rows))


def _contact(row: Row) -> str:
    return f"{row.party}:{row.contact}"


def _half_life(rows: Sequence[Row]) -> float | None:
    days = half_life([(row.age or 0, row.right, row.corrected) for row in rows])
    return None if days is None else round(days)


def half_life(seen: Sequence[tuple[int, int, int]]) -> float | None:
    """Return in how many days half of the fields of a record have changed, by what was ``seen``.

    (age in ms since they were last confirmed, how many still right, how many not). A field is taken
    to change at a steady rate; of when it did nothing is known but that it was between. The rate is
    the one under which what was seen is likeliest. None where nothing, or everything, had changed.
    """
    known = [(age / (24 * HOUR), right, wrong) for age, right, wrong in seen if age > 0]
    if not sum(wrong for _, _, wrong in known) or not sum(right for _, right, _ in known):
        return None
    kept = sum(age * right for age, right, _ in known)

    def excess(rate: float) -> float:
        # The derivative of the logarithm of how likely it is; it falls as the rate grows.
        return sum(w * a / math.expm1(min(rate * a, 700.0)) for a, _, w in known if w) - kept

    low, high = 0.0, 1.0 / max(age for age, _, _ in known)
    while excess(high) > 0:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return math.log(2) / high


def fresh(ages: Iterable[tuple[str, int | None]], days: int, least: int = LEAST) -> Figure:
    """Return the share of fields confirmed within so many days, of (party, age in ms or None)."""
    held = [*ages]
    parties = {party for party, _ in held}
    if 0 < len(parties) < least:
        return WITHHELD
    new = sum(age is not None and age <= days * 24 * HOUR for _, age in held)
    return Figure(round(new / len(held), 2) if held else None, len(parties))


def _any(_row: Row) -> bool:
    return True


def _answered(row: Row) -> bool:
    return row.answered is not None


def _looked_at(row: Row) -> bool:
    return row.right + row.corrected > 0


def _aged(row: Row) -> bool:
    return _looked_at(row) and bool(row.age)


_MEASURES: dict[str, tuple[Callable[[Row], bool], Callable[[Sequence[Row]], float | None]]] = {
    REACHED: (_any, _reached),
    IN_TIME: (_any, _in_time),
    MEDIAN: (_answered, _quantile(0.5)),
    NINETIETH: (_answered, _quantile(0.9)),
    CORRECTED: (_looked_at, _corrected),
    DEPUTIES: (_any, _deputies),
    HALF_LIFE: (_aged, _half_life),
}
"""Which rows a measure is over, and what it is of them."""
