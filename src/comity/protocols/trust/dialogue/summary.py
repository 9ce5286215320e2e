"""What lists and work pages show of a dialogue: where its meetings stand, and what is owed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from comity.kernel.fold import How
from comity.kernel.ids import PartyId
from comity.kernel.protocol import Caption, Duty, Subject, Summary, by_urgency, members_of
from comity.protocols.trust.dialogue.codes import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.canon import Value
    from comity.kernel.fold import Entry, State

SCHEDULE, HOLD, CLOSE = "schedule", "hold", "close_meeting"
ACCEPT, SUMMARISE, AGREE, COMMITMENT = "accept_item", "summary", "agree_summary", "commitment"
"""What is owed; also the codes of the captions that say so, and the kinds that do it."""

UNSET, SET, CONFLICT, MET = "unset", "set", "conflict", "met"
DRAFTED, AGREED, APART, ENDED = "drafted", "agreed", "apart", "ended"
STATUSES = {
    UNSET: "No meeting is set",
    SET: "Meeting set",
    CONFLICT: "Told in two ways",
    MET: "Met",
    DRAFTED: "Summary drafted",
    AGREED: "Summary agreed",
    APART: "Summaries side by side",
    ENDED: "Ended",
}
CAPTIONS = {
    "dialogue": "Dialogue · opened by {by:party} · {at:day} · {act:act}",
    SCHEDULE: "Set a meeting",
    HOLD: "Meet, and say that you met",
    CLOSE: "Set the next meeting, and close the one that was held",
    ACCEPT: "Accept what {to:party} proposed to talk about, or defer it",
    SUMMARISE: "Draft a summary of the meeting, or hand in your own",
    AGREE: "Agree to the summary that {to:party} drafted, or hand in your own",
    COMMITMENT: "Do what you committed to, and say so",
}
AGREED_SUMMARY = "agreed_summary"
"""The kind of subject that the agreed summary of a meeting is; its value is the number."""


class Stand(NamedTuple):
    """Where a dialogue stands: the members, those of them ``going`` on, the opening, the meetings
    ``to_come`` and those that are ``unclosed``, held.
    """

    parties: tuple[PartyId, ...]
    going: tuple[PartyId, ...]
    opened: Entry
    to_come: tuple[str, ...]
    unclosed: tuple[str, ...]


def summary(state: State) -> Summary:
    """Return what lists show of a dialogue."""
    (opened,) = state.entries("opened")
    parties = members_of(state)
    going = tuple(party for party in parties if not state.entries("ended", by=party))
    to_come = (str(id_) for (id_,) in state.open("meeting", "over"))
    unclosed = (str(id_) for (id_,) in state.open("held", "closed"))
    stand = Stand(parties, going, opened, tuple(to_come), tuple(unclosed))
    told = {"by": opened.author, "at": str(_items(opened)[0]), "act": opened.act}
    return Summary(
        status=_status(state, stand),
        parties=parties,
        duties=by_urgency(_duties(state, stand)),
        caption=Caption("dialogue", told),
        subjects=tuple(_agreed(state)),
    )


def _items(entry: Entry) -> list[Value]:
    return cast("list[Value]", entry.value)


def _dates(state: State, meeting: str) -> list[tuple[int, str]]:
    """Return the times and forms that stand for a meeting: one, or those in conflict."""
    said = state.entries("date", meeting)
    told = (_items(entry) for entry in said if not state.has("replaced", entry.act))
    return sorted({(cast("int", begins), str(form)) for begins, form in told})


# What is owed


def _duties(state: State, stand: Stand) -> Iterator[Duty]:
    """Yield what is owed. When it takes two to meet and only one goes on, commitments are left."""
    for (id_,) in state.open("committed", "settled"):
        for entry in state.entries("commit", id_)[:1]:
            yield Duty(entry.author, COMMITMENT, cast("int", entry.value), str(id_))
    if len(stand.going) >= 2:
        owed = (*_of_meetings(state, stand), *_of_items(state), *_of_summaries(state))
        yield from (duty for duty in owed if duty.who in stand.going)


def _of_meetings(state: State, stand: Stand) -> Iterator[Duty]:
    """Yield to meet, to close what was held, and where nothing is set, to set a meeting."""
    due = _next_due(state, stand)
    for party in stand.going:
        for meeting in stand.to_come:
            yield Duty(party, HOLD, _begins(state, meeting), meeting)
        for meeting in stand.unclosed:
            yield Duty(party, CLOSE, due, meeting)
        if not stand.to_come and not stand.unclosed:
            yield Duty(party, SCHEDULE, due, stand.opened.act)


def _next_due(state: State, stand: Stand) -> int | None:
    """Return by when a meeting should be held again, by the cadence that was agreed on."""
    days = cast("int", _items(stand.opened)[1])
    last = cast("int", state.bound(How.MOST, "last"))
    return last + days * DAY if days else None


def _begins(state: State, meeting: str) -> int:
    return _dates(state, meeting)[0][0]


def _of_items(state: State) -> Iterator[Duty]:
    for meeting, item, party in state.open("asked", "heard"):
        if not state.has("withdrawn", item):
            (proposed,) = state.entries("item", item)
            due = _begins(state, str(meeting))
            yield Duty(PartyId(str(party)), ACCEPT, due, proposed.act, proposed.author)


def _of_summaries(state: State) -> Iterator[Duty]:
    for meeting, party in state.open("summing", "summed"):
        yield Duty(PartyId(str(party)), SUMMARISE, None, str(meeting))
    for draft, party in state.open("agreeing", "replied"):
        (drafted,) = state.entries("draft", draft)
        yield Duty(PartyId(str(party)), AGREE, None, drafted.act, drafted.author)


# Where it stands


def _status(state: State, stand: Stand) -> str:
    if len(stand.going) < 2:
        return ENDED
    if any(len(_dates(state, meeting)) > 1 for meeting in stand.to_come):
        return CONFLICT
    if stand.unclosed:
        return _summed_up(state, stand.unclosed)
    return SET if stand.to_come else UNSET


def _summed_up(state: State, meetings: tuple[str, ...]) -> str:
    """Return how far the meetings that are not closed are summed up."""
    drafts = [entry for entry in _drafts(state) if str(_items(entry)[0]) in meetings]
    if any(_is_agreed(state, draft) for draft in drafts):
        return AGREED
    if any(state.entries("own", meeting) for meeting in meetings):
        return APART
    return DRAFTED if drafts else MET


def _drafts(state: State) -> Iterator[Entry]:
    for (id_,) in state.keys("draft"):
        yield from state.entries("draft", id_)


def _is_agreed(state: State, draft: Entry) -> bool:
    """Say whether all agreed that were members when a draft was handed in, also if they left."""
    _, *others = _items(draft)
    return all(state.entries("agrees", draft.act, by=PartyId(str(who))) for who in others)


def _agreed(state: State) -> Iterator[Subject]:
    """Yield every agreed summary, so that it is found among the drafts."""
    for draft in _drafts(state):
        if _is_agreed(state, draft):
            (meeting,) = state.entries("number", str(_items(draft)[0]))
            yield Subject(AGREED_SUMMARY, str(meeting.value), None, None, draft.act)
