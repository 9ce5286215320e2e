"""Asking a peer over the wire what it remembers, and answering.

Who lost its memory has no key that peers know: the old log is closed by a document that is not
written yet. It signs the question with the keys of the next log, which its newest document
announced by their hash, and so the peer knows who asks. ::

    POST recall    cover of kind "recall", signed by the next act key; its body is JSON:
                   {"keys": {act, checkpoint, witness}, "hpke": key, "since": {log: seq}, "page": n}
    answer         one octet, 1 when there are more pages, then a bundle sealed for ``hpke``
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import orjson

from comity.kernel import bundle, cover, seal
from comity.kernel.bundle import Bundle
from comity.kernel.cover import Cover, CoverKind, SignedCover
from comity.kernel.documents import LogKeys
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.kernel.keys import parse_key
from comity.services import envelope, recall
from comity.services.deliver import ANSWER_LIMIT, PREFIX, route
from comity.services.dossiers import newest
from comity.services.issue import own_view
from comity.services.ports import Reply, Unreachable
from comity.services.recall import Recollection
from comity.store.access import parties

if TYPE_CHECKING:
    from comity.services.keyring import LogSigners
    from comity.services.node import Node

MOST_PAGES = 4096
BODY = 4096
"""The most bytes of a question."""


def ask(node: Node, peer: PartyId, signers: LogSigners) -> Recollection:
    """Ask ``peer`` for everything it remembers beyond what the database holds.

    ``signers`` are those of the next log. Raises Unreachable or Refusal. This is the port that
    ``restore`` takes as ``recollect``.
    """
    url = route(node, peer)
    if url is None:
        raise Unreachable("No address of this party is known.")
    opener = seal.SecretOpener(node.ports.random.bytes(32))
    since = {str(row.log): row.size for row in parties.logs(node.db)}
    question: dict[str, object] = {
        "keys": signers.public.to_object(),
        "hpke": opener.key,
        "since": since,
    }
    bundles: list[Bundle] = []
    more = True
    while more and len(bundles) < MOST_PAGES:
        body = orjson.dumps({**question, "page": len(bundles)})
        data = cover.frame(_cover(node, peer, signers, body), body)
        reply = node.ports.transport.send(f"{url}{PREFIX}/recall", data, limit=ANSWER_LIMIT)
        if reply.status != 200 or not reply.body:
            raise Refusal("T13", f"The other node answered with status {reply.status}.", peer)
        more = reply.body[0] == 1
        plain = seal.open_sealed(
            reply.body[1:],
            seal.hpke_key_id(opener.key),
            {seal.hpke_key_id(opener.key): opener},
            sender=peer,
            recipient=node.me,
        )
        bundles.append(bundle.parse(plain))
    return Recollection(peer, node.me, tuple(bundles))


def _cover(node: Node, peer: PartyId, signers: LogSigners, body: bytes) -> SignedCover:
    view = own_view(node)
    made = Cover(
        sender=node.me,
        recipient=peer,
        created=node.now(),
        nonce=node.ports.random.bytes(32).hex(),
        kind=CoverKind.RECALL,
        doc=view.id,
        log=view.current_log + 1,
        hash=hashlib.sha256(body).hexdigest(),
        size=len(body),
    )
    return cover.build(made, signers.act)


def answer(node: Node, signed: SignedCover, body: bytes) -> Reply:
    """Answer a party that lost its memory. Raises Refusal."""
    if len(body) > BODY:
        raise Refusal("T7", f"The question has more than {BODY} bytes.")
    envelope.require_body(signed, body)
    cover.require_recipient(signed.cover, node.me)
    cover.require_recent(signed.cover, node.now())
    of = signed.cover.sender
    keys, hpke, since, page = _read(body)
    view = newest(node, of)
    row = parties.party(node.db, of)
    if view is None or row is None:
        raise Refusal("T4", "This node does not know the sender.", of)
    if row.frozen:
        raise Refusal("T12", row.frozen, of)
    if keys.hash != view.next:
        raise Refusal("T1", "These keys are not those that the sender's document announces.", of)
    cover.verify(signed, keys.act)
    envelope.require_once(node, signed)
    bundles = recall.remember(node, of=of, since=since).bundles
    if page >= len(bundles):
        raise Refusal("T9", "There are no more pages.", of)
    sealed = seal.seal(bundles[page].to_bytes(), hpke, node.me, of)
    return Reply(200, bytes([page + 1 < len(bundles)]) + sealed)


def _read(body: bytes) -> tuple[LogKeys, seal.HPKEKey, dict[int, int], int]:
    try:
        value = orjson.loads(body)
        keys = value["keys"]
        since = {int(log): int(seq) for log, seq in value["since"].items()}
        return (
            LogKeys(*(parse_key(keys[name]) for name in ("act", "checkpoint", "witness"))),
            seal.parse_hpke_key(value["hpke"]),
            since,
            max(0, int(value["page"])),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refusal("T10", "The question has not the form of this wire version.") from error
