"""Public keys of people and desks: what speaks for each, and reading one aloud, step by step.

The page of a key works on a telephone: while two people talk, each presses one button per step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno
from django import forms
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy

from comity.edge.web import filling
from comity.edge.web.forms import Form
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.services.directory import aloud
from comity.services.directory import keys as services
from comity.services.identity import roster

if TYPE_CHECKING:
    from django.http import HttpResponse

    from comity.services.casework.desk import Desk
    from comity.services.directory.aloud import Reading
    from comity.services.directory.keys import KeyEvidence, PublicKey

LEVELS = {
    "k0": gettext_lazy("K0: shown by its party"),
    "k1": gettext_lazy("K1: the domain agrees"),
    "k2": gettext_lazy("K2: read aloud"),
    "k3": gettext_lazy("K3: compared in person"),
}


class Partner(Form):
    """With whom a key is read aloud."""

    to = forms.ChoiceField(label=gettext_lazy("With whom"))

    def __init__(self, partners: list[tuple[str, str]], *args: object) -> None:
        super().__init__(*args)
        field = self.fields["to"]
        if isinstance(field, forms.ChoiceField):
            field.choices = filling.named(partners)
            field.initial = partners[0][0] if partners else None


@signed_in
def keys(request: Asked) -> HttpResponse:
    """List the keys that this person sees, of one party where it is named."""
    desk, party = desk_of(request), request.GET.get("party", "")
    name = roster.known(request.node, party).name if party else ""
    found = services.listed(desk, party)
    shown = {
        "keys": [(key, LEVELS[key.level]) for key in found],
        "counts": [(LEVELS[level], number) for level, number in services.counts(found)],
        "waiting": aloud.waiting(desk),
        "of": name,
    }
    return render(request, "comity/keys.html", shown)


@signed_in
def reading(request: Asked, act_id: str) -> HttpResponse:
    """Lead from a step of reading aloud to the page of the key."""
    return redirect("key", aloud.of_act(desk_of(request), act_id).key)


@signed_in
def key(request: Asked, act_id: str) -> HttpResponse:
    """Show a key; do the next step of reading it aloud."""
    desk = desk_of(request)
    found = services.find(desk, act_id)
    if found.act != act_id:
        raise Http404
    form = Partner(aloud.partners(desk, found), request.POST if "begin" in request.POST else None)
    if request.method == "POST" and _do(request, desk, found, form):
        return redirect("key", act_id)
    code = segno.make(services.code_of(found), error="m")
    title = gettext("Fingerprint")
    shown = {
        "key": found,
        "level": LEVELS[found.level],
        "evidence": [_evidence(each) for each in found.evidence],
        "code": code.svg_inline(omitsize=True, svgclass="code", title=title),
        "readings": aloud.of_desk(desk, found),
        "over": aloud.OVER,
        "may": aloud.may(desk, found),
        "form": form,
        "errors": form.errors,
    }
    return render(request, "comity/key.html", shown)


def _evidence(each: KeyEvidence) -> tuple[KeyEvidence, object, list[str]]:
    """Return evidence with the words for its level, and for what was compared or seen."""
    return each, LEVELS[each.level], [services.HOW_WORDS[code] for code in each.how]


def _do(request: Asked, desk: Desk, found: PublicKey, form: Partner) -> bool:
    """Do the step that was pressed; say whether it is done."""
    if "begin" in request.POST:
        if not form.is_valid():
            return False
        aloud.begin(desk, found, form.cleaned_data["to"])
        return True
    step = _asked(request, desk)
    if "heard" in request.POST:
        aloud.hear(desk, step, request.POST["heard"])
    else:
        aloud.go_on(desk, step)
    return True


def _asked(request: Asked, desk: Desk) -> Reading:
    return aloud.of_act(desk, request.POST.get("reading", ""))
