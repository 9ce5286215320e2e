"""Whether what stands beside the database can be used: peers with their passwords, imported lists,
schemes of severity. After a backup was put back, passwords are what is lacking.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Phrase, Refusal
from comity.services.care.report import Level, Report
from comity.services.response import severity
from comity.services.sharing import peers, vulnerabilities, warning

if TYPE_CHECKING:
    from comity.services.node import Node


def check(node: Node, report: Report) -> None:
    """Say which peers cannot be turned to, and which lists and schemes cannot be read."""
    for subject, read in (("peers", _peers), ("lists", _lists), ("severity", _schemes)):
        try:
            read(node, report)
        except Refusal as refusal:
            report.add(
                Level.WARNING,
                subject,
                refusal.reason,
                "Until it can be read, what it says is not done.",
            )


def _peers(node: Node, report: Report) -> None:
    for peer in peers.without_password(node):
        report.add(
            Level.WARNING,
            Phrase("peer {peer}", peer=peer.name),
            "The file with its password is not there, or cannot be read.",
            "Nothing is pulled from this server or pushed to it. Passwords are in no backup.",
            (f"comity peer password {peer.name}",),
        )


def _lists(node: Node, _: Report) -> None:
    warning.imported(node)
    vulnerabilities.exploited(node)
    vulnerabilities.scores(node)


def _schemes(node: Node, _: Report) -> None:
    severity.own(node)
