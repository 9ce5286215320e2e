"""What the forms of all pages share: errors that name their field, and are said to those who
cannot see them.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class Form(forms.Form):
    """A form whose errors can be read alone, as in the summary on top of a page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = _("%(label)s: fill this in.") % {
                "label": field.label
            }
