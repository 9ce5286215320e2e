"""What holds for every page: headers, strict cookies, and who is asking, in which language."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import resolve, reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control

from comity.edge.web.signin import PROVEN, has_second_factor
from comity.kernel.errors import Refusal
from comity.services.node import ENVIRON
from comity.services.people import actors

if TYPE_CHECKING:
    from typing import TypeAlias

    from django.http import HttpResponse

    from comity.edge.web.requests import Asked

    Next: TypeAlias = Callable[[Asked], HttpResponse]

POLICY = "Content-Security-Policy"
HEADERS = {
    POLICY: (
        "default-src 'self'; img-src 'self'; script-src 'self'; style-src 'self'; object-src "
        "'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
YEAR = 365 * 24 * 3600
NOTED_AFTER, MOST_NOTED = 60_000, 10_000
"""How old what is known of a session's last use may become, in ms, and of how many it is known."""
GUESTS = frozenset({"guest", "guest_file", "guest_record"})
"""Pages for those who hold the link of a letter, whoever else they are."""
FINDERS = frozenset({"report", "report_case"})
"""Pages for those who report a vulnerability, whoever they are."""
ENTRANCE = GUESTS | FINDERS | {"account_login", "account_logout", "language", "welcome", "about"}
"""Pages for those who have not signed in, or not whole."""


def headers(then: Next) -> Next:
    """Set the headers that every answer carries, and keep pages out of every cache."""

    def middleware(request: Asked) -> HttpResponse:
        response = then(request)
        found = request.resolver_match
        if found is not None and found.url_name == "mfa_activate_totp":
            # The library draws the code as an image inside the page, here alone.
            drawn = HEADERS[POLICY].replace("img-src 'self'", "img-src 'self' data:")
            response.headers[POLICY] = drawn
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if "Cache-Control" not in response.headers:
            patch_cache_control(response, no_store=True)
        if request.is_secure():
            response.headers["Strict-Transport-Security"] = f"max-age={YEAR}"
            for cookie in response.cookies.values():
                cookie["secure"] = True
        return response

    return middleware


def sessions(then: Next) -> Next:
    """Note when a session was last used, and from where, for the person to look through.

    The library's own middleware writes that down at every request, and a page that is open asks for
    news every second. Here it is written once a minute, or when it comes from elsewhere.
    """
    noted: dict[tuple[str, str, str, str], int] = {}

    def note(request: Asked, key: str) -> None:
        node, agent = request.META[ENVIRON], request.META.get("HTTP_USER_AGENT", "")
        place = (node.db, key, get_adapter().get_client_ip(request), agent)
        if node.now() - noted.get(place, 0) > NOTED_AFTER:
            UserSession.objects.create_from_request(request)
            if len(noted) >= MOST_NOTED:
                noted.clear()
            noted[place] = node.now()

    def middleware(request: Asked) -> HttpResponse:
        key = request.session.session_key
        if key and request.user.is_authenticated:
            note(request, key)
        return then(request)

    return middleware


def person(then: Next) -> Next:
    """Say who is asking, with the mandates of this moment; speak the person's language."""

    def middleware(request: Asked) -> HttpResponse:
        request.node = request.META[ENVIRON]
        request.signed_in = False
        user = request.user
        if user.is_authenticated:
            try:
                request.actor = actors.of_person(request.node, user.pk)
            except Refusal:
                request.session.flush()
                return HttpResponseRedirect(reverse("account_login"))
            request.signed_in = True
            _settle(request)
            if _lacks_second_factor(request):
                return HttpResponseRedirect(reverse("mfa_activate_totp"))
        try:
            return then(request)
        finally:
            timezone.deactivate()

    return middleware


def _settle(request: Asked) -> None:
    """Take the person's language, unless another was chosen in this browser, and time zone."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if not chosen and request.user.language:
        translation.activate(request.user.language)
        request.LANGUAGE_CODE = translation.get_language()
    # A zone may have gone since it was chosen; listing them all takes longer than most pages.
    with suppress(zoneinfo.ZoneInfoNotFoundError, ValueError):
        timezone.activate(zoneinfo.ZoneInfo(request.user.zone or "UTC"))


def _lacks_second_factor(request: Asked) -> bool:
    """Say whether the node demands a second factor that this person has not set up yet."""
    if not request.node.settings.second_factor or request.session.get(PROVEN):
        return False
    if has_second_factor(request.user):
        return False
    found = resolve(request.path_info)
    name = found.url_name or ""
    return not (name in ENTRANCE or name.startswith(("mfa_", "account_reauth")))
