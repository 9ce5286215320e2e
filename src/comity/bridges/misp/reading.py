"""Events of MISP into STIX objects.

An event becomes a report, always of one id, whether it is published or not: so it stays one object
with versions. The report refers to what the event holds, in the order in which it stands there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from comity.bridges.misp import around, attributes, kept, marks, objects, shape
from comity.bridges.misp.shape import Element
from comity.bridges.misp.told import Told
from comity.bridges.stix.record import Flaw
from comity.bridges.stix.strict import OBJECT_LIMIT
from comity.kernel.errors import Phrase, Refusal

MOST = 100_000
"""The most events of a file, and the most elements of an event."""
MOST_REFS = 8_000
"""The most ids that a report refers to itself, so that it stays within the size of an object."""
TAKEN = ("Attribute", "Object", "EventReport")
"""What of an event is told by objects of its own."""


class Mapped(NamedTuple):
    """What a file says: ``objects`` of STIX as JSON, and what did not become any."""

    objects: list[bytes]
    flaws: list[Flaw]


def read(data: bytes) -> Mapped:
    """Return the STIX objects of a file of events.

    Read is one event, with or without its frame ``{"Event": …}``, a list of them, and the answer
    of a MISP server, ``{"response": […]}``. Raises Refusal X50 for a file that is none of these.
    """
    return of_events(events(shape.parsed(data)))


def events(value: object) -> list[tuple[str, object]]:
    """Return the events that a parsed file holds, each with its path. Raises Refusal X50."""
    if isinstance(value, dict) and isinstance(value.get("response"), list | dict):
        value = value["response"]
    several = value if isinstance(value, list) else [value]
    if len(several) > MOST:
        raise Refusal("X50", Phrase("The file holds more than {most} events.", most=MOST))
    found = [_framed(each, f"[{n}]" if value is several else "") for n, each in enumerate(several)]
    if not any(isinstance(each, dict) and "info" in each for _, each in found):
        raise Refusal("X50", Phrase("This is no event of MISP: it has no field “info”."))
    return found


def _framed(value: object, path: str) -> tuple[str, object]:
    framed = isinstance(value, dict) and isinstance(value.get("Event"), dict)
    return (f"{path}.Event", value["Event"]) if framed else (path, value)  # type: ignore[index]


def of_events(found: list[tuple[str, object]]) -> Mapped:
    """Return the STIX objects of events; an object that two of them make alike is there once."""
    made: dict[bytes, None] = {}
    flaws: list[Flaw] = []
    seen: set[str] = set()
    for path, event in found:
        told = of_event(event, path.removeprefix("."), seen)
        raws = {id_: orjson.dumps(each) for id_, each in told.objects.items()}
        large = [id_ for id_, raw in raws.items() if len(raw) > OBJECT_LIMIT]
        flaws += [*told.flaws, *(_too_large(id_, path) for id_ in large)]
        made |= {raw: None for id_, raw in raws.items() if id_ not in large}
    return Mapped(list(made), flaws)


def _too_large(id_: str, path: str) -> Flaw:
    told = Phrase(
        "With all that is kept of it, this has more than {most} bytes.", most=OBJECT_LIMIT
    )
    return Flaw(id_.partition("--")[2], path.removeprefix("."), "X51", told)


def of_event(event: object, path: str = "Event", seen: set[str] | None = None) -> Told:
    """Return what one event tells; ``seen`` holds the UUIDs of the events before it."""
    told = Told()
    with told.part(path, event):
        element = shape.require_element(event)
        _begin(told, element, set() if seen is None else seen)
        _tell(told, element, path)
    return told


def _begin(told: Told, event: Element, seen: set[str]) -> None:
    """Read what holds for all of an event, before anything is made of it."""
    uuid = shape.uuid(event)
    if uuid in seen:
        raise Refusal("X53", Phrase("{uuid} stands here twice.", uuid=uuid))
    seen.add(uuid)
    told.once(uuid)
    told.marks = marks.of_element(event, (*TAKEN, "Sighting"))
    told.day = shape.day(event, "date")
    told.instant = shape.seconds(event, "timestamp") or told.day


def _tell(told: Told, event: Element, path: str) -> None:
    own = {name: value for name, value in event.items() if name not in TAKEN}
    told.author = around.organisation(told, event.get("Orgc"), own)
    made = told.head("report", own)
    made |= {"name": shape.text(event, "info") or made["id"], "published": _published(event, made)}
    refs = [id_ for name in ("Attribute", "Object") for id_ in _parts(told, event, name, path)]
    refs += around.clusters(told, own)
    refs = list(dict.fromkeys(refs)) or [told.author or made["id"]]
    made["object_refs"] = refs[:MOST_REFS]
    for number, at in enumerate(range(MOST_REFS, len(refs), MOST_REFS)):
        _tell_more(told, event, number, refs[at : at + MOST_REFS])
    made |= kept.beside(event, said_by(made), tuple(each for each in TAKEN if event.get(each)))
    told.add(made)
    around.sightings(told, own, made["id"], path)
    for number, report in enumerate(shape.items(event, "EventReport")):
        with told.part(f"{path}.EventReport[{number}]", report):
            around.report(told, shape.require_element(report), made["id"])


def _tell_more(told: Told, event: Element, number: int, refs: list[str]) -> None:
    """Take in a grouping of what a large event holds and one report has no room for."""
    uuid = shape.uuid(event)
    made = told.derived("grouping", marks.made("more", uuid, str(number)), {})
    more = {"context": "misp-event", "object_refs": refs, kept.OF: uuid, kept.FIELDS: {}}
    told.add(made | more)


def _published(event: Element, made: dict[str, Any]) -> str:
    return (
        shape.iso(shape.seconds(event, "publish_timestamp")) if _is_out(event) else made["modified"]
    )


def _is_out(event: Element) -> bool:
    return shape.seconds(event, "publish_timestamp") > 0


def _parts(told: Told, event: Element, name: str, path: str) -> Iterator[str]:
    """Take in the attributes, or the objects, of an event; yield the ids of what they became."""
    found = shape.items(event, name)
    if len(found) > MOST:
        raise shape.wrong(name, Phrase("This has more than {most} entries.", most=MOST))
    taken = []
    for number, part in enumerate(found):
        with told.part(f"{path}.{name}[{number}]", part):
            element = shape.require_element(part)
            id_ = (attributes if name == "Attribute" else objects).tell(told, element)
            taken.append((f"{path}.{name}[{number}]", element, id_))
            yield id_
    for at, element, id_ in taken:
        with told.part(at, element):
            _beside(told, element, id_, at)


def _beside(told: Told, element: Element, id_: str, path: str) -> None:
    """Take in what stands around a part, once all parts are known."""
    around.sightings(told, element, id_, path)
    around.clusters(told, element, id_)
    around.references(told, element)
    for number, each in enumerate(shape.items(element, "Attribute")):
        if isinstance(each, dict):
            around.sightings(told, each, id_, f"{path}.Attribute[{number}]", element)
            around.clusters(told, each, id_, element)


def said_by(made: Element) -> dict[str, Any]:
    """Return the fields of an event that its report tells."""
    told = {
        "uuid": str(made["id"]).partition("--")[2],
        "info": made.get("name", ""),
        "timestamp": str(attributes.seconds_of(made)),
    }
    tags = attributes.tags_said(made)
    return told | ({"Tag": tags} if tags else {})
