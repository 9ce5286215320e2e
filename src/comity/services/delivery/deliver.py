"""Sending: one bundle at a time to one peer, until its queue is empty.

At least once, idempotent by id: what was sent stays "sent" until a receipt comes, and is queued
again when none does. A peer that cannot be reached is tried again with growing pauses.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import orjson

from comity.kernel import dsse
from comity.kernel.bundle import MAX_ACTS, Bundle, Heights
from comity.kernel.cover import CoverKind, SignedCover
from comity.kernel.errors import RULES, Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.seal import PLAINTEXT_LIMIT
from comity.services.delivery import envelope, heights, ingest
from comity.services.delivery.load import Load
from comity.services.identity.parties import card, learn_documents, node_document, read_card
from comity.services.ports import Reply, Unreachable
from comity.store.access import outbox as access
from comity.store.append import outbox
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.services.delivery.admitting import Outcome
    from comity.services.node import Missed, Node

PREFIX = "/comity/1"
ANSWER_LIMIT = 2 * 1024 * 1024
ROOM = PLAINTEXT_LIMIT - 160 * 1024
"""Bytes of a bundle for acts; the rest is for documents, heights and receipts."""
FIRST_PAUSE, LONGEST_PAUSE = 2_000, 6 * 3600 * 1000
RESEND_AFTER, RESEND_AT_LEAST = 60_000, 24 * 3600 * 1000
"""The first pause, in ms, before what was never receipted is sent again, and the longest."""
MOST_ASKED = 10_000
TAKEN = frozenset({200, 202})


def pack(
    node: Node,
    recipient: PartyId,
    *,
    told: Sequence[Heights] = (),
    receipts: Sequence[dsse.Envelope] = (),
    refusals: Sequence[Refusal] = (),
    unsure: Collection[Id] = (),
    answering: bool = False,
) -> tuple[Bundle, list[int]]:
    """Return what waits for ``recipient`` as one bundle, and the ids of the deliveries in it.

    Receipts that wait do not go into an answer: it may get lost, nobody would know, and unlike
    acts they are not sent again.
    ``unsure`` acts go as headers, to be receipted once more (``doubts``).
    What has no room goes with the next bundle; heights and refusals beyond the limit are left out,
    and so are acts that are asked about.
    """
    rows = access.queued(node.db, recipient, MAX_ACTS)
    if answering:
        rows = [row for row in rows if row.what != outbox.RECEIPT]
    load = Load(node, recipient, [(row.what, row.item) for row in rows])
    load.add_party(node.me)
    if node.host is not None:
        # Answers go there, and large contents lie there; the recipient may not know it.
        load.add_party(node.host)
    for receipt in receipts:
        load.add_receipt(receipt)
    for refusal in refusals:
        load.add_refusal(refusal)
    taken: list[int] = []
    for row in rows:
        if not load.add_queued(row.what, row.item):
            break
        taken.append(row.id)
    for item in told:
        load.add_heights(item)
    load.add_headers(sorted(unsure))
    return load.bundle(), taken


def place(node: Node, party: str) -> tuple[PartyId, str] | None:
    """Return who answers for a party, and its base URL: the party itself or the host of its mail.

    None while no address of either is known.
    """
    known = node_document(node, party)
    if known is None or known.endpoints:
        return None if known is None else (PartyId(party), known.endpoints[0])
    host = None if known.mailbox is None else node_document(node, known.mailbox)
    if known.mailbox is None or host is None or not host.endpoints:
        return None
    return known.mailbox, host.endpoints[0]


def route(node: Node, recipient: PartyId) -> str | None:
    """Return the base URL under which a recipient, or the host of its mail, is reached."""
    found = place(node, recipient)
    return None if found is None else found[1]


def ask(
    node: Node,
    party: PartyId,
    kind: CoverKind,
    args: Object,
    body: bytes = b"",
    *,
    limit: int = ANSWER_LIMIT,
) -> Reply:
    """Ask something of a party at its own address; documents that were old are exchanged once.

    Raises Unreachable, or the Refusal that was answered.
    """
    found = place(node, party)
    if found is None or found[0] != party:
        raise Unreachable("No address of this party is known.")
    url = f"{found[1]}{PREFIX}/{kind.value}"
    for last in (False, True):
        data = envelope.request(node, party, kind, args, body)
        reply = node.ports.transport.send(url, data, limit=limit)
        if reply.status in TAKEN:
            return reply
        refusal = _refusal_of(node, reply, party)
        if last or refusal.rule != "T4":
            raise refusal
        exchange_documents(node, found[1])
    raise AssertionError


def send_to(node: Node, recipient: PartyId) -> bool:
    """Send one bundle of what waits for a recipient; say whether more may be sent at once.

    Failures are noted in the queue towards it, with the time of the next try.
    """
    with node.lock:
        wanted = node.wanted.pop(recipient, set())
        missed = node.missed.pop(recipient, {})
        unsure = node.unsure.pop(recipient, set())
    try:
        _send(node, recipient, wanted, missed, unsure)
    except (Unreachable, Refusal) as error:
        with node.lock:
            node.wanted.setdefault(recipient, set()).update(wanted)
            node.missed.setdefault(recipient, {}).update(missed)
            node.unsure.setdefault(recipient, set()).update(unsure)
        _note_failure(node, recipient, str(error))
        return False
    return bool(access.queued(node.db, recipient, 1))


def _send(
    node: Node, recipient: PartyId, wanted: set[str], missed: Missed, unsure: set[Id]
) -> None:
    found = place(node, recipient)
    if found is None:
        raise Unreachable("No address of this party, nor of a host of its mail, is known.")
    told, cursor = heights.changed(node, recipient, node.told.get(recipient, 0))
    names = {item.dossier for item in told}
    told += heights.for_peer(node, recipient, (wanted | missed.keys()) - names)
    told = [item._replace(lacks=missed.get(item.dossier, ())) for item in told]
    packed, taken = pack(node, recipient, told=told, unsure=unsure)
    answers, url = found
    reply = _post(node, recipient, url, packed)
    if reply.status not in TAKEN:
        refusal = _refusal_of(node, reply, answers)
        if not _is_healed(node, url, refusal):
            raise refusal
        reply = _post(node, recipient, url, packed)
    if reply.status not in TAKEN:
        raise _refusal_of(node, reply, answers)
    _read_reply(node, recipient, url, reply, taken)
    node.told[recipient] = cursor


def _post(node: Node, recipient: PartyId, url: str, what: Bundle) -> Reply:
    data = envelope.seal_for(node, recipient, what)
    return node.ports.transport.send(f"{url}{PREFIX}/bundle", data, limit=ANSWER_LIMIT)


def _is_healed(node: Node, url: str, refusal: Refusal) -> bool:
    """Say whether sending again helps: documents of one side were old, and are exchanged now."""
    if refusal.rule == "T4":
        exchange_documents(node, url)
    return refusal.rule in {"T4", "T6"}


def exchange_documents(node: Node, url: str, of: str = "") -> PartyId:
    """Give this party's documents to the node at ``url``, and take in its own, or those it holds
    of another party, ``of``. Return the party they are of.

    Raises Unreachable, or Refusal when the other side refused or its documents do not verify.
    """
    # Who answers may not be known yet, so the cover is addressed to its own sender.
    args: Object = {"of": of} if of else {}
    data = envelope.request(node, node.me, CoverKind.HELLO, args, card(node))
    reply = node.ports.transport.send(f"{url.rstrip('/')}{PREFIX}/hello", data, limit=ANSWER_LIMIT)
    if reply.status != 200:
        raise Refusal("T13", f"The other node answered with status {reply.status}.", url)
    return read_card(node, reply.body)


def _read_reply(
    node: Node, recipient: PartyId, url: str, reply: Reply, taken: Sequence[int]
) -> None:
    if reply.status == 202:
        # A host keeps it: the receipt will come from the recipient itself.
        _note_sent(node, recipient, taken)
        return
    _note_sent(node, recipient, taken)
    signed, sealed = envelope.split(reply.body)
    _require_answer(node, signed, recipient, url)
    answer = envelope.open_bundle(node, signed, sealed)
    take_in(node, recipient, answer)


def _require_answer(node: Node, signed: SignedCover, recipient: PartyId, url: str) -> None:
    try:
        envelope.require_answer(node, signed, recipient)
    except Refusal as refusal:
        if refusal.rule != "T4":
            raise
        # A node that was restored answers under documents that are newer than those held here.
        exchange_documents(node, url)
        envelope.require_answer(node, signed, recipient)


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
    _ask_about(node, sender, wanted | outcome.waiting)
    return outcome


def _ask_about(node: Node, peer: PartyId, ids: set[Id]) -> None:
    """Tell a peer soon how far this node holds dossiers in which it lacks something; about each
    once in a while, so that who claims what it never gives is not asked for ever.
    """
    now = node.now()
    with node.lock:
        fresh = {id_ for id_ in ids if node.asked.get((peer, id_), 0) <= now - heights.UNDER_WAY}
        if len(node.asked) > MOST_ASKED:
            node.asked.clear()
        node.asked.update({(peer, id_): now for id_ in fresh})
        if fresh and len(node.wanted.get(peer, ())) < MOST_ASKED:
            node.wanted.setdefault(peer, set()).update(fresh)
            node.nudged.add(peer)


def _refusal_of(node: Node, reply: Reply, answers: PartyId) -> Refusal:
    """Return the refusal in an answer of ``answers``; take in the newer documents that may come
    with it, at the expense of its share of the disk.
    """
    try:
        value = orjson.loads(reply.body)
        if value["rule"] not in RULES:
            raise KeyError(value["rule"])
        for item in value.get("documents", []):
            with writing(node.db):
                learn_documents(node, [dsse.from_object(item)], [], introduced_by=answers)
        for item in value.get("nodes", []):
            with writing(node.db):
                learn_documents(node, [], [dsse.from_object(item)], introduced_by=answers)
        return Refusal(value["rule"], str(value["reason"]), str(value.get("subject", "")))
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
