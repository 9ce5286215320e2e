"""The landscape: what was seen, as a page, and as two sheets for who heads an agency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django import forms
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.edge.web import pictures, stixwords
from comity.edge.web.forms import Form
from comity.edge.web.languages import said
from comity.edge.web.requests import Asked, signed_in
from comity.edge.web.templatetags.comity import SHOWN
from comity.edge.web.views import looking
from comity.engines.landscape import Kind, Total
from comity.kernel.label import TLP, Egress
from comity.protocols._vocabulary.rsit import RSIT
from comity.services.sharing import landscape, searching

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse
    from django.utils.safestring import SafeString

    from comity.engines.landscape import Claim, Line, Silent, Span
    from comity.services.sharing.landscape import View

ON_PAPER = 6
"""Lines that a table of the briefing has, so that all of it has room on two sheets."""
WIDTHS = (TLP.CLEAR, TLP.GREEN, TLP.AMBER, TLP.AMBER_STRICT)


class Bar(NamedTuple):
    """A line of a table: its ``name``; how many were ``seen``, drawn too; ``open``, whether there
    may be more.
    """

    name: str
    seen: int
    open: bool
    drawing: SafeString


class Cells(NamedTuple):
    """A class in a sector: how many were seen, in which months, drawn too; in how many months it
    is withheld; how many are new (None: not told).
    """

    name: str
    sector: str
    seen: int
    spans: Sequence[Span]
    withheld: int
    new: int | None
    drawing: SafeString


class Narrowing(Form):
    """For whom the figures are made."""

    tlp = forms.ChoiceField(
        label=_("Made of nothing stricter than"),
        required=False,
        choices=[("", _("all you may read")), *((t.value, SHOWN[t]) for t in WIDTHS)],
    )


@signed_in
def page(request: Asked) -> HttpResponse:
    """Show what was seen, of what this person may read."""
    view, form = _view(request)
    lines = [_cells(line, view.months) for line in view.landscape.lines]
    return render(request, "comity/landscape.html", _shown(view) | {"form": form, "lines": lines})


@signed_in
def briefing(request: Asked) -> HttpResponse:
    """Show the same on two sheets, as they are printed."""
    told = _shown(_view(request)[0])
    for name in ("classes", "sectors", "silent", "claims"):
        told[f"{name}_left"] = len(told[name][ON_PAPER:])
        told[name] = told[name][:ON_PAPER]
    return render(request, "comity/briefing.html", told)


@signed_in
def sheet(_request: Asked, tlp: str) -> HttpResponse:
    """Give what the margins of each sheet of a briefing say, by its label."""
    if tlp not in {each.value for each in WIDTHS}:
        raise Http404
    return looking.margins(gettext("What was seen"), SHOWN[TLP(tlp)])


def _view(request: Asked) -> tuple[View, Narrowing]:
    finder = searching.of_actor(request.node, request.actor, Egress.PAGE)
    form = Narrowing(request.GET)
    # What cannot be read is taken for the widest label: nobody is told more than was meant.
    said_ = form.cleaned_data["tlp"] if form.is_valid() else TLP.CLEAR.value
    return landscape.view(request.node, finder, TLP(said_) if said_ else None), form


def _shown(view: View) -> dict[str, Any]:
    told, public = view.landscape, view.public()
    return {
        "view": view,
        "label": view.label.value,
        "total": told.total(),
        "new": told.new(),
        "classes": _bars([(class_name(code), total) for code, total in view.by_class()]),
        "sectors": _bars([(sector_name(code), total) for code, total in view.by_sector()]),
        "public": _bars([(month, Total(count, 0)) for month, count in public.items()]),
        "this_month": public[view.months[-1]],
        "unseen_classes": [class_name(code) for code in told.unseen_classes],
        "unseen_sectors": [sector_name(code) for code in told.unseen_sectors],
        "silent": [(_source(view, each), each.last) for each in told.silent],
        "claims": [_claim(view, each) for each in reversed(told.claims)],
    }


def _bars(told: Sequence[tuple[str, Total]]) -> list[Bar]:
    most = max([total.seen for _, total in told], default=0) or 1
    return [
        Bar(name, total.seen, bool(total.open), _drawn(total.seen / most)) for name, total in told
    ]


def _drawn(share: float) -> SafeString:
    return pictures.bar([pictures.Segment(0, share, "under")] if share else [])


def _cells(line: Line, months: Sequence[str]) -> Cells:
    """Return a line, drawn as its months: those that are told of, and those withheld."""
    sector = sector_name(line.sector) if line.sector else gettext("not told")
    places = {month: n / len(months) for n, month in enumerate(months)}
    wide = 1 / len(months)
    parts = [
        pictures.Segment(places[span.first], places[span.last] + wide, "under")
        for span in line.spans
    ]
    parts += [pictures.Segment(places[m], places[m] + wide, "open") for m in line.withheld]
    name, rest = class_name(line.rsit), len(line.withheld)
    return Cells(name, sector, line.seen, line.spans, rest, line.new, pictures.bar(parts))


def class_name(code: str) -> str:
    """Return what a class is called in the language of the page."""
    return said(RSIT.get(code, code))


def sector_name(code: str) -> str:
    """Return what a sector is called in the language of the page."""
    return stixwords.of_code("industry-sector-ov", code)


def _source(view: View, each: Silent) -> str:
    if each.kind is Kind.KEV:
        return gettext("the public list of exploited vulnerabilities")
    if each.kind is Kind.EPSS:
        return gettext("the public list of likely exploits")
    return view.name(each.source)


def _claim(view: View, each: Claim) -> tuple[str, str, str]:
    motive = stixwords.of_code("attack-motivation-ov", each.motive)
    return motive, view.name(each.source), each.day
