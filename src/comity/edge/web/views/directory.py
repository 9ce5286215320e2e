"""The directory: whom to call now, what is kept of each seat, and a card to carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from comity.edge.web.forms import Form
from comity.edge.web.languages import said
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP, Egress, lets_out
from comity.protocols._vocabulary.contacts import REQUEST, ROLES
from comity.protocols._vocabulary.sectors import SECTORS
from comity.protocols.trust.community import PROTOCOL
from comity.services.casework import saying
from comity.services.directory import calling
from comity.services.directory.book import Book, note_read, wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from comity.services.directory.book import Contact, Seat
    from comity.services.directory.calling import Answer, Candidate
    from comity.store.access.acts import DossierRow

ON_A_CARD = 4
"""Contacts that have room on one card."""
MOST_CITED = 16
"""Messages that one confirmation cites at most."""


class Calling(Form):
    """Whom somebody looks for; its fields have the names that the service gives them."""

    party = forms.CharField(
        label=gettext_lazy("Party or seat"),
        max_length=200,
        help_text=gettext_lazy("A party by its name, or a seat as xx or xx_cert."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"), required=False)
    language = forms.CharField(
        label=gettext_lazy("Language"),
        required=False,
        max_length=35,
        help_text=gettext_lazy("As fr, ar or zh-Hans."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        named = [(code, said(label)) for code, label in ROLES.items()]
        self.fields["purpose"].choices = [("", gettext_lazy("any")), *named]  # type: ignore[attr-defined]


class Serving(Form):
    """What the seats that are listed answer for."""

    sector = forms.ChoiceField(label=gettext_lazy("Sector"), required=False)
    state = forms.CharField(
        label=gettext_lazy("State"),
        required=False,
        max_length=2,
        help_text=gettext_lazy("By its ISO 3166 code, as fr."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        named = [(code, said(label)) for code, label in SECTORS.items()]
        self.fields["sector"].choices = [("", gettext_lazy("any")), *named]  # type: ignore[attr-defined]


@signed_in
def directory(request: Asked) -> HttpResponse:
    """Show who is to be called now, where that was asked, and the seats that are spoken for."""
    form = Calling(request.GET if request.GET.keys() - Serving.base_fields.keys() else None)
    found = _found(request, form) if form.is_valid() else None
    serving = Serving(request.GET if request.GET.keys() & Serving.base_fields.keys() else None)
    seats = () if found else _seats(request, serving)
    shown = {
        "form": form,
        "errors": {**form.errors, **serving.errors},
        "found": found,
        "asked": request.GET.urlencode(),
        "serving": serving,
        "seats": seats,
        "may_open": PROTOCOL in saying.openable(request.node, request.actor),
    }
    return render(request, "comity/directory.html", shown)


@signed_in
def card(request: Asked) -> HttpResponse:
    """Show the same answer as cards to print and to carry; what is TLP:RED stays on pages."""
    form = Calling(request.GET or None)
    found = _found(request, form) if form.is_valid() else None
    if found is None:
        raise Http404
    rows = desk_of(request).seen(each.contact.key.dossier for each in found.candidates)
    carried = [each for each in found.candidates if _may_be_carried(each, rows)]
    shown = {"found": found, "candidates": carried[:ON_A_CARD]}
    return render(request, "comity/card.html", shown)


def _may_be_carried(each: Candidate, rows: Mapping[str, DossierRow]) -> bool:
    return lets_out(TLP(rows[each.contact.key.dossier].ceiling), Egress.FILE)


@signed_in
def seat(request: Asked, seat_id: str) -> HttpResponse:
    """Show everything that is kept of a seat, and by whom."""
    desk = desk_of(request)
    contacts = Book(desk).of_seat(seat_id)
    if not contacts:
        raise Http404
    note_read(desk, contacts)
    me = request.node.me
    rows = desk.seen(contact.key.dossier for contact in contacts)

    def may(contact: Contact, kind: str) -> bool:
        return desk.under(rows[contact.key.dossier], kind) is not None

    told = [
        (each, _steps(each) if each.is_told_by(me) and may(each, "confirm") else None)
        for each in contacts
    ]
    asked = [
        (each, steps, "" if each.is_told_by(me) or not may(each, "ask_detail") else _lacking(each))
        for each, steps in told
    ]
    return render(request, "comity/seat.html", {"seat": seat_id, "contacts": asked, "me": me})


class Steps(NamedTuple):
    """What who keeps a contact may say of it, as addresses of forms are asked: to ``confirm`` all
    that is held of it, and about the ``nomination``.
    """

    confirm: str
    nomination: str


def _steps(contact: Contact) -> Steps:
    held = [told for told in contact.particulars.values() if told.text]
    acts = sorted({told.act for told in held})[:MOST_CITED]
    fields = [told.field for told in held if told.act in acts]
    about = {"contact": contact.key.contact}
    return Steps(
        urlencode({"refs": acts, **about, "fields": fields}, doseq=True),
        urlencode({"refs": contact.act, **about}),
    )


def _lacking(contact: Contact) -> str:
    """Return how the form is asked for what is given on request, "" where nothing is."""
    held = contact.particulars.values()
    fields = [told.field for told in held if told.visibility == REQUEST and not told.text]
    about = {"refs": contact.act, "contact": contact.key.contact, "fields": fields}
    return urlencode(about, doseq=True) if fields else ""


def _seats(request: Asked, form: Serving) -> tuple[Seat, ...]:
    """Return the seats that are spoken for, of those who serve what was asked for."""
    given = form.cleaned_data if form.is_valid() else {}
    directory = Book(desk_of(request))
    try:
        return directory.listed(*wanted(given.get("sector", ""), given.get("state", "")))
    except Refusal as refusal:
        form.refuse(refusal)
        return ()


def _found(request: Asked, form: Calling) -> Answer | None:
    given, desk, now = form.cleaned_data, desk_of(request), request.node.now()
    try:
        asked = calling.asked(given["party"], given["purpose"], given["language"], at=now)
        found = calling.call(desk, asked)
    except Refusal as refusal:
        form.refuse(refusal)
        return None
    note_read(desk, (each.contact for each in found.candidates))
    return found
