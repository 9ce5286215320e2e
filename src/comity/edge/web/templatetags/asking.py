"""Tags of forms of acts: each says where a field stands, and none is lost or shown twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from comity.edge.web.filling import FILES

if TYPE_CHECKING:
    from django.template import Context

    from comity.edge.web.filling import ActForm

register = template.Library()


@register.simple_tag(takes_context=True)
def field(context: Context, name: str) -> SafeString:
    """Show a field of the form with its label, help and errors; nothing where the form does not ask
    for it, or shows it already.
    """
    form = cast("ActForm", context["form"])
    if name not in form.fields or name in form.shown:
        return SafeString()
    form.shown.add(name)
    return SafeString(get_template("comity/field.html").render({"field": form[name]}))


@register.simple_tag(takes_context=True)
def others(context: Context) -> SafeString:
    """Show the fields that are not shown yet, in their order; files stand last in every form."""
    names = (name for name in context["form"].fields if name != FILES)
    return mark_safe("".join(field(context, name) for name in names))  # noqa: S308  templates gave it
