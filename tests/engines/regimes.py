"""Regimes for tests, as files spell them."""

from __future__ import annotations

from typing import Any

from comity.engines.clocks import Span
from comity.engines.regimes import Regime, read

EVENTS = ("aware", "classified", "handled")


def stage(id_: str = "report", *limits: dict[str, str], **more: Any) -> dict[str, Any]:
    """Return a stage as a file spells it."""
    told = {"id": id_, "name": id_.title(), "to": "Authority", "contents": ["What is known"]}
    return {**told, "limits": [*limits] or [{"since": "aware", "within": "24 hours"}], **more}


def regime(*stages: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a regime as a file spells it."""
    return {
        "id": "agreed",
        "name": "Agreement of the harbours",
        "binds": "Its parties",
        "area": "Lantern Sea",
        "source": {"title": "Agreement, point 4", "url": "https://council.example/agreement"},
        "date": "2026-11-26",
        "valid_from": "2026-01-01",
        "verified": True,
        "by": "Our lawyer, on 26 November 2026",
        "stages": [*stages] or [stage()],
        **more,
    }


def made(*stages: dict[str, Any], **more: Any) -> Regime:
    """Return a regime that was read."""
    return read([regime(*stages, **more)], EVENTS)[0]


def span_of(text: str) -> Span:
    """Return the span that a limit has by ``24 hours`` or ``1 month ends noon``."""
    within, _, ends = text.partition(" ends ")
    told = {"since": "aware", "within": within} | ({"ends": ends} if ends else {})
    return made(stage("report", told)).stages[0].limits[0].span
