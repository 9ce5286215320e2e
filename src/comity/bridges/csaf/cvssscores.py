"""The scores of CVSS, computed from a vector as FIRST's guides say; those of 4.0 by its table.

Floating-point steps are in the order of the guides, since a last bit decides how one is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

from comity.bridges.csaf import cvss4
from comity.bridges.csaf.cvss import TABLES, parts

Vector: TypeAlias = Mapping[str, str]

_V2: dict[str, dict[str, float]] = {
    "AV": {"L": 0.395, "A": 0.646, "N": 1.0},
    "AC": {"H": 0.35, "M": 0.61, "L": 0.71},
    "Au": {"M": 0.45, "S": 0.56, "N": 0.704},
    "E": {"U": 0.85, "POC": 0.9, "F": 0.95},
    "RL": {"OF": 0.87, "TF": 0.9, "W": 0.95},
    "RC": {"UC": 0.9, "UR": 0.95},
    "CDP": {"N": 0.0, "L": 0.1, "LM": 0.3, "MH": 0.4, "H": 0.5, "ND": 0.0},
    "TD": {"N": 0.0, "L": 0.25, "M": 0.75},
}
_V2_IMPACT = {"N": 0.0, "P": 0.275, "C": 0.660}
_V2_NEEDED = {"L": 0.5, "M": 1.0, "H": 1.51}
_V3: dict[str, dict[str, float]] = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "E": {"U": 0.91, "P": 0.94, "F": 0.97},
    "RL": {"O": 0.95, "T": 0.96, "W": 0.97},
    "RC": {"U": 0.92, "R": 0.96},
}
_V3_PRIVILEGES = {"U": {"N": 0.85, "L": 0.62, "H": 0.27}, "C": {"N": 0.85, "L": 0.68, "H": 0.5}}
_V3_IMPACT = {"N": 0.0, "L": 0.22, "H": 0.56}
_V3_NEEDED = {"L": 0.5, "M": 1.0, "H": 1.5}


def computed(version: str, vector: str, table: cvss4.Scores) -> dict[str, set[float]] | None:
    """Return the base, temporal and environmental score of a vector; 4.0 has one score, of all that
    the vector says, which its objects call that of the base.

    There are two for 3.0 and 4.0 where an exact calculator and FIRST's own differ: 3.0 rounds up
    whatever floating point leaves over. None where the vector lacks a base metric or names one
    twice, so that there is no score. ``table`` has the scores of 4.0.
    """
    found = parts(vector)
    if found is None or any(m.needed and m.code not in found for m in TABLES[version]):
        return None
    if version == "4.0":
        return {"base": cvss4.computed(found, table)}
    if version == "2.0":
        ways = [_second(found)]
    else:
        ups = (_up_exact,) if version == "3.1" else (_up_exact, _up)
        ways = [_third(found, version, up) for up in ups]
    kinds = ("base", "temporal", "environmental")
    return {kind: {way[at] for way in ways} for at, kind in enumerate(kinds)}


def _times(table: Mapping[str, Mapping[str, float]], found: Vector, score: float) -> float:
    """Return a score multiplied by the three temporal metrics."""
    for code in ("E", "RL", "RC"):
        score *= table[code].get(found.get(code, ""), 1.0)
    return score


def _second(found: Vector) -> tuple[float, float, float]:
    """Return the scores of section 3.2 of the guide to version 2.0."""
    losses = [_V2_IMPACT[found[code]] for code in "CIA"]
    needs = [_V2_NEEDED.get(found.get(f"{code}R", ""), 1.0) for code in "CIA"]
    base = _second_base(found, _second_impact(losses))
    weighed = [loss * need for loss, need in zip(losses, needs, strict=True)]
    adjusted = _second_base(found, min(10.0, _second_impact(weighed)))
    after = round(_times(_V2, found, adjusted) + 1e-9, 1)
    damage = _V2["CDP"].get(found.get("CDP", ""), 0.0)
    spread = _V2["TD"].get(found.get("TD", ""), 1.0)
    environmental = max(0.0, round((after + (10 - after) * damage) * spread + 1e-9, 1))
    return base, round(_times(_V2, found, base) + 1e-9, 1), environmental


def _second_impact(losses: list[float]) -> float:
    return 10.41 * (1 - (1 - losses[0]) * (1 - losses[1]) * (1 - losses[2]))


def _second_base(found: Vector, impact: float) -> float:
    exploit = 20 * _V2["AV"][found["AV"]] * _V2["AC"][found["AC"]] * _V2["Au"][found["Au"]]
    factor = 1.176 if impact else 0.0
    return round((0.6 * impact + 0.4 * exploit - 1.5) * factor + 1e-9, 1)


def _third(found: Vector, version: str, up: Callable[[float], float]) -> tuple[float, float, float]:
    """Return the scores of section 7 of the specification of 3.0 or 3.1."""
    base = _third_base(found, up)
    return base, up(_times(_V3, found, base)), _third_environmental(found, up, version)


def _third_base(found: Vector, up: Callable[[float], float]) -> float:
    losses = [_V3_IMPACT[found[code]] for code in "CIA"]
    lost = 1 - (1 - losses[0]) * (1 - losses[1]) * (1 - losses[2])
    changed = found["S"] == "C"
    impact = 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 if changed else 6.42 * lost
    return _joined(impact, _exploit(found), changed=changed, up=up)


def _third_environmental(found: Vector, up: Callable[[float], float], version: str) -> float:
    now = dict(found)
    for code in ("AV", "AC", "PR", "UI", "S", "C", "I", "A"):
        changed_to = found.get(f"M{code}", "X")
        now[code] = found[code] if changed_to == "X" else changed_to
    weighed = [
        1 - _V3_IMPACT[now[code]] * _V3_NEEDED.get(found.get(f"{code}R", ""), 1.0) for code in "CIA"
    ]
    lost = min(1 - weighed[0] * weighed[1] * weighed[2], 0.915)
    changed = now["S"] == "C"
    impact = _changed_impact(lost, version) if changed else 6.42 * lost
    return up(_times(_V3, found, _joined(impact, _exploit(now), changed=changed, up=up)))


def _changed_impact(lost: float, version: str) -> float:
    """Return the impact where the scope changes; 3.1 has put right what 3.0 exaggerated."""
    power = (lost * 0.9731 - 0.02) ** 13 if version == "3.1" else (lost - 0.02) ** 15
    return 7.52 * (lost - 0.029) - 3.25 * power


def _exploit(found: Vector) -> float:
    privileges = _V3_PRIVILEGES[found["S"]][found["PR"]]
    return (
        8.22
        * _V3["AV"][found["AV"]]
        * _V3["AC"][found["AC"]]
        * privileges
        * (_V3["UI"][found["UI"]])
    )


def _joined(impact: float, exploit: float, *, changed: bool, up: Callable[[float], float]) -> float:
    if impact <= 0:
        return 0.0
    return up(min((1.08 if changed else 1.0) * (impact + exploit), 10.0))


def _up(score: float) -> float:
    """Round up to one decimal, as 3.0 says it."""
    return math.ceil(score * 10) / 10


def _up_exact(score: float) -> float:
    """Round up to one decimal, as appendix A of 3.1 says it, so that no last bit decides."""
    whole = round(score * 100_000)
    return whole / 100_000 if whole % 10_000 == 0 else (whole // 10_000 + 1) / 10
