"""What services ask of the state of a circle. Each answer is equal on every node that holds the
same acts, and costs what it is about: a batch, a retraction, an ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from comity.kernel.ids import Id, PartyId
from comity.kernel.label import PAP, TLP
from comity.protocols.sharing.circle.codes import MEMBERS, SILENT, YES
from comity.protocols.sharing.circle.facts import ANSWER, APPLY
from comity.protocols.sharing.circle.terms import Open, collection_of

if TYPE_CHECKING:
    from comity.kernel.fold import Entry, State


class Circle(NamedTuple):
    """The opening: its act, who opened it and when (ms), its terms, the id of its collection."""

    act: Id
    by: PartyId
    time: int
    terms: Open
    collection: str


class Batch(NamedTuple):
    """What was published: in which act, by whom, when (ms), as which kind, with which labels, how
    many objects. Of what was forwarded: through which dossiers, by how many hops, and how many
    parts after the objects show it.
    """

    act: Id
    author: PartyId
    time: int
    kind: str
    tlp: TLP
    pap: PAP | None
    objects: int
    origins: tuple[Id, ...]
    hops: int
    proofs: int


class Retraction(NamedTuple):
    """A tombstone: its act and author, of which batch, which parts (None: all), and why."""

    act: Id
    author: PartyId
    of: Id
    parts: tuple[int, ...] | None
    reason: str


class Application(NamedTuple):
    """What a party did about a retraction or a label: ``how``, which is ``silent`` while it owes a
    word, and where it keeps what was retracted ``reason``. ``said_by`` is the party itself, or the
    member that tells it of a party further on; ``act`` is that party's own word, None while silent.
    """

    party: PartyId
    how: str
    reason: str | None
    said_by: PartyId
    act: Id | None


class Heard(NamedTuple):
    """A party's word on an object: as what, how often, first and last when (ms)."""

    party: PartyId
    act: Id
    as_: str
    times: int | None
    first: int | None
    last: int | None


class Asked(NamedTuple):
    """An ask: its act and author, about which batch and which part (None: all), and for what."""

    act: Id
    by: PartyId
    of: Id
    part: int | None
    what: str


class Compared(NamedTuple):
    """What a party said it holds: the root, how many objects, and when (ms)."""

    party: PartyId
    act: Id
    root: str
    objects: int
    time: int


# The circle


def opened(state: State) -> Circle:
    """Return the opening of a circle."""
    (entry,) = state.entries("opened")
    value = _object(entry)
    said: dict[str, Any] = {a: value[name] for a, name in Open.NAMES if name in value}
    time, rules = cast("int", value["time"]), Open(**said)
    return Circle(entry.act, entry.author, time, rules, collection_of(entry.act, rules))


def terms(state: State) -> Open:
    """Return the terms of a circle's charter."""
    return opened(state).terms


def compared(state: State) -> list[Compared]:
    """Return what each party said last that it holds."""
    return [
        Compared(
            entry.author,
            entry.act,
            str(_object(entry)["root"]),
            cast("int", _object(entry)["count"]),
            cast("int", _object(entry)["time"]),
        )
        for entry in state.entries("compared")
    ]


# Batches


def batch(state: State, act: Id) -> Batch:
    """Return what an act published or forwarded. Raises KeyError when it did neither."""
    found = state.entries("batch", act)
    if not found:
        raise KeyError(act)
    value = _object(found[0])
    pap = value.get("pap")
    return Batch(
        act=act,
        author=found[0].author,
        time=cast("int", value["time"]),
        kind=str(value["kind"]),
        tlp=TLP(str(value["tlp"])),
        pap=None if pap is None else PAP(str(pap)),
        objects=cast("int", value["objects"]),
        origins=tuple(cast("list[Id]", value.get("origins", []))),
        hops=cast("int", value.get("hops", 0)),
        proofs=cast("int", value.get("proofs", 0)),
    )


def in_force(state: State) -> list[Id]:
    """Return the acts that published or forwarded, and were not retracted whole, by id.

    It costs what there is: ask it to list a circle, and not at every append.
    """
    return [Id(str(act)) for (act,) in state.open("published", "retracted")]


def corrections(state: State, act: Id) -> list[Id]:
    """Return the acts that correct a batch."""
    return [Id(str(key[1])) for key in state.under("corrected", act)]


# Retractions and labels


def retracted(state: State, act: Id) -> dict[int | None, tuple[Id, ...]]:
    """Return what of a batch is retracted, by part (None: all of it), and by which acts."""
    return {
        cast("int", key[1]) if len(key) > 1 else None: tuple(
            Id(entry.act) for entry in state.sources("retracted", *key)
        )
        for key in state.under("retracted", act)
    }


def is_retracted(state: State, act: Id, part: int) -> bool:
    """Say whether an object is retracted, alone or with its batch."""
    return state.has("retracted", act) or state.has("retracted", act, part)


def retraction(state: State, act: Id) -> Retraction:
    """Return what an act retracts. Raises KeyError when it retracts nothing."""
    found = state.entries("retraction", act)
    if not found:
        raise KeyError(act)
    value = _object(found[0])
    parts = cast("list[int] | None", value.get("parts"))
    of, reason = Id(str(value["act"])), str(value["reason"])
    named = None if parts is None else tuple(parts)
    return Retraction(act, found[0].author, of, named, reason)


def label(state: State, act: Id, part: int) -> TLP:
    """Return the label of an object as its author said it last, the strictest of several.

    Raises KeyError when the act is no batch.
    """
    said = (
        TLP(str(entry.value))
        for key in ((act, part), (act,))
        for entry in state.entries("label", *key)
        if not (state.has("outdone", entry.act) or state.has("outdone", entry.act, part))
    )
    return max(said, default=batch(state, act).tlp)


def applied(state: State, act: Id) -> list[Application]:
    """Return what each party did about a retraction or a label, and who is silent.

    Nobody owes a word on a label; of a retraction who was a member does when it is said.
    """
    found = [_application(entry, entry.author) for entry in state.entries("applied", act)]
    said = {each.party for each in found}
    owing = (PartyId(str(key[1])) for key in state.under("owed", act) if key[2] == APPLY)
    found += [Application(party, SILENT, None, party, None) for party in owing if party not in said]
    return sorted(found, key=_by_party)


def relayed(state: State, act: Id) -> list[Application]:
    """Return what parties in circles further on did about it, as members tell."""
    found = [
        _application(entry, PartyId(str(key[1])))
        for key in state.under("relayed", act)
        for entry in state.entries("relayed", *key)
    ]
    return sorted(found, key=_by_party)


def _application(entry: Entry, party: PartyId) -> Application:
    value = cast("dict[str, str]", entry.value)
    own = Id(value.get("act", entry.act))
    return Application(party, value["how"], value.get("reason"), entry.author, own)


def _by_party(told: Application) -> tuple[PartyId, PartyId, str]:
    return (told.party, told.said_by, told.act or "")


# What others say


def feedback(state: State, act: Id, part: int) -> list[Heard]:
    """Return the newest word of each party on an object; two where it crossed its own."""
    return [_heard(entry) for entry in state.entries("feedback", act, part)]


def parts_with_feedback(state: State, act: Id) -> list[int]:
    """Return the objects of a batch on which somebody has said something."""
    return sorted(cast("int", key[1]) for key in state.under("feedback", act))


def _heard(entry: Entry) -> Heard:
    value = cast("dict[str, int]", entry.value)
    times = (value.get("count"), value.get("first"), value.get("last"))
    return Heard(entry.author, entry.act, str(value["as"]), *times)


def ask(state: State, act: Id) -> Asked:
    """Return an ask. Raises KeyError when the act is none."""
    found = state.entries("ask", act)
    if not found:
        raise KeyError(act)
    value = _object(found[0])
    part = cast("int | None", value.get("part"))
    return Asked(act, found[0].author, Id(str(value["act"])), part, str(value["what"]))


def open_asks(state: State) -> list[Asked]:
    """Return the asks that nobody has answered yet, by id."""
    owed = state.open("owed", "settled")
    return [ask(state, Id(str(id_))) for id_, _, what in owed if what == ANSWER]


def may_forward(state: State, act: Id, part: int, party: PartyId) -> bool:
    """Say whether a party may forward an object that is AMBER or stricter: its own, or because
    the charter lets every member, or because it has asked and may.

    Where who published it said yes and no at once, it may not. Raises KeyError when the act is no
    batch.
    """
    held = batch(state, act)
    if held.kind == "publish" and held.author == party:
        return True
    if terms(state).forward == MEMBERS:
        return True
    asked = (key for key in state.under("permitted", act) if key[1] == party)
    return any(_allows(state, Id(str(key[2])), part) for key in asked)


def _allows(state: State, asked: Id, part: int) -> bool:
    answers = {_object(entry)["answer"] for entry in state.entries("answer", asked)}
    # An ask that is disowned is not there, though its answer is; nobody is known to have asked.
    about = [_object(entry).get("part") for entry in state.entries("ask", asked)]
    return answers == {YES} and any(each in {None, part} for each in about)


def _object(entry: Entry) -> dict[str, object]:
    return cast("dict[str, object]", entry.value)
