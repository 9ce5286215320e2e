"""What campaigns of contact checks found: results for who asked, figures with pictures of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django import forms
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_lazy

from comity.edge.web import pictures
from comity.edge.web.forms import Form
from comity.edge.web.pictures import Segment
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.engines import reach
from comity.kernel.errors import Refusal
from comity.protocols._vocabulary.contacts import CHANNELS
from comity.protocols.trust.community import PROTOCOL as COMMUNITY
from comity.protocols.trust.contact_check import codes
from comity.protocols.trust.contact_check.acts import MOST_HOURS
from comity.services.casework import contact_figures
from comity.services.directory import campaigning
from comity.services.directory.campaigning import Wish
from comity.store.access import finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.http.response import HttpResponseBase
    from django.utils.safestring import SafeString

    from comity.engines.reach import Figure, Series
    from comity.services.casework.checking_contacts import Campaign, Checked
    from comity.services.casework.contact_figures import Baseline, Result
    from comity.services.casework.desk import Desk

MEASURES = {
    reach.REACHED: gettext_lazy("Who was reached"),
    reach.IN_TIME: gettext_lazy("Answered in time"),
    reach.MEDIAN: gettext_lazy("Half of those who answered did within"),
    reach.NINETIETH: gettext_lazy("Nine tenths of those who answered did within"),
    reach.CORRECTED: gettext_lazy("Fields that had to be corrected"),
    reach.DEPUTIES: gettext_lazy("Contacts with a tested deputy"),
    reach.HALF_LIFE: gettext_lazy("Half of the fields change within"),
    contact_figures.FRESH: gettext_lazy("Told of within a year before"),
}
LEVELS = {
    "1": gettext_lazy("whether somebody is there"),
    "2": gettext_lazy("and whether what is kept is still right"),
    "3": gettext_lazy("and a small task besides"),
    "0": gettext_lazy("of nodes alone: whether they take a message"),
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


class Wanted(Form):
    """What somebody wants to check; its fields have the names that the service gives them."""

    dossier = forms.ChoiceField(label=gettext_lazy("Contacts of"))
    campaign = forms.CharField(
        label=gettext_lazy("Handle of the campaign"),
        max_length=64,
        help_text=gettext_lazy("A short name in small letters, as autumn_2026."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=200,
        help_text=gettext_lazy("What stands in each check."),
    )
    level = forms.ChoiceField(label=gettext_lazy("What is asked"), initial="2")
    hours = forms.IntegerField(
        label=gettext_lazy("To be answered within (hours of work)"),
        initial=24,
        min_value=1,
        max_value=MOST_HOURS,
    )

    def __init__(self, communities: Iterable[tuple[str, str]], *args: object) -> None:
        super().__init__(*args)
        self.fields["dossier"].choices = [*communities]  # type: ignore[attr-defined]
        self.fields["level"].choices = [*LEVELS.items()]  # type: ignore[attr-defined]

    def wish(self) -> Wish:
        """Return what is wanted. Call it on a form that is valid."""
        given = self.cleaned_data
        named = (given["dossier"], given["campaign"], given["title"])
        return Wish(*named, int(given["level"]), given["hours"])


class Asks(NamedTuple):
    """One contact that a campaign would ask: of whom, by ``channels`` in words, ``due`` when (ms);
    ``seat`` says that it has no node.
    """

    name: str
    seat: bool
    contact: str
    channels: tuple[str, ...]
    due: int


@signed_in
def campaign(request: Asked) -> HttpResponseBase:
    """Show whom a campaign would ask, and start it."""
    desk = desk_of(request)
    if not campaigning.may(desk):
        raise Http404
    given = request.POST if request.method == "POST" else request.GET or None
    form = Wanted(_communities(desk), given)
    shown: list[Asks] = []
    realm = ""
    if form.is_valid():
        try:
            if request.method == "POST":
                campaigning.start(desk, form.wish())
                name = urlencode({"campaign": form.cleaned_data["campaign"]})
                return HttpResponseRedirect(f"{reverse('contact_checks')}?{name}")
            told, checked = campaigning.read(desk, form.wish())
            shown, realm = [*_asks(desk, told, checked)], told.realm
        except Refusal as refusal:
            form.refuse(refusal)
    asked = [(name, form.cleaned_data[name]) for name in form.fields] if shown else []
    context = {
        "form": form,
        "errors": form.errors,
        "checked": shown,
        "asked": asked,
        "realm": realm,
    }
    return render(request, "comity/campaign.html", context)


def _communities(desk: Desk) -> Iterator[tuple[str, str]]:
    for line in desk.find(finding.Wanted(protocol=COMMUNITY.name), 500).lines:
        yield line.id, line.title


def _asks(desk: Desk, told: Campaign, checked: Iterable[Checked]) -> Iterator[Asks]:
    for each in checked:
        name = desk.name(each.party) if each.party else each.seat
        for contact in each.contacts:
            channels = tuple(CHANNELS[channel] for channel in contact.channels)
            due = contact.due(desk.node.now(), told.due_hours)
            yield Asks(name, each.party is None, contact.handle, channels, due)


@signed_in
def checks(request: Asked) -> HttpResponseBase:
    """Show the campaigns of this party, and what one of them found; close one."""
    desk, campaign = desk_of(request), request.GET.get("campaign", "")
    shown: dict[str, object] = {
        "campaigns": contact_figures.campaigns(desk),
        "may_start": campaigning.may(desk),
    }
    if request.method == "POST":
        campaign = request.POST.get("campaign", "")
        try:
            campaigning.close(desk, campaign, stop="stop" in request.POST)
        except Refusal as refusal:
            if refusal.rule != "S4":
                raise
            shown["wrong"] = refusal
        else:
            name = urlencode({"campaign": campaign})
            return HttpResponseRedirect(f"{reverse('contact_checks')}?{name}")
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
