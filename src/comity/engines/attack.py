"""What ATT&CK calls a tactic, technique or sub-technique, and whether its id still stands.

Groups, software, mitigations and the rest have ids of the same form, and are nobody's here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

CURRENT, REVOKED, DEPRECATED, UNKNOWN = "current", "revoked", "deprecated", "unknown"
_ID = re.compile(r"TA[0-9]{4}|T[0-9]{4}(?:\.[0-9]{3})?")


class Entry(NamedTuple):
    """An id and the ``name`` that ATT&CK gives it, "" where it is unknown; its ``state``: current,
    revoked, deprecated or unknown; and the ids that stand ``instead``.
    """

    id: str
    name: str
    state: str
    instead: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """A ``version`` of ATT&CK, and its entries by id."""

    version: str
    entries: Mapping[str, Entry]

    def find(self, id_: str) -> Entry | None:
        """Return the entry of an id, an unknown one where there is none here; None for what is no
        id of a tactic or technique. A sub-technique is named with its technique before it.
        """
        id_ = id_.upper()
        if not _ID.fullmatch(id_):
            return None
        entry = self.entries.get(id_, Entry(id_, "", UNKNOWN))
        above = self.entries.get(id_.partition(".")[0], entry)
        return entry if above.id == id_ or not entry.name else _below(above, entry)

    def called(self, name: str) -> tuple[Entry, ...]:
        """Return the entries of exactly this name, in whatever case, those that stand first."""
        return self._names.get(name.strip().casefold(), ())

    @cached_property
    def _names(self) -> dict[str, tuple[Entry, ...]]:
        found: defaultdict[str, list[Entry]] = defaultdict(list)
        for id_, entry in self.entries.items():
            found[entry.name.casefold()] += filter(None, [self.find(id_)])
        return {
            name: tuple(sorted(each, key=lambda entry: (entry.state != CURRENT, entry.id)))
            for name, each in found.items()
        }


def _below(above: Entry, entry: Entry) -> Entry:
    return entry._replace(name=f"{above.name}: {entry.name}")


def read(text: str) -> Catalogue:
    """Read what ``write`` wrote: a line of the version, then a line for each id."""
    head, *lines = [line for line in text.splitlines() if not line.startswith("#")]
    entries = [_entry(line) for line in lines]
    return Catalogue(head.removeprefix("version "), {entry.id: entry for entry in entries})


def _entry(line: str) -> Entry:
    id_, _, rest = line.partition(" ")
    name, _, told = rest.partition(" | ")
    state, *instead = told.split() or [CURRENT]
    return Entry(id_, name, state, tuple(instead))


def write(catalogue: Catalogue) -> Iterator[str]:
    """Yield the lines of a catalogue, by id: ``T1086 PowerShell | revoked T1059.001``."""
    yield f"version {catalogue.version}"
    for _, entry in sorted(catalogue.entries.items()):
        told = f" | {' '.join((entry.state, *entry.instead))}" if entry.state != CURRENT else ""
        yield f"{entry.id} {entry.name}{told}"
