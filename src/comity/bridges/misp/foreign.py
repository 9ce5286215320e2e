"""STIX objects that did not come from MISP, as attributes.

An indicator becomes one attribute for each of its alternatives where MISP has a type for them, else
its pattern is the attribute; observables and vulnerabilities become attributes that detect nothing.
What is none of these goes along whole, in one attachment.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from comity.bridges.held import Held
from comity.bridges.misp import attributes, kinds, marks, shape
from comity.bridges.misp.marks import Marks
from comity.bridges.misp.shape import Element
from comity.bridges.stix import writing

CATEGORIES = {
    **dict.fromkeys(("vulnerability", "link", "attachment"), "External analysis"),
    **dict.fromkeys(("mutex",), "Artifacts dropped"),
    **dict.fromkeys(("regkey", "regkey|value"), "Persistence mechanism"),
    **dict.fromkeys(("yara", "sigma", "stix2-pattern"), "Payload installation"),
    **dict.fromkeys(("campaign-name",), "Attribution"),
    **dict.fromkeys(("size-in-bytes", "text"), "Other"),
    "email": "Social network",
}
"""The categories of types, as MISP's description of its types proposes them."""
_PAYLOAD = (
    *("filename", "email", "malware", "mime"),
    *(kind for kind, paths in kinds.PATHS.items() if "file:hashes." in paths[0]),
)
REST = "objects.stix21.json"
"""The name of the attachment with all that has no type of its own."""


def found(held: Held) -> list[dict[str, Any]]:
    """Return the attributes that say an object, none where it has none of its own."""
    value = held.object.value
    alternatives = _alternatives(value)
    several = len(alternatives) > 1
    return [
        _attribute(held, kind, text, marks.made(held.object.id, kind, text) if several else "")
        for kind, text in alternatives
    ]


def _alternatives(value: Element) -> list[tuple[str, str]]:
    """Return the types and values that an object says, each once."""
    if value["type"] == "indicator":
        return list(dict.fromkeys(_of_indicator(value)))
    if value["type"] in attributes.OF_NAMED:
        return [(attributes.OF_NAMED[value["type"]], str(value.get("name", "")))]
    return list(dict.fromkeys(attributes.of_observable(value)))


def _of_indicator(value: Element) -> list[tuple[str, str]]:
    language, pattern = str(value.get("pattern_type")), str(value.get("pattern"))
    if language != "stix":
        return [(language if language in kinds.LANGUAGES else "text", pattern)]
    read = [kinds.attribute(each) for each in kinds.compared(pattern)]
    whole = [each for each in read if each]
    return whole if whole and len(whole) == len(read) else [("stix2-pattern", pattern)]


def _attribute(held: Held, kind: str, text: str, uuid: str) -> dict[str, Any]:
    value = held.object.value
    said = {
        "uuid": uuid or held.object.id.partition("--")[2].lower(),
        "type": kind,
        "category": category(kind),
        "value": text,
        "to_ids": value["type"] == "indicator" and kind != "text",
        "timestamp": str(attributes.seconds_of(value)),
        "comment": str(value.get("description") or value.get("name") or ""),
    }
    return said | {"Tag": attributes.tags_said(value) + tags(held)}


def tags(held: Held) -> list[dict[str, str]]:
    """Return the tags that say an object's label; what is unmarked is AMBER."""
    return [{"name": name} for name in marks.tags_of(Marks(held.label, held.limit))]


def category(kind: str) -> str:
    """Return the category in which MISP puts a type."""
    if kind in CATEGORIES:
        return CATEGORIES[kind]
    return "Payload delivery" if kind.startswith(_PAYLOAD) else "Network activity"


def rest(held: Sequence[Held]) -> dict[str, Any]:
    """Return the attachment that holds objects whole, as a bundle."""
    ids = sorted(each.object.id for each in held)
    uuid = marks.made("rest", *ids)
    bundle = writing.bundle([each.data for each in held], uuid)
    label = max(each.label for each in held)
    limit = max((each.limit for each in held if each.limit), default=None)
    return {
        "uuid": uuid,
        "type": "attachment",
        "category": "External analysis",
        "value": REST,
        "data": base64.b64encode(bundle).decode(),
        "to_ids": False,
        "timestamp": str(max(attributes.seconds_of(each.object.value) for each in held)),
        "comment": "",
        "Tag": [{"name": name} for name in marks.tags_of(Marks(label, limit))],
    }


def event(about: Sequence[Held], uuid: str, info: str) -> dict[str, Any]:
    """Return an event, with nothing in it yet, about objects; dated by the newest of them."""
    instant = max(attributes.seconds_of(each.object.value) for each in about)
    return {
        "uuid": uuid,
        "info": info,
        "date": shape.iso(instant)[:10],
        "timestamp": str(instant),
        "analysis": "2",
        "threat_level_id": "4",
        "published": False,
        "Tag": [],
    }
