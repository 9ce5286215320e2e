"""Incidents, as they stand."""

from __future__ import annotations

from ninja import Router

from comity.edge.api.answers import answers
from comity.edge.api.asking import Asked, desk_of
from comity.edge.api.shapes.kinds import Id
from comity.kernel.label import TLP
from comity.protocols.response.incident import PROTOCOL
from comity.services.people import audit
from comity.services.response import incidents, nextto
from comity.services.response.incidentview import Incident
from comity.services.response.nextto import NextToTell

router = Router(tags=["Responding"])


@router.get("/dossiers/{dossier}/incident", response=answers(Incident))
def read_incident(request: Asked, dossier: Id) -> Incident:
    """Read an incident as it stands: what each party says it knows, and the levels that makes by
    every scheme; the timeline; help asked and offered, with what is late; tasks; and who is about
    to act on the same target.
    """
    desk = desk_of(request)
    row = desk.dossier_of(PROTOCOL, dossier)
    audit.note_read(request.node, request.auth, row.id, TLP(row.ceiling))
    return incidents.read(desk, dossier)


@router.get("/dossiers/{dossier}/incident/next", response=answers(NextToTell))
def read_next_to_tell(request: Asked, dossier: Id) -> NextToTell:
    """Read who should be told next of an incident, each with the reasons: from the sectors, states
    and parties that are affected, as parties said, and from the directory. Nobody is told by this.
    """
    desk = desk_of(request)
    row = desk.dossier_of(PROTOCOL, dossier)
    audit.note_read(request.node, request.auth, row.id, TLP(row.ceiling))
    return nextto.proposed(desk, dossier)
