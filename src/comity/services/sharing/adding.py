"""Adding objects to a collection, as a person does: signed at once, or kept for a second person."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from comity.bridges.stix import reading
from comity.kernel.errors import Refusal
from comity.protocols.sharing.circle import PROTOCOL
from comity.services.casework import dossiers, drafts, signing
from comity.services.casework.drafts import Filling
from comity.services.people import audit
from comity.services.people.mandates import Hand
from comity.services.sharing import browsing, circles, publishing, searching, shelving
from comity.services.sharing.circles import CIRCLE
from comity.services.sharing.publishing import KIND
from comity.services.sharing.schemas import stix_schemas
from comity.store.access import drafts as access
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from comity.bridges.stix.record import StixObject
    from comity.kernel.ids import Id
    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.services.sharing.browsing import Place
    from comity.services.sharing.preparing import Prepared
    from comity.services.sharing.searching import Finder
    from comity.store.access.objects import ShelfRow

    Then: TypeAlias = "Callable[[Added], None]"

HAND = "by-hand"
"""The intake of what people of this party take in from outside."""
BUNDLE = "objects.json"


class Target(NamedTuple):
    """A collection that a person may add to: its shelf, as it is shown, whether that person signs
    ``alone``, and in which ``role``; of an intake nothing is signed.
    """

    shelf: ShelfRow
    place: Place
    alone: bool
    role: str


class Added(NamedTuple):
    """What came of adding: the ``acts`` signed, or the ``draft`` that waits for a second person;
    neither of an intake, or where nothing was left to add.
    """

    acts: tuple[Id, ...] = ()
    draft: str = ""


def may_add(actor: Actor) -> bool:
    """Say whether somebody may add objects anywhere, alone or not."""
    return actor.under_any(PROTOCOL.lanes, PROTOCOL.name, KIND) is not None


def targets(node: Node, finder: Finder) -> list[Target]:
    """Return the collections that a person may add to, by title. Raises Refusal S10 for who may add
    to none, whatever there is.
    """
    desk = finder.desk
    if desk is None or not may_add(desk.actor):
        raise Refusal("S10", "None of your mandates lets you publish objects.", KIND)
    _, shelves = searching.seen_by(node, finder)
    rows = desk.seen(row.source for row in shelves.values() if row.kind == CIRCLE)
    found = []
    for number, place in browsing.places(node, shelves.values()).items():
        row = rows.get(place.dossier)
        if not place.dossier:
            found.append(Target(shelves[number], place, alone=True, role=""))
        elif row is not None and row.state == dossiers.ACTIVE and (under := desk.under(row, KIND)):
            mandate, hand = under
            found.append(Target(shelves[number], place, hand is Hand.ALONE, mandate.code))
    return found


def target(node: Node, finder: Finder, collection: str) -> Target:
    """Return a collection that a person may add to, by its id. Raises Refusal S3 or S10."""
    for each in targets(node, finder):
        if each.place.id == collection:
            return each
    raise Refusal("S3", "There is no such collection here, or you may not add to it.", collection)


def add(node: Node, actor: Actor, target: Target, prepared: Prepared) -> Added:
    """Add what was looked at, if anything of it is left: who may not sign it alone hands it on.

    Raises Refusal as ``publish`` and ``hand_on`` do.
    """
    if not prepared.objects:
        return Added()
    if not target.place.dossier:
        take_in(node, target, prepared)
        return Added()
    if not target.alone:
        return Added(draft=hand_on(node, actor, target, prepared))
    return Added(tuple(publish(node, actor, target, prepared)))


def add_one(node: Node, actor: Actor, target: Target, prepared: Prepared, then: Then) -> None:
    """As ``add``, of one object: ``then`` is called with what came of it, within the transaction
    that does it. Raises also Refusal by the rule that leaves it out.
    """
    if not prepared.objects:
        wrong = prepared.lines[0]
        raise Refusal(wrong.rule, wrong.reason, wrong.path)
    if not target.place.dossier:
        with writing(node.db):
            take_in(node, target, prepared)
            then(Added())
    elif target.alone:
        publish(node, actor, target, prepared, lambda act: then(Added((act,))))
    else:
        hand_on(node, actor, target, prepared, lambda draft: then(Added(draft=draft)))


def open_by_hand(node: Node, title: str) -> ShelfRow:
    """Return the intake of what people take in, which is made when it is first needed."""
    return circles.open_intake(node, name=HAND, title=title)


def take_in(node: Node, target: Target, prepared: Prepared) -> int:
    """Put objects on the shelf of an intake, and return how many. Nobody else is told."""
    _require_some(prepared)
    batch, unmarked = prepared.objects, prepared.unmarked
    return len(publishing.add_to_intake(node, target.shelf, batch, unmarked).objects)


def publish(
    node: Node,
    actor: Actor,
    target: Target,
    prepared: Prepared,
    then: Callable[[Id], None] | None = None,
) -> list[Id]:
    """Sign and publish objects into a circle, and return the acts; ``then`` is called with the
    first in the transaction that signs it.

    Raises Refusal S10 for who may not sign it alone, S12 when nothing is left to publish, and as
    signing does.
    """
    if not target.alone:
        raise Refusal("S10", "A second person has to approve this before it is signed.", KIND)
    _require_some(prepared)

    def note(act: Id) -> None:
        audit.note(node, actor, "said", act, detail={"kind": KIND})
        if then is not None:
            then(act)

    done = publishing.publish(
        node,
        target.place.dossier,
        prepared.objects,
        unmarked=prepared.unmarked,
        by={"role": target.role},
        then=note,
    )
    return done.acts


def hand_on(
    node: Node,
    actor: Actor,
    target: Target,
    prepared: Prepared,
    then: Callable[[str], None] | None = None,
) -> str:
    """Keep a batch as a draft that waits for a second person, and return the draft's id: of one
    that waits already, where it is the same and there is no ``then``, which is called with the id
    within the transaction that lets it wait.

    Raises Refusal S12 when nothing is left to publish, X23 where a label would not be what was told
    of it, and as keeping drafts does.
    """
    _require_some(prepared)
    # What is held already goes along where it defines how others are marked.
    others = (item for item in prepared.objects if item.type != "marking-definition")
    batch = [*prepared.defining, *others]
    _require_same_labels(batch)
    # Every object goes under its own label when it is signed, what has none under the draft's.
    filling = Filling(texts={}, tlp=prepared.unmarked.value)
    data, dossier = _bundle([item.raw for item in batch]), target.place.dossier
    # Who wants to be told of a new one asks for what is new, and waits nowhere.
    waiting = "" if then else _waiting(node, actor, dossier, filling, data)
    if waiting:
        return waiting
    row = drafts.begin(node, actor, kind=KIND, filling=filling, dossier=dossier)
    with NamedTemporaryFile(delete=False) as file:
        file.write(data)
    drafts.attach(node, actor, row.id, BUNDLE, Path(file.name))
    signing.prepare(node, actor, row.id, None if then is None else partial(then, row.id))
    return row.id


def _bundle(raws: Sequence[bytes]) -> bytes:
    """Return a bundle of objects; its id is made of what is in it."""
    all_ = b",".join(raws)
    name = str(UUID(bytes=hashlib.sha256(all_).digest()[:16], version=4))
    return b'{"type":"bundle","id":"bundle--%s","objects":[%s]}' % (name.encode(), all_)


def _waiting(node: Node, actor: Actor, dossier: str, filling: Filling, data: bytes) -> str:
    """Return the own draft in which the same waits, or ""."""
    for row in access.drafts(node.db, (access.WAITING,)):
        same = (row.kind, row.dossier, row.form["tlp"]) == (KIND, dossier, filling.tlp)
        sizes = [entry["size"] for entry in row.files]
        if same and sizes == [len(data)] and drafts.is_own(actor, row):
            attached, _ = drafts.attached(node, row, drafts.kind_of(node, row))
            if [path.read_bytes() for path, _ in attached.batches] == [data]:
                return row.id
    return ""


def _require_same_labels(batch: Sequence[StixObject]) -> None:
    """Refuse objects that are read again, when they are signed, as less strict than now."""
    again, _ = reading.read_all([item.raw for item in batch], stix_schemas())
    labels = {item.raw: item.marking.tlp for item in again}
    for item in batch:
        own, read = item.marking.tlp, labels.get(item.raw)
        if own is not None and (read is None or read < own):
            raise Refusal("X23", shelving.beyond(own, read or circles.UNMARKED), item.id)


def _require_some(prepared: Prepared) -> None:
    if not prepared.objects:
        raise Refusal("S12", "There is nothing in it that would be added.")
