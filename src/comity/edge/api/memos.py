"""What people of this party wrote down for each other; none of it leaves the node."""

from __future__ import annotations

from ninja import Router

from comity.edge.api.answers import answers, takes
from comity.edge.api.asking import Asked, desk_of
from comity.edge.api.shapes import memos as shapes
from comity.edge.api.shapes.kinds import Id
from comity.kernel.label import TLP
from comity.services.casework import memos
from comity.services.people import audit

router = Router(tags=["Memos"])


@router.get("/dossiers/{dossier}/memos", response=answers(shapes.Memos))
def list_memos(request: Asked, dossier: Id) -> shapes.Memos:
    """List the memos about a dossier and its acts that you may read, the oldest first."""
    desk = desk_of(request)
    found = memos.of_dossier(desk, dossier)
    audit.note_read(request.node, request.auth, dossier, TLP(desk.dossier(dossier).ceiling))
    return shapes.Memos(memos=[*found])


@router.put("/acts/{act}/memo", response=takes(shapes.Memos))
def write_memo(request: Asked, act: Id, said: shapes.NewMemo) -> shapes.Memos:
    """Write a memo about an act, in the place of your own for the same readers; an empty text
    removes that. About a dossier it is written about its opening.
    """
    desk = desk_of(request)
    dossier = memos.write(desk, act, said.text, for_=said.readers)
    return shapes.Memos(memos=[*memos.of_dossier(desk, dossier)])
