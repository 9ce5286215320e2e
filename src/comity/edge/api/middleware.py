"""Where the API begins: what lies under ``/api/`` never meets what the pages are made with.

No session is looked at, no form's token asked for, no language chosen: an operation knows who asks
by the token alone. Everything that comes out has the API's one shape of an error.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest
from django.urls import resolve

from comity.edge.api import problems
from comity.edge.api.problems import Wrong
from comity.kernel.errors import Refusal
from comity.services.node import ENVIRON

if TYPE_CHECKING:
    from typing import TypeAlias

    from django.http.response import HttpResponseBase

    Next: TypeAlias = Callable[[HttpRequest], HttpResponseBase]

LOG = logging.getLogger(__name__)
PREFIX = "/api/"
URLS = "comity.edge.api.urls"
NOT_ALLOWED = 405


def apart(then: Next) -> Next:
    """Answer what is asked of the API, and hand on what is asked of the pages."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return then(request)
        request.node = request.META[ENVIRON]  # type: ignore[attr-defined]
        try:
            return _answer(request)
        except Wrong as wrong:
            return problems.answer(wrong)
        except Exception:
            LOG.exception("A request to %s failed here.", request.path_info[:80])
            fault = Refusal("T13", "This node could not do it just now.")
            return problems.answer(Wrong(503, fault))

    return middleware


def _answer(request: HttpRequest) -> HttpResponseBase:
    if "\0" in request.path_info or "%00" in str(request.META.get("QUERY_STRING", "")):
        raise Wrong(400, Refusal("S4", "An address has no character of number 0."))
    try:
        found = resolve(request.path_info, URLS)
        request.resolver_match = found
        response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
    except Http404 as error:
        raise Wrong(404, Refusal("S3", "There is nothing at this address.")) from error
    if response.status_code == NOT_ALLOWED:
        told = f"This address takes {response['Allow']}."
        raise Wrong(NOT_ALLOWED, Refusal("S4", told), headers={"Allow": response["Allow"]})
    return response
