"""What arrives beside acts: content, receipts, checkpoints and refusals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from comity.kernel import checkpoint, dsse, merkle, statement
from comity.kernel.audience import may_have, ranges_of
from comity.kernel.blob import RECORD_HEAD, TAG_SIZE
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.services import quota
from comity.services.casework import dossiers, erasure
from comity.services.casework.content import part_row
from comity.services.casework.dossiers import newest
from comity.services.proof import equivocation
from comity.store.access import acts as access
from comity.store.access import blobs as access_blobs
from comity.store.access import parties as access_parties
from comity.store.access import space
from comity.store.append import acts as append
from comity.store.append import blobs, outbox
from comity.store.append.acts import PartRow
from comity.store.append.log import insert_checkpoint, insert_statement
from comity.store.append.parties import count_refusal
from comity.store.append.space import counting, give_back
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.act import Act
    from comity.kernel.bundle import Carried
    from comity.kernel.content import Part
    from comity.services.node import Node


def take_content(node: Node, via: PartyId, item: Carried, *, is_new: bool) -> tuple[bool, int]:
    """Keep what came of an act's content; return whether all that is meant for this party is held,
    and how many bytes of it are to be counted against its author.

    Nothing is kept that does not match the commitment. ``is_new`` says that the act came with it,
    so that nothing was held before: then the caller counts the bytes, many acts' at once. Within a
    write transaction; the caller marks the act whole.
    Raises Refusal K15, or T5 beyond the sender's share of the disk.
    """
    act = item.act
    if not (item.parts or item.leaves or item.blobs):
        # An own join waits with its content here; it is carried without.
        return act.header.party == node.me and settle_content(node, act, via), 0
    leaves = _require_cover(item)
    if item.blobs:
        return _announce(node, via, item), 0
    if merkle.root(leaves).hex() != act.header.content.hash:
        raise _mismatch()
    lacking = _is_lacking(node, act, [index for index, _ in item.leaves])
    if lacking and not is_new and _has_begun(node, act.id):
        # A relay that was given less than this party must not undo what its author sends.
        return False, 0
    if is_new:
        _insert(node, item)
        return not lacking, inline_size(item)
    with counting(node.db, act.id):
        _forget(node, act.id)
        _insert(node, item)
    return not lacking, 0


def _has_begun(node: Node, act: Id) -> bool:
    return bool(access_blobs.announced_blobs(node.db, act) or access.part_sizes(node.db, act))


def inline_size(item: Carried) -> int:
    """Return the bytes of content that came inside the bundle."""
    return sum(len(part.data) for part in item.parts)


def _require_cover(item: Carried) -> list[bytes]:
    """Return the leaves of what came inline, by index. Raises Refusal K15 unless parts, leaves and
    blobs together can be the content, each part once and none larger than was said.
    """
    commitment = item.act.header.content
    found = {part.index: part.leaf for part in item.parts} | dict(item.leaves)
    twice = len(found) < len(item.parts) + len(item.leaves)
    outside = any(index >= commitment.parts for index in found)
    outside |= any(ref.last >= commitment.parts for ref in item.blobs)
    sealed = sum(ref.size - TAG_SIZE for ref in item.blobs)
    large = sealed > commitment.size + RECORD_HEAD * commitment.parts
    large |= inline_size(item) > commitment.size
    lying = not item.leaves and inline_size(item) != commitment.size
    if twice or outside or large or (not item.blobs and (len(found) != commitment.parts or lying)):
        raise _mismatch()
    return [found[index] for index in sorted(found)]


def _mismatch() -> Refusal:
    return Refusal("K15", "The content that came is not what the act commits to.")


def _announce(node: Node, via: PartyId, item: Carried) -> bool:
    """Remember blobs to fetch; who announces others for the same act must be its author, or come
    after a source that failed.
    """
    act = item.act
    if via != act.header.party and access_blobs.is_under_way(node.db, act.id):
        # Not even the same blobs: it could have them asked for where they will never be given.
        return False
    fresh = {ref.hash for ref in item.blobs} != access_blobs.announced_blobs(node.db, act.id)
    if fresh:
        _require_share(node, via, item)
    with counting(node.db, act.id):
        if fresh:
            _forget(node, act.id)
            _insert(node, item, via)
        for ref in item.blobs:
            blobs.insert_in_blob(node.db, ref, via, item.sources)
    return settle_content(node, act, via)


def _require_share(node: Node, via: PartyId, item: Carried) -> None:
    """Raise Refusal T5 unless what is announced has room in two shares.

    Until it is compared with the commitment it counts against who announces it: nobody is to be
    filled up by bytes that it did not commit to. Then it counts against its author, as if it had
    come inside the bundle.
    """
    act, author = item.act.id, item.act.header.party
    size = sum(ref.size for ref in item.blobs) + inline_size(item)
    before = space.of_content(node.db, act)
    quota.require_share(node, via, size - before[via])
    coming = space.unsettled(node.db, author, act)
    quota.require_share(node, author, size - before[author] + coming)


def _insert(node: Node, item: Carried, via: str = "") -> None:
    rows = [part_row(node.parts, part) for part in item.parts]
    rows += [PartRow(index, leaf, None, None, "", 0) for index, leaf in item.leaves]
    append.insert_parts(node.db, item.act.id, rows, via=via)


def _is_lacking(node: Node, act: Act, indices: list[int]) -> bool:
    """Say whether a part that this party may have, and its author did not erase, is among those it
    was not given. Of content that was erased whole there is nothing to have.
    """
    mine = _for_me(node, act, indices)
    gone = _withdrawn(node, act) if mine else frozenset[int]()
    return bool(mine - gone) or len(gone) == act.header.content.parts


def _withdrawn(node: Node, act: Act) -> frozenset[int]:
    try:
        dossier = dossiers.load(node, act.dossier)
    except Refusal:
        return frozenset()  # The dossier is being joined; what was said there comes with it.
    return erasure.withdrawn(dossier, dossiers.shown(node, dossier), act.id)


def _for_me(node: Node, act: Act, indices: Iterable[int]) -> set[int]:
    """Return those of ``indices`` whose parts are for this party."""
    header = act.header
    audience = ranges_of(header)
    members = {node.me}
    return {
        idx
        for idx in indices
        if may_have(audience, idx, node.me, author=header.party, members=members)
    }


def forget_content(node: Node, act: Id) -> None:
    """Drop what is held and announced of an act's content, and the files nothing else needs."""
    with counting(node.db, act):
        _forget(node, act)


def _forget(node: Node, act: Id) -> None:
    paths = {row.path for row in access.parts(node.db, act) if row.path}
    append.drop_parts(node.db, act)
    blobs.delete_in_blobs(node.db, act)
    for path in paths:
        if not access.has_part_file(node.db, path):
            (node.parts / path).unlink(missing_ok=True)


def settle_content(node: Node, act: Act, via: PartyId) -> bool:
    """Verify an act's content once nothing of it is under way; say whether it is whole.

    What does not match the commitment is dropped and counted against ``via``.
    """
    if access_blobs.in_blobs(node.db, act=act.id):
        return False
    held = access.parts(node.db, act.id)
    commitment = act.header.content
    if [row.idx for row in held] != list(range(commitment.parts)):
        return False
    lacking = [row.idx for row in held if row.salt is None]
    lying = not lacking and sum(row.size for row in held) != commitment.size
    if lying or merkle.root(row.leaf for row in held).hex() != commitment.hash:
        forget_content(node, act.id)
        reason = _mismatch().reason
        count_refusal(node.db, rule="K15", peer=via, reason=reason, now=node.now())
        return False
    with counting(node.db, act.id):
        append.mark_compared(node.db, act.id)
    if _is_lacking(node, act, lacking):
        return False
    append.mark_whole(node.db, act.id)
    return True


def meant(node: Node, item: Carried) -> Carried:
    """Return an act with those of its parts that are for this party, and the leaves of the others:
    what a relay should not have passed on is not even kept waiting here. Raises Refusal K4.
    """
    mine = _for_me(node, item.act, [part.index for part in item.parts])
    others = [part for part in item.parts if part.index not in mine]
    if not others:
        return item
    return item._replace(
        parts=tuple(part for part in item.parts if part.index in mine),
        leaves=(*item.leaves, *((part.index, part.leaf) for part in others)),
    )


def rows_of(node: Node, act: Act, parts: Sequence[Part]) -> list[PartRow]:
    """Return the rows of parts that came in a blob, of those that are not for this party without
    their data.
    """
    mine = _for_me(node, act, [part.index for part in parts])
    return [
        part_row(node.parts, part)
        if part.index in mine
        else PartRow(part.index, part.leaf, None, None, "", 0)
        for part in parts
    ]


def take_receipt(node: Node, sender: PartyId, envelope: dsse.Envelope) -> None:
    """Keep a receipt addressed to this party, and note what it says. Raises Refusal."""
    receipt = statement.read_receipt(envelope)
    if receipt.to != node.me or receipt.head.party != sender:
        raise Refusal("T2", "A receipt goes from who holds the acts to who sent them.", envelope.id)
    view = node.documents.get(receipt.head.doc)
    if view is None:
        raise Refusal("K6", "The receipt rests on a document that is not held here.", envelope.id)
    statement.verify(envelope, receipt.head, view)
    head, whole, data = receipt.head, set(receipt.whole), envelope.to_bytes()
    with writing(node.db):
        if access_parties.statement(node.db, envelope.id) is None:
            quota.take_space(node, sender, len(data))
            kept = insert_statement(
                node.db,
                id_=envelope.id,
                kind="receipt",
                place=(head.party, head.log, head.seq),
                to=receipt.to,
                envelope=data,
            )
            if not kept:
                give_back(node.db, [(sender, len(data))])  # It came twice at once.
        equivocation.note_place(node, head.party, head.log, [head.seq])
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
    held = access_parties.newest_checkpoint(node.db, tree.origin)
    if held is not None and held.note == text:
        return
    party, log = checkpoint.parse_origin(tree.origin)
    view = newest(node, party)
    entry = None if view is None else view.logs.get(log)
    if entry is None:
        return
    checkpoint.verify_log(cosigned, checkpoint.log_key(party, log, entry.keys.checkpoint))
    other = access_parties.other_checkpoint(node.db, tree.origin, tree.size, tree.root.hex())
    if other is not None:
        with writing(node.db):
            equivocation.keep_trees(node, party, log, tree, (other, text))
        raise Refusal("W6", "Two checkpoints of one size differ.", tree.origin)
    if held is None or held.size < tree.size:
        with writing(node.db):
            quota.take_space(node, party, len(text))
            kept = insert_checkpoint(
                node.db,
                origin=tree.origin,
                size=tree.size,
                root=tree.root.hex(),
                note=text,
                at=node.now(),
            )
            if not kept:
                give_back(node.db, [(party, len(text))])


def take_refusal(node: Node, sender: PartyId, refusal: dict[str, str]) -> None:
    """Note that a peer refused something of ours for good; what may go later stays queued."""
    if refusal["retry"] == "never":
        with writing(node.db):
            outbox.mark_refused(
                node.db, sender, refusal["subject"], f"{refusal['rule']}: {refusal['reason']}"
            )
