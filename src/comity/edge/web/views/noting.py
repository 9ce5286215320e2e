"""A nomination as a note verbale: on paper, in two languages, for those who need paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django import forms
from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from comity.edge.web.forms import Form
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.kernel.label import TLP, Egress, require_way_out
from comity.protocols._vocabulary.contacts import FIELDS, ROLES
from comity.protocols.trust.community import PROTOCOL
from comity.services.people import audit

if TYPE_CHECKING:
    from django.http import HttpResponse

NOMINATE = "nominate"
USUAL = ("fr", "en")
"""The second language, where nobody chose one: the first of these that is not the reader's."""


class Side(NamedTuple):
    """One side of a note: the ``code`` of its language, and whether it runs from right to left."""

    code: str
    rtl: bool


class Tongues(Form):
    """The second language of a note."""

    second = forms.ChoiceField(label=_("Second language"))

    def __init__(self, here: str, *args: object) -> None:
        super().__init__(*args)
        others = [(code, name) for code, name in settings.LANGUAGES if code != here]
        self.fields["second"].choices = others  # type: ignore[attr-defined]


@signed_in
def note(request: Asked, act_id: str) -> HttpResponse:
    """Show a nomination as a note verbale: one that has effect; what is TLP:RED is read on pages
    only.
    """
    row, act = desk_of(request).read(act_id)
    is_one = (row.protocol, act.kind, act.void) == (PROTOCOL.name, NOMINATE, None)
    if not is_one or act.hidden:
        raise Http404
    require_way_out(TLP(row.ceiling), Egress.FILE, row.id)
    here = request.LANGUAGE_CODE
    usual = next(code for code in USUAL if code != here)
    form = Tongues(here, request.GET or {"second": usual})
    second = form.cleaned_data["second"] if form.is_valid() else usual
    audit.note_read(request.node, request.actor, row.id, TLP(row.ceiling))
    shown = {
        "row": row,
        "act": act,
        "form": form,
        "title": desk_of(request).told(row).title(row),
        "role": ROLES.get(str(act.body["role"]), ""),
        "told": [(FIELDS[code], act.fields[code]) for code in FIELDS if act.fields.get(code)],
        "replaces": bool(act.refs),
        "sides": [Side(code, get_language_info(code)["bidi"]) for code in (here, second)],
    }
    return render(request, "comity/note_verbale.html", shown)
