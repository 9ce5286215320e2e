"""What the acts of a planned activity add up to: facts, and the summary of their join.

Cells of the announcer, each value beginning with the time of its act: ``opened`` (activity),
``window`` (begins, ends), ``ranges`` (places), ``effect`` (effect), ``stage`` (status, how).

Others: ``ask`` (by act: due), ``answer`` (by ask: result), ``ack`` (by act, of each party: as),
``conflict`` (by act: clash, dossier), ``said`` (acts that may be owed an acknowledgement), ``owed``
(act, party, what), ``settled`` (the same; by an end or a cancelling the act alone), ``over`` (the
time at which it was first said to be over).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from comity.kernel import prefix
from comity.kernel.fold import How, add, latest, least
from comity.kernel.ids import PartyId
from comity.kernel.kinds import read_charter
from comity.kernel.protocol import Caption, Duty, Subject, Summary, by_urgency, members_of
from comity.protocols.trust.planned.acts import (
    Acknowledge,
    Amend,
    Announce,
    Answer,
    Ask,
    Begin,
    Cancel,
    Conflict,
    End,
    read,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from comity.kernel.act import Header
    from comity.kernel.canon import Value
    from comity.kernel.fold import Entry, Fact, State
    from comity.kernel.graph import Node, Past

ANSWER, ACKNOWLEDGE, END = "answer", "acknowledge", "end"
"""What is owed; also the codes of the captions that say so, and the kinds that do it."""
ANNOUNCED, UNDER_WAY, OVER, CANCELLED = "announced", "under_way", "over", "cancelled"
CONFLICT = "conflict"
STATUSES = {
    ANNOUNCED: "Announced",
    UNDER_WAY: "Under way",
    OVER: "Over",
    CANCELLED: "Cancelled",
    CONFLICT: "Told in two ways",
}
CAPTIONS = {
    "planned": "Planned activity · {activity:charter.activity} · {by:party} · {begins:day} · "
    "{act:act}",
    ANSWER: "Answer {to:party}",
    ACKNOWLEDGE: "Acknowledge what {to:party} said",
    END: "Say that it is over",
}
PREFIX = "prefix"
"""The kind of subject that a source range is; its value is the range's place in an index."""
VERSIONS = 4
"""Of a window, or of ranges, told in several ways at once, so many are found by what they name."""
ONCE = ("window", "ranges", "effect", "stage")
"""The cells that hold one thing, unless the announcer told two."""


def facts(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what one act that has effect says.

    What the kernel's own kinds say, the kernel adds; who is on duty is content.
    """
    return (*_announced(node, past), *_replied(node, past))


def _announced(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what the announcer says of the activity."""
    header = node.header
    match read(header):
        case Announce() as told:
            others = {*read_charter(header).members} - {header.party}
            opened = latest("opened", value=[header.time, told.activity])
            return (
                opened,
                add("owed", node.id, header.party, END),
                *_plan(node, told, others),
            )
        case Amend() as told:
            return _plan(node, told, past.members - {header.party})
        case Begin():
            return (_stage(header, UNDER_WAY),)
        case End(course=how):
            over = least("over", value=header.time)
            return (_stage(header, OVER, how), over, *_settled(past))
        case Cancel(reason=how):
            return (_stage(header, CANCELLED, how), *_settled(past))
        case _:
            return ()


def _replied(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what parties say to each other about it."""
    header, announcer = node.header, past.charter.party
    match read(header):
        case Acknowledge(as_=word):
            words = (latest("ack", id_, value=word) for id_ in header.refs)
            return (
                *words,
                *(add("settled", id_, header.party, ACKNOWLEDGE) for id_ in header.refs),
            )
        case Ask() as ask:
            said = latest("ask", node.id, value=ask.to_body())
            return (said, add("owed", node.id, announcer, ANSWER))
        case Answer(result=result):
            (id_,) = header.refs
            said = latest("answer", id_, value=result)
            return (said, add("settled", id_, header.party, ANSWER))
        case Conflict() as clash:
            said = latest("conflict", node.id, value=clash.to_body())
            owed = add("owed", node.id, announcer, ACKNOWLEDGE)
            return (said, add("said", node.id), owed)
        case _:
            return ()


def _plan(node: Node, told: Announce | Amend, others: Iterable[PartyId]) -> tuple[Fact, ...]:
    """Return what is in force by an announcement or an amendment, and who owes a word on it."""
    at = node.header.time
    found = [latest("window", value=[at, told.begins, told.ends]), add("said", node.id)]
    if told.ranges is not None:
        places = [prefix.place(prefix.read(text)) for text in told.ranges]
        found.append(latest("ranges", value=[at, *places]))
    if told.effect is not None:
        found.append(latest("effect", value=[at, told.effect]))
    if told.ack_wanted:
        found += [add("owed", node.id, party, ACKNOWLEDGE) for party in sorted(others)]
    return tuple(found)


def _stage(header: Header, status: str, how: str = "") -> Fact:
    return latest("stage", value=[header.time, status, how])


def _settled(past: Past) -> Iterator[Fact]:
    """Yield that on what was seen before the end nobody owes an acknowledgement any more."""
    yield add("settled", past.opening.id)
    yield from (add("settled", n.id) for kind in ("amend", "conflict") for n in past.all(kind))


def summary(state: State) -> Summary:
    """Return what lists and look-ups know of a planned activity."""
    (opened,) = state.entries("opened")
    windows = state.entries("window")
    parties = members_of(state)
    duties = (_duty(state, *map(str, key)) for key in state.open("owed", "settled"))
    params = {
        "activity": str(_items(opened)[1]),
        "by": opened.author,
        "begins": str(_items(windows[0])[1]),
        "act": opened.act,
    }
    return Summary(
        status=_status(state),
        parties=parties,
        duties=by_urgency(d for d in duties if d.who in parties),
        caption=Caption("planned", params),
        subjects=tuple(sorted({*_subjects(state)})),
    )


def _status(state: State) -> str:
    for cell in ONCE:
        told = [_items(entry)[1:] for entry in state.entries(cell)]
        if any(each != told[0] for each in told):
            return CONFLICT
    stage = state.entries("stage")
    return str(_items(stage[0])[1]) if stage else ANNOUNCED


def _subjects(state: State) -> Iterator[Subject]:
    """Yield every source range with its window, by the later of the acts that say the two.

    What was said to be over explains nothing later, whatever the window was.
    """
    over = state.bound(How.LEAST, "over")
    for window in state.entries("window")[:VERSIONS]:
        at, begins, ends = cast("list[int]", window.value)
        ends = ends if over is None else min(ends, over)
        for named in state.entries("ranges")[:VERSIONS] if begins <= ends else []:
            said, *places = _items(named)
            act = window.act if (at, window.act) > (said, named.act) else named.act
            for place in places:
                yield Subject(PREFIX, str(place), begins, ends, act)


def _items(entry: Entry) -> list[Value]:
    return cast("list[Value]", entry.value)


def _duty(state: State, id_: str, who: str, what: str) -> Duty:
    if what == END:
        ends = max(cast("int", _items(window)[2]) for window in state.entries("window"))
        return Duty(PartyId(who), what, ends, id_)
    if what == ANSWER:
        (ask,) = state.entries("ask", id_)
        due = cast("dict[str, int]", ask.value).get("due")
        return Duty(PartyId(who), what, due, ask.act, ask.author)
    (said,) = state.sources("said", id_)
    return Duty(PartyId(who), what, None, said.act, said.author)
