"""Mandatory tests of scores and weaknesses: 6.1.8 to 6.1.11."""

from __future__ import annotations

from collections.abc import Iterator

from comity.bridges.csaf import cvss, cvssscores
from comity.bridges.csaf.lists import Lists
from comity.bridges.csaf.rules import Failures
from comity.bridges.csaf.walk import Found, Json, at_any
from comity.kernel.errors import Phrase

_FAMILIES = {
    "cvss_v2": ("2.0",),
    "cvss_v3": ("3.0", "3.1"),
    "cvss_v4": ("4.0",),
}
_PLACES = ("vulnerabilities[].scores[]", "vulnerabilities[].metrics[].content")


def _scores(doc: Json) -> Iterator[tuple[Found, tuple[str, ...]]]:
    for family, versions in _FAMILIES.items():
        for one in at_any(doc, (f"{place}.{family}" for place in _PLACES)):
            yield one, versions


def _sound(doc: Json) -> Iterator[tuple[Found, str]]:
    """Yield the scores that 6.1.8 lets pass; of others nothing more is said."""
    for one, versions in _scores(doc):
        version = one.value.get("version")
        if version in versions and cvss.checker(version).is_valid(one.value):
            yield one, version


def invalid_scores(doc: Json, lists: Lists) -> Failures:
    """6.1.8."""
    del lists
    for one, versions in _scores(doc):
        version = one.value.get("version")
        # What names no version of its family is told what the newest of them asks.
        checker = cvss.checker(version if version in versions else versions[-1])
        for error in checker.iter_errors(one.value):
            place = ".".join([one.path, *map(str, error.instance_path)])
            yield place, Phrase("This is no valid score: {why}.", why=error.message)


def miscomputed_scores(doc: Json, lists: Lists) -> Failures:
    """6.1.9."""
    for one, version in _sound(doc):
        scores = cvssscores.computed(version, one.value["vectorString"], lists.scores)
        if scores is None:
            yield one.path, Phrase("The vector lacks a metric that every score has, or repeats it.")
            continue
        for kind, right in scores.items():
            yield from _compared(one, kind, right)


def _compared(one: Found, kind: str, right: set[float]) -> Failures:
    said = one.value.get(f"{kind}Score")
    if said is not None and said not in right:
        yield (
            f"{one.path}.{kind}Score",
            Phrase("The vector gives {right}, and not {said}.", right=max(right), said=said),
        )
    word = one.value.get(f"{kind}Severity")
    if word is not None and word not in map(cvss.severity, right):
        yield (
            f"{one.path}.{kind}Severity",
            Phrase(
                "The vector gives {right}, and not {said}.",
                right=cvss.severity(max(right)),
                said=word,
            ),
        )


def contradicted_vectors(doc: Json, lists: Lists) -> Failures:
    """6.1.10."""
    del lists
    for one, _ in _sound(doc):
        for name in cvss.contradictions(one.value):
            yield f"{one.path}.{name}", Phrase("The vector says it otherwise.")


def unknown_weaknesses(doc: Json, lists: Lists) -> Failures:
    """6.1.11: in 2.0 a name of any version of CWE will do, in 2.1 that of the version said."""
    for one in at_any(doc, ("vulnerabilities[].cwe", "vulnerabilities[].cwes[]")):
        number, name = one.value["id"], one.value["name"]
        if not lists.weaknesses.known(number, name, one.value.get("version")):
            yield (
                one.path,
                Phrase("CWE knows no weakness {id} named {name}.", id=number, name=name),
            )
