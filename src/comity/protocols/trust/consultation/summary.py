"""What lists and work pages show of a consultation: how far up the ladder it is, and what is owed.

The status names the highest rung that was reached, from asked to closed. What was withdrawn, or
marked as a mistake, is on no rung.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.ids import PartyId
from comity.kernel.protocol import Caption, Duty, Summary, by_urgency, members_of
from comity.protocols.trust.consultation.codes import (
    ACCEPTED,
    ACKNOWLEDGE_HOURS,
    AGREED,
    CLARIFIED,
    DECLINED,
    DIFFER,
    HOUR,
    MOVED,
)
from comity.protocols.trust.consultation.facts import (
    ACKNOWLEDGE,
    ANSWER,
    ANSWER_HELPER,
    ANSWER_MEETING,
    CORRECT,
    INVITE,
    MEET,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.canon import Value
    from comity.kernel.fold import Entry, State

STATUSES = {
    "asked": "Asked",
    "acknowledged": "Acknowledged",
    "more_time": "More time is needed",
    "partly": "Answered in part",
    "declined": "Declined to answer",
    "answered": "Answered",
    "meeting_proposed": "Meeting proposed",
    "meeting_agreed": "Meeting agreed",
    "met": "Met",
    "helped": "With a helper",
    "one_sided": "Closed by one side",
    "in_two_ways": "Closed in two ways",
    CLARIFIED: "Clarified",
    DIFFER: "Agreed to differ",
    MOVED: "Moved elsewhere",
    "withdrawn": "Withdrawn",
    "mistake": "Opened by mistake",
}
CAPTIONS = {
    "consultation": "Consultation · opened by {by:party} · {at:day} · {act:act}",
    ANSWER: "Answer {to:party}",
    ACKNOWLEDGE: "Acknowledge that {to:party} asked",
    CORRECT: "Put right what was answered to {to:party} by mistake",
    ANSWER_MEETING: "Reply to {to:party} on the meeting proposed",
    MEET: "Meet {to:party}, and say that you met",
    ANSWER_HELPER: "Reply to {to:party} on the helper proposed",
    INVITE: "Invite the helper agreed on with {to:party}",
}


class Opened(NamedTuple):
    """The opening: its act, the asker, the party asked, ``time`` (ms), how urgent it is."""

    act: str
    asker: PartyId
    asked: PartyId
    time: int
    urgency: str

    def other(self, party: PartyId) -> PartyId:
        """Return the other of the two parties."""
        return self.asked if party == self.asker else self.asker


def summary(state: State) -> Summary:
    """Return what lists show of a consultation."""
    (entry,) = state.entries("opened")
    opened = Opened(
        entry.act,
        entry.author,
        PartyId(str(_value(entry, "to"))),
        _number(entry, "time"),
        str(_value(entry, "urgency")),
    )
    parties = members_of(state)
    duties = (duty for duty in _duties(state, opened) if duty.who in parties)
    told = {"by": opened.asker, "at": str(opened.time), "act": opened.act}
    return Summary(
        status=_status(state, opened, parties),
        parties=parties,
        duties=by_urgency(duties),
        caption=Caption("consultation", told),
    )


def _value(entry: Entry, name: str) -> Value | None:
    return entry.value[name] if isinstance(entry.value, dict) else None


def _number(entry: Entry, name: str) -> int:
    value = _value(entry, name)
    return value if isinstance(value, int) else 0


# What is owed


def _duties(state: State, opened: Opened) -> Iterator[Duty]:
    for id_, who, what in (map(str, key) for key in state.open("owed", "settled")):
        if not _is_off(state, id_, what):
            party = PartyId(who)
            yield Duty(party, what, _due(state, opened, id_, what), id_, opened.other(party))


def _is_off(state: State, id_: str, what: str) -> bool:
    """Say whether a proposal that was taken up is not any more, by the last word on it."""
    if what == MEET:
        return not (state.entries("meeting", id_) and _has(state, "met", id_, ACCEPTED))
    return what == INVITE and not _has(state, "helping", id_, AGREED)


def _has(state: State, cell: str, id_: str, word: str) -> bool:
    return any(entry.value == word for entry in state.entries(cell, id_))


def _due(state: State, opened: Opened, id_: str, what: str) -> int | None:
    """Return by when something is owed; pauses move it, except a meeting."""
    if what == ACKNOWLEDGE:
        return _moved(state, opened.time, opened.time + ACKNOWLEDGE_HOURS[opened.urgency] * HOUR)
    if what == ANSWER:
        (asked,) = state.entries("question", id_)
        more = max((int(str(e.value)) for e in state.entries("more", id_)), default=0)
        return _moved(state, _number(asked, "time"), _number(asked, "due") + more * HOUR)
    if what in {ANSWER_MEETING, MEET}:
        (meeting,) = state.entries("meeting", id_)
        moved = _moved(state, _number(meeting, "time"), _number(meeting, "due"))
        return _number(meeting, "at") if what == MEET else moved
    return None


def _moved(state: State, since: int, due: int) -> int:
    """Return when something asked at ``since`` is due, with the hours that were paused after that.

    A pause counts that began before it was due; where two overlap, their hours count once.
    """
    paused = state.entries("paused")
    for at, hours in sorted((_number(e, "time"), _number(e, "hours")) for e in paused):
        until = at + hours * HOUR
        if at < due and until > since:
            due += until - max(at, since)
            since = until
    return due


# How far it is


def _status(state: State, opened: Opened, parties: tuple[PartyId, ...]) -> str:
    if state.entries("mistake", opened.act):
        return "mistake"
    if state.entries("withdrawn", opened.act):
        return "withdrawn"
    return _closed(state) or _helped(opened, parties) or _meeting(state) or _answers(state, opened)


def _closed(state: State) -> str:
    words = state.entries("closed")
    outcomes = {str(entry.value) for entry in words}
    if len({entry.author for entry in words}) < 2:
        return "one_sided" if words else ""
    return outcomes.pop() if len(outcomes) == 1 else "in_two_ways"


def _helped(opened: Opened, parties: tuple[PartyId, ...]) -> str:
    return "helped" if {*parties} - {opened.asker, opened.asked} else ""


def _meeting(state: State) -> str:
    held = (entry for (id_,) in state.keys("held") for entry in state.entries("held", id_))
    if any(not state.entries("mistake", entry.act) for entry in held):
        return "met"
    live = [id_ for (id_,) in state.keys("meeting") if _is_live(state, str(id_))]
    words = {str(e.value) for id_ in live for e in state.entries("met", id_)}
    if ACCEPTED in words:
        return "meeting_agreed"
    waiting = [id_ for id_ in live if not state.entries("met", id_)]
    return "meeting_proposed" if waiting else ""


def _is_live(state: State, id_: str) -> bool:
    """Say whether what was asked or proposed still stands."""
    return not any(state.entries(cell, id_) for cell in ("withdrawn", "mistake", "replaced"))


def _answers(state: State, opened: Opened) -> str:
    """Return how far the asker's questions are answered."""
    asked = (str(id_) for (id_,) in state.keys("question"))
    found = [_answer(state, opened, id_) for id_ in asked if _is_of(state, opened, id_)]
    if len(set(found)) == 1:
        return found[0]
    if {"answered", "partly", "declined"} & {*found}:
        return "partly"
    return "more_time" if "more_time" in found else "acknowledged"


def _is_of(state: State, opened: Opened, id_: str) -> bool:
    (asked,) = state.entries("question", id_)
    return asked.author == opened.asker and _is_live(state, id_)


def _answer(state: State, opened: Opened, question: str) -> str:
    """Return how far one question is answered; an answer that was a mistake is none."""
    said = [e for e in state.entries("answer", question) if not state.entries("mistake", e.act)]
    if any(_value(entry, "partly") is True for entry in said):
        return "partly"
    if said:
        declined = all(_value(entry, "result") == DECLINED for entry in said)
        return "declined" if declined else "answered"
    if any(e.value == "declined" for e in state.entries("membership", by=opened.asked)):
        return "declined"  # It takes no part.
    if state.entries("more", question):
        return "more_time"
    return "acknowledged" if state.entries("ack", question) else "asked"
