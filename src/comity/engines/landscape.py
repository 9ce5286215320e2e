"""What was seen, by class, sector and month: figures in which no few observations can be told.

Own sightings and what circles allow are counted so that nobody learns of fewer than ``LEAST``. In a
line, which is one class in one sector, months are gone through in order. A month in which nothing
was seen stands as such while nothing waits. One in which few were seen waits for the next, and what
waits is told as one span of months once it is enough. What waits at the end is not told.

So whatever is told of a line is 0 or at least ``LEAST``; and whatever is told of several lines is a
sum of what is told of each, so that subtracting tells nothing more. Of a month within a span, or
one that waits, every way to have come by what is told remains: with 5 as ``LEAST``, four or more
numbers. That holds for one edition. Who keeps two editions learns what came between them.

What is published anyway, as the catalogue of exploited vulnerabilities, is counted apart and as it
is. Motives are in no figure: they are claims, each with who made it and when.

Instants are milliseconds since the epoch; months are as 2026-11, by UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from comity.kernel.errors import Phrase

LEAST = 5
"""The fewest observations that are told."""
MOST_MONTHS = 120


class Kind(StrEnum):
    """What kind of source a row is from."""

    OWN = "own"
    CIRCLE = "circle"
    KEV = "kev"
    EPSS = "epss"


PUBLIC = frozenset({Kind.KEV, Kind.EPSS})
"""The kinds that are published anyway."""


class Row(NamedTuple):
    """One observation as one source tells it.

    It was seen ``at`` (ms), is of a class of the Reference Security Incident Taxonomy (``rsit``)
    and concerns a ``sector``, "" where that is not told. ``observation`` is the same for all who
    tell of it. ``motive`` is what the source claims, "" for nothing.
    """

    at: int
    rsit: str
    sector: str
    kind: Kind
    source: str
    observation: str
    motive: str = ""


class Span(NamedTuple):
    """So many observations from the ``first`` month to the ``last``; one month, where both are."""

    first: str
    last: str
    seen: int


class Line(NamedTuple):
    """One class in one sector. ``spans`` hold what is told, ``withheld`` the months in which
    something was or may have been seen that is not; in all other months nothing was. ``new`` is how
    many were first seen since the week began, None where that is not told.
    """

    rsit: str
    sector: str
    spans: tuple[Span, ...]
    withheld: tuple[str, ...]
    new: int | None

    @property
    def seen(self) -> int:
        """How many are told of."""
        return sum(span.seen for span in self.spans)


class Total(NamedTuple):
    """At least ``seen``; in each of ``open`` lines there may be more, fewer than ``LEAST``."""

    seen: int
    open: int


class Silent(NamedTuple):
    """A source of which nothing came for long; ``last`` is when something did (ms), None never."""

    source: str
    kind: Kind
    last: int | None


class Claim(NamedTuple):
    """A ``motive`` that a source claimed, and the day of it, as 2026-11-26."""

    motive: str
    source: str
    day: str


class Asked(NamedTuple):
    """What is asked: the ``months`` to tell of, all of them in order; since when (ms) something is
    ``new``; the classes and sectors there are; which sources are known, and since when (ms) one of
    which nothing came is called silent.
    """

    months: tuple[str, ...]
    new_since: int
    classes: tuple[str, ...]
    sectors: tuple[str, ...]
    sources: Mapping[str, Kind]
    silent_since: int


@dataclass(frozen=True, slots=True)
class Landscape:
    """What is told: ``lines``; ``public`` counts by (class, sector, month); the classes and
    sectors of which no source tells anything, and silent sources; what was claimed of motives.
    """

    lines: tuple[Line, ...]
    public: Mapping[tuple[str, str, str], int]
    unseen_classes: tuple[str, ...]
    unseen_sectors: tuple[str, ...]
    silent: tuple[Silent, ...]
    claims: tuple[Claim, ...]

    def total(self, rsit: str | None = None, sector: str | None = None) -> Total:
        """Return the sum of what is told of a class, a sector, both or all."""
        lines = self._lines(rsit, sector)
        return Total(sum(line.seen for line in lines), sum(bool(line.withheld) for line in lines))

    def new(self, rsit: str | None = None, sector: str | None = None) -> Total:
        """Return the sum of what is told to be new; ``open`` are the lines where it is not told."""
        lines = self._lines(rsit, sector)
        return Total(sum(line.new or 0 for line in lines), sum(line.new is None for line in lines))

    def _lines(self, rsit: str | None, sector: str | None) -> list[Line]:
        return [
            line
            for line in self.lines
            if rsit in {None, line.rsit} and sector in {None, line.sector}
        ]


def survey(rows: Iterable[Row], asked: Asked, least: int = LEAST) -> Landscape:
    """Return what ``rows`` add up to; with ``least`` 1, for who gathered them, all is told.

    An observation is counted in the month in which it was first seen: once in each class and
    sector, so that in sums over these it may be there twice. Raises ValueError for months that are
    not in order, each once and without a gap.
    """
    _require_months(asked.months)
    held = [*rows]
    first: dict[tuple[bool, str, str, str], int] = {}
    for row in held:
        key = (row.kind in PUBLIC, row.rsit, row.sector, row.observation)
        first[key] = min(row.at, first.get(key, row.at))
    return Landscape(
        lines=_lines(first, asked, least),
        public=_public(first, asked),
        unseen_classes=_lacking(asked.classes, {row.rsit for row in held}),
        unseen_sectors=_lacking(asked.sectors, {row.sector for row in held}),
        silent=_silent(held, asked),
        claims=_claims(held),
    )


def month(at_ms: int) -> str:
    """Return the month of an instant."""
    return _day(at_ms)[:7]


def months(last: str, count: int) -> tuple[str, ...]:
    """Return so many months up to ``last``, in order."""
    year, number = int(last[:4]), int(last[5:])
    reached = [12 * year + number - 1 - back for back in reversed(range(count))]
    return tuple(f"{each // 12:04d}-{each % 12 + 1:02d}" for each in reached)


def _require_months(told: Sequence[str]) -> None:
    if not 0 < len(told) <= MOST_MONTHS or (*told,) != months(told[-1], len(told)):
        raise ValueError(
            Phrase("give 1 to {most} months in order, without a gap", most=MOST_MONTHS)
        )


def _day(at_ms: int) -> str:
    return str((datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)).date())


def _lines(
    first: Mapping[tuple[bool, str, str, str], int], asked: Asked, least: int
) -> tuple[Line, ...]:
    within, fresh = frozenset(asked.months), Counter[tuple[str, str, str]]()
    counts: dict[tuple[str, str], Counter[str]] = {}
    for (public, rsit, sector, _), at in first.items():
        when = month(at)
        if not public and when in within:
            counts.setdefault((rsit, sector), Counter())[when] += 1
            fresh[rsit, sector, when] += at >= asked.new_since
    return tuple(
        line(
            (rsit, sector),
            [(when, count[when], fresh[rsit, sector, when]) for when in asked.months],
            least,
        )
        for (rsit, sector), count in sorted(counts.items())
    )


def line(of: tuple[str, str], told: Sequence[tuple[str, int, int]], least: int) -> Line:
    """Return what is told of one class and sector, of (month, count, new of these) in order."""
    spans: list[Span] = []
    waiting: list[str] = []
    sum_ = 0
    for when, count, _ in told:
        if not count and not sum_:
            continue
        waiting.append(when)
        sum_ += count
        if sum_ >= least:
            spans.append(Span(waiting[0], when, sum_))
            waiting, sum_ = [], 0
    return Line(*of, (*spans,), (*waiting,), _new(spans, told, least))


def _new(spans: Sequence[Span], told: Sequence[tuple[str, int, int]], least: int) -> int | None:
    """Return how many are new, where each month that has some tells its own number.

    They are told if they, and what else there was in their month, are none or enough.
    """
    alone = {span.first for span in spans if span.first == span.last}
    for when, count, new in told:
        if new and not (when in alone and new >= least and not 0 < count - new < least):
            return None
    return sum(new for _, _, new in told)


def _public(
    first: Mapping[tuple[bool, str, str, str], int], asked: Asked
) -> dict[tuple[str, str, str], int]:
    within = frozenset(asked.months)
    found = Counter(
        (rsit, sector, month(at))
        for (public, rsit, sector, _), at in first.items()
        if public and month(at) in within
    )
    return dict(sorted(found.items()))


def _lacking(all_: Iterable[str], told: set[str]) -> tuple[str, ...]:
    return tuple(each for each in all_ if each not in told)


def _silent(rows: Iterable[Row], asked: Asked) -> tuple[Silent, ...]:
    last: dict[str, int] = {}
    for row in rows:
        last[row.source] = max(row.at, last.get(row.source, row.at))
    return tuple(
        Silent(source, kind, last.get(source))
        for source, kind in sorted(asked.sources.items())
        if last.get(source) is None or last[source] < asked.silent_since
    )


def _claims(rows: Iterable[Row]) -> tuple[Claim, ...]:
    """Return what was claimed, each once: not of which class, sector or observation."""
    made = {Claim(row.motive, row.source, _day(row.at)) for row in rows if row.motive}
    return tuple(sorted(made, key=lambda claim: (claim.day, claim.source, claim.motive)))
