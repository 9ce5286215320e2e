"""Objects: looking for them in the collections that a person sees."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from django import forms
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from comity.edge.web.forms import Form
from comity.edge.web.requests import Asked, cursor, signed_in
from comity.edge.web.stixwords import TYPES
from comity.edge.web.templatetags.comity import SHOWN
from comity.kernel.errors import Refusal
from comity.kernel.label import Egress
from comity.services.sharing import adding, browsing, searching, techniques
from comity.services.sharing.searching import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import HttpResponse

    from comity.services.sharing.browsing import Listing, Place
    from comity.services.sharing.searching import Finder

ANY = ("", _("Any"))


class Search(Form):
    """What to look for among objects; its fields have the names that the service gives them."""

    words = forms.CharField(
        label=_("Words"),
        required=False,
        max_length=100,
        help_text=_("As they stand in names, descriptions and patterns."),
    )
    value = forms.CharField(
        label=_("Value"),
        required=False,
        max_length=300,
        help_text=_("An address or range, domain, URL, hash, CVE or technique."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
    )
    type = forms.ChoiceField(label=_("Kind"), required=False, choices=[ANY, *TYPES.items()])
    shelf = forms.ChoiceField(label=_("Collection"), required=False)
    tlp = forms.ChoiceField(
        label=_("Label"),
        required=False,
        choices=[ANY, *((tlp.value, text) for tlp, text in SHOWN.items())],
    )
    since = forms.DateField(
        label=_("Added since"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    valid = forms.BooleanField(
        label=_("Still valid"),
        required=False,
        help_text=_("Indicators that still hold, and nothing else."),
    )

    def __init__(self, collections: Iterable[Place], *args: object) -> None:
        super().__init__(*args)
        named = [(place.id, place.title) for place in collections]
        self.fields["shelf"].choices = [ANY, *named]  # type: ignore[attr-defined]


@signed_in
def objects(request: Asked) -> HttpResponse:
    """List objects that this person sees and looks for, those added last first."""
    finder = finder_of(request)
    collections = browsing.collections(request.node, finder)
    form = Search(collections, request.GET)
    query = _query(form.cleaned_data, cursor(request)) if form.is_valid() else None
    found = _found(request, finder, form, query) if query else None
    known = techniques.asked(query) if query else ()
    kept = request.GET.copy()
    kept["before"] = str(found.before if found else 0)
    shown = {
        "form": form,
        "errors": form.errors,
        "found": found,
        "techniques": [(each.id, techniques.sentence(each)) for each in known],
        "collections": collections,
        "adds": adding.may_add(request.actor),
        "next": kept.urlencode() if found and found.before else "",
    }
    return render(request, "comity/objects.html", shown)


def finder_of(request: Asked) -> Finder:
    """Return who asks as one who looks, at pages. Raises Refusal S10 for who reads nothing."""
    return searching.of_actor(request.node, request.actor, Egress.PAGE)


def _found(request: Asked, finder: Finder, form: Search, query: Query) -> Listing | None:
    try:
        return browsing.listing(request.node, finder, query)
    except Refusal as refusal:
        form.refuse(refusal)
        return None


def _query(given: Mapping[str, Any], before: int) -> Query:
    day = given["since"]
    since = 0 if day is None else int(datetime.combine(day, time(), UTC).timestamp()) * 10**6
    return Query(
        words=given["words"],
        value=given["value"],
        types=(given["type"],) if given["type"] else (),
        shelf=given["shelf"],
        tlp=given["tlp"],
        since=since,
        before=before,
        valid=given["valid"],
    )
