"""A feed of MISP: a folder with a manifest, a file for each event, and the hashes of all values.

::

    manifest.json     {uuid of an event: {Orgc, Tag, info, date, timestamp, …}}
    hashes.csv        MD5 of a value, uuid of its event; by it a server finds what it knows too
    <uuid>.json       {"Event": …}

A server that subscribes reads the manifest, and fetches what is newer than what it has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from comity.bridges.held import UNMARKED, require_label
from comity.bridges.misp import marks, reading, shape
from comity.bridges.misp.reading import Mapped
from comity.bridges.misp.shape import Element
from comity.bridges.stix.record import Flaw
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import TLP

MANIFEST = "manifest.json"
HASHES = "hashes.csv"
_LISTED = ("Orgc", "Tag", "info", "date", "analysis", "threat_level_id", "timestamp")
"""What the manifest says of an event."""


def write(events: Sequence[Element], made_for: TLP) -> dict[str, bytes]:
    """Return the files of a feed, by path, of events as ``writing.write`` gives them.

    Raises Refusal X57 where an event, or anything in it, is stricter than what the feed is made
    for; unmarked counts as AMBER.
    """
    for event in events:
        label = marks.of_element(event).tlp or UNMARKED
        require_label(label, made_for, str(event["uuid"]))
    files = {f"{event['uuid']}.json": orjson.dumps({"Event": event}) for event in events}
    files[MANIFEST] = orjson.dumps({event["uuid"]: _entry(event) for event in events})
    lines = (f"{digest},{event['uuid']}\n" for event in events for digest in _hashes(event))
    return files | {HASHES: "".join(dict.fromkeys(lines)).encode()}


def _entry(event: Element) -> dict[str, Any]:
    found = {name: event[name] for name in _LISTED if name in event}
    return {"Orgc": {"name": "", "uuid": ""}, "Tag": []} | found


def _hashes(event: Element) -> Iterator[str]:
    inner = [each for one in event.get("Object", ()) for each in one.get("Attribute", ())]
    for attribute in (*event.get("Attribute", ()), *inner):
        kind, value = str(attribute["type"]), shape.text(attribute, "value")
        several = "|" in kind or kind == "malware-sample"
        for part in value.split("|") if several else [value]:
            yield hashlib.md5(part.encode(), usedforsecurity=False).hexdigest()


def wanted(manifest: bytes, have: Mapping[str, int]) -> list[str]:
    """Return the paths of the events of a manifest that are newer than those one has.

    ``have`` maps the UUIDs of events to their instants in seconds. Raises Refusal X55.
    """
    return [
        f"{uuid}.json"
        for uuid, entry in _entries(manifest).items()
        if shape.is_uuid(uuid) and _instant(entry) > have.get(uuid, -1)
    ]


def _instant(entry: object) -> int:
    try:
        return shape.seconds(entry, "timestamp") if isinstance(entry, dict) else 0
    except Refusal:
        return 0


def _entries(manifest: bytes) -> dict[str, Any]:
    value = shape.parsed(manifest, "X55")
    if not isinstance(value, dict):
        raise Refusal("X55", Phrase("The manifest of a MISP feed is one JSON object."))
    return value


def read(files: Mapping[str, bytes]) -> Mapped:
    """Return the STIX objects of a feed, of which the files are given by path.

    The manifest says which files are looked at, and no path is made of what it says but that of a
    UUID. An event that is listed and not there, or is another, is a flaw. Raises Refusal X55 where
    there is no manifest.
    """
    if MANIFEST not in files:
        raise Refusal("X55", Phrase("A MISP feed has a file {name}.", name=MANIFEST))
    found: list[tuple[str, object]] = []
    flaws: list[Flaw] = []
    for uuid in _entries(files[MANIFEST]):
        try:
            found.append(_listed(files, uuid))
        except Refusal as refusal:
            flaws.append(Flaw("", f"{MANIFEST}.{uuid[:60]}", refusal.rule, refusal.reason))
    mapped = reading.of_events(found)
    return Mapped(mapped.objects, flaws + mapped.flaws)


def _listed(files: Mapping[str, bytes], uuid: str) -> tuple[str, object]:
    path = f"{uuid}.json"
    if not shape.is_uuid(uuid) or path not in files:
        raise Refusal("X55", Phrase("The event is listed, and its file is not there."))
    events = reading.events(shape.parsed(files[path]))
    if len(events) != 1 or _uuid(events[0][1]) != uuid:
        raise Refusal("X55", Phrase("The file holds another event than it is named for."))
    return f"{path}{events[0][0]}", events[0][1]


def _uuid(event: object) -> str:
    return shape.text(event, "uuid").lower() if isinstance(event, dict) else ""
