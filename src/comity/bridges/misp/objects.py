"""An object of MISP as one STIX object: what its attributes say together, of one thing.

Detected is what any of them is to be detected by; else it is an observation, and where STIX has no
word for any of them, it is an x-misp-object. The attributes themselves are kept beside.
"""

from __future__ import annotations

from typing import Any

from comity.bridges.misp import attributes, kept, kinds, shape
from comity.bridges.misp.kinds import Comparison
from comity.bridges.misp.shape import Element
from comity.bridges.misp.told import Told
from comity.kernel.errors import Phrase

CUSTOM = "x-misp-object"


def tell(told: Told, element: Element) -> str:
    """Take an object in; return the id of its STIX object.

    Raises Refusal X51 to X53 for what is no object, also where one of its attributes is none: half
    an object would say something else.
    """
    told.once(shape.uuid(element))
    made = made_of(told, element)
    for each in _attributes(element):
        told.once(shape.uuid(each))
        told.known[shape.uuid(each)] = made["id"]
    taken = ("Sighting",) if element.get("Sighting") else ()
    whole = dict(element) | _pruned(element)
    made |= kept.beside(whole, said_by(made), taken)
    return told.add(made)


def made_of(told: Told, element: Element) -> dict[str, Any]:
    """Return the STIX object of an object, without what is kept beside."""
    parts = [(each, _compared(each)) for each in _attributes(element)]
    detected = [one for each, found in parts if shape.flag(each, "to_ids") for one in found]
    observables = kinds.observables(one for _, found in parts for one in found)
    if detected:
        made = told.head("indicator", element)
        pattern = {"pattern": kinds.pattern(detected), "pattern_type": "stix"}
        made |= pattern | {"valid_from": shape.moment(element, "first_seen") or made["modified"]}
    elif observables:
        made = attributes.observed(told, element, observables)
    else:
        made = told.head(CUSTOM, element)
    return made | _described(element)


def _described(element: Element) -> dict[str, Any]:
    name, comment = shape.text(element, "name"), shape.text(element, "comment")
    if not name:
        raise shape.wrong("name", Phrase("An object has a name."))
    gone = {"revoked": True} if shape.flag(element, "deleted") else {}
    return gone | {"name": name} | ({"description": comment} if comment else {})


def _attributes(element: Element) -> list[dict[str, Any]]:
    return shape.elements(element, "Attribute")


def _compared(attribute: Element) -> tuple[Comparison, ...]:
    shape.seconds(attribute, "timestamp")
    if not shape.text(attribute, "type"):
        raise shape.wrong("type", Phrase("An attribute has a type."))
    if shape.flag(attribute, "deleted"):
        return ()
    return kinds.comparisons(shape.text(attribute, "type"), shape.text(attribute, "value"))


def _pruned(element: Element) -> dict[str, Any]:
    """Return what is kept of an object's lists: attributes without what is told or left behind.

    A reference may show what it refers to, which has a label of its own.
    """
    found = {}
    shown = {
        "Attribute": (*attributes.TAKEN, *kept.LEFT),
        "ObjectReference": ("Attribute", "Object"),
    }
    for name, gone in shown.items():
        if name in element:
            found[name] = [
                {field: value for field, value in each.items() if not (field in gone and value)}
                for each in shape.elements(element, name)
            ]
    return found


def said_by(made: Element) -> dict[str, Any]:
    """Return the fields of an object that its STIX object tells."""
    return {
        "uuid": str(made["id"]).partition("--")[2],
        "name": made.get("name", ""),
        "comment": made.get("description", ""),
        "deleted": made.get("revoked") is True,
        "timestamp": str(attributes.seconds_of(made)),
    }
