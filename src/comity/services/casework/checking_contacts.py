"""Campaigns of contact checks: one dossier for each party checked, reminders, and an end.

Everything here can be done again: what was opened, asked, reminded or closed before is left alone,
so that a run that was interrupted is simply run anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from comity.engines import hours, walls
from comity.kernel.canon import MAX_INT
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.ids import Id
from comity.kernel.kinds import Charter, Growth
from comity.kernel.label import TLP
from comity.protocols._vocabulary.contacts import NODE
from comity.protocols.trust.contact_check import PROTOCOL, codes
from comity.protocols.trust.contact_check.acts import Close, Open, Probe, Remind, Result
from comity.protocols.trust.contact_check.subjects import CAMPAIGN
from comity.services.casework import content, dossiers, issue
from comity.services.casework.inbox import Machine
from comity.services.casework.issue import Draft
from comity.store.access import acts, outbox, subjects
from comity.store.access.subjects import Sought
from comity.store.append import acts as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from comity.kernel.canon import Object
    from comity.kernel.declare import Coded
    from comity.kernel.dossier import Dossier
    from comity.kernel.graph import Node as GraphNode
    from comity.kernel.graph import Past
    from comity.kernel.ids import PartyId
    from comity.services.casework.desk import Desk
    from comity.services.casework.issue import Then
    from comity.services.node import Node
    from comity.store.access.acts import DossierRow
    from comity.store.access.subjects import SubjectRow

MOST = 100_000
"""What is looked at of one campaign."""
PAUSE = 10 * 60 * 1000
"""How long, in ms, a node waits before it looks again whether a reminder is due."""
CURSOR = "reminders"
"""Under which it is kept when it last looked."""
SLOWEST = 10
"""By the clock, the most hours for one of work: a desk of 17 hours a week has as many."""
REST = 14 * 24 * walls.HOUR
"""The longest rest (ms) that puts off an answer besides."""
PARTS = (
    (codes.AUTHORITY, 2.0),
    (codes.SECOND, 1.5),
    (codes.TO_DEPUTY, 1.0),
    (codes.NINETY, 0.9),
    (codes.HALF, 0.5),
)
"""After which part of the time allowed each reminder goes out, the last first."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A point of contact to be asked by ``channels``: its ``handle``, who nominated it if not the
    party checked, its hours of work as directories tell them, "" where they are not known, and the
    ``fields`` that are due.
    """

    handle: str
    channels: tuple[str, ...]
    listed_by: PartyId | None = None
    hours: str = ""
    zone: str = ""
    holidays: str = ""
    fields: tuple[str, ...] = ()

    def due(self, now: int, work: int) -> int:
        """Return when so many hours of work have passed there; by the clock where its hours are not
        known, or cannot be read.

        It is never later than ``SLOWEST`` times as many by the clock and ``REST`` more: whoever
        tells of a minute of work a year would never be late.
        """
        by_clock = work * walls.HOUR
        latest = now + SLOWEST * by_clock + REST
        try:
            told = hours.read(self.hours, self.zone, self.holidays)
            enough = told.worked(now, latest) >= by_clock
            return told.due(now, work) if enough else latest
        except ValueError:
            return now + by_clock


@dataclass(frozen=True, slots=True)
class Checked:
    """Who is checked: a ``party``, or a ``seat`` that has no node; and its contacts."""

    party: PartyId | None
    seat: str
    contacts: tuple[Contact, ...]

    @property
    def who(self) -> str:
        """The party's id, or the seat."""
        return self.party or self.seat


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is asked of all: the fields of a charter, and the words that stand in each; the ``role``
    under which a person starts it, "" for who commands the machine.
    """

    name: str
    level: int
    due_hours: int
    title: str
    text: str = ""
    lanes: tuple[str, ...] = ()
    realm: str = ""
    role: str = ""


class Started(NamedTuple):
    """The check of one party: its dossier, whether it was opened now, how many probes went out."""

    dossier: str
    who: str
    opened: bool
    probes: int


class Done(NamedTuple):
    """What was said of a probe: ``kind`` is remind or result, ``word`` its stage or outcome."""

    dossier: str
    probe: str
    kind: str
    word: str


def start(node: Node, campaign: Campaign, checked: Sequence[Checked]) -> list[Started]:
    """Open a check for each party, and ask each contact by each channel, unless that was done.

    Raises Refusal S2 or S4, also when a party is not known here, and for others in a campaign that
    is closed; what was opened before stays.
    """
    rows = found(Machine(node), CAMPAIGN, campaign.name)
    known = {row.value: row.dossier for row in rows}
    if rows and all(row.ends is not None for row in rows):
        _require_known(campaign, checked, known)
    started = []
    for each in checked:
        before = known.get(f"{campaign.name}:{each.who}")
        dossier, opened = (before, False) if before else _opened(node, campaign, each)
        if not opened:
            _require_realm(node, dossier, campaign)
        probes = _ask(node, dossier, campaign, each)
        started.append(Started(dossier, each.who, opened, probes))
    return started


def _require_known(campaign: Campaign, checked: Sequence[Checked], known: Collection[str]) -> None:
    """Require that nobody new is checked: figures over the others may be given already, and less
    than those the new ones would tell of who is new.
    """
    if any(f"{campaign.name}:{each.who}" not in known for each in checked):
        told = "This campaign is closed; check others in one of another handle."
        raise Refusal("S4", told, "campaign")


class _Faster(Exception):
    """Another run of the same campaign did it meanwhile, in this ``dossier``."""

    def __init__(self, dossier: str) -> None:
        super().__init__(dossier)
        self.dossier = dossier


def _opened(node: Node, campaign: Campaign, checked: Checked) -> tuple[str, bool]:
    """Return the check of a party, and whether it was opened here and now."""
    try:
        return _open(node, campaign, checked), True
    except _Faster as other:
        return other.dossier, False


def _require_first(node: Node, campaign: Campaign, checked: Checked, opened: Id) -> None:
    """Undo an opening where another run was faster: two people may start one campaign."""
    value = f"{campaign.name}:{checked.who}"
    sought = Sought(CAMPAIGN, (value,), low="~", high="", since=0, until=MAX_INT)
    db, desk = node.db, Machine(node)
    for row in subjects.find_subjects(db, desk.sights(), PROTOCOL.name, sought, MOST):
        if row.dossier != opened:
            raise _Faster(row.dossier)


def _require_realm(node: Node, dossier: str, campaign: Campaign) -> None:
    """Require that what was opened before is an exercise as this is, or live as this is."""
    row = acts.dossier(node.db, dossier)
    if row is not None and row.realm != campaign.realm:
        told = "This handle stands for a live campaign, or for another exercise; take another."
        raise Refusal("S4", told, "campaign")


def _open(node: Node, campaign: Campaign, checked: Checked) -> Id:
    members = {node.me} if checked.party is None else {node.me, checked.party}
    terms = Open(
        campaign=campaign.name,
        seat=None if checked.party else checked.seat,
        level=campaign.level,
        due_hours=campaign.due_hours,
        lanes=sorted(campaign.lanes) or None,
    )
    charter = Charter(
        protocol=PROTOCOL.name,
        version=PROTOCOL.version,
        members=tuple(sorted(members)),
        growth=Growth.CLOSED,
        ceiling=TLP.AMBER,
        chair=None,
        readers=(),
        succeeds=None,
        time=None,
        terms=terms.to_body(),
    )
    words = {"title": campaign.title} | ({"text": campaign.text} if campaign.text else {})
    said = content.prepare_fields(node, {**words})
    draft = Draft("charter", _by(campaign.role), said, footing=PROTOCOL.footing)
    first = partial(_require_first, node, campaign, checked)
    realm = campaign.realm or None
    return issue.open_dossier(node, charter=charter, draft=draft, realm=realm, then=first)


def _ask(node: Node, dossier: str, campaign: Campaign, checked: Checked) -> int:
    """Ask what was not asked yet; return how many probes that were."""
    with node.lock:
        past = dossiers.load(node, dossier).now()
        if _is_closed(past):
            return 0
        asked = {_asked(told) for told in _probes(past)}
    return sum(
        _sent(node, dossier, _probe(node, campaign, contact, channel), campaign)
        for contact in checked.contacts
        for channel in contact.channels
        if (contact.handle, contact.listed_by, channel) not in asked
    )


def _probes(past: Past) -> list[Probe]:
    return [Probe.checked(each.header) for each in past.all("probe")]


def _asked(probe: Probe) -> tuple[str, PartyId | None, str]:
    """Return what a probe asks, and is asked once in a check."""
    return probe.contact, probe.listed_by, probe.channel


def _sent(node: Node, dossier: str, probe: Probe, campaign: Campaign) -> bool:
    """Ask, and say whether that was done here and now."""

    def require_first(_: Id) -> None:
        told = _probes(dossiers.load(node, dossier).now())
        if sum(_asked(each) == _asked(probe) for each in told) > 1:
            raise _Faster(dossier)

    try:
        # A probe without words could not go as a letter.
        words = campaign.text or campaign.title
        _say(node, dossier, probe, words=words, role=campaign.role, then=require_first)
    except _Faster:
        return False
    return True


def _probe(node: Node, campaign: Campaign, contact: Contact, channel: str) -> Probe:
    return Probe(
        contact=contact.handle,
        listed_by=contact.listed_by,
        channel=channel,
        level=campaign.level,
        due=contact.due(node.now(), campaign.due_hours),
        fields=sorted(contact.fields) or None,
    )


def _by(role: str) -> Object:
    return {"by": {"role": role}} if role else {}


def _say(
    node: Node,
    dossier: str,
    said: Coded,
    *about: str,
    words: str = "",
    role: str = "",
    then: Then | None = None,
) -> None:
    told = content.prepare_fields(node, {"text": words}) if words else None
    draft = Draft(said.KIND.kind, said.to_body() | _by(role), told, tuple(Id(id_) for id_ in about))
    issue.issue(node, dossier_id=dossier, draft=draft, then=then)


# Going on


def go_on(node: Node, campaign: str = "") -> list[Done]:
    """Say of the probes that wait what is to be said now: that a node took one of level 0, or the
    reminder whose time has come. Of several reminders that were missed the last goes out alone.
    What has no effect any more, because somebody was faster, keeps nothing else from being said.
    """
    done = []
    for dossier, waiting, past in _waiting(node, campaign):
        received = _received(node, [probe for probe in waiting if _is_machine(probe)])
        for probe in waiting:
            if probe.id in received:
                done += _tried(node, dossier, probe, Result(outcome=codes.AUTO))
            elif not _is_machine(probe) and (stage := _stage(past, probe, node.now())):
                done += _tried(node, dossier, probe, stage)
    return done


def _tried(node: Node, dossier: str, probe: GraphNode, said: Remind | Result) -> list[Done]:
    try:
        _say(node, dossier, said, probe.id)
    except Refusal as refusal:
        if refusal.rule != "S2":
            raise
        return []
    word = said.stage if isinstance(said, Remind) else said.outcome
    return [Done(dossier, probe.id, said.KIND.kind, word)]


def go_on_by_itself(node: Node) -> None:
    """Say what is to be said now, every ``PAUSE``: whoever started a campaign has said so of all
    that it sends.
    """
    if node.now() - (acts.round_at(node.db, CURSOR) or 0) < PAUSE:
        return
    with writing(node.db):
        append.set_cursor(node.db, CURSOR, node.now())
    go_on(node)


def _is_machine(probe: GraphNode) -> bool:
    return Probe.checked(probe.header).level == codes.MACHINE


def _received(node: Node, probes: Sequence[GraphNode]) -> set[str]:
    ways = outbox.deliveries_among(node.db, [probe.id for probe in probes])
    return {id_ for id_, rows in ways.items() if any(row.received_at for row in rows)}


def _stage(past: Past, probe: GraphNode, now: int) -> Remind | None:
    """Return the reminder of a probe that is to go out now, unless it or a later one went out."""
    asked, told = probe.header.time, Probe.checked(probe.header)
    sent = {Remind.checked(n.header).stage for n in past.all("remind") if probe.id in n.header.refs}
    for stage, part in PARTS:
        if stage in sent:
            return None
        if now >= asked + part * (told.due - asked):
            if stage != codes.SECOND:
                return Remind(stage=stage)
            other = _second(past, told)
            if other:
                return Remind(stage=stage, channel=other)
    return None


def _second(past: Past, probe: Probe) -> str:
    """Return another channel by which the same contact is asked here, "" if there is none."""
    same = (probe.contact, probe.listed_by)
    others = {p.channel for p in _probes(past) if (p.contact, p.listed_by) == same}
    return min(others - {probe.channel, NODE}, default="")


def close(node: Node, campaign: str, *, stop: bool = False) -> list[str]:
    """Close the checks of a campaign; return their dossiers. Who has not answered was silent.

    Raises Refusal S4 when there is none, or an answer is not due yet; ``stop`` closes all the same.
    """
    if campaign:
        go_on(node, campaign)
    rows = [*_waiting(node, campaign)] if campaign else []
    if not rows:
        raise Refusal("S4", "No check of this campaign is open here.", campaign)
    early = [p for _, waiting, _ in rows for p in waiting if _due(p) > node.now()]
    if early and not stop:
        told = "{count} probes are not due yet; wait for them, or stop the campaign."
        raise Refusal("S4", Phrase(told, count=len(early)), campaign)
    for dossier, waiting, _ in rows:
        for probe in waiting:
            if _due(probe) <= node.now():
                _say(node, dossier, Result(outcome=codes.SILENT), probe.id)
        stopped = any(_due(probe) > node.now() for probe in waiting)
        _say(node, dossier, Close(end="stopped" if stopped else "done"), dossier)
    return [dossier for dossier, _, _ in rows]


def _due(probe: GraphNode) -> int:
    return Probe.checked(probe.header).due


def _waiting(node: Node, campaign: str) -> Iterator[tuple[str, list[GraphNode], Past]]:
    """Yield the own open checks, the probes in each of which nothing came, and what was said."""
    desk = Machine(node)
    going_on = {row.dossier for row in found(desk, CAMPAIGN, campaign) if row.ends is None}
    for row in own(desk, campaign) if going_on else ():
        if row.state != dossiers.ACTIVE or row.id not in going_on:
            continue
        with node.lock:
            dossier = dossiers.load(node, row.id)
            past = dossier.now()
            if not _is_closed(past):
                yield row.id, _unanswered(dossier), past


def _unanswered(dossier: Dossier) -> list[GraphNode]:
    past = dossier.now()
    came = {id_ for kind in ("answer", "result") for n in past.all(kind) for id_ in n.header.refs}
    left = (probe for probe in past.all("probe") if probe.id not in came)
    return sorted(left, key=lambda probe: (_due(probe), probe.id))


def _is_closed(past: Past) -> bool:
    return next(past.all("close"), None) is not None


def own(desk: Desk, campaign: str = "") -> list[DossierRow]:
    """Return the checks that this party opened and somebody sees, of one campaign or all, by id."""
    held = desk.seen(row.dossier for row in found(desk, CAMPAIGN, campaign)).values()
    return sorted((row for row in held if row.opened_by == desk.node.me), key=lambda row: row.id)


def found(desk: Desk, kind: str, campaign: str) -> list[SubjectRow]:
    """Return what checks are found by, of a ``kind``, in one campaign or all, of whoever's, as
    somebody sees them.
    """
    low, high = (f"{campaign}:", f"{campaign}:~") if campaign else ("", "~")
    sought = Sought(kind=kind, values=("",), low=low, high=high, since=0, until=MAX_INT)
    return subjects.find_subjects(desk.node.db, desk.sights(), PROTOCOL.name, sought, MOST)
