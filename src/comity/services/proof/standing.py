"""How strong the evidence for an act is, as far as this node has verified it (KERNEL "Documents").

It is computed when it is asked for, from what is held here, and stored nowhere. Of an own act that
is the own log, its checkpoints and the cosignatures on them. Of any act it is the proofs that acts
of kind ``evidence`` in its dossier carry, each verified when it was admitted. Nobody is asked for
anything: where neither says something, the place of another's act is *not checked here*.

Enough witnesses are those of the charter, where it names some, or those whom this node named for
itself; how they count says ``kernel.quorum``.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from comity.kernel import checkpoint, kinds, proof, quorum
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.keys import Key
from comity.kernel.merkle import TreeHead
from comity.kernel.quorum import Seen
from comity.kernel.standing import Proof, Standing
from comity.kernel.standing import standing as rung_of
from comity.services.casework import dossiers
from comity.services.proof import witnessing
from comity.store import subtrees
from comity.store.access import acts as access
from comity.store.access import parties, proofs

if TYPE_CHECKING:
    from comity.kernel.act import Header
    from comity.kernel.documents import LogKeys, View
    from comity.kernel.dossier import Dossier
    from comity.kernel.timeproof import Proved
    from comity.services.node import Node


@dataclass(frozen=True, slots=True)
class ActStanding:
    """How an act stands, to this node.

    ``rung`` is its standing. ``checked`` says whether anything here tells of its place, entry
    ``seq`` of its author's log number ``log``; without, ``plain`` means that it is signed, and that
    no more was looked at. ``size`` is that of the smallest tree it is verified to be in, None for
    none. ``cosigned`` are (party, time in ms) of those who signed such a tree, the first signature
    of each; ``time`` when enough witnesses had, or None.
    """

    rung: Standing
    checked: bool
    log: int
    seq: int
    size: int | None
    cosigned: tuple[tuple[PartyId, int], ...]
    time: int | None


class _Tree(NamedTuple):
    """A tree that the act, or ``other`` in its place, is verified to be in, and who signed it."""

    head: TreeHead
    seen: tuple[Seen, ...]
    other: bool = False


_Carried: TypeAlias = "dict[tuple[LogKeys, int], list[tuple[Id, _Tree]]]"


def of(node: Node, act_id: str) -> ActStanding:
    """Return how one act stands. Raises Refusal S3 or S8."""
    row = access.act(node.db, act_id)
    if row is None:
        raise Refusal("S3", "There is no such message here.", act_id)
    with node.lock:
        return Standings(node, dossiers.load(node, row.dossier)).of(Id(row.id))


class Standings:
    """How the acts of one dossier stand; what they have in common is looked up once.

    It is as of when it was made: make another for the next page.
    """

    def __init__(self, node: Node, dossier: Dossier) -> None:
        self._node = node
        self._dossier = dossier
        self._held = {row.log: row.size for row in parties.logs(node.db)}
        self._documents: Mapping[str, list[str]] | None = None
        self._own_tree = functools.cache(self._read_own_tree)
        self._closing = functools.cache(self._read_closing)
        self._carried = self._read_carried()
        charter, settings = dossier.charter.time, node.settings
        mine = frozenset(map(PartyId, settings.witnesses)) - {node.me}
        self._policies = [(mine, settings.quorum or len(mine))] if mine else []
        if charter is not None:
            self._policies.append((frozenset(charter.witnesses), charter.quorum))

    def of(self, act: Id) -> ActStanding:
        """Return how an act of the dossier stands."""
        header = self._dossier.graph.nodes[act].header
        trees = [*self._in_own_log(act, header), *self._shown(act, header)]
        mine = [tree for tree in trees if not tree.other]
        seen = [each for tree in mine for each in tree.seen]
        time = self._enough(seen, header.party)
        named = self._node.documents[header.doc]
        latest = self._latest(header.party) or named
        return ActStanding(
            rung_of(
                act,
                header.log,
                header.seq,
                named=named,
                latest=latest,
                proof=_rung(trees, mine, _end(named, latest, header.log), time),
            ),
            checked=header.party == self._node.me or bool(trees),
            log=header.log,
            seq=header.seq,
            size=min((tree.head.size for tree in mine), default=None),
            cosigned=_first(seen),
            time=time,
        )

    def _latest(self, party: PartyId) -> View | None:
        """Return the newest documents of an author, or of this party, or None."""
        if self._documents is None:
            # Of all authors at once: a page of a case of many shows acts of each.
            authors = {self._node.me, *self._dossier.graph.feeds}
            self._documents = parties.documents_of(self._node.db, authors)
        held = self._documents.get(party)
        return self._node.documents.get(Id(held[-1])) if held else None

    def _enough(self, seen: list[Seen], author: PartyId) -> int | None:
        """Return when enough witnesses had signed, by that policy which was satisfied first."""
        times = [
            quorum.count((s for s in seen if s.party in witnesses), log=author).time(wanted)
            for witnesses, wanted in self._policies
        ]
        return min((time for time in times if time is not None), default=None)

    def _in_own_log(self, act: Id, header: Header) -> Iterator[_Tree]:
        """Yield the trees of the own log that hold the act's place: the first, the first that
        enough signed, and the one it was closed with.
        """
        log, seq = header.log, header.seq
        leaf = parties.leaves(self._node.db, log, seq, seq + 1) if self._is_own(header) else []
        if not leaf:
            return
        other = leaf[0][0] != bytes.fromhex(act)
        sizes = [size for size in self._sizes(log, seq) if size is not None]
        for tree in [*map(functools.partial(self._own_tree, log), sizes), self._closing(log)]:
            if tree is not None and tree.head.size > seq:
                yield tree._replace(other=other)

    def _is_own(self, header: Header) -> bool:
        """Say whether a statement is of an own log: of that one, should another have its number."""
        latest = self._latest(self._node.me)
        entry = None if latest is None else latest.logs.get(header.log)
        return (
            header.party == self._node.me and entry is not None and entry.keys == self._keys(header)
        )

    def _keys(self, header: Header) -> LogKeys:
        """Return the keys of the log that a statement is in; no other log has the same."""
        return self._node.documents[header.doc].logs[header.log].keys

    def _shown(self, act: Id, header: Header) -> Iterator[_Tree]:
        """Yield the trees that acts of kind evidence showed to hold the act's place."""
        for about, tree in self._carried.get((self._keys(header), header.seq), ()):
            yield tree._replace(other=about != act)

    def _read_carried(self) -> _Carried:
        """Return the trees that acts of kind evidence showed, by log and place."""
        found: _Carried = {}
        nodes = self._dossier.graph.nodes
        for (kind, _), acts in self._dossier.graph.by_kind.items():
            for each in acts if kind == "evidence" else ():
                body = kinds.read_body(each.header)
                if isinstance(body, kinds.Evidence) and body.standard == kinds.TLOG_PROOF:
                    about = nodes[body.act].header
                    place = (self._keys(about), about.seq)
                    tree = _tree(body, self._dossier.proved(each.id))
                    found.setdefault(place, []).append((body.act, tree))
        return found

    def _sizes(self, log: int, seq: int) -> set[int | None]:
        origin, db = witnessing.own_origin(self._node, log), self._node.db
        first = parties.checkpoint_over(db, origin, seq + 1, cosigned=False)
        return {None if first is None else first.size} | {
            proofs.first_cosigned(db, origin, seq + 1, sorted(witnesses), wanted)
            for witnesses, wanted in self._policies
        }

    def _read_own_tree(self, log: int, size: int) -> _Tree | None:
        """Return the tree of an own checkpoint, if its leaves are held and lead to its root."""
        node, held = self._node, self._held.get(log, 0)
        origin = witnessing.own_origin(node, log)
        cosigned = witnessing.cosigned(node, origin, size) if size <= held else None
        if cosigned is None or subtrees.root_at(node.db, log, size) != cosigned.checkpoint.root:
            return None
        keys = [
            key
            for party, _, _ in parties.cosignatures(node.db, origin, size)
            for key in witnessing.witness_keys(node, PartyId(party))
        ]
        found = checkpoint.verify_cosignatures(cosigned, keys)
        seen = (Seen(c.time * 1000, _party(c.cosigner.name), c.cosigner.key) for c in found)
        return _Tree(cosigned.checkpoint.head, tuple(seen))

    def _read_closing(self, log: int) -> _Tree | None:
        """Return the tree with which an own log was closed, if it is held."""
        latest = self._latest(self._node.me)
        end = None if latest is None else _end(latest, latest, log)
        if end is None or end.size > self._held.get(log, 0):
            return None
        held = subtrees.root_at(self._node.db, log, end.size) == end.root
        return _Tree(end, ()) if held else None


def _rung(trees: list[_Tree], mine: list[_Tree], end: TreeHead | None, time: int | None) -> Proof:
    """Return the strongest evidence held: of a log that was closed, under the closing root."""
    if trees and not mine:
        return Proof.OTHER_LEAF
    if not mine or (end is not None and all(tree.head != end for tree in mine)):
        return Proof.NONE
    return Proof.INCLUDED if time is None else Proof.COSIGNED


def _end(named: View, latest: View, log: int) -> TreeHead | None:
    """Return the tree with which ``latest`` closes a log, if it does, and means the same log."""
    was, entry = named.logs.get(log), latest.logs.get(log)
    if was is None or entry is None or entry.closed is None or entry.keys != was.keys:
        return None
    return TreeHead(entry.closed.size, bytes.fromhex(entry.closed.root))


def _tree(body: kinds.Evidence, proved: tuple[Proved, ...]) -> _Tree:
    head = proof.parse(base64.b64decode(body.proof)).checkpoint.checkpoint.head
    return _Tree(head, tuple(Seen(p.time, PartyId(p.by[0]), Key(p.by[1])) for p in proved))


def _first(seen: list[Seen]) -> tuple[tuple[PartyId, int], ...]:
    """Return the first signature of each party, in order of time."""
    found: dict[PartyId, int] = {}
    for time, party, _ in sorted(seen):
        found.setdefault(party, time)
    return tuple(found.items())


def _party(name: str) -> PartyId:
    return checkpoint.parse_witness_name(name)[0]
