"""How grave an incident is by each scheme this node knows, from each party's own description.

Schemes come with the program; a party adds its own in the file ``severity.yaml`` of its node's
folder, in the same form. A level is this node's own view: it is in no act, and nothing depends on
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast

from comity.engines import severity
from comity.engines.severity import Category, Condition, Judged, Level, Scheme
from comity.kernel.errors import Phrase
from comity.kernel.fieldtypes import Code, Many, Whole
from comity.protocols.response.incident.describing import Describe
from comity.services import packs
from comity.services.packs import Origin
from comity.services.response import ownfiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from comity.services.node import Node

FILE = PACK = "severity.yaml"
"""The file of a node's folder with the party's own schemes, and the pack."""
FIELDS = {field.name: field for field in Describe.KIND.body}
"""The facts there are, as they are declared."""


@dataclass(frozen=True, slots=True)
class Known:
    """A scheme and where it is from; ``own`` is one that this party wrote."""

    scheme: Scheme
    origin: Origin
    own: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What a scheme says of one description."""

    known: Known
    judged: Judged


def judge(node: Node, facts: Mapping[str, object]) -> tuple[Told, ...]:
    """Return what every scheme says of the facts that one party told. Raises Refusal as ``own``."""
    return tuple(judged(each, facts) for each in known(node))


def judged(known: Known, facts: Mapping[str, object]) -> Told:
    """Return what one scheme says of the facts."""
    return Told(known, severity.judge(known.scheme, facts))


def known(node: Node) -> tuple[Known, ...]:
    """Return the schemes of this node, its party's own first. Raises Refusal as ``own``."""
    return (*own(node), *shipped())


@cache
def shipped() -> tuple[Known, ...]:
    """Return the schemes that come with the program."""
    return tuple(_read(told) for told in packs.load(PACK))


def own(node: Node) -> tuple[Known, ...]:
    """Return the schemes of this party's file; none where there is no file.

    Raises Refusal S5 when the file is not as it should be, which says where.
    """
    data = ownfiles.read(node, FILE)
    return () if data is None else _parsed(data)


@lru_cache(maxsize=4)
def _parsed(data: bytes) -> tuple[Known, ...]:
    told = ownfiles.parsed(data, FILE)
    try:
        return tuple(_read(each, own=True) for each in _items(told))
    except KeyError as error:
        raise ownfiles.refused(FILE, Phrase("{name} is missing", name=error.args[0])) from error
    except (TypeError, ValueError, AttributeError) as error:
        raise ownfiles.refused(FILE, str(error).partition("\n")[0][:200]) from error


def _items(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise TypeError("it holds a list of schemes")
    return value


def _read(told: dict[str, Any], *, own: bool = False) -> Known:
    """Return a scheme as it is written. Raises one of several errors when it is written wrongly."""
    levels = tuple(
        Level(
            str(level["code"]),
            str(level["label"]),
            tuple(_rule(rule) for rule in level.get("any", [])),
            float(level.get("least", 0)),
        )
        for level in _items(told["levels"])
    )
    categories = tuple(map(_category, _items(told.get("weighs", []))))
    unasked = tuple(map(str, told.get("unasked", [])))
    scheme = Scheme(str(told["code"]), str(told["title"]), levels, categories, unasked)
    return Known(scheme, packs.origin(told), own)


def _category(told: dict[str, Any]) -> Category:
    numbers = told.get("numbers")
    if numbers is None:
        _require_codes(told["fact"], [])
        return Category(str(told["fact"]))
    _require_codes(told["fact"], numbers)
    weight = float(told["weight"])
    if weight <= 0:
        raise ValueError(f"the weight of {told['fact']} is not above 0")
    return Category(str(told["fact"]), weight, {str(k): float(v) for k, v in numbers.items()})


def _rule(told: dict[str, Any]) -> tuple[Condition, ...]:
    return tuple(_condition(fact, value) for fact, value in told.items())


def _condition(fact: str, value: Any) -> Condition:  # noqa: ANN401  codes, or a number
    if isinstance(value, dict):
        if not isinstance(_field(fact).type, Whole):
            raise TypeError(f"{fact} is no number")
        return Condition(fact, least=int(value["least"]))
    _require_codes(fact, value)
    return Condition(fact, frozenset(value))


def _require_codes(fact: str, codes: Iterable[object]) -> None:
    type_ = _field(fact).type
    of = cast("object", type_.of) if isinstance(type_, Many) else type_
    if not isinstance(of, Code):
        raise TypeError(f"{fact} has no codes")
    for code in codes:
        if code not in of.choices:
            raise ValueError(f"{fact} is never {code}")


def _field(fact: str) -> Any:  # noqa: ANN401  a declared field
    if fact not in FIELDS:
        raise ValueError(f"there is no fact {fact}")
    return FIELDS[fact]
