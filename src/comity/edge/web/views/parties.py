"""Parties: who is known here, meeting another, comparing its fingerprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno
from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.edge.web import uploads
from comity.edge.web.forms import Form, sent
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.edge.web.views.account import zones
from comity.kernel.errors import Pending, Refusal
from comity.services.delivery import meet
from comity.services.identity import accrediting, roster
from comity.services.identity import parties as identity
from comity.services.ports import Forbidden, Unreachable
from comity.store.access.finding import Wanted

if TYPE_CHECKING:
    from django.http import HttpResponse

    from comity.services.identity.roster import Known


class Meeting(Form):
    """Another party's address, or the card it sent."""

    address = forms.URLField(
        label=_("Address of its node"),
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text=_("As https://node.example."),
        widget=forms.URLInput(attrs={"dir": "ltr"}),
    )
    card = forms.FileField(
        label=_("Or its card, as a file"),
        required=False,
        help_text=_("A party writes its card with “comity card”, and sends it by any way."),
    )

    def clean(self) -> dict[str, object]:
        """Ask for one of the two."""
        given = super().clean() or {}
        if not given.get("address") and not given.get("card"):
            self.add_error("address", _("Give the address of its node, or its card."))
        if (card := given.get("card")) and card.size > identity.CARD_LIMIT:
            self.add_error("card", _("This is too large for a card."))
        return given


class Comparison(Form):
    """What a party told of its fingerprint, over another channel."""

    told = forms.CharField(
        label=_("What the party told you"),
        max_length=200,
        widget=forms.Textarea(attrs={"dir": "ltr", "rows": 3, "inputmode": "numeric"}),
        help_text=_("12 groups of 5 digits, read out on the telephone or handed over on paper."),
    )


class Place(Form):
    """In which time zone a party is, as people here say."""

    zone = forms.ChoiceField(
        label=_("Its time zone"),
        required=False,
        choices=lambda: [("", _("Not known")), ("UTC", "UTC"), *zones()],
        help_text=_(
            "What is due between you is shown in it too. Ask the party: nothing is guessed."
        ),
    )


@signed_in
def parties(request: Asked) -> HttpResponse:
    """List the parties known here."""
    peers = roster.peers(request.node)
    rows = [(party, peers.get(party.id)) for party in roster.everyone(request.node)]
    names = roster.names(request.node)
    return render(request, "comity/parties.html", {"parties": rows, "names": names})


@signed_in
def introduce(request: Asked) -> HttpResponse:
    """Get to know a party, by the address of its node or by its card."""
    request.actor.require_manage("parties")
    form = Meeting(*sent(request))
    uploads.note(request, form, "card")
    if request.method == "POST" and form.is_valid():
        where = "address" if form.cleaned_data["address"] else "card"
        try:
            found = _meet(request, form)
        except Forbidden:
            form.add_error(
                "address",
                _("This node does not connect to that address: it is one of its own network."),
            )
        except Unreachable:
            form.add_error(
                "address",
                _("Nothing answers there. Is the address right, and the other node running?"),
            )
        except Pending:
            form.add_error(where, _("Its card is not whole."))
        except Refusal as refusal:
            form.refuse(refusal, where)
        else:
            return redirect("party", found)
    shown = {"form": form, "errors": form.errors}
    return render(request, "comity/introduce.html", shown, status=uploads.status(request))


def _meet(request: Asked, form: Meeting) -> str:
    url, card = form.cleaned_data["address"], form.cleaned_data["card"]
    found = b"" if url else card.read()
    return meet.as_person(request.node, request.actor, url=url, card=found)


@signed_in
def party(request: Asked, party_id: str) -> HttpResponse:
    """Show a party; compare what it told of its fingerprint."""
    node, found = request.node, roster.known(request.node, party_id)
    if "zone" in request.POST:
        return _place(request, found)
    form = Comparison(*sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            accrediting.accredit(node, request.actor, found.id, form.cleaned_data["told"])
        except Refusal as refusal:
            if refusal.rule == "S10":
                raise
            form.refuse(refusal, "told")
        else:
            messages.success(request, gettext("Accredited: its keys are the ones you know."))
            return redirect("party", found.id)
    return _party(request, found, form)


def _place(request: Asked, found: Known) -> HttpResponse:
    """Keep what was said of a party's time zone."""
    place = Place(request.POST)
    if not place.is_valid():
        return _party(request, found, Comparison(), place)
    accrediting.settle_zone(request.node, request.actor, found.id, place.cleaned_data["zone"])
    messages.success(request, gettext("Saved."))
    return redirect("party", found.id)


def _party(
    request: Asked, found: Known, form: Comparison, place: Place | None = None
) -> HttpResponse:
    node = request.node
    code = segno.make(f"comity:{found.fingerprint.replace(' ', '-')}", error="m")
    shown = {
        "known": found,
        "code": code.svg_inline(omitsize=True, svgclass="code", title=gettext("Fingerprint")),
        "form": form,
        "place": place or Place(initial={"zone": found.zone}),
        "errors": form.errors or (place and place.errors),
        "peer": roster.peer(node, found.id),
        "proofs": roster.proofs(node, found.id),
        "document": identity.node_document(node, found.id),
        "names": roster.names(node),
        "now": node.now(),
        "found": desk_of(request).find(Wanted(party=found.id), 10),
        "may": request.actor.manages("parties"),
    }
    return render(request, "comity/party.html", shown)
