"""What parties said of an object that was shared: seen, wrong, out of date, useful."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.ids import Id
from comity.protocols.sharing.circle import reading as said
from comity.services.identity import roster
from comity.services.sharing.circles import state_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.protocols.sharing.circle.reading import Heard
    from comity.services.node import Node
    from comity.services.sharing.about import Held


class Word(NamedTuple):
    """A party's word on an object, in which circle, and what the party is called."""

    circle: str
    name: str
    heard: Heard


class Feedback(NamedTuple):
    """What was said of an object: how many parties said what (codes), and the words of each."""

    counts: tuple[tuple[str, int], ...]
    words: tuple[Word, ...]


def feedback(node: Node, held: Sequence[Held]) -> Feedback:
    """Return what was said of an object in the circles where a person sees it."""
    names = roster.names(node)
    words = [
        Word(each.place.title, names.get(heard.party, heard.party[:8]), heard)
        for each in held
        if each.act
        for heard in said.feedback(state_of(node, each.dossier), Id(each.act), each.part)
    ]
    said_by = {(word.heard.party, word.heard.as_) for word in words}
    counts = Counter(as_ for _, as_ in said_by)
    return Feedback(tuple(sorted(counts.items())), tuple(words))
