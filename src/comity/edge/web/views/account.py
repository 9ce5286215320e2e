"""A person's own account: language, time zone, notices by mail, and the ways to sign in."""

from __future__ import annotations

import zoneinfo
from datetime import time
from functools import cache
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from comity.edge.web.forms import Form
from comity.edge.web.requests import Asked, signed_in
from comity.services.people import persons
from comity.services.people.hours import Hours

if TYPE_CHECKING:
    from django.http import HttpResponse


@cache
def zones() -> list[tuple[str, str]]:
    """Return the time zones to choose from."""
    return [(name, name) for name in sorted(zoneinfo.available_timezones()) if "/" in name]


class Taste(Form):
    """What a person chooses for the pages."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [("UTC", "UTC"), *zones()],
        help_text=_("Due times are shown in it, and in UTC."),
    )


class Clock(forms.TimeField):
    """A time of day, of 24 hours."""

    input_formats = ("%H:%M",)
    widget = forms.TimeInput(format="%H:%M", attrs={"class": "short", "dir": "ltr"})


class Mailed(Form):
    """When mail may come."""

    mail = forms.BooleanField(
        label=_("Tell me by mail that something awaits me"),
        required=False,
        help_text=_("Heads are told of an emergency in any case."),
    )
    digest = forms.BooleanField(
        label=_("Once a day, when my work begins"),
        required=False,
        help_text=_("Otherwise at once, whatever it is."),
    )
    begins = Clock(label=_("My work begins at"), help_text=_("In your time zone, as 08:30."))
    days = forms.MultipleChoiceField(
        label=_("I work on"),
        choices=[(str(day), name) for day, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    quiet_from = Clock(
        label=_("Quiet hours from"),
        required=False,
        help_text=_("In them only what is urgent comes."),
    )
    quiet_to = Clock(label=_("Quiet hours until"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name in ("begins", "quiet_from", "quiet_to"):
            told = _("%(label)s: write it as 08:30.") % {"label": self.fields[name].label}
            self.fields[name].error_messages["invalid"] = str(told)

    def clean(self) -> dict[str, Any]:
        """Ask for both ends of the quiet hours, or for none."""
        given = super().clean() or {}
        ends = [name for name in ("quiet_from", "quiet_to") if given.get(name) is None]
        if len(ends) == 1 and ends[0] not in self.errors:
            self.add_error(
                ends[0], _("Quiet hours have a beginning and an end: give both, or none.")
            )
        return given

    def hours(self) -> Hours:
        """Return what was chosen."""
        given = self.cleaned_data
        start, end = given["quiet_from"], given["quiet_to"]
        return Hours(
            mail=given["mail"],
            digest=given["digest"],
            begins=_minutes(given["begins"]),
            days=tuple(sorted(map(int, given["days"]))),
            quiet=None if start is None else (_minutes(start), _minutes(end)),
        )


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def _initial(hours: Hours) -> dict[str, Any]:
    quiet = [None, None] if hours.quiet is None else [_time(end) for end in hours.quiet]
    return {
        "mail": hours.mail,
        "digest": hours.digest,
        "begins": _time(hours.begins),
        "days": [str(day) for day in hours.days],
        "quiet_from": quiet[0],
        "quiet_to": quiet[1],
    }


@signed_in
def account(request: Asked) -> HttpResponse:
    """Show a person's account, and keep what was chosen."""
    sent = request.POST if request.method == "POST" else None
    saving = "" if sent is None else sent.get("save", "taste")
    chosen = {
        "language": request.user.language or request.LANGUAGE_CODE,
        "zone": request.user.zone or "UTC",
    }
    taste = Taste(sent if saving == "taste" else None, initial=chosen)
    now = _initial(Hours.from_object(request.user.hours))
    mailed = Mailed(sent if saving == "hours" else None, initial=now)
    if saving == "taste" and taste.is_valid():
        return _settle(request, taste)
    if saving == "hours" and mailed.is_valid():
        persons.set_hours(request.node, request.actor.id, mailed.hours())
        messages.success(request, gettext("Saved."))
        return redirect("account")
    shown = {
        "form": taste,
        "hours": mailed,
        "errors": taste.errors or mailed.errors,
    }
    return render(request, "comity/account.html", shown)


def _settle(request: Asked, form: Taste) -> HttpResponse:
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
