"""What the acts of a joint product add up to: facts, and the summary of their join.

Cells: ``opened`` (of who began it: product, dossier, time), ``paragraph`` (by act, of its author:
place, sources), ``gone`` (paragraphs taken back or replaced), ``draft`` (of who began it: act,
due, paragraphs), ``position`` (by draft, of each party: position, apart), ``stage`` (of who began
it: status and the draft), ``owed`` (draft, party, what), ``settled`` (the same;
by a later draft or a publication the draft alone).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.fold import add, latest
from comity.kernel.ids import PartyId
from comity.kernel.protocol import Caption, Duty, Summary, by_urgency, members_of
from comity.protocols.response.product.acts import (
    Draft,
    Open,
    Paragraph,
    Position,
    Publish,
    TakeBack,
    Withdraw,
    read,
)

if TYPE_CHECKING:
    from comity.kernel.canon import Value
    from comity.kernel.fold import Fact, State
    from comity.kernel.graph import Node, Past

POSITION = "position"
"""What is owed; also the code of the caption that says so, and the kind that does it."""
WRITING, ASKED, PUBLISHED, WITHDRAWN = "writing", "asked", "published", "withdrawn"
CONFLICT = "conflict"
STATUSES = {
    WRITING: "Being written",
    ASKED: "Put forward",
    PUBLISHED: "Published",
    WITHDRAWN: "Withdrawn",
    CONFLICT: "Told in two ways",
}
CAPTIONS = {
    "product": "Joint product · {product:charter.product} · {by:party} · {at:day} · {act:act}",
    POSITION: "Say where you stand on the draft of {to:party}",
}


def facts(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what one act that has effect says. A comment adds up to nothing; what the kernel's own
    kinds say, the kernel adds.
    """
    return (*_written(node), *_put_forward(node, past))


def _written(node: Node) -> tuple[Fact, ...]:
    """Return what members write, and say of drafts."""
    header = node.header
    match read(header):
        case Open() as told:
            return (latest("opened", value={**told.to_body(), "time": header.time}),)
        case Paragraph() as told:
            gone = (add("gone", id_) for id_ in header.refs)
            return (latest("paragraph", node.id, value=told.to_body()), *gone)
        case TakeBack():
            return tuple(add("gone", id_) for id_ in header.refs)
        case Position() as told:
            (draft,) = header.refs
            settled = add("settled", draft, header.party, POSITION)
            return (latest("position", draft, value=told.to_body()), settled)
        case _:
            return ()


def _put_forward(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what who began it does with what was written."""
    header = node.header
    match read(header):
        case Draft() as told:
            others = sorted(past.members - {header.party})
            held: list[Value] = [*header.refs]
            return (
                latest("draft", node.id, value={**told.to_body(), "paragraphs": held}),
                latest("stage", value=[ASKED, node.id]),
                *(add("owed", node.id, party, POSITION) for party in others),
                *_settled(past),
            )
        case Publish() as told:
            (draft,) = header.refs
            stage = latest("stage", value=[PUBLISHED, draft, told.at or header.time])
            return (stage, *_settled(past))
        case Withdraw(reason=reason):
            return (latest("stage", value=[WITHDRAWN, *header.refs, reason]),)
        case _:
            return ()


def _settled(past: Past) -> tuple[Fact, ...]:
    """Return that no position is owed any more on the drafts that were seen."""
    return tuple(add("settled", draft.id) for draft in past.all("draft"))


def summary(state: State) -> Summary:
    """Return what lists show of a joint product."""
    (opened,) = state.entries("opened")
    parties = members_of(state)
    duties = (_duty(state, *map(str, key)) for key in state.open("owed", "settled"))
    told = opened.value if isinstance(opened.value, dict) else {}
    params = {"by": opened.author, "at": str(told["time"]), "act": opened.act}
    return Summary(
        status=_status(state),
        parties=parties,
        duties=by_urgency(d for d in duties if d.who in parties),
        caption=Caption("product", {**params, "product": str(told["product"])}),
    )


def _status(state: State) -> str:
    told = [entry.value for entry in state.entries("stage")]
    stages = [str(value[0]) for value in told if isinstance(value, list)]
    if not stages:
        return WRITING
    return stages[0] if len(stages) == 1 else CONFLICT


def _duty(state: State, draft: str, who: str, what: str) -> Duty:
    (said,) = state.entries("draft", draft)
    due = said.value.get("due") if isinstance(said.value, dict) else None
    return Duty(PartyId(who), what, due if isinstance(due, int) else None, said.act, said.author)
