"""What needs one person of a node: one list, by when it is due, of what the person's mandates let
the person do.

What this party owes, or is asked, and the person may not do lies with colleagues; who may is told
by roles, and never by name. Everything is looked up at once; words are found for what is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.act import read_header
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.casework import drafts, guests, reviewing
from comity.services.casework.alongside import PUBLISH
from comity.services.casework.words import Words
from comity.services.people import mandates
from comity.services.response import reports
from comity.store.access import acts as access
from comity.store.access import announcements, finding, people
from comity.store.access import drafts as drafts_access
from comity.store.access import guests as guests_access

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from comity.kernel.protocol import Protocol
    from comity.services.casework.desk import Desk
    from comity.services.casework.reading import Owed, Task
    from comity.services.people.mandates import Mandate
    from comity.store.access.acts import DossierRow, DutyRow
    from comity.store.access.drafts import DraftRow
    from comity.store.access.guests import GuestRow

DUTY, INVITATION, GUEST, LETTER = "duty", "invitation", "guest", "letter"
REVIEW, APPROVE, RETURNED, DRAFT = "review", "approve", "returned", "draft"
REPORT, ADVISORY = "report", "advisory"
"""The kinds: this party owes a word; it is invited; a guest answered; a letter to a guest waits for
a second person; somebody signed alone in an emergency; a draft waits for a second person, was
returned, or is not handed over yet; nobody has read what a finder reported; an advisory that waited
for the end of an embargo did not go out by itself.
"""
AT_ONCE = 50
"""How much needs somebody, or waits on others, on one page."""
ASIDE = 20
"""How much of what lies with colleagues is shown."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something of ``kind`` that needs a person, or lies with colleagues.

    ``words`` say what, ``reason`` why, as far as there are words of its own; ``who`` asks for it.
    ``subject`` is the act, draft, letter, report or advisory it is about, ``step`` the kind of act
    that does it, "" where it is not known. ``dossier``, ``title`` and ``tlp`` say where, "" where
    in no dossier yet.
    ``due`` (None without a date) and ``since`` are in ms, ``late`` when it is past due by this
    node's clock; ``other`` is the party it is between and this one, in the time zone ``zone``.
    ``roles`` are the codes of the mandates held here that may do it, where it lies with colleagues.
    """

    kind: str
    subject: str
    due: int | None
    since: int
    late: bool = False
    dossier: str = ""
    title: str = ""
    tlp: str = ""
    words: str = ""
    step: str = ""
    who: str = ""
    reason: str = ""
    other: str = ""
    zone: str = ""
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agenda:
    """What needs a person, most urgent first, what lies with colleagues, what waits on others.

    ``after`` and ``others`` are where the rest of needs and of what waits begins, 0 for no rest;
    ``more`` how much else lies with colleagues.
    """

    needs: tuple[Need, ...]
    after: int
    colleagues: tuple[Need, ...]
    more: int
    waiting: tuple[Task, ...]
    others: int


class Item(NamedTuple):
    """A need before words are found for it.

    ``mine`` whether the person may do it. Who else may holds a mandate in one of the ``lanes`` that
    covers one of the ``kinds`` under the ``protocol``: to say it or, ``second``, to approve it.
    """

    need: Need
    mine: bool
    lanes: tuple[str, ...]
    protocol: str
    kinds: tuple[str, ...]
    second: bool = False
    duty: DutyRow | None = None


def of_desk(desk: Desk, after: int = 0, others: int = 0) -> Agenda:
    """Return what needs the person at a desk beyond the first ``after``, with what waits on other
    parties beyond the first ``others``.
    """
    owed = desk.owed()
    ours = duties(desk, (each for each in owed if desk.is_mine(each)))
    found = [*ours, *invitations(desk), *_drafts(desk), *_letters(desk)]
    found += [*_guests(desk), *_reports(desk), *_advisories(desk)]
    mine = by_urgency(item for item in found if item.mine)
    aside = by_urgency(item for item in found if not item.mine)
    theirs = [each for each in owed if not desk.is_mine(each)]
    return Agenda(
        needs=told(desk, mine[after : after + AT_ONCE]),
        after=_rest(mine, after),
        colleagues=_with_roles(desk, aside[:ASIDE]),
        more=len(aside[ASIDE:]),
        waiting=desk.tasks(theirs[others : others + AT_ONCE]),
        others=_rest(theirs, others),
    )


def _rest(found: Sequence[object], after: int) -> int:
    return after + AT_ONCE if len(found) > after + AT_ONCE else 0


def by_urgency(items: Iterable[Item]) -> list[Item]:
    """Return them soonest due first, what is late before; without a date by their age."""
    return sorted(
        items, key=lambda item: (item.need.due is None, item.need.due or 0, item.need.since)
    )


def duties(desk: Desk, owed: Iterable[Owed]) -> Iterator[Item]:
    """Yield what this party owes."""
    for duty, since, row in owed:
        late = duty.due is not None and duty.due < desk.node.now()
        kinds = _settling(desk.protocol(row), duty.what)
        # One kind alone is what to say; of several the dossier's page says which may be said.
        step = kinds[0] if len(kinds) == 1 else ""
        need = Need(DUTY, duty.act, duty.due, since, late, row.id, step=step)
        lanes = lanes_of(desk, row, duty)
        mine = _says_any(desk, row, kinds, lanes)
        yield Item(need, mine, lanes, row.protocol, kinds, duty=duty)


def lanes_of(desk: Desk, row: DossierRow, duty: DutyRow) -> tuple[str, ...]:
    """Return the lanes in which what is owed may be done: those of the act that it rests on."""
    lanes = desk.sides.of(row)
    said = None if len(lanes) == 1 else access.act(desk.node.db, duty.act)
    return lanes if said is None else desk.sides.of_act(row, said)


def may_settle(desk: Desk, row: DossierRow, what: str, lanes: tuple[str, ...]) -> bool:
    """Say whether the person's mandates let the person do what is owed in a dossier, alone or with
    a second person's word: it is for the page of work as for notices.
    """
    return _says_any(desk, row, _settling(desk.protocol(row), what), lanes)


def _says_any(desk: Desk, row: DossierRow, kinds: Iterable[str], lanes: tuple[str, ...]) -> bool:
    able = (desk.actor.under_any(lanes, row.protocol, kind) for kind in kinds)
    return any(hand is not None for hand in able)


def _settling(rules: Protocol | None, what: str) -> tuple[str, ...]:
    """Return the kinds by which what is owed may be done: the one it is called by, where it is."""
    if rules is None:
        return ()
    return (what,) if rules.kind(what) else tuple(kind.kind for kind in rules.acts)


def invitations(desk: Desk) -> Iterator[Item]:
    """Yield the dossiers to which this party is invited."""
    for row in finding.invited(desk.node.db, desk.node.me):
        if desk.protocol(row) is not None and desk.sees(row):
            kinds = ("join", "decline")
            need = Need(INVITATION, row.id, None, row.opened_at, dossier=row.id)
            lanes = desk.sides.of(row)
            mine = _says_any(desk, row, kinds, lanes)
            yield Item(need, mine, lanes, row.protocol, kinds)


def _drafts(desk: Desk) -> Iterator[Item]:
    node, actor = desk.node, desk.actor
    for row in drafts.to_approve(node, actor):
        yield _of_draft(desk, APPROVE, row, mine=True)
    for row in drafts.mine(node, actor):
        if row.state == drafts_access.WAITING:
            yield _of_draft(desk, APPROVE, row, mine=False)
        else:
            kind = RETURNED if row.state == drafts_access.RETURNED else DRAFT
            yield _of_draft(desk, kind, row, mine=True)
    for row in reviewing.emergencies(node, actor):
        yield _of_draft(desk, REVIEW, row, mine=not drafts.is_by(actor, row))


def _of_draft(desk: Desk, kind: str, row: DraftRow, *, mine: bool) -> Item:
    due = row.changed_at + reviewing.REVIEW if kind == REVIEW else None
    protocol = desk.node.protocols.get((row.protocol, row.version))
    words = row.kind
    if protocol is not None:
        words = Words(protocol, say=desk.tongue.say).kind(row.kind)
    need = Need(
        kind=kind,
        subject=row.id,
        due=due,
        since=row.changed_at,
        late=due is not None and due < desk.node.now(),
        dossier=row.dossier,
        tlp=drafts.label_of(row).value,
        words=words,
        step=row.kind,
        who=row.second_name if kind == RETURNED else row.name,
        reason=row.reason,
    )
    return Item(need, mine, (row.lane,), row.protocol, (row.kind,), second=True)


def _letters(desk: Desk) -> Iterator[Item]:
    waiting = [(row, True) for row in guests.to_release(desk)]
    waiting += [(row, False) for row in guests.made_by(desk)]
    heads = desk.seen(row.dossier for row, _ in waiting)
    letters = access.acts_among(desk.node.db, sorted({row.letter for row, _ in waiting}))
    for row, mine in waiting:
        head, letter = heads.get(row.dossier), letters.get(row.letter)
        if head is not None and letter is not None:
            need = _letter(LETTER, row, row.id, row.made_at, row.made_name)
            kinds = (letter.kind,)
            yield Item(need, mine, desk.sides.of(head), head.protocol, kinds, second=True)


def _letter(kind: str, row: GuestRow, subject: str, since: int, who: str) -> Need:
    return Need(kind, subject, None, since, dossier=row.dossier, words=row.name, who=who)


def _guests(desk: Desk) -> Iterator[Item]:
    """Yield what guests answered, until the person has looked at the dossier."""
    answered = guests_access.unseen(desk.node.db, desk.actor.id)
    heads = desk.seen(row.dossier for row, _ in answered)
    for row, since in answered:
        if row.dossier in heads:
            need = _letter(GUEST, row, row.answered, since, row.name)
            yield Item(need, True, (), "", ())


def _reports(desk: Desk) -> Iterator[Item]:
    """Yield the reports that nobody has read, to who may; nobody else learns that there are any."""
    for row in reports.unread(desk.node, desk.actor):
        need = Need(REPORT, row.id, None, row.changed_at, words=row.affected)
        yield Item(need, True, (), "", ())


def _advisories(desk: Desk) -> Iterator[Item]:
    """Yield the advisories that did not go out by themselves: publish them, or take them back."""
    waiting = announcements.to_tell(desk.node.db)
    heads = desk.seen(row.dossier for row in waiting)
    for row in waiting:
        if head := heads.get(row.dossier):
            need = Need(ADVISORY, row.hash, None, row.made_at, dossier=row.dossier, words=row.title)
            mine = desk.under(head, PUBLISH) is not None
            yield Item(need, mine, desk.sides.of(head), head.protocol, (PUBLISH,))


def told(desk: Desk, items: Iterable[Item]) -> tuple[Need, ...]:
    """Return the needs with their words and those of their dossiers."""
    listed = list(items)
    heads = desk.seen(item.need.dossier for item in listed if item.need.dossier)
    acts = [item.need.subject for item in listed if item.need.kind in {DUTY, GUEST}]
    lines = access.acts_among(desk.node.db, sorted(set(acts)))

    def line(head: DossierRow, act: str) -> str:
        said = lines.get(act)
        known = said is not None and desk.sides.reads(head, said)
        return (
            ""
            if said is None or not known
            else desk.told(head).line(Id(act), read_header(said.header))
        )

    return tuple(
        item.need
        if (head := heads.get(item.need.dossier)) is None
        else _told(desk, item, head, line(head, item.need.subject))
        for item in listed
    )


def _told(desk: Desk, item: Item, head: DossierRow, line: str) -> Need:
    need = replace(item.need, title=desk.told(head).title(head), tlp=head.ceiling)
    if item.duty is None:
        return replace(need, reason=line or need.reason)
    between = desk.between(item.duty)
    other, zone = desk.name(between) if between else "", desk.zones.get(between, "")
    words = desk.told(head).duty(item.duty)
    return replace(need, words=words, who=other, reason=line, other=other, zone=zone)


def _with_roles(desk: Desk, items: Sequence[Item]) -> tuple[Need, ...]:
    held = _held(desk) if items else []
    needs = told(desk, items)
    return tuple(
        replace(need, roles=tuple(m.code for m in held if _covers(m, item, need.tlp)))
        for need, item in zip(needs, items, strict=True)
    )


def _held(desk: Desk) -> list[Mandate]:
    """Return the mandates that anybody here holds: one that nobody does is no help."""
    rows = people.people(desk.node.db)
    codes = {code for row in rows if row.is_active for code in row.mandates}
    return [m for code, m in mandates.of_node(desk.node).items() if code in codes]


def _covers(mandate: Mandate, item: Item, tlp: str) -> bool:
    if not {*item.lanes} & {*mandate.lanes} or (tlp and TLP(tlp) > mandate.ceiling):
        return False
    does = mandate.approves if item.second else mandate.hand
    return any(does(item.protocol, kind) for kind in item.kinds)
