"""Lists that advisories are judged by: weaknesses of CWE, subtags of languages, scores of CVSS 4.0,
decision points of SSVC.

The bytes are facts that come with the program; who checks an advisory hands them in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from comity.bridges.csaf.cvss4 import Scores
from comity.kernel.errors import Phrase

_REGION = re.compile("[a-z]{2}|[0-9]{3}")
_VERSION = re.compile(r"\d{1,9}(\.\d{1,9}){2}")
_VARIANT = re.compile("[a-z0-9]{5,8}|[0-9][a-z0-9]{3}")


@dataclass(frozen=True, slots=True)
class Weaknesses:
    """``versions`` of CWE, oldest first, and for each number the (first, last, name) it had."""

    versions: tuple[str, ...]
    names: Mapping[str, tuple[tuple[int, int, str], ...]]

    def known(self, number: str, name: str, version: str | None) -> bool:
        """Say whether a weakness, as ``CWE-79``, has this name in a version, or in any for None.

        What a version newer than the list says of its weaknesses is taken as it is.
        """
        if version is not None and self._newer(version):
            return True
        spans = self.names.get(number.removeprefix("CWE-"), ())
        if version is None:
            return any(name == said for _, _, said in spans)
        at = self.versions.index(version) if version in self.versions else -1
        return any(first <= at <= last and name == said for first, last, said in spans)

    def _newer(self, version: str) -> bool:
        return _numbers(version) > _numbers(self.versions[-1])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def weaknesses(text: str) -> Weaknesses:
    """Read the list of weaknesses: a line of versions, then number, first, last and name."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    versions = tuple(lines[0].split()[1:])
    at = {version: place for place, version in enumerate(versions)}
    names: dict[str, tuple[tuple[int, int, str], ...]] = {}
    for line in lines[1:]:
        number, first, last, name = line.split(" ", 3)
        names[number] = (*names.get(number, ()), (at[first], at[last], name))
    return Weaknesses(versions, names)


@dataclass(frozen=True, slots=True)
class Subtags:
    """What the registry of language subtags lists, by type; ranges as (first, last)."""

    kinds: Mapping[str, frozenset[str]]
    ranges: Mapping[str, tuple[tuple[str, str], ...]]

    def known(self, tag: str) -> bool:
        """Say whether a well-formed tag is made of subtags that are registered.

        Extensions and private use are taken as they are; i-default and i-mingo are tags of old.
        """
        parts = tag.lower().split("-")
        if parts[0] == "x" or "-".join(parts) in self.kinds["grandfathered"]:
            return True
        # Behind a single letter stands what the registry of subtags does not list.
        end = next((at for at, part in enumerate(parts) if len(part) == 1), len(parts))
        first, *rest = parts[:end]
        return self._lists("language", first) and all(self._lists(_kind(p), p) for p in rest)

    def _lists(self, kind: str, part: str) -> bool:
        between = self.ranges.get(kind, ())
        return part in self.kinds[kind] or any(
            first <= part <= last and len(part) == len(first) for first, last in between
        )


def _kind(part: str) -> str:
    if _REGION.fullmatch(part):
        return "region"
    if _VARIANT.fullmatch(part):
        return "variant"
    return "script" if len(part) == 4 else "extlang"


def subtags(text: str) -> Subtags:
    """Read the list of subtags: a line of each type, ranges with two dots."""
    kinds: dict[str, frozenset[str]] = {}
    ranges: dict[str, tuple[tuple[str, str], ...]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            kind, *words = line.split()
            kinds[kind] = frozenset(word for word in words if ".." not in word)
            pairs = (word.partition("..") for word in words if ".." in word)
            ranges[kind] = tuple((first, last) for first, _, last in pairs)
    return Subtags(kinds, ranges)


@dataclass(frozen=True, slots=True)
class Decisions:
    """What SSVC's registry lists: for a namespace and key, the keys of values by version."""

    points: Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]]

    def has_namespace(self, name: str) -> bool:
        """Say whether a namespace, without its fragment, is registered."""
        return any(namespace.partition("#")[0] == name for namespace, _ in self.points)

    def why_wrong(
        self, point: tuple[str, str], version: str, values: Sequence[object]
    ) -> Phrase | None:
        """Return why values are not some of a decision point's, in their order; None if they are.

        What a version newer than the list says is taken as it is.
        """
        known = self.points.get(point, {})
        name = "/".join(point)
        if version in known:
            there: Iterator[object] = iter(known[version])
            # Each value is looked for behind the one before it.
            if all(value in there for value in values):
                return None
            told = "The values of {name} are, in this order: {order}."
            return Phrase(told, name=name, order=", ".join(known[version]))
        if known and _newer(version, known):
            return None
        told = "SSVC has no decision point {name} of version {version}."
        return Phrase(told, name=name[:200], version=version[:50])


def _newer(version: str, known: Mapping[str, object]) -> bool:
    return bool(_VERSION.fullmatch(version)) and _numbers(version) > max(map(_numbers, known))


def decisions(text: str) -> Decisions:
    """Read the list of decision points: namespace, key, version, then the keys of values."""
    points: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            namespace, key, version, *values = line.split()
            points.setdefault((namespace, key), {})[version] = tuple(values)
    return Decisions(points)


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists by which an advisory is judged."""

    weaknesses: Weaknesses
    subtags: Subtags
    scores: Scores
    decisions: Decisions
