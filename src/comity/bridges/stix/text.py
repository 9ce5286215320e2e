"""What full-text search finds in an object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WORDS = (
    *("name", "description", "abstract", "content", "explanation", "opinion", "statement"),
    *("pattern", "value", "path", "key", "subject", "user_id", "account_login", "display_name"),
    *("cpe", "vendor", "product", "result_name", "goals", "aliases", "labels", "roles", "sectors"),
    *("contact_information", "country", "region", "city", "indicator_types", "malware_types"),
    *("threat_actor_types", "tool_types", "report_types", "infrastructure_types", "objective"),
    *("relationship_type", "primary_motivation", "x_mitre_aliases"),
)
TEXT_LIMIT = 64 * 1024
"""The most characters that are indexed of one object."""


def text_of(value: Mapping[str, Any]) -> str:
    """Return the words of an object, one property a line, at most ``TEXT_LIMIT`` characters.

    Names, descriptions, patterns, values, aliases, labels, ids of others' catalogues and hashes.
    Control characters become blanks: a database need not be able to hold them.
    """
    joined = "\n".join(word for word in _words(value) if word)[:TEXT_LIMIT]
    return "".join(c if c.isprintable() or c == "\n" else " " for c in joined)


def _words(value: Mapping[str, Any]) -> Iterator[str]:
    for name in _WORDS:
        if found := value.get(name):
            yield from _strings(found)
    for named in _dicts(value.get("external_references")):
        yield from _strings(named.get("external_id"))
    if isinstance(hashes := value.get("hashes"), dict):
        yield from _strings(list(hashes.values()))
    if value.get("type") == "language-content" and isinstance(told := value.get("contents"), dict):
        for fields in told.values():
            for found in fields.values() if isinstance(fields, dict) else ():
                yield from _strings(found)


def _strings(found: object) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, list):
        yield from (item for item in found if isinstance(item, str))


def _dicts(found: object) -> Iterator[Mapping[str, Any]]:
    yield from (
        (item for item in found or () if isinstance(item, dict)) if isinstance(found, list) else ()
    )
