"""How sure somebody is of something: the levels of STIX 2.1 (appendix A) for its 0 to 100.

That nobody said anything is no number: the property is then left out. Other scales, as that of the
Admiralty, have other bounds; what is told by levels is always told with its number.
"""

from __future__ import annotations

from enum import StrEnum

MOST = 100


class Level(StrEnum):
    """None, low, medium, high."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


LEAST = {Level.HIGH: 70, Level.MEDIUM: 30, Level.LOW: 1, Level.NONE: 0}
"""The least number that stands for each level, the surest first."""


def number(said: object) -> int | None:
    """Return the number that an object says, None where it says none. What the standard knows no
    confidence of, as an address, may say anything there.
    """
    if not isinstance(said, int | float) or isinstance(said, bool):
        return None
    return int(said) if 0 <= said <= MOST and said == int(said) else None


def level(confidence: int) -> Level:
    """Return the level of a number from 0 to 100."""
    return next(each for each, least in LEAST.items() if confidence >= least)
