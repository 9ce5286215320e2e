"""What others remember of a party that lost part of its memory: the other half of a restore.

A peer gives back what it holds of the party: its documents, the newest checkpoint of each of its
logs, its statements. It gives the party nothing that it was not meant to have before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import orjson

from comity.kernel import bundle, canon, checkpoint, dsse
from comity.kernel.bundle import INLINE_LIMIT, MAX_ACTS, Bundle, Carried
from comity.kernel.content import SALT_SIZE
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.services.casework import dossiers
from comity.services.delivery.carry import carry
from comity.services.delivery.deliver import ROOM
from comity.services.identity.parties import documents_of
from comity.store.access import acts as access
from comity.store.access import checks
from comity.store.access import parties as access_parties

if TYPE_CHECKING:
    from comity.services.identity.keyring import LogSigners
    from comity.services.node import Node

VERSION = 1
RECEIPTS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Recollection:
    """What one party remembers of another: ``peer`` remembers, ``of`` is remembered.

    ``bundles`` hold documents, checkpoints, acts with their content, and receipts.
    """

    peer: PartyId
    of: PartyId
    bundles: tuple[Bundle, ...]

    @property
    def documents(self) -> list[dsse.Envelope]:
        """Root documents and successions, predecessors first."""
        return [envelope for each in self.bundles for envelope in each.documents]

    @property
    def nodes(self) -> list[dsse.Envelope]:
        """Node documents."""
        return [envelope for each in self.bundles for envelope in each.nodes]

    @property
    def checkpoints(self) -> list[str]:
        """Signed notes of the logs of ``of``."""
        return [note for each in self.bundles for note in each.checkpoints]

    @property
    def acts(self) -> list[Carried]:
        """Acts with the content that came along; those of ``of``, and what opened dossiers."""
        return [item for each in self.bundles for item in each.acts]

    @property
    def statements(self) -> list[dsse.Envelope]:
        """Every statement by anyone: acts, receipts, node documents."""
        receipts = [envelope for each in self.bundles for envelope in each.receipts]
        return [*(item.act.envelope for item in self.acts), *receipts, *self.nodes]

    def to_bytes(self) -> bytes:
        """Return the recollection as a file, for a stick: it holds content, so handle it so."""
        value = {
            "comity_recollection": VERSION,
            "peer": self.peer,
            "of": self.of,
            "bundles": [orjson.Fragment(each.to_bytes()) for each in self.bundles],
        }
        return orjson.dumps(value)


Recollect: TypeAlias = "Callable[[Node, PartyId, LogSigners], Recollection]"
"""The port that asks one peer, over the wire: the node that asks, the peer, and the signers of the
next log, whose public keys the party's newest document announces by hash. That is how the peer
knows who asks. Raises Unreachable or Refusal; who did not answer can be asked again later.
"""


def parse(data: bytes) -> Recollection:
    """Return the recollection in a file. Raises Refusal T10."""
    try:
        value = orjson.loads(data)
        if value["comity_recollection"] != VERSION:
            raise Refusal("T10", "The recollection is of another version of this program.")
        bundles = tuple(bundle.parse(orjson.dumps(each)) for each in value["bundles"])
        return Recollection(PartyId(value["peer"]), PartyId(value["of"]), bundles)
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        reason = "This is not what a node remembers of a party; `comity remember` writes it."
        raise Refusal("T10", reason) from error


def remember(node: Node, *, of: PartyId, since: Mapping[int, int] | None = None) -> Recollection:
    """Return what this node holds of the party ``of``, and what it needs to take part again.

    ``since`` says from which place on it lacks statements, by log; absent logs from the start.
    Raises Refusal S3 when the party is not known here.
    """
    if access_parties.party(node.db, of) is None:
        raise Refusal("S3", "This party is not known here.", of)
    return Recollection(node.me, of, tuple(_bundles(node, of, since or {})))


def _bundles(node: Node, of: PartyId, since: Mapping[int, int]) -> Iterator[Bundle]:
    ids = _wanted(node, of, since)
    chains, nodes = _documents(node, of, ids)
    yield Bundle(
        documents=tuple(chains), nodes=tuple(nodes), checkpoints=tuple(_checkpoints(node, of))
    )
    page: list[Carried] = []
    room = ROOM
    for id_ in ids:
        item = _carried(node, id_, of)
        room -= bundle.carried_size(item)
        if page and (room < 0 or len(page) == MAX_ACTS):
            yield Bundle(acts=tuple(page))
            page, room = [], ROOM - bundle.carried_size(item)
        page.append(item)
    yield Bundle(acts=tuple(page))
    receipts = [
        dsse.parse(row.envelope, limit=canon.DOCUMENT_LIMIT)
        for row in checks.statements_of(node.db, of)
        if row.kind == "receipt" and row.seq >= since.get(row.log, 0)
    ]
    for first in range(0, len(receipts), RECEIPTS_AT_ONCE):
        yield Bundle(receipts=tuple(receipts[first : first + RECEIPTS_AT_ONCE]))


def _wanted(node: Node, of: PartyId, since: Mapping[int, int]) -> list[str]:
    """Return charters and invitations of shared dossiers, and the party's own acts, in order."""
    found: dict[str, int] = {}
    for dossier in access.dossiers_with(node.db, of):
        for row in access.acts_of(node.db, dossier):
            header = dossiers.stored_act(node, row).header
            invited = header.kind == "invite" and header.body.get("party") == of
            if row.id == dossier or invited:
                found[row.id] = row.n
    for log, seq, id_ in checks.act_places(node.db, of):
        held = access.act(node.db, id_)
        if held is not None and seq >= since.get(log, 0):
            found[id_] = held.n
    return sorted(found, key=lambda id_: found[id_])


def _carried(node: Node, id_: str, of: PartyId) -> Carried:
    row = access.act(node.db, id_)
    if row is None:
        raise AssertionError(id_)
    act = dossiers.stored_act(node, row)
    commitment = act.header.content
    if commitment.size + SALT_SIZE * commitment.parts > INLINE_LIMIT:
        # Large content comes afterwards, the ordinary way: by blobs, resumable.
        return Carried(act)
    return carry(node, id_, of) or Carried(act)


def _documents(
    node: Node, of: PartyId, ids: list[str]
) -> tuple[list[dsse.Envelope], list[dsse.Envelope]]:
    rows = [row for id_ in ids if (row := access.act(node.db, id_)) is not None]
    shared = {party for row in rows for party, _ in access.members(node.db, row.dossier)}
    chains: list[dsse.Envelope] = []
    nodes: list[dsse.Envelope] = []
    for party in dict.fromkeys([of, node.me, *sorted(shared)]):
        chain, last = documents_of(node, party)
        chains += chain
        nodes += last
    return chains, nodes


def _checkpoints(node: Node, of: PartyId) -> Iterator[str]:
    view = dossiers.newest(node, of)
    for log in sorted(view.logs if view else (), reverse=True)[:4]:
        origin = checkpoint.origin(of, log)
        for held in (
            access_parties.newest_checkpoint(node.db, origin),
            access_parties.witnessed(node.db, origin),
        ):
            if held is not None:
                yield held.note
