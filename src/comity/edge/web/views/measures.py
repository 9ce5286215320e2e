"""Measures: how long this party and others waited for each other, as a page and as a table."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, NamedTuple

from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy

from comity.edge.web import giving, pictures
from comity.edge.web.durations import span
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.services.response import measures as service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse
    from django.utils.safestring import SafeString

    from comity.engines.measures import Figures
    from comity.services.response.measures import Measures

WORDS = {
    (service.ACKNOWLEDGED, True): gettext_lazy("Until we acknowledged"),
    (service.ACKNOWLEDGED, False): gettext_lazy("Until others acknowledged what we said"),
    (service.WHETHER, True): gettext_lazy("Until we said whether we help"),
    (service.WHETHER, False): gettext_lazy("Until others said whether they help us"),
    (service.HELPED, True): gettext_lazy("Until we first helped"),
    (service.HELPED, False): gettext_lazy("Until others first helped us"),
}
TOLD = gettext_lazy("From the first member to the last to be told of our incidents")
CLOCKS = gettext_lazy("Until we reported what a clock asks for")
AGREED = gettext_lazy("How long embargoes were to last that we agreed to")
HELD = gettext_lazy("How long these embargoes held")
SPREAD = gettext_lazy("From the first to the last who published at the end of an embargo")


class Line(NamedTuple):
    """A measure on the page, in words and drawn."""

    words: str
    figures: Figures
    median: str
    ninetieth: str
    drawing: SafeString


@signed_in
def measures(request: Asked) -> HttpResponse:
    """Show the measures of this party."""
    found = service.of_desk(desk_of(request))
    lines = [_line(words, figures) for words, figures in _all(found) if figures.n]
    # A line of noughts says no more than its name does, and takes a telephone's whole screen.
    unseen = [words for words, figures in _all(found) if not figures.n]
    shown = {"found": found, "lines": lines, "unseen": unseen}
    return render(request, "comity/measures.html", shown)


@signed_in
def table(request: Asked) -> HttpResponse:
    """Give the measures as a table, times in milliseconds."""
    head = [
        gettext("Measure"),
        gettext("Number"),
        gettext("Came"),
        gettext("Overdue"),
        gettext("Not due yet"),
        gettext("Half within (ms)"),
        gettext("Nine tenths within (ms)"),
        gettext("With a time set"),
        gettext("In time"),
    ]
    rows = [
        [words, *astuple(figures)] for words, figures in _all(service.of_desk(desk_of(request)))
    ]
    return giving.table("measures.csv", head, rows)


def _all(found: Measures) -> Iterator[tuple[str, Figures]]:
    for each in found.measures:
        yield str(WORDS[each.what, each.ours]), each.figures
    yield str(TOLD), found.told
    yield str(CLOCKS), found.clocks
    yield str(AGREED), found.embargo.agreed
    yield str(HELD), found.embargo.held
    yield str(SPREAD), found.embargo.spread


def _line(words: str, found: Figures) -> Line:
    parts = [("done", found.came), ("late", found.missing), ("wait", found.open)]
    return Line(
        words,
        found,
        "" if found.median is None else span(found.median),
        "" if found.ninetieth is None else span(found.ninetieth),
        pictures.shares(parts),
    )
