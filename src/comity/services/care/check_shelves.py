"""Checking shelves: what the acts of circles brought stands there, with its bytes, label and state.

What is derived is put right by shelving the act anew; bytes that are lost come back from a backup
only, or from others.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from comity.kernel.errors import Phrase
from comity.kernel.ids import Id
from comity.protocols.sharing.circle import reading as said
from comity.services.casework import dossiers
from comity.services.sharing import applying, circles, shelving
from comity.store.access import acts, checks, objects
from comity.store.access.objects import GONE, RETRACTED
from comity.store.append import objects as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.dossier import Dossier
    from comity.kernel.fold import State
    from comity.kernel.graph import Node as GraphNode
    from comity.services.care.report import Report
    from comity.services.node import Node
    from comity.store.access.objects import HoldingRow


def check_shelf(node: Node, report: Report, dossier: Dossier) -> None:
    """Check that what the acts of a circle brought stands on its shelf, as they say now."""
    for placed, count in wrong(node, dossier):
        told = (
            "{count} of its objects do not stand in the collection as they should. Run "
            "`comity rebuild`."
        )
        report.warn(Phrase("act {id}", id=placed.id[:8]), Phrase(told, count=count))


def check_objects(node: Node, report: Report) -> None:
    """Check that every object has the bytes it came with, and every holding an object."""
    for rows in checks.object_slices(node.db):
        report.count("objects", len(rows))
        for stix_id, digest, data in rows:
            if hashlib.sha256(data).digest() != digest:
                told = "Its bytes are not what they were when they came."
                report.error(Phrase("object {id}", id=stix_id), told)
    for shelf, count in checks.bare_holdings(node.db):
        told = "{count} objects stand there whose bytes are not here."
        report.error(Phrase("collection {id}", id=shelf), Phrase(told, count=count))


def put_right(node: Node) -> None:
    """Shelve anew what acts brought and what does not stand on shelves as it should."""
    for row in circles.all_circles(node):
        dossier = dossiers.load(node, row.id)
        found = [placed for placed, _ in wrong(node, dossier)]
        numbers = objects.act_numbers(node.db, [placed.id for placed in found])
        with writing(node.db):
            for placed in found:
                append.take_off(node.db, numbers[placed.id])
                parts = placed.header.content.parts
                append.insert_batch(node.db, numbers[placed.id], row.id, parts)
    shelving.shelve_due(node)


def wrong(node: Node, dossier: Dossier) -> Iterator[tuple[GraphNode, int]]:
    """Yield the acts of a circle of which objects do not stand as they should, and how many.

    What is on its way to the shelf, or to be applied, is not looked at.
    """
    if applying.is_due(node):
        return
    state: State | None = None
    for placed in dossier.graph.order:
        if placed.void is None and shelving.is_batch(dossier.charter.protocol, placed.header):
            state = state or dossier.state_without(dossiers.disowned(node, dossier))
            if count := _wrong(node, state, placed):
                yield placed, count


def _wrong(node: Node, state: State, placed: GraphNode) -> int:
    row = acts.act(node.db, placed.id)
    if row is None or not row.whole:
        return 0
    count = placed.header.content.parts - int(str(placed.header.body.get("proofs", 0)))
    held = {each.part: each for each in objects.holdings_of_act(node.db, row.n)}
    own = objects.own_labels(node.db, [each.object for each in held.values()])
    refused = objects.parts_refused(node.db, row.n)
    here = objects.parts_present(node.db, placed.id, 0, count - 1)
    return sum(
        not (
            part in refused if (one := held.get(part)) is None else _stands(state, placed, one, own)
        )
        for part in here
    )


def _stands(state: State, placed: GraphNode, held: HoldingRow, own: dict[int, int]) -> bool:
    """Say whether a holding is as its act says now."""
    act = Id(placed.id)
    if held.state == GONE:
        return False
    taken = said.is_retracted(state, act, held.part)
    rank = max(said.label(state, act, held.part).rank, own.get(held.object, -1))
    return rank == held.tlp and taken == (held.state == RETRACTED)
