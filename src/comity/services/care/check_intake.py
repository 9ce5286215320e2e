"""Whether reports of vulnerabilities, where anybody may send them, reach somebody here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.services.care.report import Level
from comity.services.response import reports

if TYPE_CHECKING:
    from comity.services.care.report import Report
    from comity.services.node import Node


def check(node: Node, report: Report) -> None:
    """Tell of reports that nobody here can read, and of finders who are promised nothing."""
    if not node.settings.intake:
        return
    if not reports.is_read_by_somebody(node):
        report.add(
            Level.WARNING,
            "intake",
            "Anybody may report a vulnerability, and no role that is held here reads reports.",
            "Finders wait for an answer that nobody can give.",
            ("comity people",),
        )
    if not node.settings.safe_harbour.strip():
        told = (
            "Whoever reports a vulnerability is told nothing of how you treat finders. Say it as "
            "`safe_harbour` in node.json."
        )
        report.note("intake", told)
