"""Publishing: one act over a batch, one part of its content per object, each provable on its own.

Objects of different labels go in different acts, since an act's label is that of all it carries.
What is published is on the shelf at once, in the transaction that signs.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from comity.bridges.stix.record import Flaw, StixObject
from comity.kernel.content import SALT_SIZE, STIX, Committer, Part
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import TLP
from comity.services.casework import dossiers
from comity.services.casework.content import Prepared
from comity.services.casework.issue import Draft, Then, issue_within
from comity.services.sharing import circles, shelving
from comity.services.sharing.shelving import Item
from comity.store.access import objects as access
from comity.store.append.acts import PartRow
from comity.store.append.log import appending
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.kernel.ids import Id
    from comity.services.node import Node
    from comity.store.access.objects import ShelfRow

KIND = "publish"
Also: TypeAlias = "Callable[[Published], None]"


@dataclass(frozen=True, slots=True)
class Sorted:
    """A batch as it would be published: objects ``by_label``, from the widest to the strictest,
    those ``held`` already, and flaws.
    """

    by_label: Mapping[TLP, Sequence[StixObject]]
    held: tuple[StixObject, ...]
    flaws: tuple[Flaw, ...]


@dataclass(slots=True)
class Published:
    """What came of publishing: the acts signed, objects that are on the shelf, and flaws."""

    acts: list[Id] = field(default_factory=list)
    objects: list[StixObject] = field(default_factory=list)
    held: list[StixObject] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)


def sort(
    node: Node, shelf: ShelfRow, batch: Sequence[StixObject], unmarked: TLP | None = None
) -> Sorted:
    """Return objects by the label under which they would stand on a shelf.

    ``unmarked`` is what whoever publishes says of those without a marking; otherwise they count as
    AMBER. What stands there already need not be published again; what cannot is a flaw.
    """
    ceiling, default = TLP(shelf.ceiling), unmarked or circles.UNMARKED
    there = _standing(node, shelf, batch)
    by_rank: dict[int, list[StixObject]] = defaultdict(list)
    held: list[StixObject] = []
    flaws: list[Flaw] = []
    seen: dict[tuple[str, int], StixObject] = {}
    for item in batch:
        key = item.id, item.version
        first = seen.setdefault(key, item)
        same = key in there and there[key] == hashlib.sha256(item.raw).digest()
        changed = key in there and not same and item.version > 0
        if changed or first.raw != item.raw:
            flaws.append(shelving.clash(item))
        elif same:
            held.append(item)
        elif (label := item.marking.tlp or default).rank > ceiling.rank:
            flaws.append(_beyond(item, label, ceiling))
        elif first is item:
            # Of one version that stands twice in a batch, the bytes are the same.
            by_rank[label.rank].append(item)
    by_label = {label: by_rank[label.rank] for label in TLP if label.rank in by_rank}
    return Sorted(by_label, tuple(held), tuple(flaws))


def _standing(
    node: Node, shelf: ShelfRow, batch: Sequence[StixObject]
) -> dict[tuple[str, int], bytes]:
    """Return the hash of what the shelf shows of these objects, by id and version."""
    known = access.numbers(node.db, [item.id for item in batch])
    held = [*{id_ for id_, _, _ in known}]
    shown = {each.object for each in access.standing(node.db, shelf.number, held)}
    return {(id_, version): h for (id_, version, h), n in known.items() if n in shown}


def _beyond(item: StixObject, label: TLP, ceiling: TLP) -> Flaw:
    if item.marking.tlp is None:
        told = Phrase(
            "It has no marking and counts as {label}, which this collection, up to {ceiling}, does "
            "not take. Mark it, or say the label of what is unmarked.",
            label=label.written,
            ceiling=ceiling.written,
        )
        return Flaw(item.id, "object_marking_refs", "X23", told)
    return Flaw(item.id, "object_marking_refs", "X23", shelving.beyond(label, ceiling))


def publish(
    node: Node,
    dossier_id: str,
    batch: Sequence[StixObject],
    *,
    unmarked: TLP | None = None,
    by: Object | None = None,
    corrects: Sequence[Id] = (),
    then: Then | None = None,
    also: Also | None = None,
) -> Published:
    """Publish objects into a circle, and return what came of it: one act for each label.

    ``by`` are the roles that stand behind it. ``then`` is called with the first act in the
    transaction that signs it, ``also`` with what came of all in the last. Raises Refusal as
    ``issue`` does; of an object that cannot be published a flaw is returned, and the others go.
    """
    shelf = circles.shelf_of(node, dossier_id)
    sorted_ = sort(node, shelf, batch, unmarked)
    done = Published(held=[*sorted_.held], flaws=[*sorted_.flaws])
    body: Object = {} if by is None else {"by": by}
    for i, (label, items) in enumerate(sorted_.by_label.items(), 1):
        draft = Draft(KIND, body, refs=tuple(corrects), tlp=label)
        done.objects += items
        calls: list[Then] = [] if then is None or i > 1 else [then]
        if also is not None and i == len(sorted_.by_label):
            calls.append(partial(_tell, also, done))
        done.acts.append(_sign(node, shelf, draft, items, calls))
    if also is not None and not sorted_.by_label:
        with writing(node.db):
            also(done)
    return done


def _tell(also: Also, done: Published, _act: Id) -> None:
    also(done)


def _sign(
    node: Node,
    shelf: ShelfRow,
    draft: Draft,
    items: Sequence[StixObject],
    calls: Sequence[Then],
) -> Id:
    """Sign an act over objects, and put them on the shelf in the same transaction."""
    random, committer = node.ports.random, Committer()
    salts = random.bytes(SALT_SIZE * len(items))
    parts = [
        Part(i, salts[at : at + SALT_SIZE], each.raw)
        for i, (at, each) in enumerate(zip(range(0, len(salts), SALT_SIZE), items, strict=True))
    ]
    for part in parts:
        committer.add(part)
    prepared = Prepared(committer.finish(STIX), [])
    label = draft.tlp or circles.UNMARKED
    placed = [Item(i, each, label) for i, each in enumerate(items)]
    with node.lock:
        try:
            with appending(node.db, node.anchor) as writer:
                dossier = dossiers.load(node, shelf.source)
                kept = shelving.keep(node, placed)
                prepared.rows = [
                    PartRow(i, leaf, part.salt, None, "", len(part.data), kept.numbers[i])
                    for i, (part, leaf) in enumerate(zip(parts, committer.leaves, strict=True))
                ]
                act = issue_within(node, writer, dossier, draft, prepared)
                number = access.act_numbers(node.db, [act.id])[act.id]
                shelving.put(node, shelf, placed, sources={shelf.source}, act=number, kept=kept)
                shelving.settled(node, number, len(parts))
                for call in calls:
                    call(act.id)
                return act.id
        except BaseException:
            dossiers.forget(node, shelf.source)
            raise


def add_to_intake(
    node: Node, shelf: ShelfRow, batch: Sequence[StixObject], unmarked: TLP | None = None
) -> Published:
    """Put objects on the shelf of an intake: nothing is signed, since nobody else is told.

    Raises Refusal S4 when the shelf is a circle's.
    """
    if shelf.kind == circles.CIRCLE:
        raise Refusal("S4", "This collection is a circle's: publish to it.", shelf.id)
    sorted_ = sort(node, shelf, batch, unmarked or TLP(shelf.label))
    done = Published(held=[*sorted_.held], flaws=[*sorted_.flaws])
    for label, items in sorted_.by_label.items():
        for first in range(0, len(items), shelving.PIECE):
            some = items[first : first + shelving.PIECE]
            shelving.put_now(node, shelf, [Item(i, each, label) for i, each in enumerate(some)])
        done.objects += items
    return done
