"""Media types, and how a request says which it takes and sends (sections 1.6.8 and 3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from comity.kernel.errors import Phrase, Refusal

TAXII = "application/taxii+json;version=2.1"
STIX = "application/stix+json;version=2.1"
NAME, VERSION = "application/taxii+json", "2.1"
_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
# Commas and semicolons that stand in quotation marks separate nothing.
_ITEM = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_PIECE = re.compile(r'(?:[^;"]|"(?:[^"\\]|\\.)*"?)+')


class _Range(NamedTuple):
    """A media range: ``version`` is "" where it names none, ``quality`` None where it is no
    number.
    """

    name: str
    version: str
    quality: float | None


def require_acceptable(accept: str) -> None:
    """Check a header Accept, "" where there was none: that TAXII 2.1 is among what it takes.

    The range that fits best decides, as in RFC 9110, section 12.5.1. Raises Refusal X30.
    """
    ranges = [_range(item) for item in _ITEM.findall(accept) if item.strip()]
    fitting = [(_fit(each), each.quality or 0.0) for each in ranges if _fit(each)]
    if ranges and (not fitting or not max(fitting)[1]):
        raise Refusal(
            "X30",
            Phrase("This server answers {type}. Say so in the header Accept.", type=TAXII),
            _short(accept),
        )


def require_sent(content_type: str) -> None:
    """Check a header Content-Type: that it names TAXII 2.1, or TAXII. Raises Refusal X31.

    None at all is refused as well: a page of another site could send that in a person's name.
    """
    sent = _range(content_type)
    if sent.name != NAME or sent.version not in {"", VERSION}:
        raise Refusal(
            "X31",
            Phrase("Send {type}, and say so in the header Content-Type.", type=TAXII),
            _short(content_type),
        )


def _range(item: str) -> _Range:
    name, *pieces = _PIECE.findall(item) or [""]
    version, quality = "", "1"
    for key, value in map(_pair, pieces):
        if key == "version":
            version = value
        elif key == "q":
            quality = value
    told = float(quality) if _QUALITY.fullmatch(quality) else None
    return _Range(name.strip().lower(), version, told)


def _pair(piece: str) -> tuple[str, str]:
    key, _, value = piece.partition("=")
    return key.strip().lower(), value.strip().strip('"')


def _fit(found: _Range) -> int:
    """Return how closely a range fits TAXII 2.1, 0 for not at all."""
    if found.name == NAME and found.version in {"", VERSION}:
        return 4 if found.version else 3
    return {"application/*": 2, "*/*": 1}.get(found.name, 0)


def _short(text: str) -> str:
    return "".join(_shown(text[:80]))


def _shown(text: str) -> Iterator[str]:
    return (c if c.isascii() and c.isprintable() else "?" for c in text)
