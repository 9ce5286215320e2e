"""The STIX objects that one event becomes, as they are made; and what goes wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from comity.bridges.misp import kept, marks, shape
from comity.bridges.misp.marks import Marks
from comity.bridges.misp.shape import Element
from comity.bridges.stix.record import Flaw
from comity.bridges.stix.scoids import sco_id
from comity.kernel.errors import Phrase, Refusal

TAKEN = frozenset({"Sighting"})
"""What of an element is told by objects of its own."""
UNKNOWN = "1970-01-01T00:00:00.000Z"
"""When an organisation or a cluster came to be, which MISP does not say."""


@dataclass
class Told:
    """One event being told.

    Fields: ``marks`` and ``instant`` of the event, which hold where an element says nothing;
    ``day`` its date, since which all in it may be; ``author`` the id of its organisation;
    ``objects`` made so far, by id; ``known`` ids by the UUID they were made of; ``flaws``.
    """

    marks: Marks = field(default_factory=Marks)
    instant: int = 0
    day: int = 0
    author: str = ""
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    flaws: list[Flaw] = field(default_factory=list)

    @contextmanager
    def part(self, path: str, element: object) -> Iterator[None]:
        """Turn a refusal of one element into its flaw, and take back what was made of it."""
        before = len(self.objects)
        try:
            yield
        except Refusal as refusal:
            for id_ in list(self.objects)[before:]:
                del self.objects[id_]
            named = element.get("uuid") if isinstance(element, dict) else None
            said = named[:60] if isinstance(named, str) else ""
            at = path.removeprefix(".")
            self.flaws.append(Flaw(said, at, refusal.rule, refusal.reason))

    def once(self, uuid: str) -> None:
        """Raise Refusal X53 for a UUID that stood in this event before."""
        if uuid in self.seen:
            raise Refusal("X53", Phrase("{uuid} stands here twice.", uuid=uuid))
        self.seen.add(uuid)

    def add(self, made: dict[str, Any]) -> str:
        """Take an object in, unless it is there; return its id."""
        self.objects.setdefault(made["id"], made)
        return str(made["id"])

    def head(self, kind: str, element: Element, field_: str = "timestamp") -> dict[str, Any]:
        """Return the common properties of an object made of ``element``, and note its id.

        MISP does not say when an attribute was created, and STIX demands that it stays the same:
        it is the date of the event, as long as that is not later.
        """
        uuid = shape.uuid(element)
        instant = shape.seconds(element, field_) or self.instant
        self.known[uuid] = f"{kind}--{uuid}"
        made = self._frame(f"{kind}--{uuid}", shape.iso(min(self.day or instant, instant)), instant)
        made |= self.marking(element)
        if labels := _labels(element):
            made["labels"] = labels
        return made

    def marking(self, element: Element) -> dict[str, Any]:
        """Return the markings of what stands in the event: never looser than the event's own."""
        refs = self.marks.join(marks.of_element(element, TAKEN)).refs()
        return {"object_marking_refs": refs} if refs else {}

    def derived(self, kind: str, uuid: str, of: Element) -> dict[str, Any]:
        """Return the common properties of an object made of what is kept in ``of``, marked as it.

        It has no instant of its own: each instant of the event makes a version.
        """
        made = self._frame(f"{kind}--{uuid}", UNKNOWN, self.instant)
        return made | self.marking(of) | {kept.DERIVED: True}

    def _frame(self, id_: str, created: str, instant: int) -> dict[str, Any]:
        made = {"type": id_.partition("--")[0], "spec_version": "2.1", "id": id_}
        made |= {"created_by_ref": self.author} if self.author else {}
        return made | {"created": created, "modified": shape.iso(instant)}

    def observable(self, made: dict[str, Any], element: Element) -> str:
        """Take a cyber-observable object in, marked as the element; return its id."""
        return self.add(made | {"id": sco_id(made)} | self.marking(element))


def _labels(element: Element) -> list[str]:
    """Return the tags that are no marking, each once."""
    found = dict.fromkeys(marks.names(element))
    return [name for name in found if name and marks.of_tag(name) == Marks()]
