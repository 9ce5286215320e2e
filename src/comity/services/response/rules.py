"""The regimes of a node: those of the pack, and its own from a file in its folder.

``regimes.yaml`` there holds ``regimes``, in the form of the pack, and ``rest``, dates on which
nobody works here. A regime of an id that the pack has takes that one's place, so that a lawyer of
this party may verify it, or narrow it.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from comity.engines import regimes
from comity.engines.regimes import Regime
from comity.kernel.errors import Phrase, Refusal
from comity.protocols.response.reporting.codes import EVENTS
from comity.services import packs
from comity.services.response import ownfiles

if TYPE_CHECKING:
    from comity.services.node import Node

FILE = "regimes.yaml"
MOST_REST = 1000
"""The most days of rest."""


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
    data = ownfiles.read(node, FILE)
    return Rules(packs.clocks()) if data is None else _parsed(data)


@lru_cache(maxsize=4)
def _parsed(data: bytes) -> Rules:
    told = ownfiles.parsed(data, FILE)
    if not isinstance(told, dict) or {*told} - {"regimes", "rest"}:
        raise ownfiles.refused(FILE, Phrase("write regimes: with a list, and rest: with dates"))
    try:
        own = regimes.read(told["regimes"], EVENTS, own=True) if "regimes" in told else ()
        return Rules((*own, *_others(own)), _rest(told.get("rest", [])))
    except ValueError as error:
        raise ownfiles.refused(FILE, error.args[0]) from error


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
