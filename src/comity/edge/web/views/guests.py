"""Letters to guests, at the pages of this party: written, looked at, printed, revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.edge.web.forms import Form, sent
from comity.edge.web.requests import HIDDEN, Asked, absolute, desk_of, signed_in
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.services.casework import dossiers, letters, lettertext, sendable
from comity.services.casework import guests as service
from comity.services.casework.guests import Addressee
from comity.services.directory.book import Book, note_read
from comity.store.access import acts

if TYPE_CHECKING:
    from django.http import HttpResponse

    from comity.services.casework.telling import Telling
    from comity.services.directory.book import Contact
    from comity.store.access.guests import GuestRow

ABSENT = "…"
"""What stands for a secret that is not made yet."""
FORBIDDEN = 403
STATES = {
    "waiting": _("waits for a second person"),
    "made": _("sent, or about to be"),
    "acknowledged": _("acknowledged"),
    "answered": _("answered"),
    "expired": _("expired without an answer"),
    "revoked": _("this letter was revoked"),
}


NAME = 120
"""Characters of the name of whom a letter goes to."""


class Addressing(Form):
    """Whom a letter goes to, in which languages, and how long its link works."""

    name = forms.CharField(
        label=_("Whom you write to"),
        max_length=NAME,
        help_text=_("A name and, if it helps, an organisation. Members see it with the answer."),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    mail = forms.EmailField(
        label=_("Address of mail"),
        max_length=254,
        help_text=_("What is recorded says to which address the letter went."),
        widget=forms.EmailInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    first = forms.ChoiceField(label=_("First language"), choices=settings.LANGUAGES)
    second = forms.ChoiceField(label=_("Second language"), choices=settings.LANGUAGES)
    days = forms.IntegerField(
        label=_("Days until the link ends"),
        min_value=1,
        max_value=service.MOST_DAYS,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
    )

    def addressee(self) -> Addressee:
        """Return what was filled in. Call it on a form that is valid."""
        given = self.cleaned_data
        languages = (given["first"], given["second"])
        return Addressee(given["name"], given["mail"], languages, given["days"])


@signed_in
def letter(request: Asked, act_id: str) -> HttpResponse:
    """Write a letter to somebody without a node; look at what leaves the house; make its link."""
    try:
        row, _hand = sendable.require(request.node, request.actor, act_id)
    except Refusal as refusal:
        if refusal.rule in HIDDEN:
            raise
        return _refused(request, act_id, refusal)
    form = Addressing(*sent(request), initial=_initial(request, row.dossier))
    shown = {"form": form, "act": row, "title": _title(request, row.dossier)}
    if request.method == "POST" and form.is_valid() and "change" not in request.POST:
        try:
            return _written(request, row.id, form.addressee(), shown)
        except Refusal as refusal:
            if refusal.subject not in form.fields:
                raise
            form.refuse(refusal)
    return render(request, "comity/letter.html", {**shown, "errors": form.errors})


def _refused(request: Asked, act_id: str, refusal: Refusal) -> HttpResponse:
    """Say why an act goes to no guest, before anything is typed."""
    row = acts.act(request.node.db, act_id)
    dossier = "" if row is None else row.dossier
    shown = {"refusal": refusal, "dossier": dossier, "title": _title(request, dossier)}
    return render(request, "comity/letter_refused.html", shown, status=FORBIDDEN)


def _initial(request: Asked, dossier_id: str) -> dict[str, object]:
    """Return what is filled in: to a contact of the directory, where the address names one, in the
    languages that it speaks of those of this node.
    """
    mine = request.LANGUAGE_CODE
    told: dict[str, object] = {"days": service.DAYS}
    languages = [mine, "fr" if mine == "en" else "en"]
    if (contact := _contact(request, dossier_id)) is not None:
        told |= {"name": contact.called[:NAME], "mail": contact.text("email")}
        spoken = [tag.strip().lower() for tag in contact.text("languages").split(",")]
        able = {code for code, _ in settings.LANGUAGES}
        languages = [*dict.fromkeys((*(tag for tag in spoken if tag in able), *languages))]
    return {**told, "first": languages[0], "second": languages[1]}


def _contact(request: Asked, dossier_id: str) -> Contact | None:
    """Return the contact that the address names, of the same exercise as the dossier or of none."""
    author, called = request.GET.get("author", ""), request.GET.get("contact", "")
    if not author or not called:
        return None
    desk = desk_of(request)
    found = Book(desk, desk.dossier(dossier_id).realm).of_record(author, called)
    note_read(desk, found)
    return next(iter(found), None)


def _title(request: Asked, dossier_id: str) -> str:
    desk = desk_of(request)
    row = desk.dossier(dossier_id)
    return desk.told(row).title(row)


def _written(request: Asked, act_id: str, to: Addressee, shown: dict[str, object]) -> HttpResponse:
    node, actor = request.node, request.actor
    if "make" not in request.POST:
        row = service.draft(node, actor, act_id, to)
        page = {**shown, **_letter(request, row, ABSENT)}
        return render(request, "comity/letter_check.html", page)
    return _given(request, *service.make(node, actor, act_id, to))


def _given(request: Asked, row: GuestRow, secret: str) -> HttpResponse:
    """Show the address of a letter, once; or say that a second person has to let it go."""
    if secret:
        return render(request, "comity/letter_made.html", _letter(request, row, secret))
    messages.success(request, gettext("It waits for a second person now."))
    return redirect("guests", row.dossier)


def _letter(request: Asked, row: GuestRow, secret: str) -> dict[str, object]:
    """Return what the pages of a letter show; no later page shows its address."""
    node, written = request.node, letters.of_guest(request.node, row)
    # What stands for a secret is shown as it is, and not as an address would spell it.
    link = absolute(request, reverse("guest", args=["-"]).removesuffix("-")) + secret
    return {
        "letter": written,
        "guest": row,
        "sides": [lettertext.side(node, written, language) for language in row.languages],
        "mail": lettertext.letter_text(node, written, link),
        "link": link,
        "code": "" if secret == ABSENT else _code(link),
        "reachable": bool(node.settings.pages),
    }


def _code(link: str) -> str:
    return segno.make(link, error="m").svg_inline(omitsize=True, svgclass="code", title=link)


@signed_in
def guests(request: Asked, dossier_id: str) -> HttpResponse:
    """List the letters of a dossier to guests, with what became of each."""
    desk = desk_of(request)
    row = desk.dossier(dossier_id)
    told = desk.told(row)
    found = service.made_in(request.node, dossier_id)
    shown = {
        "row": row,
        "title": told.title(row),
        "guests": [(each, _caption(request, each, told), _state(request, each)) for each in found],
    }
    return render(request, "comity/guests.html", shown)


def _caption(request: Asked, row: GuestRow, told: Telling) -> str:
    act = acts.act(request.node.db, row.letter)
    if act is None:
        raise AssertionError(row.letter)
    return told.line(Id(act.id), dossiers.stored_act(request.node, act).header)


def _state(request: Asked, row: GuestRow) -> str:
    return str(STATES[service.state_of(row, request.node.now())])


@signed_in
def one(request: Asked, dossier_id: str, guest_id: str) -> HttpResponse:
    """Show a letter to a guest without its address; let it go as a second person, or revoke it."""
    node, actor = request.node, request.actor
    row = service.one(node, actor, guest_id)
    if row.dossier != dossier_id:
        raise Http404
    wrong: Refusal | None = None
    if request.method == "POST":
        try:
            return _done(request, row)
        except Refusal as refusal:
            if refusal.rule in HIDDEN:
                raise
            wrong = refusal
    shown = {
        **_letter(request, row, ABSENT),
        "wrong": wrong,
        "errors": wrong,
        "state": _state(request, row),
        "revocable": row.revoked_at is None and sendable.may(node, actor, row.letter),
        "renewable": not row.answered and not row.waiting,
        "releasable": row.waiting
        and row.revoked_at is None
        and sendable.may_release(node, actor, row.letter, row.made_by),
    }
    return render(request, "comity/letter_one.html", shown)


def _done(request: Asked, row: GuestRow) -> HttpResponse:
    if "release" in request.POST:
        released, secret = service.release(request.node, request.actor, row.id)
        return render(request, "comity/letter_made.html", _letter(request, released, secret))
    if "renew" in request.POST:
        return _given(request, *service.renew(request.node, request.actor, row.id))
    service.revoke(request.node, request.actor, row.id)
    messages.success(request, gettext("Revoked. The address shows nothing any more."))
    return redirect("guests", row.dossier)
