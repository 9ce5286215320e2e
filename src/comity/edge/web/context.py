"""What every page is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext_lazy as _

from comity import __version__
from comity.edge.web import languages
from comity.services.people import notices
from comity.services.response import reports

if TYPE_CHECKING:
    from django.http import HttpRequest

    from comity.services.node import Node
    from comity.services.people.actors import Actor

LANES = "lanes"
"""In place of what is managed: some lane whose dealings one reads."""
REPORTS = "reports"
"""In place of what is managed: reports of vulnerabilities, where this node takes any."""
NAVIGATION = (
    ("work", _("Work"), None),
    ("dossiers", _("Dossiers"), None),
    ("objects", _("Objects"), LANES),
    ("reports", _("Reports"), REPORTS),
    ("directory", _("Directory"), None),
    ("parties", _("Parties"), None),
    ("node", _("Node"), "node"),
    ("people", _("People"), "people"),
    ("audit", _("Audit"), "audit"),
)
"""The main pages: address, label, and what one must manage, or read, to see them."""


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the language and its direction, the party, who is asking, and what may be opened."""
    language = get_language() or settings.LANGUAGE_CODE
    node = getattr(request, "node", None)
    return {
        "language": language,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "languages": settings.LANGUAGES,
        "reviewed": languages.is_reviewed(language),
        "mails": node is not None and node.settings.mail is not None,
        "party": "" if node is None else node.settings.name,
        "actor": _actor(request),
        "notices": _notices(request),
        "navigation": [] if node is None else _navigation(request),
        "version": __version__,
    }


def _actor(request: HttpRequest) -> Actor | None:
    found: Actor | None = getattr(request, "actor", None)
    return found


def _notices(request: HttpRequest) -> int:
    """Return how many unread notices await who is asking."""
    actor = _actor(request)
    return 0 if actor is None else notices.unread(getattr(request, "node"), actor)  # noqa: B009


def _navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the pages that the person who asks may open."""
    actor = _actor(request)
    if actor is None:
        return []
    node: Node = getattr(request, "node")  # noqa: B009
    found = request.resolver_match
    here = found.url_name if found is not None else ""
    return [
        {"url": reverse(name), "label": label, "current": name == here}
        for name, label, managed in NAVIGATION
        if _may(node, actor, managed)
    ]


def _may(node: Node, actor: Actor, needed: str | None) -> bool:
    if needed == REPORTS:
        return node.settings.intake and reports.hand(node, actor) is not None
    return needed is None or (bool(actor.lanes) if needed == LANES else actor.manages(needed))
