"""The root ceremony, as far as a browser takes part: who holds the keys, who has signed.

No key is made, typed or proposed here. What needs a secret, or the soft key of this machine, is
done at the machine and at those of the holders; a browser carries the proposal out and signatures
in, and both are public.
"""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.edge.web import uploads
from comity.edge.web.forms import Form, sent
from comity.edge.web.requests import Asked, signed_in
from comity.kernel.errors import Refusal
from comity.services.identity import ceremony as steps

LIMIT = 4096
"""Bytes of a file with a signature code."""


class Signature(Form):
    """A signature code that a holder brought."""

    code = forms.CharField(
        label=_("Signature code"),
        required=False,
        max_length=LIMIT,
        help_text=_("It begins with COMITY-SIGNATURE, and is no secret."),
        widget=forms.Textarea(attrs={"dir": "ltr", "rows": 4, "spellcheck": "false"}),
    )
    file = forms.FileField(label=_("Or the file that holds it"), required=False)

    def clean(self) -> dict[str, object]:
        """Ask for one of the two; what is in the file becomes the code."""
        given = super().clean() or {}
        found = given.get("file")
        if found is not None:
            given["code"] = found.read(LIMIT).decode(errors="replace")
        if not given.get("code"):
            self.add_error("code", _("Type the signature code, or choose its file."))
        return given


@signed_in
def ceremony(request: Asked) -> HttpResponse:
    """Show who holds the root keys, and how far a ceremony is; take in a signature."""
    state = steps.status(request.node, request.actor)
    form = Signature(*sent(request))
    uploads.note(request, form, "file")
    if request.method == "POST":
        done = _publish(request, form) if "publish" in request.POST else _take(request, form)
        if done:
            messages.success(request, done)
            return redirect("ceremony")
        state = steps.status(request.node, request.actor)
    shown = {"state": state, "form": form, "errors": form.errors}
    return render(request, "comity/ceremony.html", shown, status=uploads.status(request))


def _take(request: Asked, form: Signature) -> str:
    """Take in a signature; say so, or note in the form why not."""
    if not form.is_valid():
        return ""
    try:
        steps.take(request.node, form.cleaned_data["code"], request.actor)
    except Refusal as refusal:
        form.refuse(refusal, "code")
        return ""
    return gettext("The signature is right, and counts.")


def _publish(request: Asked, form: Signature) -> str:
    form.is_valid()
    form.errors.clear()
    try:
        steps.publish(request.node, request.actor)
    except Refusal as refusal:
        form.refuse(refusal)
        return ""
    return gettext("The new root keys are in force. Other parties are told now.")


@signed_in
def proposal(request: Asked) -> HttpResponse:
    """Give what the holders sign, as a file to be carried to them; it holds no secret."""
    found = steps.status(request.node, request.actor).proposal
    if found is None:
        raise Http404
    answer = HttpResponse(found.to_bytes(), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="proposal-{found.id[:12]}.json"'
    return answer
