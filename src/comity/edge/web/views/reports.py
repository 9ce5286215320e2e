"""Reports of vulnerabilities that people without a node sent: read, answered, and dealt with."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from comity.edge.web import giving
from comity.edge.web.forms import Form
from comity.edge.web.languages import said
from comity.edge.web.requests import Asked, absolute, desk_of, signed_in
from comity.kernel.errors import Refusal
from comity.services.people.mandates import Hand
from comity.services.response import reports as service
from comity.services.response import waiting as many
from comity.services.response.intake import LAST, MOST_UNREAD, REASONS
from comity.store.access.finding import Wanted
from comity.store.access.reports import CLOSED, NEW, OPEN, ReportRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase
    from django.utils.functional import _StrPromise

    from comity.services.casework.desk import Desk

STATES = {NEW: _("Nobody has read it"), OPEN: _("Read"), CLOSED: _("Closed")}
CHOICES = 50
"""Dossiers that are offered for a report to belong to: those changed last."""


def _text(label: str | _StrPromise, *, required: bool = True) -> forms.Field:
    return forms.CharField(
        label=label,
        required=required,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )


class Answering(Form):
    """What the finder is told."""

    text = _text(_("Your answer"))


class Closing(Form):
    """Why no more is done, and a word that goes with it."""

    reason = forms.ChoiceField(
        label=_("Why"), choices=[(code, _(text)) for code, text in REASONS.items()]
    )
    text = _text(_("A word to the finder"), required=False)


class Erasing(Form):
    """That it is meant."""

    sure = forms.BooleanField(label=_("I want it to be erased"))


class Clearing(Form):
    """A heap of reports that wait, as far as it was shown, and what to do with it."""

    heap = forms.CharField(max_length=16, widget=forms.HiddenInput)
    until = forms.IntegerField(min_value=0, max_value=LAST, widget=forms.HiddenInput)
    deed = forms.ChoiceField(choices=[(code, _(text)) for code, text in many.DEEDS.items()])
    sure = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """Ask once more before something is erased."""
        given = super().clean() or {}
        if given.get("deed") == many.ERASE and not given.get("sure"):
            raise forms.ValidationError(gettext("Tick that you want them erased for good."))
        return given


class Taking(Form):
    """The dossier that a report belongs to."""

    dossier = forms.ChoiceField(label=_("A dossier that is there"))

    def __init__(self, offered: list[tuple[str, str]], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dossier"].choices = offered  # type: ignore[attr-defined]


@signed_in
def reports(request: Asked) -> HttpResponse:
    """List the reports, the newest first."""
    before = request.GET.get("before", "")
    rows = service.listed(request.node, request.actor, before)
    shown = {
        "rows": [(row, _state(row)) for row in rows],
        "next": rows[-1].id if len(rows) == service.AT_ONCE else "",
        "intake": request.node.settings.intake,
        "address": absolute(request, reverse("report")),
        "load": many.load(request.node, request.actor),
        "most": MOST_UNREAD,
    }
    return render(request, "comity/reports.html", shown)


@signed_in
def waiting(request: Asked) -> HttpResponse:
    """Show what waits unread by its words and by day, and clear away a heap of it."""
    form = Clearing(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        try:
            return _cleared(request, form.cleaned_data)
        except Refusal as refusal:
            if refusal.rule not in {"S3", "S10"}:
                raise
            form.refuse(refusal)
    shown = {
        "heaps": many.heaps(request.node, request.actor),
        "load": many.load(request.node, request.actor),
        "most": MOST_UNREAD,
        "alone": service.hand(request.node, request.actor) is Hand.ALONE,
        "deeds": [(code, said(text)) for code, text in many.DEEDS.items()],
        "form": form,
    }
    return render(request, "comity/reports_waiting.html", shown)


def _cleared(request: Asked, given: dict[str, Any]) -> HttpResponse:
    node, actor = request.node, request.actor
    count = many.clear_away(node, actor, given["heap"], given["deed"], given["until"])
    told = ngettext("%(n)s report was cleared away.", "%(n)s reports were cleared away.", count)
    messages.success(request, told % {"n": count})
    return redirect("reports_waiting")


def _state(row: ReportRow) -> str:
    state = str(STATES[row.state])
    return f"{state}: {said(REASONS[row.reason])}" if row.reason else state


@signed_in
def report(request: Asked, report_id: str) -> HttpResponse:
    """Show a report, and do with it what a button says."""
    desk, bound = desk_of(request), dict[str, Form]()
    wrong: Refusal | None = None
    if request.method == "POST":
        done = request.POST.get("do", "")
        form = _forms(desk, request.POST).get(done)
        if form is not None and form.is_valid():
            try:
                return DO[done](request, desk, report_id, form)
            except Refusal as refusal:
                if refusal.rule not in {"S4", "S10"}:
                    raise
                wrong = refusal
        if form is not None:
            bound[done] = form
    return _page(request, desk, report_id, bound, wrong)


def _forms(desk: Desk, data: object = None) -> dict[str, Form]:
    """Return the forms of a report, by the value of their button."""
    return {
        "begin": Form(data),
        "answer": Answering(data, prefix="answer"),
        "close": Closing(data, prefix="close"),
        "erase": Erasing(data, prefix="erase"),
        "take": Taking(_dossiers(desk), data, prefix="take"),
    }


def _dossiers(desk: Desk) -> list[tuple[str, str]]:
    """Return the dossiers that a report may belong to, with their titles."""
    found = (desk.find(Wanted(protocol=name), CHOICES).lines for name in service.OPENS)
    return [(line.id, line.title) for lines in found for line in lines]


def _page(
    request: Asked, desk: Desk, report_id: str, bound: dict[str, Form], wrong: Refusal | None
) -> HttpResponse:
    case = service.read(request.node, request.actor, report_id)
    made = _forms(desk) | bound
    shown = {
        "case": case,
        "row": case.row,
        "state": _state(case.row),
        "alone": service.hand(request.node, request.actor) is Hand.ALONE,
        "answering": made["answer"],
        "closing": made["close"],
        "erasing": made["erase"],
        "taking": made["take"] if made["take"].fields["dossier"].choices else None,  # type: ignore[attr-defined]
        "wrong": wrong,
        "errors": wrong or any(form.errors for form in bound.values()),
    }
    return render(request, "comity/report_here.html", shown)


def _begin(request: Asked, desk: Desk, report_id: str, _form: Form) -> HttpResponse:
    row = service.begin(desk, report_id)
    messages.success(request, gettext("Kept as a draft. Nothing is signed yet."))
    return redirect("draft", row.id)


def _answer(request: Asked, desk: Desk, report_id: str, form: Form) -> HttpResponse:
    service.answer(desk.node, desk.actor, report_id, form.cleaned_data["text"])
    messages.success(request, gettext("The finder can read it now."))
    return redirect(f"{reverse('report_here', args=[report_id])}#said")


def _close(request: Asked, desk: Desk, report_id: str, form: Form) -> HttpResponse:
    given = form.cleaned_data
    service.close(desk.node, desk.actor, report_id, given["reason"], given["text"])
    messages.success(request, gettext("Closed."))
    return redirect("report_here", report_id)


def _take(request: Asked, desk: Desk, report_id: str, form: Form) -> HttpResponse:
    service.take(desk, report_id, form.cleaned_data["dossier"])
    messages.success(request, gettext("It belongs to the dossier now."))
    return redirect("report_here", report_id)


def _erase(request: Asked, desk: Desk, report_id: str, _form: Form) -> HttpResponse:
    service.forget(desk.node, desk.actor, report_id)
    messages.success(
        request, gettext("Erased. What is left of it in the database’s files goes within minutes.")
    )
    return redirect("reports")


DO: dict[str, Callable[[Asked, Desk, str, Form], HttpResponse]] = {
    "begin": _begin,
    "answer": _answer,
    "close": _close,
    "take": _take,
    "erase": _erase,
}


@signed_in
def file(request: Asked, report_id: str, number: int) -> HttpResponseBase:
    """Give a file of a report, as bytes to be kept."""
    name, data = service.file(request.node, request.actor, report_id, number)
    return giving.file(io.BytesIO(data), name)


@signed_in
def csaf(request: Asked, report_id: str) -> HttpResponse:
    """Give a report as a document of CSAF 2.1."""
    name, data = service.as_csaf(request.node, request.actor, report_id)
    return giving.data(data, name)
