"""The tokens by which programs act for a person, or as machines a person answers for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.edge.web.forms import Form
from comity.edge.web.requests import Asked, signed_in
from comity.edge.web.templatetags.comity import SHOWN
from comity.edge.web.views.node import LANE_WORDS
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.kernel.protocol import LANES
from comity.services.people import tokens
from comity.services.people.tokens import MOST_DAYS, STRICTEST, USUAL_DAYS, Wish

if TYPE_CHECKING:
    from django.http import HttpResponse

    from comity.services.people.actors import Actor


class Making(Form):
    """A token to be made, within what its maker may do."""

    name = forms.CharField(
        label=_("What it is for"),
        max_length=120,
        help_text=_("As you will know it again: the name of the program, and where it runs."),
    )
    machine = forms.BooleanField(
        label=_("It acts under this name, and not as me"),
        required=False,
        help_text=_(
            "For a program that runs by itself. It approves nothing, acknowledges nothing and "
            "accredits nobody; you answer for what it says."
        ),
    )
    mandates = forms.MultipleChoiceField(
        label=_("Mandates"), widget=forms.CheckboxSelectMultiple, help_text=_("At least one.")
    )
    lanes = forms.MultipleChoiceField(
        label=_("Sees the dealings of"), required=False, widget=forms.CheckboxSelectMultiple
    )
    ceiling = forms.ChoiceField(
        label=_("Reads up to"),
        choices=[(tlp.value, text) for tlp, text in SHOWN.items() if tlp <= STRICTEST],
        initial=STRICTEST.value,
    )
    days = forms.IntegerField(
        label=_("Works for so many days"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=USUAL_DAYS,
    )

    def __init__(self, actor: Actor, *args: object) -> None:
        super().__init__(*args)
        held = [(mandate.code, gettext(mandate.title)) for mandate in actor.mandates]
        lanes = [(lane, LANE_WORDS[lane]) for lane in LANES if lane in actor.lanes]
        self.fields["mandates"].choices = held  # type: ignore[attr-defined]
        self.fields["lanes"].choices = lanes  # type: ignore[attr-defined]

    def wish(self) -> Wish:
        """Return what was filled in. Call it on a form that is valid."""
        given = self.cleaned_data
        return Wish(
            name=given["name"],
            codes=tuple(given["mandates"]),
            lanes=tuple(given["lanes"]),
            ceiling=TLP(given["ceiling"]),
            machine=given["machine"],
            days=given["days"],
        )


@signed_in
def mine(request: Asked) -> HttpResponse:
    """List a person's tokens, make one and show its secret once, and revoke one."""
    if token := request.POST.get("revoke"):
        tokens.revoke(request.node, request.actor, token)
        messages.success(request, gettext("Revoked. Whatever used it is let in no more."))
        return redirect("tokens")
    form = Making(request.actor, request.POST if request.method == "POST" else None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        secret = _made(request, form)
    shown = {
        "form": form,
        "errors": form.errors,
        "secret": secret,
        "tokens": tokens.own(request.node, request.actor.id),
        "now": request.node.now(),
    }
    return render(request, "comity/tokens.html", shown)


def _made(request: Asked, form: Making) -> str:
    try:
        return tokens.make(request.node, request.actor, form.wish(), by=request.actor)[0]
    except Refusal as refusal:
        form.refuse(refusal)
    return ""
