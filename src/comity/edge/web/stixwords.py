"""Words for what STIX has codes for: kinds of objects, and what their properties are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.edge.web.languages import said
from comity.engines.confidence import Level, level, number
from comity.services import packs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

    from comity.services.packs import Vocabulary

TYPES: dict[str, _StrPromise] = {
    "indicator": _("indicator"),
    "malware": _("malware"),
    "malware-analysis": _("analysis of malware"),
    "attack-pattern": _("way of attacking"),
    "campaign": _("campaign"),
    "course-of-action": _("what to do about it"),
    "grouping": _("grouping"),
    "identity": _("identity"),
    "incident": _("incident"),
    "infrastructure": _("infrastructure"),
    "intrusion-set": _("intrusion set"),
    "location": _("place"),
    "note": _("note"),
    "observed-data": _("observation"),
    "opinion": _("opinion"),
    "report": _("report"),
    "threat-actor": _("threat actor"),
    "tool": _("tool"),
    "vulnerability": _("vulnerability"),
    "relationship": _("relation"),
    "sighting": _("sighting"),
    "artifact": _("artefact"),
    "autonomous-system": _("autonomous system"),
    "directory": _("directory"),
    "domain-name": _("domain name"),
    "email-addr": _("mail address"),
    "email-message": _("mail message"),
    "file": _("file"),
    "ipv4-addr": _("IPv4 address"),
    "ipv6-addr": _("IPv6 address"),
    "mac-addr": _("MAC address"),
    "mutex": _("mutex"),
    "network-traffic": _("network traffic"),
    "process": _("process"),
    "software": _("software"),
    "url": _("URL"),
    "user-account": _("user account"),
    "windows-registry-key": _("Windows registry key"),
    "x509-certificate": _("certificate"),
    "marking-definition": _("marking"),
    "language-content": _("translation"),
    "extension-definition": _("definition of an extension"),
}
"""The kinds of STIX 2.1, each as people call it."""


def of_type(code: str) -> str:
    """Return what a kind of object is called; its code where it is not one of the standard's."""
    return str(TYPES.get(code, code))


def of_code(vocabulary: str, code: str) -> str:
    """Return what a code of a vocabulary of STIX is called; the code where nothing calls it."""
    return _word(packs.vocabularies()[vocabulary], code)


def _word(vocabulary: Vocabulary, code: str) -> str:
    # Another's code is never looked for among translations: it may be like some other word.
    word = vocabulary.words.get(code)
    return code if word is None else said(word)


def choices(vocabulary: str) -> list[tuple[str, str]]:
    """Return the codes of a vocabulary, each with what it is called."""
    return [(code, of_code(vocabulary, code)) for code in packs.vocabularies()[vocabulary].codes]


PROPERTIES: dict[str, _StrPromise] = {
    "name": _("Name"),
    "value": _("Value"),
    "description": _("Description"),
    "abstract": _("Abstract"),
    "content": _("Text"),
    "explanation": _("Explanation"),
    "opinion": _("Opinion"),
    "pattern": _("Pattern"),
    "pattern_type": _("Language of the pattern"),
    "indicator_types": _("Kind of indicator"),
    "malware_types": _("Kind of malware"),
    "report_types": _("Kind of report"),
    "infrastructure_types": _("Kind of infrastructure"),
    "relationship_type": _("Kind of relation"),
    "aliases": _("Also called"),
    "valid_from": _("Valid from"),
    "valid_until": _("Valid until"),
    "first_seen": _("First seen"),
    "last_seen": _("Last seen"),
    "first_observed": _("First observed"),
    "last_observed": _("Last observed"),
    "number_observed": _("Times observed"),
    "count": _("Times seen"),
    "published": _("Published on"),
    "confidence": _("Confidence"),
    "labels": _("Tags"),
    "lang": _("Language"),
    "sectors": _("Sectors"),
    "roles": _("Roles"),
    "primary_motivation": _("Main motive"),
    "secondary_motivations": _("Other motives"),
    "personal_motivations": _("Personal motives"),
    "country": _("Country"),
    "region": _("Region"),
    "city": _("City"),
    "goals": _("Goals"),
    "hashes": _("Hashes"),
    "size": _("Size in bytes"),
    "path": _("Path"),
    "subject": _("Subject"),
    "number": _("Number"),
    "vendor": _("Vendor"),
    "version": _("Version"),
    "kill_chain_phases": _("Phase of an attack"),
    "external_references": _("Elsewhere"),
    "created": _("Created"),
    "modified": _("Changed"),
}
"""What properties are called, in the order in which they are told; others follow by their names."""
LEVELS = {
    Level.NONE: _("none"),
    Level.LOW: _("low"),
    Level.MEDIUM: _("medium"),
    Level.HIGH: _("high"),
}
_LEFT_OUT = frozenset(
    {"type", "id", "spec_version", "revoked", "extensions", "granular_markings", "defanged"}
)
CONFIDENCE = "confidence"
_MOST, _LONGEST = 60, 2000
_PROSE_LONGEST = 60_000
"""Characters of what is written to be read, as a best practice is."""


def told(value: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Return what an object says as (label, texts): its own words as they are. What it names stands
    among its relations, and its markings apart.
    """
    order = {name: n for n, name in enumerate(PROPERTIES)}
    names = sorted(value, key=lambda name: (order.get(name, len(order)), name))
    lines = [
        (str(PROPERTIES.get(name, name[:80])), texts)
        for name in names
        if name not in _LEFT_OUT
        and not name.endswith(("_ref", "_refs"))
        and (texts := _coded(value, name) or _said(name, value[name]))
    ]
    return lines[:_MOST]


def _coded(value: Mapping[str, Any], name: str) -> list[str]:
    """Return the codes of a vocabulary in words, [] where a property holds something else."""
    vocabulary, found = packs.vocabulary_of(str(value.get("type")), name), value[name]
    if vocabulary is None or not isinstance(found, str | list):
        return []
    return [_word(vocabulary, text) for text in _texts(found)]


def _said(name: str, found: object) -> list[str]:
    return _SAID.get(name, _texts)(found) or _texts(found)


def _sure(found: object) -> list[str]:
    """Return how sure somebody is, by the levels of STIX and as the number that was said."""
    sure = number(found)
    if sure is None:
        return []
    said = {"level": str(LEVELS[level(sure)]), "number": sure}
    return [gettext("%(level)s (%(number)s of 100; none, low, medium or high, by STIX 2.1)") % said]


def _prose(found: object) -> list[str]:
    return [found[:_PROSE_LONGEST]] if isinstance(found, str) and found else []


_SAID = {CONFIDENCE: _sure, "description": _prose, "content": _prose}
"""Properties that are told in a way of their own."""


def _texts(found: object) -> list[str]:
    if isinstance(found, list):
        return [text for each in found[:20] if (text := _text(each))]
    if isinstance(found, dict):
        return [f"{name}: {text}" for name, each in found.items() if (text := _text(each))][:20]
    text = _text(found)
    return [text] if text else []


def _text(found: object) -> str:
    if isinstance(found, dict):
        # A phase, or a catalogue elsewhere: what it is called there says enough.
        wanted = ("source_name", "external_id", "kill_chain_name", "phase_name", "url")
        return " · ".join(str(found[name])[:300] for name in wanted if name in found)
    if isinstance(found, bool | list) or found is None:
        return ""
    text = str(found)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
