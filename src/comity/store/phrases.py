"""Words for people as they are kept: a phrase with its values, so that pages can translate it.

What was kept before is plain text, and stays it.
"""

from __future__ import annotations

from typing import Any

import orjson

from comity.kernel.errors import Phrase

_START = '{"template":'


def to_value(told: object) -> object:
    """Return words as JSON values: a phrase as its template and values."""
    if not isinstance(told, Phrase):
        return str(told)
    values = {name: to_value(value) for name, value in told.values.items()}
    return {"template": told.template, "values": values}


def from_value(kept: Any) -> str:  # noqa: ANN401  as JSON gives it
    """Return words that were kept. Raises KeyError, TypeError or AttributeError for others."""
    if not isinstance(kept, dict):
        return str(kept)
    values = {name: from_value(value) for name, value in kept["values"].items()}
    return Phrase(kept["template"], **values)


def packed(told: str) -> str:
    """Return words as one text, as ``unpacked`` reads it."""
    if told.startswith(_START) or (isinstance(told, Phrase) and told.values):
        return orjson.dumps(to_value(Phrase(told))).decode()
    return str(told)


def unpacked(text: str) -> str:
    """Return words that were packed; all other text as it is."""
    if not text.startswith(_START):
        return text
    try:
        return from_value(orjson.loads(text))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return text
