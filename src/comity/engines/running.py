"""Clocks that run: a stage of a regime held against what was said, with the reason for its time.

Late is late for ever: a report that came after its time makes a clock that was not kept, and none
that is hidden. What is not known is said: a clock whose event nobody told of has no time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from comity.engines.clocks import Place, reckon

if TYPE_CHECKING:
    from comity.engines.regimes import Limit, Regime, Stage
    from comity.kernel.errors import Phrase


class State(StrEnum):
    """How a clock stands; ``REPORTED`` is what was reported without its time being known."""

    WAITING = "waiting"
    RUNNING = "running"
    SOON = "soon"
    LATE = "late"
    KEPT = "kept"
    REPORTED = "reported"
    REPORTED_LATE = "reported_late"
    NOT_NEEDED = "not_needed"


SETTLED = frozenset({State.KEPT, State.REPORTED, State.REPORTED_LATE, State.NOT_NEEDED})
"""The states of what nobody has to report any more."""


class Known(NamedTuple):
    """What was said: ``events`` by (event, regime), with "" for all regimes, and ``reports`` by
    (regime, stage): each the instant it happened (ms).
    """

    events: Mapping[tuple[str, str], int]
    reports: Mapping[tuple[str, str], int]

    def event(self, event: str, regime: str) -> int | None:
        """Return when an event was for a regime, by what was said of that regime first."""
        return self.events.get((event, regime), self.events.get((event, "")))


class Counted(NamedTuple):
    """A limit as it was counted: ``since`` and ``due`` (ms), the ``steps`` between, and whether it
    ``falls_away``.
    """

    limit: Limit
    since: int
    due: int
    steps: tuple[Phrase, ...]
    falls_away: bool


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock: ``due`` by the earliest of the limits ``counted`` that do not fall away, None where
    none is; what it ``waits`` for, by event or stage; when that was ``reported``, if it was.

    ``forecast`` is when it would be due if what it waits for is reported in time, None where nobody
    can say. ``in_force`` says whether the regime applied by then, None where that is not known.
    """

    regime: Regime
    stage: Stage
    counted: tuple[Counted, ...]
    waits: tuple[str, ...]
    due: int | None
    reported: int | None
    state: State
    forecast: int | None = None
    in_force: bool | None = None

    @property
    def late_by(self) -> int:
        """Milliseconds by which a report came too late; 0 otherwise."""
        if self.due is None or self.reported is None:
            return 0
        return max(0, self.reported - self.due)

    @property
    def is_good(self) -> bool:
        """Whether it was kept by a rule that was verified and in force: nothing else is green."""
        return self.state is State.KEPT and self.regime.verified and self.in_force is True


def clock(regime: Regime, stage: Stage, known: Known, place: Place, now: int) -> Clock:
    """Return the clock of a stage; raises ValueError where no calendar reaches."""
    counted = tuple(_counted(regime, stage, known, place))
    due = min((each.due for each in counted if not each.falls_away), default=None)
    reported = known.reports.get((regime.id, stage.id))
    waits = tuple(dict.fromkeys(_waits(regime, stage, known)))
    begun = min((each.since for each in counted), default=None)
    return Clock(
        regime=regime,
        stage=stage,
        counted=counted,
        waits=waits,
        due=due,
        reported=reported,
        state=_state(stage, due, reported, begun, now),
        forecast=_forecast(regime, stage, known, place) if due is None else None,
        in_force=_in_force(regime, begun, place),
    )


def _counted(regime: Regime, stage: Stage, known: Known, place: Place) -> Iterator[Counted]:
    for limit in stage.limits:
        since = _since(regime, limit, known)
        if since is not None and _counts(regime, limit, known):
            due, steps = reckon(since, limit.span, place)
            yield Counted(limit, since, due, steps, _falls_away(regime, limit, known, due))


def _since(regime: Regime, limit: Limit, known: Known) -> int | None:
    if limit.report:
        return known.reports.get((regime.id, limit.since))
    return known.event(limit.since, regime.id)


def _counts(regime: Regime, limit: Limit, known: Known) -> bool:
    return not limit.once or (regime.id, limit.once) in known.reports


def _falls_away(regime: Regime, limit: Limit, known: Known, due: int) -> bool:
    """Say whether a limit does not count: the report named was given, or the event came later."""
    if not limit.unless:
        return False
    if regime.stage(limit.unless) is not None:
        return (regime.id, limit.unless) in known.reports
    later = known.event(limit.unless, regime.id)
    return later is not None and later > due


def _waits(regime: Regime, stage: Stage, known: Known) -> Iterator[str]:
    for limit in stage.limits:
        if _counts(regime, limit, known) and _since(regime, limit, known) is None:
            yield limit.since


def _state(
    stage: Stage, due: int | None, reported: int | None, begun: int | None, now: int
) -> State:
    if reported is not None:
        if due is None:
            return State.REPORTED
        return State.KEPT if reported <= due else State.REPORTED_LATE
    if stage.only:
        return State.NOT_NEEDED
    if due is None or begun is None:
        return State.WAITING
    if now > due:
        return State.LATE
    # The last quarter of the time, so that a clock of hours is not red from its start.
    return State.SOON if (due - now) * 4 <= due - begun else State.RUNNING


def _forecast(regime: Regime, stage: Stage, known: Known, place: Place) -> int | None:
    """Return when a stage would be due if those before it are reported when they are due."""
    found = []
    for limit in stage.limits:
        before = regime.stage(limit.since) if limit.report else None
        if before is None or before.only or limit.once:
            continue
        first = clock(regime, before, known, place, 0)
        base = first.due if first.due is not None else first.forecast
        if base is not None:
            found.append(reckon(base, limit.span, place).due)
    return min(found, default=None)


def _in_force(regime: Regime, begun: int | None, place: Place) -> bool | None:
    if regime.valid_from is None or begun is None:
        return None
    day = datetime.fromtimestamp(begun / 1000, UTC).astimezone(place.zone).date()
    return day >= regime.valid_from
