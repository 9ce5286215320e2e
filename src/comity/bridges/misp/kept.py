"""What MISP says and STIX has no place for, kept beside in properties of our own.

Kept is the difference alone: a field that the STIX object says itself is told by it, so that there
is one place for it to be changed, and whatever else an element of MISP holds comes back as it was.
Left behind is what belongs to one MISP server: which of its other events look alike, who wrote it
down, and who is in a sharing group.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comity.bridges.misp.shape import Element

FIELDS = "x_misp_fields"
"""The fields of the element that the object does not tell, as they were."""
ABSENT = "x_misp_absent"
"""The names of fields that the object tells and the element did not have."""
OF = "x_misp_of"
"""The UUID of the attribute, object or event that a sighting is of."""
DERIVED = "x_misp_derived"
"""True on objects made of what is kept elsewhere: organisations, clusters, relations."""
LEFT = frozenset({"RelatedEvent", "RelatedAttribute", "event_creator_email", "SharingGroup"})
"""The fields that are left behind. The number of a sharing group is kept."""


def beside(element: Element, told: Mapping[str, object], taken: tuple[str, ...]) -> dict[str, Any]:
    """Return the properties that keep what ``told`` does not say; ``taken`` are told elsewhere."""
    fields = {
        name: value
        for name, value in element.items()
        if name not in LEFT and name not in taken and not _same(told, name, value)
    }
    absent = [name for name in told if name not in element]
    made: dict[str, Any] = {FIELDS: fields}
    return made | {ABSENT: absent} if absent else made


def _same(told: Mapping[str, object], name: str, value: object) -> bool:
    # 1, "1" and True are one to MISP, and come back as what they were.
    return name in told and type(told[name]) is type(value) and told[name] == value


def restored(value: Element, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return an element of what its object tells and what was kept beside it."""
    fields, absent = value.get(FIELDS), value.get(ABSENT)
    gone = {each for each in absent if isinstance(each, str)} if isinstance(absent, list) else set()
    kept = fields if isinstance(fields, dict) else {}
    found = {name: each for name, each in told.items() if name not in gone}
    return found | {name: each for name, each in kept.items() if name not in LEFT}
