"""Text of others on a terminal: shown, and never obeyed."""

from __future__ import annotations

import re

import orjson

# A terminal obeys these; text of others must not be able to move the cursor or hide a line.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Return ``text`` without what a terminal would obey instead of showing."""
    return _CONTROL.sub("�", text)


def line(text: str) -> str:
    """Return ``text`` on one line, without what a terminal would obey."""
    return " ".join(clean(text).split())


def as_json(value: object) -> str:
    """Return a value as JSON that a terminal shows as it is: what it would obey is escaped."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", orjson.dumps(value).decode())
