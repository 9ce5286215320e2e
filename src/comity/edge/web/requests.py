"""What the middleware adds to a request, and the two checks that begin most views."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext

from comity.edge.web.templatetags.comity import moment
from comity.kernel.errors import Refusal
from comity.services.casework.desk import Desk
from comity.services.casework.telling import Tongue

if TYPE_CHECKING:
    from typing import Concatenate, ParamSpec

    from django.http.response import HttpResponseBase

    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.store.people import Person

    P = ParamSpec("P")


class Asked(HttpRequest):
    """A request as views get it: ``node``, and where somebody is ``signed_in``, ``actor``."""

    node: Node
    signed_in: bool
    actor: Actor
    user: Person
    LANGUAGE_CODE: str


HIDDEN = frozenset({"S3", "S10"})
"""What does not exist and what may not be seen have one answer."""


def signed_in(
    view: Callable[Concatenate[Asked, P], HttpResponseBase],
) -> Callable[..., Any]:
    """Let only people who are signed in see a page; what they may not see is not there."""

    @wraps(view)
    def checked(request: Asked, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            if refusal.rule in HIDDEN:
                raise Http404 from refusal
            raise

    return login_required(checked)


def cursor(request: HttpRequest) -> int:
    """Return after or before what a list goes on, as the address says; 0 for its beginning."""
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def desk_of(request: Asked) -> Desk:
    """Return the dossiers as who asks sees them, told in the language of the page."""
    return Desk(request.node, request.actor, Tongue(gettext, _day))


def _day(time: int) -> str:
    return date_format(moment(time), "DATE_FORMAT")


def absolute(request: Asked, path: str) -> str:
    """Return the whole address of a page, as others reach this node."""
    base = request.node.settings.pages.rstrip("/")
    return base + path if base else request.build_absolute_uri(path)
