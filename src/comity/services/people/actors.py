"""Who is doing something here: a person, or a machine that a person answers for, with the mandates
held at this moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import TLP
from comity.services.casework.replies import ACKNOWLEDGE
from comity.services.people import mandates
from comity.services.people.mandates import Hand
from comity.store.access import people as access

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.services.node import Node
    from comity.services.people.mandates import Mandate


@dataclass(frozen=True, slots=True)
class Actor:
    """A person who is signed in, or a program with a token.

    ``handle`` is the opaque name other parties may list as a reader of TLP:RED; ``mandates`` are
    those held, as decided here. ``token`` is the program's; ``machine`` the same where the program
    does not act for a person but under a ``name`` of its own: then ``id`` is who answers for it.
    """

    id: int
    name: str
    handle: str
    mandates: tuple[Mandate, ...]
    token: str = ""
    machine: str = ""

    @property
    def lanes(self) -> frozenset[str]:
        """The lanes whose dossiers this person sees."""
        return frozenset(lane for mandate in self.mandates for lane in mandate.lanes)

    def ceiling(self, lane: str) -> TLP | None:
        """Return the strictest label this person reads in a lane, or None for nothing at all."""
        return max((m.ceiling for m in self.mandates if lane in m.lanes), default=None)

    def reads(self, lane: str, tlp: TLP) -> bool:
        """Say whether this person may read what is labelled ``tlp`` in a lane."""
        ceiling = self.ceiling(lane)
        return ceiling is not None and tlp <= ceiling

    def reads_any(self, lanes: Iterable[str], tlp: TLP) -> bool:
        """Say whether this person may read what is labelled ``tlp`` in one of some lanes."""
        return any(self.reads(lane, tlp) for lane in lanes)

    def manages(self, what: str) -> bool:
        """Say whether this person manages ``what``, of ``mandates.MANAGED``."""
        return any(what in mandate.manage for mandate in self.mandates)

    def require_manage(self, what: str) -> None:
        """Raise Refusal S10 unless this person manages ``what``."""
        if not self.manages(what):
            told = Phrase("Your mandates do not let you manage this ({what}).", what=what)
            raise Refusal("S10", told, what)

    def require_person(self) -> None:
        """Raise Refusal S10 for a machine: it has no account, and nothing awaits it."""
        if self.machine:
            told = "A machine has none of this: it takes a person, or a program that acts as one."
            raise Refusal("S10", told)

    def under(self, lane: str, protocol: str, kind: str) -> tuple[Mandate, Hand] | None:
        """As ``under_any``, in one lane."""
        return self.under_any((lane,), protocol, kind)

    def under_any(
        self, lanes: Iterable[str], protocol: str, kind: str
    ) -> tuple[Mandate, Hand] | None:
        """Return the mandate under which this person may say an act of ``kind`` in one of some
        lanes, and how: one that needs nobody else before one that does; None when there is none.

        Acknowledging is pressed by a person (KERNEL): what a machine took in, nobody has read.
        """
        if self.machine and kind == ACKNOWLEDGE:
            return None
        among = {*lanes}
        found = [
            (mandate, hand)
            for mandate in self.mandates
            if among & {*mandate.lanes} and (hand := mandate.hand(protocol, kind)) is not None
        ]
        return next((item for item in found if item[1] is Hand.ALONE), found[0] if found else None)

    def speaks(self, lane: str, protocol: str) -> bool:
        """Say whether this person says anything, alone or not, under a protocol in a lane."""
        return any(lane in mandate.lanes and mandate.speaks(protocol) for mandate in self.mandates)

    def approving(self, lane: str, protocol: str, kind: str) -> Mandate | None:
        """Return the mandate under which this person approves acts of ``kind``, or None."""
        return next(
            (m for m in self.mandates if lane in m.lanes and m.approves(protocol, kind)), None
        )


def of_person(node: Node, person: int) -> Actor:
    """Return a person as actor. Raises Refusal S10 when the person may not sign in (any more)."""
    row = access.person(node.db, person)
    if row is None or not row.is_active:
        raise Refusal("S10", "This account is closed. Ask an administrator of your node.")
    known = mandates.of_node(node)
    return Actor(
        row.id, row.name, row.handle, tuple(known[code] for code in row.mandates if code in known)
    )
