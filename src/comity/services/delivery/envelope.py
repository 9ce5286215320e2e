"""Covers and sealing: the outside of everything this node sends, and the check of what comes in.

Inbound, cheap refusals come first: size, a known sender, its quota; then the signature; then the
body. A cover is taken once.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from comity.kernel import bundle, cover, documents, seal
from comity.kernel.cover import Cover, CoverKind, SignedCover
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.kernel.seal import HPKEKey
from comity.services.casework.issue import own_view
from comity.services.identity.parties import node_document
from comity.store.access import parties
from comity.store.append.parties import take_nonce
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.bundle import Bundle
    from comity.kernel.canon import Object
    from comity.services.node import Node


def seal_for(node: Node, recipient: PartyId, what: Bundle) -> bytes:
    """Return a bundle sealed and covered for ``recipient``: the bytes that travel.

    Sealed when it is sent and not before, so that it is to the newest key known. Raises Refusal
    T4 when the recipient's node document is not held.
    """
    known = node_document(node, recipient)
    if known is None or not known.hpke:
        raise Refusal("T4", "No sealing key of this party is known here.", recipient)
    key = HPKEKey(known.hpke[0])
    sealed = seal.seal(what.to_bytes(), key, node.me, recipient)
    signed = _sign(node, recipient, CoverKind.BUNDLE, sealed, seal.hpke_key_id(key), {})
    return cover.frame(signed, sealed)


def request(
    node: Node, recipient: PartyId, kind: CoverKind, args: Object | None = None, body: bytes = b""
) -> bytes:
    """Return a signed request to ``recipient``, with its body if it has one."""
    return cover.frame(_sign(node, recipient, kind, body, None, args or {}), body)


def _sign(
    node: Node, to: PartyId, kind: CoverKind, body: bytes, key: str | None, args: Object
) -> SignedCover:
    view = own_view(node)
    log = view.current_log
    made = Cover(
        sender=node.me,
        recipient=to,
        created=node.now(),
        nonce=node.ports.random.bytes(32).hex(),
        kind=kind,
        doc=view.id,
        log=log,
        hash=hashlib.sha256(body).hexdigest() if body else None,
        size=len(body) if body else None,
        key=key,
        args=args,
    )
    return cover.build(made, node.keys.log(log).act)


def require_sender(node: Node, signed: SignedCover) -> None:
    """Require a cover to be signed by a known party that is not frozen.

    Raises Refusal T4 (unknown), T12 (frozen) or T1 (its signature).
    """
    row = parties.party(node.db, signed.cover.sender)
    if row is None:
        raise Refusal("T4", "This node does not know the sender.", signed.cover.sender)
    if row.frozen:
        raise Refusal("T12", row.frozen, signed.cover.sender)
    view = node.documents.get(signed.cover.doc)
    if view is None:
        # The sender has newer documents than this node; it sends them when it is told so.
        raise Refusal("T4", "The sender's newest document is not held here.", signed.cover.doc)
    if view.party != signed.cover.sender:
        raise Refusal("T1", "The document named is not the sender's.", signed.cover.doc)
    cover.verify(signed, documents.log_keys(view, signed.cover.log, 0).act)


def require_answer(node: Node, signed: SignedCover, asked: PartyId) -> None:
    """Require an answer's cover to be by the party that was asked. Raises Refusal T1."""
    if signed.cover.sender != asked:
        raise Refusal("T1", "The answer is by another party than was asked.", signed.cover.sender)
    require_sender(node, signed)


def require_once(node: Node, signed: SignedCover) -> None:
    """Raise Refusal T3 when this cover was taken before."""
    with writing(node.db):
        if not take_nonce(node.db, signed.cover.nonce, node.now()):
            raise Refusal("T3", "This cover was taken before.", signed.cover.nonce)


def require_body(signed: SignedCover, body: bytes) -> None:
    """Raise Refusal T7 unless ``body`` is the one the cover names."""
    cover.require_body(signed.cover, size=len(body), digest=hashlib.sha256(body).hexdigest())


def open_bundle(node: Node, signed: SignedCover, sealed: bytes) -> Bundle:
    """Return the bundle sealed in ``sealed``. Raises Refusal T2, T6, T7 or T10."""
    cover.require_recipient(signed.cover, node.me)
    require_body(signed, sealed)
    openers = {
        seal.hpke_key_id(opener.key): opener for opener in map(seal.SecretOpener, node.keys.hpke())
    }
    plain = seal.open_sealed(
        sealed,
        signed.cover.key or "",
        openers,
        sender=signed.cover.sender,
        recipient=node.me,
    )
    return bundle.parse(plain)


def split(framed: bytes) -> tuple[SignedCover, bytes]:
    """Return the cover and the body of bytes that travelled. Raises Refusal T1."""
    found = cover.split(framed)
    if found is None:
        raise Refusal("T1", "The message ends within its cover.")
    line, at = found
    return cover.parse(line), framed[at:]
