"""STIX objects into events of MISP.

What came from MISP goes back as it was, with the tags raised where a label has become stricter.
Reports of others become events of their own, and what no report refers to becomes one event more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from comity.bridges.held import Held
from comity.bridges.misp import foreign, kept, marks, reading, restoring, shape
from comity.bridges.misp.marks import Marks
from comity.bridges.misp.shape import Element
from comity.bridges.stix.record import Flaw
from comity.kernel.errors import Refusal

REPORTS = ("report", "grouping")


class Written(NamedTuple):
    """Events of MISP, and what did not become part of one as it was kept."""

    events: list[dict[str, Any]]
    flaws: list[Flaw]


def write(held: Sequence[Held], info: str) -> Written:
    """Return the events of objects, each object in its newest version and in one event.

    ``info`` is the title of the event of what is in no report. Events and their order depend on
    the objects alone, so that one who subscribes sees no change where there is none.
    """
    writer = _Writer(held)
    for each in writer.reports:
        writer.guarded(each, writer.event)
    writer.gather(info)
    return Written(writer.events, writer.flaws)


class _Writer:
    """The objects of one writing, by id, and what was made of them so far."""

    def __init__(self, held: Sequence[Held]) -> None:
        self.by_id: dict[str, Held] = {}
        for each in held:
            before = self.by_id.get(each.object.id)
            if before is None or before.object.version <= each.object.version:
                self.by_id[each.object.id] = each
        self._places = {each.object.id: number for number, each in enumerate(held)}
        self.values = {id_: each.object.value for id_, each in self.by_id.items()}
        self.events: list[dict[str, Any]] = []
        self.flaws: list[Flaw] = []
        self._taken: set[str] = set()
        self._beside: dict[str, list[Held]] = {}
        for each in self.by_id.values():
            self._set_beside(each)

    def _set_beside(self, each: Held) -> None:
        """Set apart what is not told by itself: sightings by UUID, reports of people by event."""
        value = each.object.value
        refs = value.get("object_refs")
        of = value.get(kept.OF)
        if restoring.is_kept(value) and isinstance(of, str):
            self._beside.setdefault(of, []).append(each)
        elif restoring.is_kept(value) and value["type"] == "note" and refs:
            self._beside.setdefault(str(refs[0]), []).append(each)
        elif value.get(kept.DERIVED) is not True:
            return
        self._taken.add(each.object.id)

    @property
    def reports(self) -> list[Held]:
        """The reports, those of MISP first: what they hold is theirs."""
        found = [each for id_, each in self.by_id.items() if id_ not in self._taken]
        found = [each for each in found if each.object.type in REPORTS]
        return sorted(found, key=lambda each: not restoring.is_kept(each.object.value))

    def guarded(self, each: Held, make: Callable[[Held], Any]) -> Any:  # noqa: ANN401 - As made.
        """Return what is made of an object; None, and a flaw, where it is refused."""
        try:
            return make(each)
        except Refusal as refusal:
            id_ = each.object.id
            path = f"objects[{self._places[id_]}]"
            self.flaws.append(Flaw(id_, path, refusal.rule, refusal.reason))
            return None

    def event(self, report: Held) -> None:
        """Write the event of a report. Raises Refusal X51 to X54."""
        value = report.object.value
        self._taken.add(report.object.id)
        if not restoring.is_kept(value):
            self._foreign(report)
            return
        event = restoring.event(report)
        said = marks.of_element(event)
        self._fill(event, self._referred(report), said)
        self._see(event)
        notes = [self.guarded(each, restoring.report) for each in self._besides(report.object.id)]
        if any(notes):
            event["EventReport"] = [note for note in notes if note]
        self.events.append(restoring.tagged(event, report, Marks(), reading.TAKEN))

    def _foreign(self, report: Held) -> None:
        info = str(report.object.value.get("name") or report.object.id)
        uuid = report.object.id.partition("--")[2].lower()
        event = foreign.event([report], uuid, info)
        parts = self._with_relations([report, *self._referred(report)])[1:]
        self._fill(event, parts, Marks(), whole=[report])
        self._close(event, [report, *parts])

    def _with_relations(self, parts: list[Held]) -> list[Held]:
        """Return parts with what they refer to, and what relates, sees or comments on them."""
        ids = {each.object.id for each in parts}
        named = {ref for each in parts for ref in each.object.refs}
        others = [each for id_, each in self.by_id.items() if id_ not in self._taken | ids]
        return parts + [
            each
            for each in others
            if each.object.id in named or _subject(each.object.value) in ids | named
        ]

    def gather(self, info: str) -> None:
        """Write the event of what is in no other."""
        parts = [each for id_, each in self.by_id.items() if id_ not in self._taken]
        if parts:
            uuid = marks.made("event", *sorted(each.object.id for each in parts))
            event = foreign.event(parts, uuid, info)
            self._fill(event, parts, Marks())
            self._close(event, parts)

    def _close(self, event: dict[str, Any], parts: Sequence[Held]) -> None:
        """Tag an event of others by the strictest that is in it: it is shared as a whole."""
        self._see(event)
        label = max(each.label for each in parts)
        limit = max((each.limit for each in parts if each.limit), default=None)
        event["Tag"] = [{"name": name} for name in marks.tags_of(Marks(label, limit))]
        self._sign(event, parts)
        self.events.append(event)

    def _sign(self, event: dict[str, Any], parts: Sequence[Held]) -> None:
        """Name the organisation that made an event of others, where it was one and is told."""
        authors = {each.object.value.get("created_by_ref") for each in parts} - {None}
        author = self.values.get(str(authors.pop())) if len(authors) == 1 else None
        if author and author["type"] == "identity":
            uuid = str(author["id"]).partition("--")[2].lower()
            event["Orgc"] = {"uuid": uuid, "name": str(author.get("name", ""))}

    def _besides(self, of: str) -> list[Held]:
        return self._beside.get(of, [])

    def _referred(self, report: Held) -> list[Held]:
        """Return what a report refers to and no event holds yet, and take it."""
        uuid = report.object.id.partition("--")[2]
        more = [each for each in self._besides(uuid) if each.object.type == "grouping"]
        refs = [ref for each in (report, *more) for ref in each.object.value["object_refs"]]
        found = [ref for ref in dict.fromkeys(refs) if ref in self.by_id]
        return [self.by_id[ref] for ref in found if ref not in self._taken]

    def _fill(
        self, event: dict[str, Any], parts: Sequence[Held], said: Marks, whole: Sequence[Held] = ()
    ) -> None:
        """Put into an event what its parts say; what has no form of its own goes whole."""
        self._taken |= {each.object.id for each in parts}
        left = list(whole)
        for each in parts:
            if restoring.is_kept(each.object.value):
                named = self.guarded(each, lambda one: restoring.part(one, self.values))
                if named:
                    # The attribute says what was observed.
                    self._taken |= self._observed(each)
                    name, element = named
                    event.setdefault(name, []).append(restoring.tagged(element, each, said))
                    continue
            made = foreign.found(each)
            event.setdefault("Attribute", []).extend(made)
            left += [] if made else [each]
        if left:
            event.setdefault("Attribute", []).append(foreign.rest(left))

    def _observed(self, each: Held) -> set[str]:
        """Return the ids of the observables of an observation, none of all else."""
        refs = each.object.value.get("object_refs") if each.object.type == "observed-data" else ()
        return set(map(str, refs)) if isinstance(refs, list) else set()

    def _see(self, event: dict[str, Any]) -> None:
        """Put sightings back to what they are of."""
        inner = [each for each in shape.items(event, "Object") if isinstance(each, dict)]
        several = [event, *shape.items(event, "Attribute"), *inner]
        several += [each for one in inner for each in shape.items(one, "Attribute")]
        for element in several:
            found = self._besides(str(element.get("uuid", "")).lower())
            seen = [each for each in found if each.object.type != "grouping"]
            made = [self.guarded(each, restoring.sighting) for each in seen]
            if any(made):
                element["Sighting"] = [each for each in made if each]


def _subject(value: Element) -> str:
    """Return the id of what an object is about alone, "" where it is about itself."""
    refs = value.get("object_refs") if value["type"] in {"note", "opinion"} else ()
    first = refs[0] if isinstance(refs, list) and refs else ""
    return str(value.get("source_ref") or value.get("sighting_of_ref") or first)
