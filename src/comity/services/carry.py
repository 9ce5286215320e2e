"""What goes into a bundle: acts with the content their recipient may have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from comity.kernel import blob, bundle, label
from comity.kernel.audience import PartRange, may_have, parse_audience
from comity.kernel.blob import BlobRef
from comity.kernel.bundle import INLINE_LIMIT, Carried
from comity.kernel.content import SALT_SIZE, Part
from comity.kernel.ids import Id, PartyId
from comity.kernel.label import Allow, Audience, Kind, Label, Reader
from comity.services import content, dossiers
from comity.store.access import acts as access
from comity.store.access import blobs as access_blobs
from comity.store.access import parties
from comity.store.append import blobs
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.act import Act
    from comity.kernel.dossier import Dossier
    from comity.kernel.graph import Node as GraphNode
    from comity.services.node import Node


def carry(node: Node, act_id: str, recipient: PartyId) -> Carried | None:
    """Return an act as it goes to ``recipient``, or None when it is not here any more.

    Content goes only to members of the act or to whom it was released, and only where the one
    table lets its label out to that party's node; everyone else gets the header.
    """
    row = access.act(node.db, act_id)
    if row is None:
        return _waiting(node, act_id)
    act = dossiers.stored_act(node, row)
    if not row.whole:
        return Carried(act)
    with node.lock:
        dossier = dossiers.load(node, act.dossier)
        if not may_have_content(node, dossier, dossier.graph.nodes[act.id], recipient):
            return Carried(act)
        return _with_content(node, dossier, act, recipient)


def _waiting(node: Node, act_id: str) -> Carried | None:
    """Return an own join that was signed ahead of its ancestors."""
    row = access.pending_act(node.db, act_id)
    return None if row is None or row.via != node.me else bundle.read_carried(row.item)


def may_have_content(node: Node, dossier: Dossier, placed: GraphNode, recipient: PartyId) -> bool:
    """Say whether the node of ``recipient`` is given the content of an act at all."""
    header = placed.header
    released = dossier.state.has("released", placed.id, recipient)
    if recipient not in dossier.members.of(placed) and not released:
        return False
    row = parties.party(node.db, recipient)
    reader = Reader(recipient, Kind.MACHINE, accredited=bool(row and row.accredited_at))
    holding = Label(header.tlp, header.pap or label.PAP.CLEAR, frozenset({dossier.id}))
    verdict = label.carry(holding, reader, {dossier.id: audience_of(dossier)})
    return isinstance(verdict, Allow)


def audience_of(dossier: Dossier) -> Audience:
    """Return who stands behind a dossier, for the table of labels."""
    charter = dossier.charter
    return Audience(
        members=dossier.members.now(),
        ceiling=charter.ceiling,
        readers=frozenset(charter.readers),
        growth=charter.growth,
    )


def _with_content(node: Node, dossier: Dossier, act: Act, recipient: PartyId) -> Carried:
    sizes = access.part_sizes(node.db, act.id)
    audience = parse_audience(act.header.body.get("audience"), act.header.content.parts)
    members = dossier.members.of(dossier.graph.nodes[act.id])
    if dossier.state.has("released", act.id, recipient):
        members |= {recipient}
    given = {
        idx
        for idx, _, held in sizes
        if held and may_have(audience, idx, recipient, author=act.header.party, members=members)
    }
    leaves = _leaves(node, act.id, {idx for idx, _, _ in sizes} - given)
    if sum(size + SALT_SIZE for idx, size, _ in sizes if idx in given) <= INLINE_LIMIT:
        parts = tuple(p for p in content.read_parts(node, act.id) if p.index in given)
        return Carried(act, parts, leaves)
    refs = _blobs(node, act.id, audience, [(i, size) for i, size, held in sizes if held])
    named = tuple(ref for ref in refs if ref.first in given)
    with writing(node.db):
        blobs.let_fetch(node.db, node.me, [ref.hash for ref in named], [recipient])
    return Carried(act, (), leaves, named, () if node.host is None else (node.host,))


def _leaves(node: Node, act: Id, indices: set[int]) -> tuple[tuple[int, bytes], ...]:
    if not indices:
        return ()
    return tuple((row.idx, row.leaf) for row in access.parts(node.db, act) if row.idx in indices)


def _blobs(
    node: Node, act: Id, audience: tuple[PartRange, ...], sizes: list[tuple[int, int]]
) -> list[BlobRef]:
    """Return the blobs of an act's content, made once for all who may have the same parts."""
    made = access_blobs.out_blobs(node.db, act)
    if made and all((node.spool / row.hash).exists() for row in made):
        return [BlobRef(Id(r.hash), r.size, r.key, r.first, r.last, act) for r in made]
    # Without its file, as after a restore, a blob is made anew, under another key.
    refs, stale = [], [row.hash for row in made]
    for first, chunk in _runs(audience, sizes):
        for indices in blob.plan(chunk, first):
            parts = list(content.read_parts(node, act, indices[0], indices[-1]))
            refs.append(_make_blob(node, act, parts))
    with writing(node.db):
        blobs.mark_gone(node.db, stale)
        for ref in refs:
            blobs.insert_out_blob(node.db, ref, node.now())
    return refs


def _make_blob(node: Node, act: Id, parts: list[Part]) -> BlobRef:
    ref, ciphertext = blob.encrypt(node.ports.random.bytes(32), parts, act)
    fresh = node.spool / f"{ref.hash}.new"
    fresh.write_bytes(ciphertext)
    fresh.replace(node.spool / ref.hash)
    return ref


def _runs(
    audience: tuple[PartRange, ...], sizes: list[tuple[int, int]]
) -> Iterable[tuple[int, list[int]]]:
    """Yield (first index, sizes) of adjacent parts that go to the same readers."""
    ranges = {
        idx: number for number, r in enumerate(audience) for idx in range(r.first, r.last + 1)
    }
    first, run, last = -1, list[int](), -1
    for idx, size in sizes:
        if run and (idx != last + 1 or ranges.get(idx) != ranges.get(last)):
            yield first, run
            run = []
        if not run:
            first = idx
        run.append(size)
        last = idx
    if run:
        yield first, run
