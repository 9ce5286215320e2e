"""To which members content goes by the rules of a dossier's protocol: some want consent first.

What a protocol withholds from a member no node sends it, on whatever way: a bundle, an answer to
who lacks it, a blob, a file to carry. Its header goes as always. When the member's word lets it
through, each author sends what it withheld; until then nothing is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.fold import State
from comity.services.casework import translations

if TYPE_CHECKING:
    from comity.kernel.dossier import Dossier
    from comity.kernel.graph import Node as GraphNode
    from comity.kernel.ids import PartyId
    from comity.kernel.protocol import Protocol


def is_given(dossier: Dossier, state: State, placed: GraphNode, party: PartyId) -> bool:
    """Say whether a protocol gives the content of an act to a party; the author has its own.

    A translation goes where the words of the original do.
    """
    kind = translations.source(dossier, placed).said.header.kind
    return placed.header.party == party or is_kind_given(dossier, state, kind, party)


def is_kind_given(dossier: Dossier, state: State, kind: str, party: PartyId) -> bool:
    """Say whether a protocol gives a party what is said by acts of a kind."""
    return dossier.protocol is None or dossier.protocol.gives(state, kind, party)


def is_opening_given(protocol: Protocol, party: PartyId) -> bool:
    """Say whether a member is given what a dossier is opened with before it has said anything."""
    return protocol.gives(State(lambda _first, _then: False), protocol.opening.kind, party)
