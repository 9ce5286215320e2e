"""What other nodes may ask over the wire, and the answers: one function for every door.

::

    POST bundle          a sealed bundle, for this party or for one it hosts   200 bundle, 202
    POST pull            mail kept for the one who asks; acknowledges what it took   200
    POST blob            a range of a blob named in a bundle to the one who asks     200, 202
    POST spool           a piece of a blob by a party whose mail is kept here        200
    POST recall          what is remembered of the asker, who restores its node      200
    POST hello           this party's documents, in exchange for the asker's         200
    POST add-checkpoint  C2SP tlog-witness                                           200, 409 …
    POST tile            C2SP tlog-tiles, asked by signed cover                      200

A refusal is {rule, reason, subject, retry} as JSON, with status 400, 403, 404, 413, 429 or 503.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from comity.kernel import cover, tiles
from comity.kernel.cover import HEAD_LIMIT, CoverKind, SignedCover
from comity.kernel.errors import Refusal, Retry
from comity.kernel.ids import PartyId
from comity.kernel.seal import OVERHEAD, PLAINTEXT_LIMIT
from comity.services import quota
from comity.services.care import recalling
from comity.services.delivery import deliver, envelope, heights, ingest, kept
from comity.services.identity import parties
from comity.services.ports import Reply
from comity.services.proof import witnessing
from comity.store import subtrees
from comity.store.access import outbox as access
from comity.store.access import parties as access_parties
from comity.store.append import outbox
from comity.store.append import parties as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from comity.services.node import Node

    Door: TypeAlias = Callable[["Node", SignedCover, bytes], Reply]

BODY_LIMIT = HEAD_LIMIT + 2 * PLAINTEXT_LIMIT + OVERHEAD
"""The most bytes of any request; a larger one is refused before it is read."""
MAIL_AT_ONCE = 8
_STATUS = {"T4": 403, "T5": 429, "T7": 413, "T9": 404, "T11": 403, "T12": 403, "S7": 503, "S3": 404}


def answer(node: Node, path: str, body: bytes, *, origin: str = "") -> Reply:
    """Answer one request to ``path`` (its last segment), of at most ``BODY_LIMIT`` bytes.

    ``origin`` is the network address it came from, if there is one. Several threads may ask at
    once. Never raises for bad input: whatever comes gets a reply, and refusals are counted.
    """
    sender = ""
    try:
        if len(body) > BODY_LIMIT:
            raise Refusal("T7", f"The request has more than {BODY_LIMIT} bytes.")
        if path == "add-checkpoint":
            return witnessing.answer(node, body, origin=origin)
        signed, rest = envelope.split(body)
        sender = signed.cover.sender
        return _open_door(node, path, signed, rest, origin)
    except Refusal as refusal:
        return _refused(node, sender, refusal)


def _open_door(node: Node, path: str, signed: SignedCover, rest: bytes, origin: str) -> Reply:
    doors: dict[str, tuple[CoverKind, Door]] = {
        "bundle": (CoverKind.BUNDLE, _bundle),
        "pull": (CoverKind.PULL, _pull),
        "blob": (CoverKind.BLOB, _blob),
        "spool": (CoverKind.SPOOL, kept.answer),
        "hello": (CoverKind.HELLO, _hello),
        "recall": (CoverKind.RECALL, recalling.answer),
        "tile": (CoverKind.TILE, _tile),
    }
    if path not in doors or doors[path][0] != signed.cover.kind:
        raise Refusal("T10", "This wire version has no such request.", path[:80])
    quota.require_rate(node, signed.cover.sender, origin)
    if path == "bundle" and access_parties.party(node.db, signed.cover.sender) is not None:
        # Who is not known here is to be told to become known, whatever room there is.
        quota.require_room(node, signed.cover.sender)
    # These check who asks themselves: the asker has newer documents, or none in force yet, or
    # there are refusals that cost less than a signature.
    if path not in {"hello", "recall", "spool"}:
        envelope.require_sender(node, signed)
    return doors[path][1](node, signed, rest)


def _refused(node: Node, sender: str, refusal: Refusal) -> Reply:
    with writing(node.db):
        append.count_refusal(
            node.db,
            rule=refusal.rule,
            # Unknown senders share one row, so that inventing names fills no table.
            peer=sender if access_parties.party(node.db, sender) else "",
            reason=refusal.reason,
            now=node.now(),
        )
    value: dict[str, object] = {**refusal.shape()}
    if refusal.retry is Retry.AFTER_DOCUMENT or refusal.rule == "T4":
        chain, nodes = parties.own_documents(node)
        value["documents"] = [orjson.Fragment(e.to_bytes()) for e in chain]
        value["nodes"] = [orjson.Fragment(e.to_bytes()) for e in nodes]
    return Reply(_STATUS.get(refusal.rule, 400), orjson.dumps(value))


def _bundle(node: Node, signed: SignedCover, sealed: bytes) -> Reply:
    envelope.require_body(signed, sealed)
    sender = signed.cover.sender
    if signed.cover.recipient != node.me:
        return _keep_mail(node, signed, sealed)
    envelope.require_once(node, signed)
    what = envelope.open_bundle(node, signed, sealed)
    outcome = ingest.receive(node, sender=sender, what=what)
    wanted = heights.compare(node, sender, what.heights)
    with writing(node.db):
        outbox.note_heard(node.db, sender, node.now())
    told = heights.for_peer(node, sender, outcome.touched | outcome.waiting | wanted)
    receipts = [] if outcome.receipt is None else [outcome.receipt]
    packed, taken = deliver.pack(
        node, sender, told=told, receipts=receipts, refusals=outcome.refusals, answering=True
    )
    data = envelope.seal_for(node, sender, packed)
    with writing(node.db):
        outbox.mark_sent(node.db, taken, node.now())
    return Reply(200, data)


def _keep_mail(node: Node, signed: SignedCover, sealed: bytes) -> Reply:
    recipient = access_parties.party(node.db, signed.cover.recipient)
    if recipient is None or not recipient.hosted:
        raise Refusal("T11", "This node keeps no mail for that party.", signed.cover.recipient)
    if access.mail_load(node.db, recipient.id) > node.settings.disk:
        raise Refusal("T5", "The mailbox of that party is full.", recipient.id)
    # Anybody may become known here, and must not fill the mailbox for those it is kept for.
    sender = access_parties.party(node.db, signed.cover.sender)
    stranger = sender is None or sender.accredited_at is None
    if stranger and access.mail_of_strangers(node.db, recipient.id) > node.settings.disk // 4:
        raise Refusal("T5", "Who is not accredited here left too much there.", recipient.id)
    with writing(node.db):
        append.insert_mail(
            node.db,
            recipient=PartyId(recipient.id),
            sender=signed.cover.sender,
            hash_=signed.cover.hash or "",
            cover=signed.envelope.to_bytes(),
            sealed=sealed,
            now=node.now(),
        )
    return Reply(202, b"")


def _pull(node: Node, signed: SignedCover, _rest: bytes) -> Reply:
    _require_request(node, signed)
    after = _number(signed, "after")
    with writing(node.db):
        append.delete_mail(node.db, signed.cover.sender, after)
    rows = access.mail(node.db, signed.cover.sender, after, MAIL_AT_ONCE)
    return Reply(200, b"".join(_item(row.n, row.cover, row.sealed) for row in rows))


def _item(n: int, line: bytes, sealed: bytes) -> bytes:
    """Frame one piece of mail: its number, its length, and the bytes as they came."""
    framed = cover.MAGIC + line + b"\n" + sealed
    return n.to_bytes(8, "big") + len(framed).to_bytes(4, "big") + framed


def read_mail(data: bytes) -> list[tuple[int, bytes]]:
    """Return (number, framed bundle) of each piece of mail in an answer. Raises Refusal T10."""
    items: list[tuple[int, bytes]] = []
    while data:
        size = int.from_bytes(data[8:12], "big")
        if len(data) < 12 + size:
            raise Refusal("T10", "The host's answer ends within a piece of mail.")
        items.append((int.from_bytes(data[:8], "big"), data[12 : 12 + size]))
        data = data[12 + size :]
    return items


def _blob(node: Node, signed: SignedCover, _rest: bytes) -> Reply:
    """Serve a range; 202 while the blob is still being brought. ``taken`` is a receipt for it."""
    _require_request(node, signed)
    asker, hash_ = signed.cover.sender, str(signed.cover.args.get("blob", ""))
    if signed.cover.args.get("taken") is True:
        kept.take_receipt(node, asker, hash_)
        return Reply(200, b"")
    offset, length = _number(signed, "offset"), _number(signed, "length")
    data = kept.read_range(node, asker, hash_, offset, length)
    return Reply(202, b"") if data is None else Reply(200, data)


def _hello(node: Node, signed: SignedCover, body: bytes) -> Reply:
    """Exchange documents with a party that may be unknown: it becomes known, not accredited."""
    envelope.require_body(signed, body)
    sender, of = signed.cover.sender, signed.cover.args.get("of", "")
    with writing(node.db):
        if access_parties.party(node.db, sender) is None:
            quota.require_meetings(node)
        found = parties.read_card(node, body)
        if found != sender:
            raise Refusal("T1", "The card is of another party than the sender.", found)
        envelope.require_sender(node, signed)
    return Reply(200, parties.card_of(node, str(of)) if of else parties.card(node))


def _tile(node: Node, signed: SignedCover, _rest: bytes) -> Reply:
    _require_request(node, signed)
    return log_resource(node, _number(signed, "log"), str(signed.cover.args.get("path", "")))


def log_resource(node: Node, log: int, path: str) -> Reply:
    """Return a checkpoint or tile of an own log. Raises Refusal T9 when there is none such."""
    newest = access_parties.newest_checkpoint(node.db, witnessing.own_origin(node, log))
    if newest is None:
        raise Refusal("T9", "This log has no checkpoint yet.", path[:80])
    if path == "checkpoint":
        return Reply(200, newest.note.encode())
    tile = tiles.parse_path(path)
    tiles.require_held(tile, newest.size)
    if tile.level is None:
        held = access_parties.leaves(node.db, log, tile.start, tile.stop)
        return Reply(200, tiles.encode_entries(data for data, _ in held))
    return Reply(200, tiles.tile_bytes(subtrees.LogReader(node.db, log), tile))


def _require_request(node: Node, signed: SignedCover) -> None:
    cover.require_recipient(signed.cover, node.me)
    cover.require_recent(signed.cover, node.now())
    envelope.require_once(node, signed)


def _number(signed: SignedCover, name: str) -> int:
    value = signed.cover.args.get(name)
    if type(value) is not int or value < 0:
        raise Refusal("T10", f"The request needs a whole number in {name!r}.")
    return value
