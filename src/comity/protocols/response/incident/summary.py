"""What lists and work pages show of an incident: where it stands, and who owes what to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from comity.kernel.ids import PartyId
from comity.kernel.protocol import Caption, Duty, Summary, by_urgency, members_of
from comity.protocols.response.incident.codes import WILL
from comity.protocols.response.incident.facts import (
    ACKNOWLEDGE,
    ANSWER,
    DELIVER,
    GO_AHEAD,
    OFFERED,
    PROGRESS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.canon import Object
    from comity.kernel.fold import Entry, State

OPEN, CLOSED, CONFLICT = "open", "closed", "conflict"
STATUSES = {
    OPEN: "Open",
    CLOSED: "Closed",
    CONFLICT: "Closed in two ways",
}
CAPTIONS = {
    "incident": "Incident · opened by {by:party} · {at:day} · {act:act}",
    ANSWER: "Answer {to:party}",
    ACKNOWLEDGE: "Acknowledge what {to:party} said",
    DELIVER: "Do what {to:party} was promised",
    OFFERED: "Accept or turn down what {to:party} offers",
    GO_AHEAD: "Talk to {to:party}, who is about to act on the same target",
    PROGRESS: "Do your task",
}


class Intent(NamedTuple):
    """What a party is about to do: the act that says so, and from when until when (ms)."""

    act: str
    party: PartyId
    begins: int
    ends: int

    def meets(self, other: Intent) -> bool:
        """Say whether another party acts at the same time."""
        return self.party != other.party and self.begins < other.ends and other.begins < self.ends


def summary(state: State) -> Summary:
    """Return what lists show of an incident."""
    (opened,) = state.entries("opened")
    parties = members_of(state)
    duties = (duty for duty in (*_owed(state), *_clashes(state)) if duty.who in parties)
    return Summary(
        status=_status(state),
        parties=parties,
        duties=by_urgency(duties),
        caption=Caption(
            "incident",
            {"by": opened.author, "at": str(_value(opened)["time"]), "act": opened.act},
        ),
    )


def _status(state: State) -> str:
    outcomes = {str(entry.value) for entry in state.entries("closed")}
    if not outcomes:
        return OPEN
    return CLOSED if len(outcomes) == 1 else CONFLICT


def _owed(state: State) -> Iterator[Duty]:
    for id_, who, what in (map(str, key) for key in state.open("owed", "settled")):
        party = PartyId(who)
        if what == DELIVER:
            yield from _promise(state, id_, party)
        else:
            yield _duty(state, id_, party, what)


def _duty(state: State, id_: str, party: PartyId, what: str) -> Duty:
    if what == ACKNOWLEDGE:
        (said,) = state.sources("said", id_)
        return Duty(party, what, None, said.act, said.author)
    cell, due = {ANSWER: ("ask", "whether_by"), OFFERED: ("offer", "until")}.get(
        what, ("task", "due")
    )
    (said,) = state.entries(cell, id_)
    to = None if what == PROGRESS else said.author
    return Duty(party, what, _number(said, due), said.act, to)


def _promise(state: State, id_: str, party: PartyId) -> Iterator[Duty]:
    """Yield what a party has promised, as long as it has not said otherwise."""
    for said in state.entries("ask", id_):
        words = state.entries("answer", id_, by=party)
        promised = [entry for entry in words if _value(entry)["result"] == WILL]
        if promised:
            due = min(cast("int", _number(entry, "when")) for entry in promised)
            yield Duty(party, DELIVER, due, said.act, said.author)
    for said in state.entries("offer", id_):
        to = PartyId(str(_value(said)["to"]))
        dues = [_number(entry, "due") for entry in state.entries("taken", id_, by=to)]
        due_by = min((due for due in dues if due is not None), default=None)
        yield Duty(party, DELIVER, due_by, said.act, to)


def intents(state: State) -> dict[str, list[Intent]]:
    """Return what parties are about to do by target, without what was stood down from."""
    found: dict[str, list[Intent]] = {}
    for id_, target in state.open("aimed", "stood_down"):
        for entry in state.entries("intent", id_):
            value = cast("dict[str, int]", entry.value)
            intent = Intent(entry.act, entry.author, value["from"], value["until"])
            found.setdefault(str(target), []).append(intent)
    return found


def _clashes(state: State) -> Iterator[Duty]:
    """Yield that who is about to act owes others a word who act on the same target meanwhile."""
    dues: dict[tuple[PartyId, Intent], int] = {}
    for meant in intents(state).values():
        for own, other in ((a, b) for a in meant for b in meant if a.meets(b)):
            if not state.entries("go_ahead", other.act, by=own.party):
                due = max(own.begins, other.begins)
                dues[own.party, other] = min(due, dues.get((own.party, other), due))
    for (party, other), due in dues.items():
        yield Duty(party, GO_AHEAD, due, other.act, other.party)


def _value(entry: Entry) -> Object:
    return cast("Object", entry.value)


def _number(entry: Entry, name: str) -> int | None:
    value = _value(entry).get(name)
    return value if isinstance(value, int) else None
