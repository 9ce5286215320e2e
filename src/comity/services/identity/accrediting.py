"""What people here say of another party: that its fingerprint is the one they were told over
another way, and in which time zone it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Phrase, Refusal
from comity.services.identity import parties, roster
from comity.services.people import audit
from comity.services.people.hours import require_zone
from comity.store.append import parties as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.services.identity.roster import Known
    from comity.services.node import Node
    from comity.services.people.actors import Actor


def require_same(party: Known, told: str) -> None:
    """Raise Refusal S4 unless ``told`` are the digits of the party's fingerprint."""
    digits = "".join(c for c in told if c.isascii() and c.isdigit())
    if digits != party.fingerprint.replace(" ", ""):
        raise Refusal(
            "S4",
            Phrase(
                "The fingerprint you were told is not that of the keys held here for {party}: "
                "somebody may stand between you. Do not accredit; ask the party for a new card.",
                party=party.name,
            ),
            party.id,
        )


def accredit(node: Node, actor: Actor, party: str, told: str) -> None:
    """Accredit a party whose fingerprint is as ``told``. Raises Refusal S3, S4 or S10."""
    actor.require_manage("parties")
    found = roster.known(node, party)
    require_same(found, told)
    parties.accredit(node, found.id)
    with writing(node.db):
        audit.note(node, actor, "accredited", found.id)


def settle_zone(node: Node, actor: Actor | None, party: str, zone: str) -> None:
    """Note in which time zone (IANA) a party is, "" for none that is known: this node's own view.

    ``actor`` None is who commands the machine itself. Raises Refusal S3, S4 or S10.
    """
    if actor is not None:
        actor.require_manage("parties")
    found = roster.known(node, party)
    require_zone(zone)
    with writing(node.db):
        append.set_zone(node.db, found.id, zone)
        audit.note(node, actor, "zone", found.id, detail={"zone": zone})
