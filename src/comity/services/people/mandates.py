"""Mandates: what a role may see, prepare, sign and approve.

They begin as the pack ``packs/mandates.yaml``, and each node changes its own. A mandate is a view
of this node alone: nothing of it decides what other nodes take for said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Self

import yaml

from comity import packs
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import TLP
from comity.kernel.protocol import LANES
from comity.services.people import audit
from comity.store.access import people as access
from comity.store.append import people as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.people.actors import Actor

PACK = "mandates.yaml"
MANAGED = ("people", "mandates", "node", "parties", "audit")
"""What there is to manage beyond dossiers."""
MOST_PATTERNS = 64


class Hand(StrEnum):
    """How an act may leave a person's hands: signed ``ALONE``, or by a ``SECOND`` person's word."""

    ALONE = "alone"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class Mandate:
    """What a role may do; the fields are those of the pack, where they are explained."""

    code: str
    title: str
    help: str = ""
    lanes: tuple[str, ...] = ()
    ceiling: TLP = TLP.CLEAR
    issue: tuple[str, ...] = ()
    second: tuple[str, ...] = ()
    approve: tuple[str, ...] = ()
    override: tuple[str, ...] = ()
    manage: tuple[str, ...] = ()

    @classmethod
    def from_object(cls, value: Mapping[str, Any]) -> Self:
        """Return the mandate that a pack or the store describes. Raises Refusal S4."""
        known = {f.name for f in fields(cls)}
        if unknown := sorted(value.keys() - known):
            told = Phrase("A mandate has no {names}.", names=", ".join(map(repr, unknown)))
            raise Refusal("S4", told)
        lists = {name: _words(name, value.get(name, ())) for name in _LISTS}
        _require_among("lanes", lists["lanes"], LANES)
        _require_among("manage", lists["manage"], MANAGED)
        try:
            ceiling = TLP(value.get("ceiling", TLP.CLEAR.value))
        except ValueError as error:
            told = Phrase("{value} is not a TLP label.", value=repr(value["ceiling"]))
            raise Refusal("S4", told, "ceiling") from error
        return cls(
            code=str(value["code"]),
            title=str(value["title"]),
            help=str(value.get("help", "")),
            ceiling=ceiling,
            **lists,
        )

    def to_object(self) -> dict[str, Any]:
        """Return the mandate as JSON values, as ``from_object`` reads them."""
        value = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            name: list(item) if isinstance(item, tuple) else str(getattr(item, "value", item))
            for name, item in value.items()
        }

    def hand(self, protocol: str, kind: str) -> Hand | None:
        """Say how an act of ``kind`` may be said under this mandate; None: not at all."""
        if _matches(self.issue, protocol, kind):
            # What is named closely stands before what is named by a star.
            return Hand.SECOND if _closer(self.second, self.issue, protocol, kind) else Hand.ALONE
        return Hand.SECOND if _matches(self.second, protocol, kind) else None

    def speaks(self, protocol: str) -> bool:
        """Say whether any act under a protocol may be said under this mandate, alone or not."""
        return any(_fits(pattern, protocol) for pattern in (*self.issue, *self.second))

    def approves(self, protocol: str, kind: str) -> bool:
        """Say whether this mandate approves what others prepared of ``kind``."""
        return _matches(self.approve, protocol, kind)

    def overrides(self, protocol: str, kind: str) -> bool:
        """Say whether ``kind`` may be signed alone in a declared emergency."""
        return _matches(self.override, protocol, kind)


_LISTS = ("lanes", "issue", "second", "approve", "override", "manage")


def _words(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_PATTERNS:
        told = Phrase("{name} is not a list of at most {most}.", name=name, most=MOST_PATTERNS)
        raise Refusal("S4", told, name)
    words = tuple(map(str, value))
    if any(not 0 < len(word) <= 100 for word in words):
        told = Phrase("{name} has an entry that is empty or too long.", name=name)
        raise Refusal("S4", told, name)
    return words


def _require_among(name: str, words: Iterable[str], known: Iterable[str]) -> None:
    if wrong := sorted(set(words) - set(known)):
        told = "{wrong}: {name} are {known}."
        values = {"wrong": ", ".join(wrong), "name": name, "known": ", ".join(known)}
        raise Refusal("S4", Phrase(told, **values), name)


def _fits(pattern: str, protocol: str) -> bool:
    """Say whether a pattern names some act of a protocol."""
    of, colon, _ = pattern.partition(":")
    return fnmatchcase(protocol, of) if colon else fnmatchcase(f"{protocol}:", pattern)


def _best(patterns: Iterable[str], protocol: str, kind: str) -> int:
    """Return how closely the closest pattern names an act: its letters that are no star, or -1."""
    name = f"{protocol}:{kind}"
    return max(
        (len(p.replace("*", "")) for p in patterns if fnmatchcase(name, p)),
        default=-1,
    )


def _matches(patterns: Iterable[str], protocol: str, kind: str) -> bool:
    return _best(patterns, protocol, kind) >= 0


def _closer(these: Iterable[str], those: Iterable[str], protocol: str, kind: str) -> bool:
    return _best(these, protocol, kind) > _best(those, protocol, kind)


@cache
def shipped() -> Mapping[str, Mandate]:
    """Return the mandates of the pack, by code, in its order."""
    text = files(packs).joinpath(PACK).read_text(encoding="utf-8")
    return {item["code"]: Mandate.from_object(item) for item in yaml.safe_load(text)}


def of_node(node: Node) -> Mapping[str, Mandate]:
    """Return this node's mandates by code: the pack's, and what was decided here beyond it."""
    decided = {code: Mandate.from_object(v) for code, v in access.mandates(node.db).items()}
    return {**shipped(), **decided}


def listed(node: Node, actor: Actor) -> list[Mandate]:
    """Return this node's mandates. Raises Refusal S10."""
    actor.require_manage("mandates")
    return [*of_node(node).values()]


def one(node: Node, actor: Actor, code: str) -> Mandate:
    """Return one mandate. Raises Refusal S10, or S3."""
    actor.require_manage("mandates")
    found = of_node(node).get(code)
    if found is None:
        raise Refusal("S3", "There is no such mandate here.", code)
    return found


def change(node: Node, actor: Actor, mandate: Mandate) -> None:
    """Decide what a mandate is in this node. Raises Refusal S10."""
    actor.require_manage("mandates")
    with writing(node.db):
        append.save_mandate(node.db, mandate.code, mandate.to_object(), node.now())
        audit.note(node, actor, "mandate", mandate.code, detail=mandate.to_object())
