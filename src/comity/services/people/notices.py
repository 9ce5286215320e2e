"""Notices: each says to one person that something awaits, and is made once, whoever makes it.

::

    made ──read──▶ read ──▶ settled      a person looked at it, or what it tells of is done

What awaits is found by ``awaiting``; by mail it is told by ``mail``. Here is what a person does
with notices, and what must be told within the transaction in which it happens.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.services.casework import drafts
from comity.services.casework.desk import Desk
from comity.services.response import reports
from comity.store.access import acts, people
from comity.store.access import drafts as drafts_access
from comity.store.access import notices as access
from comity.store.access import parties as parties_access
from comity.store.access import reports as reports_access
from comity.store.append import notices as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.store.access.notices import NoticeRow

DUTY, APPROVE, RETURNED = "duty", "approve", "returned"
EMERGENCY, REVIEW, LETTER = "emergency", "review", "letter"
PARTY, NEWS, ALARM, CLOCK, REPORT = "party", "news", "alarm", "clock", "report"
ADVISORY = "advisory"
"""The kinds: this party owes something; a draft waits for a second person, or was returned;
somebody signed alone in an emergency, and somebody has to review it; a letter to a guest waits for
a second person; a party is not compared yet; something was said in a dossier the person follows;
what was shared in a circle raised an alarm; a clock runs, and ``subject`` is its regime/stage;
nobody has read what a finder reported; an advisory under embargo did not go out by itself, and
``subject`` says why: early or failed.
"""
SOON, LATE = "soon", "late"
"""The stages of what is due: within ``WITHIN``, or past it. Each is told once."""
WITHIN = 4 * 3600 * 1000
LASTING = frozenset({EMERGENCY, NEWS, ALARM})
"""What is settled by being read, and by nothing else."""
HEAD = "head"
"""The mandate whose holders are told of every emergency."""
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Awaiting:
    """Something that awaits a person; ``about`` tells two things of one subject apart."""

    kind: str
    subject: str
    dossier: str = ""
    due: int | None = None
    stage: str = ""
    about: str = ""

    @property
    def key(self) -> str:
        """What makes a person's notice of this the only one."""
        parts = (self.kind, self.stage, self.subject, self.dossier, self.about)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice as its person reads it.

    ``title`` is of the dossier, the party's name, or what a report is about; ``draft`` the source
    string of what a draft says. ``subject`` is "" where this person may not see more than that
    there is something.
    """

    id: int
    kind: str
    stage: str
    subject: str
    dossier: str
    title: str
    draft: str
    due: int | None
    made_at: int
    is_read: bool


def is_urgent(row: NoticeRow) -> bool:
    """Say whether a person is told at once, whatever the hour."""
    return row.kind == EMERGENCY or row.stage in {SOON, LATE}


def make(node: Node, person: int, item: Awaiting) -> None:
    """Make a person's notice, within a write transaction, unless it is there."""
    append.insert(
        node.db,
        person=person,
        key=item.key,
        kind=item.kind,
        stage=item.stage,
        subject=item.subject,
        dossier=item.dossier,
        due=item.due,
        now=node.now(),
    )


def tell_heads(node: Node, actor: Actor, draft: str) -> None:
    """Tell every head, whatever the lane and label, that ``actor`` signed a draft alone in an
    emergency. Call it within the transaction that signs.
    """
    for row in people.people(node.db):
        if row.is_active and HEAD in row.mandates and row.id != actor.id:
            make(node, row.id, Awaiting(EMERGENCY, draft))


def unread(node: Node, actor: Actor) -> int:
    """Return how many notices await a person and were not read."""
    return access.count_unread(node.db, actor.id)


def of_desk(desk: Desk) -> list[Shown]:
    """Return what awaits the person at a desk, unread first; what may not be seen is left out.

    Raises Refusal S10 for a machine.
    """
    desk.actor.require_person()
    rows = access.of_person(desk.node.db, desk.actor.id, AT_ONCE)
    shown = (_shown(desk, row) for row in rows)
    return [item for item in shown if item is not None]


def _shown(desk: Desk, row: NoticeRow) -> Shown | None:
    subject, title, draft = row.subject, "", ""
    if row.dossier:
        found = acts.dossier(desk.node.db, row.dossier)
        if found is None or not desk.sees(found):
            return None
        title = desk.told(found).title(found)
    if row.kind in {APPROVE, RETURNED, EMERGENCY, REVIEW}:
        draft = _draft(desk, row.subject)
        if not draft and row.kind != EMERGENCY:
            return None
        subject = row.subject if draft else ""
    if row.kind == PARTY:
        party = parties_access.party(desk.node.db, row.subject)
        title = row.subject[:8] if party is None else party.name
    if row.kind == REPORT:
        report = reports_access.report(desk.node.db, row.subject)
        if report is None or reports.hand(desk.node, desk.actor) is None:
            return None
        title = report.affected
    return Shown(
        id=row.id,
        kind=row.kind,
        stage=row.stage,
        subject=subject,
        dossier=row.dossier,
        title=title,
        draft=draft,
        due=row.due,
        made_at=row.made_at,
        is_read=row.read_at is not None,
    )


def _draft(desk: Desk, draft: str) -> str:
    """Return what a draft says, as a source string; "" for one that may not be seen."""
    row = drafts_access.draft(desk.node.db, draft)
    if row is None or not drafts.sees(desk.node, desk.actor, row):
        return ""
    protocol = desk.node.protocols.get((row.protocol, row.version))
    kind = None if protocol is None else protocol.kind(row.kind)
    return row.kind if kind is None else kind.label


def read(node: Node, actor: Actor, notice: int | None = None) -> None:
    """Mark a notice of this person as read, or all of them; by a token, of those it sees.

    Raises Refusal S10 for a machine.
    """
    actor.require_person()
    ids = [notice]
    if actor.token:
        seen = [item.id for item in of_desk(Desk(node, actor))]
        ids = [id_ for id_ in seen if notice in {None, id_}]
    with writing(node.db):
        for id_ in ids:
            append.read(node.db, actor.id, node.now(), id_=id_)


def saw(node: Node, actor: Actor, dossier: str) -> None:
    """Note that a person looked at a dossier: what was new in it has been read."""
    if access.has_unread(node.db, actor.id, dossier):
        with writing(node.db):
            append.read(node.db, actor.id, node.now(), dossier=dossier)


def follows(node: Node, actor: Actor, dossier: str) -> bool:
    """Say whether a person follows a dossier: by choice, or by having acted in it. No machine
    does.
    """
    if actor.machine:
        return False
    chosen = access.chosen(node.db, dossier).get(actor.id)
    return actor.id in access.acted(node.db, dossier) if chosen is None else chosen


def follow(desk: Desk, dossier: str, *, wanted: bool) -> None:
    """Follow a dossier, or do not. Raises Refusal S3 for one that is not to be seen, S10 for a
    machine.
    """
    desk.dossier(dossier)
    desk.actor.require_person()
    with writing(desk.node.db):
        append.follow(desk.node.db, desk.actor.id, dossier, follows=wanted)
