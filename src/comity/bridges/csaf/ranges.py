"""Mandatory tests of CSAF 2.1 on ranges of versions and on licences: 6.1.50, .54, .55 and .59."""

from __future__ import annotations

import re
from collections.abc import Iterator

from comity.bridges.csaf import profiles
from comity.bridges.csaf.lists import Lists
from comity.bridges.csaf.rules import Failures
from comity.bridges.csaf.walk import Found, Json, branches
from comity.kernel.errors import Phrase

_VERS = re.compile(r"vers:([a-z][a-z0-9.-]*)/(\S+)")
_BOUND = re.compile(r"(<=|>=|!=|=|<|>)?([^<>=!*|\s]+)")
_NAME = "[A-Za-z0-9.-]+"
# Annex B of SPDX 3.0.1 without DocumentRef; operators are in capitals or in small letters.
_PLAIN = re.compile(rf"(?!(?:and|or|with)$)({_NAME}\+?)", re.IGNORECASE)
_REF = re.compile(rf"(LicenseRef|AdditionRef)-{_NAME}")
_TOKEN = re.compile(r"[()]|[^\s()]+")
_SCANCODE = "LicenseRef-scancode-"


def _ranges(doc: Json) -> Iterator[Found]:
    for one in branches(doc):
        if one.value["category"] == "product_version_range":
            yield Found(f"{one.path}.name", one.value["name"])


def _bounds(text: str) -> list[tuple[str, str]] | None:
    """Return the comparisons of a range and their versions; None where it is no range."""
    whole = _VERS.fullmatch(text)
    if text.startswith("vers:") and whole is None:
        return None
    found = [_BOUND.fullmatch(part) for part in (whole[2] if whole else text).split("|")]
    bounds = [(each[1] or "=", each[2]) for each in found if each is not None]
    # The normal form of VERS leaves an equals sign out; without a type there is no normal form.
    odd = whole is not None and "|=" in f"|{whole[2]}"
    return bounds if len(bounds) == len(found) and not odd else None


def invalid_ranges(doc: Json, lists: Lists) -> Failures:
    """6.1.50, without the order and normal form that a type of VERS gives its versions."""
    del lists
    for one in _ranges(doc):
        every = one.value.startswith("vers:all/")
        if one.value != "vers:all/*" and (every or _bounds(one.value) is None):
            yield (
                one.path,
                Phrase(
                    "{text} is no range of versions, as in vers:npm/>=2.2.0|<2.3.0.", text=one.value
                ),
            )


def single_versions(doc: Json, lists: Lists) -> Failures:
    """6.1.59."""
    del lists
    for one in _ranges(doc):
        bounds = _bounds(one.value) or []
        if len(bounds) == 1 and bounds[0][0] == "=":
            yield one.path, Phrase("{text} is one version and no range.", text=one.value)


def invalid_licence(doc: Json, lists: Lists) -> Failures:
    """6.1.54."""
    del lists
    text = doc["document"].get("license_expression")
    if text is not None and not _is_expression(text):
        yield "document.license_expression", Phrase("{text} is no SPDX expression.", text=text)


def _is_expression(text: str) -> bool:
    """Say whether a text is an SPDX expression: names, joined by AND and OR, in brackets or not."""
    depth, wanted = 0, True
    before = ""
    for token in _TOKEN.findall(text):
        joins = token in {"AND", "OR", "WITH", "and", "or", "with"}
        if token == "(":  # noqa: S105 - a bracket
            depth, right = depth + 1, wanted and before not in {"WITH", "with"}
        elif token == ")":  # noqa: S105 - a bracket
            depth, right = depth - 1, not wanted and depth > 0
        elif joins:
            right, wanted = not wanted and not (token.lower() == "with" and before == ")"), True
        else:
            right, wanted = wanted and _is_licence(token), False
        if not right:
            return False
        before = token
    return not wanted and depth == 0


def _is_licence(token: str) -> bool:
    referred = token.lower().startswith(("licenseref-", "additionref-", "documentref-"))
    return (_REF if referred else _PLAIN).fullmatch(token) is not None


def untold_licence(doc: Json, lists: Lists) -> Failures:
    """6.1.55, for licences that bear no name of SPDX or ScanCode by their form."""
    del lists
    names = _TOKEN.findall(doc["document"].get("license_expression", ""))
    if any(_REF.fullmatch(name) and not name.startswith(_SCANCODE) for name in names):
        yield from profiles.reasoned("License", "legal_disclaimer")(doc)
