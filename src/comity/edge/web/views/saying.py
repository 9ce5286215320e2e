"""Saying something for the party: filling in, looking at who will read it, signing, handing on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from comity.edge.web import filling
from comity.edge.web.filling import ActForm
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.casework import compose, dossiers, drafts, forms, membership, signing
from comity.services.casework.desk import Desk
from comity.services.casework.forms import FormErrors
from comity.services.identity import roster

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import HttpResponse

    from comity.kernel.ids import PartyId
    from comity.kernel.protocol import ActKind, Protocol
    from comity.services.node import Node
    from comity.store.access.acts import DossierRow
    from comity.store.access.drafts import DraftRow

MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class _Place:
    """What is being said: the kind, in which dossier, or opening one under ``protocol``."""

    kind: ActKind
    protocol: Protocol
    row: DossierRow | None
    desk: Desk


def _place(request: Asked, dossier_id: str, kind: str, protocol: str) -> _Place:
    desk = desk_of(request)
    if not dossier_id:
        rules = compose.protocol_of(request.node, protocol)
        return _Place(rules.opening, rules, None, desk)
    row = desk.dossier(dossier_id)
    found = desk.protocol(row)
    if found is None:
        raise Refusal("S3", "It cannot be read here.")
    return _Place(membership.kind_of(request.node, dossier_id, kind), found, row, desk)


def _form(request: Asked, place: _Place, row: DraftRow | None) -> ActForm:
    declared = forms.form(place.kind, clause=place.protocol.clause)
    sent = request.POST if request.method == "POST" else None
    initial: Mapping[str, object] = {"act": request.GET.get("act", "")}
    if row is not None:
        initial = filling.initial_of(drafts.filling_of(row), declared)
    return ActForm(
        declared,
        sent,
        request.FILES if sent is not None else None,
        parties=_parties(request.node, place),
        acts=_acts(request.node, place),
        ceiling=TLP.AMBER_STRICT if place.row is None else TLP(place.row.ceiling),
        opens=place.row is None,
        labelled=place.kind.kind not in membership.KINDS,
        initial=initial,
    )


def _parties(node: Node, place: _Place) -> list[tuple[str, str]]:
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


def _acts(node: Node, place: _Place) -> list[tuple[str, str]]:
    if place.row is None:
        return []
    told = place.desk.told(place.row)
    with node.lock:
        loaded = dossiers.load(node, place.row.id)
        if place.kind.kind in membership.KINDS:
            found = membership.subjects(node, loaded, place.kind.kind)
        else:
            found = forms.citable(place.kind, loaded.now())
        return [(act.id, told.line(act.id, act.header)) for act in found]


@signed_in
def say(request: Asked, dossier_id: str, kind: str) -> HttpResponse:
    """Begin to say something in a dossier."""
    place = _place(request, dossier_id, kind, "")
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


@signed_in
def open_(request: Asked, protocol: str) -> HttpResponse:
    """Begin to open a dossier."""
    place = _place(request, "", drafts.CHARTER, protocol)
    _require(request, place)
    return _edit(request, place, None)


def _require(request: Asked, place: _Place) -> None:
    """Raise Refusal S10 unless a mandate covers what is about to be begun."""
    lane, name = place.protocol.lane, place.protocol.name
    if request.actor.under(lane, name, place.kind.kind) is None:
        raise Refusal("S10", "None of your mandates covers this.", place.kind.kind)


@signed_in
def draft(request: Asked, draft_id: str) -> HttpResponse:
    """Go on with a draft."""
    row = drafts.require(request.node, request.actor, draft_id)
    if row.person != request.actor.id or row.state not in {"open", "returned"}:
        return redirect("check", draft_id)
    if "drop" in request.POST:
        drafts.drop(request.node, request.actor, draft_id)
        messages.success(request, gettext("Thrown away. Nothing of it was signed."))
        return redirect("work")
    place = _place(request, row.dossier, row.kind, f"{row.protocol}@{row.version}")
    if path := request.POST.get("detach"):
        drafts.detach(request.node, request.actor, draft_id, path)
        return redirect("draft", draft_id)
    return _edit(request, place, row)


def _edit(request: Asked, place: _Place, row: DraftRow | None) -> HttpResponse:
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
        "errors": form.errors,
        "declared": form.declared,
        "draft": row,
        "title": place.desk.told(place.row).title(place.row) if place.row is not None else "",
        "row": place.row,
        "action": "" if row is None else reverse("draft", args=[row.id]),
    }
    return render(request, "comity/say.html", shown)


def _keep(request: Asked, place: _Place, row: DraftRow | None, form: ActForm) -> DraftRow:
    if row is None:
        row = drafts.begin(
            request.node,
            request.actor,
            kind=place.kind.kind,
            filling=form.filling(),
            dossier=place.row.id if place.row is not None else "",
            protocol=place.protocol.id,
        )
    else:
        row = drafts.change(request.node, request.actor, row.id, form.filling())
    for file in form.cleaned_data.get(filling.FILES, [])[:MOST_FILES]:
        where = Path(file.temporary_file_path())
        row = drafts.attach(request.node, request.actor, row.id, file.name, where)
        # It was moved, and is the draft's now.
        file.file.delete = False
    return row


@signed_in
def check(request: Asked, draft_id: str) -> HttpResponse:
    """Show exactly what will be signed and who will be able to read it; then sign, or hand on."""
    row = drafts.require(request.node, request.actor, draft_id)
    wrong: Refusal | None = None
    if request.method == "POST":
        try:
            return _act(request, row)
        except Refusal as refusal:
            if refusal.rule == "S3":
                raise
            wrong = refusal
        except FormErrors:
            return redirect("draft", draft_id)
    try:
        preview = drafts.preview(request.node, request.actor, draft_id)
    except FormErrors:
        return redirect("draft", draft_id)
    place = _place(request, row.dossier, row.kind, f"{row.protocol}@{row.version}")
    shown = {
        "preview": preview,
        "draft": preview.row,
        "mine": row.person == request.actor.id,
        "told": _told(preview, place, request.node),
        "title": place.desk.told(place.row).title(place.row) if place.row is not None else "",
        "wrong": wrong,
        "errors": wrong,
    }
    return render(request, "comity/check.html", shown)


def _told(preview: drafts.Preview, place: _Place, node: Node) -> list[tuple[str, str]]:
    """Return what was filled in, with labels, as people read it."""
    known = dict([*_parties(node, place), *_acts(node, place)])
    lines = []
    for field in forms.form(preview.kind).fields:
        text = preview.filling.texts.get(field.name, "")
        words = {**known, **{value: gettext(label) for value, label in field.choices}}
        if text and field.many:
            text = ", ".join(words.get(item, item) for item in text.split(","))
        if text:
            lines.append((gettext(field.label), words.get(text, text)))
    return lines


def _act(request: Asked, row: DraftRow) -> HttpResponseRedirect:
    node, actor, what = request.node, request.actor, request.POST.get("do", "")
    reason = request.POST.get("reason", "")
    match what:
        case "sign":
            return _signed(request, signing.sign(node, actor, row.id))
        case "emergency":
            return _signed(request, signing.sign_in_emergency(node, actor, row.id, reason))
        case "approve":
            return _signed(request, signing.approve(node, actor, row.id))
        case "prepare":
            signing.prepare(node, actor, row.id)
            messages.success(request, gettext("It waits for a second person now."))
        case "review":
            signing.review(node, actor, row.id)
            messages.success(request, gettext("Reviewed."))
        case "return":
            signing.send_back(node, actor, row.id, reason)
            messages.success(request, gettext("Returned, with your reason."))
        case _:
            raise Http404
    return redirect("work")


def _signed(request: Asked, dossier_id: str) -> HttpResponseRedirect:
    messages.success(request, gettext("Signed. It is on its way to every member."))
    return redirect("dossier", dossier_id)
