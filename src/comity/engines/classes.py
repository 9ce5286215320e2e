"""In which class and sectors an object of STIX is counted, by a table that a pack holds.

What an object is cannot be worked out from its form; the table says what is supposed, so that like
things are counted alike. It is used for counting and shown as such, and nothing else depends on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

OTHER = "other"
"""The class of what nothing is known of."""
_TAG = re.compile('rsit:([a-z-]+)(?:="[^"]*")?')
_TECHNIQUE = re.compile(r"(T[0-9]{4})(?:\.[0-9]{3})?")


@dataclass(frozen=True, slots=True)
class Classes:
    """A table from what an object says to classes: by ``labels``, by the vocabularies of
    ``types``, by ``techniques`` of ATT&CK, ``phases`` of a kill chain and type of ``objects``;
    ``known`` are all classes. ``sectors`` gives codes for names, ``sector_codes`` are all codes.
    """

    known: frozenset[str]
    labels: Mapping[str, str]
    types: Mapping[str, Mapping[str, str]]
    techniques: Mapping[str, str]
    phases: Mapping[str, str]
    objects: Mapping[str, str]
    sectors: Mapping[str, str]
    sector_codes: frozenset[str]

    def of(self, value: Mapping[str, Any]) -> str:
        """Return the class of an object as read; what it says first, and most exactly, decides."""
        return next(self._said(value), OTHER)

    def sectors_of(self, names: Iterable[object]) -> tuple[str, ...]:
        """Return the codes of sectors that are named, each once and in order; others are left."""
        found = (self.sectors.get(_plain(name), str(name).strip().lower()) for name in names)
        return tuple(sorted({code for code in found if code in self.sector_codes}))

    def _said(self, value: Mapping[str, Any]) -> Iterator[str]:
        labels = [str(label).strip() for label in _list(value.get("labels"))]
        tags = (_TAG.fullmatch(label.lower()) for label in labels)
        yield from (tag[1] for tag in tags if tag and tag[1] in self.known)
        yield from _looked_up(self.labels, map(_plain, labels))
        for property_, table in self.types.items():
            yield from _looked_up(table, _list(value.get(property_)))
        yield from self._techniques(value)
        phases = (p.get("phase_name") for p in _objects(value.get("kill_chain_phases")))
        yield from _looked_up(self.phases, phases)
        yield from _looked_up(self.objects, [value.get("type")])

    def _techniques(self, value: Mapping[str, Any]) -> Iterator[str]:
        for reference in _objects(value.get("external_references")):
            found = _TECHNIQUE.fullmatch(str(reference.get("external_id", "")))
            if found:
                yield from _looked_up(self.techniques, (found[0], found[1]))


def _looked_up(table: Mapping[str, str], keys: Iterable[object]) -> Iterator[str]:
    return (table[key] for key in keys if isinstance(key, str) and key in table)


def _plain(name: object) -> str:
    """Return a name with small letters and spaces."""
    return " ".join(re.split(r"[\s_-]+", str(name).strip().lower())) if name else ""


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> list[dict[str, object]]:
    return [each for each in _list(value) if isinstance(each, dict)]
