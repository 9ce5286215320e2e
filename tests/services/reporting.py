"""Reporting files for tests: opened by a party alone, and what it says in them."""

from __future__ import annotations

from typing import Any

from comity.kernel.canon import Object
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.node import Node
from tests.edge.test_web_dossiers import incident
from tests.nodes import say

HOUR = 3_600_000


def file(
    node: Node,
    *others: Node,
    title: str = "Cranes stop",
    tlp: TLP = TLP.AMBER,
    readers: tuple[tuple[str, str], ...] = (),
    realm: str | None = None,
    **terms: Any,
) -> Id:
    """Open a reporting file whose clocks hang in Paris, of a party alone or with others; RED where
    it lists ``readers``; in an exercise ``realm`` or none.
    """
    return incident(
        node,
        node,
        title,
        TLP.RED if readers else tlp,
        readers=readers,
        realm=realm,
        protocol="response/reporting",
        members=tuple(sorted({node.me, *(other.me for other in others)})),
        terms={"zone": "europe/paris", "place": "fr", **terms},
    )


def aware(node: Node, dossier: str, hours: float, **fields: Any) -> Id:
    """Say that it became aware so many hours ago."""
    return happened(node, dossier, "aware", hours, **fields)


def happened(node: Node, dossier: str, event: str, hours: float, **fields: Any) -> Id:
    """Say that something happened so many hours ago."""
    at: Object = {"event": event, "at": node.now() - round(hours * HOUR), **fields}
    return say(node, dossier, "aware", at)


def applies(node: Node, dossier: str, *regimes: str) -> None:
    """Say that regimes apply."""
    for regime in regimes:
        say(node, dossier, "applies", {"regime": regime, "basis": "bound"})


def reported(node: Node, dossier: str, stage: str, hours: float = 0, regime: str = "nis2") -> Id:
    """Say that a stage was reported so many hours ago."""
    at = node.now() - round(hours * HOUR)
    return say(node, dossier, "reported", {"regime": regime, "stage": stage, "at": at})
