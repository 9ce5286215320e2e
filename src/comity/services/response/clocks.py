"""All clocks of a node: what must be reported of each incident, by when, and why then.

They are worked out anew at every look, from what reporting files say and the regimes of this node;
another node may hold another pack, and see another time. No clock here is legal advice: one whose
rule nobody compared with its source is never shown as kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from comity.engines import calendars, running, walls
from comity.engines.clocks import Place, Unit
from comity.engines.instants import exact
from comity.engines.measures import Span
from comity.engines.running import SETTLED, State
from comity.kernel.errors import Phrase, Refusal
from comity.protocols.response.reporting.codes import BASES, EVENTS, EXEMPTIONS
from comity.protocols.response.reporting.facts import CLOSED
from comity.protocols.response.reporting.summary import APPLIES, DOES_NOT_APPLY, EVENT, REPORTED
from comity.services.response import files, rules
from comity.services.response.files import UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from comity.engines.regimes import Regime, Stage
    from comity.engines.running import Clock, Counted
    from comity.services.casework.desk import Desk
    from comity.services.response.files import File
    from comity.services.response.rules import Rules

STATES = {
    State.WAITING: "waits",
    State.RUNNING: "runs",
    State.SOON: "due soon",
    State.LATE: "late",
    State.KEPT: "reported in time",
    State.REPORTED: "reported; when it was due is not known",
    State.REPORTED_LATE: "reported late",
    State.NOT_NEEDED: "not needed so far",
}
UNVERIFIED = "Not verified: ask your lawyer."
NOT_IN_FORCE = "Not known to be in force: ask your lawyer."
ADVICE = (
    "This is no legal advice. Whether a regime binds you, and what it asks, is for your lawyer to "
    "say; nothing is sent to an authority by itself."
)
AGREEMENT = "An agreement between parties, as it was written down here; no law."
NO_ZONE = "Its time zone is not known here, so its clock hangs in UTC."
NO_PLACE = "The holidays of its state are not known here, so Monday to Friday count as worked."

TOLD = (UNVERIFIED, NOT_IN_FORCE, ADVICE, AGREEMENT, NO_ZONE, NO_PLACE)
"""What may be told beside a clock."""


class Which(StrEnum):
    """Which clocks are looked for: those open; all of files that are not closed; those late now or
    reported late; or all.
    """

    OPEN = "open"
    CURRENT = "current"
    LATE = "late"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class RegimeSource:
    """Where a regime stands: a ``title`` and ``url``, the number ``celex`` in the law of the Union;
    when that was ``written`` down; ``by`` whom it was compared, and the ``quote`` that decides.
    ``kind`` says in words that it is an agreement, "" if it is none; ``own`` is this node's.
    """

    title: str
    url: str
    celex: str
    written: str
    by: str
    quote: str
    note: str
    agreement: bool
    kind: str
    own: bool


@dataclass(frozen=True, slots=True)
class ClockLine:
    """A clock of the reporting file ``dossier``, of the party ``name``, ``mine`` if that is this
    one, about the dossier ``incident``, "" if it names none; ``regime`` and ``stage`` as ids, with
    their names; whom it goes ``to``, and its ``contents``.

    ``stands`` says whether the regime applies (applies, does_not_apply, undecided), ``why`` in
    words. ``state`` is a code, ``words`` say it; ``due``, ``reported`` and ``forecast`` are ms or
    None, ``late_by`` ms; ``waits`` what it waits for, in words. ``reasons`` say how its time was
    found, ``warnings`` why it may be wrong; ``sure`` that its rule is verified and in force, and
    nothing else that its time hangs on is unknown; ``good`` that it was kept, and is sure.
    ``earlier`` are (words, ms) that were corrected.
    """

    dossier: str
    incident: str
    title: str
    tlp: str
    realm: str
    party: str
    name: str
    mine: bool
    closed: bool
    regime: str
    regime_name: str
    binds: str
    area: str
    stage: str
    stage_name: str
    only: str
    to: str
    contents: tuple[str, ...]
    stands: str
    why: str
    state: str
    words: str
    due: int | None
    reported: int | None
    late_by: int
    forecast: int | None
    waits: tuple[str, ...]
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    verified: bool
    sure: bool
    good: bool
    earlier: tuple[tuple[str, int], ...]
    source: RegimeSource

    @property
    def is_open(self) -> bool:
        """Whether it is still to be reported."""
        return not self.closed and self.state not in SETTLED


@dataclass(frozen=True, slots=True)
class Clocks:
    """Clocks, those open first, soonest due first; ``undecided`` are those of regimes of which
    nobody said whether they apply; ``wrong`` says what is the matter with this node's own regimes,
    "" if nothing is. ``advice`` is what a reader is told each time.
    """

    clocks: tuple[ClockLine, ...]
    undecided: tuple[ClockLine, ...]
    files: int
    wrong: str
    advice: str = ADVICE


def board(
    desk: Desk, which: Which = Which.OPEN, *, regime: str = "", only: str = "", mine: bool = False
) -> Clocks:
    """Return the clocks that somebody sees, of one ``regime`` or file ``only``, if they are named;
    with ``mine`` of this party's own files alone.

    Raises Refusal S3 for a file that is not to be seen.
    """
    if only:
        desk.dossier(only)
    held, found = rules.of_node(desk.node), files.of_desk(desk, only)
    found = [file for file in found if not mine or file.row.opened_by == desk.node.me]
    decided, undecided = [], []
    for run in _runs(desk, found, held, regime):
        if run.stands == APPLIES and _is_wanted(run, which):
            decided.append(_line(desk, run))
        elif run.stands == UNDECIDED and _is_asked(run, which):
            undecided.append(_line(desk, run))
    wrong = Phrase(held.wrong).said(desk.tongue.say)
    return Clocks(_sorted(decided), _sorted(undecided), len(found), wrong)


class Urgent(NamedTuple):
    """How many clocks of this party's are ``late`` and not reported, and how many due ``soon``."""

    late: int
    soon: int


def urgent(desk: Desk) -> Urgent:
    """Return how many clocks of this party are urgent, of those that somebody sees."""
    own = [file for file in files.of_desk(desk) if file.row.opened_by == desk.node.me]
    runs = _runs(desk, own, rules.of_node(desk.node), stands=(APPLIES,)) if own else ()
    states = [run.clock.state for run in runs if _is_open(run)]
    return Urgent(states.count(State.LATE), states.count(State.SOON))


class Ran(NamedTuple):
    """A clock of this party's: the ``span`` from what it counts from to the report. One that is not
    ``sure`` counts by a rule that nobody compared with its source or that is not known to be in
    force, or by days of a place that is not known.
    """

    span: Span
    sure: bool


def ran(desk: Desk, after: int) -> list[Ran]:
    """Return the clocks of this party's that began, in files opened ``after`` an instant (ms), of
    those that somebody sees. What was an exercise is none.
    """
    mine = [
        file
        for file in files.of_desk(desk)
        if file.row.opened_by == desk.node.me and not file.row.realm and file.row.opened_at > after
    ]
    runs = _runs(desk, mine, rules.of_node(desk.node), stands=(APPLIES,)) if mine else ()
    return [_ran(run) for run in runs if run.clock.counted and run.clock.due is not None]


def _ran(run: _Run) -> Ran:
    clock = run.clock
    # Of several limits the one that decides when it is due.
    since = min((each.since for each in clock.counted if each.due == clock.due), default=None)
    begun = min(each.since for each in clock.counted) if since is None else since
    return Ran(Span(begun, clock.reported, clock.due), run.is_sure)


def one(desk: Desk, dossier: str, regime: str, stage: str) -> ClockLine:
    """Return one clock. Raises Refusal S3."""
    desk.dossier(dossier)
    held = rules.of_node(desk.node)
    for run in _runs(desk, files.of_desk(desk, dossier), held, regime):
        if run.clock.stage.id == stage:
            return _line(desk, run)
    raise Refusal("S3", "There is no such clock here.", f"{regime} {stage}")


class _Run(NamedTuple):
    """A clock of a file, with what is not known of where it hangs."""

    file: File
    clock: Clock
    warnings: tuple[str, ...]

    @property
    def stands(self) -> str:
        return self.file.stands(self.clock.regime.id)[0]

    @property
    def is_sure(self) -> bool:
        """Whether its rule is verified, in force and, unless it counts hours, its place known."""
        clock = self.clock
        by_calendar = any(each.limit.span.unit is not Unit.HOURS for each in clock.counted)
        is_placed = not (by_calendar and self.warnings)
        return clock.regime.verified and clock.in_force is True and is_placed


def _is_open(run: _Run) -> bool:
    return run.file.row.status != CLOSED and run.clock.state not in SETTLED


def _is_wanted(run: _Run, which: Which) -> bool:
    match which:
        case Which.ALL:
            return True
        case Which.LATE:
            return run.clock.state in {State.LATE, State.REPORTED_LATE}
        case Which.CURRENT:
            return run.file.row.status != CLOSED
        case Which.OPEN:
            return _is_open(run)


def _is_asked(run: _Run, which: Which) -> bool:
    """Say whether it matters whether a regime applies: something would be due, or late if so."""
    is_wanted = which is not Which.LATE or run.clock.state is State.LATE
    return is_wanted and _is_open(run) and run.clock.due is not None


def _sorted(lines: Iterable[ClockLine]) -> tuple[ClockLine, ...]:
    return tuple(sorted(lines, key=_urgency))


def _urgency(line: ClockLine) -> tuple[bool, bool, int, str, str]:
    at = line.due or line.forecast or 0
    return (not line.is_open, line.due is None, at, line.dossier, line.regime)


def _runs(
    desk: Desk,
    found: Iterable[File],
    held: Rules,
    only: str = "",
    stands: tuple[str, ...] = (APPLIES, UNDECIDED),
) -> Iterator[_Run]:
    """Yield the clocks of files, of a regime ``only`` if one is named, where regimes stand so."""
    now = desk.node.now()
    for file in found:
        known = file.known()
        for regime in held.regimes:
            if only not in {"", regime.id} or file.stands(regime.id)[0] not in stands:
                continue
            place, warnings = _place(file, regime, held)
            for stage in regime.stages:
                try:
                    clock = running.clock(regime, stage, known, place, now)
                except ValueError:
                    continue  # An instant beyond all calendars is due at no time.
                yield _Run(file, clock, warnings)


def _place(file: File, regime: Regime, held: Rules) -> tuple[Place, tuple[str, ...]]:
    """Return where a clock hangs, and what is not known of that."""
    warnings = []
    zone = regime.zone or files.zone_called(file.zone)
    if not zone:
        warnings.append(NO_ZONE)
    try:
        rest = () if regime.place else held.rest
        calendar = calendars.read(regime.place or file.place.upper(), rest)
    except ValueError:
        calendar = calendars.read("", held.rest)
        warnings.append(NO_PLACE)
    return Place(walls.zone(zone or "UTC"), calendar, regime.rules), tuple(warnings)


def _line(desk: Desk, run: _Run) -> ClockLine:
    file, clock, warnings = run
    say, row = desk.tongue.say, file.row
    regime, stage = clock.regime, clock.stage
    stands, why = file.stands(regime.id)
    begun = bool(clock.counted)
    # Of what has not begun nobody can say whether the rule will be in force then.
    doubts = [UNVERIFIED] * (not regime.verified)
    doubts += [NOT_IN_FORCE] * (begun and clock.in_force is not True)
    return ClockLine(
        dossier=row.id,
        incident=file.incident,
        title=desk.told(row).title(row),
        tlp=row.ceiling,
        realm=row.realm,
        party=row.opened_by,
        name=desk.name(row.opened_by),
        mine=row.opened_by == desk.node.me,
        closed=row.status == CLOSED,
        regime=regime.id,
        regime_name=say(regime.name),
        binds=say(regime.binds),
        area=say(regime.area),
        stage=stage.id,
        stage_name=say(stage.name),
        only=say(stage.only) if stage.only else "",
        to=say(stage.to),
        contents=tuple(map(say, stage.contents)),
        stands=stands,
        why=say(_why(stands, why)),
        state=clock.state.value,
        words=say(STATES[clock.state]),
        due=clock.due,
        reported=clock.reported,
        late_by=clock.late_by,
        forecast=clock.forecast,
        waits=tuple(say(_waited(regime, code)) for code in clock.waits),
        reasons=tuple(
            each.said(say) for counted in clock.counted for each in _told(regime, counted)
        ),
        warnings=tuple(say(each) for each in (*doubts, *warnings)),
        verified=regime.verified,
        sure=run.is_sure,
        good=clock.is_good and run.is_sure,
        earlier=tuple(_earlier(file, regime, stage, say)),
        source=_source(regime, say),
    )


def _why(stands: str, why: str) -> str:
    return {APPLIES: BASES, DOES_NOT_APPLY: EXEMPTIONS}.get(stands, {}).get(why, "")


def _waited(regime: Regime, code: str) -> str:
    stage = regime.stage(code)
    return EVENTS[code] if stage is None else stage.name


def _told(regime: Regime, counted: Counted) -> Iterator[Phrase]:
    """Yield how a limit was counted, from what was said on."""
    since = counted.limit.since
    if counted.limit.report:
        stage = Phrase(_waited(regime, since))
        yield Phrase("{stage} was reported, {at}", stage=stage, at=exact(counted.since))
    else:
        yield Phrase("{event}, {at}", event=Phrase(EVENTS[since]), at=exact(counted.since))
    yield from counted.steps
    if counted.falls_away:
        after = Phrase(_waited(regime, counted.limit.unless))
        yield Phrase("that falls away: {event}", event=after)
    else:
        yield Phrase("so until {due}", due=exact(counted.due))


def _earlier(
    file: File, regime: Regime, stage: Stage, say: Callable[[str], str]
) -> Iterator[tuple[str, int]]:
    """Yield what was said before, and was corrected, of what a clock counts."""
    for limit in stage.limits:
        for id_ in () if limit.report else ("", regime.id):
            for word in file.before.get((EVENT, limit.since, id_), ()):
                yield say(EVENTS[limit.since]), word.at
    for word in file.before.get((REPORTED, regime.id, stage.id), ()):
        yield say(stage.name), word.at


def _source(regime: Regime, say: Callable[[str], str]) -> RegimeSource:
    source = regime.source
    return RegimeSource(
        title=source.title,
        url=source.url,
        celex=source.celex,
        written=regime.written.isoformat(),
        by=say(regime.by),
        quote=regime.quote,
        note=say(regime.note) if regime.note else "",
        agreement=regime.agreement,
        kind=say(AGREEMENT) if regime.agreement else "",
        own=regime.own,
    )
