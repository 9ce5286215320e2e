"""Pages for what went wrong: what happened, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from comity.edge.web.views import saying

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from comity.edge.web.requests import Asked


def absent(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer for what is not there, and for what may not be seen, alike."""
    return render(request, "comity/absent.html", status=404)


def wrong(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer a request that makes no sense."""
    return render(request, "comity/wrong.html", status=400)


def lost(request: Asked, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Answer a form whose session ended, or that another site sent; what was typed is kept if this
    node made the form.
    """
    return saying.rescue(request) or render(request, "comity/lost.html", status=403)


def fault(request: HttpRequest) -> HttpResponse:
    """Answer when something broke here."""
    return render(request, "comity/fault.html", status=500)
