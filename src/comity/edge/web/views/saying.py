"""Saying something for the party: beginning it, filling it in, keeping it."""

from __future__ import annotations

import copy
from functools import wraps
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from comity.edge.web import filling, keeping, uploads
from comity.edge.web.filling import ActForm
from comity.edge.web.requests import Asked, desk_of, is_whole, signed_in
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.kernel.lanes import LANES
from comity.kernel.language import spelled
from comity.protocols.response.incident.describing import Describe
from comity.protocols.trust.community.contacts import Nominate
from comity.services.casework import drafts, membership, red, saying
from comity.services.casework.forms import REFS, FormErrors
from comity.services.casework.kernelkinds import TRANSLATION
from comity.services.directory import book
from comity.services.people import audit
from comity.services.response import incidents
from comity.services.sharing import carrying

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.http import HttpResponse

    from comity.services.casework.forms import Form, FormField
    from comity.services.casework.saying import Place
    from comity.store.access.drafts import DraftRow


def place_of(request: Asked, dossier_id: str, kind: str, protocol: str, about: str = "") -> Place:
    """Return what is about to be said where, as this person sees it; a translation is ``about`` an
    act. Raises Refusal.
    """
    return saying.place(
        desk_of(request), dossier=dossier_id, kind=kind, protocol=protocol, about=about
    )


def _about(request: Asked, row: DraftRow | None = None) -> str:
    """Return the act that is meant by what was sent, the address, or a draft."""
    kept = "" if row is None else drafts.about(row)
    return str(request.POST.get("act") or request.GET.get("act", "") or kept)


def _form(request: Asked, place: Place, row: DraftRow | None) -> ActForm:
    declared = place.form
    sent = request.POST if request.method == "POST" else None
    about = _about(request, row)
    acts = quoted(request, place, about)
    initial: Mapping[str, object] = {
        **_named(request, declared),
        "act": about,
        REFS: _cited(request, declared, acts),
        "lang": _language(request, place),
        filling.MEMBERS: request.GET.getlist("members"),
    }
    if row is not None:
        initial = filling.initial_of(drafts.filling_of(row), declared, request.node.me)
    elif place.row is not None and place.kind is Describe.KIND:
        told = drafts.Filling(incidents.before(place.desk, place.row.id), place.ceiling.value)
        initial = filling.initial_of(told, declared, request.node.me) | {"lang": initial["lang"]}
    elif place.row is not None and place.kind is Nominate.KIND and initial[REFS]:
        texts = book.again(place.desk, place.row.id, str(initial[REFS]))
        again = drafts.Filling(texts, place.ceiling.value)
        initial = {**filling.initial_of(again, declared, request.node.me), **initial}
    return ActForm(
        declared,
        sent,
        request.FILES if sent is not None else None,
        parties=parties_of(place),
        acts=acts,
        ceiling=place.ceiling,
        original=place.original,
        readers=_readers(request, place),
        labelled=place.kind.kind not in membership.KINDS,
        initial=initial,
    )


def quoted(request: Asked, place: Place, about: str) -> list[tuple[str, str]]:
    """Return the acts that may be meant, with how their words begin, and note that they are read
    where the label is strict.
    """
    # What the address names stands first, wherever it was said.
    found = sorted(saying.quoted(place, about), key=lambda a: a[0] not in request.GET.getlist(REFS))
    if found and place.row is not None and request.method == "GET":
        audit.note_read(request.node, request.actor, place.row.id, TLP(place.row.ceiling))
    return found


def _cited(request: Asked, declared: Form, acts: Sequence[tuple[str, str]]) -> object:
    """Return what is cited where nothing was chosen yet: what the address names, else the only
    choice, if one is needed.
    """
    field = next((field for field in declared.fields if field.name == REFS), None)
    only = acts[0][0] if field is not None and field.required and len(acts) == 1 else ""
    if field is not None and field.many:
        return request.GET.getlist(REFS) or [only]
    return request.GET.get(REFS, only)


NAMED = frozenset(
    "contact dossier event fields part parts party product regime stage what".split()  # noqa: SIM905
)
"""Coded fields that an address may fill in: which contact of the directory, and what of it; which
object of a message, and what is asked for it; which clock of a reporting file; which party; what
is written, and on which case.
"""


def _named(request: Asked, declared: Form) -> dict[str, object]:
    """Return what the address says that an act is about."""
    named = (field for field in declared.fields if field.name in NAMED & request.GET.keys())
    return {field.name: _asked(request, field) for field in named}


def _asked(request: Asked, field: FormField) -> object:
    if not field.many:
        return request.GET[field.name]
    found = request.GET.getlist(field.name)
    return found if field.type in filling.CHOSEN else "\n".join(found)


def _language(request: Asked, place: Place) -> str:
    """Return the language in which somebody writes, as it seems: that in which the pages are read,
    unless what is translated is in it.
    """
    tag = spelled(request.LANGUAGE_CODE)
    written = place.original is not None and place.original.lang == tag
    return "" if written else tag


def _readers(request: Asked, place: Place) -> list[tuple[str, str]]:
    if place.row is not None or place.ceiling is not TLP.RED:
        return []
    found = red.own(request.node, place.protocol.lanes)
    return [(f"{request.node.me}:{handle}", name) for handle, name in found]


def parties_of(place: Place) -> list[tuple[str, str]]:
    """Return the parties that may be named, by id, with what each is called."""
    note = gettext("not accredited")
    return filling.named(
        # Who is a member already was decided on before.
        (p.id, p.name if place.row is not None or p.accredited_at else f"{p.name} ({note})")
        for p in saying.parties(place)
    )


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
    place = place_of(request, dossier_id, kind, "", _about(request))
    saying.require(request.actor, place)
    return _edit(request, place, None)


@signed_in
def choose(request: Asked) -> HttpResponse:
    """Choose which kind of dossier to open, among those the mandates cover."""
    shown = saying.openable(request.node, request.actor)
    if not shown:
        raise Http404
    return render(request, "comity/choose.html", {"protocols": shown})


@keeps
def open_(request: Asked, protocol: str) -> HttpResponse:
    """Begin to open a dossier."""
    place = place_of(request, "", drafts.CHARTER, protocol)
    saying.require(request.actor, place)
    return _edit(request, place, None)


@keeps
def draft(request: Asked, draft_id: str) -> HttpResponse:
    """Go on with a draft."""
    row = drafts.require(request.node, request.actor, draft_id)
    if not drafts.may_change(request.actor, row):
        return redirect("check", draft_id)
    if "drop" in request.POST:
        drafts.drop(request.node, request.actor, draft_id)
        messages.success(request, gettext("Thrown away. Nothing of it was signed."))
        return redirect("work")
    if carrying.is_kept(row):
        # The program fills it in; nothing of it is changed by hand.
        return redirect("check", draft_id)
    pinned = f"{row.protocol}@{row.version}"
    try:
        place = place_of(request, row.dossier, row.kind, pinned, drafts.about(row))
    except Refusal as refusal:
        return stuck(request, row, refusal)
    if path := request.POST.get("detach"):
        drafts.detach(request.node, request.actor, draft_id, path)
        return redirect("draft", draft_id)
    return _edit(request, place, row)


def stuck(request: Asked, row: DraftRow, refusal: Refusal) -> HttpResponse:
    """Say why nothing can come of a draft any more, and let go of it: what it translates may be
    erased by now. Raises the refusal where the draft itself is not to be seen.
    """
    if refusal.rule != "S4" or row.kind != TRANSLATION.kind:
        raise refusal
    return let_go(request, row, refusal)


def let_go(request: Asked, row: DraftRow, refusal: Refusal) -> HttpResponse:
    """Say why nothing can come of a draft as it is, with what this person may do about it."""
    is_mine = drafts.is_own(request.actor, row)
    shown = {
        "refusal": refusal,
        "draft": row,
        "drops": drafts.may_change(request.actor, row),
        "returns": row.state == "waiting" and not is_mine,
        "reviews": row.emergency and row.second is None and not is_mine,
    }
    return render(request, "comity/stuck.html", shown, status=HTTPStatus.CONFLICT)


def rescue(request: Asked) -> HttpResponse | None:
    """Keep what was typed into a form whose session ended, as a draft of who it was made for, and
    lead there, by way of signing in; None when this is no such form, or no draft can be made.
    """
    match, actor = request.resolver_match, keeping.made_for(request)
    if match is None or match.url_name not in {"say", "open", "draft"} or actor is None:
        return None
    if not is_whole(request):
        return None
    asked = copy.copy(request)
    asked.actor = actor
    try:
        with keeping.clock_of(request.node, actor):
            row = _rescue(asked, **match.kwargs)
    except Refusal:
        return None
    if uploads.refused(request) is not None:
        shown = {"draft": row}
        return render(request, "comity/kept.html", shown, status=uploads.status(request))
    messages.success(request, gettext("Your session had ended. What you typed was kept."))
    where = reverse("draft", args=[row.id])
    return redirect(where) if request.signed_in else redirect_to_login(where)


def _rescue(
    request: Asked, dossier_id: str = "", kind: str = "", protocol: str = "", draft_id: str = ""
) -> DraftRow:
    row = drafts.own(request.node, request.actor, draft_id) if draft_id else None
    if row is not None:
        dossier_id, kind, protocol = row.dossier, row.kind, f"{row.protocol}@{row.version}"
    about = _about(request, row)
    place = place_of(request, dossier_id, kind or drafts.CHARTER, protocol, about)
    form = _form(request, place, row)
    form.full_clean()
    return _keep(request, place, row, form)


def _edit(request: Asked, place: Place, row: DraftRow | None) -> HttpResponse:
    form = _form(request, place, row)
    if (refusal := uploads.refused(request)) is not None:
        form.refuse(refusal, filling.FILES)
    if request.method == "POST" and form.is_valid() and _is_within(place, form):
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
    return render(request, template_of(place), shown, status=uploads.status(request))


def _is_within(place: Place, form: ActForm) -> bool:
    """Say whether who opens a dossier is of a lane that it is opened in; if not, so does the form:
    nothing else would come of what was typed.
    """
    chosen = form.cleaned_data.get(LANES)
    if not chosen or not place.able.isdisjoint(chosen):
        return True
    form.add_error(LANES, gettext("Choose a lane of your own, too: you could not read it."))
    return False


def template_of(place: Place) -> list[str]:
    """Return the templates of a form: one that the protocol's folder brings, or the generated."""
    return [f"{place.protocol.name}/forms/{place.kind.kind}.html", "comity/say.html"]


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
    left = drafts.MOST_FILES - len(row.files)
    for file in form.cleaned_data.get(filling.FILES, [])[:left]:
        where = Path(file.temporary_file_path())
        row = drafts.attach(request.node, request.actor, row.id, file.name, where)
        # It was moved, and is the draft's now.
        file.file.delete = False
    return row
