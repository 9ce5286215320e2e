"""Clocks: what must be reported by when, the reports themselves, and a calendar of it all."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from comity.edge.web import durations, giving
from comity.edge.web.forms import Form, choose
from comity.edge.web.requests import Asked, absolute, desk_of, is_whole, signed_in
from comity.edge.web.views import looking
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP, Egress, lets_out
from comity.protocols.response.reporting import PROTOCOL
from comity.protocols.response.reporting.acts import Applies
from comity.services.casework import saying
from comity.services.casework.telling import Tongue
from comity.services.people import audit
from comity.services.response import byincident, calendar, regime_reports, rules
from comity.services.response import clocks as service
from comity.services.response.clocks import Which

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.response.byincident import IncidentClocks
    from comity.services.response.clocks import ClockLine

AT_ONCE = 60
"""Clocks on one page: the most urgent."""
BESIDE = 20
"""Duties of dossiers that stand beside: the most urgent."""
MINE = "mine"


class Wanted(Form):
    """Which clocks to show."""

    which = forms.ChoiceField(
        label=_("Which"),
        required=False,
        choices=[
            (Which.CURRENT, _("Open")),
            (Which.LATE, _("Late, also those reported since")),
            (Which.ALL, _("All")),
        ],
    )
    whose = forms.ChoiceField(
        label=_("Whose"), required=False, choices=[("", _("All we see")), (MINE, _("Ours"))]
    )
    regime = forms.ChoiceField(label=_("Regime"), required=False)
    file = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, node: Node, *args: object) -> None:
        super().__init__(*args)
        held = [(each.id, gettext(each.name)) for each in rules.of_node(node).regimes]
        choose(self.fields["regime"], [("", _("Any")), *held])

    def value(self, name: str) -> str:
        """Return what was asked for, "" where there is no such choice."""
        return str(self.cleaned_data.get(name, ""))


class Late(NamedTuple):
    """By how much a report came too late, in whole days, hours and minutes."""

    days: int
    hours: int
    minutes: int


class Row(NamedTuple):
    """A clock on the page; of one that is open, how long it is until it is due, or since."""

    line: ClockLine
    late: Late
    left: str


class Group(NamedTuple):
    """An incident with its clocks."""

    told: IncidentClocks
    open: list[Row]
    later: list[Row]
    ended: list[Row]


def _row(line: ClockLine, now: int) -> Row:
    minutes = -(-line.late_by // 60_000)
    late = Late(minutes // 1440, minutes // 60 % 24, minutes % 60)
    is_running = line.is_open and line.due is not None
    return Row(line, late, durations.span(abs((line.due or 0) - now)) if is_running else "")


def _group(told: IncidentClocks, now: int) -> Group:
    parts = (told.open, told.later, told.ended)
    return Group(told, *([_row(line, now) for line in part] for part in parts))


@signed_in
def clocks(request: Asked) -> HttpResponse:
    """Show the clocks that this person sees by incident, next due first, each with its reason."""
    form, desk = Wanted(request.node, request.GET), desk_of(request)
    form.is_valid()
    which = Which(form.value("which") or Which.CURRENT)
    regime, only = form.value("regime"), form.value("file")
    board = service.board(desk, which, regime=regime, only=only, mine=form.value("whose") == MINE)
    found, left = byincident.of_board(desk, board, AT_ONCE)
    own = {id_ for told in found for id_, line in told.files.items() if line.mine}
    owed = [each for each in desk.owed() if desk.is_mine(each) and each.duty.due is not None]
    tasks = desk.tasks(owed[:BESIDE]) if not (regime or only) else []
    labels = {TLP(told.tlp) for told in found} | {TLP(task.tlp) for task in tasks}
    printed = {tlp for tlp in labels if lets_out(tlp, Egress.FILE)}
    unfolds = which is Which.LATE or bool(only)
    now = request.node.now()
    groups = [_group(told, now) for told in found]
    shown = {
        "board": board,
        "now": now,
        "form": form,
        "narrowed": any(form.cleaned_data.values()),
        "groups": [group for group in groups if unfolds or not group.told.is_quiet],
        "quiet": [group for group in groups if not unfolds and group.told.is_quiet],
        "unfolds": unfolds,
        "able": {id_ for id_, row in desk.seen(own).items() if desk.under(row, Applies.KIND.kind)},
        "states": Counter(line.state for line in board.clocks if line.is_open),
        "printed": max(printed, default=TLP.CLEAR).value,
        "stays": printed != labels,
        "left_out": left,
        "may_open": PROTOCOL in saying.openable(request.node, request.actor),
        "file": only,
        "tasks": tasks,
    }
    return render(request, "comity/clocks.html", shown)


@signed_in
def sheet(_request: Asked, tlp: str) -> HttpResponse:
    """Give what the margins of each printed sheet of clocks say, by their label."""
    if tlp not in {each.value for each in TLP}:
        raise Http404
    return looking.margins(gettext("Clocks"), TLP(tlp).written)


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
    if form not in {*regime_reports.ReportForm}:
        raise Http404
    as_ = regime_reports.ReportForm(form)
    data = regime_reports.written(desk, found, as_)
    audit.note_read(request.node, request.actor, dossier_id, TLP(found.tlp))
    return giving.data(data, regime_reports.named(found, as_))
