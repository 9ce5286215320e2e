"""Clocks: what must be reported by when, the reports themselves, and a calendar of it all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from comity.edge.web import giving
from comity.edge.web.requests import Asked, absolute, desk_of, is_whole, signed_in
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP, Egress, lets_out
from comity.protocols.response.reporting import PROTOCOL
from comity.protocols.response.reporting.acts import Applies
from comity.services.casework import saying
from comity.services.casework.telling import Tongue
from comity.services.people import audit
from comity.services.response import calendar, regime_reports
from comity.services.response import clocks as service
from comity.services.response.clocks import Which
from comity.services.response.regime_reports import Form

if TYPE_CHECKING:
    from comity.services.response.clocks import ClockLine

AT_ONCE = 60
"""Clocks on one page: the most urgent."""
BESIDE = 20
"""Duties of dossiers that stand beside: the most urgent."""
WORDS = {
    Which.OPEN: _("Open"),
    Which.LATE: _("Late, also those reported since"),
    Which.ALL: _("All"),
}


class Late(NamedTuple):
    """By how much a report came too late, in whole days, hours and minutes."""

    days: int
    hours: int
    minutes: int


def _late(line: ClockLine) -> Late:
    minutes = -(-line.late_by // 60_000)
    return Late(minutes // 1440, minutes // 60 % 24, minutes % 60)


@signed_in
def clocks(request: Asked) -> HttpResponse:
    """Show the clocks that this person sees, soonest due first, each with its reason."""
    asked = request.GET.get("which", "")
    which = Which(asked) if asked in {*Which} else Which.OPEN
    regime, only = request.GET.get("regime", ""), request.GET.get("file", "")
    desk = desk_of(request)
    board = service.board(desk, which, regime=regime, only=only)
    owed = [each for each in desk.owed() if desk.is_mine(each) and each.duty.due is not None]
    first, undecided = board.clocks[:AT_ONCE], board.undecided[:AT_ONCE]
    heads = desk.seen(line.dossier for line in (*first, *undecided) if line.mine)
    shown = {
        "board": board,
        "lines": [(line, _late(line)) for line in first],
        "undecided": undecided,
        "able": {id_ for id_, row in heads.items() if desk.under(row, Applies.KIND.kind)},
        "left_out": len(board.clocks) - len(first) + len(board.undecided[AT_ONCE:]),
        "may_open": PROTOCOL in saying.openable(request.node, request.actor),
        "which": which,
        "regime": regime,
        "file": only,
        "choices": WORDS.items(),
        "tasks": desk.tasks(owed[:BESIDE]) if not (regime or only) else (),
    }
    return render(request, "comity/clocks.html", shown)


@signed_in
def calendar_file(request: Asked) -> HttpResponse:
    """Give the open clocks of this party as a calendar, to be kept."""
    return giving.data(calendar.of_desk(desk_of(request)), "clocks.ics")


@signed_in
def subscribe(request: Asked) -> HttpResponse:
    """Make an address that a calendar asks for the clocks, and show it once."""
    address = ""
    if request.method == "POST":
        secret = calendar.subscribe(request.node, request.actor)
        address = absolute(request, reverse("clocks_feed", args=[secret]))
    return render(request, "comity/clocks_address.html", {"address": address})


@require_safe
def feed(request: Asked, secret: str) -> HttpResponse:
    """Give a calendar what its address opens; whoever has the address reads it."""
    if not is_whole(request):
        raise Http404
    try:
        data = calendar.of_secret(request.node, secret, Tongue(gettext))
    except Refusal as refusal:
        raise Http404 from refusal
    answer = HttpResponse(data, content_type=calendar.TYPE)
    answer.headers["Content-Security-Policy"] = giving.ALONE
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@signed_in
def report(request: Asked, dossier_id: str, regime: str, stage: str) -> HttpResponse:
    """Show a report, filled in as far as it is known here; keep it as what was reported."""
    desk = desk_of(request)
    found = regime_reports.report(desk, dossier_id, regime, stage)
    audit.note_read(request.node, request.actor, dossier_id, TLP(found.tlp))
    if request.method == "POST":
        text = request.POST.get("text", "").replace("\r\n", "\n")
        row = regime_reports.keep(desk, dossier_id, regime, stage, text)
        return redirect("draft", row.id)
    shown = {
        "report": found,
        "line": service.one(desk, dossier_id, regime, stage),
        "text": regime_reports.as_text(found, gettext),
        "may_keep": found.party == request.node.me
        and desk.under(desk.dossier(dossier_id), "reported"),
        "on_paper": lets_out(TLP(found.tlp), Egress.FILE),
    }
    return render(request, "comity/regime_report.html", shown)


@signed_in
def report_file(
    request: Asked, dossier_id: str, regime: str, stage: str, form: str
) -> HttpResponse:
    """Give a report as a file, to be finished elsewhere."""
    desk = desk_of(request)
    found = regime_reports.report(desk, dossier_id, regime, stage)
    if form not in {*Form}:
        raise Http404
    data = regime_reports.written(desk, found, Form(form))
    audit.note_read(request.node, request.actor, dossier_id, TLP(found.tlp))
    return giving.data(data, regime_reports.named(found, Form(form)))
