"""Circles and the shelves of their objects: one for each, kept by a successor under its id."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from comity.kernel import kinds
from comity.kernel.act import read_header
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.protocols.sharing.circle import PROTOCOL
from comity.protocols.sharing.circle.terms import Open, collection_of
from comity.services.casework import dossiers
from comity.store.access import acts, objects
from comity.store.access.finding import Sight, Wanted, find_dossiers
from comity.store.access.objects import ShelfRow
from comity.store.append import objects as append
from comity.store.sql import in_transaction, writing

if TYPE_CHECKING:
    from comity.kernel.fold import State
    from comity.services.node import Node
    from comity.store.access.acts import ActRow, DossierRow

CIRCLE, INTAKE = "circle", "intake"
EVERYTHING = uuid.UUID("8a2a3d5e-6a61-4e6f-9f5c-5d9a6c1d1c00")
"""The id of the collection of all that a caller may read, the same at every node."""
UNMARKED = TLP.AMBER
"""What counts as the label of an object without a marking until its source says otherwise."""
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
LIVE = (dossiers.ACTIVE, dossiers.LEFT)
"""States of dossiers whose objects are here: of one that was left, those that came before."""


def all_circles(node: Node) -> list[DossierRow]:
    """Return the circles that this node takes part in, or took."""
    sight = Sight((PROTOCOL.name,), tuple(each.value for each in TLP))
    rows = find_dossiers(node.db, [sight], Wanted(), me=node.me, now=node.now(), limit=10_000)
    return [row for row in rows if row.state in LIVE]


def state_of(node: Node, dossier: str) -> State:
    """Return what a circle says now, without what is disowned."""
    with node.lock:
        return dossiers.shown(node, dossiers.load(node, dossier))


def shelf_of(node: Node, dossier: str) -> ShelfRow:
    """Return the shelf of a circle, which is made when it is first asked for.

    Raises Refusal S3 when there is no such circle here, S4 when it is none.
    """
    found = objects.shelf(node.db, dossier)
    if found is not None:
        return found
    row = acts.dossier(node.db, dossier)
    if row is None:
        raise Refusal("S3", "There is no such circle here.", dossier)
    if row.protocol != PROTOCOL.name:
        raise Refusal("S4", "This dossier is no circle: it has no shelf of objects.", dossier)
    if in_transaction(node.db):
        return _made(node, row)
    with writing(node.db):
        return objects.shelf(node.db, dossier) or _made(node, row)


def _made(node: Node, row: DossierRow) -> ShelfRow:
    """Make the shelf of a circle, or let it take over that of the circle it succeeds."""
    charter = next(acts.acts_of(node.db, row.id)).header
    terms = Open.of(read_header(charter))
    own = _own_id(row.id, terms)
    id_ = str(uuid.UUID(collection_of(Id(row.id), terms)))
    id_ = own if id_ == str(EVERYTHING) else id_
    before = objects.shelf(node.db, id_)
    if before is not None and _succeeds(node, before.source, row.id):
        return before  # A later circle has it already; what was shared in this one stands there.
    if before is not None and _succeeds(node, row.id, before.source):
        append.change_shelf(node.db, before.number, source=row.id, ceiling=row.ceiling)
        return before._replace(source=row.id, ceiling=row.ceiling)
    if before is not None:
        # Who does not succeed a circle does not get what its readers read: it has its own, under
        # the id that only its own charter gives.
        id_ = own
        _give_back(node, own)
    return append.insert_shelf(
        node.db,
        ShelfRow(
            number=0,
            id=id_,
            kind=CIRCLE,
            source=row.id,
            title="",
            description="",
            alias="",
            label=min(UNMARKED, TLP(row.ceiling)).value,
            ceiling=row.ceiling,
            readers="node",
            made_at=node.now(),
        ),
    )


def _own_id(dossier: str, terms: Open) -> str:
    """Return the id that only this charter gives a collection, whatever it claims."""
    return str(uuid.UUID(collection_of(Id(dossier), replace(terms, collection=None))))


def _give_back(node: Node, id_: str) -> None:
    """Let whoever claimed the id of a circle that had not come yet stand under another."""
    claimed = objects.shelf(node.db, id_)
    if claimed is not None:
        charter = next(acts.acts_of(node.db, claimed.source)).header
        other = _own_id(claimed.source, Open.of(read_header(charter)))
        if objects.shelf(node.db, other) is not None:
            other = _random_id(node)
        append.change_shelf(node.db, claimed.number, id=other)


def _random_id(node: Node) -> str:
    return str(uuid.UUID(bytes=node.ports.random.bytes(16), version=4))


def _succeeds(node: Node, dossier: str, before: str) -> bool:
    """Say whether a circle comes after another in one chain of successors, each opened by who had
    opened or chaired the one before it (ADR 0029): nobody else takes its collection over.
    """
    at = acts.act(node.db, dossier)
    for _ in range(1000):
        succeeds = None if at is None else kinds.read_charter(read_header(at.header)).succeeds
        earlier = None if succeeds is None else acts.act(node.db, succeeds)
        if at is None or earlier is None or at.party not in _leaders(earlier):
            return False
        if earlier.id == before:
            return True
        at = earlier
    return False


def _leaders(charter: ActRow) -> set[str]:
    chair = kinds.read_charter(read_header(charter.header)).chair
    return {charter.party} if chair is None else {charter.party, chair}


def ensure(node: Node) -> list[ShelfRow]:
    """Make the shelves that circles still lack, and return all shelves."""
    held = objects.shelves(node.db)
    known = {shelf.source for shelf in held}
    lacking = [row.id for row in all_circles(node) if row.id not in known]
    for dossier in lacking:
        shelf_of(node, dossier)
    return objects.shelves(node.db) if lacking else held


def open_intake(
    node: Node,
    *,
    name: str,
    title: str,
    description: str = "",
    label: TLP = UNMARKED,
    ceiling: TLP = TLP.AMBER_STRICT,
    readers: str = "node",
) -> ShelfRow:
    """Return the intake called ``name``, which is made where there is none: the record of what
    comes from one outside feed, with the ``label`` of what comes unmarked.

    Raises Refusal S4 for a name that is no one word.
    """
    if not _WORD.fullmatch(name):
        raise Refusal("S4", "Name it by one word of letters, digits, - and _.", name[:80])
    with writing(node.db):
        found = objects.shelf(node.db, name)
        if found is not None:
            return found
        return append.insert_shelf(
            node.db,
            ShelfRow(
                number=0,
                id=_random_id(node),
                kind=INTAKE,
                source=name,
                title=title,
                description=description,
                alias="",
                label=label.value,
                ceiling=ceiling.value,
                readers=readers,
                made_at=node.now(),
            ),
        )
