"""Taking back what was shared: a tombstone reaches every member, and each says that it applied it.

What another party published is not this one's to take back. An intake is this node's own record:
there it is removed, and nobody is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.protocols.sharing.circle.acts import Retract
from comity.services.casework.issue import Draft, issue
from comity.services.sharing import shelving
from comity.services.sharing.circles import CIRCLE
from comity.services.sharing.shelving import MICROS
from comity.store.access import acts, objects
from comity.store.access.objects import GONE, RETRACTED
from comity.store.append import objects as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.services.node import Node
    from comity.store.access.objects import ShelfRow

MOST_PARTS = 256
"""Objects that one act retracts apart; of more it retracts the whole batch or says so again."""


def take_down(
    node: Node,
    shelf: ShelfRow,
    added: Sequence[int],
    *,
    reason: str = "recalled",
    by: Object | None = None,
) -> list[Id]:
    """Take holdings off a shelf, and return the acts that say so. ``reason`` is a code of the
    circle's protocol. Raises Refusal X24 for what another party published.
    """
    if shelf.kind != CIRCLE:
        with writing(node.db):
            numbers = objects.objects_of(node.db, added)
            append.take_down(node.db, shelf.number, added, GONE, node.now() * MICROS)
            shelving.forget_objects(node, objects.orphans(node.db, sorted({*numbers.values()})))
        return []
    by_act: dict[int, list[int]] = defaultdict(list)
    for holding in objects.holdings(node.db, added):
        if holding.act is not None:
            by_act[holding.act].append(holding.part)
    ids = objects.act_ids(node.db, [*by_act])
    rows = acts.acts_among(node.db, [*ids.values()])
    if any(row.party != node.me for row in rows.values()):
        told = "Another party published it here. Ask it to take it back; or leave the circle."
        raise Refusal("X24", told, shelf.id)
    return [
        retract(node, Id(ids[act]), parts, reason=reason, by=by) for act, parts in by_act.items()
    ]


def retract(
    node: Node,
    act: Id,
    parts: Sequence[int] | None,
    *,
    reason: str,
    by: Object | None = None,
) -> Id:
    """Sign that objects of an own act are taken back, all without ``parts``, and take them down.

    Return the last act signed. Raises Refusal as ``issue``, S3 when there is no such act.
    """
    row = acts.act(node.db, act)
    if row is None:
        raise Refusal("S3", "There is no such message here.", act)
    pieces: list[Sequence[int] | None] = [None]
    if parts is not None:
        said = sorted(set(parts))
        pieces = [said[i : i + MOST_PARTS] for i in range(0, len(said), MOST_PARTS)]
    signed = act
    for piece in pieces:
        told = Retract(parts=None if piece is None else [*piece], reason=reason)
        body = told.to_body() if by is None else {**told.to_body(), "by": by}
        draft = Draft(Retract.KIND.kind, body, refs=(act,))

        def then(_id: Id, piece: Sequence[int] | None = piece) -> None:
            apply(node, row.n, piece)

        signed = issue(node, dossier_id=row.dossier, draft=draft, then=then)
    return signed


def apply(node: Node, act: int, parts: Sequence[int] | None) -> int:
    """Take what an act brought off its shelf, since its author took it back; return how many
    objects that were. Within a write transaction.
    """
    held = [each for each in objects.holdings_of_act(node.db, act, parts) if each.state != GONE]
    for shelf in sorted({each.shelf for each in held}):
        added = [each.added for each in held if each.shelf == shelf]
        append.take_down(node.db, shelf, added, RETRACTED, node.now() * MICROS)
    return len(held)
