"""What was typed is not lost when a session ended meanwhile.

A form in which people write carries a token, signed with the node's own secret, that says for whom
the page was made. When it is sent and nobody is signed in any more, what it holds becomes a draft
of that person, who finds it after signing in, and nobody else does. Without a token that this node
signed a short while ago nothing is kept.
"""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

from django.core import signing
from django.utils import timezone

from comity.kernel.errors import Refusal
from comity.services.people import actors
from comity.store.access import people as access

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from comity.edge.web.requests import Asked
    from comity.services.node import Node
    from comity.services.people.actors import Actor

FIELD = "_for"
LASTS = 24 * 3600
"""Seconds for which a page that stands open is one of the person it was made for."""
_SALT = "comity.edge.web.keeping"


def token(actor: Actor) -> str:
    """Return what a form carries that was made for a person."""
    return signing.TimestampSigner(salt=_SALT).sign(str(actor.id))


def clock_of(node: Node, actor: Actor) -> AbstractContextManager[None]:
    """Let times be read as in a person's own zone, who typed them."""
    row = access.person(node.db, actor.id)
    known = row is not None and row.zone in zoneinfo.available_timezones()
    return timezone.override(row.zone if row is not None and known else "UTC")


def made_for(request: Asked) -> Actor | None:
    """Return the person for whom the form that was sent was made, with today's mandates; None when
    it does not say so, has stood open too long, or the account is closed.
    """
    try:
        signed = signing.TimestampSigner(salt=_SALT).unsign(
            request.POST.get(FIELD, ""), max_age=LASTS
        )
        return actors.of_person(request.node, int(signed))
    except (signing.BadSignature, Refusal):
        return None
