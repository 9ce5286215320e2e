"""Finding which of many lists an observable is on.

All lists share one index for each way of comparing, so that a look-up costs what the value is long
and not how many lists or entries there are: a hash table of whole values; of host names, asked once
for each label; of ranges, asked once for each length that may enclose an address; and of parts,
asked once for each length that an entry has at each place of the value. Beyond that, a range costs
one search by halves in each list of ranges, for what lies within it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from enum import StrEnum
from ipaddress import ip_network
from typing import TypeAlias
from urllib.parse import urlsplit

from comity.engines.warnings.lists import LONGEST, Compared, Hit, WarningList
from comity.kernel import prefix

Table: TypeAlias = dict[str, list[int]]
"""An entry, or the place of a range, and the numbers of the lists that have it."""


class How(StrEnum):
    """What an entry is to the value that it was found for."""

    SAME = "same"
    HOST = "host"
    """Its host, or a domain above that."""
    PART = "part"
    WITHIN = "within"
    """The value lies within the entry, or is it."""
    HOLDS = "holds"
    """The value is a range in which the entry lies."""


class Warnings:
    """Lists, indexed once; it never changes."""

    def __init__(self, lists: Iterable[WarningList]) -> None:
        self._lists = (*lists,)
        self._same: Table = {}
        self._hosts: Table = {}
        self._parts: Table = {}
        self._ranges: Table = {}
        self._sorted: dict[int, list[str]] = {}
        for number, each in enumerate(self._lists):
            self._add(number, each)
        self._lengths = sorted({len(part) for part in self._parts}, reverse=True)

    @property
    def lists(self) -> tuple[WarningList, ...]:
        """The lists that are asked, in their order."""
        return self._lists

    def hits(self, kind: str, value: str) -> tuple[Hit, ...]:
        """Return the lists that an observable of this kind is on, each once, in their order.

        ``value`` is normalised, as ``192.0.2.7/32`` and not as ``192.0.2.7``. Of several entries
        of one list the one that says most is named: the whole value before its host, the longest
        name or part, the narrowest range.
        """
        found: dict[int, Hit] = {}
        for how, entry, numbers in self._found(kind, value[:LONGEST].lower()):
            for number in numbers:
                each = self._lists[number]
                if number not in found and (each.kinds is None or kind in each.kinds):
                    found[number] = Hit(each.name, entry, how, each.notes.get(entry, ""))
        return tuple(found[number] for number in sorted(found))

    def _add(self, number: int, each: WarningList) -> None:
        match each.compared:
            case Compared.CIDR:
                places = sorted(prefix.place(ip_network(entry)) for entry in each.entries)
                self._sorted[number] = places
                _enter(self._ranges, places, number)
            case Compared.HOSTNAME:
                _enter(self._hosts, each.entries, number)
            case Compared.SUBSTRING:
                _enter(self._parts, each.entries, number)
            case Compared.STRING | Compared.REGEX:  # Of the latter no entry is used.
                # Some lists of this type have entries as ".example": names, and all below them.
                named = [entry.strip(".") for entry in each.entries if entry.startswith(".")]
                _enter(self._hosts, filter(None, named), number)
                _enter(self._same, map(_whole, each.entries), number)

    def _found(self, kind: str, value: str) -> Iterator[tuple[How, str, Iterable[int]]]:
        yield How.SAME, value, self._same.get(value, ())
        host = _host(kind, value)
        for name in _upwards(host):
            yield How.HOST, name, self._hosts.get(name, ())
        network = _network(value if kind == "ip" else host)
        if network is not None:
            yield from self._around(network)
        for part in self._within(value):
            yield How.PART, part, self._parts[part]

    def _around(self, network: prefix.Network) -> Iterator[tuple[How, str, Iterable[int]]]:
        for place in reversed(prefix.enclosing(network)):
            numbers = self._ranges.get(place)
            if numbers:
                yield How.WITHIN, str(prefix.at(place)), numbers
        if network.num_addresses == 1:
            return
        first, last = prefix.within(network)
        for number, places in self._sorted.items():
            at = bisect_left(places, first)
            if at < len(places) and places[at] <= last:
                yield How.HOLDS, str(prefix.at(places[at])), (number,)

    def _within(self, value: str) -> Iterator[str]:
        """Yield the entries that are parts of a value, the longest first."""
        for length in self._lengths:
            for start in range(len(value) - length + 1):
                part = value[start : start + length]
                if part in self._parts:
                    yield part


def _enter(table: Table, keys: Iterable[str], number: int) -> None:
    for key in keys:
        table.setdefault(key, []).append(number)


def _whole(entry: str) -> str:
    """Return an entry as a whole observable: an address alone is the range of itself."""
    found = _network(entry) if entry[:1].isalnum() or ":" in entry else None
    return entry if found is None or "/" in entry else str(found)


def _host(kind: str, value: str) -> str:
    match kind:
        case "domain":
            return value
        case "mail":
            return value.rpartition("@")[2]
        case "url":
            try:
                return urlsplit(value).hostname or ""
            except ValueError:  # Brackets that hold no address.
                return ""
        case _:
            return ""


def _upwards(host: str) -> Iterator[str]:
    """Yield a host's name and those of all domains above it, the longest first."""
    while host:
        yield host
        host = host.partition(".")[2]


def _network(text: str) -> prefix.Network | None:
    try:
        return prefix.read(text) if text else None
    except ValueError:
        return None
