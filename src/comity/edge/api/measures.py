"""How long this party and others waited for each other."""

from __future__ import annotations

from ninja import Router

from comity.edge.api.answers import answers
from comity.edge.api.asking import Asked, desk_of
from comity.services.response import measures
from comity.services.response.measures import Measures

router = Router(tags=["Responding"])


@router.get("/measures", response=answers(Measures))
def read_measures(request: Asked) -> Measures:
    """Read how long this party and others waited for each other on incidents, in ms."""
    return measures.of_desk(desk_of(request))
