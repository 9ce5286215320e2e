"""The file security.txt of a node that takes reports (RFC 9116): where to report, and until when
that holds.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from comity.kernel.errors import Phrase, Refusal
from comity.services.node import DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.services.node import Node

PATH, FORM = "/.well-known/security.txt", "/report"
DAYS = 90
"""How long a file that is asked for now holds. RFC 9116 recommends less than a year."""


def contact(node: Node) -> str:
    """Return how this party is told of weaknesses another way, as a URI, "" where none is set."""
    told = node.settings.security_contact
    return f"mailto:{told}" if told and not re.match(r"(https|mailto|tel):", told) else told


def text(node: Node, languages: Sequence[str]) -> str:
    """Return the file: the form first where reports are taken, then the contact that is set.

    ``languages`` are those of the form. RFC 9116 takes no address of the web but of https, so a
    form that is reached otherwise is not named. Raises Refusal S3 where there is nothing to name.
    """
    here = node.address if node.address.startswith("https://") else ""
    forms = [here + FORM] if here and node.settings.intake else []
    ways = [*forms, *filter(None, [contact(node)])]
    if not ways:
        raise Refusal("S3", "This node names no contact for vulnerabilities.")
    # It ends with a day, so that it says nothing of when it was asked for.
    end = datetime.fromtimestamp((node.now() // DAY + DAYS) * DAY // 1000, UTC)
    lines = [
        *(f"Contact: {way}" for way in ways),
        f"Expires: {end:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(languages)}",
        *([f"Canonical: {here}{PATH}"] if here else []),
    ]
    return "".join(f"{line}\n" for line in lines)


def elsewhere(node: Node) -> Phrase:
    """Return how else a finder reaches this party, as a sentence."""
    told = node.settings.security_contact
    if told:
        return Phrase("Write to {contact}, or try again tomorrow.", contact=told)
    return Phrase(
        "Try again tomorrow, or write to the contact for security that this party names on its "
        "website, in its security.txt or its description by RFC 2350."
    )
