"""What lists and work pages show of a disclosure: where the embargo stands, and who owes a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel import office
from comity.kernel.ids import Id, PartyId
from comity.kernel.protocol import Caption, Duty, Subject, Summary, by_urgency, members_of
from comity.protocols.response.disclosure import embargo
from comity.protocols.response.disclosure.acts import COORDINATOR
from comity.protocols.response.disclosure.codes import CLOSED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.fold import Entry, State

PUBLISHED = "published"
STATUSES = {
    embargo.NONE: "Reported, no terms yet",
    embargo.PROPOSED: "Terms proposed",
    embargo.ACTIVE: "Under embargo",
    embargo.REVISED: "Under embargo, a later end is proposed",
    embargo.CLAIMED: "Said to be out",
    embargo.ENDED: "Embargo ended by a party",
    PUBLISHED: "Published",
    CLOSED: "Closed",
}
HANDLE, ANSWER_TERMS, TAKE = "handle", "answer_terms", "take_coordination"
"""What is owed; also the codes of the captions that say so."""
CAPTIONS = {
    "disclosure": "Vulnerability · reported by {by:party} · {at:day} · {act:act}",
    HANDLE: "Tell {to:party} that you received the report",
    ANSWER_TERMS: "Agree to the terms of {to:party}, or refuse them",
    TAKE: "Say whether you coordinate, as {to:party} asked",
}
VULNERABILITY = "vulnerability"
"""The kind of subject that the code of a vulnerability is."""


def summary(state: State) -> Summary:
    """Return what lists show of a disclosure."""
    (opened,) = state.entries("opened")
    parties = members_of(state)
    found = embargo.read_embargo(state)
    duties = (duty for duty in _duties(state, opened, parties, found) if duty.who in parties)
    told = {"by": opened.author, "at": str(_time(opened)), "act": opened.act}
    return Summary(
        status=_status(state, parties, found),
        parties=parties,
        duties=by_urgency(duties),
        caption=Caption("disclosure", told),
        subjects=tuple(_subjects(state)),
    )


def _time(opened: Entry) -> int:
    return int(str(opened.value["time"])) if isinstance(opened.value, dict) else 0


def _status(state: State, parties: tuple[PartyId, ...], found: embargo.Embargo) -> str:
    if parties and all(_has_closed(state, party) for party in parties):
        return CLOSED
    return PUBLISHED if state.entries("published") else found.state


def _has_closed(state: State, party: PartyId) -> bool:
    return {entry.value for entry in state.entries("handling", by=party)} == {CLOSED}


def _duties(
    state: State, opened: Entry, parties: tuple[PartyId, ...], found: embargo.Embargo
) -> Iterator[Duty]:
    for party in found.held:
        # Who agreed to no terms was given no report.
        if party != opened.author and not state.entries("handling", by=party):
            yield Duty(party, HANDLE, None, opened.act, opened.author)
    # Who has closed its report says nothing more on terms (D9), and owes no word on them.
    taking_part = [party for party in parties if not _has_closed(state, party)]
    for party, terms in embargo.unanswered(state, found, taking_part):
        yield Duty(party, ANSWER_TERMS, terms.reply_by, terms.id, terms.by)
    for grant in office.offers(COORDINATOR, state):
        (giver,) = {e.author for e in state.sources("offered", *_key(state, grant))}
        yield Duty(grant.to, TAKE, None, grant.act, giver)


def _key(state: State, grant: office.Grant) -> tuple[str | int, ...]:
    return next(key for key in state.keys("offered") if key[2] == grant.act)


def _subjects(state: State) -> Iterator[Subject]:
    for (name,) in state.keys("named"):
        first = state.sources("named", name)[0]
        yield Subject(VULNERABILITY, str(name), None, None, Id(first.act))
