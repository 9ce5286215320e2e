"""What the acts of an incident add up to: facts, and the summary of their join.

Cells: ``opened`` (by its opener: time), ``ask`` (by act: to, verb, due), ``answer`` (by ask, of
the asked party: result, reason), ``ack`` (by act, of each party: as), ``said`` (acts of informing
and files), ``owed`` (act, party, what), ``settled`` (the same; by a closing the act alone),
``closed`` (of the opener: outcome). What a guest did stands under the guest, and fulfils no party's
duty; a duty towards a guest is owed by members.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.fold import add, latest
from comity.kernel.ids import PartyId
from comity.kernel.protocol import Caption, Duty, Summary, members_of
from comity.protocols.response.incident.acts import (
    Acknowledge,
    Answer,
    Ask,
    Close,
    HandOver,
    Inform,
    Open,
    read,
)
from comity.protocols.response.incident.codes import NOTHING

if TYPE_CHECKING:
    from comity.kernel.act import Header
    from comity.kernel.canon import Value
    from comity.kernel.fold import Entry, Fact, State
    from comity.kernel.graph import Node, Past

ANSWER, ACKNOWLEDGE = "answer", "acknowledge"
"""What is owed; also the codes of the captions that say so."""
OPEN, CLOSED, CONFLICT = "open", "closed", "conflict"
STATUSES = {
    OPEN: "Open",
    CLOSED: "Closed",
    CONFLICT: "Closed in two ways",
}
CAPTIONS = {
    "incident": "Incident · opened by {by:party} · {at:day} · {act:act}",
    ANSWER: "Answer {to:party}",
    ACKNOWLEDGE: "Acknowledge what {to:party} said",
}


def facts(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what one act that has effect says."""
    header = node.header
    found: tuple[Fact, ...] = ()
    match read(header):
        case Open() as opening:
            found = (latest("opened", value={**opening.to_body(), "time": header.time}),)
        case Inform(ack_wanted=wanted):
            others = sorted(past.members - {header.party}) if wanted else []
            owed = [add("owed", node.id, party, ACKNOWLEDGE) for party in others]
            found = (add("said", node.id), *owed)
        case Acknowledge(as_=word):
            found = _on_each(header, "ack", word, ACKNOWLEDGE)
        case Ask(verb=verb, to=to) as ask:
            owed = [add("owed", node.id, to, ANSWER)] if verb != NOTHING else []
            found = (latest("ask", node.id, value=ask.to_body()), *owed)
        case Answer() as answer:
            found = _on_each(header, "answer", answer.to_body(), ANSWER)
        case HandOver():
            found = (add("said", node.id),)
        case Close(outcome=outcome):
            seen = (n.id for kind in ("ask", "inform") for n in past.all(kind))
            found = (latest("closed", value=outcome), *(add("settled", id_) for id_ in seen))
        case _:
            pass  # What the kernel's own kinds say, the kernel adds.
    return found


def _on_each(header: Header, cell: str, value: Value, what: str) -> tuple[Fact, ...]:
    """Return a word on each act cited, and that what its author owed on it is settled."""
    words = (latest(cell, id_, value=value) for id_ in header.refs)
    return (*words, *(add("settled", id_, header.party, what) for id_ in header.refs))


def summary(state: State) -> Summary:
    """Return what lists show of an incident."""
    (opened,) = state.entries("opened")
    parties = members_of(state)
    duties = (_duty(state, *map(str, key)) for key in state.open("owed", "settled"))
    return Summary(
        status=_status(state),
        parties=parties,
        duties=tuple(sorted((d for d in duties if d.who in parties), key=_by_urgency)),
        caption=Caption(
            "incident", {"by": opened.author, "at": str(_number(opened, "time")), "act": opened.act}
        ),
    )


def _status(state: State) -> str:
    outcomes = {str(entry.value) for entry in state.entries("closed")}
    if not outcomes:
        return OPEN
    return CLOSED if len(outcomes) == 1 else CONFLICT


def _duty(state: State, id_: str, who: str, what: str) -> Duty:
    (said,) = state.entries("ask", id_) if what == ANSWER else state.sources("said", id_)
    return Duty(PartyId(who), what, _number(said, "due"), said.act, said.author)


def _number(entry: Entry, name: str) -> int | None:
    value = entry.value.get(name) if isinstance(entry.value, dict) else None
    return value if isinstance(value, int) else None


def _by_urgency(duty: Duty) -> tuple[bool, int, str, str]:
    return (duty.due is None, duty.due or 0, duty.act, duty.who)
