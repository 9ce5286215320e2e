"""What awaits each person of this node, made into notices: the worker looks again and again.

One transaction at a time looks, and writes what it saw: two workers make no notice twice, and none
settles what the other has just found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.protocols.response.reporting.acts import Reported
from comity.services.casework import drafts, guests, needing, reviewing
from comity.services.casework.desk import Desk
from comity.services.casework.inbox import Machine
from comity.services.casework.kernelkinds import RECORD
from comity.services.people import actors, notices
from comity.services.people.notices import Awaiting
from comity.services.response import outgoing, reports
from comity.services.response.clocks import board
from comity.store.access import acts, announcements, people
from comity.store.access import drafts as drafts_access
from comity.store.access import notices as access
from comity.store.access import parties as parties_access
from comity.store.access import reports as reports_access
from comity.store.append import acts as append_acts
from comity.store.append import notices as append
from comity.store.append.log import lock
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.store.access.acts import DossierRow, DutyRow
    from comity.store.access.drafts import DraftRow
    from comity.store.access.notices import NoticeRow

CURSOR = "notices"
"""Under which name it is kept up to which act was looked at for those who follow its dossier."""
AT_ONCE = 1000


def mark(node: Node) -> tuple[int, int]:
    """Return what changes when something may await somebody anew, but by the clock alone."""
    return acts.newest_act(node.db), people.newest_audit(node.db)


def gather(node: Node) -> None:
    """Make notices of what awaits anybody now, and settle those of what awaits nobody any more."""
    with writing(node.db):
        lock(node.db, CURSOR)
        scene = _Scene(node)
        for row in people.people(node.db):
            kept = access.kept(node.db, row.id)
            _keep(node, row.id, kept, scene.of(row.id, kept))
        append.forget(node.db, node.now() - node.settings.expire)


class _Scene:
    """What there is that may await somebody, read once for all people."""

    def __init__(self, node: Node) -> None:
        self._node, self._now = node, node.now()
        self._duties = acts.duties(node.db, node.me)
        self._clocks = [line for line in board(Machine(node)).clocks if line.mine]
        self._news = _news(node)
        self._unread = reports_access.unread(node.db)
        self._advisories = announcements.to_tell(node.db)
        self._dossiers: dict[str, DossierRow | None] = {}
        self._may: dict[tuple[int, str, int, str, tuple[str, ...]], bool] = {}
        self._strangers = [
            row.id
            for row in parties_access.parties(node.db)
            if not row.is_self and row.accredited_at is None
        ]

    def of(self, person: int, kept: Mapping[str, NoticeRow]) -> list[Awaiting]:
        """Return what awaits one person, who has the notices ``kept`` by now; nothing when the
        account is closed.
        """
        try:
            actor = actors.of_person(self._node, person)
        except Refusal:
            return []
        desk = Desk(self._node, actor)
        strangers = self._strangers if actor.manages("parties") else []
        return [
            *(self._duty(duty) for duty in self._duties if self._may_settle(desk, duty)),
            *self._running(desk),
            *self._drafts(desk),
            *self._letters(desk),
            *(Awaiting(notices.PARTY, party) for party in strangers),
            *self._reports(desk),
            *self._held_back(desk),
            *self._lasting(desk, [row for row in kept.values() if _is_unread(row)]),
        ]

    def _may_settle(self, desk: Desk, duty: DutyRow) -> bool:
        row = self._seen(desk, duty.dossier)
        if row is None:
            return False
        # Once for all that is owed alike: there may be thousands, and others wait to write.
        lanes = needing.lanes_of(desk, row, duty)
        asked = (desk.actor.id, row.protocol, row.version, duty.what, lanes)
        if asked not in self._may:
            self._may[asked] = needing.may_settle(desk, row, duty.what, lanes)
        return self._may[asked]

    def _seen(self, desk: Desk, dossier: str) -> DossierRow | None:
        """Return a dossier, or None when it is not for this person."""
        if dossier not in self._dossiers:
            self._dossiers[dossier] = acts.dossier(self._node.db, dossier)
        row = self._dossiers[dossier]
        return row if row is not None and desk.sees(row) else None

    def _duty(self, duty: DutyRow) -> Awaiting:
        return Awaiting(
            notices.DUTY,
            duty.act,
            duty.dossier,
            duty.due,
            self._stage(duty.due),
            f"{duty.what}\n{duty.to}",
        )

    def _running(self, desk: Desk) -> Iterator[Awaiting]:
        """Yield the clocks that are due at a known time, to who may say what was reported."""
        for line in self._clocks:
            row = None if line.due is None else self._seen(desk, line.dossier)
            if row is not None and desk.under(row, Reported.KIND.kind) is not None:
                subject, stage = f"{line.regime}/{line.stage}", self._stage(line.due)
                about = str(line.due)
                yield Awaiting(notices.CLOCK, subject, line.dossier, line.due, stage, about)

    def _stage(self, due: int | None) -> str:
        if due is None or due > self._now + notices.WITHIN:
            return ""
        return notices.SOON if due >= self._now else notices.LATE

    def _drafts(self, desk: Desk) -> Iterator[Awaiting]:
        node, actor = self._node, desk.actor
        for row in drafts.to_approve(node, actor):
            yield _of_draft(notices.APPROVE, row)
        for row in drafts.mine(node, actor):
            if row.state == drafts_access.RETURNED:
                yield _of_draft(notices.RETURNED, row)
        for row in reviewing.to_review(node, actor):
            due = row.changed_at + reviewing.REVIEW
            yield Awaiting(notices.REVIEW, row.id, row.dossier, due, self._stage(due))

    def _letters(self, desk: Desk) -> Iterator[Awaiting]:
        """Yield what waits for this person's word before it goes to a guest."""
        for row in guests.to_release(desk):
            yield Awaiting(notices.LETTER, row.id, row.dossier)

    def _reports(self, desk: Desk) -> Iterator[Awaiting]:
        """Yield the reports that nobody has read; what was added later is told anew."""
        if reports.hand(self._node, desk.actor) is None:
            return
        for row in self._unread:
            yield Awaiting(notices.REPORT, row.id, about=str(row.changed_at))

    def _held_back(self, desk: Desk) -> Iterator[Awaiting]:
        """Yield the advisories under embargo that did not go out, to who may let them."""
        for each in self._advisories:
            row = self._seen(desk, each.dossier)
            if row is not None and desk.under(row, outgoing.KIND) is not None:
                yield Awaiting(notices.ADVISORY, each.told, each.dossier, about=each.id)

    def _lasting(self, desk: Desk, unread: list[NoticeRow]) -> Iterator[Awaiting]:
        """Yield what was not read yet, and what is new in dossiers of which nothing waits so."""
        waiting = {row.dossier for row in unread}
        for row in unread:
            if row.kind == notices.EMERGENCY or self._seen(desk, row.dossier) is not None:
                yield Awaiting(row.kind, row.subject, row.dossier)
        for dossier, (act, followers) in self._news.items():
            fresh = dossier not in waiting and desk.actor.id in followers
            if fresh and self._seen(desk, dossier) is not None:
                yield Awaiting(notices.NEWS, act, dossier)


def _is_unread(row: NoticeRow) -> bool:
    """Say whether a notice waits to be read, and for nothing else."""
    return row.kind in notices.LASTING and row.read_at is None and row.settled_at is None


def _news(node: Node) -> dict[str, tuple[str, set[int]]]:
    """Return, of each dossier in which others said something since the last look, their newest act
    and who follows it. What a guest said stands in a record of this party's own. The look is noted
    as done, within the transaction.
    """
    found: dict[str, str] = {}
    cursor = acts.round_at(node.db, CURSOR) or 0
    while rows := acts.acts_since(node.db, cursor, AT_ONCE):
        came = (row for row in rows if row.party != node.me or row.kind == RECORD.kind)
        found |= {row.dossier: row.id for row in came}
        cursor = rows[-1].n
    append_acts.set_cursor(node.db, CURSOR, cursor)
    return {dossier: (act, _followers(node, dossier)) for dossier, act in found.items()}


def _followers(node: Node, dossier: str) -> set[int]:
    chosen = access.chosen(node.db, dossier)
    left = {person for person, follows in chosen.items() if not follows}
    return ({*chosen} | access.acted(node.db, dossier)) - left


def _of_draft(kind: str, row: DraftRow) -> Awaiting:
    # Handed over again after it was returned, it is another thing that awaits.
    return Awaiting(kind, row.id, row.dossier, about=str(row.changed_at))


def _keep(
    node: Node, person: int, kept: Mapping[str, NoticeRow], found: Iterable[Awaiting]
) -> None:
    """Write what awaits a person; what does not any more is settled, and opened should it again."""
    wanted = {item.key: item for item in found}
    for key, item in wanted.items():
        if key not in kept:
            notices.make(node, person, item)
    open_ = {key: row.id for key, row in kept.items() if row.settled_at is None}
    append.settle(node.db, [id_ for key, id_ in open_.items() if key not in wanted], node.now())
    again = [row.id for key, row in kept.items() if key in wanted and key not in open_]
    append.reopen(node.db, again)
