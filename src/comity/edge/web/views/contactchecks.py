"""What campaigns of contact checks found: results for who asked, figures with pictures of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy

from comity.edge.web import pictures
from comity.edge.web.pictures import Segment
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.engines import reach
from comity.protocols._vocabulary.contacts import CHANNELS
from comity.protocols.trust.contact_check import codes
from comity.services.casework import contact_figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.http import HttpResponse
    from django.utils.safestring import SafeString

    from comity.engines.reach import Figure, Series
    from comity.services.casework.contact_figures import Baseline, Result
    from comity.services.casework.desk import Desk

MEASURES = {
    reach.REACHED: gettext_lazy("Reached"),
    reach.IN_TIME: gettext_lazy("Answered in time"),
    reach.MEDIAN: gettext_lazy("Half of those who answered did within"),
    reach.NINETIETH: gettext_lazy("Nine tenths of those who answered did within"),
    reach.CORRECTED: gettext_lazy("Fields that had to be corrected"),
    reach.DEPUTIES: gettext_lazy("Contacts with a tested deputy"),
    reach.HALF_LIFE: gettext_lazy("Half of the fields change within"),
    reach.FRESH: gettext_lazy("Fields that are not stale in the directory now"),
}
HOURS = {reach.MEDIAN, reach.NINETIETH}
OUTCOMES = {codes.WAITING: gettext_lazy("waiting"), **codes.RESULTS, **codes.ANSWERS}


class Line(NamedTuple):
    """A figure on the page: its ``channel`` and ``measure`` in words, its value as ``words`` and
    ``drawing``, over so many ``parties`` (None: withheld), beside a published ``mean``, if any.
    """

    channel: str
    measure: str
    words: str
    drawing: SafeString | str
    parties: int | None
    mean: int | None


class Came(NamedTuple):
    """A result on the page: of whom, by which channel, and its outcome, in words."""

    result: Result
    name: str
    channel: str
    outcome: str
    is_late: bool


@signed_in
def checks(request: Asked) -> HttpResponse:
    """Show the campaigns of this party, and what one of them found."""
    desk, campaign = desk_of(request), request.GET.get("campaign", "")
    shown: dict[str, object] = {"campaigns": contact_figures.campaigns(desk)}
    if campaign:
        found = contact_figures.of_campaign(desk, campaign)
        shown |= {
            "found": found,
            "own": [*_lines(found.own, found.baseline)],
            "published": [*_lines(found.published, found.baseline)],
            "results": [_came(desk, result) for result in found.results],
        }
    return render(request, "comity/contact_checks.html", shown)


def _came(desk: Desk, result: Result) -> Came:
    names = {str(id_): name for id_, name in desk.names.items()}
    return Came(
        result,
        names.get(result.who, result.who),
        gettext(CHANNELS[result.channel]),
        gettext(str(OUTCOMES[result.outcome])),
        result.answered is not None and result.answered > result.due,
    )


def _lines(series: Iterable[Series], baseline: Baseline) -> Iterator[Line]:
    for each in series:
        figure = each.figures[reach.ALL]
        mean = baseline.channels.get(each.channel) if each.measure == reach.REACHED else None
        yield Line(
            gettext(CHANNELS[each.channel]) if each.channel else gettext("all channels"),
            str(MEASURES[each.measure]),
            _words(each.measure, figure),
            _drawing(each.measure, figure, mean),
            figure.parties,
            mean,
        )


def _words(measure: str, figure: Figure) -> str:
    if figure.is_withheld:
        return gettext("not told, for it would tell of too few")
    if figure.value is None:
        return gettext("nothing to tell")
    if measure in HOURS:
        return gettext("%(hours)d hours") % {"hours": figure.value}
    if measure == reach.HALF_LIFE:
        return gettext("%(days)d days") % {"days": figure.value}
    return gettext("%(share)d %%") % {"share": round(100 * figure.value)}


def _drawing(measure: str, figure: Figure, mean: int | None) -> SafeString | str:
    """Draw a share, with a line where the published mean is; of other figures nothing."""
    if figure.value is None or measure in {*HOURS, reach.HALF_LIFE}:
        return ""
    parts = [Segment(0, figure.value, "done"), Segment(figure.value, 1, "open")]
    drawn = [part for part in parts if part.end > part.start]
    return pictures.bar(drawn, None if mean is None else mean / 100)
