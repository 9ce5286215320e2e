"""The regimes of a node: those of the pack, and its own from a file in its folder.

``regimes.yaml`` there holds ``regimes``, in the form of the pack, and ``rest``, dates on which
nobody works here. A regime of an id that the pack has takes that one's place, so that a lawyer of
this party may verify it, or narrow it.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from comity.engines import regimes
from comity.engines.regimes import Regime
from comity.kernel.errors import Phrase, Refusal
from comity.protocols.response.reporting.codes import EVENTS
from comity.services import packs

if TYPE_CHECKING:
    from comity.services.node import Node

FILE = "regimes.yaml"
LARGEST = 1 << 20
"""Bytes of the file that are read."""
MOST_REST = 1000
"""The most days of rest."""
MOST_VALUES = 50_000
"""The most lists, mappings and values of the file, each counted as often as it is referred to: a
short text that refers to itself could stand for more than any memory holds.
"""


class Rules(NamedTuple):
    """The regimes of a node, and the days of ``rest`` of its own. ``wrong`` says what is the matter
    with its file, "" when nothing is; then the pack stands alone.
    """

    regimes: tuple[Regime, ...]
    rest: frozenset[date] = frozenset()
    wrong: str = ""


def of_node(node: Node) -> Rules:
    """Return the regimes of a node."""
    try:
        return read(node)
    except Refusal as refusal:
        return Rules(packs.clocks(), wrong=refusal.reason)


def read(node: Node) -> Rules:
    """Return the regimes of a node. Raises Refusal S5, which says what to mend in its file."""
    try:
        with (node.folder / FILE).open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        return Rules(packs.clocks())
    except OSError as error:
        raise _refused(Phrase("it cannot be read: {error}", error=error.strerror or "")) from error
    return _parsed(data)


@lru_cache(maxsize=4)
def _parsed(data: bytes) -> Rules:
    if len(data) > LARGEST:
        raise _refused(Phrase("it has more than {most} bytes", most=LARGEST))
    try:
        told = yaml.safe_load(data)
        # Deeply nested text exhausts the reader of YAML.
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError, ValueError) as error:
        where = getattr(error, "problem_mark", None)
        line = 0 if where is None else where.line + 1
        raise _refused(Phrase("it is no YAML, by line {line}", line=line)) from error
    if _is_vast(told):
        raise _refused(Phrase("it says more than {most} things", most=MOST_VALUES))
    if not isinstance(told, dict) or {*told} - {"regimes", "rest"}:
        raise _refused(Phrase("write regimes: with a list, and rest: with dates"))
    try:
        own = regimes.read(told["regimes"], EVENTS, own=True) if "regimes" in told else ()
        return Rules((*own, *_others(own)), _rest(told.get("rest", [])))
    except ValueError as error:
        raise _refused(error.args[0]) from error


def _is_vast(told: object) -> bool:
    left, count = [told], 0
    while left and count <= MOST_VALUES:
        count += 1
        value = left.pop()
        if isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list):
            left += value
    return count > MOST_VALUES


def _others(own: tuple[Regime, ...]) -> tuple[Regime, ...]:
    mine = {each.id for each in own}
    return tuple(each for each in packs.clocks() if each.id not in mine)


def _rest(told: Any) -> frozenset[date]:  # noqa: ANN401  what stands in the file
    try:
        if not isinstance(told, list) or len(told) > MOST_REST:
            raise TypeError
        days = (d if isinstance(d, date) else date.fromisoformat(d) for d in told)
        return frozenset(days)
    except (TypeError, ValueError):
        raise ValueError(Phrase("write rest as a list of dates, as 2026-12-24")) from None


def _refused(what: str) -> Refusal:
    told = Phrase(
        "The regimes of this node cannot be used: {what}. Mend {file}.", what=what, file=FILE
    )
    return Refusal("S5", told, FILE)
