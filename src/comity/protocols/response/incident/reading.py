"""What services ask of the state of an incident. Each answer is equal on every node that holds the
same acts: what is late is said by who knows the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from comity.kernel.fold import How
from comity.kernel.ids import Id, PartyId
from comity.protocols.response.incident.codes import OPEN
from comity.protocols.response.incident.summary import intents

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.kernel.fold import Entry, State

WAITING, ACCEPTED, TURNED_DOWN, STOOD_DOWN = "waiting", "accepted", "turned_down", "stood_down"
"""What became of an offer."""


class Said(NamedTuple):
    """What one act says: its author, and its coded fields."""

    act: Id
    author: PartyId
    told: Object


class Word(NamedTuple):
    """What one party, which was asked, has said and done: ``answers`` are its newest, one or none,
    two in a conflict; ``whether`` and ``helped`` when it first did (ms), None while it has not;
    ``delivered`` its newest delivery, the rest still to come where that has ``more``.
    """

    party: PartyId
    answers: tuple[Said, ...]
    whether: int | None
    helped: int | None
    delivered: Said | None


class Request(NamedTuple):
    """An ask: with ``whether_by`` among its fields; a word of each asked party; what the asker says
    came of it, "" while it has not, two in a conflict.
    """

    ask: Said
    words: tuple[Word, ...]
    results: tuple[str, ...]


class Offered(NamedTuple):
    """An offer, what became of it (``stands``), by when the help is needed then (``due``), what was
    ``delivered``, and what who accepted it says came of it.
    """

    offer: Said
    stands: str
    due: int | None
    delivered: Said | None
    results: tuple[str, ...]


class Job(NamedTuple):
    """A task, and the newest words on how far it is."""

    task: Said
    states: tuple[str, ...]


class Meant(NamedTuple):
    """What a party is about to do, and those whose intentions meet it at the same target."""

    intent: Said
    meets: tuple[PartyId, ...]


def described(state: State) -> list[Said]:
    """Return what each party says it knows, by party."""
    return [_said(entry) for entry in state.entries("described")]


def events(state: State) -> list[Said]:
    """Return the timeline by when it happened, without what was put right."""
    found = (_said(e) for (id_,) in state.keys("event") for e in state.entries("event", str(id_)))
    stand = [each for each in found if not state.entries("replaced", each.act)]
    return sorted(stand, key=lambda each: (cast("int", each.told["at"]), each.act))


def requests(state: State) -> list[Request]:
    """Return what was asked for, by when it was."""
    asks = [_said(e) for (id_,) in state.keys("ask") for e in state.entries("ask", str(id_))]
    return [
        Request(ask, tuple(_word(state, ask, party) for party in _asked(ask)), _results(state, ask))
        for ask in sorted(asks, key=lambda ask: (cast("int", ask.told["time"]), ask.act))
    ]


def _asked(ask: Said) -> list[PartyId]:
    return cast("list[PartyId]", ask.told["to"])


def _word(state: State, ask: Said, party: PartyId) -> Word:
    return Word(
        party,
        tuple(_said(entry) for entry in state.entries("answer", ask.act, by=party)),
        state.bound(How.LEAST, "whether", ask.act, party),
        state.bound(How.LEAST, "helped", ask.act, party),
        _delivered(state, ask.act, party),
    )


def _delivered(state: State, id_: Id, party: PartyId) -> Said | None:
    found = [_said(entry) for entry in state.entries("delivered", id_, by=party)]
    return max(found, key=lambda each: cast("int", each.told["time"]), default=None)


def _results(state: State, said: Said) -> tuple[str, ...]:
    return tuple(sorted({str(entry.value) for entry in state.entries("result", said.act)}))


def offers(state: State) -> list[Offered]:
    """Return what was offered, by act."""
    found = (_said(e) for (id_,) in state.keys("offer") for e in state.entries("offer", str(id_)))
    return [_offered(state, offer) for offer in found]


def _offered(state: State, offer: Said) -> Offered:
    taken = [cast("Object", entry.value) for entry in state.entries("taken", offer.act)]
    dues = [cast("int", word["due"]) for word in taken if "due" in word]
    stands = WAITING
    if taken:
        stands = ACCEPTED if any("accepted" in word for word in taken) else TURNED_DOWN
    if state.has("stood_down", offer.act):
        stands = STOOD_DOWN
    delivered = _delivered(state, offer.act, offer.author)
    return Offered(offer, stands, min(dues, default=None), delivered, _results(state, offer))


def tasks(state: State) -> list[Job]:
    """Return the tasks that parties took, by party."""
    found = [_said(e) for (id_,) in state.keys("task") for e in state.entries("task", str(id_))]
    return [
        Job(task, _states(state, task))
        for task in sorted(found, key=lambda task: (task.author, task.act))
    ]


def _states(state: State, task: Said) -> tuple[str, ...]:
    said = {str(entry.value) for entry in state.entries("progress", task.act)}
    return tuple(sorted(said or {OPEN}))


def topics(state: State) -> list[tuple[Said, tuple[Id, ...]]]:
    """Return the topics, each with the acts that belong to it."""
    found = (e for (id_,) in state.keys("topic") for e in state.entries("topic", str(id_)))
    return [
        (Said(e.act, e.author, {}), tuple(Id(str(key[1])) for key in state.under("in", e.act)))
        for e in found
    ]


def intentions(state: State) -> list[Meant]:
    """Return what parties are about to do, by when it begins, without what was stood down from."""
    meets: dict[str, set[PartyId]] = {}
    for meant in intents(state).values():
        for own in meant:
            others = {other.party for other in meant if own.meets(other)}
            meets.setdefault(own.act, set()).update(others)
    found = [_said(entry) for id_ in meets for entry in state.entries("intent", id_)]
    return [
        Meant(intent, tuple(sorted(meets[intent.act])))
        for intent in sorted(found, key=lambda each: (cast("int", each.told["from"]), each.act))
    ]


def _said(entry: Entry) -> Said:
    return Said(Id(entry.act), entry.author, cast("Object", entry.value))
