"""Admitting the acts of one bundle, and what was waiting for them, within one append.

An act that lacks ancestors or documents waits, with a quota per peer, and goes on when the last
of them comes. Each act is judged on its own: what is refused spoils nothing beside it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from comity.kernel import admission, bundle, dsse
from comity.kernel.act import CHARTER
from comity.kernel.errors import Pending, Refusal
from comity.kernel.ids import Id, PartyId
from comity.services import quota
from comity.services.casework import dossiers, giving, related, text
from comity.services.delivery import arrival, takingback
from comity.services.proof import equivocation
from comity.services.sharing import shelving
from comity.store.access import acts as access
from comity.store.append import acts as append
from comity.store.append import outbox
from comity.store.append.acts import NewAct
from comity.store.append.parties import count_refusal
from comity.store.append.space import count_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.kernel.act import Act, Header
    from comity.kernel.bundle import Carried
    from comity.kernel.documents import View
    from comity.kernel.dossier import Dossier
    from comity.kernel.graph import Node as GraphNode
    from comity.services.node import Node


@dataclass(slots=True)
class Outcome:
    """What came of a bundle.

    ``held`` acts are admitted here, now or before; ``whole`` those of them whose content is too;
    ``refusals`` say what was refused; ``receipt`` is the signed receipt, if anything is held;
    ``touched`` are dossiers that changed, ``waiting`` those in which an act waits for others;
    ``completed`` are acts, by author, whose content came now and from another.
    """

    held: set[Id] = field(default_factory=set)
    whole: set[Id] = field(default_factory=set)
    refusals: list[Refusal] = field(default_factory=list)
    receipt: dsse.Envelope | None = None
    touched: set[Id] = field(default_factory=set)
    waiting: set[Id] = field(default_factory=set)
    completed: dict[PartyId, set[Id]] = field(default_factory=dict)


class Queue:
    """Waiting acts and what each still lacks; ``ready`` are those that lack nothing any more."""

    def __init__(self) -> None:
        self.ready: deque[str] = deque()
        self.lacks: dict[str, set[str]] = {}
        self._waiters: dict[str, list[str]] = {}

    def put(self, id_: str, missing: Iterable[str]) -> None:
        """Let an act wait for ``missing``."""
        self.lacks[id_] = set(missing)
        for each in self.lacks[id_]:
            self._waiters.setdefault(each, []).append(id_)
        if not self.lacks[id_]:
            self.ready.append(id_)

    def came(self, id_: str) -> None:
        """Note that ``id_`` is held now."""
        for waiter in self._waiters.pop(id_, ()):
            lacks = self.lacks[waiter]
            lacks.discard(id_)
            if not lacks:
                self.ready.append(waiter)


def recall(node: Node) -> Queue:
    """Return what waits here, as of what is held now."""
    queue, rows = Queue(), access.waiting(node.db)
    missing = sorted({each for _, lacks in rows for each in lacks})
    held = access.known_acts(node.db, missing) | access.known_documents(node.db, missing)
    for id_, lacks in rows:
        queue.put(id_, set(lacks) - held)
    return queue


class Admitting:
    """One bundle's acts being admitted, within one append."""

    def __init__(self, node: Node, sender: PartyId, outcome: Outcome, queue: Queue) -> None:
        self.node = node
        self.sender = sender
        self.outcome = outcome
        self.queue = queue
        self.fresh: dict[Id, list[NewAct]] = {}
        self.came: dict[Id, tuple[Carried, PartyId]] = {}
        self._invited: set[Id] = set()
        self._dossiers: dict[Id, Dossier] = {}
        self._bytes: dict[PartyId, int] = {}
        self._left: dict[PartyId, tuple[int, str]] = {}
        self._load: dict[PartyId, int] = {}

    def run(self, items: list[tuple[Carried, View | None]]) -> None:
        """Admit what can be admitted, then what was waiting for it."""
        self._invited = {item.act.dossier for item, _ in items if self._invites_me(item)}
        for item, view in items:
            self._one(item, view, self.sender)
        while self.queue.ready:
            row = access.pending_act(self.node.db, self.queue.ready.popleft())
            if row is not None:
                append.delete_pending(self.node.db, [Id(row.id)])
                # It may have waited for the document that its signature is judged by.
                self._one(bundle.read_carried(row.item), None, PartyId(row.via))

    def _invites_me(self, item: Carried) -> bool:
        header = item.act.header
        return header.kind == "invite" and header.body.get("party") == self.node.me

    def _one(self, item: Carried, view: View | None, via: PartyId) -> None:
        """Admit one act, or let it wait, or count its refusal."""
        act = item.act
        try:
            dossier, placed, is_new = self._place(item, view, via)
        except Pending as pending:
            self._wait(item, via, sorted({*pending.acts, *pending.documents}))
            if not pending.documents and via == self.sender and self._awaits_answer(item):
                self.outcome.held.add(act.id)
            return
        except Refusal as refusal:
            refusal.subject = act.id
            self._refuse(refusal, via)
            return
        self.outcome.touched.add(dossier.id)
        if via == self.sender:
            self.outcome.held.add(act.id)
        self.came.setdefault(act.id, (item, via))
        if is_new:
            origin = "" if act.header.party == self.node.me else via
            self.fresh.setdefault(dossier.id, []).append(NewAct(act, placed, origin))
            if act.id in self.queue.lacks:
                append.delete_pending(self.node.db, [act.id])
            self.queue.came(act.id)

    def _awaits_answer(self, item: Carried) -> bool:
        """Say whether this is an invitation that a person here may read and answer already."""
        dossier = item.act.dossier
        opened = dossier in self.fresh or access.dossier(self.node.db, dossier) is not None
        return opened and self._invites_me(item)

    def _place(
        self, item: Carried, view: View | None, via: PartyId
    ) -> tuple[Dossier, GraphNode, bool]:
        """Return the act's dossier, its place there, and whether it is new. Raises Pending."""
        act, node = item.act, self.node
        if view is None:
            view = admission.verify(act, node.documents)
        dossier = self._dossiers.get(act.dossier)
        if dossier is None:
            row = access.dossier(node.db, act.dossier)
            if row is None or row.acts == 0:
                return self._open(act, via)
            dossier = self._dossiers[act.dossier] = dossiers.load(node, act.dossier)
        known = dossier.graph.nodes.get(act.id)
        return dossier, known or dossier.place(act, view, node.documents), known is None

    def _open(self, act: Act, via: PartyId) -> tuple[Dossier, GraphNode, bool]:
        node = self.node
        if act.header.kind != CHARTER:
            raise Pending(acts=frozenset({act.dossier}))
        dossier = dossiers.open_charter(node, act)
        founder = node.me in dossier.charter.members
        if not founder and act.id not in self._invited and not self._has_invitation(act.id):
            raise Refusal("T2", "This party is neither a member nor invited.", act.id)
        quota.require_openings(node, via)
        state = dossiers.readable(dossier) if founder else dossiers.JOINING
        dossiers.save_new(node, dossier, act, state)
        self._dossiers[act.id] = dossier
        return dossier, dossier.graph.charter, True

    def _has_invitation(self, dossier_id: Id) -> bool:
        waiting = access.pending(self.node.db, dossier_id)
        return any(self._invites_me(bundle.read_carried(row.item)) for row in waiting)

    def _wait(self, item: Carried, via: PartyId, missing: list[str]) -> None:
        node, act = self.node, item.act
        data = bundle.carried_bytes(item)
        try:
            self._require_room(via, len(data))
        except Refusal as refusal:
            refusal.subject = act.id
            self._refuse(refusal, via)
            return
        append.insert_pending(
            node.db,
            id_=act.id,
            dossier=act.dossier,
            via=via,
            missing=missing,
            item=data,
            now=node.now(),
        )
        self.queue.put(act.id, missing)
        self.outcome.waiting.add(act.dossier)

    def _require_room(self, via: PartyId, size: int) -> None:
        count = self._load.get(via) or access.pending_load(self.node.db, via)
        if via != self.node.me and count >= self.node.settings.pending:
            raise Refusal("T5", "Too many acts of this sender wait for others already.")
        quota.require_share(self.node, via, size)
        self._load[via] = count + 1

    def _refuse(self, refusal: Refusal, via: PartyId) -> None:
        """Count a refusal against who brought the act; only the sender is told of its own."""
        node = self.node
        if via == self.sender:
            self.outcome.refusals.append(refusal)
        count_refusal(node.db, rule=refusal.rule, peer=via, reason=refusal.reason, now=node.now())

    def finish(self) -> None:
        """Insert what was admitted, its content, what follows from it, and what it adds up to."""
        node, now = self.node, self.node.now()
        for dossier_id, acts in self.fresh.items():
            append.insert_acts(node.db, dossier_id, acts, now)
            related.note(node, self._dossiers[dossier_id], [new.node for new in acts])
            for new in acts:
                self._count(new.act.header.party, len(new.act.envelope.payload))
            equivocation.note(node, acts)
        self._take_contents()
        for dossier_id, acts in self.fresh.items():
            dossier = self._dossiers[dossier_id]
            takingback.follow(node, dossier)
            for new in acts:
                _follow(node, dossier, new)
                if new.act.header.kind == "erase":
                    self._settle_rest(dossier, new.act.header)
            dossiers.project(node, dossier)

    def _settle_rest(self, dossier: Dossier, said: Header) -> None:
        """Call an act whole that lacked nothing but what its author says now it erased."""
        subject = dossier.graph.nodes.get(Id(str(said.body["act"])))
        row = None if subject is None else access.act(self.node.db, subject.id)
        if row is None or row.whole or not row.party == said.party != self.node.me:
            return
        act = dossiers.stored_act(self.node, row)
        if arrival.settle_content(self.node, act, said.party):
            text.fill(self.node, dossier, act)
            shelving.note(self.node, dossier, act)
            self.outcome.completed.setdefault(said.party, set()).add(act.id)

    def _take_contents(self) -> None:
        node, ids = self.node, [*self.came]
        whole = access.whole_acts(node.db, ids)
        erased = {id_ for id_, _, _ in access.erasures(node.db)} if ids else set()
        new = {each.act.id for acts in self.fresh.values() for each in acts}
        came = [id_ for id_ in ids if id_ not in whole | erased]
        filled = [id_ for id_ in came if self._take_content(*self.came[id_], is_new=id_ in new)]
        append.mark_whole(node.db, *filled)
        for id_ in filled:
            item, via = self.came[id_]
            author = item.act.header.party
            text.fill(node, self._dossiers[item.act.dossier], item.act)
            shelving.note(node, self._dossiers[item.act.dossier], item.act)
            if id_ not in new and author not in {via, node.me}:
                self.outcome.completed.setdefault(author, set()).add(id_)
        self.outcome.whole |= {Id(id_) for id_ in (*whole, *filled)} & self.outcome.held
        for author, count in self._bytes.items():
            count_bytes(node.db, author, count)

    def _take_content(self, item: Carried, via: PartyId, *, is_new: bool) -> bool:
        author = item.act.header.party
        try:
            self._require_space(author, 0 if item.blobs else arrival.inline_size(item))
            whole, kept = arrival.take_content(self.node, via, item, is_new=is_new)
        except Refusal as refusal:
            refusal.subject = item.act.id
            self._refuse(refusal, via)
            return False
        self._count(author, kept)
        return whole

    def _count(self, author: PartyId, size: int) -> None:
        """Count what is kept against who signed it, whoever brought it: a relay that passes on
        what another floods it with must not pay for that.
        """
        self._bytes[author] = self._bytes.get(author, 0) + size

    def _require_space(self, author: PartyId, size: int) -> None:
        if author not in self._left:
            self._left[author] = quota.left(self.node, author)
        room, reason = self._left[author]
        if author != self.node.me and self._bytes.get(author, 0) + size > room:
            raise Refusal("T5", reason, author)


def _follow(node: Node, dossier: Dossier, new: NewAct) -> None:
    """Do what an admitted act asks of this node: a newcomer gets what it lacks."""
    header = new.act.header
    if header.kind == "join":
        _give_the_past(node, dossier, new)
        if header.party == node.me:
            append.set_dossier_state(node.db, dossier.id, dossiers.readable(dossier))
    elif header.kind in {"leave", "decline"}:
        outbox.drop_queued(node.db, dossier.id, header.party)
    else:
        giving.follow(node, dossier, header)


def _give_the_past(node: Node, dossier: Dossier, new: NewAct) -> None:
    """Queue for a newcomer this party's own acts, and as its inviter those of all others."""
    header = new.act.header
    invite = dossier.graph.nodes.get(Id(str(header.body["invite"])))
    inviter = invite is not None and invite.header.party == node.me
    given = [
        (n.id, header.party)
        for n in dossier.graph.order
        if n.header.party != header.party and (inviter or n.header.party == node.me)
    ]
    if header.party != node.me:
        outbox.queue(node.db, outbox.ACT, given, node.now())
