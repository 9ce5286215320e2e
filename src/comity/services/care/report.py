"""Findings: what a check of a node tells a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from comity.kernel.errors import Phrase

if TYPE_CHECKING:
    from comity.kernel.errors import Refusal

Progress: TypeAlias = "Callable[[str, int, int], None]"
"""Called with what is being checked, how much of it is done, and how much there is."""


class Level(StrEnum):
    """How bad a finding is.

    ``error``: something signed or received is not as it was, or signing will be refused.
    ``warning``: something derived differs, or will fail before long. ``note``: good to know.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: ``subject`` is what it is about, ``words`` one plain sentence or two.

    ``why`` says why it matters and ``commands`` what helps, at most two; both may be empty.
    """

    level: Level
    subject: str
    words: str
    why: str = ""
    commands: tuple[str, ...] = ()


@dataclass(slots=True)
class Report:
    """What a check found, and how much it looked at, by kind."""

    findings: list[Finding] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Whether nothing worse than a note was found."""
        return all(finding.level is Level.NOTE for finding in self.findings)

    def add(
        self,
        level: Level,
        subject: str,
        words: str,
        why: str = "",
        commands: tuple[str, ...] = (),
    ) -> None:
        """Note a finding."""
        self.findings.append(Finding(level, subject, words, why, commands))

    def error(self, subject: str, words: str) -> None:
        """Note that something is not as it was signed or received."""
        self.add(Level.ERROR, subject, words)

    def warn(self, subject: str, words: str) -> None:
        """Note that something derived differs."""
        self.add(Level.WARNING, subject, words)

    def refused(self, subject: str, refusal: Refusal) -> None:
        """Note that something is not as it was signed or received, as a rule says."""
        told = Phrase("{rule}: {reason}", rule=refusal.rule, reason=Phrase(refusal.reason))
        self.error(subject, told)

    def note(self, subject: str, words: str) -> None:
        """Note something good to know."""
        self.add(Level.NOTE, subject, words)

    def count(self, what: str, number: int = 1) -> None:
        """Add to how much was looked at."""
        self.counted[what] = self.counted.get(what, 0) + number


def quiet(_what: str, _done: int, _total: int) -> None:
    """Report progress to nobody."""
