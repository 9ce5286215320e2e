"""Mandatory tests that came with CSAF 2.1: 6.1.34 to 6.1.61, without those of other files here:
ranges, licences, SSVC and extensions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import combinations

from comity.bridges.csaf import purl
from comity.bridges.csaf.lists import Lists
from comity.bridges.csaf.rules import Check, Failures
from comity.bridges.csaf.walk import (
    Found,
    Json,
    at_any,
    branches,
    helpers,
    history,
    members,
    moment,
    named,
    select,
    states,
)
from comity.kernel.errors import Phrase

DEEPEST = 30
"""How many branches may stand within each other."""
_MOST, _NONE = "ffffffff-ffff-ffff-ffff-ffffffffffff", "00000000-0000-0000-0000-000000000000"
_NAMES = {_MOST: "Public", _NONE: "No sharing allowed"}
_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"
)
_TRACKING = "document.tracking"
_METRIC = "vulnerabilities[].metrics[].content"
TIMES = (
    f"{_TRACKING}.current_release_date",
    f"{_TRACKING}.generator.date",
    f"{_TRACKING}.initial_release_date",
    f"{_TRACKING}.revision_history[].date",
    *(f"vulnerabilities[].{name}_date" for name in ("disclosure", "discovery", "release")),
    "vulnerabilities[].first_known_exploitation_dates[].date",
    "vulnerabilities[].first_known_exploitation_dates[].exploitation_date",
    *(
        f"vulnerabilities[].{n}[].date"
        for n in ("flags", "involvements", "remediations", "threats")
    ),
    f"{_METRIC}.epss.timestamp",
)
"""Where a document of either version has a date and time, but for SSVC."""
# What contradicts what, as the two tables of section 3.2.4.14 say.
_EXCLUSIVE = {
    frozenset((one, other))
    for one, others in {
        "optional_patch": ("workaround", "mitigation", "vendor_fix", "fix_planned"),
        "none_available": ("workaround", "mitigation", "vendor_fix", "fix_planned"),
        "no_fix_planned": ("vendor_fix", "optional_patch", "none_available", "fix_planned"),
        "fix_planned": ("vendor_fix",),
    }.items()
    for other in others
} | {frozenset(("optional_patch", "none_available"))}
_HEALS = {"workaround", "mitigation", "vendor_fix", "none_available"}
_FORBIDDEN = {
    "affected": {"optional_patch"},
    "not affected": _HEALS,
    "fixed": {*_HEALS, "fix_planned", "no_fix_planned"},
}
_STAR = re.compile(r"(?<!\\)(?:\\\\)*\*")


def deep_branches(doc: Json, lists: Lists) -> Failures:
    """6.1.34."""
    del lists
    for one in branches(doc):
        if "product" in one.value and one.path.count("branches[") > DEEPEST:
            yield one.path, Phrase("More than {most} branches stand in each other.", most=DEEPEST)


def _categories(vulnerability: Json, groups: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return the categories of remediation that each product has."""
    found: dict[str, set[str]] = {}
    for remedy in vulnerability.get("remediations", ()):
        for product in named(remedy, groups):
            found.setdefault(product, set()).add(remedy["category"])
    return found


def contradicting_remedies(doc: Json, lists: Lists) -> Failures:
    """6.1.35."""
    del lists
    groups = members(doc)
    for one in select(doc, "vulnerabilities[]"):
        for product, kinds in sorted(_categories(one.value, groups).items()):
            for pair in combinations(sorted(kinds), 2):
                if frozenset(pair) in _EXCLUSIVE:
                    yield (
                        f"{one.path}.remediations",
                        Phrase(
                            "The product {id} cannot have both {first} and {second}.",
                            id=product,
                            first=pair[0],
                            second=pair[1],
                        ),
                    )


def misplaced_remedies(doc: Json, lists: Lists) -> Failures:
    """6.1.36."""
    del lists
    groups = members(doc)
    for one in select(doc, "vulnerabilities[]"):
        kinds, recommended = (
            _categories(one.value, groups),
            set(one.value.get("product_status", {}).get("recommended", ())),
        )
        for state, forbidden in _FORBIDDEN.items():
            for product in sorted(states(one.value)[state] - recommended):
                for kind in sorted(kinds.get(product, set()) & forbidden):
                    yield (
                        f"{one.path}.remediations",
                        Phrase(
                            "The product {id} is {state}, and {kind} says otherwise.",
                            id=product,
                            state=state,
                            kind=kind,
                        ),
                    )


def odd_times(doc: Json, lists: Lists) -> Failures:
    """6.1.37."""
    del lists
    for one in at_any(doc, (*TIMES, f"{_METRIC}.ssvc_v2.timestamp")):
        if not _is_time(one.value):
            yield (
                one.path,
                Phrase("{time} is no date and time as CSAF 2.1 has them.", time=one.value),
            )


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(_TIME.fullmatch(value)) and moment(value) is not None
    except ValueError:
        return False


def _distribution(doc: Json) -> tuple[str, str, str]:
    """Return the label, the id of the sharing group, and its name; empty where there is none."""
    said = doc["document"]["distribution"]
    group = said.get("sharing_group", {})
    return said["tlp"]["label"], group.get("id", ""), group.get("name", "")


def public_group_of_closed_document(doc: Json, lists: Lists) -> Failures:
    """6.1.38."""
    del lists
    label, group, _ = _distribution(doc)
    if group == _MOST and label != "CLEAR":
        yield "document.distribution", Phrase("A group of everybody is one of TLP:CLEAR only.")


def closed_group_of_public_document(doc: Json, lists: Lists) -> Failures:
    """6.1.39."""
    del lists
    label, group, _ = _distribution(doc)
    drafted = group == _NONE and doc["document"]["tracking"]["status"] == "draft"
    if label == "CLEAR" and group not in {"", _MOST} and not drafted:
        yield "document.distribution", Phrase("What is TLP:CLEAR is for no closed group.")


def reserved_group_name(doc: Json, lists: Lists) -> Failures:
    """6.1.40."""
    del lists
    _, group, name = _distribution(doc)
    if name in _NAMES.values() and _NAMES.get(group) != name:
        yield (
            "document.distribution.sharing_group.name",
            Phrase("The name {name} is reserved.", name=name),
        )


def unnamed_reserved_group(doc: Json, lists: Lists) -> Failures:
    """6.1.41."""
    del lists
    _, group, name = _distribution(doc)
    if group in _NAMES and name != _NAMES[group]:
        yield (
            "document.distribution.sharing_group",
            Phrase("The name of this group is {name}.", name=_NAMES[group]),
        )


def differing_purls(doc: Json, lists: Lists) -> Failures:
    """6.1.42."""
    del lists
    for one in helpers(doc, "purls"):
        if len({purl.without_qualifiers(url) for url in one.value}) > 1:
            yield one.path, Phrase("Package URLs of one product differ in their qualifiers only.")


def starred(name: str) -> Check:
    """Return the test that no item of ``name`` has two stars: 6.1.43, 6.1.44 and 6.1.61."""

    def check(doc: Json, lists: Lists) -> Failures:
        del lists
        for one in helpers(doc, f"{name}[]"):
            if len(_STAR.findall(one.value)) > 1:
                yield one.path, Phrase("{text} has more than one star.", text=one.value)

    return check


def dated_ahead(paths: Iterable[str], *, clear: bool = False) -> Check:
    """Return the test that what is dated is not newer than the newest revision.

    It holds for documents that are out, and for 6.1.45 (``clear``) for those of TLP:CLEAR.
    """

    def check(doc: Json, lists: Lists) -> Failures:
        del lists
        if doc["document"]["tracking"]["status"] == "draft":
            return
        if clear and _distribution(doc)[0] != "CLEAR":
            return
        newest = moment(history(doc)[-1]["date"])
        for one in _dated(doc, paths):
            if moment(one.value) > newest:
                yield one.path, Phrase("It is newer than the newest revision.")

    return check


def _dated(doc: Json, paths: Iterable[str]) -> Iterator[Found]:
    """Yield what is a date and time; what is none fails 6.1.37."""
    for one in at_any(doc, paths):
        if _is_time(one.value):
            yield one


def exploited_after_said(doc: Json, lists: Lists) -> Failures:
    """6.1.53."""
    del lists
    for one in select(doc, "vulnerabilities[].first_known_exploitation_dates[]"):
        if moment(one.value["exploitation_date"]) > moment(one.value["date"]):
            yield one.path, Phrase("An exploitation is said to be known before it was.")


def rated_twice(doc: Json, lists: Lists) -> Failures:
    """6.1.56."""
    del lists
    for one in select(doc, "vulnerabilities[]"):
        scored: set[tuple[str, str]] = set()
        rated: set[tuple[str, str]] = set()
        for metric in one.value.get("metrics", ()):
            pairs = {(product, metric.get("source", "")) for product in metric["products"]}
            content = metric["content"]
            scored |= pairs if any(name.startswith("cvss_v") for name in content) else set()
            rated |= pairs if "qualitative_severity_rating" in content else set()
        for product, _ in sorted(scored & rated):
            yield (
                one.path,
                Phrase("The product {id} has a score and a rating in words.", id=product),
            )


def _lines(doc: Json) -> Iterator[tuple[str, list[str]]]:
    """Yield each product of the branches with the categories on the way to it."""
    waiting = [(one, [one.value["category"]]) for one in select(doc, "product_tree.branches[]")]
    while waiting:
        one, way = waiting.pop()
        if "product" in one.value:
            yield one.path, way
        for at, branch in enumerate(one.value.get("branches", ())):
            waiting.append(
                (Found(f"{one.path}.branches[{at}]", branch), [*way, branch["category"]])
            )


def stacked_branches(doc: Json, lists: Lists) -> Failures:
    """6.1.57."""
    del lists
    for path, way in _lines(doc):
        for category in sorted({each for each in way if way.count(each) > 1} - {"product_family"}):
            yield path, Phrase("The category {name} stands on the way twice.", name=category)


def version_and_range(doc: Json, lists: Lists) -> Failures:
    """6.1.58."""
    del lists
    for path, way in _lines(doc):
        if {"product_version", "product_version_range"} <= set(way):
            yield path, Phrase("A version and a range of versions stand on the way.")
