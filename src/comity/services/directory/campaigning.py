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
from comity.services.directory import planning
from comity.services.people import audit
from comity.services.people.mandates import Hand
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.services.casework.checking_contacts import Campaign, Checked, Started
    from comity.services.casework.desk import Desk

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
        told = "Your mandates do not let you sign this alone; ask who may to start it."
        raise Refusal("S10", told, PROTOCOL.name)
    return role


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
    return contact_plans.read(desk.node, plan(desk, wish))


def start(desk: Desk, wish: Wish) -> list[Started]:
    """Start a campaign, or go on with one that was broken off. Raises Refusal as ``plan``, S10."""
    role = _require(desk)
    campaign, checked = read(desk, wish)
    started = checking_contacts.start(desk.node, replace(campaign, role=role), checked)
    _note(desk, campaign.name)
    return started


def close(desk: Desk, campaign: str, *, stop: bool = False) -> list[str]:
    """Close a campaign, and return the checks that were open. Raises Refusal S4 or S10."""
    _require(desk)
    closed = checking_contacts.close(desk.node, campaign, stop=stop)
    _note(desk, campaign)
    return closed


def _note(desk: Desk, campaign: str) -> None:
    if desk.actor.id:
        with writing(desk.node.db):
            audit.note(desk.node, desk.actor, "campaign", campaign)
