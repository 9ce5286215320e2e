"""For whom the words of an act are, where that is not everybody in its dossier.

A kind that tells particulars says by ``visibility`` who sees them; what answers a question for them
is for who asked. The audience is signed in the body, and this node gives the words to nobody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.audience import PartRange, Reach, may_have, parse_audience
from comity.kernel.fieldtypes import Many, Party
from comity.kernel.ids import PartyId
from comity.kernel.protocol import Field, When
from comity.protocols._vocabulary.contacts import MEMBERS, NAMED, PUBLIC, REQUEST
from comity.protocols.trust.community.contacts import Detail, Give, HandOver, Nominate
from comity.store.access import acts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.kernel.audience import Readers
    from comity.kernel.canon import Object
    from comity.kernel.ids import Id
    from comity.kernel.protocol import ActKind
    from comity.services.node import Node

VISIBILITY = "visibility"
AUDIENCE = "audience"
FIELDS = "fields"
TELLING = (Nominate, Detail, HandOver)
"""The kinds that tell particulars to whom their visibility says; what is given, who asked gets."""
PARTIES = Field(
    "named",
    Many(Party()),
    "The parties named",
    "They and nobody else; that it was said, everybody here sees.",
    required=False,
    when=When(VISIBILITY, (NAMED,)),
)
"""Asked for beside a visibility, and signed as the audience."""


def told_field(kind: ActKind) -> Field | None:
    """Return the coded field of a kind that lists which of its content fields are told, if it has
    one. Nobody is asked for it: it is what was written.
    """
    telling = any(kind is each.KIND for each in (*TELLING, Give))
    return next((f for f in kind.body if telling and f.name == FIELDS), None)


def narrows(kind: ActKind) -> bool:
    """Say whether the words of a kind are for whom its visibility says."""
    return any(kind is each.KIND for each in TELLING)


def of_draft(
    node: Node, kind: ActKind, body: Object, refs: Sequence[Id], named: Sequence[PartyId]
) -> Object:
    """Return what the body of a draft says of its audience: nothing where that is the members."""
    if told_field(kind) is None:
        return {}
    shown = narrows(kind)
    readers = _of_visibility(str(body[VISIBILITY]), named) if shown else _of_askers(node, refs)
    if readers is Reach.MEMBERS:
        return {}
    return {AUDIENCE: [PartRange(0, 0, readers).to_object()]}


def _of_visibility(visibility: str, named: Sequence[PartyId]) -> Readers:
    reach = {PUBLIC: Reach.PUBLIC, MEMBERS: Reach.MEMBERS, REQUEST: Reach.AUTHOR}
    return reach.get(visibility, frozenset(named))


def _of_askers(node: Node, refs: Sequence[Id]) -> Readers:
    return frozenset(PartyId(row.party) for row in acts.acts_among(node.db, refs).values())


def is_for(body: Object, party: PartyId, author: PartyId) -> bool:
    """Say whether the words of an act or draft of ``author`` with this body are for a member."""
    ranges = parse_audience(body.get(AUDIENCE), 1)
    return may_have(ranges, 0, party, author=author, members={party})
