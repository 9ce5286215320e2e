"""Adding objects: brought as text or file, looked at object by object, then signed or handed on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.edge.web import uploads
from comity.edge.web.forms import Form, sent
from comity.edge.web.languages import said
from comity.edge.web.requests import Asked, signed_in
from comity.edge.web.templatetags.comity import MEANINGS, SHOWN
from comity.edge.web.views.objects import finder_of
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.sharing import adding, audience, importing, onward, preparing
from comity.services.sharing.settling import KEEP, LEAVE, STRIP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from comity.services.sharing.adding import Target
    from comity.services.sharing.preparing import Prepared

HAND = "hand"
"""Stands for the intake of what people take in, which may not be there yet."""
MOST = 900 * 1024
"""Characters of a batch: what is looked at comes back with the form that signs it."""
TOLD = 200
"""Objects of which a page tells."""
VERDICTS = {
    "new": _("new"),
    "version": _("a new version"),
    "held": _("held already"),
    "conflict": _("contradicts what is held"),
    "flaw": _("not taken"),
    "out": _("left out"),
}
CLAIMS = {
    LEAVE: _("Leave out the objects that claim it"),
    STRIP: _("Send these objects without it, as our own statement, under new ids"),
    KEEP: _("Keep it as what the source says that the object names, with its date"),
}
KINDS = {
    "actor": _("who did it"),
    "sponsor": _("who had it done"),
    "country": _("a country"),
}


class Adding(Form):
    """What is added where; ``seen`` says what was looked at."""

    shelf = forms.ChoiceField(label=_("Where"))
    unmarked = forms.ChoiceField(
        label=_("Label of what is not marked"),
        required=False,
        choices=[
            ("", _("TLP:AMBER, as nothing else is said")),
            *((tlp.value, text) for tlp, text in SHOWN.items() if tlp is not TLP.RED),
        ],
        help_text=_("What is marked keeps its marking."),
    )
    text = forms.CharField(
        label=_("Objects"),
        required=False,
        max_length=MOST,
        help_text=_("A STIX 2.1 bundle, a list of objects under “objects”, or one object."),
        widget=forms.Textarea(attrs={"dir": "ltr", "spellcheck": "false"}),
    )
    file = forms.FileField(
        label=_("Or a file with them"),
        required=False,
        help_text=_("At most 0.9 MB; bring more by TAXII, or on the command line."),
    )
    claims = forms.ChoiceField(
        label=_("Some of it says who is behind something. What is to become of that?"),
        required=False,
        choices=list(CLAIMS.items()),
        widget=forms.RadioSelect,
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, targets: Sequence[Target], *args: object) -> None:
        super().__init__(*args)
        self.fields["shelf"].choices = where(targets)  # type: ignore[attr-defined]

    def content(self) -> str:
        """Return what was brought, with lines ended in one way: browsers change the ends."""
        file = self.cleaned_data.get("file")
        text = file.read().decode() if file else self.cleaned_data["text"]
        return "\n".join(text.split("\r\n"))

    def print_(self, text: str) -> str:
        """Return what tells this filling from every other."""
        asked = [self.cleaned_data[name] for name in ("shelf", "unmarked", "claims")]
        return hashlib.sha256("\0".join([*asked, text]).encode()).hexdigest()


def where(targets: Sequence[Target]) -> list[tuple[str, str]]:
    """Return the collections to choose from, by id, with what each is called."""
    named = [(e.place.id, said(e.place.title)) for e in targets if e.shelf.source != adding.HAND]
    return [*named, (HAND, gettext("What we took in by hand, for this party alone"))]


@signed_in
def add(request: Asked) -> HttpResponse:
    """Show what adding objects would come to; then sign it, or hand it on, as it was looked at."""
    targets = adding.targets(request.node, finder_of(request))
    form = Adding(targets, *sent(request))
    uploads.note(request, form, "file")
    return _answer(request, targets, form)


def look_at(request: Asked, shelf: str, text: str) -> HttpResponse:
    """Show what adding a batch would come to that another page has made."""
    targets = adding.targets(request.node, finder_of(request))
    return _answer(request, targets, Adding(targets, {"shelf": shelf, "text": text}))


def _answer(request: Asked, targets: Sequence[Target], form: Adding) -> HttpResponse:
    shown: dict[str, object] = {}
    if request.method == "POST" and form.is_valid():
        try:
            text = form.content()
            target = _target(request, targets, form)
            prepared = _prepared(request, target, form, text)
            if _is_pressed(request, form, text):
                _add(request, target, prepared)
                return redirect("objects")
            shown = _shown(request, target, prepared)
        except UnicodeDecodeError:
            form.add_error("file", gettext("This file is no text in UTF-8."))
        except Refusal as refusal:
            form.refuse(refusal, "text")
        else:
            form = _again(targets, form, text)
    shown |= {"form": form, "errors": form.errors}
    return render(request, "comity/add.html", shown, status=uploads.status(request))


def _target(request: Asked, targets: Sequence[Target], form: Adding) -> Target:
    chosen = form.cleaned_data["shelf"]
    if chosen != HAND:
        return next(each for each in targets if each.place.id == chosen)
    adding.open_by_hand(request.node, gettext("Taken in by hand"))
    found = adding.targets(request.node, finder_of(request))
    return next(each for each in found if each.shelf.source == adding.HAND)


def _prepared(request: Asked, target: Target, form: Adding, text: str) -> Prepared:
    given = form.cleaned_data
    unmarked = TLP(given["unmarked"]) if given["unmarked"] else None
    brought = importing.read(text.encode())
    return preparing.prepare(request.node, target.shelf, brought, unmarked, given["claims"])


def _is_pressed(request: Asked, form: Adding, text: str) -> bool:
    """Say whether it is to be added: what was looked at, or nothing."""
    return "add" in request.POST and form.cleaned_data["seen"] == form.print_(text)


def _add(request: Asked, target: Target, prepared: Prepared) -> None:
    node, actor = request.node, request.actor
    if not target.place.dossier:
        adding.take_in(node, target, prepared)
        messages.success(request, gettext("Taken in. Nobody else is told."))
    elif target.alone:
        adding.publish(node, actor, target, prepared)
        messages.success(request, gettext("Signed. It is on its way to every member."))
    else:
        adding.hand_on(node, actor, target, prepared)
        messages.success(request, gettext("It waits for a second person now."))


def _again(targets: Sequence[Target], form: Adding, text: str) -> Adding:
    """Return the form with all that was brought in it, and what tells it."""
    given = {name: form.cleaned_data[name] for name in ("shelf", "unmarked", "claims")}
    again = Adding(targets, {**given, "text": text})
    again.full_clean()
    again.data = {**again.data, "seen": again.print_(text)}
    return again


def _shown(request: Asked, target: Target, prepared: Prepared) -> dict[str, object]:
    return {
        "target": target,
        "prepared": prepared,
        "lines": [
            (line, VERDICTS[line.verdict], [(claim, KINDS[claim.kind]) for claim in line.claims])
            for line in prepared.lines[:TOLD]
        ],
        "more": max(0, len(prepared.lines) - TOLD),
        "counts": [(VERDICTS[code], n) for code, n in prepared.counts.items()],
        "labels": [(tlp.value, MEANINGS[tlp], n) for tlp, n in prepared.labels],
        "members": audience.members(request.node, target.shelf, prepared),
        "beyond": audience.beyond(prepared),
        "who": onward.alone(request.node, "publish"),
    }
