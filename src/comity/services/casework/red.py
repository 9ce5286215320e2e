"""Who may read what is TLP:RED: persons, listed in the charter by their party and an opaque handle.

A handle is known to the party it belongs to; which person it is stays there. Those of this party
are chosen by name; those of others are written as they were given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.kernel.fields import CODE
from comity.kernel.ids import PartyId
from comity.kernel.kinds import MAX_READERS
from comity.kernel.label import TLP
from comity.services.casework.forms import FormErrors
from comity.services.identity import find
from comity.services.people import actors
from comity.store.access import people as access

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from comity.services.node import Node

READERS = "readers"
"""The name under which errors about readers stand."""


def own(node: Node, lanes: Collection[str]) -> list[tuple[str, str]]:
    """Return (handle, name) of those of this party whose mandates let them read RED in one of some
    lanes.
    """
    active = [row for row in access.people(node.db) if row.is_active]
    return [
        (row.handle, row.name)
        for row in active
        if actors.of_person(node, row.id).reads_any(lanes, TLP.RED)
    ]


def readers_of(
    node: Node, tlp: str, members: Iterable[PartyId], written: Iterable[str]
) -> tuple[tuple[PartyId, str], ...]:
    """Return the readers that a dossier about to be opened lists: none unless it is RED.

    ``written`` are "party:handle", the party by name or id. Raises FormErrors under ``READERS``.
    """
    if tlp != TLP.RED.value:
        return ()
    among = set(members)
    found = {_read(node, among, text) for text in written}
    if not 1 <= len(found) <= MAX_READERS:
        raise _wrong("Who may read it: list at least one person, and at most 32.")
    return tuple(sorted(found))


def _read(node: Node, members: set[PartyId], text: str) -> tuple[PartyId, str]:
    named, _, handle = (part.strip() for part in text.rpartition(":"))
    try:
        party = PartyId(find.party(node, named))
    except Refusal:
        raise _wrong("Who may read it: begin each line with the name of a party.") from None
    if party not in members:
        raise _wrong("Who may read it: only persons of parties that take part can be listed.")
    if not CODE.fullmatch(handle):
        raise _wrong("Who may read it: end each line with a colon and the handle, as p4f2a11.")
    return party, handle


def _wrong(reason: str) -> FormErrors:
    return FormErrors({READERS: reason})
