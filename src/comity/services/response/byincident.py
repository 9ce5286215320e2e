"""Clocks by the incident that they are of, for who is on duty: what is due next comes first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from comity.engines.running import State
from comity.kernel.label import TLP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.services.casework.desk import Desk
    from comity.services.response.clocks import ClockLine, Clocks

LATE = frozenset({State.LATE, State.REPORTED_LATE})


class Incident(NamedTuple):
    """The dossier of an incident, as it is called and labelled."""

    id: str
    title: str
    tlp: str


@dataclass(slots=True)
class IncidentClocks:
    """The clocks of one incident: those ``open``, soonest due first; those that come ``later``,
    once an earlier stage is reported; those ``ended``, reported or not needed; and of each regime
    of which nobody said whether it applies the soonest, ``asked``.

    ``files`` are the reporting files that they stand in, by id, each with one of its clocks; the
    ``incident`` is known where those who ask see its dossier.
    """

    incident: Incident | None = None
    files: dict[str, ClockLine] = field(default_factory=dict)
    open: list[ClockLine] = field(default_factory=list)
    later: list[ClockLine] = field(default_factory=list)
    ended: list[ClockLine] = field(default_factory=list)
    asked: list[ClockLine] = field(default_factory=list)

    @property
    def tlp(self) -> str:
        """The strictest label of its files and of the incident, whose title is shown."""
        labels = [TLP(each.tlp) for each in self.files.values()]
        labels += [] if self.incident is None else [TLP(self.incident.tlp)]
        return str(max(labels).value)

    @property
    def late(self) -> int:
        """How many are late and not reported."""
        return sum(each.state == State.LATE for each in self.open)

    @property
    def ended_late(self) -> int:
        """How many ended late: reported so, or never before their file was closed."""
        return sum(each.state in LATE for each in self.ended)

    @property
    def is_quiet(self) -> bool:
        """Whether nobody has anything to do."""
        return not self.open and not self.later and not self.asked


class ByIncident(NamedTuple):
    """Incidents with their clocks, next due first, and how many clocks were ``left`` out."""

    incidents: list[IncidentClocks]
    left: int


def of_board(desk: Desk, board: Clocks, most: int) -> ByIncident:
    """Return clocks by incident: the ``most`` urgent, and as many of those nobody decided on."""
    lines, asked = board.clocks, _first_of_each(board.undecided)
    left = len(lines[most:]) + len(asked[most:])
    found: dict[str, IncidentClocks] = {}
    for line in lines[:most]:
        _place(_group(found, line), line)
    for line in asked[:most]:
        _group(found, line).asked.append(line)
    seen = desk.seen(found)
    for id_, group in found.items():
        if id_ not in group.files and id_ in seen:
            row = seen[id_]
            group.incident = Incident(id_, desk.told(row).title(row), row.ceiling)
    return ByIncident(sorted(found.values(), key=_urgency), left)


def _place(group: IncidentClocks, line: ClockLine) -> None:
    if not line.is_open:
        group.ended.append(line)
    elif line.due is None and line.forecast is not None:
        group.later.append(line)
    else:
        # What waits for an event stands here too: somebody has to say whether it happened.
        group.open.append(line)


def _first_of_each(undecided: Iterable[ClockLine]) -> list[ClockLine]:
    """Return of each regime of a file the clock that would be due first."""
    first: dict[tuple[str, str], ClockLine] = {}
    for line in undecided:
        first.setdefault((line.dossier, line.regime), line)
    return [*first.values()]


def _group(found: dict[str, IncidentClocks], line: ClockLine) -> IncidentClocks:
    # What names no incident is about one of its own.
    group = found.setdefault(line.incident or line.dossier, IncidentClocks())
    group.files.setdefault(line.dossier, line)
    return group


def _urgency(group: IncidentClocks) -> tuple[bool, bool, int]:
    """Return by what incidents are put in order. What would be late by a regime that perhaps never
    applied is not more urgent than what is due.
    """
    may_be = [each for each in group.asked if each.state != State.LATE]
    due = [each.due for each in (*group.open, *may_be) if each.due is not None]
    return (group.is_quiet, not due, min(due, default=0))
