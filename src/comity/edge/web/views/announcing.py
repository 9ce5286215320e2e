"""Advisories in a disclosure: announced, and published by hand where the embargo ended early."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from comity.edge.web import giving, uploads
from comity.edge.web.forms import Form, sent
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.protocols.response.disclosure import PROTOCOL
from comity.services.casework import dossiers
from comity.services.people import audit
from comity.services.response import announcing, disclosures, placing
from comity.services.response.announcing import Wish
from comity.services.response.placing import Places

if TYPE_CHECKING:
    from django.http import HttpResponse

    from comity.services.casework.desk import Desk
    from comity.store.access.acts import DossierRow


class Announcing(Form):
    """An advisory, and where it is to go out."""

    file = forms.FileField(
        label=_("The advisory"),
        help_text=_(
            "A file of CSAF 2.0 or 2.1, final, named as it will be. At most 0.9 MB; bring a larger "
            "one on the command line."
        ),
    )
    provider = forms.BooleanField(
        label=_("Publish it for everybody, in our folder"), required=False
    )
    circles = forms.MultipleChoiceField(
        label=_("Publish it in circles"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    text = forms.CharField(
        label=_("A word to the others"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    def __init__(self, desk: Desk, *args: object) -> None:
        super().__init__(*args)
        offered = announcing.circles(desk)
        self.fields["circles"].choices = offered  # type: ignore[attr-defined]
        if not offered:
            del self.fields["circles"]
        if not placing.is_provider(desk.node):
            del self.fields["provider"]

    def wish(self) -> Wish:
        """Return what was filled in."""
        file, given = self.cleaned_data["file"], self.cleaned_data
        places = Places(tuple(given.get("circles", ())), bool(given.get("provider")))
        return Wish(file.name, file.read(), places, given["text"])


@signed_in
def announce(request: Asked, dossier_id: str) -> HttpResponse:
    """Take an advisory that is to go out at the agreed end."""
    desk, row = _place(request, dossier_id)
    form = Announcing(desk, *sent(request))
    uploads.note(request, form, "file")
    if form.is_valid():
        try:
            done = announcing.announce(desk, row.id, form.wish())
        except Refusal as refusal:
            form.refuse(refusal, "" if refusal.subject in form.fields else "file")
        else:
            messages.success(
                request,
                gettext("Announced. It goes out by itself at the agreed end, and not before.")
                if done.act
                else gettext("It waits for a second person, and goes nowhere until then."),
            )
            return redirect("disclosure", row.id)
    found = disclosures.case(request.node, row.id)
    shown = {"row": row, "title": desk.told(row).title(row), "form": form, "found": found}
    return render(request, "comity/announce.html", shown, status=uploads.status(request))


@require_POST
@signed_in
def publish_now(request: Asked, dossier_id: str) -> HttpResponse:
    """Publish at once what was announced, where the embargo ended otherwise."""
    desk, row = _place(request, dossier_id)
    try:
        announcing.publish_now(desk, row.id)
    except Refusal as refusal:
        messages.error(request, desk.tongue.apart(refusal.reason))
    else:
        messages.success(request, gettext("Published. All members are told."))
    return redirect("disclosure", row.id)


@signed_in
def announced(request: Asked, dossier_id: str, hash_: str) -> HttpResponse:
    """Give the file of an advisory that waits, to who announces such or approves it."""
    desk = desk_of(request)
    row = desk.dossier(dossier_id)
    if row.protocol != PROTOCOL.name:
        raise Http404
    name, data = announcing.file(desk, row.id, hash_)
    audit.note_read(request.node, request.actor, row.id, TLP(row.ceiling))
    return giving.data(data, name)


def _place(request: Asked, dossier_id: str) -> tuple[Desk, DossierRow]:
    desk = desk_of(request)
    row = desk.dossier(dossier_id)
    kind = announcing.KIND
    if row.protocol != PROTOCOL.name or row.state != dossiers.ACTIVE or not desk.under(row, kind):
        raise Http404
    return desk, row
