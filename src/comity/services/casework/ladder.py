"""How far an own act has come, for each of its recipients: the ladder its author knows.

signed → logged → cosigned → sent → received → whole → acknowledged → answered

The first three are about the act and the same for all; the others about one recipient. A rung is
reached or not; nothing is inferred from one above it: a receipt may come before any witness, and
who answers need not have acknowledged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.checkpoint import origin
from comity.services.casework import replies
from comity.store.access import outbox, parties

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from comity.services.casework.replies import Replies, Reply
    from comity.services.node import Node
    from comity.store.access.acts import ActRow
    from comity.store.access.outbox import DeliveryRow, PeerRow

RUNGS = ("signed", "logged", "cosigned", "sent", "received", "whole", "acknowledged", "answered")
SAID = {
    **dict.fromkeys(replies.NOTICES, "acknowledged"),
    **dict.fromkeys(replies.ANSWERS, "answered"),
}
"""The rungs that a person there takes, by the kind of act that does."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """One recipient's ladder: when each rung was reached (ms), for those that were.

    ``state`` is the delivery's own: queued, sent, received, whole, refused or undeliverable;
    ``note`` says why, when it is stuck.
    """

    party: str
    state: str
    note: str
    rungs: dict[str, int]

    @property
    def highest(self) -> str:
        """The last rung reached."""
        return [rung for rung in RUNGS if rung in self.rungs][-1]

    def to_object(self) -> dict[str, object]:
        """Return the ladder as JSON values."""
        return {
            "party": self.party,
            "state": self.state,
            "note": self.note,
            "highest": self.highest,
            "rungs": self.rungs,
        }


class Ladders:
    """The ladders of own acts of one dossier; what they have in common is looked up once."""

    def __init__(self, node: Node, said: Replies, acts: Sequence[str]) -> None:
        """``said`` are the replies in the dossier, ``acts`` the ids of those asked about."""
        self._node = node
        self._said = said
        self._ways = outbox.deliveries_among(node.db, acts)
        self._peers = {row.party: row for row in outbox.peers(node.db)} if acts else {}

    def of(self, row: ActRow) -> tuple[Ladder, ...]:
        """Return the ladder of an own act for each recipient."""
        ways = self._ways.get(row.id, ())
        common = {"signed": row.time, **_log_rungs(self._node, row)} if ways else {}
        words = {str(speaker): told for speaker, told in self._said.to(row.id).items()}
        return tuple(
            _ladder(way, common, words.get(way.recipient, ()), self._peers.get(way.recipient))
            for way in ways
        )


def _log_rungs(node: Node, row: ActRow) -> dict[str, int]:
    name, rungs = origin(node.me, row.log), dict[str, int]()
    logged = parties.checkpoint_over(node.db, name, row.seq + 1, cosigned=False)
    if logged is not None:
        rungs["logged"] = logged.at
    cosigned = parties.checkpoint_over(node.db, name, row.seq + 1, cosigned=True)
    if cosigned is not None:
        rungs["cosigned"] = min(
            at for _, _, at in parties.cosignatures(node.db, name, cosigned.size)
        )
    return rungs


def _ladder(
    delivery: DeliveryRow, common: dict[str, int], said: Iterable[Reply], peer: PeerRow | None
) -> Ladder:
    received = delivery.received_at if delivery.state in {"received", "whole"} else None
    reached = {
        **common,
        "sent": delivery.sent_at,
        "received": received,
        "whole": received if delivery.state == "whole" else None,
        # Of several words the first counts: then the rung was reached.
        **{SAID[reply.kind]: reply.time for reply in reversed([*said])},
    }
    return Ladder(
        party=delivery.recipient,
        state=delivery.state,
        note=_note(delivery, peer),
        rungs={rung: at for rung in RUNGS if (at := reached.get(rung)) is not None},
    )


def _note(delivery: DeliveryRow, peer: PeerRow | None) -> str:
    if delivery.state == "refused":
        return delivery.receipt
    stuck = peer is not None and peer.failures and delivery.state in {"queued", "sent"}
    return peer.last_error if peer is not None and stuck else ""
