"""Lists of contacts by the pages: taken out of the directory, and in to a community."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from comity.edge.web import giving, uploads
from comity.edge.web.forms import Form, sent
from comity.edge.web.languages import said
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.kernel.errors import Refusal
from comity.protocols._vocabulary.contacts import ROLES
from comity.services.directory import exchange, lists
from comity.services.directory.book import Book, note_read
from comity.services.directory.exchange import Format

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

FORMATS = {
    Format.VCARD: _("vCard"),
    Format.JCARD: _("jCard"),
    Format.FIRST: _("JSON, as FIRST lists teams"),
    Format.RFC2350: _("RFC 2350"),
    Format.SECURITYTXT: _("security.txt"),
    Format.CSV: _("table (CSV)"),
}
ENDINGS = {
    Format.VCARD: "contacts.vcf",
    Format.JCARD: "contacts.jcard.json",
    Format.FIRST: "contacts.first.json",
    Format.RFC2350: "rfc2350.txt",
    Format.SECURITYTXT: "security.txt",
    Format.CSV: "contacts.csv",
}
"""What a file in a format is called."""


class Taking(Form):
    """In which format contacts are taken, and for whom."""

    format = forms.ChoiceField(label=_("Format"), choices=list(FORMATS.items()))
    own = forms.BooleanField(
        label=_("All that is held here, for this party's own use"), required=False
    )


class Bringing(Form):
    """A file of contacts to take in."""

    format = forms.ChoiceField(label=_("Format"), choices=list(FORMATS.items()))
    role = forms.ChoiceField(label=_("What they are for, where the list does not say"))
    file = forms.FileField(label=_("File"), help_text=_("At most 1 MB."))

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        named = [(code, said(label)) for code, label in ROLES.items()]
        self.fields["role"].choices = named  # type: ignore[attr-defined]
        self.fields["role"].initial = "technical"


@signed_in
def take(request: Asked, seat_id: str) -> HttpResponseBase:
    """Show what of a seat goes into a file and what does not; give the file."""
    desk = desk_of(request)
    contacts = Book(desk).of_seat(seat_id)
    if not contacts:
        raise Http404
    form = Taking(request.GET if "format" in request.GET else {"format": Format.VCARD})
    shown: dict[str, object] = {"form": form, "errors": form.errors, "seat": seat_id}
    if form.is_valid():
        note_read(desk, contacts)
        chosen = Format(form.cleaned_data["format"])
        given, left = lists.take_out(desk, contacts, own=form.cleaned_data["own"])
        try:
            text, unwritten = exchange.exported(given, chosen)
        except Refusal as refusal:
            form.refuse(refusal, "format")
        else:
            if "get" in request.GET:
                return giving.data(text.encode(), ENDINGS[chosen])
            shown |= {"text": text, "left": left, "unwritten": unwritten}
            shown["asked"] = request.GET.urlencode() or f"format={chosen.value}"
    return render(request, "comity/take.html", shown)


@signed_in
def bring(request: Asked, dossier_id: str) -> HttpResponseBase:
    """Take a list of contacts in to a community."""
    desk = desk_of(request)
    row = desk.dossier(dossier_id)
    if not lists.may_take_in(desk, row):
        raise Http404
    form = Bringing(*sent(request))
    uploads.note(request, form, "file")
    shown: dict[str, object] = {"row": row, "title": desk.told(row).title(row)}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            text = given["file"].read().decode()
            contacts, unread = exchange.imported(text, Format(given["format"]))
            taken = lists.take_in_as_person(desk, row.id, contacts, role=given["role"])
        except UnicodeDecodeError:
            form.add_error("file", _("This file is no text in UTF-8."))
        except Refusal as refusal:
            form.refuse(refusal, "file")
        else:
            shown |= {"taken": taken, "unread": unread}
    shown |= {"form": form, "errors": form.errors}
    return render(request, "comity/bring.html", shown, status=uploads.status(request))
