"""Mandatory tests of what is said of products: 6.1.1 to 6.1.7, 6.1.13, 6.1.25, 6.1.29 to 6.1.33."""

from __future__ import annotations

from collections import Counter
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
    members,
    named,
    products,
    select,
    states,
)
from comity.kernel.errors import Phrase

_STATES = [
    "first_affected",
    "first_fixed",
    "fixed",
    "known_affected",
    "known_not_affected",
    "last_affected",
    "recommended",
    "under_investigation",
    "unknown",
]
_NAMING = [
    "first_known_exploitation_dates",
    "flags",
    "ids",
    "involvements",
    "notes",
    "remediations",
    "threats",
]
_NAMED = (
    "product_tree.product_groups[].product_ids[]",
    "product_tree.product_paths[].beginning_product_reference",
    "product_tree.product_paths[].subpaths[].next_product_reference",
    "product_tree.relationships[].product_reference",
    "product_tree.relationships[].relates_to_product_reference",
    "document.notes[].product_ids[]",
    *(f"vulnerabilities[].product_status.{state}[]" for state in _STATES),
    *(f"vulnerabilities[].{name}[].product_ids[]" for name in _NAMING),
    "vulnerabilities[].scores[].products[]",
    "vulnerabilities[].metrics[].products[]",
)
_GROUPED = (
    "document.notes[].group_ids[]",
    *(f"vulnerabilities[].{name}[].group_ids[]" for name in _NAMING),
)
_RANGES = frozenset(["after", "all", "before", "earlier", "later", "prior", "versions"])


def undefined_products(doc: Json, lists: Lists) -> Failures:
    """6.1.1."""
    del lists
    known = {one.value["product_id"] for one in products(doc)}
    for one in at_any(doc, _NAMED):
        if one.value not in known:
            yield one.path, Phrase("No product is defined as {id}.", id=one.value)


def _twice(found: list[Found]) -> list[Found]:
    """Return those whose value stands before them, too."""
    seen = Counter[object]()
    for one in found:
        seen[one.value] += 1
    again = []
    for one in reversed(found):
        seen[one.value] -= 1
        if seen[one.value]:
            again.append(one)
    return again[::-1]


def repeated_products(doc: Json, lists: Lists) -> Failures:
    """6.1.2."""
    del lists
    ids = [Found(f"{one.path}.product_id", one.value["product_id"]) for one in products(doc)]
    for one in _twice(ids):
        yield one.path, Phrase("The product {id} is defined twice.", id=one.value)


def circular_products(doc: Json, lists: Lists) -> Failures:
    """6.1.3."""
    del lists
    made: dict[str, set[str]] = {}
    for one in select(doc, "product_tree.relationships[]"):
        ends = {one.value["product_reference"], one.value["relates_to_product_reference"]}
        made.setdefault(one.value["full_product_name"]["product_id"], set()).update(ends)
    for one in select(doc, "product_tree.product_paths[]"):
        ends = {one.value["beginning_product_reference"]}
        ends |= {step["next_product_reference"] for step in one.value["subpaths"]}
        made.setdefault(one.value["full_product_name"]["product_id"], set()).update(ends)
    for product in _circular(made):
        yield "product_tree", Phrase("The product {id} is defined by itself.", id=product)


def _circular(made: dict[str, set[str]]) -> list[str]:
    """Return what cannot be made of anything that is made before it."""
    left = {product: {part for part in parts if part in made} for product, parts in made.items()}
    used: dict[str, list[str]] = {}
    for product, parts in left.items():
        for part in parts:
            used.setdefault(part, []).append(product)
    ready = [product for product, parts in left.items() if not parts]
    while ready:
        done = ready.pop()
        del left[done]
        for product in used.get(done, ()):
            left[product].discard(done)
            if not left[product]:
                ready.append(product)
    return sorted(left)


def undefined_groups(doc: Json, lists: Lists) -> Failures:
    """6.1.4."""
    del lists
    known = members(doc)
    for one in at_any(doc, _GROUPED):
        if one.value not in known:
            yield one.path, Phrase("No group of products is defined as {id}.", id=one.value)


def repeated_groups(doc: Json, lists: Lists) -> Failures:
    """6.1.5."""
    del lists
    for one in _twice(select(doc, "product_tree.product_groups[].group_id")):
        yield one.path, Phrase("The group {id} is defined twice.", id=one.value)


def contradicting_states(doc: Json, lists: Lists) -> Failures:
    """6.1.6."""
    del lists
    for one in select(doc, "vulnerabilities[]"):
        for (first, some), (second, others) in combinations(states(one.value).items(), 2):
            for product in sorted(some & others):
                yield (
                    f"{one.path}.product_status",
                    Phrase(
                        "The product {id} is said to be {first} and {second}.",
                        id=product,
                        first=first,
                        second=second,
                    ),
                )


def repeated_scores(doc: Json, lists: Lists) -> Failures:
    """6.1.7."""
    del lists
    for one in select(doc, "vulnerabilities[]"):
        seen = Counter[tuple[str, str, str]]()
        for score in one.value.get("scores", ()):
            seen.update((product, "", v) for v in _scored(score) for product in score["products"])
        for metric in one.value.get("metrics", ()):
            source = metric.get("source", "")
            seen.update(
                (product, source, v)
                for v in _scored(metric["content"])
                for product in metric["products"]
            )
        for (product, _, version), count in seen.items():
            if count > 1:
                yield (
                    one.path,
                    Phrase(
                        "The product {id} has two scores of CVSS {version}.",
                        id=product,
                        version=version,
                    ),
                )


def _scored(content: Json) -> list[str]:
    found = (content[name] for name in content if name.startswith("cvss_v"))
    return [str(one.get("version", "")) for one in found]


def invalid_purls(doc: Json, lists: Lists) -> Failures:
    """6.1.13."""
    del lists
    for one in [*helpers(doc, "purl"), *helpers(doc, "purls[]")]:
        wrong = purl.fault(one.value)
        if wrong:
            yield (
                one.path,
                Phrase("The package URL {url} is wrong in its {part}.", url=one.value, part=wrong),
            )


def repeated_algorithms(doc: Json, lists: Lists) -> Failures:
    """6.1.25."""
    del lists
    for one in helpers(doc, "hashes[].file_hashes"):
        for name, count in Counter(item["algorithm"] for item in one.value).items():
            if count > 1:
                yield one.path, Phrase("A file has two hashes of {name}.", name=name)


def unnamed(path: str) -> Check:
    """Return the test that what stands at ``path`` names products."""

    def check(doc: Json, lists: Lists) -> Failures:
        del lists
        for one in select(doc, path):
            if not {"group_ids", "product_ids"} & one.value.keys():
                yield one.path, Phrase("It does not say for which products it holds.")

    return check


def ranges_as_versions(doc: Json, lists: Lists) -> Failures:
    """6.1.31: words are those between blanks, as OASIS reads it for 2.0, too."""
    del lists
    for one in branches(doc):
        name = one.value["name"].lower()
        ranged = "<" in name or ">" in name or _RANGES.intersection(name.split())
        if one.value["category"] == "product_version" and ranged:
            yield (
                f"{one.path}.name",
                Phrase("{name} is a range of versions, and one version is asked.", name=name),
            )


def repeated_flags(doc: Json, lists: Lists) -> Failures:
    """6.1.33."""
    del lists
    groups = members(doc)
    for one in select(doc, "vulnerabilities[]"):
        flags = one.value.get("flags", ())
        seen = Counter(product for flag in flags for product in named(flag, groups))
        for product, count in seen.items():
            if count > 1:
                yield (
                    f"{one.path}.flags",
                    Phrase("The product {id} has more than one justification.", id=product),
                )
