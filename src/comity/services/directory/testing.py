"""What contact checks found: when each channel of a contact was last tested, and how it went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from comity.services.casework.desk import Desk
    from comity.services.directory.book import Contact, Key


class Test(NamedTuple):
    """The last test of a channel: ``at`` an instant (ms), and whether somebody ``answered``."""

    at: int
    answered: bool


def tests_of(desk: Desk, contacts: Iterable[Contact]) -> Mapping[Key, dict[str, Test]]:
    """Return the last test of each channel of contacts, of the checks that somebody sees."""
    del desk, contacts
    return {}
