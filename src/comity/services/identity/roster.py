"""The parties this node knows, as lists and pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.checkpoint import origin
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId, fingerprint
from comity.services.casework import dossiers
from comity.services.identity.alike import told_apart
from comity.services.identity.parties import SELF, node_document
from comity.store.access import outbox
from comity.store.access import parties as access

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.store.access.outbox import PeerRow
    from comity.store.access.parties import CheckpointRow, PartyRow


@dataclass(frozen=True, slots=True)
class Known:
    """A party known here, by the ``name`` it gives itself, told apart from those that look alike.

    ``fingerprint`` in 12 groups of 5 digits; ``grade`` of its root document: evaluation or
    hardened; ``accredited_at`` in ms or None; ``introduced_by`` a party, or "" when it was met
    directly; ``reach`` one of direct, mailbox, none; ``frozen`` why nothing of it is taken;
    ``zone`` the time zone that people here say it is in, or "".
    """

    id: PartyId
    name: str
    fingerprint: str
    is_self: bool
    grade: str
    accredited_at: int | None
    introduced_by: str
    reach: str
    endpoints: tuple[str, ...]
    hosted: bool
    frozen: str
    zone: str


def known(node: Node, party: str) -> Known:
    """Return one party. Raises Refusal S3."""
    row = access.party(node.db, party)
    if row is None:
        raise Refusal("S3", "There is no such party here.", party)
    return _known(node, row, names(node)[row.id])


@dataclass(frozen=True, slots=True)
class Proofs:
    """What stands behind a party's signatures: ``need`` of ``of`` root keys sign for it, ``log`` is
    the newest of its logs, and ``held`` the largest checkpoint of that log held here, or None.
    """

    need: int
    of: int
    log: int
    held: CheckpointRow | None


def proofs(node: Node, party: PartyId) -> Proofs | None:
    """Return what stands behind a party's signatures; None without a document of it."""
    view = dossiers.newest(node, party)
    if view is None:
        return None
    log = view.current_log
    held = access.newest_checkpoint(node.db, origin(party, log))
    return Proofs(view.threshold, len(view.root_keys), log, held)


def everyone(node: Node) -> list[Known]:
    """Return all parties, this one first, then by the name each gives itself."""
    rows = sorted(access.parties(node.db), key=lambda row: (not row.is_self, row.name, row.id))
    called = told_apart(rows)
    return [_known(node, row, called[row.id]) for row in rows]


def peers(node: Node) -> dict[str, PeerRow]:
    """Return how sending to each party goes, and hearing of it, by id."""
    return {row.party: row for row in outbox.peers(node.db)}


def peer(node: Node, party: PartyId) -> PeerRow | None:
    """Return how sending to one party goes; None where nothing was sent or heard yet."""
    return outbox.peer(node.db, party)


def names(node: Node) -> dict[str, str]:
    """Return what each party calls itself, by id; those that look alike are told apart."""
    return told_apart(access.parties(node.db))


def zones(node: Node) -> dict[str, str]:
    """Return the time zones of those parties of which somebody here has said it, by id."""
    return {row.id: row.zone for row in access.parties(node.db) if row.zone}


def _known(node: Node, row: PartyRow, called: str) -> Known:
    view, said = dossiers.newest(node, row.id), node_document(node, row.id)
    endpoints = () if said is None else said.endpoints
    hosted = said is not None and said.mailbox is not None
    return Known(
        id=PartyId(row.id),
        name=called,
        fingerprint=fingerprint(PartyId(row.id)),
        is_self=row.is_self,
        grade="" if view is None else view.grade,
        accredited_at=row.accredited_at,
        introduced_by="" if row.introduced_by == SELF else row.introduced_by,
        reach="direct" if endpoints else "mailbox" if hosted else "none",
        endpoints=endpoints,
        hosted=row.hosted,
        frozen=row.frozen,
        zone=row.zone,
    )
