"""A person's own account: language, time zone, and the ways to sign in."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from comity.edge.web.forms import Form
from comity.edge.web.requests import Asked, signed_in
from comity.services.people import persons

if TYPE_CHECKING:
    from django.http import HttpResponse


def _zones() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(zoneinfo.available_timezones()) if "/" in name]


class Settings(Form):
    """What a person chooses for the pages."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [("UTC", "UTC"), *_zones()],
        help_text=_("Due times are shown in it, and in UTC."),
    )


@signed_in
def account(request: Asked) -> HttpResponse:
    """Show a person's account, and keep what was chosen."""
    chosen = {
        "language": request.user.language or request.LANGUAGE_CODE,
        "zone": request.user.zone or "UTC",
    }
    form = Settings(request.POST or None, initial=chosen)
    if request.method != "POST" or not form.is_valid():
        return render(request, "comity/account.html", {"form": form, "errors": form.errors})
    language = form.cleaned_data["language"]
    persons.settle(
        request.node, request.actor.id, language=language, zone=form.cleaned_data["zone"]
    )
    with override(language):
        messages.success(request, gettext("Saved."))
    answer = redirect("account")
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        samesite="Lax",
        httponly=True,
    )
    return answer
