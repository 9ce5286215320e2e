"""What was seen, by class, sector and month."""

from __future__ import annotations

from ninja import Router

from comity.edge.api.answers import answers
from comity.edge.api.asking import Asked
from comity.edge.api.shapes import landscape as shapes
from comity.edge.api.shapes.kinds import Label
from comity.kernel.label import TLP, Egress
from comity.services.sharing import landscape, searching

router = Router(tags=["Sharing"])


@router.get("/landscape", response=answers(shapes.Landscape))
def read_landscape(request: Asked, tlp: Label | None = None) -> shapes.Landscape:
    """Read what was seen, by class, sector and month, made of nothing stricter than `tlp`."""
    finder = searching.of_actor(request.node, request.auth, Egress.API)
    view = landscape.view(request.node, finder, TLP(tlp) if tlp else None)
    return shapes.Landscape.from_orm(view.to_object())
