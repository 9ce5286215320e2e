"""Who will see what is about to be added to a collection, as its members stand now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.label import PAP, TLP, Allow, Kind, Label, Reader, carry
from comity.services.identity import roster
from comity.services.sharing import sights
from comity.services.sharing.circles import CIRCLE

if TYPE_CHECKING:
    from comity.kernel.ids import PartyId
    from comity.services.node import Node
    from comity.services.sharing.preparing import Prepared
    from comity.store.access.objects import ShelfRow


@dataclass(frozen=True, slots=True)
class MemberSight:
    """What a member will see of a batch: how many objects under each label that reaches it."""

    party: PartyId
    name: str
    accredited: bool
    sees: tuple[tuple[TLP, int], ...]

    @property
    def count(self) -> int:
        """How many objects it will see."""
        return sum(count for _, count in self.sees)


class Beyond(NamedTuple):
    """How many objects members may show to others: to their ``constituents``, to parties they have
    ``accredited``, and to ``anyone``.
    """

    constituents: int
    accredited: int
    anyone: int


def beyond(prepared: Prepared) -> Beyond:
    """Return how many of the objects that go members may show to whom."""

    def up_to(most: TLP) -> int:
        return sum(number for tlp, number in prepared.labels if tlp <= most)

    return Beyond(up_to(TLP.AMBER), up_to(TLP.GREEN), up_to(TLP.CLEAR))


def members(node: Node, shelf: ShelfRow, prepared: Prepared) -> tuple[MemberSight, ...]:
    """Return what each other member of a circle will see; an intake has no members.

    It is asked of the one table of labels, as when the message is carried to its node.
    """
    if shelf.kind != CIRCLE:
        return ()
    dossier_id = shelf.source
    known = sights.audiences(node, {dossier_id}, Reader(node.me, Kind.MACHINE))
    people = {each.id: each for each in roster.everyone(node)}
    found: list[MemberSight] = []
    for party in known[dossier_id].members - {node.me}:
        accredited = party in people and people[party].accredited_at is not None
        reader = Reader(party, Kind.MACHINE, accredited=accredited)
        sees = tuple(
            (label, count)
            for label, count in prepared.labels
            if isinstance(
                carry(Label(label, PAP.CLEAR, frozenset({dossier_id})), reader, known), Allow
            )
        )
        name = people[party].name if party in people else party[:8]
        found.append(MemberSight(party, name, accredited, sees))
    return tuple(sorted(found, key=_by_name))


def _by_name(member: MemberSight) -> tuple[str, str]:
    return member.name, member.party
