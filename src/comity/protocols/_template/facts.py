"""What acts add up to: facts that join in any order, and the summary of their join.

Cells: ``opened`` (by the opener: time), ``word`` (of each party).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.fold import latest
from comity.kernel.protocol import Caption, Duty, Summary, members_of
from comity.protocols._template.acts import Open, Say, read

if TYPE_CHECKING:
    from comity.kernel.fold import Fact, State
    from comity.kernel.graph import Node, Past

STATUSES = {"open": "Open", "agreed": "Agreed", "objected": "Objected to"}
CAPTIONS = {
    "question": "Question · put by {by:party} · {at:day} · {act:act}",
    "say": "Say a word to {to:party}",
}


def facts(node: Node, _past: Past) -> tuple[Fact, ...]:
    """Return what one act that has effect says."""
    match read(node.header):
        case Open():
            return (latest("opened", value=node.header.time),)
        case Say(word=word):
            return (latest("word", value=word),)
        case _:
            return ()


def summary(state: State) -> Summary:
    """Return what lists show: status, parties, what is owed, and one line."""
    (opened,) = state.entries("opened")
    parties, words = members_of(state), state.entries("word")
    silent = [p for p in parties if p not in {entry.author for entry in words}]
    if any(entry.value == "object" for entry in words):
        status = "objected"
    else:
        status = "open" if silent else "agreed"
    return Summary(
        status=status,
        parties=parties,
        duties=tuple(Duty(p, "say", None, opened.act, opened.author) for p in silent),
        caption=Caption(
            "question", {"by": opened.author, "at": str(opened.value), "act": opened.act}
        ),
    )
