"""The landscape: what was seen, by class, sector and month, of what a reader may read.

Every figure is made from what passes the table of labels for who asks, and carries the strictest
label of what was read for it. Nobody learns of few: ``engines.landscape`` says how.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from comity.engines import landscape as engine
from comity.engines.landscape import LEAST, Asked, Kind, Landscape, Line, Row, Total
from comity.kernel.label import TLP
from comity.protocols._vocabulary.rsit import RSIT
from comity.services import packs
from comity.services.identity import roster
from comity.services.sharing import observing, vulnerabilities

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.sharing.searching import Finder

MONTHS = 12
QUIET = timedelta(days=30)
"""How long a party, or a list, tells nothing until that is said."""
WIDEST = TLP.AMBER_STRICT
"""What is TLP:RED is for the persons it lists, and is in no figure."""
VULNERABLE = "vulnerable"
TEST = "test"
"""The class of what was a test, of which nobody is told that it was not seen."""


@dataclass(frozen=True, slots=True)
class View:
    """The landscape as somebody sees it.

    Fields: ``landscape`` as counted; the ``months`` it tells of; ``label``, the strictest of what
    it tells; ``made`` and ``week``, the beginning of what is new, in ms; ``read``, of how many
    objects it is made, and whether older ones were left out (``more``); ``names`` of parties by
    id; ``listed`` and ``scored``, the dates of the public lists in ms, None where there is none;
    ``least``, the fewest that are told.
    """

    landscape: Landscape
    months: tuple[str, ...]
    label: TLP
    made: int
    week: int
    read: int
    more: bool
    names: Mapping[str, str]
    listed: int | None
    scored: int | None
    least: int = LEAST

    def by_class(self) -> list[tuple[str, Total]]:
        """Return what is told of each class, the most first."""
        codes = {line.rsit for line in self.landscape.lines}
        return _ordered((code, self.landscape.total(rsit=code)) for code in codes)

    def by_sector(self) -> list[tuple[str, Total]]:
        """Return what is told of each sector that is named, the most first."""
        codes = {line.sector for line in self.landscape.lines} - {""}
        return _ordered((code, self.landscape.total(sector=code)) for code in codes)

    def public(self) -> dict[str, int]:
        """Return how many vulnerabilities public lists tell of, by month."""
        counts = dict.fromkeys(self.months, 0)
        for (_, _, month), count in self.landscape.public.items():
            counts[month] += count
        return counts

    def to_object(self) -> dict[str, object]:
        """Return all of it in codes, ids and numbers, as programs read it."""
        told = self.landscape
        return {
            "label": self.label.value,
            "made": self.made,
            "week": self.week,
            "months": [*self.months],
            "least": self.least,
            "read": self.read,
            "more": self.more,
            "seen": told.total().seen,
            "lines": [_line(line) for line in told.lines],
            "public": self.public(),
            "listed": self.listed,
            "scored": self.scored,
            "unseen_classes": [*told.unseen_classes],
            "unseen_sectors": [*told.unseen_sectors],
            "silent": [each._asdict() for each in told.silent],
            "claims": [each._asdict() for each in told.claims],
        }

    def name(self, source: str) -> str:
        """Return what a source is called."""
        return self.names.get(source, source.upper())


def _line(line: Line) -> dict[str, object]:
    spans = [span._asdict() for span in line.spans]
    return {**line._asdict(), "seen": line.seen, "spans": spans, "withheld": [*line.withheld]}


def _ordered(found: Iterator[tuple[str, Total]]) -> list[tuple[str, Total]]:
    return sorted(found, key=lambda pair: (-pair[1].seen, pair[0]))


def view(node: Node, finder: Finder, up_to: TLP | None = None) -> View:
    """Return the landscape as somebody sees it, made of nothing stricter than ``up_to``."""
    ceiling = min(finder.ceiling, up_to or WIDEST, WIDEST)
    found = observing.gather(node, replace(finder, ceiling=ceiling))
    names, now = roster.names(node), node.now()
    months, week = engine.months(engine.month(now), MONTHS), _week(now)
    asked = Asked(
        months,
        week,
        classes=tuple(code for code in RSIT if code != TEST),
        sectors=packs.vocabularies()["industry-sector-ov"].codes,
        sources=_sources(node, names),
        silent_since=now - QUIET // timedelta(milliseconds=1),
    )
    rows = [*found.rows, *_public(node)]
    counted = engine.survey(rows, asked)
    # Claims are in no figure, but who makes them is not silent.
    whole = engine.survey([*rows, *found.claims], asked)
    listed, scored = vulnerabilities.exploited(node), vulnerabilities.scores(node)
    return View(
        replace(counted, silent=whole.silent, claims=whole.claims),
        months,
        found.label,
        now,
        week,
        found.read,
        found.more,
        names,
        listed.dated if listed else None,
        scored.dated if scored else None,
    )


def _week(now: int) -> int:
    """Return the beginning of the week, Monday 0:00 UTC: editions of one week tell the same."""
    day = datetime.fromtimestamp(now / 1000, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return round((day - timedelta(days=day.weekday())).timestamp() * 1000)


def _sources(node: Node, names: Mapping[str, str]) -> dict[str, Kind]:
    """Return what might tell something: the parties that are known here, and public lists."""
    parties = {id_: Kind.OWN if id_ == node.me else Kind.CIRCLE for id_ in names}
    return {**parties, Kind.KEV.value: Kind.KEV, Kind.EPSS.value: Kind.EPSS}


def _public(node: Node) -> Iterator[Row]:
    """Yield what public lists tell: since when each vulnerability is exploited; which are likely to
    be, as of the day of the scores.
    """
    listed, scored = vulnerabilities.exploited(node), vulnerabilities.scores(node)
    if listed is not None:
        for cve, row in listed.rows.items():
            yield Row(row.since, VULNERABLE, "", Kind.KEV, Kind.KEV.value, cve)
    if scored is not None:
        likely = takewhile(lambda row: row.score >= vulnerabilities.LIKELY, scored.rows())
        for score in likely:
            yield Row(scored.dated, VULNERABLE, "", Kind.EPSS, Kind.EPSS.value, score.cve)
