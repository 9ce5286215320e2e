"""The node itself, for who runs it: its log, its queues, its disk, its copies; and the mandates."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.edge.web import pictures
from comity.edge.web.forms import Form, sent
from comity.edge.web.requests import Asked, signed_in
from comity.edge.web.templatetags.comity import SHOWN
from comity.kernel.errors import Refusal
from comity.kernel.protocol import LANES
from comity.services.care import overview
from comity.services.identity import roster
from comity.services.people import mandates
from comity.services.people.mandates import MANAGED, Mandate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse
    from django.utils.safestring import SafeString

    from comity.store.access.outbox import PeerRow

LANE_WORDS = {
    "technical": _("technical: CSIRTs and operators"),
    "diplomatic": _("diplomatic: ministries and missions"),
    "legal": _("legal: justice and police"),
    "programme": _("programme: donors and projects"),
}
MANAGED_WORDS = {
    "people": _("people: who may sign in"),
    "mandates": _("mandates: what each role may do"),
    "node": _("the node: its log, queues and disk"),
    "parties": _("parties: meeting and accrediting them"),
    "audit": _("audit: seeing what was done here"),
}


@signed_in
def node(request: Asked) -> HttpResponse:
    """Show how the node stands, and what needs whoever runs it."""
    whole = overview.whole(request.node, request.actor)
    shown = {
        "whole": whole,
        "queues": [_queue(peer, sizes) for peer, sizes in whole.queues],
        "names": roster.names(request.node),
        "now": request.node.now(),
    }
    return render(request, "comity/node.html", shown)


class Queue(NamedTuple):
    """How it stands towards a peer: how much waits, was sent, came and failed, and it drawn."""

    peer: PeerRow
    wait: int
    sent: int
    came: int
    failed: int
    bar: SafeString


def _queue(peer: PeerRow, sizes: Mapping[str, int]) -> Queue:
    wait, sent = sizes.get("queued", 0), sizes.get("sent", 0)
    came = sizes.get("received", 0) + sizes.get("whole", 0)
    failed = sizes.get("refused", 0) + sizes.get("undeliverable", 0)
    drawn = pictures.shares([("done", came), ("under", sent), ("wait", wait), ("fail", failed)])
    return Queue(peer, wait, sent, came, failed, drawn)


@signed_in
def roles(request: Asked) -> HttpResponse:
    """List the mandates of this node."""
    shown = {"mandates": mandates.listed(request.node, request.actor)}
    return render(request, "comity/mandates.html", shown)


class Rules(Form):
    """What a mandate says."""

    lanes = forms.MultipleChoiceField(
        label=_("Sees the dealings of"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(lane, LANE_WORDS[lane]) for lane in LANES],
    )
    ceiling = forms.ChoiceField(
        label=_("Reads up to"), choices=[(tlp.value, text) for tlp, text in SHOWN.items()]
    )
    issue = forms.CharField(
        label=_("Signs"),
        required=False,
        help_text=_("Patterns of protocol:kind, one a line; * stands for anything."),
    )
    second = forms.CharField(label=_("Of that, only with a second person"), required=False)
    approve = forms.CharField(label=_("Approves, of what others prepared"), required=False)
    override = forms.CharField(label=_("Signs alone in a declared emergency"), required=False)
    manage = forms.MultipleChoiceField(
        label=_("Manages"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(what, MANAGED_WORDS[what]) for what in MANAGED],
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name in PATTERNS:
            self.fields[name].widget = forms.Textarea(attrs={"rows": 3, "dir": "ltr"})


PATTERNS = ("issue", "second", "approve", "override")


@signed_in
def role(request: Asked, code: str) -> HttpResponse:
    """Show one mandate, and change it."""
    found = mandates.one(request.node, request.actor, code)
    now = found.to_object() | {name: "\n".join(getattr(found, name)) for name in PATTERNS}
    form = Rules(*sent(request), initial=now)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data | {name: form.cleaned_data[name].split() for name in PATTERNS}
        try:
            changed = Mandate.from_object({**found.to_object(), **given})
            mandates.change(request.node, request.actor, changed)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, gettext("Saved."))
            return redirect("mandates")
    return render(
        request, "comity/mandate.html", {"mandate": found, "form": form, "errors": form.errors}
    )
