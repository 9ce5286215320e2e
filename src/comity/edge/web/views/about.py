"""What this node is, for anybody who can reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from comity.kernel.ids import fingerprint

if TYPE_CHECKING:
    from django.http import HttpResponse

    from comity.edge.web.requests import Asked


def about(request: Asked) -> HttpResponse:
    """Show whose node this is, its fingerprint, and what it is not for."""
    shown = {"fingerprint": fingerprint(request.node.me), "intake": request.node.settings.intake}
    return render(request, "comity/about.html", shown)
