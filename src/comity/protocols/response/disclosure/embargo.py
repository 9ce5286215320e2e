"""The embargo: a pure fold over the set of acts, so that no two nodes that hold the same differ.

Every party *holds to* the terms that it last proposed or accepted, unless its newest word on these
is a refusal or a withdrawal. The embargo is in force as long as two parties at least hold to terms,
nobody has ended it, and nobody claims that it is out; its end is the earliest of those that parties
hold to. Who wants it to last longer proposes so, and it does when all who hold to an earlier end
have agreed; who wants it shorter says so, and it is. Silence is no consent: who says nothing holds
to nothing, and is given no content.

Two things end it for good: that a party which holds to terms in force withdraws from them, and a
claim. What a claim ends is this shared word "in force" alone: whether a party still keeps to it is
judged at each node by its own rule (``engines.embargo``), since one false claim would otherwise end
every embargo. A claim that was taken back stands beside its retraction, and counts here as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.fold import State, latest
from comity.kernel.ids import Id, PartyId
from comity.protocols.response.disclosure.acts import Accept, Propose, Refuse, Withdraw, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from comity.kernel.fold import Entry, Fact
    from comity.kernel.graph import Node, Past

NONE, PROPOSED, ACTIVE, REVISED = "none", "proposed", "active", "revised"
CLAIMED, ENDED = "claimed", "ended"
"""Where an embargo stands."""
IN_FORCE = frozenset((ACTIVE, REVISED))
STEPS = {
    NONE: (PROPOSED,),
    PROPOSED: (PROPOSED, ACTIVE, NONE),
    ACTIVE: (REVISED, ENDED),
    REVISED: (REVISED, ACTIVE, ENDED),
    ENDED: (),
}
"""How it moves, step by step; one act may take several: who answers terms by proposing a later end
agrees to the earlier and proposes to revise it.
"""
AGREED, REFUSED, WITHDRAWN, COUNTERED = "agreed", "refused", "withdrawn", "countered"
"""A party's newest word on terms."""
DEALING = ("propose", "accept", "refuse", "withdraw")
"""The kinds by which parties deal about terms."""
OPEN = frozenset(
    (
        *DEALING,
        "discuss",
        "offer_coordination",
        "take_coordination",
        "invite",
        "join",
        "decline",
        "leave",
    )
)
"""The kinds whose content goes to every member: nothing of the vulnerability stands there."""
LETTING = frozenset(("propose", "accept"))
"""The kinds by which a party comes to hold to terms."""
ENOUGH = 2
"""Parties that make an embargo: nobody has one alone."""


class Held(NamedTuple):
    """The terms that ``party`` holds to: by which act, until when (ms), its duties under law."""

    party: PartyId
    terms: Id
    end: int
    act: Id
    duties: tuple[str, ...]
    within: int | None


class Offered(NamedTuple):
    """A party's newest terms: ``id``, ``end``, and by when it needs a reply, if it does (ms)."""

    id: Id
    by: PartyId
    end: int
    reply_by: int | None


class Embargo(NamedTuple):
    """Where it stands: ``end`` (ms) is the earliest that is held to, None without any; ``held`` by
    party; ``offered`` are the terms that some who hold to an earlier end have not answered;
    ``ended`` says who ended it, by which acts.
    """

    state: str
    end: int | None
    held: Mapping[PartyId, Held]
    offered: tuple[Offered, ...]
    ended: tuple[Entry, ...]


def words(node: Node) -> tuple[Fact, ...]:
    """Return what an act says of terms: cells ``held`` and ``terms`` of its author, and its
    ``word`` on them.
    """
    act = read(node.header)
    if isinstance(act, Propose | Accept):
        return _agreed(node, act)
    if isinstance(act, Refuse | Withdraw):
        (id_,) = node.header.refs
        return (latest("word", id_, value=REFUSED if isinstance(act, Refuse) else WITHDRAWN),)
    return ()


def _agreed(node: Node, act: Propose | Accept) -> tuple[Fact, ...]:
    if isinstance(act, Accept):
        (id_,) = node.header.refs
        return (
            latest("held", value={**act.to_body(), "terms": id_}),
            latest("word", id_, value=AGREED),
        )
    said = {name: value for name, value in act.to_body().items() if name in {"duties", "within"}}
    return (
        latest("terms", value=act.to_body()),
        latest("end", node.id, value=act.end),
        latest("held", value={**said, "terms": node.id}),
        latest("word", node.id, value=AGREED),
        *(latest("word", id_, value=COUNTERED) for id_ in node.header.refs),
    )


def held(state: State) -> dict[PartyId, Held]:
    """Return what each party holds to.

    Whose restored machine agreed to two terms at once holds to the earlier end; one that refused
    and agreed at once holds to none.
    """
    found: dict[PartyId, Held] = {}
    for each in _stated(state):
        other = found.get(each.party)
        if other is None or (each.end, each.act) < (other.end, other.act):
            found[each.party] = each
    return found


def holds(state: State, party: PartyId) -> bool:
    """Say whether a party holds to any terms."""
    return next(_stated(state, party), None) is not None


def _stated(state: State, by: PartyId | None = None) -> Iterator[Held]:
    for entry in state.entries("held", by=by):
        value = entry.value if isinstance(entry.value, dict) else {}
        id_ = str(value["terms"])
        said = {word.value for word in state.entries("word", id_, by=entry.author)}
        ends = state.entries("end", id_)
        if said == {AGREED} and ends:
            duties = value["duties"] if isinstance(value["duties"], list) else []
            yield Held(
                party=entry.author,
                terms=Id(id_),
                end=int(str(ends[0].value)),
                act=Id(entry.act),
                duties=tuple(map(str, duties)),
                within=_whole(value.get("within")),
            )


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def read_embargo(state: State) -> Embargo:
    """Return where the embargo stands."""
    parties = held(state)
    end = min((each.end for each in parties.values()), default=None)
    ended = tuple(e for (id_,) in state.keys("ended") for e in state.sources("ended", id_))
    offered = tuple(_offered(state, parties, end))
    return Embargo(_state(state, parties, offered, ended), end, parties, offered, ended)


def _state(
    state: State,
    parties: Mapping[PartyId, Held],
    offered: tuple[Offered, ...],
    ended: tuple[Entry, ...],
) -> str:
    if ended:
        return ENDED
    if state.keys("claim"):
        return CLAIMED
    if len(parties) < ENOUGH:
        return PROPOSED if newest_terms(state) else NONE
    return REVISED if offered else ACTIVE


def _offered(state: State, parties: Mapping[PartyId, Held], end: int | None) -> Iterator[Offered]:
    """Yield the terms that would last longer and that somebody bound has not answered."""
    for terms in newest_terms(state):
        later = end is not None and terms.end > end
        if later and any(not state.entries("word", terms.id, by=party) for party in parties):
            yield terms


def newest_terms(state: State) -> list[Offered]:
    """Return the newest terms of each party, unless it no longer agrees to them itself."""
    return [
        Offered(Id(entry.act), entry.author, *_times(entry))
        for entry in state.entries("terms")
        if {e.value for e in state.entries("word", entry.act, by=entry.author)} == {AGREED}
    ]


def _times(terms: Entry) -> tuple[int, int | None]:
    value = terms.value if isinstance(terms.value, dict) else {}
    return int(str(value["end"])), _whole(value.get("reply_by"))


def unanswered(state: State, parties: Iterable[PartyId]) -> Iterator[tuple[PartyId, Offered]]:
    """Yield which of the newest terms which of ``parties`` have said nothing on.

    Who holds to an end as late owes no word on an earlier one.
    """
    for terms in newest_terms(state):
        for party in parties:
            own = next((each.end for each in _stated(state, party)), 0)
            if terms.end > own and not state.entries("word", terms.id, by=party):
                yield party, terms


def seen_by(past: Past) -> State:
    """Return what an act's author had seen of dealings about terms, and of claims."""
    state = State(past.before)
    for kind in DEALING:
        for node in past.all(kind):
            state.join(node, words(node))
    return state


def ends(node: Node, past: Past) -> bool:
    """Say whether a refusal or a withdrawal ends the embargo: its author held to these terms, and
    another party to any, as far as the author had seen.
    """
    (id_,) = node.header.refs
    parties = held(seen_by(past))
    own = parties.get(node.header.party)
    return own is not None and own.terms == id_ and len(parties) >= ENOUGH


def gives(state: State, kind: str, party: PartyId) -> bool:
    """Say whether the content of acts of a kind goes to a member: terms come before content."""
    return kind in OPEN or holds(state, party)
