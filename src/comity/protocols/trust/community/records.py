"""What an act's author had seen of a contact: its nominations, those in force, and who keeps it.

A record is that of one contact of one nominator. It begins with a nomination that cites no earlier
one, its root, and goes on through those that cite it; particulars belong to the root.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from comity.protocols.trust.community.acts import read
from comity.protocols.trust.community.contacts import TELLING, Detail, HandOver, Nominate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from comity.kernel.act import Header
    from comity.kernel.graph import Node, Past
    from comity.kernel.ids import Id, PartyId


def cited(header: Header, past: Past) -> Node:
    """Return the first act that an act with effect cites."""
    # It has effect, so that its author had seen what it cites.
    return cast("Node", past.find(header.refs[0]))


def told(header: Header) -> tuple[str, ...]:
    """Return which particulars an act tells for the directory."""
    act = read(header)
    if isinstance(act, Nominate | Detail | HandOver):
        return tuple(act.fields or ())
    return ()


def nomination(node: Node, past: Past) -> Node:
    """Return the nomination that an act is about: itself, or what it cites, or what that does."""
    while node.header.kind != "nominate":
        node = cited(node.header, past)
    return node


def chain(nominate: Node, past: Past) -> Iterator[Node]:
    """Yield a nomination, and those before it whose place it took, the root last."""
    yield nominate
    while nominate.header.refs:
        nominate = cited(nominate.header, past)
        yield nominate


def root(nominate: Node, past: Past) -> Id:
    """Return the nomination with which a record began."""
    *_, first = chain(nominate, past)
    return first.id


def in_force(nominate: Node, past: Past) -> tuple[Node, ...]:
    """Return the nominations of the same contact that were neither replaced nor ended.

    One, or none; more where the nominator's machine was restored from a backup.
    """
    header = nominate.header
    words = [
        node
        for kind in ("nominate", "end")
        for node in past.all(kind, header.party)
        if node.header.body["contact"] == header.body["contact"]
    ]
    return tuple(node for node in newest(words, past) if node.header.kind == "nominate")


def newest(words: Iterable[Node], past: Past) -> list[Node]:
    """Return those of some acts that come before none of them, in no order."""
    # The last first: what comes before one of them comes before one that nothing comes after.
    last: list[Node] = []
    for node in sorted(words, key=_index, reverse=True):
        if not any(past.before(node, later) for later in last):
            last.append(node)
    return last


def _index(node: Node) -> int:
    return node.index


def tellers(nominate: Node, past: Past) -> frozenset[PartyId]:
    """Return who may tell particulars of a contact: its nominator, and who keeps it now."""
    return frozenset({nominate.header.party, *_keepers(in_force(nominate, past))})


def _keepers(nominations: Iterator[Node] | tuple[Node, ...]) -> Iterator[PartyId]:
    for node in nominations:
        keeper = Nominate.checked(node.header).kept_by
        if keeper is not None:
            yield keeper


def tellings_of_others(node: Node, past: Past) -> Iterator[Node]:
    """Yield what parties other than its author told before an act of the same record."""
    about = nomination(node, past)
    *line, first = chain(about, past)
    others = {about.header.party, *_keepers((*line, first))} - {node.header.party}
    for party in others:
        for kind in TELLING:
            for earlier in past.all(kind, party):
                if earlier.header.body["contact"] == about.header.body["contact"]:
                    begun = nomination(earlier, past)
                    if root(begun, past) == first.id:
                        yield earlier
