"""What the author of an act had seen of the meetings of a dialogue; guards and facts ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.protocols.trust.dialogue.acts import Move, Schedule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.graph import Node, Past
    from comity.kernel.ids import Id, PartyId

ACCEPT, DEFER = "accept_item", "defer_item"


def is_cited(past: Past, id_: str, *kinds: str) -> bool:
    """Say whether an act of one of ``kinds`` cites ``id_``."""
    return any(id_ in node.header.refs for kind in kinds for node in past.all(kind))


def dates(past: Past, meeting: str) -> Iterator[tuple[Id, int]]:
    """Yield every act that set the time of a meeting, with the time it set."""
    for node in past.all("schedule"):
        if node.id == meeting:
            yield node.id, Schedule.checked(node.header).begins
    for node in past.all("move"):
        if meeting in node.header.refs:
            yield node.id, Move.checked(node.header).begins


def number_of(meeting: Node) -> int:
    """Return the number of a meeting."""
    return Schedule.checked(meeting.header).number


def to_come(past: Past) -> list[Node]:
    """Return the meetings that were neither held nor cancelled, by number."""
    found = (n for n in past.all("schedule") if not is_cited(past, n.id, "hold", "cancel"))
    return sorted(found, key=lambda node: (number_of(node), node.id))


def going(past: Past) -> frozenset[PartyId]:
    """Return the members that have not ended the dialogue."""
    return past.members - {node.header.party for node in past.all("end")}


def word_of(past: Past, party: PartyId, item: Id) -> str:
    """Return the kind of a party's newest word on an item, or "".

    Of two that neither had seen the other, deferring counts.
    """
    kinds = (DEFER, ACCEPT)
    said = [n for kind in kinds for n in past.all(kind, party) if item in n.header.refs]
    newest = (n for n in said if not any(past.before(n, later) for later in said))
    return next((n.header.kind for n in newest), "")


def left_over(past: Past) -> Iterator[tuple[Id, PartyId]]:
    """Yield (item, party) for items that wait for the next meeting, and who has a word to say.

    It is who deferred an item, and, where its meeting was cancelled, who had said nothing on it.
    """
    for item in past.all("propose_item"):
        if not is_cited(past, item.id, "withdraw_item"):
            for party in sorted(past.members - {item.header.party}):
                word = word_of(past, party, item.id)
                cancelled = not word and is_cited(past, item.header.refs[0], "cancel")
                if word == DEFER or cancelled:
                    yield item.id, party
