"""What needs the person who asks, and what waits on others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.kernel.ids import fingerprint
from comity.services.casework import drafts
from comity.services.identity import roster
from comity.services.people import starting

if TYPE_CHECKING:
    from django.http import HttpResponse

    from comity.services.node import Node
    from comity.store.access.drafts import DraftRow


@signed_in
def work(request: Asked) -> HttpResponse:
    """Show what needs this person, soonest due first, and what waits on others."""
    node, actor = request.node, request.actor
    shown = {
        "work": desk_of(request).work(),
        "approvals": _told(node, drafts.to_approve(node, actor)),
        "reviews": [
            (row, told, row.changed_at + drafts.REVIEW)
            for row, told in _told(node, drafts.to_review(node, actor))
        ],
        "drafts": _told(node, drafts.mine(node, actor)),
        "now": node.now(),
        "starting": actor.lanes and not starting.of_node(node).acknowledged,
    }
    return render(request, "comity/work.html", shown)


@signed_in
def start(request: Asked) -> HttpResponse:
    """Lead a new party from nothing to its first acknowledged warning."""
    shown = {
        "started": starting.of_node(request.node),
        "fingerprint": fingerprint(request.node.me),
        "address": next(iter(request.node.settings.endpoints), ""),
        "parties": [party for party in roster.everyone(request.node) if not party.is_self],
    }
    return render(request, "comity/start.html", shown)


def _told(node: Node, rows: list[DraftRow]) -> list[tuple[DraftRow, str]]:
    """Return drafts with what each says, in words."""
    found = []
    for row in rows:
        protocol = node.protocols.get((row.protocol, row.version))
        kind = None if protocol is None else protocol.kind(row.kind)
        found.append((row, row.kind if kind is None else kind.label))
    return found
