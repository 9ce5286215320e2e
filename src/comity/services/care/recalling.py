"""Asking a peer over the wire what it remembers, and answering.

Who lost its memory has no key that peers know: the old log is closed by a document that is not
written yet. It signs the question with the keys of the next log, which its newest document
announced by their hash, and so the peer knows who asks. ::

    POST recall    cover of kind "recall", signed by the next act key; its body is JSON:
                   {"keys": {act, checkpoint, witness}, "hpke": key, "since": {log: seq}, "page": n}
    answer         one octet, 1 when there are more pages, then a bundle sealed for ``hpke``

Who lost everything does not even know its own id. Then the hash of the keys stands for it, in the
cover and in the sealing, as sender and as recipient; the peer knows whose document announces it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from comity.kernel import bundle, cover, documents, seal
from comity.kernel.bundle import Bundle
from comity.kernel.cover import Cover, CoverKind, SignedCover
from comity.kernel.documents import LogKeys
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.keys import parse_key
from comity.services.care import recall
from comity.services.care.recall import Recollection
from comity.services.casework.dossiers import newest
from comity.services.casework.issue import own_view
from comity.services.delivery import envelope
from comity.services.delivery.deliver import ANSWER_LIMIT, PREFIX, route
from comity.services.ports import Reply, Unreachable
from comity.store.access import parties

if TYPE_CHECKING:
    from comity.services.identity.keyring import LogSigners
    from comity.services.node import Node
    from comity.services.ports import Ports

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
    view = own_view(node)
    since = {str(row.log): row.size for row in parties.logs(node.db)}
    asker = _Asker(node.ports, signers, node.me, peer, view.id, view.current_log + 1)
    return Recollection(peer, node.me, tuple(asker.ask(url, since)))


def find(ports: Ports, url: str, signers: LogSigners) -> Recollection:
    """Ask the node at ``url`` for everything it remembers of the party that announced the keys of
    ``signers``, whoever that is. Raises Unreachable, or Refusal T10 or T13.
    """
    nobody = PartyId(signers.public.hash)
    asker = _Asker(ports, signers, nobody, nobody, Id(nobody), 1)
    bundles = tuple(asker.ask(url.rstrip("/"), {}))
    # A recollection begins with the documents of the party, and then of the peer itself.
    first = [e.id for e in bundles[0].documents if documents.predecessor(e) is None]
    if len(first) < 2:
        raise Refusal("T10", "The answer holds no documents of two parties.", url)
    return Recollection(PartyId(first[1]), PartyId(first[0]), bundles)


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who asks whom, as it stands in the cover, under which document and for which log."""

    ports: Ports
    signers: LogSigners
    sender: PartyId
    recipient: PartyId
    doc: Id
    log: int

    def ask(self, url: str, since: dict[str, int]) -> Iterator[Bundle]:
        """Yield the pages of the answer."""
        opener = seal.SecretOpener(self.ports.random.bytes(32))
        question = {"keys": self.signers.public.to_object(), "hpke": opener.key, "since": since}
        for page in range(MOST_PAGES):
            body = orjson.dumps({**question, "page": page})
            data = cover.frame(self._cover(body), body)
            reply = self.ports.transport.send(f"{url}{PREFIX}/recall", data, limit=ANSWER_LIMIT)
            if reply.status != 200 or not reply.body:
                raise Refusal("T13", f"The other node answered with status {reply.status}.", url)
            plain = seal.open_sealed(
                reply.body[1:],
                seal.hpke_key_id(opener.key),
                {seal.hpke_key_id(opener.key): opener},
                sender=self.recipient,
                recipient=self.sender,
            )
            yield bundle.parse(plain)
            if reply.body[0] != 1:
                break

    def _cover(self, body: bytes) -> SignedCover:
        made = Cover(
            sender=self.sender,
            recipient=self.recipient,
            created=self.ports.clock.now(),
            nonce=self.ports.random.bytes(32).hex(),
            kind=CoverKind.RECALL,
            doc=self.doc,
            log=self.log,
            hash=hashlib.sha256(body).hexdigest(),
            size=len(body),
        )
        return cover.build(made, self.signers.act)


def answer(node: Node, signed: SignedCover, body: bytes) -> Reply:
    """Answer a party that lost its memory. Raises Refusal."""
    if len(body) > BODY:
        raise Refusal("T7", f"The question has more than {BODY} bytes.")
    envelope.require_body(signed, body)
    cover.require_recent(signed.cover, node.now())
    asker = signed.cover.sender
    keys, hpke, since, page = _read(body)
    is_nobody = asker == keys.hash
    me = PartyId(asker) if is_nobody else node.me
    cover.require_recipient(signed.cover, me)
    of = _announcer(node, keys) if is_nobody else asker
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
    sealed = seal.seal(bundles[page].to_bytes(), hpke, me, asker)
    return Reply(200, bytes([page + 1 < len(bundles)]) + sealed)


def _announcer(node: Node, keys: LogKeys) -> PartyId:
    """Return the party whose newest document announces these keys. Raises Refusal T4.

    The hash stands in a public document and can be copied into that of another party: who asks
    must not be told that it is that one, whose root keys are not its own.
    """
    views = (node.documents.get(Id(row.doc)) for row in parties.parties(node.db))
    found = [view.party for view in views if view is not None and view.next == keys.hash]
    if len(found) > 1:
        reason = "Documents of several parties announce these keys; ask for a file of your own."
        raise Refusal("T4", reason, keys.hash)
    if not found:
        raise Refusal("T4", "No document known here announces these keys.", keys.hash)
    return found[0]


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
