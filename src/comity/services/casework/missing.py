"""Content that has not arrived: what of it may still come, and asking for it again.

An act is admitted whether its content comes along or not. Where a bundle lost a blob, a source
failed, or who passed the act on had only its header, the heights that are told to a peer name the
act, and a peer that holds the content sends it again. Its author is asked first, then who brought
it, then other members; each act after pauses that double, and no longer than anything else waits.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from comity.kernel.audience import may_have, ranges_of
from comity.kernel.bundle import MAX_LACKS
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.services.casework import dossiers, erasure
from comity.services.delivery.carry import may_have_content
from comity.store.access import acts as access
from comity.store.access import blobs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.kernel.dossier import Dossier
    from comity.kernel.graph import Node as GraphNode
    from comity.services.node import Node
    from comity.store.access.acts import ActRow, LackingRow

FIRST_PAUSE, LONGEST_PAUSE = 60_000, 24 * 3600 * 1000
"""The least and the longest pause, in ms, before an act's content is asked for again."""
AT_ONCE = 512
"""Acts looked at in one round."""
ANYBODY = ""
MOST_ASKED = 10_000


class Content(StrEnum):
    """What there is of an act's content: all that is meant for this party; or it is on its way; or
    it has not arrived and is asked for; or it is not meant for this party; or it was erased.
    """

    HERE = "here"
    ARRIVING = "arriving"
    MISSING = "missing"
    WITHHELD = "withheld"
    ERASED = "erased"


def state_of(node: Node, dossier: Dossier, row: ActRow, *, erased: bool) -> Content:
    """Return what there is of an act's content at this node, where ``erased`` says if any of it was
    erased here.
    """
    placed = dossier.graph.nodes[Id(row.id)]
    if erased:
        return Content.ERASED
    if row.whole:
        # All that is for this party is here; of what is for others, that may be nothing.
        return Content.HERE if _has_part(placed, node.me) else Content.WITHHELD
    if _is_erased(node, dossier, placed):
        return Content.ERASED
    if not may_have_content(node, dossier, placed, node.me):
        return Content.WITHHELD
    return Content.ARRIVING if blobs.is_under_way(node.db, row.id) else Content.MISSING


def _has_part(placed: GraphNode, party: PartyId) -> bool:
    """Say whether any part of an act's content is for a party that has the act."""
    header = placed.header
    ranges = ranges_of(header)
    return not ranges or any(
        may_have(ranges, idx, party, author=header.party, members={party})
        for idx in range(header.content.parts)
    )


def _is_erased(node: Node, dossier: Dossier, placed: GraphNode) -> bool:
    """Say whether an act's own author erased all the content."""
    gone = erasure.withdrawn(dossier, dossiers.shown(node, dossier), placed.id)
    return len(gone) == placed.header.content.parts


def ask_again(node: Node) -> None:
    """Note for peers which content to ask them for, with what they are told next."""
    rows = access.lacking_acts(node.db, node.searched, AT_ONCE)
    node.searched = rows[-1].n if len(rows) == AT_ONCE else 0
    for row in rows:
        if _is_due(node, row) and not blobs.is_under_way(node.db, row.id):
            with node.lock:
                _ask_for(node, row)


def _is_due(node: Node, row: LackingRow) -> bool:
    now, since = node.now(), row.received_at
    is_late = now - since > node.settings.expire
    return not is_late and is_due(now, since, node.asked.get((ANYBODY, row.id)))


def is_due(now: int, since: int, last: int | None) -> bool:
    """Say whether to ask again for what is awaited ``since``, asked for ``last``; times in ms."""
    if last is None:
        return now - since >= FIRST_PAUSE
    return now - last >= min(max(FIRST_PAUSE, last - since), LONGEST_PAUSE)


def note_asked(node: Node, asked: Iterable[tuple[str, str]]) -> None:
    """Note that (peer, act) are asked about now; the caller holds the node's lock."""
    if len(node.asked) > MOST_ASKED:
        node.asked.clear()
    node.asked |= dict.fromkeys(asked, node.now())


def _ask_for(node: Node, row: LackingRow) -> None:
    try:
        dossier = dossiers.load(node, row.dossier)
    except Refusal:
        return  # It is being joined; what was before comes with it.
    placed = dossier.graph.nodes[Id(row.id)]
    if _is_erased(node, dossier, placed) or not may_have_content(node, dossier, placed, node.me):
        return
    peer = _whom(node, dossier, placed, row.via)
    if peer is None:
        return
    asked = node.missed.setdefault(peer, {}).get(dossier.id, ())
    if len(asked) >= MAX_LACKS:
        return
    node.missed[peer][dossier.id] = tuple(dict.fromkeys([*asked, placed.id]))
    note_asked(node, [(who, row.id) for who in (ANYBODY, peer)])
    node.nudged.add(peer)


def _whom(node: Node, dossier: Dossier, placed: GraphNode, via: str) -> PartyId | None:
    """Return the member of a dossier that was asked for an act longest ago; its author first."""
    members = dossier.members.now() - {node.me}
    order = [placed.header.party, PartyId(via), *sorted(members)]
    order = [party for party in dict.fromkeys(order) if party in members]
    return min(order, key=lambda party: node.asked.get((party, placed.id), 0), default=None)
