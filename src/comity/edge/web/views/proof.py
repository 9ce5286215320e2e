"""Taking things out: files that were handed over, evidence that anybody can verify, and what waits
for a member, sealed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from comity.edge.web import giving
from comity.edge.web.forms import Form, sent
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.kernel.errors import Refusal
from comity.services.casework import filing
from comity.services.delivery import handing
from comity.services.proof import evidence as proofs

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from comity.services.node import Node
    from comity.store.access.acts import ActRow


@signed_in
def evidence(request: Asked, act_id: str) -> HttpResponse:
    """Give the evidence file of an act: it proves what was said when, and not its words."""
    row = filing.taken(desk_of(request), act_id)
    return giving.data(proofs.make(request.node, row.id), f"evidence-{row.id[:12]}.json")


@signed_in
def file(request: Asked, act_id: str, number: int) -> HttpResponseBase:
    """Give a file that was handed over, as bytes to be kept: no browser shows it in the page."""
    return attached(request.node, filing.taken(desk_of(request), act_id), number)


def attached(node: Node, row: ActRow, number: int) -> HttpResponseBase:
    """Return a file of an act to whoever has been let see it, as bytes to be kept."""
    try:
        entry, opened = filing.opened(node, row, number)
    except Refusal as refusal:
        if refusal.rule == "S3":
            raise Http404 from refusal
        raise
    return giving.file(opened, entry.name)


class Recipient(Form):
    """For whom a file is sealed."""

    party = forms.ChoiceField(label=_("For whom"), widget=forms.RadioSelect)

    def __init__(self, choices: list[tuple[str, str]], *args: object) -> None:
        super().__init__(*args)
        if isinstance(self.fields["party"], forms.ChoiceField):
            self.fields["party"].choices = choices


@signed_in
def export(request: Asked, dossier_id: str) -> HttpResponseBase:
    """Give what waits for a member of a dossier as a file that only that party can open."""
    node, desk = request.node, desk_of(request)
    row = desk.dossier(dossier_id)
    known = [(p, desk.names.get(p, p[:8])) for p in handing.recipients(node, dossier_id)]
    form = Recipient(sorted(known, key=lambda each: each[1]), *sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            name, opened = handing.export(
                node, request.actor, dossier_id, form.cleaned_data["party"]
            )
        except Refusal as refusal:
            if refusal.rule == "S3":
                raise
            form.refuse(refusal, "party")
        else:
            return giving.file(opened, name)
    shown = {"form": form, "errors": form.errors, "row": row, "title": desk.told(row).title(row)}
    return render(request, "comity/export.html", shown)
