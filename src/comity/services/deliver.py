"""Sending: one bundle at a time to one peer, until its queue is empty.

At least once, idempotent by id: what was sent stays "sent" until a receipt comes, and is queued
again when none does. A peer that cannot be reached is tried again with growing pauses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson

from comity.kernel import bundle, dsse, statement
from comity.kernel.bundle import MAX_ACTS, Bundle, Carried, Heights
from comity.kernel.checkpoint import origin
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.kernel.seal import PLAINTEXT_LIMIT
from comity.services import envelope, heights, ingest
from comity.services.carry import carry
from comity.services.parties import documents_of, learn_documents, node_document
from comity.services.ports import Reply, Unreachable
from comity.store.access import outbox as access
from comity.store.access import parties as access_parties
from comity.store.append import outbox
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.services.ingest import Outcome
    from comity.services.node import Node
    from comity.store.access.outbox import DeliveryRow

PREFIX = "/comity/1"
ANSWER_LIMIT = 2 * 1024 * 1024
ROOM = PLAINTEXT_LIMIT - 160 * 1024
"""Bytes of a bundle for acts; the rest is for documents, heights and receipts."""
FIRST_PAUSE, LONGEST_PAUSE = 2_000, 6 * 3600 * 1000
RESEND_AFTER = 60_000


def pack(
    node: Node,
    recipient: PartyId,
    *,
    told: Sequence[Heights] = (),
    receipts: Sequence[dsse.Envelope] = (),
    refusals: Sequence[Refusal] = (),
) -> tuple[Bundle, list[int]]:
    """Return what waits for ``recipient`` as one bundle, and the ids of the deliveries in it."""
    acts: list[Carried] = []
    answers = list(receipts)
    taken: list[int] = []
    room = ROOM
    for row in access.queued(node.db, recipient, MAX_ACTS):
        if row.what == outbox.RECEIPT:
            answers += _statement(node, row)
        else:
            item = carry(node, row.item, recipient)
            if item is not None:
                room -= bundle.carried_size(item)
                if room < 0 and acts:
                    break
                acts.append(item)
        taken.append(row.id)
    chains, nodes = _documents_for(node, recipient, acts)
    packed = Bundle(
        documents=tuple(chains),
        nodes=tuple(nodes),
        acts=tuple(acts),
        receipts=tuple(answers),
        heights=tuple(told),
        checkpoints=_checkpoints(node),
        sources=node.settings.endpoints,
        refusals=tuple(refusal.shape() for refusal in refusals),
    )
    return packed, taken


def _statement(node: Node, row: DeliveryRow) -> list[dsse.Envelope]:
    held = access_parties.statement(node.db, row.item)
    return [] if held is None else [dsse.parse(held, limit=statement.RECEIPT_LIMIT)]


def _documents_for(
    node: Node, recipient: PartyId, acts: Sequence[Carried]
) -> tuple[list[dsse.Envelope], list[dsse.Envelope]]:
    """Return own documents, those of the acts' authors, and those of the members of a charter."""
    named = [str(p) for item in acts for p in _members(item)]
    authors = [item.act.header.party for item in acts]
    chains: list[dsse.Envelope] = []
    nodes: list[dsse.Envelope] = []
    for party in dict.fromkeys([node.me, *authors, *named]):
        if party != recipient:
            chain, last = documents_of(node, party)
            chains += chain
            nodes += last
    return chains, nodes


def _members(item: Carried) -> list[object]:
    members = item.act.header.body.get("members")
    return [*members] if item.act.header.kind == "charter" and isinstance(members, list) else []


def _checkpoints(node: Node) -> tuple[str, ...]:
    log = max((row.log for row in access_parties.logs(node.db) if not row.closed), default=1)
    newest = access_parties.newest_checkpoint(node.db, origin(node.me, log))
    return () if newest is None else (newest.note,)


def route(node: Node, recipient: PartyId) -> str | None:
    """Return the base URL under which a recipient, or the host of its mail, is reached."""
    known = node_document(node, recipient)
    if known is None:
        return None
    if known.endpoints:
        return known.endpoints[0]
    host = None if known.mailbox is None else node_document(node, known.mailbox)
    return None if host is None or not host.endpoints else host.endpoints[0]


def send_to(node: Node, recipient: PartyId) -> bool:
    """Send one bundle of what waits for a recipient; say whether more may be sent at once.

    Failures are noted in the queue towards it, with the time of the next try.
    """
    try:
        url = route(node, recipient)
        if url is None:
            raise Unreachable("No address of this party, nor of a host of its mail, is known.")
        touched = _touched(node, recipient)
        packed, taken = pack(node, recipient, told=touched)
        data = envelope.seal_for(node, recipient, packed)
        reply = node.ports.transport.send(f"{url}{PREFIX}/bundle", data, limit=ANSWER_LIMIT)
        _read_reply(node, recipient, reply, taken)
    except (Unreachable, Refusal) as error:
        _note_failure(node, recipient, str(error))
        return False
    return bool(access.queued(node.db, recipient, 1))


def _touched(node: Node, recipient: PartyId) -> list[Heights]:
    """Return the heights of shared dossiers; comparing them is how two nodes catch up."""
    return [heights.heights_of(node, id_) for id_ in heights.shared_with(node, recipient)[:64]]


def _read_reply(node: Node, recipient: PartyId, reply: Reply, taken: Sequence[int]) -> None:
    if reply.status == 202:
        # A host keeps it: the receipt will come from the recipient itself.
        _note_sent(node, recipient, taken)
        return
    if reply.status != 200:
        raise _refusal_of(node, reply)
    _note_sent(node, recipient, taken)
    signed, sealed = envelope.split(reply.body)
    envelope.require_answer(node, signed, recipient)
    answer = envelope.open_bundle(node, signed, sealed)
    take_in(node, recipient, answer)


def _note_sent(node: Node, recipient: PartyId, taken: Sequence[int]) -> None:
    with writing(node.db):
        outbox.mark_sent(node.db, taken, node.now())
        outbox.note_try(node.db, recipient, error="", next_try=0, now=node.now())


def take_in(node: Node, sender: PartyId, what: Bundle) -> Outcome:
    """Take in a bundle that came as an answer or by mail, and queue the receipt for it."""
    outcome = ingest.receive(node, sender=sender, what=what)
    wanted = heights.compare(node, sender, what.heights)
    with writing(node.db):
        if outcome.receipt is not None:
            outbox.queue(node.db, outbox.RECEIPT, [(outcome.receipt.id, sender)], node.now())
        outbox.note_heard(node.db, sender, node.now())
    if wanted:
        with node.lock:
            node.nudged.add(sender)
    return outcome


def _refusal_of(node: Node, reply: Reply) -> Refusal:
    """Return the refusal in an answer; take in the newer documents that may come with it."""
    try:
        value = orjson.loads(reply.body)
        for item in value.get("documents", []):
            with writing(node.db):
                learn_documents(node, [dsse.from_object(item)], [], introduced_by="")
        for item in value.get("nodes", []):
            with writing(node.db):
                learn_documents(node, [], [dsse.from_object(item)], introduced_by="")
        return Refusal(value["rule"], value["reason"], value.get("subject", ""))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, Refusal):
        return Refusal("T13", f"The other node answered with status {reply.status}.")


def _note_failure(node: Node, recipient: PartyId, error: str) -> None:
    row = access.peer(node.db, recipient)
    failures = 0 if row is None else row.failures
    pause = min(FIRST_PAUSE << min(failures, 20), LONGEST_PAUSE)
    jitter = int.from_bytes(node.ports.random.bytes(2), "big") * pause // (4 * 65536)
    with writing(node.db):
        outbox.note_try(
            node.db, recipient, error=error, next_try=node.now() + pause + jitter, now=node.now()
        )
