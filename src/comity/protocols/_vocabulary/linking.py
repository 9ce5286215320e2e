"""How one dossier belongs with another, as the parties of one say: shared by protocols whose cases
are split and merged. Both histories stay as they are; a link moves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.fold import latest
from comity.kernel.ids import Id

if TYPE_CHECKING:
    from comity.kernel.fold import Fact, State
    from comity.kernel.ids import PartyId

SPLIT, MERGED, UNRELATED = "split_from", "merged_into", "unrelated"
RELATIONS = {
    "related": "related to it",
    "duplicate_of": "the same incident as",
    "part_of": "part of it",
    SPLIT: "split from it",
    MERGED: "merged into it",
    "continued_in": "continued in it",
    UNRELATED: "not related after all",
}


class Linked(NamedTuple):
    """What a party says last of the other ``dossier``: by which ``act``, a code of ``relation``."""

    dossier: Id
    act: Id
    author: PartyId
    relation: str


def said(dossier: Id, relation: str) -> Fact:
    """Return what a link says: a later word on the same dossier takes the place of the earlier."""
    return latest("link", dossier, value=relation)


def links(state: State) -> list[Linked]:
    """Return the dossiers that one is linked to, with what each party says of that."""
    return [
        Linked(Id(str(key[0])), Id(entry.act), entry.author, str(entry.value))
        for key in state.keys("link")
        for entry in state.entries("link", *key)
    ]
