"""Attributes, objects, sightings and reports of MISP out of the STIX objects that they became."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comity.bridges.held import Held
from comity.bridges.misp import around, attributes, kept, marks, objects, reading, shape
from comity.bridges.misp.marks import Marks
from comity.bridges.misp.shape import Element
from comity.bridges.misp.told import Told
from comity.kernel.errors import Phrase, Refusal

_SAYS = ("type", "pattern", "pattern_type", "name", "object_refs")
"""What of an object is for matching, and must say what is kept."""


def is_kept(value: Element) -> bool:
    """Say whether an object came from MISP, with what was kept of it."""
    return isinstance(value.get(kept.FIELDS), dict)


def part(held: Held, values: Mapping[str, Element]) -> tuple[str, dict[str, Any]]:
    """Return an attribute or an object, and the list of an event in which it belongs.

    Raises Refusal X54 where what is kept says something else than the object: whoever reads the
    object in STIX and whoever reads it in MISP would each see another thing. Raises Refusal X51 to
    X53 for what is kept and was no attribute.
    """
    value = held.object.value
    shape.require_shallow(value, "X54")
    is_object = "Attribute" in value[kept.FIELDS]
    said = objects.said_by(value) if is_object else attributes.said_by(value, values)
    element = kept.restored(value, said)
    made = (objects if is_object else attributes).made_of(Told(), element)
    if any(made.get(name) != value.get(name) for name in _SAYS) or made["id"] != value["id"]:
        raise Refusal("X54", Phrase("What is kept of MISP says something else than the object."))
    return "Object" if is_object else "Attribute", element


def event(held: Held) -> dict[str, Any]:
    """Return an event without its parts. Raises Refusal X51 and X54."""
    value = held.object.value
    shape.require_shallow(value, "X54")
    found = kept.restored(value, reading.said_by(value))
    if any(found.get(name) for name in reading.TAKEN) or shape.uuid(found) not in value["id"]:
        raise Refusal("X54", Phrase("What is kept of MISP says something else than the object."))
    marks.of_element(found)
    return {name: each for name, each in found.items() if name not in reading.TAKEN or each == []}


def sighting(held: Held) -> dict[str, Any]:
    """Return a sighting. Raises Refusal X54 where it is nested too deep."""
    shape.require_shallow(held.object.value, "X54")
    return kept.restored(held.object.value, around.sighting_said(held.object.value))


def report(held: Held) -> dict[str, Any]:
    """Return a report that people wrote on an event. Raises Refusal X54 as a sighting."""
    shape.require_shallow(held.object.value, "X54")
    return kept.restored(held.object.value, around.report_said(held.object.value))


def tagged(
    element: dict[str, Any], held: Held, around_: Marks, taken: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return an element whose tags, with those ``around_`` it, say no less than the label.

    What is ``taken`` has tags of its own. What nobody labelled stays without a tag.
    """
    tlp = held.label if held.tlp or held.object.marking.tlp else None
    wanted = Marks(tlp, held.limit)
    said = around_.join(marks.of_element(element, taken))
    if said.join(wanted) == said:
        return element
    return element | {"Tag": marks.raised(element, wanted)}
