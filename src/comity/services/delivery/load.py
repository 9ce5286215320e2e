"""One bundle being loaded: what goes in while there is room (KERNEL "Transport")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from comity.kernel import bundle, dsse, statement
from comity.kernel.bundle import MAX_ITEMS, Bundle, Carried, Heights
from comity.kernel.checkpoint import origin
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.seal import PLAINTEXT_LIMIT
from comity.services.casework import dossiers
from comity.services.delivery.carry import Carrier, carry
from comity.services.identity.parties import documents_of
from comity.store.access import acts as access_acts
from comity.store.access import parties as access_parties
from comity.store.append import outbox

if TYPE_CHECKING:
    from comity.services.node import Node

FRAME = 16 * 1024
"""Bytes for a bundle's own members, and its checkpoint."""


@dataclass(slots=True)
class Load:
    """A bundle of ``node`` for ``recipient``; ``room`` bytes of it are left.

    ``queue`` are the deliveries that may go into it, as (what, item): what they need is read at
    once.
    """

    node: Node
    recipient: PartyId
    queue: Sequence[tuple[str, str]] = ()
    room: int = PLAINTEXT_LIMIT - FRAME
    acts: dict[Id, Carried] = field(default_factory=dict)
    chains: list[dsse.Envelope] = field(default_factory=list)
    nodes: list[dsse.Envelope] = field(default_factory=list)
    receipts: list[dsse.Envelope] = field(default_factory=list)
    told: list[Heights] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    _parties: set[str] = field(default_factory=set)
    _carrier: Carrier = field(init=False)
    _held: dict[str, bytes] = field(init=False)

    def __post_init__(self) -> None:
        """Read what the queue needs."""
        named = [item for what, item in self.queue if what == outbox.RECEIPT]
        others = [item for what, item in self.queue if what != outbox.RECEIPT]
        self._held = access_parties.statements_among(self.node.db, named)
        self._carrier = Carrier(self.node, self.recipient, others)

    def add_queued(self, what: str, item: str) -> bool:
        """Add what a delivery names; say whether there was room. What is gone takes none."""
        if what == outbox.RECEIPT:
            held = self._held.get(item)
            return held is None or self.add_receipt(dsse.parse(held, limit=statement.RECEIPT_LIMIT))
        carried = self._carrier.carry(item)
        return carried is None or self._add_act(carried)

    def _add_act(self, item: Carried) -> bool:
        header = item.act.header
        if header.kind == "invite" and header.body.get("party") == self.recipient:
            # Without its charter an invitation cannot be read, and a charter alone is refused.
            opening = carry(self.node, item.act.dossier, self.recipient)
            if opening is None or not self._add_one(opening):
                return False
        return self._add_one(item)

    def _add_one(self, item: Carried) -> bool:
        if item.act.id in self.acts:
            return True
        if not self._take(bundle.carried_size(item), first=not self.acts):
            return False
        self.acts[item.act.id] = item
        self.add_party(item.act.header.party)
        members = item.act.header.body.get("members")
        if item.act.header.kind == "charter" and isinstance(members, list):
            for member in members:
                self.add_party(str(member))
        return True

    def add_headers(self, ids: Sequence[Id]) -> None:
        """Add acts without their content, those that are held and for which there is room."""
        found = access_acts.acts_among(self.node.db, [id_ for id_ in ids if id_ not in self.acts])
        for row in found.values():
            item = Carried(dossiers.stored_act(self.node, row))
            if len(self.acts) < bundle.MAX_ACTS and self._take(bundle.carried_size(item)):
                self.acts[item.act.id] = item

    def add_party(self, party: str) -> None:
        """Add the documents of a party that the recipient may need, while there is room."""
        if party in self._parties or party == self.recipient:
            return
        chain, nodes = documents_of(self.node, party)
        size = sum(len(each.to_bytes()) + 1 for each in (*chain, *nodes))
        if len(self.chains) + len(chain) <= MAX_ITEMS and self._take(size):
            self._parties.add(party)
            self.chains += chain
            self.nodes += nodes

    def add_receipt(self, envelope: dsse.Envelope) -> bool:
        """Add a receipt; say whether there was room."""
        fits = len(self.receipts) < MAX_ITEMS and self._take(len(envelope.to_bytes()) + 1)
        self.receipts += [envelope] if fits else []
        return fits

    def add_refusal(self, refusal: Refusal) -> None:
        """Add a refusal, if there is room."""
        if len(self.refusals) < MAX_ITEMS and self._take(len(orjson.dumps(refusal.shape())) + 1):
            self.refusals.append(refusal)

    def add_heights(self, item: Heights) -> None:
        """Add how far a dossier is held, if there is room; it is told again when it changes."""
        heads = sum(len(feed.heads) for feed in item.feeds)
        size = 200 + 120 * len(item.feeds) + 90 * heads + 70 * len(item.lacks)
        if len(item.feeds) <= MAX_ITEMS and self._take(size):
            self.told.append(item)

    def _take(self, size: int, *, first: bool = False) -> bool:
        if size > self.room and not first:
            return False
        self.room -= size
        return True

    def bundle(self) -> Bundle:
        """Return the bundle."""
        return Bundle(
            documents=tuple(self.chains),
            nodes=tuple(self.nodes),
            acts=tuple(self.acts.values()),
            receipts=tuple(self.receipts),
            heights=tuple(self.told),
            checkpoints=_checkpoints(self.node),
            refusals=tuple(refusal.shape() for refusal in self.refusals),
        )


def _checkpoints(node: Node) -> tuple[str, ...]:
    log = max((row.log for row in access_parties.logs(node.db) if not row.closed), default=1)
    newest = access_parties.newest_checkpoint(node.db, origin(node.me, log))
    return () if newest is None else (newest.note,)
