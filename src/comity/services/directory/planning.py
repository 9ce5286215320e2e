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

CORRECTING = 2
"""The level from which on particulars are confirmed, and not only the channel tried."""


def draw_up(
    desk: Desk, dossier: str, *, campaign: str, title: str, level: int, due: int
) -> dict[str, Any]:
    """Return a plan for all contacts that others keep in a community, or that this party has from
    elsewhere, to be answered within ``due`` hours of work. Raises Refusal S4 where there is none.
    """
    if TLP(desk.dossier(dossier).ceiling) is TLP.RED:
        raise Refusal("S4", "What is TLP:RED there stays there; check them by hand.", dossier)
    me, named = desk.node.me, dict[str, list[dict[str, Any]]]()
    for contact in Book(desk).in_community(dossier):
        with_node = contact.key.author != me
        if with_node or contact.source != OWN:
            who = contact.key.author if with_node else contact.seat
            named.setdefault(who, []).append(_asked(contact, level, with_node=with_node))
    checked = [_checked(who, [c for c in asked if c["channels"]]) for who, asked in named.items()]
    checked = [each for each in checked if each["contacts"]]
    if not checked:
        raise Refusal("S4", "There is no contact of others in it that a channel leads to.", dossier)
    top = {"campaign": campaign, "title": title, "level": level, "hours": due}
    return {**top, "checked": checked}


def _checked(who: str, contacts: list[dict[str, Any]]) -> dict[str, Any]:
    # A party is named by its id, which nobody else has; a seat is shorter.
    return {"party" if len(who) == 64 else "seat": who, "contacts": contacts}


def _asked(contact: Contact, level: int, *, with_node: bool) -> dict[str, Any]:
    able = [NODE] if level == 0 else [*CHANNELS]
    channels = [c for c in able if contact.text(c) or (c == NODE and with_node)]
    asked: dict[str, Any] = {"contact": contact.key.contact, "channels": channels}
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
