"""Circles: all of them, and of each how programs reach it, its terms, and how the exchange goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from comity.edge.web import pictures
from comity.edge.web.durations import span
from comity.edge.web.pictures import Segment
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.edge.web.views.objects import finder_of
from comity.kernel.label import TLP
from comity.protocols.sharing.circle import PROTOCOL
from comity.protocols.sharing.circle.codes import (
    APPLICATIONS,
    ASKS,
    FEEDBACK,
    PURPOSES,
    RETRACTIONS,
)
from comity.services.casework import dossiers, saying
from comity.services.people import audit
from comity.services.people.mandates import Hand
from comity.services.sharing import alarms, comparing, exchange, overview
from comity.store.access.finding import Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from comity.services.casework.desk import Desk
    from comity.services.sharing.exchange import Exchange, Reached, Stone, Week
    from comity.store.access.acts import DossierRow

COMPARE = "compare"
MANY = 1000
"""Circles in the list."""

COMMAND = "comity token create --name NAME --scope taxii:read"
"""The command that lets a program read collections."""


@signed_in
def circles(request: Asked) -> HttpResponse:
    """List the circles that this person sees."""
    desk = desk_of(request)
    finder_of(request)  # Whoever reads nothing of what circles share is not told of the page.
    shown = {
        "found": desk.find(Wanted(protocol=PROTOCOL.name), MANY),
        "may_open": PROTOCOL in saying.openable(request.node, request.actor),
    }
    return render(request, "comity/circles.html", shown)


@signed_in
def circle(request: Asked, dossier_id: str) -> HttpResponse:
    """Show a circle; say what this party holds of it, where that was pressed."""
    desk = desk_of(request)
    row = desk.dossier(dossier_id)
    if row.protocol != PROTOCOL.name:
        raise Http404
    if request.method == "POST":
        _say(request, desk, row)
        return redirect("circle", dossier_id)
    audit.note_read(request.node, request.actor, row.id, TLP(row.ceiling))
    found = overview.circle(request.node, dossier_id)
    told = exchange.of_circle(request.node, dossier_id)
    compared = comparing.compared(request.node, dossier_id) if COMPARE in request.GET else []
    shown = {
        "row": row,
        "found": found,
        "title": desk.told(row).title(row),
        "purpose": PURPOSES[found.terms.purpose],
        "terms": desk.told(row).details("charter", found.terms.to_body()),
        "discovery": overview.discovery(request.node),
        "told": told,
        "weeks": _drawn(told.weeks),
        "reached": [(each, *_spans(each)) for each in told.reached],
        "back": [(FEEDBACK[code], number) for code, number in told.back],
        "stones": [_stone(each) for each in told.stones],
        "asks": [(each, ASKS[each.asked.what]) for each in told.asks],
        "flaws": overview.quarantine(request.node, found),
        "alarming": alarms.RULES,
        "compared": {each.party: each for each in compared},
        "command": COMMAND,
        "adds": _may(desk, row, "publish"),
        "answers": _may(desk, row, "permit"),
        "compares": _alone(desk, row),
    }
    return render(request, "comity/circle.html", shown | _agreements(told, shown["compared"]))


def _agreements(told: Exchange, compared: object) -> dict[str, object]:
    """Return what each party said that it holds, with whether this one holds the same, if asked."""
    known = compared if isinstance(compared, dict) else {}
    return {"holdings": [(each, known.get(each.party)) for each in told.told]}


def _may(desk: Desk, row: DossierRow, kind: str) -> bool:
    return row.state == dossiers.ACTIVE and desk.under(row, kind) is not None


def _alone(desk: Desk, row: DossierRow) -> bool:
    under = desk.under(row, COMPARE) if row.state == dossiers.ACTIVE else None
    return under is not None and under[1] is Hand.ALONE


def _say(request: Asked, desk: Desk, row: DossierRow) -> None:
    """Sign what this party holds of a circle, for others to compare."""
    under = desk.under(row, COMPARE)
    if under is None or not _alone(desk, row):
        raise Http404
    comparing.say(request.node, row.id, by={"role": under[0].code})
    messages.success(request, gettext("Signed. It is on its way to every member."))


def _drawn(weeks: Sequence[Week]) -> list[tuple[Week, object]]:
    """Return weeks with bars that can be compared with each other."""
    most = max((week.total for week in weeks), default=0)
    return [
        (week, pictures.bar([Segment(0, week.total / most, "under")] if week.total else []))
        for week in weeks
    ]


def _spans(each: Reached) -> tuple[str, str]:
    return tuple("" if time is None else span(time) for time in (each.median, each.slowest))  # type: ignore[return-value]


def _stone(each: Stone) -> dict[str, object]:
    """Return a tombstone with words for its codes."""
    return {
        "stone": each,
        "reason": RETRACTIONS[each.reason],
        "done": [(name, APPLICATIONS[told.how]) for name, told in each.applied],
        "further": [(name, APPLICATIONS[told.how]) for name, told in each.relayed],
    }
