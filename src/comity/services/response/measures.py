"""How long this party and others waited for each other on incidents: for oneself, and of others
only what they owed to this party; how long it took to report what a clock asked for, and how long
embargoes held. No party is named, and none is compared with another.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, cast

from comity.engines.embargo import Keeping
from comity.engines.measures import Figures, Span, figures
from comity.kernel.errors import Refusal
from comity.kernel.fold import How
from comity.kernel.ids import Id, PartyId, host_of
from comity.protocols.response.disclosure import PROTOCOL as DISCLOSURE
from comity.protocols.response.incident import PROTOCOL
from comity.protocols.response.incident.codes import NOTHING
from comity.protocols.response.incident.facts import ACKNOWLEDGE
from comity.services.casework import dossiers
from comity.services.casework.replies import Replies
from comity.services.response import clocks, disclosures
from comity.store.access import outbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from comity.kernel.canon import Object
    from comity.kernel.dossier import Dossier
    from comity.kernel.fold import State
    from comity.services.casework.desk import Desk
    from comity.services.node import Node
    from comity.services.response.caseview import Lasting
    from comity.services.response.clocks import Ran

DAY = 24 * 3600 * 1000
DAYS = 365
"""How long ago an incident was opened, at most, to be counted."""
ACKNOWLEDGED, WHETHER, HELPED, TOLD = "acknowledged", "whether", "helped", "told"
MEASURES = (ACKNOWLEDGED, WHETHER, HELPED)


class Waited(NamedTuple):
    """A ``span`` of waiting: ``what`` for, for whom, and who waited."""

    what: str
    on: PartyId
    by: PartyId
    span: Span


@dataclass(frozen=True, slots=True)
class Measure:
    """Figures of one measure: of what this party did for others (``ours``), or they for it."""

    what: str
    ours: bool
    figures: Figures


@dataclass(frozen=True, slots=True)
class EmbargoMeasure:
    """Of embargoes that this party agreed to with another: how long they were ``agreed`` to last
    and how long they ``held``, open while they are kept; and how many ended because the end that
    was agreed had come (``past``), a party ended it (``withdrawn``), or it was ``out``.
    ``spread`` is how long after the first of several parties the last one published for an end.
    """

    agreed: Figures
    held: Figures
    past: int
    withdrawn: int
    out: int
    spread: Figures


@dataclass(frozen=True, slots=True)
class Measures:
    """All measures, made of so many ``incidents``: all of the last ``DAYS`` that somebody sees.

    ``clocks`` is how long this party took to report what its clocks ask for: with a time set, and
    kept, are those alone whose rule somebody compared with its source and that is in force.
    ``told`` is, of the incidents that this party opened, how long after the first member of all the
    last one had received it.
    """

    measures: tuple[Measure, ...]
    told: Figures
    clocks: Figures
    embargo: EmbargoMeasure
    incidents: int


def of_desk(desk: Desk) -> Measures:
    """Return the measures of the incidents that somebody sees. What was an exercise is none."""
    node, now = desk.node, desk.node.now()
    since = now - DAYS * DAY
    waited: list[Waited] = []
    spread: list[Span] = []
    read = 0
    for rows in desk.opened(PROTOCOL.name, since):
        found = [each for each in rows if _takes(node, each.id, waited)]
        read += len(found)
        spread += _told(node, [each.id for each in found if each.opened_by == node.me])
    return Measures(
        measures=tuple(
            _measure(what, [each for each in waited if each.what == what], node.me, now, ours=ours)
            for what in MEASURES
            for ours in (True, False)
        ),
        told=figures(spread, now),
        clocks=_clocks(clocks.ran(desk, since), now),
        embargo=_embargo(_disclosed(desk, since), now),
        incidents=read,
    )


def _takes(node: Node, dossier_id: str, waited: list[Waited]) -> bool:
    """Add what was waited for in an incident; say whether it could be read."""
    try:
        waited += _of_dossier(node, dossier_id)
    except Refusal:
        return False  # Its protocol is not here, or its opening has not come.
    return True


def _clocks(ran: list[Ran], now: int) -> Figures:
    """Return figures of clocks; none is said to be kept by a rule that is not sure."""
    sure = figures([each.span for each in ran if each.sure], now)
    return replace(figures([each.span for each in ran], now), dated=sure.dated, kept=sure.kept)


def _disclosed(desk: Desk, since: int) -> list[Lasting]:
    """Return how long the embargoes that somebody sees last, of disclosures opened ``since`` (ms).
    What was an exercise is none.
    """
    lasting: list[Lasting] = []
    for row in itertools.chain.from_iterable(desk.opened(DISCLOSURE.name, since)):
        if row.state == dossiers.JOINING:
            continue
        try:
            each = disclosures.lasting(desk.node, row.id)
        except Refusal:
            continue  # Its protocol is not here.
        lasting += [] if each is None else [each]
    return lasting


def _embargo(lasting: list[Lasting], now: int) -> EmbargoMeasure:
    ended = Counter(each.keeping for each in lasting)
    return EmbargoMeasure(
        agreed=figures([Span(each.since, each.end) for each in lasting], now),
        held=figures([Span(each.since, each.until) for each in lasting], now),
        past=ended[Keeping.PAST],
        withdrawn=ended[Keeping.WITHDRAWN],
        out=ended[Keeping.OUT],
        spread=figures([Span(0, e.spread) for e in lasting if e.spread is not None], now),
    )


def _measure(what: str, waited: list[Waited], me: PartyId, now: int, *, ours: bool) -> Measure:
    spans = [each.span for each in waited if (each.on if ours else each.by) == me]
    return Measure(what, ours, figures(spans, now))


def _of_dossier(node: Node, dossier_id: str) -> list[Waited]:
    with node.lock:
        loaded = dossiers.load(node, dossier_id)
        gone = dossiers.disowned(node, loaded)
        state = loaded.state_without(gone)
        return [*_acknowledged(loaded, state, Replies(loaded, gone)), *_asked(state)]


def _acknowledged(loaded: Dossier, state: State, replies: Replies) -> Iterator[Waited]:
    """Yield how long those took whom somebody asked to acknowledge."""
    for act, who, what in (map(str, key) for key in state.keys("owed")):
        if what == ACKNOWLEDGE:
            header, party = loaded.graph.nodes[Id(act)].header, PartyId(who)
            words = replies.to(act).get(party, ())
            until = min((word.time for word in words), default=None)
            waits = host_of(header.party)[0]
            yield Waited(ACKNOWLEDGED, party, waits, Span(header.time, until))


def _asked(state: State) -> Iterator[Waited]:
    """Yield how long those took who were asked: to say whether they help, and to help."""
    for (ask,) in state.keys("ask"):
        for said in state.entries("ask", ask):
            told = cast("Object", said.value)
            time, due = cast("int", told["time"]), cast("int | None", told.get("due"))
            by = host_of(said.author)[0]
            for party in cast("list[PartyId]", told["to"] if told["verb"] != NOTHING else []):
                word = state.bound(How.LEAST, "whether", ask, party)
                help_ = state.bound(How.LEAST, "helped", ask, party)
                span = Span(time, word, cast("int", told["whether_by"]))
                yield Waited(WHETHER, party, by, span)
                yield Waited(HELPED, party, by, Span(time, help_, due))


def _told(node: Node, ids: Sequence[str]) -> Iterator[Span]:
    """Yield, of own incidents, how long after the first member the last had received the opening;
    of none that went to fewer than two.
    """
    for ways in outbox.deliveries_among(node.db, ids).values():
        if len(ways) > 1:
            came = [way.received_at for way in ways if way.received_at is not None]
            first = min(came, default=min(way.queued_at for way in ways))
            yield Span(first, max(came) if len(came) == len(ways) else None)
