"""What others said to an act: that a person acknowledges it, an answer, or nothing yet.

Silence is no reply, and never a refusal: who refuses answers, and the answer says so (DESIGN
section 5). What is disowned or has no effect is no word of anybody. What a guest said stands under
the guest, and is not the word of the party that recorded it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from comity.kernel.dossier import Dossier
    from comity.kernel.graph import Node as GraphNode
    from comity.kernel.ids import Id, PartyId

ACKNOWLEDGE, ANSWER = "acknowledge", "answer"
MORE_TIME, DECLINE = "more_time", "decline_answer"
"""The kinds by which any protocol acknowledges, and answers, what they cite; by which it needs more
time to answer, or will not.
"""
NOTICES, ANSWERS = (ACKNOWLEDGE, MORE_TIME), (ANSWER, DECLINE)
"""Of these, those by which a person has taken notice, and those by which the matter is answered."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One word on an act: its ``speaker``, a party or a guest of one, its ``kind``, and the ``act``
    that says it, at ``time`` (ms) as its author says.
    """

    speaker: PartyId
    kind: str
    act: Id
    time: int


class Replies:
    """The replies of one dossier, by what they are to. Hold ``node.lock`` while it is made."""

    def __init__(self, dossier: Dossier, disowned: Collection[Id] = ()) -> None:
        self._by_act: dict[str, list[Reply]] = {}
        past = dossier.now()
        said = [node for kind in (*NOTICES, *ANSWERS) for node in past.all(kind)]
        for node in sorted(said, key=lambda node: node.index):
            if node.id not in disowned:
                self._note(node)

    def _note(self, node: GraphNode) -> None:
        header = node.header
        for ref in header.refs:
            reply = Reply(header.party, header.kind, node.id, header.time)
            self._by_act.setdefault(ref, []).append(reply)

    def to(self, act: str) -> Mapping[PartyId, tuple[Reply, ...]]:
        """Return the replies to an act by speaker, each speaker's in the order they came here."""
        found: dict[PartyId, tuple[Reply, ...]] = {}
        for reply in self._by_act.get(act, ()):
            found[reply.speaker] = (*found.get(reply.speaker, ()), reply)
        return found
