"""The page before something is signed: who will read it, what leaves the house; then signing it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext

from comity.edge.web import filling, stixwords
from comity.edge.web.languages import said
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.edge.web.templatetags.comity import both
from comity.edge.web.views.saying import let_go, parties_of, place_of, quoted, stuck
from comity.kernel.errors import Refusal
from comity.kernel.fieldtypes import instant_from_text
from comity.kernel.language import spelled
from comity.services.casework import drafts, forms, red, saying, signing, tongues
from comity.services.casework.forgetting import is_forgotten
from comity.services.casework.forms import FormErrors
from comity.services.sharing import carrying
from comity.store.access import acts
from comity.store.access.drafts import DROPPED

if TYPE_CHECKING:
    from django.http import HttpResponse

    from comity.services.casework.saying import Place
    from comity.services.node import Node
    from comity.store.access.drafts import DraftRow

SEEN = '<input type="hidden" name="seen" value="{}">'
"""Says as of when a draft was looked at."""


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
            # It may be another by now.
            wrong, row = refusal, drafts.require(request.node, request.actor, draft_id)
        except FormErrors as errors:
            return _incomplete(request, row, errors)
    if row.state == DROPPED:
        return _thrown(request, row)
    try:
        preview = drafts.preview(request.node, request.actor, draft_id)
        place = _place(request, preview)
    except FormErrors as errors:
        return _incomplete(request, row, errors)
    except Refusal as refusal:
        return stuck(request, row, refusal)
    shown = {
        "preview": preview,
        "draft": preview.row,
        "mine": row.person == request.actor.id,
        "changes": drafts.may_change(request.actor, preview.row),
        "made": carrying.is_kept(preview.row),
        "persons": _persons(request.node, preview, place),
        "told": _told(request, preview, place),
        "title": place.desk.told(place.row).title(place.row) if place.row is not None else "",
        "erased": is_forgotten(row) and acts.is_erased(request.node.db, row.act),
        "seen": format_html(SEEN, preview.row.changed_at),
        "wrong": wrong,
        "errors": wrong,
    }
    return render(request, "comity/check.html", shown)


def _incomplete(request: Asked, row: DraftRow, errors: FormErrors) -> HttpResponse:
    """Lead to the form where it can be filled in, else say what is wrong: the form leads here."""
    if drafts.may_change(request.actor, row):
        return redirect("draft", row.id)
    first = next(iter(errors.errors.values()))
    return let_go(request, row, Refusal("S4", first, row.id))


def _thrown(request: Asked, row: DraftRow) -> HttpResponse:
    """Say that a draft was thrown away, and where to begin anew."""
    heads = desk_of(request).seen([row.dossier] if row.dossier else [])
    shown = {"erased": is_forgotten(row), "dossier": heads.get(row.dossier)}
    return render(request, "comity/thrown.html", shown, status=HTTPStatus.GONE)


def _place(request: Asked, preview: drafts.Preview) -> Place:
    row, desk = preview.row, desk_of(request)
    if is_forgotten(row) and row.dossier:
        # What it was about may be erased, of which nothing more is said.
        rules = request.node.protocols[row.protocol, row.version]
        return saying.Place(preview.kind, rules, desk.dossier(row.dossier), desk)
    pinned = f"{row.protocol}@{row.version}"
    return place_of(request, row.dossier, row.kind, pinned, drafts.about(row))


def _persons(node: Node, preview: drafts.Preview, place: Place) -> list[tuple[str, str]]:
    """Return who alone may read it, where it is RED: by name here, by handle elsewhere."""
    names = dict(red.own(node, place.protocol.lanes))
    return [
        (
            place.desk.names.get(party, party[:8]),
            names.get(handle, handle) if party == node.me else handle,
        )
        for party, handle in preview.persons
    ]


def _told(request: Asked, preview: drafts.Preview, place: Place) -> list[tuple[str, str, bool]]:
    """Return what was filled in as (label, text), as people read it, and whether it is their own
    words, which are shown as they were written.
    """
    texts = {} if is_forgotten(preview.row) else preview.filling.texts
    about = texts.get("act", "")
    known = dict([*parties_of(place), *quoted(request, place, about)])
    lines = _carried(request, preview.row) if carrying.is_kept(preview.row) else []
    for field in forms.form(preview.kind).fields:
        text = texts.get(field.name, "")
        words = {**known, **{value: gettext(label) for value, label in field.choices}}
        if text and field.many:
            text = gettext(", ").join(words.get(item, item) for item in text.split(","))
        if text and field.type == "language":
            text = tongues.named(spelled(text), gettext)
        if text and field.type == "instant":
            text = both(instant_from_text(text))
        if text and field.type == "flag":
            text = gettext(text)
        if text:
            own = field.place is forms.Place.CONTENT
            lines.append((gettext(field.label), words.get(text, text), own))
    if place.row is None:
        growth = filling.GROWTHS[preview.growth]
        lines.append((gettext("Who may bring others in later"), str(growth), False))
    return lines


def _carried(request: Asked, row: DraftRow) -> list[tuple[str, str, bool]]:
    """Return what a forward would carry on, and from where, as far as this person sees it."""
    try:
        found = carrying.carried(request.node, request.actor, row)
    except Refusal as refusal:
        return [(gettext("What is forwarded"), said(refusal.reason), False)]
    kind = stixwords.of_type(found.type)
    name = f"{found.name} ({kind})" if found.name else kind
    return [
        (gettext("What is forwarded"), name, False),
        (gettext("From"), said(found.place.title), False),
    ]


def _act(request: Asked, row: DraftRow) -> HttpResponseRedirect:
    node, actor, what = request.node, request.actor, request.POST.get("do", "")
    reason = request.POST.get("reason", "")
    # What was looked at is what is signed, or nothing is.
    seen = _seen(request)
    drafts.require_seen(row, seen)
    match what:
        case "sign":
            return _signed(request, signing.sign(node, actor, row.id))
        case "emergency":
            return _signed(request, signing.sign_in_emergency(node, actor, row.id, reason))
        case "approve":
            return _signed(request, signing.approve(node, actor, row.id, seen=seen))
        case "prepare":
            signing.prepare(node, actor, row.id)
            messages.success(request, gettext("It waits for a second person now."))
        case "review":
            signing.review(node, actor, row.id, seen)
            messages.success(request, gettext("Reviewed."))
        case "return":
            signing.send_back(node, actor, row.id, reason, seen)
            messages.success(request, gettext("Returned, with your reason."))
        case _:
            raise Http404
    return redirect("work")


def _seen(request: Asked) -> int:
    """Return as of when a draft was looked at; a form that does not say so saw none."""
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def _signed(request: Asked, dossier_id: str) -> HttpResponseRedirect:
    messages.success(request, gettext("Signed. It is on its way to every member."))
    try:
        desk_of(request).dossier(dossier_id)
    except Refusal:
        # Whoever opens what is RED need not be among its readers.
        return redirect("work")
    return redirect("dossier", dossier_id)
