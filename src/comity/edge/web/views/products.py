"""A joint product as it reads, with who stands behind it: on the screen, and on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.kernel.label import TLP
from comity.protocols.response.product import PROTOCOL
from comity.protocols.response.product.codes import POSITIONS
from comity.services.people import audit
from comity.services.response import products

if TYPE_CHECKING:
    from django.http import HttpResponse

    from comity.services.response.products import Stand


@signed_in
def product(request: Asked, dossier_id: str) -> HttpResponse:
    """Show what was put forward or published last."""
    desk = desk_of(request)
    row = desk.dossier_of(PROTOCOL, dossier_id)
    audit.note_read(request.node, request.actor, row.id, TLP(row.ceiling))
    shown = {
        "row": row,
        "title": desk.told(row).title(row),
        "found": [
            (each, [_stand(stand) for stand in each.stands])
            for each in products.read(desk, dossier_id)
        ],
        "may_stand": row.opened_by != request.node.me and desk.under(row, "position") is not None,
    }
    return render(request, "comity/product.html", shown)


def _stand(stand: Stand) -> tuple[Stand, str]:
    return stand, POSITIONS.get(stand.position, "")
