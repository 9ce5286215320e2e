"""Who asks: the header Authorization, by HTTP Basic or as a bearer."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.errors import Refusal

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment


class Shown(NamedTuple):
    """What somebody shows: the ``secret`` of a token, and a ``user``, "" where none is named."""

    user: str
    secret: str


def shown(environ: WSGIEnvironment) -> Shown | None:
    """Return what a request shows, or None where it shows nothing. Raises Refusal X38."""
    header = str(environ.get("HTTP_AUTHORIZATION", ""))
    if not header:
        return None
    scheme, _, rest = header.partition(" ")
    read = {"basic": _basic, "bearer": _bearer}.get(scheme.lower())
    found = read(rest.strip()) if read else None
    if found is None:
        raise unknown("Show a token by HTTP Basic, its secret as the password, or as a bearer.")
    return found


def unknown(reason: str) -> Refusal:
    """Return the refusal of one who shows no token that works here."""
    return Refusal("X38", reason)


def _basic(text: str) -> Shown | None:
    try:
        user, colon, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return Shown(user, secret) if colon else None


def _bearer(text: str) -> Shown | None:
    return Shown("", text) if text else None
