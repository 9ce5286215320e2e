"""Campaigns of contact checks, as a person starts and closes them at a page or by a program.

What a campaign signs is one thing said many times, so that one press says it; it takes a mandate
that lets the person open checks and ask without a second one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from comity.kernel.errors import Refusal
from comity.protocols.trust.contact_check import PROTOCOL
from comity.services.casework import checking_contacts, contact_plans
from comity.services.casework.inbox import Machine
from comity.services.directory import planning
from comity.services.people import audit
from comity.services.people.mandates import Hand
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.services.casework.checking_contacts import Campaign, Checked, Started
    from comity.services.casework.desk import Desk
    from comity.store.access.acts import DossierRow

KINDS = ("charter", "probe", "close")
"""What starting and closing a campaign signs."""


class Wish(NamedTuple):
    """A campaign that somebody wants: of the contacts of a community, the ``dossier``, under the
    handle ``campaign``, called ``title``, at a ``level``, to be answered in so many ``hours`` of
    work.
    """

    dossier: str
    campaign: str
    title: str
    level: int
    hours: int


def may(desk: Desk) -> bool:
    """Say whether a person may start campaigns."""
    return _role(desk) is not None


def _role(desk: Desk) -> str | None:
    """Return under which mandate a person starts campaigns, None where no one lets it."""
    found = [desk.actor.under_any(PROTOCOL.lanes, PROTOCOL.name, kind) for kind in KINDS]
    able = [under[0].code for under in found if under is not None and under[1] is Hand.ALONE]
    return able[0] if len(able) == len(KINDS) else None


def _require(desk: Desk) -> str:
    role = _role(desk)
    if role is None:
        raise _not_alone()
    return role


def _not_alone() -> Refusal:
    told = "Your mandates do not let you sign this alone; ask who may to start it."
    return Refusal("S10", told, PROTOCOL.name)


def _seen(desk: Desk, campaign: str) -> dict[str, DossierRow] | None:
    """Return the checks of a campaign; None where a person does not see all of them, for it may be
    one of other lanes. Raises Refusal S10 where the person does not ask and close alone in each.
    """
    rows = checking_contacts.own(Machine(desk.node), campaign)
    seen = desk.seen(row.id for row in rows)
    if len(seen) < len(rows):
        return None
    hands = (desk.under(row, kind) for row in seen.values() for kind in KINDS[1:])
    if any(under is None or under[1] is not Hand.ALONE for under in hands):
        raise _not_alone()
    return seen


def plan(desk: Desk, wish: Wish) -> dict[str, Any]:
    """Return the plan for a campaign, as ``contact_plans`` reads it.

    Raises Refusal S3 for a community that is not seen, S4 with what is wrong.
    """
    row = desk.dossier(wish.dossier)
    return planning.draw_up(
        desk,
        row.id,
        campaign=wish.campaign,
        title=wish.title,
        level=wish.level,
        due=wish.hours,
    )


def read(desk: Desk, wish: Wish) -> tuple[Campaign, tuple[Checked, ...]]:
    """Return a campaign and whom it would check. Raises Refusal as ``plan``."""
    return contact_plans.read(desk.node, plan(desk, wish), desk)


def start(desk: Desk, wish: Wish) -> list[Started]:
    """Start a campaign, or go on with one that was broken off. Raises Refusal as ``plan``, S10."""
    role = _require(desk)
    campaign, checked = read(desk, wish)
    if _seen(desk, campaign.name) is None:
        told = "This handle stands for another campaign; take another."
        raise Refusal("S4", told, "campaign")
    started = checking_contacts.start(desk.node, replace(campaign, role=role), checked)
    _note(desk, campaign.name)
    return started


def close(desk: Desk, campaign: str, *, stop: bool = False) -> list[str]:
    """Close a campaign, and return the checks that were open. Raises Refusal S3, S4, S10."""
    _require(desk)
    if not campaign or not _seen(desk, campaign):
        raise Refusal("S3", "There is no such campaign of this party here.", campaign)
    closed = checking_contacts.close(desk.node, campaign, stop=stop)
    _note(desk, campaign)
    return closed


def _note(desk: Desk, campaign: str) -> None:
    if desk.actor.id:
        with writing(desk.node.db):
            audit.note(desk.node, desk.actor, "campaign", campaign)
