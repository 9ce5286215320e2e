"""What goes into a bundle: acts with the content their recipient may have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from comity.kernel import act as acts
from comity.kernel import blob, label
from comity.kernel.audience import PartRange, may_have, ranges_of
from comity.kernel.blob import BlobRef
from comity.kernel.bundle import INLINE_LIMIT, Carried, read_carried
from comity.kernel.content import SALT_SIZE, Part
from comity.kernel.ids import Id, PartyId
from comity.kernel.label import Allow, Audience, Kind, Label, Reader
from comity.kernel.seal import PLAINTEXT_LIMIT
from comity.services.casework import content, dossiers, erasure, giving, translations
from comity.store.access import acts as access
from comity.store.access import blobs as access_blobs
from comity.store.access import parties
from comity.store.append import blobs
from comity.store.append.log import lock
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.act import Act
    from comity.kernel.content import Commitment
    from comity.kernel.dossier import Dossier
    from comity.kernel.fold import State
    from comity.kernel.graph import Node as GraphNode
    from comity.services.node import Node
    from comity.store.access.acts import PartHeld


def carry(node: Node, act_id: str, recipient: PartyId) -> Carried | None:
    """Return an act as it goes to ``recipient``, or None when it is not here any more."""
    return Carrier(node, recipient, [act_id]).carry(act_id)


class Carrier:
    """Acts as they go to one recipient; what many of them need is read at once.

    Content goes only to members of the act or to whom it was released, where the protocol gives it
    to them now, and where the one table lets its label out to that party's node; everyone else gets
    the header.
    """

    def __init__(self, node: Node, recipient: PartyId, ids: Sequence[str]) -> None:
        """Read the acts ``ids``, and the content of as many as one bundle has room for."""
        self._node = node
        self._recipient = recipient
        self._dossiers: dict[Id, Dossier] = {}
        self._states: dict[Id, State] = {}
        self._acts = access.acts_among(node.db, ids)
        self._waiting = access.pending_among(node.db, [i for i in ids if i not in self._acts])
        self._accredited = bool(self._acts) and _is_accredited(node, recipient)
        self._parts = access.parts_among(node.db, self._first([i for i in ids if i in self._acts]))

    def _first(self, ids: Sequence[str]) -> list[str]:
        """Return the first acts of which all content is here, as many as a bundle could hold."""
        chosen, left = list[str](), PLAINTEXT_LIMIT
        for id_ in ids:
            row = self._acts[id_]
            size = _inline_size(acts.read_header(row.header).content) if row.whole else 0
            if 0 < size <= INLINE_LIMIT:
                left -= size
                if left < 0:
                    break
                chosen.append(id_)
        return chosen

    def carry(self, act_id: str) -> Carried | None:
        """Return one of the acts as it goes, or None when it is not here any more."""
        row = self._acts.get(act_id)
        if row is None:
            # An own join may have been signed ahead of its ancestors.
            own = self._waiting.get(act_id)
            return None if own is None or own.via != self._node.me else read_carried(own.item)
        act = dossiers.stored_act(self._node, row)
        if not row.whole:
            return Carried(act)
        with self._node.lock:
            dossier = self._load(act.dossier)
            placed = dossier.graph.nodes[act.id]
            state, accredited = self._state(dossier), self._accredited
            if not _may_have(dossier, state, placed, self._recipient, accredited=accredited):
                return Carried(act)
            return self._with_content(dossier, act)

    def _load(self, id_: Id) -> Dossier:
        """Return a dossier that is known to hold an act asked for; later acts may be missing."""
        if id_ not in self._dossiers:
            self._dossiers[id_] = dossiers.load(self._node, id_)
        return self._dossiers[id_]

    def _state(self, dossier: Dossier) -> State:
        """Return what a dossier adds up to without what is disowned, looked up once."""
        if dossier.id not in self._states:
            self._states[dossier.id] = dossiers.shown(self._node, dossier)
        return self._states[dossier.id]

    def _with_content(self, dossier: Dossier, act: Act) -> Carried:
        node, header, recipient = self._node, act.header, self._recipient
        read = self._parts.get(act.id)
        sizes = access.part_sizes(node.db, act.id) if read is None else _sizes(read)
        audience = ranges_of(header)
        placed = dossier.graph.nodes[act.id]
        members = dossier.members.of(placed)
        if translations.is_for(dossier, self._state(dossier), placed, recipient):
            members |= {recipient}
        # What its author erased is passed on by nobody, also where it is held still.
        gone = erasure.withdrawn(dossier, self._state(dossier), act.id)
        held = [(idx, size) for idx, size, is_held in sizes if is_held and idx not in gone]
        given = {
            idx
            for idx, _ in held
            if may_have(audience, idx, recipient, author=header.party, members=members)
        }
        withheld = {idx for idx, _, _ in sizes} - given
        if read is None and withheld:
            read = access.parts(node.db, act.id)
        leaves = tuple((row.idx, row.leaf) for row in read or () if row.idx in withheld)
        if sum(size + SALT_SIZE for idx, size, _ in sizes if idx in given) <= INLINE_LIMIT:
            return Carried(act, self._inline(act.id, given), leaves)
        refs = _blobs(node, act, audience, held)
        if refs is None:
            return self._with_content(dossiers.load(node, act.dossier), act)
        named = tuple(ref for ref in refs if ref.first in given)
        with writing(node.db):
            blobs.let_fetch(node.db, node.me, [ref.hash for ref in named], [recipient])
        return Carried(act, (), leaves, named, () if node.host is None else (node.host,))

    def _inline(self, act: Id, given: set[int]) -> tuple[Part, ...]:
        rows = self._parts.get(act)
        held = (
            content.read_parts(self._node, act)
            if rows is None
            else (content.held_part(self._node, row) for row in rows)
        )
        return tuple(part for part in held if part is not None and part.index in given)


def may_have_content(node: Node, dossier: Dossier, placed: GraphNode, recipient: PartyId) -> bool:
    """Say whether the node of ``recipient`` is given the content of an act at all."""
    state, accredited = dossiers.shown(node, dossier), _is_accredited(node, recipient)
    return _may_have(dossier, state, placed, recipient, accredited=accredited)


def _may_have(
    dossier: Dossier, state: State, placed: GraphNode, recipient: PartyId, *, accredited: bool
) -> bool:
    """As above; by the ``state`` shown: what its author's documents disown releases nothing."""
    header = placed.header
    if not translations.is_for(dossier, state, placed, recipient):
        return False
    if not giving.is_given(dossier, state, placed, recipient):
        return False
    reader = Reader(recipient, Kind.MACHINE, accredited=accredited)
    holding = Label(header.tlp, header.pap or label.PAP.CLEAR, frozenset({dossier.id}))
    verdict = label.carry(holding, reader, {dossier.id: audience_of(dossier)})
    return isinstance(verdict, Allow)


def _is_accredited(node: Node, party: PartyId) -> bool:
    row = parties.party(node.db, party)
    return row is not None and row.accredited_at is not None


def _inline_size(commitment: Commitment) -> int:
    return commitment.size + SALT_SIZE * commitment.parts


def _sizes(rows: Sequence[PartHeld]) -> list[tuple[int, int, bool]]:
    return [(row.idx, row.size, row.salt is not None) for row in rows]


def audience_of(dossier: Dossier) -> Audience:
    """Return who stands behind a dossier, for the table of labels."""
    charter = dossier.charter
    return Audience(
        members=dossier.members.now(),
        ceiling=charter.ceiling,
        readers=frozenset(charter.readers),
        growth=charter.growth,
    )


def _blobs(
    node: Node, act: Act, audience: tuple[PartRange, ...], sizes: list[tuple[int, int]]
) -> list[BlobRef] | None:
    """Return the blobs of an act's content, made once for all who may have the same parts.

    None when some of it was erased while they were made: then none of them is kept.
    """
    made, wanted = access_blobs.out_blobs(node.db, act.id), {idx for idx, _ in sizes}
    covered = {idx for row in made for idx in range(row.first, row.last + 1)}
    if covered == wanted and all((node.spool / row.hash).exists() for row in made):
        return [BlobRef(Id(r.hash), r.size, r.key, r.first, r.last, act.id) for r in made]
    # Without its file, as after a restore, or with parts that were erased meanwhile, a blob is made
    # anew, under another key.
    refs, stale = [], [row.hash for row in made]
    for first, chunk in _runs(audience, sizes):
        for indices in blob.plan(chunk, first):
            parts = list(content.read_parts(node, act.id, indices[0], indices[-1]))
            if len(parts) == len(indices):
                refs.append(_make_blob(node, act.id, parts))
    with writing(node.db):
        # Who erases holds it too, and takes back what was committed before.
        lock(node.db, "spool")
        right = _given(node, act) == wanted
        if right:
            blobs.mark_gone(node.db, stale)
            for ref in refs:
                blobs.insert_out_blob(node.db, ref, node.now())
    for hash_ in stale if right else [ref.hash for ref in refs]:
        (node.spool / hash_).unlink(missing_ok=True)
    return refs if right else None


def _given(node: Node, act: Act) -> set[int]:
    """Return the parts of an act that are held and that its author did not erase."""
    dossier = dossiers.load(node, act.dossier)
    gone = erasure.withdrawn(dossier, dossiers.shown(node, dossier), act.id)
    return {idx for idx, _, held in access.part_sizes(node.db, act.id) if held} - gone


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
