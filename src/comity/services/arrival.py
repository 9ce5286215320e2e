"""What arrives beside acts: content, receipts, checkpoints and refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel import checkpoint, dsse, merkle, statement
from comity.kernel.audience import may_have, parse_audience
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.services.content import part_row
from comity.services.dossiers import newest
from comity.store.access import acts as access
from comity.store.access import outbox as access_outbox
from comity.store.access import parties as access_parties
from comity.store.append import acts as append
from comity.store.append import outbox
from comity.store.append.acts import PartRow
from comity.store.append.log import insert_checkpoint, insert_statement
from comity.store.append.parties import count_refusal
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.act import Act
    from comity.kernel.bundle import Carried
    from comity.kernel.content import Part
    from comity.services.node import Node


def take_content(node: Node, via: PartyId, item: Carried) -> bool:
    """Keep what came of an act's content; say whether all that is meant for this party is held.

    Nothing is kept that does not match the commitment. Within a write transaction.
    """
    act = item.act
    row = access.act(node.db, act.id)
    if row is not None and row.whole:
        return True
    if not (item.parts or item.leaves or item.blobs):
        return False
    erased = {id_ for id_, _, _ in access.erasures(node.db)}
    if act.id in erased:
        return False
    rows = [part_row(node.parts, part) for part in item.parts]
    rows += [PartRow(index, leaf, None, None, "", 0) for index, leaf in item.leaves]
    append.insert_parts(node.db, act.id, rows)
    for ref in item.blobs:
        outbox.insert_in_blob(node.db, ref, via)
    return settle_content(node, act, via)


def settle_content(node: Node, act: Act, via: PartyId) -> bool:
    """Verify an act's content once nothing of it is under way; say whether it is whole.

    What does not match the commitment is dropped and counted against ``via``.
    """
    if access_outbox.in_blobs(node.db, act=act.id):
        return False
    held = access.parts(node.db, act.id)
    commitment = act.header.content
    indices = [row.idx for row in held]
    if indices != list(range(commitment.parts)):
        return False
    if merkle.root(row.leaf for row in held).hex() != commitment.hash:
        append.drop_parts(node.db, act.id)
        outbox.delete_in_blobs(node.db, act.id)
        reason = "The content that came is not what the act commits to."
        count_refusal(node.db, rule="K15", peer=via, reason=reason, now=node.now())
        return False
    audience = parse_audience(act.header.body.get("audience"), commitment.parts)
    lacking = [
        row.idx
        for row in held
        if row.salt is None
        and may_have(audience, row.idx, node.me, author=act.header.party, members={node.me})
    ]
    if lacking:
        return False
    append.mark_whole(node.db, act.id)
    return True


def rows_of(node: Node, parts: list[Part]) -> list[PartRow]:
    """Return the rows of parts that came in a blob."""
    return [part_row(node.parts, part) for part in parts]


def take_receipt(node: Node, sender: PartyId, envelope: dsse.Envelope) -> None:
    """Keep a receipt addressed to this party, and note what it says. Raises Refusal."""
    receipt = statement.read_receipt(envelope)
    if receipt.to != node.me or receipt.head.party != sender:
        raise Refusal("T2", "A receipt goes from who holds the acts to who sent them.", envelope.id)
    view = node.documents.get(receipt.head.doc)
    if view is None:
        raise Refusal("K6", "The receipt rests on a document that is not held here.", envelope.id)
    statement.verify(envelope, receipt.head, view)
    head, whole = receipt.head, set(receipt.whole)
    with writing(node.db):
        insert_statement(
            node.db,
            id_=envelope.id,
            kind="receipt",
            place=(head.party, head.log, head.seq),
            to=receipt.to,
            envelope=envelope.to_bytes(),
        )
        for state, ids in (
            ("whole", sorted(whole)),
            ("received", sorted(set(receipt.acts) - whole)),
        ):
            outbox.mark_received(
                node.db, sender, ids, state=state, receipt=envelope.id, now=node.now()
            )


def take_checkpoint(node: Node, text: str) -> None:
    """Keep the newest checkpoint of a known party's log. Raises Refusal W1, W2 or W6."""
    cosigned = checkpoint.parse(text.encode())
    tree = cosigned.checkpoint
    party, log = checkpoint.parse_origin(tree.origin)
    view = newest(node, party)
    entry = None if view is None else view.logs.get(log)
    if entry is None:
        return
    checkpoint.verify_log(cosigned, checkpoint.log_key(party, log, entry.keys.checkpoint))
    held = access_parties.newest_checkpoint(node.db, tree.origin)
    if held is not None and held.size == tree.size and held.root != tree.root.hex():
        raise Refusal("W6", "Two checkpoints of one size differ.", tree.origin)
    if held is None or held.size < tree.size:
        with writing(node.db):
            insert_checkpoint(
                node.db,
                origin=tree.origin,
                size=tree.size,
                root=tree.root.hex(),
                note=text,
                at=node.now(),
            )


def take_refusal(node: Node, sender: PartyId, refusal: dict[str, str]) -> None:
    """Note that a peer refused something of ours for good; what may go later stays queued."""
    if refusal["retry"] == "never":
        with writing(node.db):
            outbox.mark_refused(
                node.db, sender, refusal["subject"], f"{refusal['rule']}: {refusal['reason']}"
            )
