"""Saying something for the party: beginning it, filling it in, keeping it."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from comity.edge.web import filling, keeping
from comity.edge.web.filling import ActForm
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.casework import compose, dossiers, drafts, forms, membership, red
from comity.services.casework.desk import Desk
from comity.services.casework.forms import FormErrors
from comity.services.identity import roster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from django.http import HttpResponse

    from comity.kernel.ids import PartyId
    from comity.kernel.protocol import ActKind, Protocol
    from comity.services.node import Node
    from comity.store.access.acts import DossierRow
    from comity.store.access.drafts import DraftRow

MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Place:
    """What is being said: the kind, in which dossier, or opening one under ``protocol``."""

    kind: ActKind
    protocol: Protocol
    row: DossierRow | None
    desk: Desk


def place_of(request: Asked, dossier_id: str, kind: str, protocol: str) -> Place:
    """Return what is about to be said where, as this person sees it. Raises Refusal."""
    desk = desk_of(request)
    if not dossier_id:
        rules = compose.protocol_of(request.node, protocol)
        return Place(rules.opening, rules, None, desk)
    row = desk.dossier(dossier_id)
    found = desk.protocol(row)
    if found is None:
        raise Refusal("S3", "It cannot be read here.")
    return Place(membership.kind_of(request.node, dossier_id, kind), found, row, desk)


def _form(request: Asked, place: Place, row: DraftRow | None) -> ActForm:
    declared = forms.form(place.kind, clause=place.protocol.clause)
    sent = request.POST if request.method == "POST" else None
    about = request.POST.get("act") or request.GET.get("act", "")
    initial: Mapping[str, object] = {"act": about}
    if row is not None:
        about = about or drafts.filling_of(row).texts.get("act", "")
        initial = filling.initial_of(drafts.filling_of(row), declared, request.node.me)
    return ActForm(
        declared,
        sent,
        request.FILES if sent is not None else None,
        parties=parties_of(request.node, place),
        acts=acts_of(request.node, place, about),
        ceiling=_ceiling(request, place),
        opens=place.row is None,
        readers=_readers(request, place),
        labelled=place.kind.kind not in membership.KINDS,
        initial=initial,
    )


def _ceiling(request: Asked, place: Place) -> TLP:
    if place.row is not None:
        return TLP(place.row.ceiling)
    return TLP.RED if request.actor.reads(place.protocol.lane, TLP.RED) else TLP.AMBER_STRICT


def _readers(request: Asked, place: Place) -> list[tuple[str, str]]:
    if place.row is not None or _ceiling(request, place) is not TLP.RED:
        return []
    found = red.own(request.node, place.protocol.lane)
    return [(f"{request.node.me}:{handle}", name) for handle, name in found]


def parties_of(node: Node, place: Place) -> list[tuple[str, str]]:
    """Return the parties that may be named, by id, with what each is called."""
    if place.row is None:
        rows = [p for p in roster.everyone(node) if not p.is_self]
        note = gettext("not accredited")
        return filling.named(
            (p.id, p.name if p.accredited_at is not None else f"{p.name} ({note})") for p in rows
        )
    names = place.desk.names
    with node.lock:
        loaded = dossiers.load(node, place.row.id)
        members: Iterable[PartyId] = loaded.members.now() - {node.me}
        if place.kind.kind == "invite":
            members = membership.invitable(node, loaded)
        elif place.kind.kind == "release":
            members = membership.lacking(node, loaded)
    return filling.named((party, names.get(party, party[:8])) for party in members)


def acts_of(node: Node, place: Place, about: str = "") -> list[tuple[str, str]]:
    """Return the acts that may be meant, by id, with a line that tells each; one alone where it is
    known what it is ``about``.
    """
    if place.row is None:
        return []
    told = place.desk.told(place.row)
    with node.lock:
        loaded = dossiers.load(node, place.row.id)
        if place.kind.kind in membership.KINDS:
            found = membership.subjects(node, loaded, place.kind.kind, about)
        else:
            found = forms.citable(place.kind, loaded.now())
        return [(act.id, told.line(act.id, act.header)) for act in found]


def keeps(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """As ``signed_in``; what was typed when the session has ended is kept as a draft."""
    checked = signed_in(view)

    @wraps(view)
    def kept(request: Asked, *args: str, **kwargs: str) -> HttpResponse:
        if request.method == "POST" and not request.signed_in:
            found = rescue(request)
            if found is not None:
                return found
        answer: HttpResponse = checked(request, *args, **kwargs)
        return answer

    return kept


@keeps
def say(request: Asked, dossier_id: str, kind: str) -> HttpResponse:
    """Begin to say something in a dossier."""
    place = place_of(request, dossier_id, kind, "")
    _require(request, place)
    return _edit(request, place, None)


@signed_in
def choose(request: Asked) -> HttpResponse:
    """Choose which kind of dossier to open, among those the mandates cover."""
    shown = [
        protocol
        for protocol in request.node.protocols.values()
        if request.actor.under(protocol.lane, protocol.name, drafts.CHARTER) is not None
    ]
    if not shown:
        raise Http404
    return render(request, "comity/choose.html", {"protocols": shown})


@keeps
def open_(request: Asked, protocol: str) -> HttpResponse:
    """Begin to open a dossier."""
    place = place_of(request, "", drafts.CHARTER, protocol)
    _require(request, place)
    return _edit(request, place, None)


def _require(request: Asked, place: Place) -> None:
    """Raise Refusal S10 unless a mandate covers what is about to be begun."""
    lane, name = place.protocol.lane, place.protocol.name
    if request.actor.under(lane, name, place.kind.kind) is None:
        raise Refusal("S10", "None of your mandates covers this.", place.kind.kind)


@keeps
def draft(request: Asked, draft_id: str) -> HttpResponse:
    """Go on with a draft."""
    row = drafts.require(request.node, request.actor, draft_id)
    if row.person != request.actor.id or row.state not in {"open", "returned"}:
        return redirect("check", draft_id)
    if "drop" in request.POST:
        drafts.drop(request.node, request.actor, draft_id)
        messages.success(request, gettext("Thrown away. Nothing of it was signed."))
        return redirect("work")
    place = place_of(request, row.dossier, row.kind, f"{row.protocol}@{row.version}")
    if path := request.POST.get("detach"):
        drafts.detach(request.node, request.actor, draft_id, path)
        return redirect("draft", draft_id)
    return _edit(request, place, row)


def rescue(request: Asked) -> HttpResponse | None:
    """Keep what was typed into a form whose session ended, as a draft of who it was made for, and
    lead there, by way of signing in; None when this is no such form, or no draft can be made.
    """
    match, actor = request.resolver_match, keeping.made_for(request)
    if match is None or match.url_name not in {"say", "open", "draft"} or actor is None:
        return None
    asked = copy.copy(request)
    asked.actor = actor
    try:
        with keeping.clock_of(request.node, actor):
            row = _rescue(asked, **match.kwargs)
    except Refusal:
        return None
    messages.success(request, gettext("Your session had ended. What you typed was kept."))
    where = reverse("draft", args=[row.id])
    return redirect(where) if request.signed_in else redirect_to_login(where)


def _rescue(
    request: Asked, dossier_id: str = "", kind: str = "", protocol: str = "", draft_id: str = ""
) -> DraftRow:
    row = drafts.own(request.node, request.actor, draft_id) if draft_id else None
    if row is not None:
        dossier_id, kind, protocol = row.dossier, row.kind, f"{row.protocol}@{row.version}"
    place = place_of(request, dossier_id, kind or drafts.CHARTER, protocol)
    _require(request, place)
    form = _form(request, place, row)
    form.full_clean()
    return _keep(request, place, row, form)


def _edit(request: Asked, place: Place, row: DraftRow | None) -> HttpResponse:
    form = _form(request, place, row)
    if request.method == "POST" and form.is_valid():
        row = _keep(request, place, row, form)
        if "later" in request.POST:
            messages.success(request, gettext("Kept. Nothing is signed yet."))
            return redirect("draft", row.id)
        try:
            drafts.preview(request.node, request.actor, row.id)
        except FormErrors as errors:
            filling.show_errors(form, errors)
        else:
            return redirect("check", row.id)
    shown = {
        "form": form,
        "made_for": keeping.token(request.actor),
        "errors": form.errors,
        "declared": form.declared,
        "draft": row,
        "title": place.desk.told(place.row).title(place.row) if place.row is not None else "",
        "row": place.row,
        "action": "" if row is None else reverse("draft", args=[row.id]),
    }
    return render(request, "comity/say.html", shown)


def _keep(request: Asked, place: Place, row: DraftRow | None, form: ActForm) -> DraftRow:
    if row is None:
        row = drafts.begin(
            request.node,
            request.actor,
            kind=place.kind.kind,
            filling=form.as_typed(),
            dossier=place.row.id if place.row is not None else "",
            protocol=place.protocol.id,
        )
    else:
        row = drafts.change(request.node, request.actor, row.id, form.as_typed())
    for file in form.cleaned_data.get(filling.FILES, [])[:MOST_FILES]:
        where = Path(file.temporary_file_path())
        row = drafts.attach(request.node, request.actor, row.id, file.name, where)
        # It was moved, and is the draft's now.
        file.file.delete = False
    return row
