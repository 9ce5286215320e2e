"""The node itself, for who runs it: its log, its queues, its disk, its copies; and the mandates."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.edge.web import pictures
from comity.edge.web.forms import Form
from comity.edge.web.requests import Asked, signed_in
from comity.edge.web.templatetags.comity import SHOWN
from comity.kernel.errors import Refusal
from comity.kernel.protocol import LANES
from comity.services.care import backup, overview
from comity.services.care.doctor import examine
from comity.services.identity import roster
from comity.services.people import mandates
from comity.services.people.mandates import MANAGED, Mandate
from comity.services.proof import witnessing
from comity.store.access import outbox, parties

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
    request.actor.require_manage("node")
    here = request.node
    status = overview.status(here)
    origin = witnessing.own_origin(here, status.log.log)
    sizes = outbox.queue_sizes(here.db)
    names = roster.names(here)
    shown = {
        "report": examine(here, reaching=False),
        "status": status,
        "cosigned": parties.cosignatures(here.db, origin, status.log.checkpoint_size),
        "queues": [_queue(peer, sizes.get(peer.party, {})) for peer in outbox.peers(here.db)],
        "names": names,
        "refused": [row for row in parties.refusals(here.db) if row[0] != "W5"],
        "disk": shutil.disk_usage(here.folder),
        "backup": backup.last(here),
        "now": here.now(),
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
    request.actor.require_manage("mandates")
    shown = {"mandates": mandates.of_node(request.node).values()}
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
    request.actor.require_manage("mandates")
    found = mandates.of_node(request.node).get(code)
    if found is None:
        raise Http404
    now = found.to_object() | {name: "\n".join(getattr(found, name)) for name in PATTERNS}
    form = Rules(request.POST or None, initial=now)
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
