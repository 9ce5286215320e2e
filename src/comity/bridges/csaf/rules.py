"""What a mandatory test is, and how it says that an advisory fails it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from comity.bridges.csaf.lists import Lists
from comity.bridges.csaf.walk import Json
from comity.kernel.errors import Phrase

Failure: TypeAlias = tuple[str, Phrase]
"""Where a document fails a test, and why."""
Failures: TypeAlias = Iterator[Failure]
Check: TypeAlias = Callable[[Json, Lists], Failures]


class Test(NamedTuple):
    """A test of section 6.1: its ``number`` and ``title`` there, and what finds failures.

    Numbers and titles are those of the standard; ``versions`` are those of CSAF that have it.
    """

    number: str
    title: str
    check: Check
    versions: tuple[str, ...] = ("2.0", "2.1")


class Fault(NamedTuple):
    """One failure of an advisory.

    Fields: ``number`` of the test, ``schema`` for what the schema refuses; ``path``, as in
    ``vulnerabilities[0].cve``; ``reason``.
    """

    number: str
    path: str
    reason: str
