"""The embargo: a pure fold over the set of acts, so that no two nodes that hold the same differ.

A party *agrees to* terms that it proposes or accepts, until it refuses them or withdraws from them.
It *holds to* those that it agreed to last among the ones that another party agrees to as well:
what a party proposes alone binds nobody. The embargo is in force as long as parties hold to terms,
nobody has ended it, and nobody claims that it is out; its end is the earliest that is held to. Who
wants another end proposes it: a later one counts when all who hold to an earlier have agreed, an
earlier one as soon as one other party has. Silence is no consent: who says nothing agrees to
nothing, and is given no content.

Two things end it for good: that a party which holds to terms withdraws from them, and a claim. What
a claim ends is this shared word "in force" alone: whether a party still keeps to it is judged at
each node by its own rule (``engines.embargo``), since one false claim would otherwise end every
embargo. A claim that was taken back stands beside its retraction, and counts here as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.fold import State, latest
from comity.kernel.ids import Id, PartyId
from comity.protocols.response.disclosure.acts import Accept, Propose, Refuse, Withdraw, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from comity.kernel.canon import Object
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
"""How it moves between two parties that have said nothing that is out."""
AGREED, REFUSED, WITHDRAWN, COUNTERED = "agreed", "refused", "withdrawn", "countered"
"""A party's newest word on terms."""
DEALING = ("propose", "accept", "refuse", "withdraw")
"""The kinds by which parties deal about terms."""
ENDING = ("refuse", "withdraw")
"""Those by which a party ends the embargo, if it holds to these terms."""
CLAIMING = ("claim", "publish")
"""The kinds that say that it is out."""
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
"""The kinds by which a party comes to agree to terms."""
ENOUGH = 2
"""Parties that make terms hold: nobody has an embargo alone."""


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
    party; ``offered`` are the terms with another end that some who hold to any have not answered;
    ``ended`` says who ended it, by which acts.
    """

    state: str
    end: int | None
    held: Mapping[PartyId, Held]
    offered: tuple[Offered, ...]
    ended: tuple[Entry, ...]


def words(node: Node) -> tuple[Fact, ...]:
    """Return what an act says of terms: its author's ``word`` on them, with its place among the
    author's acts, its ``consent`` if it agrees, and the ``terms`` and their ``end`` if it proposes.
    """
    act = read(node.header)
    if isinstance(act, Propose):
        return (
            latest("terms", value=act.to_body()),
            latest("end", node.id, value=act.end),
            *_agreed(node, node.id, act),
            *(_word(node, id_, COUNTERED) for id_ in node.header.refs),
        )
    if isinstance(act, Accept):
        return _agreed(node, node.header.refs[0], act)
    if isinstance(act, Refuse | Withdraw):
        word = REFUSED if isinstance(act, Refuse) else WITHDRAWN
        return (_word(node, node.header.refs[0], word),)
    return ()


def _agreed(node: Node, terms: str, act: Propose | Accept) -> tuple[Fact, ...]:
    said: Object = {"duties": [*act.duties]}
    if act.within is not None:
        said["within"] = act.within
    return (_word(node, terms, AGREED), latest("consent", terms, value=said))


def _word(node: Node, terms: str, word: str) -> Fact:
    return latest("word", terms, value={"word": word, "at": [node.header.log, node.header.n]})


def word_on(entry: Entry) -> str:
    """Return the word that an entry of the cell ``word`` says."""
    return str(entry.value["word"]) if isinstance(entry.value, dict) else ""


def _at(entry: Entry) -> tuple[int, ...]:
    place = entry.value["at"] if isinstance(entry.value, dict) else ()
    return tuple(int(str(each)) for each in place) if isinstance(place, list) else ()


def agreeing(state: State, terms: str) -> dict[PartyId, Entry]:
    """Return the parties that agree to terms, each with its word.

    Whose restored machine agreed and refused at once does not.
    """
    said: dict[PartyId, list[Entry]] = {}
    for entry in state.entries("word", terms):
        said.setdefault(entry.author, []).append(entry)
    return {
        party: entries[-1]
        for party, entries in said.items()
        if all(word_on(entry) == AGREED for entry in entries)
    }


def end_of(state: State, terms: str) -> int | None:
    """Return the end of terms (ms), None where their act is disowned."""
    ends = state.entries("end", terms)
    return int(str(ends[0].value)) if ends else None


def held(state: State) -> dict[PartyId, Held]:
    """Return what each party holds to.

    Whose restored machine agreed to two terms at once holds to the earlier end.
    """
    found: dict[PartyId, tuple[tuple[int, ...], Held]] = {}
    for (id_,) in state.keys("end"):
        parties, end = agreeing(state, str(id_)), end_of(state, str(id_))
        if end is None or len(parties) < ENOUGH:
            continue
        for party, word in parties.items():
            at, each = _at(word), _held(state, party, str(id_), end)
            other = found.get(party)
            if other is None or (at, -end) > (other[0], -other[1].end):
                found[party] = (at, each)
    return {party: each for party, (_, each) in found.items()}


def _held(state: State, party: PartyId, terms: str, end: int) -> Held:
    consent = state.entries("consent", terms, by=party)[-1]
    value = consent.value if isinstance(consent.value, dict) else {}
    duties = value["duties"] if isinstance(value["duties"], list) else []
    return Held(
        party=party,
        terms=Id(terms),
        end=end,
        act=Id(consent.act),
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
    if not parties:
        return PROPOSED if newest_terms(state) else NONE
    return REVISED if offered else ACTIVE


def _offered(state: State, parties: Mapping[PartyId, Held], end: int | None) -> Iterator[Offered]:
    """Yield the terms with another end that somebody bound has not answered."""
    for terms in newest_terms(state):
        other = end is not None and terms.end != end
        if other and any(not state.entries("word", terms.id, by=party) for party in parties):
            yield terms


def newest_terms(state: State) -> list[Offered]:
    """Return the newest terms of each party, unless it no longer agrees to them itself."""
    return [
        Offered(Id(entry.act), entry.author, *_times(entry))
        for entry in state.entries("terms")
        if entry.author in agreeing(state, entry.act)
    ]


def _times(terms: Entry) -> tuple[int, int | None]:
    value = terms.value if isinstance(terms.value, dict) else {}
    return int(str(value["end"])), _whole(value.get("reply_by"))


def unanswered(
    state: State, found: Embargo, parties: Iterable[PartyId]
) -> Iterator[tuple[PartyId, Offered]]:
    """Yield which of the newest terms which of ``parties`` have said nothing on.

    Who holds to terms owes no word on others with the end that is in force.
    """
    for terms in newest_terms(state):
        for party in parties:
            is_met = party in found.held and terms.end == found.end
            if not is_met and not state.entries("word", terms.id, by=party):
                yield party, terms


def seen_by(past: Past) -> State:
    """Return what an act's author had seen of dealings about terms."""
    state = State(past.before)
    for kind in DEALING:
        for node in past.all(kind):
            state.join(node, words(node))
    return state


def ends(node: Node, past: Past) -> bool:
    """Say whether a refusal or a withdrawal ends the embargo: its author held to these terms, as
    far as it had seen.
    """
    own = held(seen_by(past)).get(node.header.party)
    return own is not None and own.terms == node.header.refs[0]


def is_over(past: Past) -> bool:
    """Say whether an act's author had seen that a party ended the embargo, or that it is said to be
    out: then it is in force no more, for nobody.
    """
    if any(True for kind in CLAIMING for _ in past.all(kind)):
        return True
    # Who never agreed to terms ends nothing by refusing some.
    agreed = {node.header.party for kind in LETTING for node in past.all(kind)}
    said = (node for kind in ENDING for node in past.all(kind) if node.header.party in agreed)
    return any(ends(node, past.of(node)) for node in said)


def gives(state: State, kind: str, author: PartyId, party: PartyId) -> bool:
    """Say whether the content of acts of a kind by ``author`` goes to a member: terms come before
    content.

    A member is given it that agrees to terms which the author agrees to, or, with another party, to
    an end no earlier than the earliest of these: nobody is given anything by proposing alone, since
    that binds nobody, and its withdrawal would end nothing. Who agrees to no terms itself gives
    nothing to anybody.
    """
    if kind in OPEN:
        return True
    mine, theirs = _agreed_by(state, author), _agreed_by(state, party)
    asked = min(mine.values(), default=None)
    return asked is not None and any(
        i in mine or (end >= asked and len(agreeing(state, i)) >= ENOUGH)
        for i, end in theirs.items()
    )


def _agreed_by(state: State, party: PartyId) -> dict[str, int]:
    """Return the terms that a party agrees to, with their ends."""
    found: dict[str, int] = {}
    for (id_,) in state.keys("end"):
        end = end_of(state, str(id_))
        said = {word_on(entry) for entry in state.entries("word", str(id_), by=party)}
        if end is not None and said == {AGREED}:
            found[str(id_)] = end
    return found
