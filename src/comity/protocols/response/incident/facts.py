"""What the acts of an incident add up to: facts, and the summary of their join.

Cells: ``opened`` (by its opener: time), ``ask`` (by act: to, verb, due), ``answer`` (by ask, of
the asked party: result, reason), ``ack`` (by act, of each party: as), ``ack_owed`` (act, party),
``ended`` (acts whose duties a closing ended), ``said`` (acts of informing and files), ``closed``
(of the opener: outcome).
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
    from collections.abc import Iterator

    from comity.kernel.fold import Entry, Fact, State
    from comity.kernel.graph import Node, Past

OPEN, CLOSED, CONFLICT = "open", "closed", "conflict"
STATUSES = {
    OPEN: "Open",
    CLOSED: "Closed",
    CONFLICT: "Closed in two ways",
}
CAPTIONS = {
    "incident": "Incident · opened by {by:party} · {at:day} · {act:act}",
    "answer": "Answer {to:party}",
    "acknowledge": "Acknowledge what {to:party} said",
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
            owed = (add("ack_owed", node.id, party) for party in others)
            found = (add("said", node.id), *owed)
        case Acknowledge(as_=word):
            found = tuple(latest("ack", id_, value=word) for id_ in header.refs)
        case Ask() as ask:
            found = (latest("ask", node.id, value=ask.to_body()),)
        case Answer() as answer:
            found = tuple(latest("answer", id_, value=answer.to_body()) for id_ in header.refs)
        case HandOver():
            found = (add("said", node.id),)
        case Close(outcome=outcome):
            seen = (n.id for kind in ("ask", "inform") for n in past.all(kind))
            found = (latest("closed", value=outcome), *(add("ended", id_) for id_ in seen))
        case _:
            pass  # What the kernel's own kinds say, the kernel adds.
    return found


def summary(state: State) -> Summary:
    """Return what lists show of an incident."""
    (opened,) = state.entries("opened")
    parties = members_of(state)
    duties = (*_answers_owed(state), *_acknowledgements_owed(state))
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


def _answers_owed(state: State) -> Iterator[Duty]:
    for (id_,) in state.keys("ask"):
        for ask in state.entries("ask", id_):
            match ask.value:
                case {"to": str(to), "verb": str(verb)} if verb != NOTHING:
                    answered = state.entries("answer", id_, by=PartyId(to))
                    if not answered and not state.has("ended", id_):
                        yield Duty(PartyId(to), "answer", _number(ask, "due"), ask.act, ask.author)


def _acknowledgements_owed(state: State) -> Iterator[Duty]:
    for id_, who in state.keys("ack_owed"):
        party = PartyId(str(who))
        if not state.entries("ack", id_, by=party) and not state.has("ended", id_):
            (said,) = state.sources("said", id_)
            yield Duty(party, "acknowledge", None, said.act, said.author)


def _number(entry: Entry, name: str) -> int | None:
    value = entry.value.get(name) if isinstance(entry.value, dict) else None
    return value if isinstance(value, int) else None


def _by_urgency(duty: Duty) -> tuple[bool, int, str, str]:
    return (duty.due is None, duty.due or 0, duty.act, duty.who)
