"""Dossiers: finding one, and reading it like a case file."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.edge.web import giving
from comity.edge.web.forms import Form, choose
from comity.edge.web.requests import Asked, cursor, desk_of, signed_in
from comity.edge.web.templatetags.comity import SHOWN
from comity.kernel.label import TLP, Egress, lets_out
from comity.protocols.sharing.circle import PROTOCOL as CIRCLE
from comity.services.casework import guests, memos, saying, sendable
from comity.services.casework.desk import Desk
from comity.services.directory import lists
from comity.services.people import audit, notices
from comity.store.access.finding import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from comity.kernel.protocol import Protocol
    from comity.services.casework.reading import Line

MANY = 1000
"""Dossiers looked up at once for a table."""
ANY = ("", _("Any"))


class Search(Form):
    """What to look for among dossiers."""

    text = forms.CharField(label=_("Words"), required=False, max_length=100)
    protocol = forms.ChoiceField(label=_("Kind"), required=False)
    status = forms.ChoiceField(label=_("Where it stands"), required=False)
    party = forms.ChoiceField(label=_("Party"), required=False)
    ceiling = forms.ChoiceField(
        label=_("Label"),
        required=False,
        choices=[ANY, *((tlp.value, text) for tlp, text in SHOWN.items())],
    )
    due = forms.ChoiceField(
        label=_("Owed by us"),
        required=False,
        choices=[
            ANY,
            ("any", _("Something")),
            ("late", _("Something that is late")),
            ("none", _("Nothing")),
        ],
    )

    def __init__(self, desk: Desk, *args: object) -> None:
        super().__init__(*args)
        protocols = desk.node.protocols.values()
        kinds = {p.name: gettext(p.title) for p in protocols}
        choose(self.fields["protocol"], [ANY, *sorted(kinds.items(), key=lambda kind: kind[1])])
        choose(self.fields["status"], [ANY, *_statuses(protocols)])
        parties = sorted(desk.names.items(), key=lambda party: party[1])
        choose(self.fields["party"], [ANY, *parties])


def _statuses(protocols: Iterable[Protocol]) -> list[tuple[str, str]]:
    """Return the codes of where dossiers stand, each with all that protocols call it."""
    found: dict[str, dict[str, None]] = {}
    for protocol in protocols:
        for code, text in protocol.statuses.items():
            found.setdefault(code, {})[gettext(text)] = None
    return [(code, " / ".join(texts)) for code, texts in found.items()]


@signed_in
def dossiers(request: Asked) -> HttpResponse:
    """List dossiers that this person sees, those changed last first."""
    desk = desk_of(request)
    form = Search(desk, request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    found = desk.find(Wanted(**asked, before=cursor(request)))
    kept = request.GET.copy()
    kept["before"] = str(found.before)
    asked_for = request.GET.copy()
    asked_for.pop("before", None)
    shown = {
        "form": form,
        "found": found,
        "asked": asked_for.urlencode(),
        "next": kept.urlencode() if found.before else "",
        "may_open": saying.openable(request.node, request.actor),
        "circles": not request.actor.lanes.isdisjoint(CIRCLE.lanes),
    }
    return render(request, "comity/dossiers.html", shown)


@signed_in
def listed(request: Asked) -> HttpResponse:
    """Give the dossiers that are looked for as a table; what is TLP:RED is read on pages only."""
    desk = desk_of(request)
    form = Search(desk, request.GET)
    wanted = Wanted(**(form.cleaned_data if form.is_valid() else {}))
    head = [
        gettext("Dossier"),
        gettext("Title"),
        gettext("Kind"),
        gettext("Where it stands"),
        gettext("Label"),
        gettext("Opened by"),
        gettext("Opened (UTC)"),
        gettext("Messages"),
        gettext("Owed by us"),
    ]
    lines = (line for line in _all(desk, wanted) if lets_out(TLP(line.tlp), Egress.FILE))
    return giving.table("dossiers.csv", head, map(_row, lines))


def _all(desk: Desk, wanted: Wanted) -> Iterator[Line]:
    """Yield every dossier that is looked for."""
    while True:
        found = desk.find(wanted, MANY)
        yield from found.lines
        if not found.before:
            return
        wanted = wanted._replace(before=found.before)


def _row(line: Line) -> list[object]:
    return [
        line.id,
        line.title,
        gettext(line.noun),
        line.status,
        SHOWN[TLP(line.tlp)],
        line.opened_by,
        giving.instant(line.opened_at),
        line.acts,
        line.mine,
    ]


@signed_in
def dossier(request: Asked, dossier_id: str) -> HttpResponse:
    """Show a dossier: where it stands, who is in it, what was said, what may be done next."""
    node, actor = request.node, request.actor
    desk = desk_of(request)
    file = desk.file(dossier_id, cursor(request))
    row = file.view.row
    audit.note_read(node, actor, dossier_id, TLP(row.ceiling))
    notices.saw(node, actor, dossier_id)
    shown_acts = [told.act for told in file.acts]
    shown = {
        "file": file,
        "row": row,
        "follows": notices.follows(node, actor, dossier_id),
        "letters": {a.id for a in shown_acts if sendable.seems(node, actor, row, a)},
        "guests": guests.made_in(node, row.id),
        "memos": memos.of_dossier(desk, dossier_id),
        "takes_lists": lists.may_take_in(desk, row),
    }
    return render(request, "comity/dossier.html", shown)


@signed_in
def news(request: Asked, dossier_id: str) -> HttpResponse:
    """Say whether a dossier has changed since a page of it was made: what an open page asks.

    Nothing is noted of it, here or anywhere.
    """
    row = desk_of(request).dossier(dossier_id)
    if str(row.n) == request.GET.get("since", ""):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return HttpResponse(str(row.n), content_type="text/plain")
