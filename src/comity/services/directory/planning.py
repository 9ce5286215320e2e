"""A plan for checking the contacts of a community, drawn up from what is kept of them.

It is a proposal for a person to look at and to change, in the form that campaigns are started from.
It names no person, and holds of the particulars what the due times are reckoned from alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comity.engines import hours
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.protocols._vocabulary.contacts import CHANNELS, NODE, OWN
from comity.services.directory.book import FRESH, Book

if TYPE_CHECKING:
    from comity.services.casework.desk import Desk
    from comity.services.directory.book import Contact

PARTY = 64
"""Digits of the id of a party; a seat is shorter."""
CORRECTING = 2
"""The level from which on particulars are confirmed, and not only the channel tried."""


def draw_up(
    desk: Desk, dossier: str, *, campaign: str, title: str, level: int, due: int
) -> dict[str, Any]:
    """Return a plan for all contacts of others in a community, to be answered within ``due`` hours
    of work; of a community in an exercise, for that exercise.

    They are those that others nominated, each asked of the member that keeps it, and those without
    a node that this party has from elsewhere. Raises Refusal S3, or S4 where there is none.
    """
    if TLP(desk.dossier(dossier).ceiling) is TLP.RED:
        raise Refusal("S4", "What is TLP:RED there stays there; check them by hand.", dossier)
    me, named = desk.node.me, dict[str, list[dict[str, Any]]]()
    realm = desk.dossier(dossier).realm
    for contact in Book(desk, realm).in_community(dossier):
        who = _answering(contact, me)
        if who not in {"", me}:
            named.setdefault(who, []).append(_asked(contact, level, who))
    checked = [_checked(who, [c for c in asked if c["channels"]]) for who, asked in named.items()]
    checked = [each for each in checked if each["contacts"]]
    if not checked:
        raise Refusal("S4", "There is no contact of others in it that a channel leads to.", dossier)
    top = {"campaign": campaign, "title": title, "level": level, "hours": due}
    top |= {"exercise": realm} if realm else {}
    return {**top, "checked": checked}


def _answering(contact: Contact, me: str) -> str:
    """Return who answers for a contact: a party, or a seat that has no node; "" where another
    member has it from elsewhere, and so is the one to check it.
    """
    if contact.kept_by or contact.source == OWN:
        return contact.kept_by or contact.key.author
    return contact.seat if contact.key.author == me else ""


def _checked(who: str, contacts: list[dict[str, Any]]) -> dict[str, Any]:
    # A party is named by its id, which nobody else has; a seat is shorter.
    return {"party" if len(who) == PARTY else "seat": who, "contacts": contacts}


def _asked(contact: Contact, level: int, who: str) -> dict[str, Any]:
    with_node = len(who) == PARTY
    able = [NODE] if level == 0 else [*CHANNELS]
    channels = [c for c in able if contact.text(c) or (c == NODE and with_node)]
    asked: dict[str, Any] = {"contact": contact.key.contact, "channels": channels}
    if with_node and who != contact.key.author:
        asked["listed_by"] = contact.key.author
    if _has_hours(contact):
        asked |= {name: contact.text(name) for name in ("hours", "zone", "holidays")}
    if level >= CORRECTING:
        due = [name for name, told in contact.particulars.items() if told.fresh != FRESH]
        asked["fields"] = sorted(due or contact.particulars)
    return {name: value for name, value in asked.items() if value}


def _has_hours(contact: Contact) -> bool:
    """Say whether due times can be reckoned by the hours of a contact."""
    try:
        hours.read(contact.text("hours"), contact.text("zone"), contact.text("holidays"))
    except ValueError:
        return False
    return True
