"""What an act's author had seen of a batch: its objects, their labels, and what was retracted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from comity.kernel.label import TLP
from comity.protocols.sharing.circle.acts import Ask, Forward, Permit, Relabel, Retract, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from comity.kernel.act import Header
    from comity.kernel.graph import Node, Past


class Word(NamedTuple):
    """What a batch's author said of a label: in which act, of which parts (None: all), which."""

    node: Node
    parts: frozenset[int] | None
    tlp: TLP

    def covers(self, part: int | None) -> bool:
        """Say whether it is about ``part``; None stands for those that no word names."""
        return self.parts is None or part in self.parts


def cited(header: Header, past: Past) -> Node:
    """Return the first act that an act with effect cites."""
    # It has effect, so that its author had seen what it cites.
    return cast("Node", past.find(header.refs[0]))


def batch_of(header: Header, past: Past) -> Node:
    """Return the batch that an act is about, or that the ask is about which it answers."""
    found = cited(header, past)
    return cited(found.header, past) if found.header.kind == Ask.KIND.kind else found


def objects_of(batch: Header) -> int:
    """Return how many objects a batch carries. The header says it, whatever was erased."""
    act = read(batch)
    return batch.content.parts - (act.proofs if isinstance(act, Forward) else 0)


def named(header: Header) -> frozenset[int] | None:
    """Return the parts of a batch that an act names, None for all of them."""
    body = header.body
    parts = body.get("parts", [body["part"]] if "part" in body else None)
    return None if parts is None else frozenset(cast("list[int]", parts))


def is_retracted(batch: Node, parts: frozenset[int] | None, past: Past) -> bool:
    """Say whether all of a batch was retracted, or one of these parts of it."""
    retracted = (named(each.header) for each in past.citing(batch.id, Retract.KIND.kind))
    return any(gone is None or (parts is not None and gone & parts) for gone in retracted)


def words(batch: Node, past: Past) -> Iterator[Word]:
    """Yield what the author of a batch said anew of its label, in no order."""
    for each in past.citing(batch.id, Relabel.KIND.kind):
        yield Word(each, named(each.header), TLP(Relabel.checked(each.header).tlp))
    for ask in past.citing(batch.id, Ask.KIND.kind):
        for each in past.citing(ask.id, Permit.KIND.kind):
            tlp = Permit.checked(each.header).tlp
            if tlp is not None:
                yield Word(each, named(ask.header), TLP(tlp))


def newest(found: Iterable[Word], past: Past) -> list[Word]:
    """Return those of some words that come before none of them: one, or more that crossed."""
    # The last first: what comes before one of them comes before one that nothing comes after.
    last: list[Word] = []
    for word in sorted(found, key=_index, reverse=True):
        if not any(past.before(word.node, later.node) for later in last):
            last.append(word)
    return last


def _index(word: Word) -> int:
    return word.node.index


def label_of(batch: Node, part: int | None, past: Past) -> TLP:
    """Return the label of a part, the strictest where its author said several at once; without
    ``part`` that of those which no word names.
    """
    said = newest((word for word in words(batch, past) if word.covers(part)), past)
    return max((word.tlp for word in said), default=batch.header.tlp)


def strictest(batch: Node, parts: frozenset[int] | None, past: Past) -> TLP:
    """Return the strictest label that one of these parts ever had."""
    said = (
        word.tlp
        for word in words(batch, past)
        if parts is None or word.parts is None or word.parts & parts
    )
    return max([batch.header.tlp, *said])
