"""Scales of confidence, as tables to and from the one number of STIX 2.1, 0 to 100 (appendix A).

A word of a scale has one number; a number has the word within whose bounds it lies. Going there and
back by one scale gives the same word; going by another may lose some of it. That a truth cannot be
judged is no number: the property is then left out, as it is when nobody said anything.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from comity.kernel.errors import Phrase

MOST = 100


class Scale(StrEnum):
    """A scale in which somebody says how sure it is of something."""

    LEVELS = "levels"
    """None, low, medium, high."""
    TEN = "ten"
    """0 to 10."""
    ADMIRALTY = "admiralty"
    """The credibility of information by the Admiralty code; its reliability of sources is apart."""
    WEP = "wep"
    """Words of estimative probability."""
    DNI = "dni"
    """The likelihoods of Intelligence Community Directive 203."""


class Step(NamedTuple):
    """One word of a scale: its ``code`` here, the ``least`` number that it stands for, the
    ``value`` that is written for it, and its ``label``, as appendix A spells it.
    """

    code: str
    least: int
    value: int
    label: str


STEPS: Mapping[Scale, tuple[Step, ...]] = MappingProxyType(
    {
        Scale.LEVELS: (
            Step("none", 0, 0, "None"),
            Step("low", 1, 15, "Low"),
            Step("medium", 30, 50, "Med"),
            Step("high", 70, 85, "High"),
        ),
        Scale.TEN: (
            Step("0", 0, 0, "0"),
            *(Step(str(n), 10 * n - 5, 10 * n, str(n)) for n in range(1, 11)),
        ),
        Scale.ADMIRALTY: (
            Step("5", 0, 10, "5 - Improbable"),
            Step("4", 20, 30, "4 - Doubtful"),
            Step("3", 40, 50, "3 - Possibly True"),
            Step("2", 60, 70, "2 - Probably True"),
            Step("1", 80, 90, "1 - Confirmed by other sources"),
        ),
        Scale.WEP: (
            Step("impossible", 0, 0, "Impossible"),
            Step("highly-unlikely", 1, 10, "Highly Unlikely/Almost Certainly Not"),
            Step("unlikely", 20, 30, "Unlikely/Probably Not"),
            Step("even", 40, 50, "Even Chance"),
            Step("likely", 60, 70, "Likely/Probable"),
            Step("highly-likely", 80, 90, "Highly likely/Almost Certain"),
            Step("certain", 100, 100, "Certain"),
        ),
        Scale.DNI: (
            Step("almost-no-chance", 0, 5, "Almost No Chance / Remote"),
            Step("very-unlikely", 10, 15, "Very Unlikely / Highly Improbable"),
            Step("unlikely", 20, 30, "Unlikely / Improbable"),
            Step("roughly-even-chance", 40, 50, "Roughly Even Chance / Roughly Even Odds"),
            Step("likely", 60, 70, "Likely / Probable"),
            Step("very-likely", 80, 85, "Very Likely / Highly Probable"),
            Step("almost-certain", 90, 95, "Almost Certain / Nearly Certain"),
        ),
    }
)
"""The words of each scale, from the least sure on."""

UNJUDGED = "6"
"""The word of the Admiralty code that truth cannot be judged."""

TAGS: Mapping[tuple[str, str], Scale] = MappingProxyType(
    {
        ("admiralty-scale", "information-credibility"): Scale.ADMIRALTY,
        ("estimative-language", "likelihood-probability"): Scale.DNI,
        ("estimative-language", "confidence-in-analytic-judgment"): Scale.LEVELS,
    }
)
"""The scale of a tag of MISP, by its namespace and predicate."""
_SAID_THERE = {"moderate": "medium"}


def value(scale: Scale, code: str) -> int | None:
    """Return the number for a word of a scale; None for the word that it cannot be judged.

    Raises ValueError, whose message names the words there are.
    """
    if scale is Scale.ADMIRALTY and code == UNJUDGED:
        return None
    found = next((step for step in STEPS[scale] if step.code == code), None)
    if found is None:
        codes = ", ".join(step.code for step in STEPS[scale])
        raise ValueError(Phrase("write one of {codes}", codes=codes))
    return found.value


def step(scale: Scale, confidence: int) -> Step:
    """Return the word of a scale for a number. Raises ValueError for one that is not 0 to 100."""
    if not 0 <= confidence <= MOST:
        raise ValueError(Phrase("confidence is a number from 0 to {most}", most=MOST))
    return STEPS[scale][bisect_right(STEPS[scale], confidence, key=lambda each: each.least) - 1]


def of_tag(namespace: str, predicate: str, told: str) -> int | None:
    """Return the number that a tag of MISP says, as ``admiralty-scale`` of 2; None for no such."""
    scale = TAGS.get((namespace, predicate))
    if scale is None:
        return None
    try:
        return value(scale, _SAID_THERE.get(told, told))
    except ValueError:
        return None
