"""What lists, work pages and look-ups know of a circle.

Its one subject, ``collection``, is the id under which programs read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.ids import Id, PartyId
from comity.kernel.protocol import Caption, Duty, Subject, Summary, members_of
from comity.protocols.sharing.circle import reading
from comity.protocols.sharing.circle.facts import ANSWER, APPLY

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from comity.kernel.fold import State

OPEN, WAITING = "open", "waiting"
STATUSES = {
    OPEN: "Open",
    WAITING: "Waiting for a member",
}
CAPTIONS = {
    "circle": "Circle · {purpose:charter.purpose} · {by:party} · {at:day} · {act:act}",
    APPLY: "Remove what {to:party} retracted, or say why you keep it",
    ANSWER: "Answer {to:party}, which asks for a wider label or for permission to forward",
}
COLLECTION = "collection"


def summary(state: State) -> Summary:
    """Return what lists and look-ups know of a circle. It costs what is open."""
    opened = reading.opened(state)
    parties = members_of(state)
    duties = tuple(sorted(_duties(state, parties)))
    params = {
        "purpose": opened.terms.purpose,
        "by": opened.by,
        "at": str(opened.time),
        "act": opened.act,
    }
    return Summary(
        status=WAITING if duties else OPEN,
        parties=parties,
        duties=duties,
        caption=Caption("circle", params),
        subjects=(Subject(COLLECTION, opened.collection, None, None, opened.act),),
    )


def _duties(state: State, members: Container[PartyId]) -> Iterator[Duty]:
    for id_, who, what in (map(str, key) for key in state.open("owed", "settled")):
        if who in members:
            (said,) = state.sources("owed", id_, who, what)
            by = said.author if what == APPLY else reading.ask(state, Id(id_)).by
            yield Duty(PartyId(who), what, None, id_, by)
