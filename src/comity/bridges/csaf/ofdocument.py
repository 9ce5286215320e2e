"""Mandatory tests of the document as a whole: 6.1.12 to 6.1.30, without products and profiles."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from comity.bridges.csaf.lists import Lists
from comity.bridges.csaf.rules import Failures
from comity.bridges.csaf.walk import Json, at_any, history, moment, select, version
from comity.kernel.errors import Phrase

_TRACKING = "document.tracking"
_HISTORY = "document.tracking.revision_history"
_NUMBERS = (f"{_HISTORY}[].number", f"{_TRACKING}.version")


def unknown_languages(doc: Json, lists: Lists) -> Failures:
    """6.1.12."""
    for one in at_any(doc, ("document.lang", "document.source_lang")):
        if not lists.subtags.known(one.value):
            yield (
                one.path,
                Phrase("{tag} is made of subtags that are not registered.", tag=one.value),
            )


def unsorted_history(doc: Json, lists: Lists) -> Failures:
    """6.1.14."""
    del lists
    for before, after in pairwise(history(doc)):
        if version(before["number"]) > version(after["number"]):
            yield (
                _HISTORY,
                Phrase(
                    "Version {later} is dated before version {earlier}.",
                    later=before["number"],
                    earlier=after["number"],
                ),
            )


def untold_source(doc: Json, lists: Lists) -> Failures:
    """6.1.15."""
    del lists
    document = doc["document"]
    if document["publisher"]["category"] == "translator" and "source_lang" not in document:
        yield "document.source_lang", Phrase("A translation says from which language it was made.")


def stale_version(doc: Json, lists: Lists) -> Failures:
    """6.1.16: build metadata never counts, and what is before a release not in drafts."""
    del lists
    tracking, last = doc["document"]["tracking"], history(doc)[-1]["number"]
    mine, newest = version(tracking["version"]), version(last)
    same = mine.numbers == newest.numbers and (
        tracking["status"] == "draft" or mine.before == newest.before
    )
    if not same:
        yield (
            f"{_TRACKING}.version",
            Phrase(
                "The version is {mine}, and the newest revision is {last}.",
                mine=tracking["version"],
                last=last,
            ),
        )


def undrafted(doc: Json, lists: Lists) -> Failures:
    """6.1.17."""
    del lists
    tracking = doc["document"]["tracking"]
    number = version(tracking["version"])
    if tracking["status"] != "draft" and (number.major == 0 or not number.released):
        yield (
            f"{_TRACKING}.status",
            Phrase("Version {number} is one of a draft.", number=tracking["version"]),
        )


def drafts_in_history(doc: Json, lists: Lists) -> Failures:
    """6.1.18."""
    del lists
    released = doc["document"]["tracking"]["status"] != "draft"
    for one in select(doc, f"{_HISTORY}[].number"):
        if released and version(one.value).major == 0:
            yield (
                one.path,
                Phrase("A document that is out has no revision {number}.", number=one.value),
            )


def prereleases_in_history(doc: Json, lists: Lists) -> Failures:
    """6.1.19."""
    del lists
    for one in select(doc, f"{_HISTORY}[].number"):
        if not version(one.value).released:
            yield one.path, Phrase("The revision {number} is not a release.", number=one.value)


def prerelease(doc: Json, lists: Lists) -> Failures:
    """6.1.20."""
    del lists
    tracking = doc["document"]["tracking"]
    if tracking["status"] != "draft" and not version(tracking["version"]).released:
        yield (
            f"{_TRACKING}.version",
            Phrase("A document that is out has no version {number}.", number=tracking["version"]),
        )


def missing_revisions(doc: Json, lists: Lists) -> Failures:
    """6.1.21: of Semantic Versioning, the first number counts alone."""
    del lists
    majors = [version(item["number"]).major for item in history(doc)]
    if majors[0] > 1:
        yield _HISTORY, Phrase("The history begins with {number}, not 0 or 1.", number=majors[0])
    for before, after in pairwise(majors):
        if after > before + 1:
            yield _HISTORY, Phrase("The revision {number} is missing.", number=before + 1)


def repeated_revisions(doc: Json, lists: Lists) -> Failures:
    """6.1.22."""
    del lists
    seen = Counter(one.value for one in select(doc, f"{_HISTORY}[].number"))
    for number, count in seen.items():
        if count > 1:
            yield _HISTORY, Phrase("The revision {number} stands there twice.", number=number)


def repeated_cves(doc: Json, lists: Lists) -> Failures:
    """6.1.23."""
    del lists
    seen = Counter(one.value for one in select(doc, "vulnerabilities[].cve"))
    for cve, count in seen.items():
        if count > 1:
            yield "vulnerabilities", Phrase("{cve} stands there twice.", cve=cve)


def repeated_involvements(doc: Json, lists: Lists) -> Failures:
    """6.1.24."""
    del lists
    for one in select(doc, "vulnerabilities[]"):
        seen = Counter(
            (item["party"], moment(item["date"]) if "date" in item else None)
            for item in one.value.get("involvements", ())
        )
        for (party, _), count in seen.items():
            if count > 1:
                yield (
                    f"{one.path}.involvements",
                    Phrase("The {party} is involved twice at one time.", party=party),
                )


def untranslated(doc: Json, lists: Lists) -> Failures:
    """6.1.28."""
    del lists
    document = doc["document"]
    tongue, source = document.get("lang"), document.get("source_lang")
    if tongue and source and tongue.lower() == source.lower():
        yield "document.source_lang", Phrase("A translation is not in the language of its source.")


def mixed_versions(doc: Json, lists: Lists) -> Failures:
    """6.1.30."""
    del lists
    kinds = {"." in one.value for one in at_any(doc, _NUMBERS)}
    if len(kinds) > 1:
        yield _TRACKING, Phrase("Versions are integers, or all of three numbers, and not both.")
