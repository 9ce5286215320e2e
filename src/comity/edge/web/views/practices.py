"""Writing a best practice or a lesson, a new version of one, and translating an object."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import orjson
from django import forms
from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.bridges.stix.practice import LESSON, PRACTICE, Practice, read
from comity.edge.web import stixwords
from comity.edge.web.forms import Form
from comity.edge.web.requests import Asked, signed_in
from comity.edge.web.templatetags.comity import SHOWN
from comity.edge.web.views.adding import look_at, where
from comity.edge.web.views.objects import finder_of
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.kernel.language import LIMIT, is_tag, spelled
from comity.services.sharing import adding, practices

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.http import HttpResponse

    from comity.bridges.stix.record import Json
    from comity.services.sharing.adding import Target
    from comity.services.sharing.practices import Origin


class Wording(Form):
    """A title and a text in a language, and to which collection they go."""

    title = forms.CharField(label=_("Title"), max_length=practices.TITLE)
    text = forms.CharField(label=_("Text"), max_length=practices.LONGEST, widget=forms.Textarea)
    lang = forms.CharField(
        label=_("Language"),
        max_length=LIMIT,
        help_text=_("In which language it is written, as “en” or “pt-BR”."),
        widget=forms.TextInput(
            attrs={"list": "id_lang_offered", "dir": "ltr", "class": "short", "autocomplete": "off"}
        ),
    )
    shelf = forms.ChoiceField(label=_("Where"))

    def __init__(self, targets: Sequence[Target], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shelf"].choices = where(targets)  # type: ignore[attr-defined]
        offered = [(spelled(code), name) for code, name in settings.LANGUAGES]
        self.fields["lang"].offered = offered  # type: ignore[attr-defined]
        for name in ("title", "text"):
            self.fields[name].widget.attrs["dir"] = "auto"

    def clean_lang(self) -> str:
        """Return the tag in its one spelling."""
        tag = spelled(self.cleaned_data["lang"])
        if not is_tag(tag):
            raise forms.ValidationError(gettext("Write the tag of a language, as “en” or “pt-BR”."))
        return tag


class Writing(Wording):
    """A best practice or a lesson."""

    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=[
            (PRACTICE, _("A best practice: what has proven itself")),
            (LESSON, _("A lesson: what we learnt from something that happened")),
        ],
        widget=forms.RadioSelect,
        initial=PRACTICE,
    )
    sectors = forms.MultipleChoiceField(
        label=_("For whom"),
        required=False,
        choices=partial(stixwords.choices, practices.SECTORS),
        help_text=_("Nothing chosen means that it is for all."),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "several"}),
    )
    topics = forms.CharField(
        label=_("Topics"),
        required=False,
        max_length=500,
        help_text=_("In a word or two each, with commas between them."),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    references = forms.CharField(
        label=_("References"),
        required=False,
        max_length=5000,
        help_text=_("One a line: an address, or what it is called."),
        widget=forms.Textarea(attrs={"dir": "auto", "rows": "3"}),
    )
    tlp = forms.ChoiceField(
        label=_("Label"),
        choices=[(tlp.value, text) for tlp, text in SHOWN.items() if tlp is not TLP.RED],
        initial=TLP.GREEN.value,
    )
    field_order = ("kind", "title", "text", "lang", "sectors", "topics", "references", "tlp")

    def told(self) -> Practice:
        """Return what was written."""
        given = self.cleaned_data
        topics = (each.strip() for each in given["topics"].split(","))
        lines = (each.strip() for each in given["references"].splitlines())
        return Practice(
            kind=given["kind"],
            title=given["title"],
            text=given["text"],
            lang=given["lang"],
            sectors=tuple(given["sectors"]),
            topics=tuple(filter(None, topics))[: practices.FEW],
            references=tuple(filter(None, lines))[: practices.FEW],
        )


@signed_in
def write(request: Asked) -> HttpResponse:
    """Write a best practice or a lesson."""
    targets = adding.targets(request.node, finder_of(request))
    form = Writing(targets, _sent(request), initial={"lang": spelled(request.LANGUAGE_CODE)})
    head = {"title": gettext("Write a best practice or a lesson")}

    def made() -> Json:
        return practices.new(request.node, form.told(), TLP(form.cleaned_data["tlp"]))

    return _answer(request, form, made, head)


@signed_in
def version(request: Asked, object_id: str) -> HttpResponse:
    """Write a new version of an own best practice or lesson."""
    targets, of = _origin(request, object_id)
    if not of.own:
        raise Http404
    told = read(of.about.value)
    initial = told._asdict() | {
        "topics": ", ".join(told.topics),
        "references": "\n".join(told.references),
        "tlp": min(of.about.strictest, TLP.AMBER_STRICT).value,
        "shelf": _place(of),
    }
    form = Writing(targets, _sent(request), initial=initial)
    head = {"title": gettext("A new version"), "of": of, "name": told.title}

    def made() -> Json:
        return practices.version(request.node, of, form.told(), TLP(form.cleaned_data["tlp"]))

    return _answer(request, form, made, head)


@signed_in
def translate(request: Asked, object_id: str) -> HttpResponse:
    """Translate the words of an object."""
    targets, of = _origin(request, object_id)
    own = of.words[0]
    if not own.title and not own.text:
        raise Http404
    form = Wording(targets, _sent(request), initial={"shelf": _place(of)})
    form.fields["text"].required = bool(own.text)
    form.fields["title"].required = bool(own.title)
    for name, words in (("title", own.title), ("text", own.text)):
        form.fields[name].original = own  # type: ignore[attr-defined]
        form.fields[name].words = words  # type: ignore[attr-defined]
    head = {"title": gettext("Translate it"), "of": of, "name": own.title}

    def made() -> Json:
        given = form.cleaned_data
        words = given["lang"], given["title"], given["text"]
        return practices.translation(request.node, of, given["shelf"], words)

    return _answer(request, form, made, head)


def _sent(request: Asked) -> object:
    return request.POST if request.method == "POST" else None


def _origin(request: Asked, object_id: str) -> tuple[list[Target], Origin]:
    finder = finder_of(request)
    return adding.targets(request.node, finder), practices.origin(request.node, finder, object_id)


def _place(of: Origin) -> str:
    return next((each.place.id for each in of.about.readable if each.place.dossier), "")


def _answer(
    request: Asked, form: Wording, made: Callable[[], Json], head: Mapping[str, object]
) -> HttpResponse:
    """Show the form; once it is filled in, what adding what it says would come to."""
    if request.method == "POST" and form.is_valid():
        try:
            text = orjson.dumps(made()).decode()
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return look_at(request, form.cleaned_data["shelf"], text)
    shown = {**head, "form": form, "errors": form.errors}
    return render(request, "comity/practice.html", shown)
