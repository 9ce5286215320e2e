"""Other ways to look at a dossier: on paper, every sheet marked, and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language_bidi, gettext

from comity.edge.web import pictures
from comity.edge.web.requests import Asked, cursor, desk_of, signed_in
from comity.kernel.ids import fingerprint
from comity.kernel.label import TLP, Egress, require_way_out
from comity.services.casework import marking
from comity.services.people import audit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comity.services.casework.view import ActView

DRAWN = 50
"""Acts in one picture: the last of them."""
SHEETS = 500
"""Acts that are printed at once: the last, or those before."""
PAGES = "'\\2066 ' counter(page) ' / ' counter(pages) '\\2069 '"
"""The number of a sheet and of all, in this order in every direction of writing."""
COLUMNS = 8
"""Parties that have a column of their own in a picture; those after share the last."""


@signed_in
def print_(request: Asked, dossier_id: str) -> HttpResponse:
    """Show a dossier as it is printed; what is TLP:RED is read on pages only."""
    file = desk_of(request).file(dossier_id, cursor(request), SHEETS)
    row = file.view.row
    require_way_out(TLP(row.ceiling), Egress.FILE, row.id)
    audit.note_read(request.node, request.actor, dossier_id, TLP(row.ceiling))
    shown = {
        "file": file,
        "row": row,
        "now": request.node.now(),
        "fingerprint": fingerprint(request.node.me),
    }
    return render(request, "comity/print.html", shown)


@signed_in
def sheet(request: Asked, dossier_id: str) -> HttpResponse:
    """Give what the margins of each printed sheet of a dossier say, as a style sheet.

    A browser that knows no boxes in margins has the marking above the text of every sheet.
    """
    row = desk_of(request).dossier(dossier_id)
    return margins(row.id[:12], marking.of(row, gettext))


def margins(called: str, marked: str) -> HttpResponse:
    """Return the style sheet of printed sheets: what they are ``called``, how they are ``marked``,
    and the number of each.
    """
    start, end = ("right", "left") if get_language_bidi() else ("left", "right")
    rules = (
        "@page { margin: 20mm 18mm 22mm; "
        f"@top-{end} {{ content: {_quoted(called)}; font: 8pt monospace }} "
        f"@bottom-{start} {{ content: {_quoted(marked)}; font: bold 9pt sans-serif }} "
        f"@bottom-{end} {{ content: {PAGES}; font: 9pt sans-serif }} }}\n"
    )
    return HttpResponse(rules, content_type="text/css; charset=utf-8")


def _quoted(text: str) -> str:
    """Return text as a string of a style sheet: nothing in it can end it."""
    return '"' + "".join(c if c.isalnum() or c in " :+·" else f"\\{ord(c):x} " for c in text) + '"'


class Drawn(NamedTuple):
    """A line of the table beside a picture: the ``act``, its ``number``, and those of others."""

    number: int
    act: ActView
    follows: str
    cites: str


@signed_in
def picture(request: Asked, dossier_id: str) -> HttpResponse:
    """Show how the messages of a dossier follow each other, drawn and in a table."""
    before = cursor(request)
    file = desk_of(request).file(dossier_id, before, DRAWN)
    audit.note_read(request.node, request.actor, dossier_id, TLP(file.view.row.ceiling))
    acts = [told.act for told in file.acts]
    speakers = _speakers(acts)
    columns = {party: min(n, COLUMNS - 1) for n, party in enumerate(speakers)}
    names = [*speakers.values()]
    shown = {
        "file": file,
        "row": file.view.row,
        "cursor": before,
        "drawing": pictures.acts(_points(acts, columns), min(len(columns), COLUMNS)),
        "speakers": _heads(names),
        "lines": _lines(acts),
    }
    return render(request, "comity/picture.html", shown)


def _speakers(acts: Sequence[ActView]) -> Mapping[str, str]:
    """Return who said something, with names, in the order of the names."""
    found = {act.party: act.name for act in acts}
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _heads(names: list[str]) -> list[str]:
    if len(names) <= COLUMNS:
        return names
    return [*names[: COLUMNS - 1], gettext("Others")]


def _points(acts: Sequence[ActView], columns: Mapping[str, int]) -> list[pictures.Point]:
    places = {act.id: n for n, act in enumerate(acts)}
    return [
        pictures.Point(
            columns[act.party],
            tuple(places[id_] for id_ in act.follows if id_ in places),
            tuple(places[id_] for id_ in act.refs if id_ in places),
            act.void is not None,
        )
        for act in acts
    ]


def _lines(acts: Sequence[ActView]) -> list[Drawn]:
    places = {act.id: n + 1 for n, act in enumerate(acts)}

    def told(ids: Sequence[str]) -> str:
        here = [str(places[id_]) for id_ in ids if id_ in places]
        return gettext(", ").join(
            [*here, *([gettext("earlier ones")] if len(here) < len(ids) else [])]
        )

    return [Drawn(n, act, told(act.follows), told(act.refs)) for n, act in enumerate(acts, 1)]
