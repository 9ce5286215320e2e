"""What one person sees of dossiers: those of the person's lanes, up to the label a mandate allows.

What may not be seen is told from what does not exist by nothing: every function gives the same
answer to both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.label import TLP
from comity.kernel.protocol import LANES, Caption, Duty
from comity.services.casework.words import Words
from comity.services.identity import roster
from comity.store.access import acts as access

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from comity.kernel.protocol import Protocol
    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.store.access.acts import DossierRow, DutyRow


@dataclass(frozen=True, slots=True)
class Task:
    """Something owed in a dossier.

    ``words`` say what; ``party`` owes it; ``due`` and ``since`` in ms, ``due`` None without a
    date; ``late`` when it is past due by this node's clock.
    """

    dossier: str
    title: str
    tlp: str
    act: str
    party: str
    words: str
    due: int | None
    since: int
    late: bool


@dataclass(frozen=True, slots=True)
class Work:
    """What is owed: by this party (``mine``), soonest due first, and by others (``theirs``)."""

    mine: tuple[Task, ...]
    theirs: tuple[Task, ...]


class Desk:
    """One person's view of the dossiers of a node, for as long as one page takes."""

    def __init__(self, node: Node, actor: Actor) -> None:
        self.node = node
        self.actor = actor
        self._words: dict[tuple[str, int], Words] = {}

    @cached_property
    def names(self) -> Mapping[PartyId, str]:
        """What each party calls itself, by id."""
        return {PartyId(id_): name for id_, name in roster.names(self.node).items()}

    def protocol(self, row: DossierRow) -> Protocol | None:
        """Return a dossier's protocol, or None when this node lacks it."""
        return self.node.protocols.get((row.protocol, row.version))

    def lane(self, row: DossierRow) -> str:
        """Return the lane a dossier belongs to; what cannot be read here is technical."""
        protocol = self.protocol(row)
        return LANES[0] if protocol is None else protocol.lane

    def sees(self, row: DossierRow) -> bool:
        """Say whether this person may know that a dossier is here."""
        return self.actor.reads(self.lane(row), TLP(row.ceiling))

    def words(self, row: DossierRow) -> Words | None:
        """Return the words of a dossier's protocol, or None when this node lacks it."""
        protocol = self.protocol(row)
        if protocol is None:
            return None
        place = (row.protocol, row.version)
        if place not in self._words:
            self._words[place] = Words(protocol, self.names)
        return self._words[place]

    def title(self, row: DossierRow) -> str:
        """Return a dossier's title, or its caption while the title is not here."""
        words = self.words(row)
        if row.title or words is None or not row.caption:
            return row.title or f"{row.protocol} · {row.id[:8]}"
        return words.caption(Caption(row.caption, row.params))

    def duty(self, row: DossierRow, duty: DutyRow) -> str:
        """Return what is owed, in words."""
        words = self.words(row)
        if words is None:
            return duty.what
        to = PartyId(duty.to) if duty.to else None
        return words.duty(Duty(PartyId(duty.who), duty.what, duty.due, Id(duty.act), to))

    def dossier(self, dossier_id: str) -> DossierRow:
        """Return a dossier's row. Raises Refusal S3 when it is not here or not to be seen."""
        row = access.dossier(self.node.db, dossier_id)
        if row is None or not self.sees(row):
            raise Refusal("S3", "There is no such dossier here.", dossier_id)
        return row

    def work(self) -> Work:
        """Return what is owed in the dossiers this person sees."""
        duties = access.duties(self.node.db)
        rows = access.dossiers_among(self.node.db, sorted({duty.dossier for duty in duties}))
        seen = [duty for duty in duties if duty.dossier in rows and self.sees(rows[duty.dossier])]
        said = access.acts_among(self.node.db, sorted({duty.act for duty in seen}))
        tasks = [self._task(rows[d.dossier], d, said[d.act].time) for d in seen if d.act in said]
        me = self._name(self.node.me)
        return Work(
            mine=tuple(task for task in _by_due(tasks) if task.party == me),
            theirs=tuple(task for task in _by_due(tasks) if task.party != me),
        )

    def _name(self, party: str) -> str:
        return self.names.get(PartyId(party), party[:8])

    def _task(self, row: DossierRow, duty: DutyRow, since: int) -> Task:
        return Task(
            dossier=row.id,
            title=self.title(row),
            tlp=row.ceiling,
            act=duty.act,
            party=self._name(duty.who),
            words=self.duty(row, duty),
            due=duty.due,
            since=since,
            late=duty.due is not None and duty.due < self.node.now(),
        )


def _by_due(tasks: Iterable[Task]) -> list[Task]:
    return sorted(tasks, key=lambda task: (task.due is None, task.due or 0, task.since))
