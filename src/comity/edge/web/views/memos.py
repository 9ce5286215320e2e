"""Memos about a message: reading them, and writing one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.edge.web.forms import Form, sent
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.edge.web.templatetags.comity import memoreaders
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.casework import memos as service
from comity.services.people import audit
from comity.store.access.memos import ME

if TYPE_CHECKING:
    from django.http import HttpResponse

    from comity.services.casework.desk import Desk
    from comity.services.casework.memos import Memo


class Writing(Form):
    """A memo, and who is to read it; its fields have the names that the service gives them."""

    text = forms.CharField(
        label=_("Memo"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text=_("Leave it empty to remove what you wrote before for the same readers."),
    )
    readers = forms.ChoiceField(label=_("Who reads it"))

    def __init__(self, able: tuple[str, ...], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        choices = [(code, memoreaders(code)) for code in able]
        self.fields["readers"].choices = choices  # type: ignore[attr-defined]


@signed_in
def memo(request: Asked, act_id: str) -> HttpResponse:
    """Show the memos about a message, and keep one."""
    desk = desk_of(request)
    row, act = desk.read(act_id)
    found = [each for each in service.of_dossier(desk, row.id) if each.act == act_id]
    able = service.readers(desk, row)
    form = Writing(able, sent(request)[0], initial=_before(request, found))
    if request.method == "POST" and form.is_valid() and _is_kept(desk, act_id, form):
        messages.success(request, gettext("Kept, at this node alone."))
        return redirect(f"{reverse('dossier', args=[row.id])}#a-{act_id}")
    audit.note_read(request.node, request.actor, row.id, TLP(row.ceiling))
    shown = {
        "row": row,
        "act": act,
        "title": desk.told(row).title(row),
        "memos": found,
        "form": form,
        "errors": form.errors,
    }
    return render(request, "comity/memo.html", shown)


def _before(request: Asked, found: list[Memo]) -> dict[str, str]:
    """Return what this person wrote before for the readers that the address names."""
    readers = request.GET.get("readers", ME)
    own = {each.readers: each.text for each in found if each.mine}
    return {"readers": readers, "text": own.get(readers, "")}


def _is_kept(desk: Desk, act_id: str, form: Writing) -> bool:
    given = form.cleaned_data
    try:
        service.write(desk, act_id, given["text"], for_=given["readers"])
    except Refusal as refusal:
        if refusal.rule != "S4":
            raise
        form.refuse(refusal)
        return False
    return True
