"""Whether what is derived of dossiers was computed by the rules that this version has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Phrase
from comity.services.care.report import Level
from comity.services.casework import ruled

if TYPE_CHECKING:
    from comity.services.care.report import Report
    from comity.services.node import Node


def check(node: Node, report: Report) -> None:
    """Tell of dossiers that were computed by other rules."""
    found = [protocol.id for protocol in ruled.stale(node)]
    if found:
        told = "What is shown under {protocols} was computed by other rules than this version has."
        report.add(
            Level.WARNING,
            "rules",
            Phrase(told, protocols=", ".join(found)),
            "States, duties and lists may be wrong; nothing that was signed is. A node computes "
            "them anew when it starts.",
            ("comity rebuild", "comity run"),
        )
