"""What would come of publishing: under which label each object goes, which member sees it, what was
found on lists of the harmless, and what is left out because it claims who did something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.bridges.stix.claims import claims as claims_in
from comity.bridges.stix.record import Flaw
from comity.kernel.errors import Phrase
from comity.kernel.label import PAP, TLP, Allow, Kind, Label, Reader, carry
from comity.services.identity import roster
from comity.services.sharing import circles, preparing, publishing, sights, warning

if TYPE_CHECKING:
    from comity.bridges.stix.record import StixObject
    from comity.kernel.ids import PartyId
    from comity.services.node import Node
    from comity.services.sharing.publishing import Sorted
    from comity.services.sharing.warning import Warned


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
    """What would come of publishing a batch: the ``objects`` that go or are there, ``sorted`` by
    label; those ``out`` because of what they claim; what ``members`` see; what lists say of it.
    """

    objects: tuple[StixObject, ...]
    sorted: Sorted
    out: tuple[Flaw, ...]
    members: tuple[MemberSight, ...]
    warned: tuple[Warned, ...]


def preview(
    node: Node,
    dossier_id: str,
    batch: Sequence[StixObject],
    unmarked: TLP | None = None,
    claims: str = "",
) -> Preview:
    """Return what would come of publishing a batch into a circle; nothing is signed.

    ``claims`` says what to do with objects that claim who did something, ``preparing.KEEP`` or
    ``LEAVE``; while nothing is said they do not go. Raises Refusal S3 or S4 for no such circle.
    """
    shelf = circles.shelf_of(node, dossier_id)
    out = {id(item): why for item in batch if (why := _why_out(item, claims))}
    going = [item for item in batch if id(item) not in out]
    sorted_ = publishing.sort(node, shelf, going, unmarked)
    counts = {label: len(items) for label, items in sorted_.by_label.items()}
    fresh = [item for items in sorted_.by_label.values() for item in items]
    return Preview(
        objects=(*going,),
        sorted=sorted_,
        out=tuple(Flaw(i.id, "", "X25", out[id(i)]) for i in batch if id(i) in out),
        members=members(node, shelf.source, counts),
        warned=(*warning.hits(node, fresh),),
    )


def _why_out(item: StixObject, claims: str) -> str:
    why = preparing.why_out(item, made := claims_in(item.value), claims)
    if not why or claims:
        return why
    return Phrase(
        "It claims who did it: {claim}. Say whether such objects are kept, as claims of their "
        "source, or left out.",
        claim=made[0].words,
    )


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
