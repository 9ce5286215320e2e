"""Whether an announced activity explains an address: asked by a form, answered on its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from comity.edge.web.filling import LOCAL, text_of
from comity.edge.web.forms import Form
from comity.edge.web.languages import said
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.kernel.errors import Refusal
from comity.kernel.fieldtypes import instant_from_text
from comity.services.casework import explaining

if TYPE_CHECKING:
    from django.http import HttpResponse

    from comity.services.casework.explaining import Explained, Question


class Looking(Form):
    """What is asked about; its fields have the names that the service gives them."""

    address = forms.CharField(
        label=gettext_lazy("Address or range"),
        max_length=100,
        help_text=gettext_lazy("As 192.0.2.7 or 2001:db8::/48."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
    )
    at = forms.CharField(
        label=gettext_lazy("When"),
        required=False,
        max_length=25,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL),
    )
    margin = forms.IntegerField(
        label=gettext_lazy("Give or take, in minutes"),
        required=False,
        min_value=0,
        max_value=explaining.MOST_MARGIN,
    )

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.fields["at"].help_text = gettext(
            "Now, if you leave it out. In your time zone, %(zone)s."
        ) % {"zone": timezone.get_current_timezone_name()}

    def clean_at(self) -> int | None:
        """Return the instant in milliseconds, or None where it was left out."""
        text = text_of(self.cleaned_data["at"])
        try:
            return instant_from_text(text) if text else None
        except ValueError as error:
            raise forms.ValidationError(said(error.args[0])) from error


@signed_in
def explain(request: Asked) -> HttpResponse:
    """Show the form and, where something was asked, what this person sees that explains it."""
    form = Looking(request.GET or None)
    found = _found(request, form) if form.is_valid() else None
    shown = {"form": form, "errors": form.errors, "found": found}
    return render(request, "comity/explain.html", shown)


def _found(request: Asked, form: Looking) -> Explained | None:
    try:
        return explaining.explain(desk_of(request), _question(request, form))
    except Refusal as refusal:
        form.refuse(refusal)
        return None


def _question(request: Asked, form: Looking) -> Question:
    given = form.cleaned_data
    at = request.node.now() if given["at"] is None else given["at"]
    return explaining.question(given["address"], at, given["margin"] or 0)
