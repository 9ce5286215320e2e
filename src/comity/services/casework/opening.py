"""What is chosen where a dossier is opened, beside the fields of its charter; and, where a charter
has not room for all parties, who is in it and who is invited.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel import canon
from comity.kernel.act import BODY_LIMIT
from comity.kernel.errors import Phrase, Refusal, either
from comity.kernel.kinds import MAX_MEMBERS, Charter, Growth
from comity.kernel.label import TLP, Footing
from comity.services.casework import red
from comity.services.casework.forms import FormErrors
from comity.services.identity import find

if TYPE_CHECKING:
    from comity.kernel.ids import PartyId
    from comity.kernel.protocol import Protocol
    from comity.services.casework.drafts import Filling
    from comity.services.casework.forms import Filled
    from comity.services.node import Node
    from comity.store.access.drafts import DraftRow

MEMBERS = "members"
"""The subject of a refusal that is about who takes part."""
BESIDE = 640
"""Bytes of a body that are left to what stands beside the charter: by which roles it is signed."""
FULL = (
    "{count} parties are too many for one opening, which has room for {most}. Name fewer, or "
    "choose that you add members as chair: then the rest are invited as it is opened."
)
FULL_HERE = (
    "{count} parties are too many for one opening, which has room for {most}, and you could not "
    "invite the rest to this one. Name fewer."
)


class Founding(NamedTuple):
    """A charter, and the parties that are ``invited`` as it is signed."""

    charter: Charter
    invited: tuple[PartyId, ...]


def require_growth(rules: Protocol, filling: Filling) -> None:
    """Raise Refusal S4 for a way to gain members that the protocol does not know."""
    if filling.growth not in {"", *rules.growths}:
        told = "Under {protocol} others come in by {able}."
        able = either(rules.growths)
        raise Refusal("S4", Phrase(told, protocol=rules.id, able=able), "growth")


def footing(rules: Protocol, filling: Filling) -> Footing:
    """Return the footing of a dossier to be opened."""
    return Footing(filling.footing) if filling.footing else rules.footing


def growth(rules: Protocol, filling: Filling) -> str:
    """Return how a dossier to be opened gains members."""
    return filling.growth or rules.growths[0]


def members_of(node: Node, filling: Filling) -> tuple[PartyId, ...]:
    """Return the members that a filling names, this party among them."""
    return tuple(sorted({node.me, *(find.party(node, member) for member in filling.members)}))


def persons_of(node: Node, row: DraftRow, filling: Filling) -> tuple[tuple[PartyId, str], ...]:
    """Return who alone may read a dossier about to be opened, by party and handle, where it is RED.

    Raises FormErrors.
    """
    if row.dossier:
        return ()
    return red.readers_of(node, filling.tlp, members_of(node, filling), filling.readers)


def of_draft(node: Node, row: DraftRow, filling: Filling, filled: Filled) -> Founding:
    """Return the charter that a draft opens a dossier with, and whom it has no room for.

    Raises FormErrors, also under ``MEMBERS``.
    """
    rules = node.protocols[row.protocol, row.version]
    grows = growth(rules, filling)
    charter = Charter(
        protocol=rules.name,
        version=rules.version,
        members=members_of(node, filling),
        growth=grows,
        ceiling=TLP(filling.tlp),
        chair=node.me if grows == Growth.CHAIR else None,
        readers=persons_of(node, row, filling),
        succeeds=None,
        time=None,
        terms=filled.body,
    )
    try:
        return founding(charter, rules, node.me)
    except Refusal as refusal:
        raise FormErrors({MEMBERS: refusal.reason}) from refusal


def founding(charter: Charter, rules: Protocol, me: PartyId) -> Founding:
    """Return a charter of ``me`` with as many of its members as it has room for, and the others.

    Raises Refusal S4 where these could not be invited by ``me`` alone.
    """
    most = _room(charter)
    if len(charter.members) <= most:
        return Founding(charter, ())
    # Of what is RED every member's readers are listed, and nobody is listed later.
    able = Growth.CHAIR in rules.growths and charter.ceiling is not TLP.RED
    if not able or charter.growth != Growth.CHAIR:
        told = FULL if able else FULL_HERE
        count = len(charter.members)
        raise Refusal("S4", Phrase(told, count=count, most=most), MEMBERS)
    first, *others = sorted(charter.members, key=lambda party: (party != me, party))
    founders = tuple(sorted((first, *others[: most - 1])))
    return Founding(replace(charter, members=founders), tuple(others[most - 1 :]))


def _room(charter: Charter) -> int:
    """Return how many members a charter may name, as its other terms leave room in its body."""
    one = replace(charter, members=charter.members[:1])
    size = len(canon.dump(one.to_body()))
    # Each further one is 64 digits, two quotes and a comma.
    return min(MAX_MEMBERS, 1 + max(0, BODY_LIMIT - BESIDE - size) // 67)
