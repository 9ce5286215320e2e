"""The addresses of the API. ``tests/edge/test_api_routes.py`` walks them all, as everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from comity.edge.api.app import ROOT, api, description

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_safe
def openapi(_request: HttpRequest) -> HttpResponse:
    """Give the API's description, to whoever asks."""
    return HttpResponse(orjson.dumps(description()), content_type="application/json")


urlpatterns = [
    path(f"{ROOT.lstrip('/')}openapi.json", openapi, name="openapi"),
    path(ROOT.lstrip("/"), api.urls),
]
