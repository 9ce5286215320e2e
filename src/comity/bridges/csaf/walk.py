"""Finding what stands where in a document whose structure was checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple, TypeAlias

Json: TypeAlias = dict[str, Any]
_VERSION = re.compile(r"(\d+)(?:\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?)?")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)")
_EPOCH = date(1970, 1, 1).toordinal()
_GROUPS = {
    "affected": ("first_affected", "known_affected", "last_affected"),
    "not affected": ("known_not_affected",),
    "fixed": ("first_fixed", "fixed"),
    "under investigation": ("under_investigation",),
    "unknown": ("unknown",),
}


class Found(NamedTuple):
    """A value and where it stands, as in ``vulnerabilities[0].cve``."""

    path: str
    value: Any


def select(doc: Json, path: str) -> list[Found]:
    """Return what stands at a path: names with dots between, ``[]`` for all items of a list."""
    found = [Found("", doc)]
    for part in path.split("."):
        found = [each for one in found for each in _step(one, part)]
    return found


def _step(one: Found, part: str) -> Iterator[Found]:
    name = part.removesuffix("[]")
    if not isinstance(one.value, dict) or name not in one.value:
        return
    path, value = f"{one.path}.{name}".lstrip("."), one.value[name]
    if name == part:
        yield Found(path, value)
    else:
        yield from (Found(f"{path}[{at}]", item) for at, item in enumerate(value))


def at_any(doc: Json, paths: Iterable[str]) -> Iterator[Found]:
    """Yield what stands at any of several paths."""
    for path in paths:
        yield from select(doc, path)


def branches(doc: Json) -> Iterator[Found]:
    """Yield every branch of the product tree, at any depth, in the order of the document."""
    waiting = [*reversed(select(doc, "product_tree.branches[]"))]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(reversed([*_step(one, "branches[]")]))


def products(doc: Json) -> Iterator[Found]:
    """Yield every product that the document defines."""
    for branch in branches(doc):
        yield from _step(branch, "product")
    yield from at_any(
        doc,
        (
            "product_tree.full_product_names[]",
            "product_tree.relationships[].full_product_name",
            "product_tree.product_paths[].full_product_name",
        ),
    )


def helpers(doc: Json, path: str) -> Iterator[Found]:
    """Yield what stands at a path of the identification helpers of all products."""
    for product in products(doc):
        found = [product]
        for part in f"product_identification_helper.{path}".split("."):
            found = [each for one in found for each in _step(one, part)]
        yield from found


def members(doc: Json) -> dict[str, set[str]]:
    """Return the products of each group."""
    groups = select(doc, "product_tree.product_groups[]")
    return {one.value["group_id"]: set(one.value["product_ids"]) for one in groups}


def named(item: Json, groups: dict[str, set[str]]) -> set[str]:
    """Return the products that something names, by themselves or by a group."""
    found = set(item.get("product_ids", ()))
    for group in item.get("group_ids", ()):
        found |= groups.get(group, set())
    return found


def states(vulnerability: Json) -> dict[str, set[str]]:
    """Return the products in each group of states that contradicts the others."""
    said = vulnerability.get("product_status", {})
    return {
        group: {product for name in names for product in said.get(name, ())}
        for group, names in _GROUPS.items()
    }


class Version(NamedTuple):
    """A version number, in its order: three numbers, then those before a release first."""

    numbers: tuple[int, int, int]
    released: bool
    before: tuple[tuple[int, int, str], ...]

    @property
    def major(self) -> int:
        """The first number, which alone counts releases."""
        return self.numbers[0]


def version(text: str) -> Version:
    """Return a version number; an integer stands for itself followed by .0.0."""
    major, minor, patch, pre = _VERSION.fullmatch(text).groups()  # type: ignore[union-attr] # checked by shape
    # Numbers come before words, as section 11 of Semantic Versioning has it.
    before = tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in (pre or "").split(".")
        if part
    )
    return Version((int(major), int(minor or 0), int(patch or 0)), not pre, before)


def moment(text: str) -> int:
    """Return a date and time as nanoseconds since 1970. Raises ValueError for what is none.

    The 60th second of a minute is the first of the next one.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    day, clock, seconds, part, zone = found.groups()
    minutes = (date.fromisoformat(day).toordinal() - _EPOCH) * 1440 + _minutes(clock)
    if zone not in {"Z", "z"}:
        minutes -= _minutes(zone[1:]) * (-1 if zone[0] == "-" else 1)
    since = minutes * 60 + int(seconds)
    return since * 1_000_000_000 + int(((part or "") + "000000000")[:9])


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def history(doc: Json) -> list[Json]:
    """Return the revision history sorted by date, and by number where dates are the same."""
    items: list[Json] = doc["document"]["tracking"]["revision_history"]
    return sorted(items, key=lambda item: (moment(item["date"]), version(item["number"])))
