"""Collections in memory, in place of those of a node: as its services promise them to the edge.

::

    shelves = Shelves({"readings": "green"}, {"ada": ("readings", "r")})
    shelves.install(monkeypatch)
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from comity.bridges.stix.record import Flaw
from comity.bridges.taxii.times import read_time
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP, Kind, Reader
from comity.services.sharing import callers, shelf
from comity.services.sharing.callers import Caller
from comity.services.sharing.shelf import (
    Entry,
    Page,
    ShelfView,
    Status,
    Taken,
    Wanted,
)

if TYPE_CHECKING:
    import pytest

    from comity.services.node import Node

START = int(datetime(2026, 11, 26, 9, 30, tzinfo=UTC).timestamp()) * 1_000_000
INDICATOR = {
    "type": "indicator",
    "spec_version": "2.1",
    "created": "2026-11-01T08:00:00.000Z",
    "pattern": "[ipv4-addr:value = '192.0.2.7']",
    "pattern_type": "stix",
    "valid_from": "2026-11-01T08:00:00Z",
}


def uuid_of(name: str) -> str:
    """Return a UUID of version 4 that is always the same for a name."""
    return str(uuid.UUID(bytes=uuid.uuid5(uuid.NAMESPACE_DNS, name).bytes, version=4))


def stix(name: str, version: int = 0, /, **more: object) -> dict[str, Any]:
    """Return an indicator, by default of one type, in a version a few seconds later each."""
    kind = more.get("type", "indicator")
    modified = f"2026-11-01T08:00:{version:02}.000Z"
    return {**INDICATOR, "id": f"{kind}--{uuid_of(name)}", "modified": modified, **more}


def envelope(objects: Sequence[object]) -> bytes:
    return orjson.dumps({"objects": objects})


@dataclass
class Shelves:
    """``titles`` are the collections by alias; ``rights`` what each secret may: alias to "rw"."""

    titles: dict[str, str]
    rights: dict[str, dict[str, str]]
    held: dict[str, list[Entry]] = field(default_factory=dict)
    statuses: dict[str, tuple[str, Status]] = field(default_factory=dict)
    known: set[tuple[str, str, int]] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    count: int = 0

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Put these in the place of the node's own."""
        patch.setattr(callers, "of_basic", self.of_basic)
        for name in ("shelves", "shelf", "page", "versions", "add", "status", "remove"):
            patch.setattr(shelf, name, getattr(self, name))

    def of_basic(self, _node: Node, _user: str, password: str) -> Caller:
        if password not in self.rights:
            raise Refusal("S10", "This token is unknown here.")
        reader = Reader("orvanda", Kind.MACHINE)  # type: ignore[arg-type]
        return Caller(reader, TLP.AMBER, True, True, password, password)

    def shelves(self, node: Node, caller: Caller) -> list[ShelfView]:
        return [self.shelf(node, caller, alias) for alias in self.rights[caller.token]]

    def shelf(self, _node: Node, caller: Caller, name: str) -> ShelfView:
        for alias, right in self.rights[caller.token].items():
            if name in {alias, uuid_of(alias)}:
                title = self.titles[alias]
                return ShelfView(uuid_of(alias), title, "", alias, "r" in right, "w" in right)
        raise Refusal("S3", "There is no such collection here.", name)

    def page(
        self, _node: Node, _caller: Caller, view: ShelfView, wanted: Wanted, after: int, limit: int
    ) -> Page:
        with self.lock:
            held = [e for e in self.held.get(view.alias, []) if _fits(e, wanted)]
        chosen = [e for e in _chosen(held, wanted.versions) if e.n > after]
        return Page(chosen[:limit], len(chosen) > limit)

    versions = page

    def add(self, _node: Node, caller: Caller, view: ShelfView, raws: list[bytes]) -> Status:
        taken, flaws = list[Taken](), list[Flaw]()
        for place, raw in enumerate(raws):
            try:
                taken.append(self._take(view.alias, raw))
            except (KeyError, Refusal) as error:
                flaws.append(Flaw("", f"objects[{place}]", "X2", f"It lacks {error}."))
        status = Status(str(uuid.uuid4()), "complete", START, taken, flaws, [])
        self.statuses[status.id] = caller.token, status
        return status

    def _take(self, alias: str, raw: bytes) -> Taken:
        value = orjson.loads(raw)
        version = read_time(value["modified"], "modified")
        with self.lock:
            held = self.held.setdefault(alias, [])
            if (alias, value["id"], version) not in self.known:
                self.known.add((alias, value["id"], version))
                self.count += 1
                added = START + self.count
                held.append(Entry(self.count, value["id"], version, added, value["type"], raw))
        return Taken(value["id"], version)

    def status(self, _node: Node, caller: Caller, id_: str) -> Status:
        token, status = self.statuses.get(id_, ("", None))
        if status is None or token != caller.token:
            raise Refusal("S3", "There is no such status here.", id_)
        return status

    def remove(
        self, _node: Node, _caller: Caller, view: ShelfView, object_id: str, wanted: Wanted
    ) -> None:
        with self.lock:
            held = self.held.get(view.alias, [])
            same = [e for e in held if e.id == object_id and wanted.specs != ("2.0",)]
            gone = {e.n for e in _chosen(same, wanted.versions)}
            if not gone:
                raise Refusal("S3", "There is no such object in this collection.", object_id)
            self.held[view.alias] = [e for e in held if e.n not in gone]


def _fits(entry: Entry, wanted: Wanted) -> bool:
    return (
        (not wanted.ids or entry.id in wanted.ids)
        and (not wanted.types or entry.type in wanted.types)
        and "2.1" in wanted.specs
        and (wanted.added_after is None or entry.added > wanted.added_after)
    )


def _chosen(held: Sequence[Entry], versions: tuple[str | int, ...]) -> list[Entry]:
    """Return those of the versions that are asked for, in their order."""
    if versions == ("all",):
        return [*held]
    last, first = dict[str, int](), dict[str, int]()
    for entry in held:
        last[entry.id] = max(entry.version, last.get(entry.id, entry.version))
        first[entry.id] = min(entry.version, first.get(entry.id, entry.version))
    words = [best for word, best in (("last", last), ("first", first)) if word in versions]
    return [e for e in held if e.version in versions or any(e.version == b[e.id] for b in words)]
