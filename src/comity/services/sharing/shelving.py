"""Putting objects on a shelf: their bytes once, a holding each, and what they are found by.

A batch that was admitted is noted when its content is whole, and put on the shelf of its circle
in pieces, each in a short transaction. What is wrong with one object is remembered as its flaw and
spoils nothing beside it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_network
from typing import TYPE_CHECKING, NamedTuple

import orjson

from comity.bridges.stix import inject, markings, reading
from comity.bridges.stix.record import Flaw, Json, StixObject
from comity.bridges.stix.refs import refs_of
from comity.bridges.stix.text import text_of
from comity.kernel import provenance
from comity.kernel.content import STIX
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.kernel.prefix import place
from comity.kernel.provenance import Provenance, Verified
from comity.protocols.sharing.circle import PROTOCOL
from comity.protocols.sharing.circle import reading as said
from comity.protocols.sharing.circle.acts import BATCHES
from comity.services.casework import dossiers
from comity.services.casework.content import held_part
from comity.services.sharing import circles
from comity.services.sharing.schemas import stix_schemas
from comity.store.access import acts, objects
from comity.store.access.objects import CLASH, RETRACTED, FlawRow
from comity.store.append import objects as append
from comity.store.append import words
from comity.store.append.log import lock
from comity.store.append.objects import NewHolding, NewVersion
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.act import Act, Header
    from comity.kernel.dossier import Dossier
    from comity.kernel.fold import State
    from comity.services.node import Node
    from comity.store.access.objects import BatchRow, HoldingRow, ShelfRow

PIECE = 500
"""Objects put on a shelf in one transaction."""
OLD = Phrase("It is STIX 2.0. Objects are published as STIX 2.1; ask its source to lift it.")
OUTSIDE = Phrase(
    "It was shared in a circle that another has succeeded, by a party that is no member there."
)
MARKING = "marking-definition--"
"""What all objects name is nothing by which one of them is found."""
WORDS = "words"
"""The lock of what full text finds."""
MICROS = 1000
"""Microseconds in a millisecond."""


class Item(NamedTuple):
    """An object to be put on a shelf: its place in the act that brought it, and its label."""

    part: int
    object: StixObject
    tlp: TLP


class Kept(NamedTuple):
    """Versions that are kept: their ``numbers`` by part, and the ids of objects of which none was
    kept before, ``fresh``: those stand on no shelf.
    """

    numbers: Mapping[int, int]
    fresh: Container[str] = ()


def is_batch(protocol: str, header: Header) -> bool:
    """Say whether an act carries objects for the shelf of its circle."""
    return protocol == PROTOCOL.name and header.kind in BATCHES and header.content.type == STIX


def note(node: Node, dossier: Dossier, act: Act) -> None:
    """Note that the content of a batch is whole, so that it is put on its shelf. Within the
    transaction that marks it so; of an act without effect nothing is shared.
    """
    if not is_batch(dossier.charter.protocol, act.header):
        return
    if dossier.graph.nodes[act.id].void is None:
        number = objects.act_numbers(node.db, [act.id])[act.id]
        append.insert_batch(node.db, number, dossier.id, act.header.content.parts)


def put(
    node: Node,
    shelf: ShelfRow,
    items: Sequence[Item],
    *,
    sources: Iterable[str],
    act: int | None = None,
    kept: Kept | None = None,
) -> list[int]:
    """Put objects on a shelf within a write transaction, and return the state of each holding.

    ``sources`` are those that a reader must pass; ``act`` is the number of the act that brought
    them; ``kept`` are their versions, where they were kept before.
    """
    kept = kept or keep(node, items)
    found = append.sources(node.db, sources)
    held = [
        NewHolding(
            kept.numbers[item.part],
            item.object.id,
            item.object.version,
            item.object.type,
            act,
            item.part,
            found,
            item.tlp.rank,
            0 if item.object.marking.pap is None else item.object.marking.pap.rank,
        )
        for item in items
    ]
    states = append.hold(node.db, shelf.number, held, node.now() * MICROS, kept.fresh)
    clashes = [
        _flaw(shelf, act, item.part, clash(item.object), node.now())
        for item, state in zip(items, states, strict=True)
        if state == CLASH
    ]
    append.insert_flaws(node.db, clashes)
    return states


def keep(node: Node, items: Sequence[Item]) -> Kept:
    """Keep the bytes of objects, and let them be found. Within a write transaction."""
    versions = [
        NewVersion(
            item.object.id,
            item.object.version,
            item.object.created,
            item.object.type,
            hashlib.sha256(item.object.raw).digest(),
            -1 if item.object.marking.tlp is None else item.object.marking.tlp.rank,
            *inject.place(item.object.raw, item.object.value),
            item.object.raw,
        )
        for item in items
    ]
    kept, first = append.keep(node.db, versions)
    fresh = [
        (number, item.object) for (number, is_new), item in zip(kept, items, strict=True) if is_new
    ]
    append.index(
        node.db,
        [(o.kind, key_of(o.kind, o.value), n) for n, each in fresh for o in each.observables],
    )
    numbers = {item.part: number for item, (number, _) in zip(items, kept, strict=True)}
    return Kept(numbers, first)


def put_now(node: Node, shelf: ShelfRow, items: Sequence[Item]) -> list[int]:
    """As ``put``, in a transaction of its own."""
    with writing(node.db):
        return put(node, shelf, items, sources={shelf.source})


def settled(node: Node, act: int, parts: int) -> None:
    """Note that an own batch is on its shelf already."""
    append.set_batch(node.db, act, parts)


def key_of(kind: str, value: str) -> str:
    """Return how a value stands in the index: a range of addresses by its place."""
    return place(ip_network(value)) if kind == "ip" else value


def clash(item: StixObject) -> Flaw:
    """Return what is said of an object of which another has the same version."""
    told = Phrase(
        "Other bytes of this version are held already. Ask its source which are right; a change "
        "needs a later modified."
    )
    return Flaw(item.id, "modified", "X22", told)


def _flaw(shelf: ShelfRow, act: int | None, part: int, flaw: Flaw, now: int) -> FlawRow:
    return FlawRow(shelf.number, act, part, flaw.id, flaw.path, flaw.rule, flaw.reason, now)


def quarantine(
    node: Node, shelf: ShelfRow, flaws: Sequence[tuple[int, Flaw]], act: int | None = None
) -> None:
    """Remember what was not put on a shelf and why, each with its part. Within a write
    transaction.
    """
    rows = [_flaw(shelf, act, part, flaw, node.now()) for part, flaw in flaws]
    append.insert_flaws(node.db, rows)


def remember(node: Node, dossier_id: str, flaws: Sequence[Flaw], act: Id) -> None:
    """Remember what was left out of an own batch and why, for who looks after the circle."""
    if flaws:
        number = objects.act_numbers(node.db, [act])[act]
        with writing(node.db):
            shelf = circles.shelf_of(node, dossier_id)
            quarantine(node, shelf, [(0, flaw) for flaw in flaws], number)


def shelve_due(node: Node) -> int:
    """Put on their shelves what came and is whole; return how many objects were looked at.

    What stops one batch, as a file of it that is gone, is raised when all others are there.
    """
    done, after, stopped = 0, -1, list[Exception]()
    while rows := objects.batches(node.db, 20, after):
        after = rows[-1].act
        for row in rows:
            try:
                done += _shelve(node, row)
            except (Refusal, OSError) as error:
                stopped.append(error)
    done += let_be_found(node)
    if stopped:
        raise stopped[0]
    return done


def _shelve(node: Node, row: BatchRow) -> int:
    """Put a batch on its shelf, from where it was left."""
    with node.lock:
        dossier = dossiers.load(node, row.dossier)
        state = dossiers.shown(node, dossier)
    batch = _Batch(node, row, dossier, state)
    for first in range(row.done, row.parts, PIECE):
        batch.piece(first, min(first + PIECE, row.parts))
    return row.parts - row.done


class _Batch:
    """A batch being put on the shelf of its circle."""

    def __init__(self, node: Node, row: BatchRow, dossier: Dossier, state: State) -> None:
        self._node, self._row, self._dossier, self._state = node, row, dossier, state
        self._act = Id(objects.act_ids(node.db, [row.act])[row.act])
        self._header = dossier.graph.nodes[self._act].header
        self._count = row.parts - int(str(self._header.body.get("proofs", 0)))
        self._shelf = circles.shelf_of(node, row.dossier)
        self._is_outside = self._comes_after()
        self._floors: Mapping[int, TLP] | None = None
        self._refused: Refusal | None = None
        self._markings: dict[str, TLP] = {}
        if self._count < row.parts:
            self._look_back()

    def _comes_after(self) -> bool:
        """Say whether it was said in a circle after another took its collection over, by somebody
        who is no member there.
        """
        db, now = self._node.db, self._shelf.source
        if now == self._row.dossier or self._row.act < objects.act_numbers(db, [now])[now]:
            return False
        return (self._header.party, "member") not in acts.members(db, now)

    def _look_back(self) -> None:
        """Work out the strictest label of the acts that each object came through."""
        node, act = self._node, self._act
        try:
            came = read_provenance(node, act, self._header)
        except Refusal as refusal:
            self._refused = refusal
            return
        self._floors = _floors(came)

    def piece(self, first: int, last: int) -> None:
        """Take the parts ``first`` to before ``last``: what is right goes on the shelf."""
        node = self._node
        rows = acts.parts(node.db, self._act, first, min(last, self._count) - 1)
        held = [each for row in rows if (each := held_part(node, row)) is not None]
        raws = {each.index: each.data for each in held}
        read, flaws = read_parts(raws, self._markings)
        items: list[Item] = []
        for part, item in read:
            wrong = self._wrong(part, item)
            if wrong is None:
                tlp = said.label(self._state, self._act, part)
                items.append(Item(part, item, max(tlp, item.marking.tlp or tlp)))
            else:
                flaws.append((part, wrong))
        with writing(node.db):
            if not append.claim_piece(node.db, self._row.act, first, last):
                return  # Another process does the same, and was first.
            # What was erased since it was read is on no shelf.
            left = objects.parts_present(node.db, self._act, first, last - 1)
            items = [each for each in items if each.part in left]
            flaws = [each for each in flaws if each[0] in left]
            kept = keep(node, items)
            put(
                node,
                self._shelf,
                items,
                sources={self._row.dossier},
                act=self._row.act,
                kept=kept,
            )
            quarantine(node, self._shelf, flaws, self._row.act)
            append.point_parts(node.db, self._act, sorted(kept.numbers.items()))
            self._take_down(items)

    def _wrong(self, part: int, item: StixObject) -> Flaw | None:
        """Return why an object is not put on the shelf, or None."""
        header = self._header
        own = item.marking.tlp
        if self._is_outside:
            return Flaw(item.id, "", "X26", OUTSIDE)
        if self._refused is not None:
            return Flaw(item.id, "", "X20", self._refused.reason)
        if own is not None and header.tlp < own:
            return Flaw(item.id, "object_marking_refs", "X23", beyond(own, header.tlp))
        floor = None if self._floors is None else self._floors.get(part)
        if floor is not None and header.tlp < floor:
            told = Phrase(
                "It came labelled {tlp}, and was carried on as {less}. Ask its source.",
                tlp=floor.written,
                less=header.tlp.written,
            )
            return Flaw(item.id, "", "X21", told)
        return None

    def _take_down(self, items: Sequence[Item]) -> None:
        """Take down again what was retracted before it came."""
        gone = [i.part for i in items if said.is_retracted(self._state, self._act, i.part)]
        if gone:
            held = objects.holdings_of_act(self._node.db, self._row.act, gone)
            added, now = [each.added for each in held], self._node.now() * MICROS
            append.take_down(self._node.db, self._shelf.number, added, RETRACTED, now)


def _floors(came: Verified) -> dict[int, TLP]:
    """Return of each part the strictest label of the acts that it came through."""
    found: dict[int, TLP] = {}
    for act, places in zip(came.acts, came.places, strict=True):
        for part in places:
            found[part] = max(found.get(part, TLP.CLEAR), act.header.tlp)
    return found


def relabel(node: Node, labelled: Sequence[tuple[HoldingRow, TLP]]) -> None:
    """Give holdings the labels that they have by their author's word, and none that is wider than
    what their object says itself. Within a write transaction.
    """
    own = objects.own_labels(node.db, [held.object for held, _ in labelled])
    changed: dict[int, list[HoldingRow]] = defaultdict(list)
    for held, label in labelled:
        rank = max(label.rank, own.get(held.object, -1))
        if rank != held.tlp:
            changed[rank].append(held)
    for rank, rows in changed.items():
        append.relabel(node.db, rows, rank, node.now() * MICROS)


def beyond(own: TLP, label: TLP) -> str:
    """Return what is said of an object whose own marking is stricter than the label it has."""
    return Phrase(
        "It is marked {own} and stands under {label}. Only its source may widen it; share it "
        "where {own} is allowed.",
        own=own.written,
        label=label.written,
    )


def read_parts(
    raws: Mapping[int, bytes], known: dict[str, TLP]
) -> tuple[list[tuple[int, StixObject]], list[tuple[int, Flaw]]]:
    """Return the objects in some parts, and the flaws of those that are none, each with its part.

    ``known`` are definitions of markings, to which those found here are added.
    """
    order = list(raws)
    objects_, flaws = reading.read_all([*raws.values()], stix_schemas(), known)
    defined = markings.gathered((each.value for each in objects_), known)
    known.update({id_: said.tlp for id_, said in defined.items() if said.tlp is not None})
    # What was signed is what is kept: an object that would have to be lifted is none.
    by_raw = {id(each.raw): each for each in objects_}
    found = [(part, by_raw[id(raw)]) for part, raw in raws.items() if id(raw) in by_raw]
    wrong = [(order[place_in(flaw)], flaw) for flaw in flaws]
    settled = {part for part, _ in (*found, *wrong)}
    wrong += [(part, Flaw("", "spec_version", "X5", OLD)) for part in order if part not in settled]
    return found, wrong


def place_in(flaw: Flaw) -> int:
    """Return which object of its batch a flaw is about."""
    return int(flaw.path[len("objects[") : flaw.path.index("]")])


def provenance_of(node: Node, act: Id, header: Header) -> Provenance:
    """Return what a forward says of where its objects came from, unverified.

    Raises Refusal W8, K3 or K17; S8 where some of its parts are not here.
    """
    count = header.content.parts - int(str(header.body["proofs"]))
    pieces = [held_part(node, row) for row in acts.parts(node.db, act, count)]
    if any(piece is None for piece in pieces):
        raise Refusal("S8", "The provenance of what was carried on is not here.", act)
    return provenance.parse(b"".join(piece.data for piece in pieces if piece is not None))


def read_provenance(node: Node, act: Id, header: Header) -> Verified:
    """As ``provenance_of``, verified. Raises also Refusal W3, W8, K4, K5, K6, K8 or K9."""
    told = provenance_of(node, act, header)
    held = acts.parts(node.db, act, 0, header.content.parts - int(str(header.body["proofs"])) - 1)
    return provenance.verify(told, {row.idx: row.leaf for row in held})


def words_of(data: bytes) -> str:
    """Return what full text finds of an object."""
    return text_of(orjson.loads(data))


def let_be_found(node: Node, limit: int = 1000) -> int:
    """Let the next objects be found by their words and by what they name; return how many.

    This comes after the objects: who adds many at once does not wait for it.
    """
    rows = objects.wordless(node.db, limit)
    values = {number: orjson.loads(data) for number, data in rows}
    texts = {number: text_of(value) for number, value in values.items()}
    if rows:
        with writing(node.db):
            lock(node.db, WORDS)
            # Not what was erased since it was read, or what another process did.
            left = [number for number, _ in objects.wordless(node.db, limit) if number in texts]
            words.insert(node.db, [(number, texts[number]) for number in left])
            append.insert_named(node.db, [*_named((number, values[number]) for number in left)])
            append.mark_worded(node.db, left)
    return len(rows)


def _named(values: Iterable[tuple[int, Json]]) -> Iterator[tuple[int, str]]:
    for number, value in values:
        for named in refs_of(value):
            if not named.startswith(MARKING):
                yield number, named


def forget_parts(node: Node, act: str, parts: Sequence[int] | None) -> None:
    """Forget the objects in parts of an act that are erased here, unless they stand elsewhere too.

    Within the transaction that erases the parts, after them.
    """
    number = objects.act_numbers(node.db, [act]).get(act)
    held = [] if number is None else objects.holdings_of_act(node.db, number, parts)
    if number is not None:
        append.forget_flaws(node.db, number, parts)
    for shelf in sorted({each.shelf for each in held}):
        added = [each.added for each in held if each.shelf == shelf]
        append.take_down(node.db, shelf, added, objects.GONE, node.now() * MICROS)
    orphans = objects.orphans(node.db, sorted({each.object for each in held}))
    forget_objects(node, orphans)


def forget_objects(node: Node, numbers: Sequence[int]) -> None:
    """Remove object versions wholly: bytes, index and words. Within a write transaction."""
    if not numbers:
        return
    lock(node.db, WORDS)
    data = objects.worded_data(node.db, numbers)
    words.delete(node.db, [(n, words_of(raw)) for n, raw in data.items()])
    append.forget(node.db, numbers)
