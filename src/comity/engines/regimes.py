"""Regimes: who must report what, to whom and by when, read from facts with a source and a date.

A regime has stages, as an early warning and a final report; a stage has limits, of which the
earliest counts. A limit is a span ``since`` an event, as that somebody became aware, or since the
report of another stage. It falls away ``unless`` the event named there came no later than the
limit, or once the report named there was given; it counts only ``once`` a report was given, where
it says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from comity.engines import calendars, clocks, walls
from comity.engines.clocks import END, NOON, Span, Unit
from comity.kernel.errors import Phrase

ID = re.compile("[a-z][a-z0-9_-]{0,31}")
"""What ids of regimes and stages look like; acts name them so."""
_WITHIN = re.compile("([1-9][0-9]{0,3}) (hour|day|month|working day)s?")
_TIME = re.compile("([01][0-9]|2[0-3]):([0-5][0-9])")
_URL = re.compile("https?://[^ ]+")
MOST = 500
"""The most regimes, and stages of one, that are read."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: a ``span`` ``since`` an event or, if ``report``, since a report of that stage;
    ``unless`` and ``once`` as above, "" without.
    """

    span: Span
    since: str
    report: bool
    unless: str = ""
    once: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """Something to report ``to`` somebody: its ``contents``, in words, and ``limits``. What is owed
    in some cases ``only`` says in which, "" where it is always.
    """

    id: str
    name: str
    to: str
    contents: tuple[str, ...]
    limits: tuple[Limit, ...]
    only: str = ""
    note: str = ""


class Source(NamedTuple):
    """Where a regime stands: the ``title`` of the text, its ``url``, "" for an agreement that is
    published nowhere, and its number ``celex`` in the law of the Union, "" without.
    """

    title: str
    url: str
    celex: str = ""


@dataclass(frozen=True, slots=True)
class Regime:
    """A regime that ``binds`` those whom the words say, in an ``area``, by a ``source``.

    ``valid_from`` is the first day on which it applies, None where nobody here knows; ``written``
    when it was written down; ``verified`` whether it was compared with its source, ``by`` whom or
    how, with the deciding words as a ``quote``. ``rules`` say how it counts; ``zone`` and ``place``
    are where its clocks hang whoever reports, "" where that is the reporter's. An ``agreement`` is
    one between parties, and no law. ``own`` are this node's.
    """

    id: str
    name: str
    binds: str
    area: str
    source: Source
    written: date
    valid_from: date | None
    verified: bool
    by: str
    stages: tuple[Stage, ...]
    rules: str = clocks.PLAIN
    zone: str = ""
    place: str = ""
    quote: str = ""
    note: str = ""
    agreement: bool = False
    own: bool = False

    def stage(self, id_: str) -> Stage | None:
        """Return a stage, or None."""
        return next((each for each in self.stages if each.id == id_), None)


def read(told: object, events: Collection[str], *, own: bool = False) -> tuple[Regime, ...]:
    """Return the regimes that a file holds, as read from its YAML; ``events`` are those there are.

    Raises ValueError, whose message says where in the file, and what to write instead.
    """
    if not isinstance(told, list) or not 1 <= len(told) <= MOST:
        raise ValueError(Phrase("write a list of 1 to {most} regimes", most=MOST))
    found = []
    for number, each in enumerate(told, 1):
        entry = _Entry(each, Phrase("regime {number}", number=number))
        found.append(_regime(entry, events, own=own))
    _require_once([each.id for each in found], Phrase("the regimes"))
    return tuple(found)


class _Entry:
    """A mapping that is read key by key; what is left over, or of another kind, is refused."""

    def __init__(self, told: object, where: Phrase) -> None:
        self.where = where
        if not isinstance(told, dict):
            raise self.wrong(Phrase("write it as a mapping"))
        self._rest: dict[Any, Any] = dict(told)

    def wrong(self, what: str) -> ValueError:
        return ValueError(Phrase("{where}: {what}", where=self.where, what=what))

    def text(self, name: str, default: str | None = None) -> str:
        value = self._rest.pop(name, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.wrong(Phrase("write {name} as text", name=name))
        return " ".join(value.split())

    def id(self, name: str, default: str | None = None) -> str:
        value = self.text(name, default)
        if value and not ID.fullmatch(value):
            told = "write {name} with a-z, 0-9, _ and -, a letter first, 32 at most"
            raise self.wrong(Phrase(told, name=name))
        return value

    def day(self, name: str) -> date:
        value = self._rest.pop(name, None)
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            raise self.wrong(Phrase("write {name} as a date, as 2026-09-11", name=name)) from None

    def day_or_none(self, name: str) -> date | None:
        if name in self._rest and self._rest[name] is None:
            return self._rest.pop(name)  # type: ignore[no-any-return]
        return self.day(name)

    def flag(self, name: str, default: bool | None = None) -> bool:  # noqa: FBT001  as of text
        value = self._rest.pop(name, default)
        if not isinstance(value, bool):
            raise self.wrong(Phrase("write {name} as true or false", name=name))
        return value

    def list(self, name: str) -> list[Any]:
        value = self._rest.pop(name, None)
        if not isinstance(value, list) or not 1 <= len(value) <= MOST:
            raise self.wrong(Phrase("write {name} as a list of something", name=name))
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        items = [_Entry({name: each}, self.where) for each in self.list(name)]
        return tuple(each.text(name) for each in items)

    def one_of(self, name: str, choices: Collection[str], default: str | None = None) -> str:
        value = self.text(name, default)
        if value not in {*choices, default}:
            told = "{value} is not one of {choices}"
            raise self.wrong(Phrase(told, value=repr(value), choices=", ".join(choices)))
        return value

    def has(self, name: str) -> bool:
        return name in self._rest

    def part(self, name: str) -> _Entry:
        return _Entry(
            self._rest.pop(name, None), Phrase("{where}, {name}", where=self.where, name=name)
        )

    def end(self) -> None:
        if self._rest:
            told = "nothing here is called {name}; take it out"
            raise self.wrong(Phrase(told, name=", ".join(sorted(map(str, self._rest)))))


def _regime(entry: _Entry, events: Collection[str], *, own: bool) -> Regime:
    id_ = entry.id("id")
    entry.where = Phrase("regime {id}", id=id_)
    agreement = entry.flag("agreement", default=False)
    regime = Regime(
        id=id_,
        name=entry.text("name"),
        binds=entry.text("binds"),
        area=entry.text("area"),
        source=_source(entry.part("source"), agreement=agreement),
        written=entry.day("date"),
        valid_from=entry.day_or_none("valid_from"),
        verified=entry.flag("verified"),
        by=entry.text("by"),
        rules=entry.one_of("rules", clocks.RULES, clocks.PLAIN),
        zone=_zone(entry),
        place=_place(entry),
        quote=entry.text("quote", ""),
        note=entry.text("note", ""),
        stages=tuple(_stages(entry, events)),
        agreement=agreement,
        own=own,
    )
    entry.end()
    return regime


def _source(entry: _Entry, *, agreement: bool) -> Source:
    url = entry.text("url", "" if agreement else None)
    source = Source(entry.text("title"), url, entry.text("celex", ""))
    if (url or not agreement) and not _URL.fullmatch(source.url):
        raise entry.wrong(Phrase("write url as the address of the text, https://…"))
    entry.end()
    return source


def _zone(entry: _Entry) -> str:
    name = entry.text("zone", "")
    if name:
        _held(entry, lambda: walls.zone(name))
    return name


def _place(entry: _Entry) -> str:
    name = entry.text("place", "")
    _held(entry, lambda: calendars.read(name))
    return name


def _held(entry: _Entry, check: Any) -> None:  # noqa: ANN401  what it returns is not looked at
    try:
        check()
    except ValueError as error:
        raise entry.wrong(error.args[0]) from error


def _stages(entry: _Entry, events: Collection[str]) -> Iterator[Stage]:
    parts = [
        _Entry(each, Phrase("{where}, stage {number}", where=entry.where, number=number))
        for number, each in enumerate(entry.list("stages"), 1)
    ]
    ids = [part.id("id") for part in parts]
    _require_once(ids, entry.where)
    for number, (id_, part) in enumerate(zip(ids, parts, strict=True)):
        part.where = Phrase("{where}, stage {id}", where=entry.where, id=id_)
        others = [each for each in ids if each != id_]
        yield _stage(id_, part, events, others, ids[:number])


def _stage(
    id_: str,
    entry: _Entry,
    events: Collection[str],
    others: Collection[str],
    earlier: Collection[str],
) -> Stage:
    limits = [_Entry(each, entry.where) for each in entry.list("limits")]
    stage = Stage(
        id=id_,
        name=entry.text("name"),
        to=entry.text("to"),
        contents=entry.texts("contents"),
        limits=tuple(_limit(each, events, others, earlier) for each in limits),
        only=entry.text("only", ""),
        note=entry.text("note", ""),
    )
    entry.end()
    return stage


def _limit(
    entry: _Entry, events: Collection[str], others: Collection[str], earlier: Collection[str]
) -> Limit:
    # A stage is counted from one that stands before it, so that none waits for itself.
    report = entry.has("after")
    since = entry.one_of("after", earlier) if report else entry.one_of("since", events)
    limit = Limit(
        span=_span(entry),
        since=since,
        report=report,
        unless=entry.one_of("unless", [*events, *others], ""),
        once=entry.one_of("once", others, ""),
    )
    entry.end()
    return limit


def _span(entry: _Entry) -> Span:
    found = _WITHIN.fullmatch(entry.text("within"))
    if found is None:
        raise entry.wrong(Phrase("write within as 24 hours, 14 days, 1 month or 4 working days"))
    count, unit = int(found[1]), Unit(f"{found[2]}s")
    if count > clocks.MOST[unit]:
        told = "{count} are too many; {most} at most"
        raise entry.wrong(
            Phrase(told, count=clocks.said(Span(count, unit)), most=clocks.MOST[unit])
        )
    ends = entry.text("ends", "")
    if not ends:
        return Span(count, unit)
    if unit is Unit.HOURS:
        raise entry.wrong(Phrase("hours end when they have passed; take out ends"))
    return Span(count, unit, _minute(entry, ends))


def _minute(entry: _Entry, ends: str) -> int:
    named: Mapping[str, int] = {END: clocks.MINUTES, NOON: clocks.MINUTES // 2}
    if ends in named:
        return named[ends]
    found = _TIME.fullmatch(ends)
    if found is None:
        raise entry.wrong(Phrase('write ends as "17:30", noon or end of day'))
    return int(found[1]) * 60 + int(found[2])


def _require_once(ids: list[str], where: Phrase) -> None:
    twice = sorted({each for each in ids if ids.count(each) > 1})
    if twice:
        told = "{where}: two are called {id}; give one another id"
        raise ValueError(Phrase(told, where=where, id=twice[0]))
