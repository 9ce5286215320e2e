"""Forwarding an object into another circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy

from comity.edge.web import stixwords
from comity.edge.web.forms import Form
from comity.edge.web.requests import Asked, cursor, signed_in
from comity.edge.web.views.objects import finder_of
from comity.edge.web.views.oneobject import links_of
from comity.kernel.errors import Refusal
from comity.services.sharing import onward, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from comity.services.sharing.about import Held
    from comity.services.sharing.onward import Choice
    from comity.services.sharing.whole import Whole


class Forwarding(Form):
    """Into which circle an object is forwarded."""

    circle = forms.ChoiceField(label=gettext_lazy("Into"), widget=forms.RadioSelect)

    def __init__(self, allowed: Sequence[Choice], *args: object) -> None:
        super().__init__(*args)
        named = [(each.place.dossier, each.place.title) for each in allowed]
        self.fields["circle"].choices = named  # type: ignore[attr-defined]


@signed_in
def forward(request: Asked, object_id: str) -> HttpResponse:
    """Show to which circles an object may be forwarded, and why not to others; forward it."""
    node, finder = request.node, finder_of(request)
    found = whole.whole(node, finder, object_id)
    held = _named(found, cursor(request, "added"))
    choices = onward.choices(node, finder, held)
    allowed = {each.place.dossier: each for each in choices if each.refusal is None}
    form = Forwarding([*allowed.values()], request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            act = onward.forward(node, request.actor, held, allowed[form.cleaned_data["circle"]])
        except Refusal as refusal:
            form.refuse(refusal, "circle")
        else:
            messages.success(
                request,
                gettext("Signed. It is on its way to every member.")
                if act
                else gettext("It waits for a second person now."),
            )
            return redirect("object", object_id)
    links = {link.kind: link for link in links_of(held, found.steps)}
    shown = {
        "about": found.about,
        "name": found.name or stixwords.of_type(found.about.type),
        "held": held,
        "form": form,
        "errors": form.errors,
        "allowed": allowed,
        "refused": [each for each in choices if each.refusal is not None],
        "ask": links.get("ask"),
        "alone": [each for each in allowed.values() if each.alone],
        "second": [each for each in allowed.values() if not each.alone],
        "who": onward.alone(node, "forward"),
    }
    return render(request, "comity/forward.html", shown)


def _named(found: Whole, added: int) -> Held:
    """Return where an object stands from where it is forwarded."""
    able = {each.held.added for each in found.steps if whole.FORWARD in each.kinds}
    held = next((each for each in found.about.readable if each.added == added), None)
    if held is None or held.added not in able:
        raise Http404
    return held
