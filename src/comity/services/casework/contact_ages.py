"""How old the words on a contact were when a check asked about it.

They are as old as the newest act by which the one who keeps the contact told or confirmed anything
of it in a directory that is held here, before it was asked. What a check then changed is younger.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from comity.kernel.act import read_header
from comity.store.access import acts

if TYPE_CHECKING:
    from collections.abc import Collection

    from comity.services.casework.desk import Desk

TELLING = ("nominate", "detail", "hand_over", "confirm")
"""The kinds by which a contact is told of, or said to be still right."""


class Ages:
    """The times at which parties told of their contacts, of those that a person at a desk sees."""

    def __init__(self, desk: Desk, authors: Collection[str]) -> None:
        self._told: dict[tuple[str, str], list[int]] = {}
        rows = acts.acts_of_kinds(desk.node.db, TELLING, sorted(authors))
        seen = desk.seen(row.dossier for row in rows)
        for row in rows:
            contact = read_header(row.header).body.get("contact")
            if row.dossier in seen and not row.void_rule:
                self._told.setdefault((row.party, str(contact)), []).append(row.time)
        for times in self._told.values():
            times.sort()

    def of(self, author: str, contact: str, asked: int) -> int | None:
        """Return how long before ``asked`` (ms) it was last told of; None where nobody did."""
        times = self._told.get((author, contact), [])
        before = bisect_right(times, asked)
        return asked - times[before - 1] if before else None
