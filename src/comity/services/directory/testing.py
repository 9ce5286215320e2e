"""What contact checks found: when each channel of a contact was last tested, and how it went.

Only checks that the reader sees count, and none that belongs to an exercise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from comity.protocols.trust.contact_check import PROTOCOL
from comity.store.access import subjects

if TYPE_CHECKING:
    from comity.services.casework.desk import Desk
    from comity.services.directory.book import Contact, Key

CHECKED = "checked"
"""The kind of subject that the result of a check is, as the summary of a check spells it."""
REACHED = frozenset({"confirmed", "corrected"})
"""The outcomes of who was reached, and is the right one."""


class Test(NamedTuple):
    """The last test of a channel: ``at`` when (ms), and whether the right one ``answered``."""

    at: int
    answered: bool


def tests_of(desk: Desk, contacts: Iterable[Contact]) -> Mapping[Key, dict[str, Test]]:
    """Return the last test of each channel of contacts, of the checks that somebody sees."""
    keys = {f"{each.key.author}:{each.key.contact}": each.key for each in contacts}
    beginnings = sorted(f"{name}:" for name in keys)
    db, sights = desk.node.db, desk.sights()
    rows = subjects.subjects_under(db, sights, PROTOCOL.name, CHECKED, beginnings)
    seen = desk.seen(row.dossier for row in rows)
    found: dict[Key, dict[str, Test]] = {}
    for row in sorted(rows, key=lambda row: row.begins or 0):
        if row.dossier in seen and not seen[row.dossier].realm:
            author, contact, channel, outcome, *_ = row.value.split(":")
            tests = found.setdefault(keys[f"{author}:{contact}"], {})
            tests[channel] = Test(row.begins or 0, outcome in REACHED)
    return found
