"""What needs the person who asks, and what waits on others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from comity.edge.web.requests import Asked, signed_in
from comity.services.casework.desk import Desk

if TYPE_CHECKING:
    from django.http import HttpResponse


@signed_in
def work(request: Asked) -> HttpResponse:
    """Show what needs this person, soonest due first, and what waits on others."""
    return render(request, "comity/work.html", {"work": Desk(request.node, request.actor).work()})
