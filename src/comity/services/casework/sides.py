"""The lanes of dossiers and acts, and what one person reads and says in them.

A person sees a dossier who reads one of its lanes. Of what was said in a lane that the person does
not read, it is told that it is there, by whom and when, and nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from comity.kernel import kinds, lanes
from comity.kernel.act import read_header
from comity.kernel.errors import Phrase
from comity.kernel.label import TLP
from comity.kernel.protocol import LANES
from comity.services.casework.kernelkinds import TRANSLATION
from comity.store.access import acts as access

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from comity.kernel.act import Header
    from comity.services.casework.view import ActView, ReplyView
    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.store.access.acts import ActRow, DossierRow

NAMES = {
    "technical": "the technical lane",
    "diplomatic": "the diplomatic lane",
    "legal": "the legal lane",
    "programme": "the programme lane",
}


class Sides:
    """What one person reads and says of dossiers that stand in several lanes."""

    def __init__(self, node: Node, actor: Actor) -> None:
        self._node = node
        self._actor = actor
        self._held: dict[str, tuple[str, ...]] = {}

    def of(self, row: DossierRow) -> tuple[str, ...]:
        """Return the lanes of a dossier; what cannot be read here is technical."""
        protocol = self._node.protocols.get((row.protocol, row.version))
        if protocol is None:
            return LANES[:1]
        if len(protocol.lanes) == 1:
            return protocol.lanes
        if row.id not in self._held:
            opening = access.act(self._node.db, row.id)
            able = protocol.lanes
            self._held[row.id] = (
                able if opening is None else lanes.of_dossier(able, read_header(opening.header))
            )
        return self._held[row.id]

    def of_act(self, row: DossierRow, act: ActRow) -> tuple[str, ...]:
        """Return the lanes of an act; a translation is in those of the original."""
        able = self.of(row)
        return able if len(able) == 1 else lanes.of_act(able, self._told(act))

    def _told(self, act: ActRow) -> Header:
        said = kinds.said(read_header(act.header))
        if said.kind == TRANSLATION.kind:
            original = access.act(self._node.db, str(said.body["act"]))
            return said if original is None else kinds.said(read_header(original.header))
        return said

    def sees(self, row: DossierRow) -> bool:
        """Say whether this person reads a lane of a dossier, under its ceiling."""
        return self._actor.reads_any(self.of(row), TLP(row.ceiling))

    def reads(self, row: DossierRow, act: ActRow) -> bool:
        """Say whether this person reads an act of a dossier that it sees."""
        return self._actor.reads_any(self.of_act(row, act), TLP(row.ceiling))

    def reads_all(self, row: DossierRow) -> bool:
        """Say whether this person reads every lane of a dossier."""
        return all(self._actor.reads(lane, TLP(row.ceiling)) for lane in self.of(row))

    def hidden(self, row: DossierRow, ids: Iterable[str]) -> frozenset[str]:
        """Return those of some acts of a dossier that this person does not read."""
        if self.reads_all(row):
            return frozenset()
        found = access.acts_among(self._node.db, sorted(set(ids)))
        return frozenset(id_ for id_, act in found.items() if not self.reads(row, act))


def closed(act: ActView, lane: str, say: Callable[[str], str]) -> ActView:
    """Return an act as somebody is shown it who does not read its lane: that it is there."""
    told = Phrase("{name} said something in {lane}", name=act.name, lane=Phrase(NAMES[lane]))
    return replace(
        act,
        hidden=True,
        kind="",
        caption=told.said(say),
        guest="",
        recorded="",
        body={},
        refs=(),
        held=False,
        fields={},
        files=(),
        objects=0,
        void=None,
        erasing=(),
        asks=False,
        ladder=(),
        replies=(),
        lang="",
        translations=(),
    )


def without(replies: Iterable[ReplyView], hidden: frozenset[str]) -> tuple[ReplyView, ...]:
    """Return the replies to an act, the words of those left out that are in a hidden one."""
    return tuple(replace(each, words="") if each.act in hidden else each for each in replies)
