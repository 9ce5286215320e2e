"""The score of CVSS 4.0, computed from a vector as section 8 of FIRST's specification says.

A vector belongs to a macro vector: a level in each of six classes. Of that FIRST's table has the
score, which is that of its highest vectors; the vector is so much lower as it is on the way to the
next macro vectors below.

FIRST's calculator counts in floating point, where a last bit decides how one vector in some 240 is
rounded. A score is right if it is that of the calculator, or that of exact numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeAlias

Scores: TypeAlias = Mapping[str, int]
Vector: TypeAlias = Mapping[str, str]

_ORDER = {
    # The values of each metric, the most severe first; two that follow are one step apart.
    "AV": "NALP",
    "PR": "NLH",
    "UI": "NPA",
    "AC": "LH",
    "AT": "NP",
    **dict.fromkeys(("VC", "VI", "VA"), "HLN"),
    **dict.fromkeys(("SC", "SI", "SA"), "SHLN"),
    **dict.fromkeys(("CR", "IR", "AR"), "HML"),
}
_TENTHS = (0.0, 0.1, 0.2, 0.3)
_USUAL = {"E": "A", "CR": "H", "IR": "H", "AR": "H"}
"""What counts where a metric says nothing: the worst."""


class _Group(NamedTuple):
    """Classes that are lowered together: their ``metrics``; for each level the ``highest`` vectors
    in it, and its ``depth`` in steps.
    """

    metrics: tuple[str, ...]
    highest: Mapping[str, tuple[str, ...]]
    depth: Mapping[str, int]


class _Way(NamedTuple):
    """A way to a macro vector below: how much lower it scores (``room``, in tenths), the ``places``
    of each value and of the highest one in the order of severity, and the steps of the whole way.
    """

    room: int
    places: tuple[tuple[int, int], ...]
    depth: int


def _group(metrics: str, **levels: str) -> _Group:
    words = {name.removeprefix("at"): text.split(" ") for name, text in levels.items()}
    return _Group(
        tuple(metrics.split()),
        {level: tuple(vectors) for level, (_, *vectors) in words.items()},
        {level: int(depth) for level, (depth, *_) in words.items()},
    )


_GROUPS: Mapping[tuple[int, ...], _Group] = {
    # By the places of their levels in a macro vector. EQ5 has one metric, and no way within it.
    (0,): _group("AV PR UI", at0="1 NNN", at1="4 ANN NLN NNP", at2="5 PNN ALP"),
    (1,): _group("AC AT", at0="1 LN", at1="2 HN LP"),
    (2, 5): _group(
        "VC VI VA CR IR AR",
        at00="7 HHHHHH",
        at01="6 HHLMMH HHHMMM",
        at10="8 LHHHHH HLHHHH",
        at11="8 LHLHMH LHHHMM HLHMHM HLLMHH LLHHHM",
        at21="10 LLLHHH",
    ),
    (3,): _group("SC SI SA", at0="6 HSS", at1="5 HHH", at2="4 LLL"),
    (4,): _group("", at0="1 ", at1="1 ", at2="1 "),
}


def scores(text: str) -> Scores:
    """Read the table of macro vectors: scores in tenths by six levels, as ``000000``."""
    found: dict[str, int] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            first, *rest = line.split()
            pairs = (each.split(":") for each in rest)
            found |= {first + last: int(score.replace(".", "")) for last, score in pairs}
    return found


def computed(found: Vector, table: Scores) -> set[float]:
    """Return the score of a vector, given by its letters, which has all metrics of the base: one,
    or two where an exact calculator and FIRST's own differ.
    """
    now = {code: _value(found, code) for code in (*_ORDER, "E")}
    if all(now[code] == "N" for code in ("VC", "VI", "VA", "SC", "SI", "SA")):
        return {0.0}
    at = macro_vector(now)
    ways = [*_ways(now, at, table)]
    return {_exact(table[at], ways), _floating(table[at], ways)}


def _exact(top: int, ways: Sequence[_Way]) -> float:
    lowered = [Fraction(way.room * sum(a - b for a, b in way.places), way.depth) for way in ways]
    mean = sum(lowered, Fraction(0)) / max(1, len(ways))
    return math.floor(top - mean + Fraction(1, 2)) / 10


def _floating(top: int, ways: Sequence[_Way]) -> float:
    """Return the score by the steps of FIRST's calculator, in their order."""
    lowered = 0.0
    for way in ways:
        steps = sum((_TENTHS[a] - _TENTHS[b] for a, b in way.places), 0.0)
        lowered += (top / 10 - (top - way.room) / 10) * (steps / (way.depth * 0.1))
    score = top / 10 - lowered / max(1, len(ways))
    return math.floor(max(0.0, score) * 10 + 0.5) / 10


def _value(found: Vector, code: str) -> str:
    """Return what holds for a metric: as it was changed, or as it is, or the worst."""
    for name in (f"M{code}", code):
        if (value := found.get(name, "X")) != "X":
            return value
    return _USUAL[code]


def macro_vector(now: Vector) -> str:
    """Return the levels of a vector in EQ1 to EQ6, of which each metric has a value."""
    high = [now[code] == "H" for code in ("VC", "VI", "VA")]
    return "".join(
        map(
            str,
            (
                _reach(now),
                int((now["AC"], now["AT"]) != ("L", "N")),
                0 if high[0] and high[1] else 1 if any(high) else 2,
                _beyond(now),
                "APU".index(now["E"]),
                int(not any(now[f"{c}R"] == "H" and now[f"V{c}"] == "H" for c in "CIA")),
            ),
        )
    )


def _reach(now: Vector) -> int:
    open_ = [now[code] == "N" for code in ("AV", "PR", "UI")]
    if all(open_):
        return 0
    return 1 if any(open_) and now["AV"] != "P" else 2


def _beyond(now: Vector) -> int:
    if "S" in {now["SI"], now["SA"]}:
        return 0
    return 1 if "H" in {now[code] for code in ("SC", "SI", "SA")} else 2


def _ways(now: Vector, at: str, table: Scores) -> Iterator[_Way]:
    """Yield the ways to macro vectors below; of two that go on in one group the nearer counts."""
    for digits, group in _GROUPS.items():
        below = [table[each] for each in _below(at, digits) if each in table]
        if below:
            level = "".join(at[digit] for digit in digits)
            room = table[at] - max(below)
            yield _Way(room, _places(now, group, level), group.depth[level])


def _below(at: str, digits: tuple[int, ...]) -> Iterator[str]:
    """Yield the macro vectors that are one level lower in one of some classes."""
    for digit in digits:
        yield f"{at[:digit]}{int(at[digit]) + 1}{at[digit + 1 :]}"


def _places(now: Vector, group: _Group, level: str) -> tuple[tuple[int, int], ...]:
    """Return the places of a vector's values beside those of the first highest vector of its level
    that is nowhere below it; there always is one.
    """
    ways = (
        tuple(
            (_ORDER[code].index(now[code]), _ORDER[code].index(most))
            for code, most in zip(group.metrics, highest, strict=True)
        )
        for highest in group.highest[level]
    )
    return next(way for way in ways if all(a >= b for a, b in way))
