"""How long an indicator is worth acting upon, and why not any more.

What its source says comes first: it is revoked, or was valid until an instant. Then what those say
who met it: it is expired, or wrong, once its source reports so, or enough others do, and nobody has
seen it again since. What nobody says anything of grows old by itself: from when it began to be
valid or was last seen, what it is worth halves in a time that depends on what kind of thing it
names, and below a least worth it is ``aged``. It is still there, and found.

The half-lives are given: the pack ``half_lives`` has those that a node begins with. Instants are
milliseconds since the epoch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

DAY = 24 * 3_600_000
"""Milliseconds."""


class Rules(NamedTuple):
    """By what is judged: ``half_lives`` (ms) by kind, other kinds do not grow old; the ``least``
    that something is worth, of 1, before it is aged; how many parties must ``agree`` that it is
    expired or wrong, where its source does not say so.
    """

    half_lives: Mapping[str, int]
    least: float
    agree: int


class Report(NamedTuple):
    """That a party says something of an indicator ``at`` an instant, as that it was seen."""

    party: str
    at: int


class Indicator(NamedTuple):
    """What is known of one: the ``kinds`` of observables it names, its ``source``, since and until
    when it is valid, when it was revoked, and who reports that it was ``seen``, is ``expired``
    or ``wrong``.
    """

    kinds: tuple[str, ...]
    source: str
    valid_from: int
    valid_until: int | None = None
    revoked: int | None = None
    seen: tuple[Report, ...] = ()
    expired: tuple[Report, ...] = ()
    wrong: tuple[Report, ...] = ()


class State(StrEnum):
    """Whether to act upon an indicator."""

    AHEAD = "ahead"
    """It is not valid yet."""
    CURRENT = "current"
    AGED = "aged"
    EXPIRED = "expired"
    WRONG = "wrong"
    """It finds what is harmless."""
    REVOKED = "revoked"


class Why(StrEnum):
    """What decides it."""

    REVOKED = "revoked"
    VALID_FROM = "valid_from"
    VALID_UNTIL = "valid_until"
    REPORTS = "reports"
    HALF_LIFE = "half_life"
    NOTHING = "nothing"
    """Nobody says when it ends, and its kind does not grow old."""


class Validity(NamedTuple):
    """The ``state`` of an indicator at an instant, what decides it (``why``), and when that comes
    or came to be (``at``, ms; None where it never does). ``worth`` is from 1, new or just seen, to
    0; it is for putting in order, and says nothing of how likely anything is.
    """

    state: State
    why: Why
    at: int | None
    worth: float


def validity(indicator: Indicator, now: int, rules: Rules) -> Validity:
    """Return how an indicator stands at ``now``."""
    ended = _ended(indicator, now, rules)
    if ended is not None:
        return ended
    if now < indicator.valid_from:
        return Validity(State.AHEAD, Why.VALID_FROM, indicator.valid_from, 0.0)
    renewed = max([indicator.valid_from, *(r.at for r in indicator.seen if r.at <= now)])
    half_life = half_life_of(indicator.kinds, rules.half_lives)
    worth = 1.0 if half_life is None else 0.5 ** ((now - renewed) / half_life)
    if indicator.valid_until is not None:
        return Validity(State.CURRENT, Why.VALID_UNTIL, indicator.valid_until, worth)
    if half_life is None:
        return Validity(State.CURRENT, Why.NOTHING, None, worth)
    ages_at = renewed + math.ceil(half_life * -math.log2(rules.least))
    state = State.AGED if now >= ages_at else State.CURRENT
    return Validity(state, Why.HALF_LIFE, ages_at, worth)


def _ended(indicator: Indicator, now: int, rules: Rules) -> Validity | None:
    """Return how it stands if its source or those who met it ended it, else None."""
    if indicator.revoked is not None and indicator.revoked <= now:
        return Validity(State.REVOKED, Why.REVOKED, indicator.revoked, 0.0)
    until = indicator.valid_until
    if until is not None and until <= now:
        return Validity(State.EXPIRED, Why.VALID_UNTIL, until, 0.0)
    for state, reports in (
        (State.EXPIRED, indicator.expired),
        (State.WRONG, indicator.wrong),
    ):
        reported = _reported(indicator, reports, now, rules)
        if reported is not None:
            return Validity(state, Why.REPORTS, reported, 0.0)
    return None


def _reported(
    indicator: Indicator, reports: Iterable[Report], now: int, rules: Rules
) -> int | None:
    """Return when enough parties had reported it so, and nobody saw it since, else None.

    Of a party its first word after the last sighting counts. Its source is enough by itself.
    """
    last = max((r.at for r in indicator.seen if r.at <= now), default=None)
    said: dict[str, int] = {}
    for party, at in sorted(reports, key=lambda report: report.at):
        if at <= now and (last is None or at > last):
            said.setdefault(party, at)
    enough = sorted(said.values())[rules.agree - 1 : rules.agree]
    own = [said[indicator.source]] if indicator.source in said else []
    return min([*enough, *own], default=None)


def half_life_of(kinds: Iterable[str], half_lives: Mapping[str, int]) -> int | None:
    """Return the shortest half-life of the kinds it names: it is worth no more than what it finds
    by that one.
    """
    return min((half_lives[k] for k in kinds if k in half_lives), default=None)
