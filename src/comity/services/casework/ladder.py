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
    from collections.abc import Iterable

    from comity.services.casework.replies import Replies, Reply
    from comity.services.node import Node
    from comity.store.access.acts import ActRow

RUNGS = ("signed", "logged", "cosigned", "sent", "received", "whole", "acknowledged", "answered")
SAID = {replies.ACKNOWLEDGE: "acknowledged", replies.ANSWER: "answered"}
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


def of_act(node: Node, said: Replies, row: ActRow) -> list[Ladder]:
    """Return the ladder of an own act for each recipient; ``said`` are its dossier's replies."""
    common = {"signed": row.time, **_log_rungs(node, row)}
    words = {str(speaker): told for speaker, told in said.to(row.id).items()}
    return [
        _ladder(node, delivery, common, words.get(delivery.recipient, ()))
        for delivery in outbox.deliveries(node.db, row.id)
    ]


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
    node: Node, delivery: outbox.DeliveryRow, common: dict[str, int], said: Iterable[Reply]
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
        note=_note(node, delivery),
        rungs={rung: at for rung in RUNGS if (at := reached.get(rung)) is not None},
    )


def _note(node: Node, delivery: outbox.DeliveryRow) -> str:
    if delivery.state == "refused":
        return delivery.receipt
    peer = outbox.peer(node.db, delivery.recipient)
    stuck = peer is not None and peer.failures and delivery.state in {"queued", "sent"}
    return peer.last_error if peer is not None and stuck else ""
