"""What the forms of all pages share: errors that name their field, and are said to those who
cannot see them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.edge.web.languages import said

if TYPE_CHECKING:
    from typing import TypeAlias

    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpRequest, QueryDict
    from django.utils.datastructures import MultiValueDict

    from comity.kernel.errors import Refusal

    Sent: TypeAlias = tuple[QueryDict | None, MultiValueDict[str, UploadedFile] | None]


def sent(request: HttpRequest) -> Sent:
    """Return the fields and files that were sent, as a form takes them; None where the page was
    only asked for. What was sent may be empty: the file was not read, and nothing stood before it.
    """
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def choose(field: forms.Field, choices: list[tuple[str, object]]) -> None:
    """Say between what a field lets people choose."""
    if isinstance(field, forms.ChoiceField):
        field.choices = choices


class Form(forms.Form):
    """A form whose errors can be read alone, as in the summary on top of a page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name_missing()

    def name_missing(self) -> None:
        """Let every field that is left out be named; again after fields were added."""
        for name in self.fields:
            self.fields[name].error_messages["required"] = self.missing(name)

    def missing(self, name: str) -> str:
        """Return what to do about a field that was left out."""
        field = self.fields[name]
        told = _("%(label)s: fill this in.")
        if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
            told = _("%(label)s: choose one.")
        if isinstance(field, forms.MultipleChoiceField | forms.FileField):
            told = _("%(label)s: choose at least one.")
        return str(told % {"label": field.label})

    def refuse(self, refusal: Refusal, field: str = "") -> None:
        """Show why something was refused: beside ``field``, or beside the one it names."""
        name = field or refusal.subject
        self.add_error(name if name in self.fields else None, said(refusal.reason))
