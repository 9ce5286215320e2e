"""Carrying objects on, from one circle into another: bytes, salts and signatures stay as they are.

Who forwards signs an act of its own in the circle it forwards to, and behind the objects puts their
provenance: the signed acts they came through. Nothing is signed again in anybody's place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel import dsse, provenance
from comity.kernel.act import read as read_act
from comity.kernel.chain import Chain
from comity.kernel.content import PART_LIMIT, STIX, Committer, Part
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.label import PAP, TLP, Audience, Kind, Label, Reader, Refuse, onward
from comity.kernel.provenance import Came, Provenance
from comity.protocols.sharing.circle import reading as said
from comity.protocols.sharing.circle.acts import MOST_HOPS, Forward
from comity.services.casework import dossiers
from comity.services.casework.content import Prepared, held_part
from comity.services.casework.issue import Draft, issue_within
from comity.services.identity.parties import documents_of
from comity.services.sharing import circles, shelving, sights
from comity.services.sharing.shelving import Item, Kept
from comity.services.sharing.sights import LEVELS
from comity.store.access import acts, objects
from comity.store.access import parties as access_parties
from comity.store.append.acts import PartRow
from comity.store.append.log import appending

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.services.casework.issue import Then
    from comity.services.node import Node
    from comity.store.access.acts import ActRow
    from comity.store.access.objects import HoldingRow, ShelfRow

KIND = Forward.KIND.kind


@dataclass(frozen=True, slots=True)
class _Source:
    """An object to be forwarded: its holding, the act that brought it, and its part there."""

    holding: HoldingRow
    act: Id
    part: Part


@dataclass(slots=True)
class Forwarded:
    """What came of forwarding: the acts signed, and why some holdings were not forwarded."""

    acts: list[Id] = field(default_factory=list)
    refused: list[tuple[int, Refusal]] = field(default_factory=list)


def forward(
    node: Node,
    dossier_id: str,
    added: Sequence[int],
    *,
    by: Object | None = None,
    then: Then | None = None,
) -> Forwarded:
    """Carry holdings on into the circle ``dossier_id``: one act for each label.

    Every source of each must allow it to every member there; of what may not go the refusal is
    returned, L1 to L6, and the others go. ``then`` is called with each act in the transaction that
    signs it. Raises Refusal as ``issue`` does.
    """
    shelf, done = circles.shelf_of(node, dossier_id), Forwarded()
    by_label: dict[TLP, list[_Source]] = defaultdict(list)
    for holding in objects.holdings(node.db, added):
        try:
            source = _source(node, holding)
            _require_onward(node, shelf, source)
        except Refusal as refusal:
            done.refused.append((holding.added, refusal))
        else:
            by_label[LEVELS[holding.tlp]].append(source)
    for label, sources in sorted(by_label.items(), key=lambda pair: pair[0].rank):
        done.acts.append(_sign(node, shelf, Draft(KIND, _body(by), tlp=label), sources, then))
    return done


def forward_one(
    node: Node, dossier_id: str, added: int, *, by: Object | None, then: Then | None = None
) -> Id:
    """As ``forward``, of one holding; raises its refusal, too, and S3 where it is not there."""
    done = forward(node, dossier_id, [added], by=by, then=then)
    if done.refused:
        raise done.refused[0][1]
    if not done.acts:
        raise Refusal("S3", "There is no such object here.")
    return done.acts[0]


def _body(by: Object | None) -> Object:
    return {} if by is None else {"by": by}


def why_not(node: Node, shelf: ShelfRow, added: int) -> Refusal | None:
    """Return why a holding may not be forwarded to a shelf, None where it may."""
    found = objects.holdings(node.db, [added])
    if not found:
        return Refusal("S3", "There is no such object here.")
    try:
        _require_onward(node, shelf, _source(node, found[0]))
    except Refusal as refusal:
        return refusal
    return None


def _source(node: Node, holding: HoldingRow) -> _Source:
    """Return a holding with its part. Raises Refusal S4 for what came from no act, S8 or S3."""
    if holding.state not in {objects.SHOWN, objects.DOUBLE}:
        raise Refusal("S3", "It was taken back, and is not carried on.")
    if holding.act is None:
        told = "It came from outside and nobody signed it. Publish it under your own name instead."
        raise Refusal("S4", told)
    act = objects.act_ids(node.db, [holding.act])[holding.act]
    rows = acts.parts(node.db, act, holding.part, holding.part)
    part = held_part(node, rows[0]) if rows else None
    if part is None:
        raise Refusal("S8", "Its bytes are not here any more.", act)
    return _Source(holding, Id(act), part)


def _require_onward(node: Node, shelf: ShelfRow, source: _Source) -> None:
    """Raise Refusal L1 to L6 unless every source of a holding lets it go to the members there."""
    tlp, ceiling = LEVELS[source.holding.tlp], TLP(shelf.ceiling)
    if ceiling < tlp:
        raise Refusal("X23", shelving.beyond(tlp, ceiling))
    names = dict(objects.source_sets(node.db))[source.holding.sources]
    label = Label(tlp, PAP.CLEAR, names)
    me = Reader(node.me, Kind.MACHINE, accredited=True)
    known = sights.audiences(node, {*names, shelf.source}, me)
    accredited = {
        row.id for row in access_parties.parties(node.db) if row.accredited_at is not None
    }
    readers = [
        Reader(party, Kind.MACHINE, accredited=party in accredited or party == node.me)
        for party in sorted(known[shelf.source].members)
    ]
    may = {name for name in names if name != shelf.source and _may(node, name, source)}
    widened = {
        name: _with_members(each, known[shelf.source].members) if name in may else each
        for name, each in known.items()
    }
    verdict = onward(label, shelf.source, readers, widened, may)
    if isinstance(verdict, Refuse):
        raise Refusal(verdict.rule, verdict.reason, verdict.source)


def _with_members(audience: Audience, members: frozenset[PartyId]) -> Audience:
    """Return an audience that a source widened by its leave to carry on."""
    return replace(audience, members=audience.members | members)


def _may(node: Node, name: str, source: _Source) -> bool:
    """Say whether a source lets this party carry on what is AMBER or stricter."""
    row = acts.act(node.db, source.act)
    if row is None or row.dossier != name:
        return False
    with node.lock:
        dossier = dossiers.load(node, name)
        state = dossiers.shown(node, dossier)
        held = said.batch(state, source.act)
        # What came through other hands is for its origin to permit, whom this state does not know.
        return not held.origins and said.may_forward(state, source.act, source.part.index, node.me)


def _sign(
    node: Node, shelf: ShelfRow, draft: Draft, sources: Sequence[_Source], then: Then | None
) -> Id:
    told, origins, hops = trace(node, [(each.act, each.part.index) for each in sources])
    parts = [Part(i, each.part.salt, each.part.data) for i, each in enumerate(sources)]
    random, data = node.ports.random, told.to_bytes()
    for first in range(0, len(data), PART_LIMIT):
        piece = data[first : first + PART_LIMIT]
        parts.append(Part(len(parts), random.bytes(32), piece))
    committer = Committer()
    for part in parts:
        committer.add(part)
    body = Forward(origins=origins, proofs=len(parts) - len(sources), hops=hops).to_body()
    draft = replace(draft, body={**body, **draft.body})
    rows = [PartRow(p.index, p.leaf, p.salt, p.data, "", len(p.data)) for p in parts]
    for row, source in zip(rows, sources, strict=False):
        rows[row.idx] = row._replace(data=None, object=source.holding.object)
    prepared = Prepared(committer.finish(STIX), rows)
    return _issue(node, shelf, _Ready(draft, prepared, sources), then)


class _Ready(NamedTuple):
    draft: Draft
    prepared: Prepared
    sources: Sequence[_Source]


def _issue(node: Node, shelf: ShelfRow, ready: _Ready, then: Then | None) -> Id:
    draft, prepared, sources = ready
    label = draft.tlp or circles.UNMARKED
    raws = {i: each.part.data for i, each in enumerate(sources)}
    read, _ = shelving.read_parts(raws, {})
    by_sources: dict[int, list[Item]] = defaultdict(list)
    for part, item in read:
        by_sources[sources[part].holding.sources].append(Item(part, item, label))
    names = dict(objects.source_sets(node.db))
    kept = {i: each.holding.object for i, each in enumerate(sources)}
    with node.lock:
        try:
            with appending(node.db, node.anchor) as writer:
                dossier = dossiers.load(node, shelf.source)
                act = issue_within(node, writer, dossier, draft, prepared)
                number = objects.act_numbers(node.db, [act.id])[act.id]
                for found, items in by_sources.items():
                    shelving.put(
                        node,
                        shelf,
                        items,
                        act=number,
                        kept=Kept(kept),
                        sources={*names[found], shelf.source},
                    )
                shelving.settled(node, number, len(prepared.rows))
                if then is not None:
                    then(act.id)
                return act.id
        except BaseException:
            dossiers.forget(node, shelf.source)
            raise


def trace(node: Node, places: Sequence[tuple[Id, int]]) -> tuple[Provenance, list[Id], int]:
    """Return where objects came from, each given as (act, part): the provenance in which they are
    numbered in this order, the dossiers they came through, and how many acts that are at most.

    Raises Refusal S8 when an act is not whole here, W8 when it came through too many hands.
    """
    wanted: dict[Id, dict[int, int]] = defaultdict(dict)
    for number, (act, part) in enumerate(places):
        wanted[act][number] = part
    rows = acts.acts_among(node.db, [*wanted])
    came, documents = list[Came](), dict[Id, dsse.Envelope]()
    for act, numbers in wanted.items():
        told = _through(node, rows[act], numbers)
        came += told.came
        documents |= {each.id: each for each in told.documents}
    depth = Counter(part for each in came for part in each.places())
    hops = max(depth.values())
    if hops > MOST_HOPS:
        raise Refusal("W8", Phrase("It came through more than {most} acts.", most=MOST_HOPS))
    origins = sorted({read_act(each.envelope).dossier for each in came})
    return provenance.build(documents.values(), came), origins, hops


def _through(node: Node, row: ActRow, numbers: Mapping[int, int]) -> Provenance:
    """Return where parts of one act came from, and the act itself; ``numbers`` gives the part of
    each object by its number in the provenance.
    """
    act = dossiers.stored_act(node, row)
    held = acts.parts(node.db, act.id)
    leaves = [part.leaf for part in held]
    if len(leaves) != act.header.content.parts:
        raise Refusal("S8", "Its content has not wholly arrived yet.", act.id)
    came, documents = list[Came](), list[dsse.Envelope]()
    if act.header.kind == KIND:
        before = shelving.provenance_of(node, act.id, act.header)
        shown = dict(enumerate(leaves[: len(leaves) - int(str(act.header.body["proofs"]))]))
        renamed = {part: number for number, part in numbers.items()}
        pieces = (provenance.narrow(each, shown, renamed) for each in before.came)
        came += [piece for piece in pieces if piece is not None]
        authors = {read_act(piece.envelope).header.party for piece in came}
        documents += [d for d, party in _of_parties(before.documents) if party in authors]
    came.append(provenance.show(act.envelope, leaves, numbers))
    known = {each.id for each in documents}
    documents += [d for d in documents_of(node, row.party)[0] if d.id not in known]
    return Provenance(tuple(documents), tuple(came))


def _of_parties(documents: Sequence[dsse.Envelope]) -> list[tuple[dsse.Envelope, PartyId]]:
    chain = Chain()
    for each in documents:
        chain.take(each)
    return [(each, chain.views[each.id].party) for each in documents]
