"""An incident as it stands: facts by party, help, tasks, the timeline, and who meets whom; and on
one sheet, for who heads this party.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from comity.edge.web import giving
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.protocols.response.incident import PROTOCOL
from comity.protocols.response.product import PROTOCOL as PRODUCT
from comity.services.casework import dossiers, membership, saying, sendable
from comity.services.casework.kernelkinds import INVITE
from comity.services.people import audit
from comity.services.response import headpage, incidents, nextto

if TYPE_CHECKING:
    from django.http import HttpResponse

    from comity.services.casework.desk import Desk
    from comity.services.response.headpage import Sheet
    from comity.store.access.acts import DossierRow


@signed_in
def incident(request: Asked, dossier_id: str) -> HttpResponse:
    """Show an incident as it stands, with what may be said next about each thing."""
    desk = desk_of(request)
    row = desk.dossier_of(PROTOCOL, dossier_id)
    audit.note_read(request.node, request.actor, row.id, TLP(row.ceiling))
    may = {
        kind: desk.under(row, kind) is not None
        for kind in ("describe", "event", "ask", "inform", "answer", "accept")
    }
    may |= {
        "invite": _may_invite(desk, row),
        "letter": _may_write(request, row),
        # Nobody is warned in earnest of what is an exercise.
        "warn": not row.realm and PRODUCT in saying.openable(request.node, request.actor),
    }
    shown = {
        "row": row,
        "title": desk.told(row).title(row),
        "clause": PROTOCOL.clause,
        "incident": incidents.read(desk, dossier_id),
        "next": nextto.proposed(desk, dossier_id),
        "may": may,
        "me": request.node.me,
    }
    return render(request, "comity/incident.html", shown)


def _may_invite(desk: Desk, row: DossierRow) -> bool:
    """Say whether this person may invite a party, and the dossier may gain one."""
    able = desk.under(row, INVITE.kind) is not None and row.state == dossiers.ACTIVE
    steps = membership.next_of(desk.node, row) if able else ()
    return any(step.kind == INVITE.kind and not step.rule for step in steps)


def _may_write(request: Asked, row: DossierRow) -> bool:
    """Say whether this person may send the opening as a letter to somebody without a node."""
    try:
        sendable.require(request.node, request.actor, row.id)
    except Refusal:
        return False
    return True


@signed_in
def head(request: Asked, dossier_id: str) -> HttpResponse:
    """Show an incident on one sheet; what is TLP:RED is read on pages only."""
    return render(request, "comity/headpage.html", {"sheet": _sheet(request, dossier_id)})


@signed_in
def head_document(request: Asked, dossier_id: str) -> HttpResponse:
    """Give the sheet as a document of a word processor."""
    sheet = _sheet(request, dossier_id)
    written = headpage.document(desk_of(request), sheet)
    return giving.data(written, f"incident-{sheet.row.id[:12]}.docx")


def _sheet(request: Asked, dossier_id: str) -> Sheet:
    sheet = headpage.make(desk_of(request), dossier_id)
    audit.note_read(request.node, request.actor, dossier_id, TLP(sheet.row.ceiling))
    return sheet
