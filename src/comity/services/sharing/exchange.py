"""How the exchange in a circle goes: who published how much, how far what this party sent has got
and how fast, what came back, who applied what was taken back.

Figures are of the last weeks, so that they cost what is recent and not what ever was.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.act import read_header
from comity.kernel.ids import Id
from comity.protocols.sharing.circle import reading as said
from comity.protocols.sharing.circle.acts import BATCHES
from comity.protocols.sharing.circle.codes import SILENT
from comity.services.identity import roster
from comity.services.sharing.circles import state_of
from comity.store.access import outbox, recent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comity.kernel.fold import State
    from comity.protocols.sharing.circle.reading import Application, Asked
    from comity.services.node import Node
    from comity.store.access.acts import ActRow
    from comity.store.access.outbox import DeliveryRow

WEEK = 7 * 24 * 3600 * 1000
WEEKS = 8
MOST, LAST, STONES = 2000, 5, 10
"""Batches that are counted, own batches and tombstones that are told of one by one."""
_RECEIVED = frozenset({"received", "whole"})


class Week(NamedTuple):
    """How many objects each party published in the week that began at ``start`` (ms)."""

    start: int
    by: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """How many objects that are together."""
        return sum(number for _, number in self.by)


class Reached(NamedTuple):
    """How what this party sent got to another: how many batches it has ``received`` and how many
    are still on their way; how long the median took, and the slowest tenth at least (ms), None
    where nothing was received.
    """

    name: str
    received: int
    waiting: int
    median: int | None
    slowest: int | None


class Sent(NamedTuple):
    """A batch of this party: when (ms), how many objects, and who received it when (None: not
    yet).
    """

    act: str
    time: int
    objects: int
    to: tuple[tuple[str, int | None], ...]


class Stone(NamedTuple):
    """What was taken back: by whom, when (ms), why (code), how many objects (None: the whole
    batch); what each party did about it, by name, and those further on, of whom a member told; and
    who has said nothing yet.
    """

    name: str
    time: int
    reason: str
    objects: int | None
    applied: tuple[tuple[str, Application], ...]
    relayed: tuple[tuple[str, Application], ...]
    silent: tuple[str, ...]


class Ask(NamedTuple):
    """An ask without an answer: by whom, for what; ``mine`` says that this party is asked."""

    name: str
    asked: Asked
    mine: bool


class Told(NamedTuple):
    """What a party said last that it holds: how many objects, and when (ms)."""

    party: str
    name: str
    objects: int
    time: int


class Exchange(NamedTuple):
    """How the exchange in a circle goes."""

    weeks: tuple[Week, ...]
    reached: tuple[Reached, ...]
    sent: tuple[Sent, ...]
    back: tuple[tuple[str, int], ...]
    stones: tuple[Stone, ...]
    asks: tuple[Ask, ...]
    told: tuple[Told, ...]


def of_circle(node: Node, dossier: str) -> Exchange:
    """Return how the exchange in a circle goes."""
    names, state = roster.names(node), state_of(node, dossier)
    since = node.now() - WEEKS * WEEK
    rows = recent.newest_of(node.db, dossier, BATCHES, MOST, since)
    sizes = {row.id: _objects(row) for row in rows}
    own = [row for row in rows if row.party == node.me]
    ways = outbox.deliveries_among(node.db, [row.id for row in own])
    return Exchange(
        weeks=tuple(_weeks(node.now(), rows, sizes, names)),
        reached=tuple(_reached(ways, names)),
        sent=tuple(_sent(row, sizes[row.id], ways, names) for row in own[:LAST]),
        back=tuple(sorted(_back(state, own).items())),
        stones=tuple(_stones(node, dossier, state, names)),
        asks=tuple(_asks(node, state, names)),
        told=tuple(
            Told(each.party, _name(each.party, names), each.objects, each.time)
            for each in said.compared(state)
        ),
    )


def _name(party: str, names: Mapping[str, str]) -> str:
    return names.get(party, party[:8])


def _objects(row: ActRow) -> int:
    header = read_header(row.header)
    return header.content.parts - int(str(header.body.get("proofs", 0)))


def _weeks(
    now: int, rows: Sequence[ActRow], sizes: Mapping[str, int], names: Mapping[str, str]
) -> list[Week]:
    """Return the weeks up to now, the last first; what a clock ahead has signed is of this one."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for row in rows:
        ago = max(0, (now - row.time) // WEEK)
        counts[ago][_name(row.party, names)] += sizes[row.id]
    return [
        Week(now - (ago + 1) * WEEK, tuple(sorted(counts[ago].items()))) for ago in range(WEEKS)
    ]


def _reached(ways: Mapping[str, Sequence[DeliveryRow]], names: Mapping[str, str]) -> list[Reached]:
    by: dict[str, list[DeliveryRow]] = defaultdict(list)
    for rows in ways.values():
        for row in rows:
            by[_name(row.recipient, names)].append(row)
    return [_reach(name, rows) for name, rows in sorted(by.items())]


def _reach(name: str, rows: Sequence[DeliveryRow]) -> Reached:
    took = sorted(
        row.received_at - row.queued_at
        for row in rows
        if row.state in _RECEIVED and row.received_at is not None
    )
    if not took:
        return Reached(name, 0, len(rows), None, None)
    # Of ten, the slowest tenth is the last: nine are faster.
    slowest = took[len(took) * 9 // 10]
    return Reached(name, len(took), len(rows) - len(took), int(statistics.median(took)), slowest)


def _sent(
    row: ActRow,
    objects: int,
    ways: Mapping[str, Sequence[DeliveryRow]],
    names: Mapping[str, str],
) -> Sent:
    to = [(_name(way.recipient, names), way.received_at) for way in ways.get(row.id, ())]
    return Sent(row.id, row.time, objects, tuple(sorted(to)))


def _back(state: State, own: Sequence[ActRow]) -> Counter[str]:
    """Return how often others said what (codes) of what this party published."""
    return Counter(
        heard.as_
        for row in own
        for part in said.parts_with_feedback(state, Id(row.id))
        for heard in said.feedback(state, Id(row.id), part)
    )


def _stones(node: Node, dossier: str, state: State, names: Mapping[str, str]) -> list[Stone]:
    found = []
    for row in recent.newest_of(node.db, dossier, ("retract",), STONES):
        word = said.retraction(state, Id(row.id))
        applied = [(_name(a.party, names), a) for a in said.applied(state, Id(row.id))]
        further = [(_name(a.party, names), a) for a in said.relayed(state, Id(row.id))]
        silent = tuple(name for name, each in applied if each.how == SILENT)
        done = tuple(pair for pair in applied if pair[1].how != SILENT)
        objects = None if word.parts is None else len(word.parts)
        name = _name(row.party, names)
        found.append(Stone(name, row.time, word.reason, objects, done, tuple(further), silent))
    return found


def _asks(node: Node, state: State, names: Mapping[str, str]) -> list[Ask]:
    return [
        Ask(_name(each.by, names), each, said.batch(state, each.of).author == node.me)
        for each in said.open_asks(state)
    ]
