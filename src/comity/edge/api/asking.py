"""Who asks: a program, by the token it shows. Sessions of the pages mean nothing here.

No browser sends a token by itself, so that no page of another site can make one ask for anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from ninja.security import HttpBearer

from comity.edge.api.problems import Wrong
from comity.kernel.errors import Refusal
from comity.services import origins, quota
from comity.services.casework.desk import Desk
from comity.services.people import tokens

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.people.actors import Actor

SCHEME = "Bearer"
CHALLENGE = {"WWW-Authenticate": SCHEME}


class Asked(HttpRequest):
    """A request as operations get it: ``node``, and in ``auth`` who acts by the token."""

    node: Node
    auth: Actor


def desk_of(request: Asked) -> Desk:
    """Return the dossiers as who asks sees them, told in English."""
    return Desk(request.node, request.auth)


class Token(HttpBearer):
    """``Authorization: Bearer …``, with a token that works."""

    openapi_description = "A token, made on the page of an account or with `comity tokens`."

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """Return who acts by a token. Raises Wrong 401, and Refusal T5 beyond its requests."""
        node: Node = request.node  # type: ignore[attr-defined]
        try:
            row = tokens.of_secret(node, token)
            quota.require_rate(node, f"token {row.id}")
            return tokens.actor_of(node, row)
        except Refusal as refusal:
            if refusal.rule != "S10":
                raise
            # Who guesses is counted by address; who has a token, by the token alone.
            origin = origins.holder(origins.of_request(request.META))
            quota.require_rate(node, "unknown token", origin)
            raise unknown(refusal) from refusal


def secret_of(request: Asked) -> str:
    """Return the secret of the token that a request shows."""
    return str(request.META["HTTP_AUTHORIZATION"]).partition(" ")[2]


def unknown(refusal: Refusal | None = None) -> Wrong:
    """Return what is answered to who shows no token that works."""
    told = "Show a token that works: Authorization: Bearer comity_…"
    return Wrong(401, refusal or Refusal("S10", told), headers=CHALLENGE)
