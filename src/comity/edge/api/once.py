"""What is done once, however often a program asks for it, by a key of the program's choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from ninja import HeaderEx, P
from pydantic import StringConstraints

from comity.edge.api.asking import Asked, secret_of
from comity.services.people import answers
from comity.services.people.answers import KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from comity.services.people.answers import Keep

Key: TypeAlias = HeaderEx[Annotated[str, StringConstraints(pattern="^[!-~]{1,200}$")], P(alias=KEY)]


def once(
    request: Asked, key: str, work: Callable[[Keep], object], seen: str = ""
) -> dict[str, Any]:
    """Do what a request asks for, unless the same request did; return the answer that is kept.

    ``seen`` is the version that the request names, where it names one.
    """
    method, path = str(request.method).encode(), request.path.encode()
    asked = answers.Request.of(
        request.auth.token, secret_of(request), key, method, path, request.body, seen.encode()
    )
    return answers.once(request.node, asked, work)
