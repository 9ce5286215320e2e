"""Looking at what came for alarms, once: they are remembered beside what was not taken in, noted
for the auditor, and told to those who may say something of it.

Of each act one notice is made, whatever is wrong with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.errors import Refusal
from comity.protocols.sharing.circle.acts import Feedback, Forward
from comity.services.casework.desk import Desk
from comity.services.identity import roster
from comity.services.people import actors, audit, notices
from comity.services.sharing import alarms
from comity.services.sharing.about import STATES
from comity.services.sharing.alarms import Alarm, Among, Came
from comity.store.access import acts, people
from comity.store.access import alarms as access
from comity.store.access.objects import FlawRow
from comity.store.append import acts as append_acts
from comity.store.append import objects as append
from comity.store.append.log import lock
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.store.access.alarms import CameRow

CURSOR = "alarms"
"""Under which name it is kept up to which moment (µs) what came was looked at."""
AT_ONCE = 1000
MOST = 100
"""Of so many objects of one act it is remembered what is wrong; pages tell it of every one."""


class _Raised(NamedTuple):
    """An alarm about what came as a row."""

    row: CameRow
    alarm: Alarm


def raise_due(node: Node) -> None:
    """Look at what came since this was done last."""
    after = acts.round_at(node.db, CURSOR) or 0
    while rows := access.came(node.db, after, AT_ONCE):
        found = [*_raised(node, rows)]
        with writing(node.db):
            lock(node.db, CURSOR)
            if (acts.round_at(node.db, CURSOR) or 0) != after:
                return  # Another process does the same, and was first.
            _tell(node, found)
            append_acts.set_cursor(node.db, CURSOR, rows[-1].added)
        after = rows[-1].added


def _raised(node: Node, rows: Sequence[CameRow]) -> Iterator[_Raised]:
    by_object: dict[tuple[int, str], list[Came]] = defaultdict(list)
    for row in access.versions(node.db, (row.stix_id for row in rows if row.act)):
        by_object[row.shelf, row.stix_id].append(_came(row))
    source = alarms.source_of(node)
    among = {key: Among(came, source) for key, came in by_object.items()}
    for row in rows:
        if row.act is not None:
            all_ = among[row.shelf, row.stix_id]
            yield from (_Raised(row, each) for each in alarms.alarms(_came(row), all_))


def _came(row: CameRow) -> Came:
    return Came(
        row.added,
        row.version,
        STATES[row.state],
        row.act or "",
        row.part,
        row.party or "",
        row.time or 0,
        row.kind == Forward.KIND.kind,
    )


def _tell(node: Node, found: Sequence[_Raised]) -> None:
    by_act: dict[int, list[_Raised]] = defaultdict(list)
    for each in found:
        by_act[each.row.number or 0].append(each)
    for raised in by_act.values():
        _remember(node, raised)
        # What this party said itself, it has just looked at.
        if raised[0].row.party != node.me:
            _note(node, raised)


def _remember(node: Node, raised: Sequence[_Raised]) -> None:
    """Remember what is wrong; clashes were remembered when they were put on the shelf, and what is
    shown again, since another version went, is not told twice.
    """
    names, act = roster.names(node), raised[0].row.number or 0
    before = {
        (rule, part)
        for rule in (alarms.AHEAD, alarms.TAKEN_OVER)
        for _, part in access.told(node.db, [act], rule)
    }
    append.insert_flaws(
        node.db,
        [
            _flaw(each, names, node.now())
            for each in raised
            if each.alarm.rule != alarms.CLASHES and (each.alarm.rule, each.row.part) not in before
        ][:MOST],
    )


def _flaw(each: _Raised, names: dict[str, str], now: int) -> FlawRow:
    row, told = each.row, alarms.sentence(each.alarm, names)
    rule, path = each.alarm.rule, "modified"
    return FlawRow(row.shelf, row.number, row.part, row.stix_id, path, rule, told, now)


def _note(node: Node, raised: Sequence[_Raised]) -> None:
    """Note it for the auditor, and tell who may say something of what is shared there."""
    row = raised[0].row
    rules = sorted({each.alarm.rule for each in raised})
    dossier, party = row.dossier or "", row.party or ""
    by = roster.names(node).get(party, party[:8])
    detail: Mapping[str, object] = {"rules": rules, "act": row.act, "objects": len(raised)}
    audit.note(node, None, "alarm", dossier, detail=detail, by=by)
    for person in _asked(node, dossier):
        notices.make(node, person, notices.Awaiting(notices.ALARM, row.act or "", dossier))


def _asked(node: Node, dossier: str) -> Iterable[int]:
    """Yield the people who see a circle and may say something of what is shared there."""
    row = acts.dossier(node.db, dossier)
    for person in people.people(node.db) if row is not None else ():
        try:
            desk = Desk(node, actors.of_person(node, person.id))
        except Refusal:
            continue
        if row is not None and desk.sees(row) and desk.under(row, Feedback.KIND.kind) is not None:
            yield person.id
