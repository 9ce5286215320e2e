"""What services ask of the state of a joint product. Each answer is equal on every node that holds
the same acts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from comity.kernel.ids import Id, PartyId
from comity.kernel.protocol import members_of
from comity.protocols.response.product.facts import ASKED, PUBLISHED

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.kernel.fold import State


class Stage(NamedTuple):
    """Which draft stands, and since or from when it is public (ms), None while it is not."""

    draft: Id
    public: int | None


class Written(NamedTuple):
    """A paragraph of a draft: the act that wrote it, its author, its place and its sources."""

    act: Id
    author: PartyId
    place: int
    sources: tuple[Id, ...]


class Stand(NamedTuple):
    """A party's word on a draft: ``position`` a code, "" while it has said nothing, ``apart`` the
    paragraphs it does not stand behind, ``act`` the word itself; of a party that said two things
    at once, there are two.
    """

    party: PartyId
    position: str
    apart: tuple[Id, ...]
    act: Id | None


def stages(state: State) -> list[Stage]:
    """Return where it stands: nothing while it is written or was withdrawn, two in a conflict."""
    told = [cast("list[object]", entry.value) for entry in state.entries("stage")]
    return [
        Stage(Id(str(draft)), int(str(rest[0])) if rest else None)
        for status, draft, *rest in told
        if status in {ASKED, PUBLISHED}
    ]


def paragraphs(state: State, draft: Id) -> list[Written]:
    """Return the paragraphs of a draft, in the order in which they stand."""
    written = (_written(state, Id(id_)) for id_ in _ids(_draft(state, draft), "paragraphs"))
    return sorted(written, key=lambda each: (each.place, each.act))


def _written(state: State, id_: Id) -> Written:
    (said,) = state.entries("paragraph", id_)
    told = cast("Object", said.value)
    return Written(id_, said.author, cast("int", told["place"]), _ids(told, "sources"))


def stands(state: State, draft: Id) -> list[Stand]:
    """Return what each member says of a draft, by party. Who put it forward stands behind it and is
    not among them; who has left and had spoken is.
    """
    (put,) = state.entries("draft", draft)
    said = [
        Stand(entry.author, str(told["position"]), _ids(told, "apart"), entry.act)
        for entry in state.entries("position", draft)
        if (told := cast("Object", entry.value))
    ]
    silent = {*members_of(state)} - {put.author, *(each.party for each in said)}
    found = [*said, *(Stand(party, "", (), None) for party in silent)]
    return sorted(found, key=lambda each: (each.party, each.act or ""))


def due(state: State, draft: Id) -> int | None:
    """Return by when positions on a draft are needed (ms), None where nobody said."""
    return cast("int | None", _draft(state, draft).get("due"))


def _draft(state: State, draft: Id) -> Object:
    (said,) = state.entries("draft", draft)
    return cast("Object", said.value)


def _ids(told: Object, name: str) -> tuple[Id, ...]:
    return tuple(cast("list[Id]", told.get(name, [])))
