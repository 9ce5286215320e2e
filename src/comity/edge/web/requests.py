"""What the middleware adds to a request, and the two checks that begin most views."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext

from comity.edge.web.templatetags.comity import moment
from comity.kernel.errors import Refusal
from comity.services.casework.desk import Desk
from comity.services.casework.telling import Tongue, isolated

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
CONFLICT, ABLE_LATER = frozenset({"S8", "S12"}), frozenset({"S1", "S5", "S6", "S7", "T13"})
"""What somebody else did meanwhile, and what this node is not able to do now."""


def signed_in(
    view: Callable[Concatenate[Asked, P], HttpResponseBase],
) -> Callable[..., Any]:
    """Let only people who are signed in see a page; what they may not see is not there.

    What is refused, and the view says nowhere, has a page of its own.
    """

    @wraps(view)
    def checked(request: Asked, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not is_whole(request):
            raise BadRequest("No text holds the character of number 0.")
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            if refusal.rule in HIDDEN:
                raise Http404 from refusal
            return _refused(request, refusal)

    return login_required(checked)


def is_whole(request: HttpRequest) -> bool:
    """Say whether nothing in an address or a form holds the character of number 0, which not every
    database can keep.
    """
    typed = (
        text for form in (request.GET, request.POST) for _, texts in form.lists() for text in texts
    )
    return not any("\0" in text for text in (request.path_info, *typed))


def _refused(request: Asked, refusal: Refusal) -> HttpResponseBase:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if refusal.rule in CONFLICT:
        status = HTTPStatus.CONFLICT
    elif refusal.rule in ABLE_LATER:
        status = HTTPStatus.SERVICE_UNAVAILABLE
    elif refusal.rule == "T5":
        status = HTTPStatus.TOO_MANY_REQUESTS
    return render(request, "comity/refused.html", {"refusal": refusal}, status=status)


def cursor(request: HttpRequest, name: str = "before") -> int:
    """Return after or before what a list goes on, as the address says; 0 for its beginning."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def desk_of(request: Asked) -> Desk:
    """Return the dossiers as who asks sees them, told in the language of the page."""
    return Desk(request.node, request.actor, Tongue(gettext, _day, request.LANGUAGE_CODE, isolated))


def _day(time: int) -> str:
    return date_format(moment(time), "DATE_FORMAT")


def absolute(request: Asked, path: str) -> str:
    """Return the whole address of a page, as others reach this node."""
    base = request.node.settings.pages.rstrip("/")
    return base + path if base else request.build_absolute_uri(path)
