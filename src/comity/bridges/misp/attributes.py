"""An attribute as a STIX object, and back.

==========================================  ========================================================
attribute                                   object
==========================================  ========================================================
to be detected, and comparable              indicator with a pattern
a rule of YARA, Sigma, Snort, Suricata      indicator in that language; also a pattern of STIX
a vulnerability; the name of a campaign     vulnerability; campaign
not to be detected, and observable          observed-data, with the observable it refers to
all others                                  x-misp-attribute, as other tools of MISP name it
==========================================  ========================================================
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comity.bridges.misp import kept, kinds, shape
from comity.bridges.misp.shape import Element
from comity.bridges.misp.told import Told
from comity.bridges.stix import patterns
from comity.kernel.errors import Phrase, Refusal

CUSTOM = "x-misp-attribute"
CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}")
_NAMED = {"vulnerability": "vulnerability", "campaign-name": "campaign"}
"""The types whose value is the name of an object of STIX, and which."""
OF_NAMED = {kind: type_ for type_, kind in _NAMED.items()}
TAKEN = ("Sighting",)
"""What of an attribute is told by objects of its own, where there is any."""


def tell(told: Told, attribute: Element) -> str:
    """Take an attribute in, with what it refers to; return the id of its object.

    Raises Refusal X51 to X53 for what is no attribute.
    """
    told.once(shape.uuid(attribute))
    made = made_of(told, attribute)
    taken = TAKEN if attribute.get("Sighting") else ()
    made |= kept.beside(attribute, said_by(made, told.objects), taken)
    return told.add(made)


def made_of(told: Told, attribute: Element) -> dict[str, Any]:
    """Return the object of an attribute, without what is kept beside."""
    kind, value = shape.text(attribute, "type"), shape.text(attribute, "value")
    if not kind:
        raise shape.wrong("type", Phrase("An attribute has a type."))
    shape.text(attribute, "data")
    made = _of_kind(told, attribute, kind, value)
    if comment := shape.text(attribute, "comment"):
        made["description"] = comment
    if shape.flag(attribute, "deleted"):
        made["revoked"] = True
    return made


def _of_kind(told: Told, attribute: Element, kind: str, value: str) -> dict[str, Any]:
    compared = kinds.comparisons(kind, value)
    if value and kind in kinds.LANGUAGES:
        return _indicator(told, attribute, value, kind)
    if kind == "stix2-pattern" and _is_pattern(value):
        return _indicator(told, attribute, value, "stix")
    if value and kind in _NAMED:
        return _named(told, attribute, _NAMED[kind], value)
    if compared and shape.flag(attribute, "to_ids"):
        return _indicator(told, attribute, kinds.pattern(compared), "stix")
    if observables := kinds.observables(compared):
        return observed(told, attribute, observables)
    return told.head(CUSTOM, attribute)


def _is_pattern(value: str) -> bool:
    """Say whether what calls itself a pattern is one; what is none is kept as it came."""
    try:
        patterns.require(value)
    except Refusal:
        return False
    return True


def _indicator(told: Told, attribute: Element, pattern: str, language: str) -> dict[str, Any]:
    made = told.head("indicator", attribute)
    since = shape.moment(attribute, "first_seen") or made["modified"]
    return made | {"pattern": pattern, "pattern_type": language, "valid_from": since}


def observed(told: Told, element: Element, observables: list[dict[str, Any]]) -> dict[str, Any]:
    """Return an observation of ``observables``, which are taken in."""
    made = told.head("observed-data", element)
    refs = [told.observable(each, element) for each in observables]
    first = shape.moment(element, "first_seen") or made["modified"]
    last = max(first, shape.moment(element, "last_seen") or first)
    span = {"first_observed": first, "last_observed": last, "number_observed": 1}
    return made | span | {"object_refs": list(dict.fromkeys(refs))}


def _named(told: Told, attribute: Element, type_: str, name: str) -> dict[str, Any]:
    made = told.head(type_, attribute) | {"name": name}
    if type_ == "vulnerability" and CVE.fullmatch(name.upper()):
        made["external_references"] = [{"source_name": "cve", "external_id": name.upper()}]
    return made


def said_by(made: Element, objects: Mapping[str, Element]) -> dict[str, Any]:
    """Return the fields of an attribute that an object tells; ``objects`` are those around it."""
    kind, value, detect = _said(made, objects)
    told: dict[str, Any] = {"uuid": str(made["id"]).partition("--")[2]}
    if kind:
        told |= {"type": kind, "value": value}
    told |= {"to_ids": detect, "deleted": made.get("revoked") is True}
    told |= {"timestamp": str(seconds_of(made)), "comment": made.get("description", "")}
    if tags := tags_said(made):
        told["Tag"] = tags
    return told


def _said(made: Element, objects: Mapping[str, Element]) -> tuple[str, str, bool]:
    """Return type and value that the object tells, and whether it is for detection."""
    if made["type"] == "indicator":
        return (*_of_pattern(made), True)
    if made["type"] in OF_NAMED:
        return OF_NAMED[made["type"]], str(made.get("name", "")), False
    if made["type"] == "observed-data":
        refs = made.get("object_refs")
        first = objects.get(str(refs[0])) if isinstance(refs, list) and refs else None
        said = of_observable(first) if first else []
        return (*(said[0] if said else ("", "")), False)
    return "", "", False


def _of_pattern(made: Element) -> tuple[str, str]:
    pattern, language = str(made.get("pattern", "")), str(made.get("pattern_type", "stix"))
    if language in kinds.LANGUAGES:
        return language, pattern
    alternatives = kinds.compared(pattern) if language == "stix" else []
    one = kinds.attribute(alternatives[0]) if len(alternatives) == 1 else None
    return one or ("stix2-pattern", pattern)


def of_observable(made: Element) -> list[tuple[str, str]]:
    """Return types and values of the attributes that say an observable, the fullest first."""
    prefix, hashes = str(made["type"]), made.get("hashes")
    found = [
        kinds.Comparison(f"{prefix}:{name}", made[name])
        for name in ("name", "value", "number", "key")
        if isinstance(made.get(name), str | int)
    ]
    for name, value in hashes.items() if isinstance(hashes, dict) else ():
        found.append(kinds.Comparison(kinds.hash_path(name, prefix), str(value)))
    whole = kinds.attribute(found)
    several = [whole] if whole else [kinds.attribute([each]) for each in found]
    return [each for each in several if each]


def tags_said(made: Element) -> list[dict[str, str]]:
    """Return the tags that an object's labels tell."""
    labels = made.get("labels")
    found = labels if isinstance(labels, list) else []
    return [{"name": each} for each in found if isinstance(each, str)]


def seconds_of(made: Element) -> int:
    """Return the instant of an object's version, in seconds."""
    said = str(made.get("modified") or made.get("created") or "")
    try:
        instant = int(datetime.fromisoformat(said).timestamp())
    except ValueError:
        return 0
    return instant if 0 <= instant <= shape.LATEST else 0
