"""What the acts of a contact check add up to: facts, and the summary of their join.

Cells: ``opened`` (of who opened it: campaign, checked, with_node, time), ``probe`` (by act:
contact, listed, channel, level, due, time), ``answer`` (by probe, of each who answers: time,
outcome, who, level, still right and corrected as counts), ``result`` (by probe: time, outcome),
``first`` (by probe: the time of the first answer), ``closed`` (how, time), ``owed`` and ``settled``
(probe, party, what).

What is late is each node's own view; silence is no reply, and no refusal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from comity.kernel.fold import How, add, latest, least
from comity.kernel.ids import PartyId
from comity.kernel.kinds import read_charter
from comity.kernel.protocol import Caption, Duty, Summary, members_of
from comity.protocols.trust.contact_check.acts import (
    Answer,
    Close,
    Open,
    Probe,
    Result,
    asked_of,
    read,
)
from comity.protocols.trust.contact_check.codes import (
    CONFIRMED,
    CORRECTED,
    FIELDS_DUE,
    HOLDER,
    MACHINE,
    PERSON,
    WAITING,
)
from comity.protocols.trust.contact_check.subjects import Asked, Came, subjects_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.act import Header
    from comity.kernel.canon import Value
    from comity.kernel.fold import Entry, Fact, State
    from comity.kernel.graph import Node, Past

ANSWER = "answer"
"""What is owed; also the code of the caption that says so, and the kind that does it."""
OPENED, CLOSED, IN_PART, MISSED = "opened", "closed", "in_part", "not_reached"
STATUSES = {
    OPENED: "Opened",
    WAITING: "Waiting for an answer",
    CONFIRMED: "Confirmed",
    CORRECTED: "Corrected",
    IN_PART: "Reached in part",
    MISSED: "Not reached",
    CLOSED: "Closed without an answer",
}
CAPTIONS = {
    "check": "Contact check {campaign:charter.campaign} · {by:party} asks {party:party} · "
    "{act:act}",
    "seat": "Contact check {campaign:charter.campaign} · {by:party} asks {seat:charter.seat} · "
    "{act:act}",
    ANSWER: "Answer the contact check of {to:party}",
}


class Opened(NamedTuple):
    """The opening: its act, who opened it, of which campaign, at what time (ms), and who is
    checked: a party ``with_node``, or a seat.
    """

    act: str
    checker: PartyId
    campaign: str
    checked: str
    with_node: bool
    time: int


def facts(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what one act that has effect says. What the kernel's kinds say, the kernel adds."""
    header = node.header
    match read(header):
        case Open() as told:
            return (_opening(header, told),)
        case Probe() as probe:
            return tuple(_asked(node, past, probe))
        case Answer() as answer:
            return tuple(_answered(header, past, answer))
        case Result(outcome=outcome):
            (probe_,) = header.refs
            return (latest("result", probe_, value=[header.time, outcome]),)
        case Close(end=how):
            return (latest("closed", value=[header.time, how]),)
        case _:
            return ()


def _opening(header: Header, told: Open) -> Fact:
    others = (party for party in read_charter(header).members if party != header.party)
    seat = told.seat
    checked = next(others) if seat is None else seat
    return latest("opened", value=[told.campaign, checked, seat is None, header.time])


def _asked(node: Node, past: Past, probe: Probe) -> Iterator[Fact]:
    header, checker = node.header, past.charter.party
    checked = next((p for p in read_charter(past.charter).members if p != checker), None)
    value: list[Value] = [
        probe.contact,
        probe.listed_by or checked or checker,
        probe.channel,
        probe.level,
        probe.due,
        header.time,
    ]
    yield latest("probe", node.id, value=value)
    if checked is not None and probe.level > MACHINE:
        yield add("owed", node.id, checked, ANSWER)


def _answered(header: Header, past: Past, answer: Answer) -> Iterator[Fact]:
    (probe,) = header.refs
    right = answer.fields or ()
    if answer.outcome == CONFIRMED and answer.fields is None:
        # Who says that it is still right, and no more, says so of every field that is due.
        right = asked_of(header, past).fields or ()
    value: list[Value] = [
        header.time,
        answer.outcome,
        answer.who or HOLDER,
        max(answer.level, FIELDS_DUE if right else PERSON),
        len(right),
        len(answer.corrected or ()),
    ]
    yield latest("answer", probe, value=value)
    yield least("first", probe, value=header.time)
    yield add("settled", probe)


# The summary


def summary(state: State) -> Summary:
    """Return what lists and look-ups know of a contact check."""
    opened = _opened(state)
    tests = tuple(_tests(state))
    closed = [cast("int", _items(entry)[0]) for entry in state.entries("closed")]
    held = (opened.time, max(closed, default=None), opened.act)
    parties = members_of(state)
    due = {test.probe: test.due for test in tests}
    owed = (map(str, key) for key in state.open("owed", "settled"))
    duties = (Duty(PartyId(who), what, due[id_], id_, opened.checker) for id_, who, what in owed)
    return Summary(
        status=_status([test.outcome for test in tests], is_closed=bool(closed)),
        parties=parties,
        duties=tuple(sorted(d for d in duties if d.who in parties and not closed)),
        caption=_caption(opened),
        subjects=tuple(sorted(subjects_of(opened.campaign, opened.checked, held, tests))),
    )


def _opened(state: State) -> Opened:
    (entry,) = state.entries("opened")
    campaign, checked, with_node, time = _items(entry)
    return Opened(
        entry.act,
        entry.author,
        str(campaign),
        str(checked),
        with_node is True,
        cast("int", time),
    )


def _caption(opened: Opened) -> Caption:
    code, name = ("check", "party") if opened.with_node else ("seat", "seat")
    told = {"campaign": opened.campaign, "by": opened.checker, name: opened.checked}
    return Caption(code, told | {"act": opened.act})


def _tests(state: State) -> Iterator[Asked]:
    for (probe,) in state.keys("probe"):
        (entry,) = state.entries("probe", probe)
        contact, listed, channel, level, due, time = _items(entry)
        yield Asked(
            probe=entry.act,
            contact=str(contact),
            listed_by=str(listed),
            channel=str(channel),
            level=cast("int", level),
            due=cast("int", due),
            asked=cast("int", time),
            first=state.bound(How.LEAST, "first", probe),
            came=_came(state, str(probe)),
        )


def _came(state: State, probe: str) -> Came | None:
    """Return what came of a probe: the newest answer, else the newest that who asked says.

    Newest by the times that authors say: whoever answers, and whatever machine was restored, one
    of them is shown, and the timeline holds all.
    """
    for cell in ("answer", "result"):
        entries = state.entries(cell, probe)
        if entries:
            newest = max(entries, key=lambda entry: (cast("int", _items(entry)[0]), entry.act))
            return Came(newest.act, *cast("tuple[int, str]", _items(newest)))
    return None


def _status(outcomes: list[str], *, is_closed: bool) -> str:
    reached = [outcome for outcome in outcomes if outcome in {CONFIRMED, CORRECTED}]
    if not outcomes or WAITING in outcomes:
        if is_closed:
            return IN_PART if reached else CLOSED
        return WAITING if outcomes else OPENED
    if not reached:
        return MISSED
    if len(reached) < len(outcomes):
        return IN_PART
    return CORRECTED if CORRECTED in reached else CONFIRMED


def _items(entry: Entry) -> list[Value]:
    return cast("list[Value]", entry.value)
