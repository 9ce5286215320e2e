"""What contact checks found: when each channel of a contact was last tested, and how it went.

Only what this party asked counts, or what others asked of its own contacts: who checks says what
came of it, and could say so of anybody's. None counts that the reader does not see, that belongs to
an exercise, or that claims to come from a time ahead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from comity.protocols._vocabulary.contacts import NODE
from comity.protocols.trust.contact_check import PROTOCOL
from comity.services.casework.view import TIME_AHEAD
from comity.store.access import subjects

if TYPE_CHECKING:
    from comity.services.casework.desk import Desk
    from comity.services.directory.book import Contact, Key
    from comity.store.access.subjects import About

CHECKED = "checked"
"""The kind of subject that the result of a check is, as the summary of a check spells it."""
REACHED = frozenset({"confirmed", "corrected"})
"""The outcomes of who was reached, and is the right one."""


class Test(NamedTuple):
    """The last test of a channel: ``at`` when (ms), and whether the right one ``answered``."""

    at: int
    answered: bool


def tests_of(desk: Desk, contacts: Iterable[Contact]) -> Mapping[Key, dict[str, Test]]:
    """Return the last test of each channel of contacts, as it is told of now: a number that was
    told after the test is another number.
    """
    named: dict[str, list[Contact]] = {}
    for each in contacts:
        named.setdefault(f"{each.key.author}:{each.key.contact}", []).append(each)
    rows = _counted(desk, sorted(f"{name}:" for name in named))
    found: dict[Key, dict[str, Test]] = {}
    for row in sorted(rows, key=lambda row: row.begins or 0):
        channel, outcome = row.value.split(":")[2:4]
        test = Test(row.begins or 0, outcome in REACHED)
        for contact in named[_record(row)]:
            if test.at >= _told_at(contact, channel):
                found.setdefault(contact.key, {})[channel] = test
    return found


def _record(row: About) -> str:
    return ":".join(row.value.split(":")[:2])


def _counted(desk: Desk, beginnings: list[str]) -> list[About]:
    """Return the results of checks that count, of some records."""
    db, node = desk.node.db, desk.node
    rows = subjects.subjects_under(db, desk.sights(), PROTOCOL.name, CHECKED, beginnings)
    seen = desk.seen(row.dossier for row in rows)
    asked = {id_: head.opened_by for id_, head in seen.items() if not head.realm}
    return [
        row
        for row in rows
        if row.dossier in asked
        and node.me in {asked[row.dossier], row.value.partition(":")[0]}
        and (row.begins or 0) <= node.now() + TIME_AHEAD
    ]


def _told_at(contact: Contact, channel: str) -> int:
    particular = contact.particulars.get(channel)
    return 0 if particular is None or channel == NODE else particular.told
