"""What would come of publishing: under which label each object goes, and which member sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.label import PAP, TLP, Allow, Kind, Label, Reader, carry
from comity.services.identity import roster
from comity.services.sharing import circles, publishing, sights

if TYPE_CHECKING:
    from comity.bridges.stix.record import StixObject
    from comity.kernel.ids import PartyId
    from comity.services.node import Node
    from comity.services.sharing.publishing import Sorted


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


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of publishing a batch: ``sorted`` by label, and what each member sees."""

    sorted: Sorted
    members: tuple[MemberSight, ...]


def preview(
    node: Node, dossier_id: str, batch: Sequence[StixObject], unmarked: TLP | None = None
) -> Preview:
    """Return what would come of publishing a batch into a circle; nothing is signed.

    Raises Refusal S3 or S4 where there is no such circle.
    """
    shelf = circles.shelf_of(node, dossier_id)
    sorted_ = publishing.sort(node, shelf, batch, unmarked)
    counts = {label: len(items) for label, items in sorted_.by_label.items()}
    return Preview(sorted_, members(node, shelf.source, counts))


def members(node: Node, dossier_id: str, counts: dict[TLP, int]) -> tuple[MemberSight, ...]:
    """Return what each other member of a circle sees of so many objects under each label.

    It is asked of the one table of labels, as when the message is carried to its node.
    """
    known = sights.audiences(node, {dossier_id}, Reader(node.me, Kind.MACHINE))
    people = {each.id: each for each in roster.everyone(node)}
    found: list[MemberSight] = []
    for party in known[dossier_id].members - {node.me}:
        accredited = party in people and people[party].accredited_at is not None
        reader = Reader(party, Kind.MACHINE, accredited=accredited)
        sees = tuple(
            (label, count)
            for label, count in sorted(counts.items())
            if isinstance(
                carry(Label(label, PAP.CLEAR, frozenset({dossier_id})), reader, known), Allow
            )
        )
        name = people[party].name if party in people else party[:8]
        found.append(MemberSight(party, name, accredited, sees))
    return tuple(sorted(found, key=_by_name))


def _by_name(member: MemberSight) -> tuple[str, str]:
    return member.name, member.party
