"""Who asks for objects by a program: a token's holder, with what is left of its rights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.kernel.label import TLP, Kind, Reader
from comity.protocols.sharing.circle import PROTOCOL
from comity.services.people import tokens
from comity.services.people.mandates import Hand
from comity.services.people.tokens import BY_MACHINE, READ, WRITE
from comity.services.sharing.publishing import KIND

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.services.node import Node
    from comity.store.access.tokens import TokenRow

ROLE = "program"
"""The role under which a program publishes that no person answers for."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks for objects.

    Fields: ``reader`` as the table of labels sees them; ``ceiling``, the strictest label their
    token reads; ``reads`` and ``writes``; ``shelf``, the one shelf it reaches ("" for all);
    ``name`` and ``token`` of the token; ``role`` under which is published.
    """

    reader: Reader
    ceiling: TLP
    reads: bool
    writes: bool
    name: str
    token: str
    shelf: str = ""
    role: str = ROLE

    @property
    def by(self) -> Object:
        """The roles that stand behind what it publishes."""
        return {"role": self.role}


def of_basic(node: Node, user: str, password: str) -> Caller:
    """Return who has a token by its id or name, if any is given, and its secret.

    Raises Refusal S10.
    """
    row = tokens.of_secret(node, password)
    if user not in {"", row.id, row.name}:
        raise Refusal("S10", "The name does not belong to this token. Use the one printed with it.")
    if row.person == BY_MACHINE:
        tokens.note_used(node, row)
    return of_token(node, row)


def of_token(node: Node, row: TokenRow) -> Caller:
    """Return who has a token, with what is left of its rights now. Raises Refusal S10."""
    reader = Reader(node.me, Kind.MACHINE, accredited=True)
    if row.constituent:
        reader = Reader(PartyId(""), Kind.MACHINE, constituent_of=frozenset({node.me}))
    ceiling, writes, role = TLP(row.ceiling), WRITE in row.scopes, ROLE
    if row.person != BY_MACHINE:
        actor = tokens.actor_of(node, row)
        held = [own for lane in PROTOCOL.lanes if (own := actor.ceiling(lane)) is not None]
        ceiling = min(ceiling, max(held, default=TLP.CLEAR))
        under = actor.under_any(PROTOCOL.lanes, PROTOCOL.name, KIND)
        writes = writes and under is not None and under[1] is Hand.ALONE
        role = ROLE if under is None else under[0].code
    reads = READ in row.scopes
    return Caller(reader, ceiling, reads, writes, row.name, row.id, row.shelf, role)
