"""Mandatory tests of profiles: 6.1.26, and 6.1.27.1 to 6.1.27.19."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from comity.bridges.csaf.lists import Lists
from comity.bridges.csaf.rules import Check, Failures
from comity.bridges.csaf.walk import Json, members, named, select
from comity.kernel.errors import Phrase

BASE = "csaf_base"
_OLD = (
    "csaf_security_incident_response",
    "csaf_informational_advisory",
    "csaf_security_advisory",
    "csaf_vex",
)
PROFILES = {
    "2.0": _OLD,
    "2.1": (*_OLD, "csaf_deprecated_security_advisory", "csaf_withdrawn", "csaf_superseded"),
}
"""The categories of documents that are profiles, besides the one of all others."""
_TELLING = {"description", "details", "general", "summary"}
_VEX_STATES = ("fixed", "known_affected", "known_not_affected", "under_investigation")

_Look = Callable[[Json], Failures]


def of(categories: str, look: _Look) -> Check:
    """Return a test that only documents of certain categories, written with blanks, undergo."""
    wanted = {f"csaf_{word}" for word in categories.split()}

    def check(doc: Json, lists: Lists) -> Failures:
        del lists
        if doc["document"]["category"] in wanted:
            yield from look(doc)

    return check


def disguised_profile(doc: Json, lists: Lists) -> Failures:
    """6.1.26."""
    del lists
    category, profiles = doc["document"]["category"], PROFILES[doc["document"]["csaf_version"]]
    if category == BASE or category in profiles:
        return
    plain = _bare(category)
    taken = {_bare(name) for each in profiles for name in (each, each.removeprefix("csaf_"))}
    if plain in taken or category.lower().startswith("csaf_"):
        yield "document.category", Phrase("{category} means another profile.", category=category)


def _bare(name: str) -> str:
    """Return a name in small letters without dashes, blanks and lines below."""
    # Pd, Zs and Pc are Unicode's dashes, blanks and connectors; the last two join a line below.
    kept = (
        each
        for each in name
        if unicodedata.category(each) not in {"Pd", "Zs", "Pc"}
        and each not in "\u2212\u0332\u00ad"
        and not each.isspace()
    )
    return "".join(kept).lower()


def notes(doc: Json) -> Failures:
    """6.1.27.1."""
    if not any(one.value["category"] in _TELLING for one in select(doc, "document.notes[]")):
        yield "document.notes", Phrase("No note says what this is about.")


def references(doc: Json) -> Failures:
    """6.1.27.2: a reference without a category is an external one."""
    kinds = [one.value.get("category", "external") for one in select(doc, "document.references[]")]
    if "external" not in kinds:
        yield "document.references", Phrase("No reference leads to an external source.")


def absent(name: str) -> _Look:
    """Return the test that a document has no such element: 6.1.27.3 and 6.1.27.15."""

    def look(doc: Json) -> Failures:
        if name in doc:
            yield name, Phrase("A document of this profile has no {name}.", name=name)

    return look


def present(name: str) -> _Look:
    """Return the test that a document has an element: 6.1.27.4 and 6.1.27.11."""

    def look(doc: Json) -> Failures:
        if name not in doc:
            yield name, Phrase("A document of this profile has {name}.", name=name)

    return look


def each_has(*names: str, inside: str = "") -> _Look:
    """Return the test that every vulnerability has one of ``names``: 6.1.27.5 to .8 and .12."""

    def look(doc: Json) -> Failures:
        for one in select(doc, "vulnerabilities[]"):
            value = one.value.get(inside, {}) if inside else one.value
            if not any(name in value for name in names):
                yield (
                    one.path,
                    Phrase("The vulnerability has none of: {names}.", names=", ".join(names)),
                )

    return look


vex_states = each_has(*_VEX_STATES, inside="product_status")


def identified(doc: Json) -> Failures:
    """6.1.27.8: what names a vulnerability, names it for each of its products."""
    yield from each_has("cve", "ids")(doc)
    groups = members(doc)
    for one in select(doc, "vulnerabilities[]"):
        ids = one.value.get("ids", [])
        if "cve" in one.value or not ids:
            continue
        if not all({"group_ids", "product_ids"} & each.keys() for each in ids):
            continue
        meant = set().union(*(named(each, groups) for each in ids))
        said = set().union(*map(set, one.value.get("product_status", {}).values()))
        for product in sorted(said - meant):
            yield f"{one.path}.ids", Phrase("No id is that of the product {id}.", id=product)


def impacts(doc: Json) -> Failures:
    """6.1.27.9."""
    groups = members(doc)
    for one in select(doc, "vulnerabilities[]"):
        told = [each for each in one.value.get("threats", ()) if each["category"] == "impact"]
        why = set().union(*(named(each, groups) for each in (*told, *one.value.get("flags", ()))))
        for product in sorted(_state(one.value, "known_not_affected") - why):
            yield one.path, Phrase("Nothing says why {id} is not affected.", id=product)


def actions(doc: Json) -> Failures:
    """6.1.27.10."""
    groups = members(doc)
    for one in select(doc, "vulnerabilities[]"):
        remedies = one.value.get("remediations", ())
        told = set().union(*(named(each, groups) for each in remedies))
        for product in sorted(_state(one.value, "known_affected") - told):
            yield one.path, Phrase("Nothing says what to do about {id}.", id=product)


def _state(vulnerability: Json, name: str) -> set[str]:
    return set(vulnerability.get("product_status", {}).get(name, ()))


def fixed_was_affected(doc: Json) -> Failures:
    """6.1.27.13, as far as a program can know it.

    Which version corresponds to which is not said in a document. So it is asked only that the
    vulnerability names some affected product, where it names a fixed one.
    """
    for one in select(doc, "vulnerabilities[]"):
        fixed = _state(one.value, "fixed") | _state(one.value, "first_fixed")
        affected = {
            product
            for state in ("known_affected", "first_affected", "last_affected")
            for product in _state(one.value, state)
        }
        if fixed and not affected:
            yield one.path, Phrase("What is fixed was affected in some version, and none is named.")


def described(doc: Json) -> Failures:
    """6.1.27.14."""
    kinds = {one.value["category"] for one in select(doc, "document.notes[]")}
    if "description" not in kinds:
        yield "document.notes", Phrase("No note describes why.")


def revised(doc: Json) -> Failures:
    """6.1.27.16."""
    if len(doc["document"]["tracking"]["revision_history"]) < 2:
        yield (
            "document.tracking.revision_history",
            Phrase("A document is out before it is withdrawn or superseded."),
        )


def english(doc: Json) -> bool:
    """Say whether a document is in English, or does not say in what language it is."""
    tongue = doc["document"].get("lang", "en").lower()
    return bool(tongue.split("-")[0] == "en" or tongue == "i-default")


def reasoned(title: str, category: str = "description") -> _Look:
    """Return the test for exactly one note of a title: 6.1.27.17, 6.1.27.18 and 6.1.55."""

    def look(doc: Json) -> Failures:
        found = [
            one.value["category"]
            for one in select(doc, "document.notes[]")
            if one.value.get("title") == title
        ]
        if english(doc) and found != [category]:
            yield (
                "document.notes",
                Phrase(
                    "Exactly one note is titled {title}, and its category is {category}.",
                    title=title,
                    category=category,
                ),
            )

    return look


def superseding(doc: Json) -> Failures:
    """6.1.27.19."""
    found = [
        one
        for one in select(doc, "document.references[]")
        if one.value["summary"].startswith("Superseding Document")
        and one.value.get("category") == "external"
    ]
    if english(doc) and not found:
        yield "document.references", Phrase("No reference leads to the superseding document.")
