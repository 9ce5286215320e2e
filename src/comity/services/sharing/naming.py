"""What an object is called where there is one line for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 120
"""Characters of a name; the rest is left out."""
_NAMED = (
    *("name", "value", "abstract", "pattern", "path", "subject", "key", "display_name"),
    *("account_login", "user_id", "opinion", "content", "explanation", "result_name"),
)


def name_of(value: Mapping[str, Any]) -> str:
    """Return what an object is called: its name, its value, or what it ties together; ``""`` of
    one that has none of these.
    """
    told = next((value[name] for name in _NAMED if _is_said(value.get(name))), "")
    return cut(told or _tied(value) or _translated(value) or _measured(value))


def cut(text: str) -> str:
    """Return the beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"


def _is_said(told: object) -> bool:
    return isinstance(told, str) and bool(told.strip())


def _tied(value: Mapping[str, Any]) -> str:
    kind = value.get("relationship_type")
    if not isinstance(kind, str):
        return ""
    return f"{type_of(value.get('source_ref'))} {kind} {type_of(value.get('target_ref'))}"


def _translated(value: Mapping[str, Any]) -> str:
    """Return what an object is called in the first language that a translation has."""
    contents = value.get("contents")
    words = next(iter(contents.values()), None) if isinstance(contents, dict) else None
    return name_of(words) if isinstance(words, dict) and "contents" not in words else ""


def _measured(value: Mapping[str, Any]) -> str:
    hashes = value.get("hashes")
    if isinstance(hashes, dict):
        return next((each for each in hashes.values() if _is_said(each)), "")
    number = value.get("number")
    return f"AS{number}" if isinstance(number, int) else ""


def type_of(id_: object) -> str:
    """Return the type that an id of STIX begins with."""
    return str(id_).partition("--")[0]
