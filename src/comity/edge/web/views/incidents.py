"""An incident as it stands: facts by party, help, tasks, the timeline, and who meets whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.kernel.label import TLP
from comity.protocols.response.incident import PROTOCOL
from comity.services.people import audit
from comity.services.response import incidents

if TYPE_CHECKING:
    from django.http import HttpResponse


@signed_in
def incident(request: Asked, dossier_id: str) -> HttpResponse:
    """Show an incident as it stands, with what may be said next about each thing."""
    desk = desk_of(request)
    row = incidents.row_of(desk, dossier_id)
    audit.note_read(request.node, request.actor, row.id, TLP(row.ceiling))
    may = {
        kind: desk.under(row, kind) is not None
        for kind in ("describe", "event", "ask", "inform", "answer", "accept")
    }
    shown = {
        "row": row,
        "title": desk.told(row).title(row),
        "clause": PROTOCOL.clause,
        "incident": incidents.read(desk, dossier_id),
        "may": may,
        "me": request.node.me,
    }
    return render(request, "comity/incident.html", shown)
