"""What one person sees of dossiers: those of the person's lanes, up to the label a mandate allows.

What may not be seen is told from what does not exist by nothing: every function gives the same
answer to both.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from comity.kernel import kinds
from comity.kernel.act import read_header
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId, host_of
from comity.kernel.label import TLP
from comity.kernel.protocol import LANES
from comity.services.casework import dossiers, membership, possible, reach, related, telling, view
from comity.services.casework.kernelkinds import ERASE, TRANSLATION
from comity.services.casework.reading import File, Found, Line, Owed, Related, Step, Task, Told
from comity.services.casework.sides import Sides, closed, without
from comity.services.casework.telling import Telling, Tongue
from comity.services.casework.view import Cut
from comity.services.identity import roster
from comity.store.access import acts as access
from comity.store.access import finding
from comity.store.access.finding import Sight, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from comity.kernel.protocol import Protocol
    from comity.services.casework.view import ActView, DossierView
    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.services.people.mandates import Hand, Mandate
    from comity.store.access.acts import ActRow, DossierRow, DutyRow

AT_ONCE = 50
"""Dossiers on one page."""
MANY = 200
"""Dossiers that are read at a time where all are."""
ACTS = 30
"""Acts on one page of a dossier."""


class Desk:
    """One person's view of the dossiers of a node, for as long as one page takes."""

    def __init__(self, node: Node, actor: Actor, tongue: Tongue | None = None) -> None:
        self.node = node
        self.actor = actor
        self.tongue = tongue or Tongue()
        self.sides = Sides(node, actor)
        self._told: dict[tuple[str, int], Telling] = {}
        self._listed: dict[str, bool] = {}

    @cached_property
    def names(self) -> Mapping[PartyId, str]:
        """What each party calls itself, by id."""
        return {PartyId(id_): name for id_, name in roster.names(self.node).items()}

    @cached_property
    def zones(self) -> Mapping[str, str]:
        """The time zones of those parties of which somebody here has said it, by id."""
        return roster.zones(self.node)

    def protocol(self, row: DossierRow) -> Protocol | None:
        """Return a dossier's protocol, or None when this node lacks it."""
        return self.node.protocols.get((row.protocol, row.version))

    def lane(self, row: DossierRow) -> str:
        """Return the lane a dossier belongs to, of several the first."""
        return self.sides.of(row)[0]

    def sees(self, row: DossierRow) -> bool:
        """Say whether this person may know that a dossier is here.

        No act in it is stricter than its ceiling. Of RED, the charter lists the readers.
        """
        if not self.sides.sees(row):
            return False
        return row.ceiling != TLP.RED.value or self._is_listed(row.id)

    def _is_listed(self, dossier_id: str) -> bool:
        if dossier_id not in self._listed:
            self._look_up([dossier_id])
        return self._listed[dossier_id]

    def _look_up(self, red: list[str]) -> None:
        """Note of each of these dossiers whether its charter lists this person as a reader."""
        charters = access.acts_among(self.node.db, red)
        for id_ in red:
            said = charters.get(id_)
            readers = () if said is None else kinds.read_charter(read_header(said.header)).readers
            self._listed[id_] = (self.node.me, self.actor.handle) in readers

    def seen(self, ids: Iterable[str]) -> dict[str, DossierRow]:
        """Return those of some dossiers that are here and that this person sees, by id."""
        rows = access.dossiers_among(self.node.db, sorted(set(ids)))
        red = [row.id for row in rows.values() if row.ceiling == TLP.RED.value]
        self._look_up([id_ for id_ in red if id_ not in self._listed])
        return {id_: row for id_, row in rows.items() if self.sees(row)}

    def sights(self) -> list[Sight]:
        """Return what this person sees, as the store is asked for it."""
        lanes: dict[str, set[str]] = {lane: set() for lane in LANES}
        for protocol in self.node.protocols.values():
            for lane in protocol.lanes:
                lanes[lane].add(protocol.name)
        known = tuple(sorted(set().union(*lanes.values())))
        found = [Sight(tuple(sorted(names)), self._ceilings(lane)) for lane, names in lanes.items()]
        return [*found, Sight(known, self._ceilings(LANES[0]), others=True)]

    def _ceilings(self, lane: str) -> tuple[str, ...]:
        return tuple(tlp.value for tlp in TLP if self.actor.reads(lane, tlp))

    def find(self, wanted: Wanted, limit: int = AT_ONCE) -> Found:
        """Return the dossiers this person sees and looks for, those changed last first.

        They are ``limit`` at most; RED ones that do not list this person fall out.
        """
        node, sights = self.node, self.sights()
        rows = finding.find_dossiers(
            node.db, sights, wanted, me=node.me, now=node.now(), limit=limit
        )
        owed = Counter(duty.dossier for duty in access.duties(node.db, node.me))
        return Found(
            tuple(
                self._line(row, owed[row.id])
                for row in rows
                if self.sees(row) and self._is_found(row, wanted.text)
            ),
            rows[-1].n if len(rows) == limit else 0,
        )

    def opened(self, protocol: str, since: int) -> Iterator[list[DossierRow]]:
        """Yield all dossiers under a protocol that this person sees and that opened ``since`` an
        instant (ms), without exercises, some at a time.
        """
        db, sights, after = self.node.db, self.sights(), ""
        while ids := finding.opened_since(db, sights, protocol, since, after, MANY):
            yield [*self.seen(ids).values()]
            after = ids[-1]

    def _is_found(self, row: DossierRow, text: str) -> bool:
        """Say whether what was looked for stands in something that this person reads."""
        if not text or self.sides.reads_all(row) or text.lower() in row.title.lower():
            return True
        acts = finding.acts_with(self.node.db, row.id, text)
        return bool({*acts} - self.sides.hidden(row, acts))

    def _line(self, row: DossierRow, mine: int) -> Line:
        protocol = self.protocol(row)
        return Line(
            id=row.id,
            title=self.told(row).title(row),
            noun=row.protocol if protocol is None else protocol.title,
            status=self.told(row).status(row),
            tlp=row.ceiling,
            opened_by=self.name(row.opened_by),
            opened_at=row.opened_at,
            acts=row.acts,
            state=row.state,
            mine=mine,
        )

    def told(self, row: DossierRow) -> Telling:
        """Return how a dossier is told to this person."""
        place = (row.protocol, row.version)
        if place not in self._told:
            self._told[place] = telling.of(self.node, row, names=self.names, tongue=self.tongue)
        return self._told[place]

    def dossier(self, dossier_id: str) -> DossierRow:
        """Return a dossier's row. Raises Refusal S3 when it is not here or not to be seen."""
        row = access.dossier(self.node.db, dossier_id)
        if row is None or not self.sees(row):
            raise Refusal("S3", "There is no such dossier here.", dossier_id)
        return row

    def dossier_of(self, protocol: Protocol, dossier_id: str) -> DossierRow:
        """Return the row of a dossier of one protocol. Raises Refusal S3, of another one too."""
        row = self.dossier(dossier_id)
        if row.protocol != protocol.name:
            raise dossiers.another(protocol, dossier_id)
        return row

    def act(self, act_id: str) -> ActRow:
        """Return an act's row. Raises Refusal S3 when it is not here or not to be seen."""
        row = access.act(self.node.db, act_id)
        head = None if row is None else access.dossier(self.node.db, row.dossier)
        if row is None or head is None or not (self.sees(head) and self.sides.reads(head, row)):
            raise Refusal("S3", "There is no such message here.", act_id)
        return row

    def read(self, act_id: str) -> tuple[DossierRow, ActView]:
        """Return an act for reading, and its dossier. Raises Refusal S3 or S8."""
        row = self.dossier(self.act(act_id).dossier)
        with self.node.lock:
            return row, self._open(row, [view.act(self.node, act_id, self.told(row))])[0]

    def some(self, row: DossierRow, ids: Iterable[str]) -> dict[str, ActView]:
        """Return some acts of a dossier that this person sees, for reading. Raises Refusal S8."""
        with self.node.lock:
            acts = view.some(self.node, row.id, sorted(set(ids)), self.told(row))
            return {act.id: act for act in self._open(row, acts)}

    def _open(self, row: DossierRow, acts: Sequence[ActView]) -> list[ActView]:
        """Return acts of a dossier as far as this person reads their lanes."""
        named = [id_ for act in acts for id_ in (act.id, *(reply.act for reply in act.replies))]
        hidden = self.sides.hidden(row, named)
        if not hidden:
            return [*acts]
        rows = access.acts_among(self.node.db, sorted(hidden))
        return [
            closed(act, self.sides.of_act(row, rows[act.id])[0], self.tongue.say)
            if act.id in hidden
            else replace(act, replies=without(act.replies, hidden))
            for act in acts
        ]

    def file(self, dossier_id: str, before: int = 0, most: int = ACTS) -> File:
        """Return a dossier for reading: the last ``most`` acts below index ``before``, 0 for the
        newest. Raises Refusal S3.
        """
        row = self.dossier(dossier_id)
        last = before or row.acts
        held = view.dossier(self.node, dossier_id, Cut(last, most), self.told(row))
        found = replace(held, acts=tuple(self._open(row, held.acts)))
        protocol = self.protocol(row)
        said = access.acts_among(self.node.db, sorted({duty.act for duty, _ in found.duties}))
        # Of a case of many there may be thousands, each already told in words.
        tasks = [
            self._task(row, duty, said[duty.act].time, words)
            for duty, words in found.duties
            if duty.act in said
        ]
        return File(
            view=found,
            acts=tuple(self._told_act(row, found, act) for act in found.acts),
            noun=row.protocol if protocol is None else protocol.title,
            clause="" if protocol is None else protocol.clause,
            lane=self.lane(row),
            tasks=tuple(_by_due(tasks)),
            steps=self._steps(row, possible.of_id(self.node, row.id))
            if row.state == dossiers.ACTIVE
            else (),
            membership=self._membership(row),
            related=tuple(self._related(row)),
            may_erase=self._may(row, ERASE.kind),
            may_translate=self._may(row, TRANSLATION.kind),
            before=max(0, last - most),
        )

    def _may(self, row: DossierRow, kind: str) -> bool:
        able = self.under(row, kind) is not None
        return able and row.state == dossiers.ACTIVE

    def under(self, row: DossierRow, kind: str) -> tuple[Mandate, Hand] | None:
        """Return the mandate under which this person may say an act of ``kind`` in a dossier, and
        how; None when there is none.
        """
        return self.actor.under_any(self.sides.of(row), row.protocol, kind)

    def _told_act(self, row: DossierRow, found: DossierView, act: ActView) -> Told:
        kind = act.recorded or act.kind
        terms = act.body.get("terms") if kind == "charter" else None
        details = self.told(row).details(kind, terms if isinstance(terms, dict) else act.body)
        asked = reach.answerable(self.protocol(row))
        worded = self._worded(act) or kind
        prose, labels = self.told(row).prose(worded), self.told(row).labels(worded)
        shown = act.translated(self.tongue.tag)
        others = tuple(each for each in act.translations if each is not shown)
        return Told(act, prose, labels, details, reach.of_act(found, act, asked), shown, others)

    def _worded(self, act: ActView) -> str:
        """Return the kind of what an act translates, whose words it gives; "" when it does not."""
        of = str(act.body["act"]) if act.kind == TRANSLATION.kind else ""
        found = access.act(self.node.db, of) if of else None
        return "" if found is None else kinds.said(read_header(found.header)).kind

    def _related(self, row: DossierRow) -> Iterable[Related]:
        named = related.of(self.node, row.id)
        rows = access.dossiers_among(self.node.db, sorted({id_ for id_, _, _ in named}))
        for id_, how, outward in named:
            other = rows.get(id_)
            if other is not None and self.sees(other):
                yield Related(id_, self.told(other).title(other), how, outward)

    def _membership(self, row: DossierRow) -> tuple[Step, ...]:
        gone = row.state in {dossiers.LEFT, dossiers.DECLINED}
        if gone or row.acts == 0 or self.protocol(row) is None:
            return ()
        return self._steps(row, membership.next_of(self.node, row))

    def _steps(self, row: DossierRow, found: Iterable[possible.Next]) -> tuple[Step, ...]:
        under = [(each, self.under(row, each.kind)) for each in found]
        return tuple(
            Step(n.kind, n.label, n.help, "" if hand is None else hand[1].value, n.rule, n.reason)
            for n, hand in under
        )

    def owed(self) -> list[Owed]:
        """Return what is owed in the dossiers this person sees, soonest due first."""
        found = finding.owed(self.node.db)
        rows = self.seen(duty.dossier for duty, _ in found)
        return [
            Owed(duty, since, rows[duty.dossier]) for duty, since in found if duty.dossier in rows
        ]

    def is_mine(self, owed: Owed) -> bool:
        """Say whether this party owes it: by its id, for another may call itself the same."""
        return owed.duty.who == self.node.me

    def tasks(self, found: Iterable[Owed]) -> tuple[Task, ...]:
        """Return in words what is owed."""
        return tuple(
            self._task(row, duty, since, self.told(row).duty(duty)) for duty, since, row in found
        )

    def name(self, party: str) -> str:
        """Return what a party is called."""
        return self.names.get(PartyId(party), party[:8])

    def between(self, duty: DutyRow) -> PartyId:
        """Return the other party of a duty: to whom this one owes it, or who owes it."""
        return host_of(PartyId(duty.to))[0] if duty.who == self.node.me else PartyId(duty.who)

    def _task(self, row: DossierRow, duty: DutyRow, since: int, words: str) -> Task:
        other = self.between(duty)
        late = duty.due is not None and duty.due < self.node.now()
        return Task(
            dossier=row.id,
            title=self.told(row).title(row),
            tlp=row.ceiling,
            act=duty.act,
            party=self.name(duty.who),
            words=words,
            due=duty.due,
            since=since,
            late=late,
            silent=late and duty.who != self.node.me and duty.to == self.node.me,
            other=self.name(other) if other else "",
            zone=self.zones.get(other, ""),
        )


def _by_due(tasks: Iterable[Task]) -> list[Task]:
    return sorted(tasks, key=lambda task: (task.due is None, task.due or 0, task.since))
