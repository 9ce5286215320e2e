"""Notices: what awaits the person who asks, with read marks; and following a dossier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.services.people import notices as service
from comity.services.people.notices import LATE, SOON, Shown

if TYPE_CHECKING:
    from django.http import HttpResponse

WORDS = {
    service.DUTY: _("We owe something here."),
    service.APPROVE: _("A colleague asks you to approve this."),
    service.RETURNED: _("A colleague returned what you prepared."),
    service.EMERGENCY: _("Somebody signed alone, declaring an emergency."),
    service.REVIEW: _("This was signed alone in an emergency; somebody has to review it."),
    service.LETTER: _("A colleague asks you to let a letter to a guest go."),
    service.PARTY: _("Nobody has compared this party’s fingerprint yet."),
    service.NEWS: _("Something new was said."),
    service.CLOCK: _("A clock runs: something is to be reported."),
    service.REPORT: _("Somebody reported a vulnerability, or added to a report."),
    service.ADVISORY: _("An advisory under embargo did not go out by itself."),
    service.ALARM: _(
        "A version shared here has other bytes than another gave, is dated ahead, or is not from "
        "who gave the object first."
    ),
}
STAGES = {SOON: _("due within four hours"), LATE: _("late")}
NAMES = {
    service.RETURNED: "draft",
    service.APPROVE: "check",
    service.EMERGENCY: "check",
    service.REVIEW: "check",
    service.PARTY: "party",
    service.REPORT: "report_here",
}
"""By kind, the page that a notice leads to; the others lead into the dossier."""


@signed_in
def notices(request: Asked) -> HttpResponse:
    """List what awaits the person who asks; mark one as read, or all."""
    if request.method == "POST":
        chosen = request.POST.get("notice", "")
        service.read(request.node, request.actor, int(chosen) if _is_number(chosen) else None)
        messages.success(request, gettext("Marked as read."))
        return redirect("notices")
    shown = [
        (item, _address(item), WORDS[item.kind], STAGES.get(item.stage, ""))
        for item in service.of_desk(desk_of(request))
    ]
    return render(request, "comity/notices.html", {"entries": shown})


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18


def _address(item: Shown) -> str:
    if item.kind == service.LETTER:
        return reverse("guest_letter", args=[item.dossier, item.subject])
    if item.kind == service.CLOCK:
        return reverse("regime_report", args=[item.dossier, *item.subject.split("/")])
    if item.kind == service.ADVISORY:
        return reverse("disclosure", args=[item.dossier])
    if item.kind == service.ALARM:
        return reverse("circle", args=[item.dossier])
    if item.kind in NAMES:
        return reverse(NAMES[item.kind], args=[item.subject]) if item.subject else ""
    return f"{reverse('dossier', args=[item.dossier])}#a-{item.subject}"


@require_POST
@signed_in
def follow(request: Asked, dossier_id: str) -> HttpResponse:
    """Follow a dossier, or do not any more."""
    wanted = request.POST.get("follow") == "yes"
    service.follow(desk_of(request), dossier_id, wanted=wanted)
    told = gettext("You are told of what is new here.")
    if not wanted:
        told = gettext("You are not told any more of what is new here.")
    messages.success(request, told)
    return redirect("dossier", dossier_id)
