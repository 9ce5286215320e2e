"""One object as a person sees it: its versions, where each stands, under which label and why.

What is told is what passes the reader's sight, holding by holding. Of what was taken back the
record is shown, and no byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import orjson

from comity.bridges.stix import markings
from comity.kernel.act import read_header
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.protocols.sharing.circle import reading as said
from comity.services.identity import roster
from comity.services.sharing import browsing
from comity.services.sharing.circles import state_of
from comity.services.sharing.sights import LEVELS, passes
from comity.store.access import acts, objects
from comity.store.access.objects import CLASH, DOUBLE, GONE, RETRACTED, SHOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comity.bridges.stix.record import Marking
    from comity.kernel.act import Header
    from comity.kernel.fold import State
    from comity.services.node import Node
    from comity.services.sharing.browsing import Place
    from comity.store.access.acts import ActRow
    from comity.store.access.objects import HoldingRow, ShelfRow, Sight

Seen: TypeAlias = "tuple[Sight, Mapping[int, ShelfRow]]"
"""What somebody sees, and the shelves by number; see ``searching.seen_by``."""
STATES = {
    SHOWN: "shown",
    DOUBLE: "double",
    CLASH: "clash",
    RETRACTED: "retracted",
    GONE: "gone",
}
"""Codes for the states of a holding; bytes are shown of the first two alone."""
READABLE = frozenset({SHOWN, DOUBLE})
OWN, UNMARKED, STRICTER, RELABELLED = "own", "unmarked", "stricter", "relabelled"
"""Why a holding has its label: by the object's own marking; by who published it, since it has none;
by who published it, more strictly than it is marked; by a later word of who published it.
"""


class Tombstone(NamedTuple):
    """Who took an object back, by the name of the party, when (ms) and why (code)."""

    name: str
    time: int
    reason: str


class Held(NamedTuple):
    """A version of an object in a collection.

    Fields: ``added`` (µs), ``version`` (µs), ``object`` (number), ``place``, ``state`` (of
    ``STATES``), ``tlp`` and ``why`` it is that; the ``act`` that brought it, its ``part`` there,
    the ``dossier`` it was said in, its author ``party`` by ``name`` and ``time`` (ms): "" and 0 of
    an intake; ``forwarded`` says that it was; ``taken`` its tombstones.
    """

    added: int
    version: int
    object: int
    place: Place
    state: str
    tlp: TLP
    why: str
    act: str
    part: int
    dossier: str
    party: str
    name: str
    time: int
    forwarded: bool
    taken: tuple[Tombstone, ...]

    @property
    def is_readable(self) -> bool:
        """Whether its bytes may be shown."""
        return self.state in {STATES[SHOWN], STATES[DOUBLE]}


@dataclass(frozen=True, slots=True)
class About:
    """An object as somebody sees it, in the version that was asked for.

    Fields: ``id``, ``type``, ``version`` (µs), ``raw`` and ``value`` (empty where only its record
    is left), ``held`` of that version and ``others`` of the rest, the newest first; its own
    ``marking``, and the ids of markings that are ``unresolved``.
    """

    id: str
    type: str
    version: int
    raw: bytes
    value: Mapping[str, Any]
    held: tuple[Held, ...]
    others: tuple[Held, ...]
    marking: Marking
    unresolved: tuple[str, ...]

    @property
    def strictest(self) -> TLP:
        """The strictest label under which somebody reads it here."""
        return max((each.tlp for each in self.held if each.is_readable), default=TLP.CLEAR)

    @property
    def readable(self) -> tuple[Held, ...]:
        """Where the version that is shown stands."""
        return tuple(each for each in self.held if each.is_readable)


def look(node: Node, seen: Seen, id_: str, version: int = 0) -> About:
    """Return an object, in its newest version unless one is asked for.

    Raises Refusal S3 when nothing of it is here, or nothing that this reader sees.
    """
    sight, shelves = seen
    rows = [row for row in objects.holdings_of(node.db, id_) if passes(sight, row[0])]
    chosen = _chosen(rows, version)
    if chosen is None:
        raise Refusal("S3", "There is no such object here.", id_[:300])
    raw = b""
    if chosen[0].state in READABLE:
        raw = objects.data_of(node.db, [chosen[0].object])[chosen[0].object]
    value = orjson.loads(raw) if raw else {}
    marks = markings.Marks({})
    for each in _definitions(node, sight, value):
        marks.learn(each)
    marking = marks.of(dict(value)) if value else markings.UNMARKED
    held = _Held(node, shelves, marking).of(rows)
    return About(
        id=id_,
        type=chosen[0].type,
        version=chosen[1],
        raw=raw,
        value=value,
        held=tuple(each for each in held if each.version == chosen[1]),
        others=tuple(each for each in held if each.version != chosen[1]),
        marking=marking,
        unresolved=tuple(marks.unresolved(_marked_by(value))),
    )


def _chosen(rows: Sequence[tuple[HoldingRow, int]], version: int) -> tuple[HoldingRow, int] | None:
    """Return the holding whose bytes are shown: of the version asked for, or the newest that may
    be read; else the newest record.
    """
    among = [row for row in rows if row[1] == version] if version else [*rows]
    readable = (row for row in among if row[0].state in READABLE)
    return next(readable, among[0] if among else None)


def _definitions(node: Node, sight: Sight, value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the definitions of markings that an object names, as far as the reader sees them."""
    wanted = [ref for ref in _marked_by(value) if ref not in markings.FIXED][:100]
    if not wanted:
        return []
    asked = objects.Asked(tuple(wanted))
    return [
        orjson.loads(row.data) for row in objects.page(node.db, sight, asked, limit=len(wanted))
    ]


def _marked_by(value: Mapping[str, Any]) -> list[str]:
    """Return the ids of the markings that an object, or a part of it, names."""
    parts = (part.get("marking_ref", "") for part in value.get("granular_markings", ()))
    return [*dict.fromkeys(filter(None, (*value.get("object_marking_refs", ()), *parts)))]


class _Held:
    """Holdings in words: who brought each, why it has its label, and who took it back."""

    def __init__(self, node: Node, shelves: Mapping[int, ShelfRow], marking: Marking) -> None:
        self._node, self._marking = node, marking
        self._places = browsing.places(node, shelves.values())
        self._names = roster.names(node)
        self._states: dict[str, State] = {}

    def of(self, rows: Sequence[tuple[HoldingRow, int]]) -> list[Held]:
        db = self._node.db
        ids = objects.act_ids(db, sorted({row.act for row, _ in rows if row.act is not None}))
        said_by = acts.acts_among(db, [*ids.values()])
        return [
            self._one(row, version, None if row.act is None else said_by.get(ids[row.act]))
            for row, version in rows
        ]

    def _one(self, row: HoldingRow, version: int, act: ActRow | None) -> Held:
        header = None if act is None else read_header(act.header)
        return Held(
            added=row.added,
            version=version,
            object=row.object,
            place=self._places[row.shelf],
            state=STATES[row.state],
            tlp=LEVELS[row.tlp],
            why=self._why(LEVELS[row.tlp], header),
            act="" if act is None else act.id,
            part=row.part,
            dossier="" if act is None else act.dossier,
            party="" if act is None else act.party,
            name="" if act is None else self._name(act.party),
            time=0 if act is None else act.time,
            forwarded=act is not None and act.kind == "forward",
            taken=self._taken(row, act) if row.state == RETRACTED else (),
        )

    def _name(self, party: str) -> str:
        return self._names.get(party, party[:8])

    def _why(self, tlp: TLP, header: Header | None) -> str:
        own = self._marking.tlp
        if header is not None and header.tlp != tlp:
            return RELABELLED
        if own is None:
            return UNMARKED
        return STRICTER if own < tlp else OWN

    def _taken(self, row: HoldingRow, act: ActRow | None) -> tuple[Tombstone, ...]:
        if act is None:
            return ()
        state = self._state(act.dossier)
        found = said.retracted(state, Id(act.id))
        ids = {each for key in (None, row.part) for each in found.get(key, ())}
        rows = acts.acts_among(self._node.db, sorted(ids)).values()
        return tuple(
            Tombstone(self._name(each.party), each.time, said.retraction(state, Id(each.id)).reason)
            for each in rows
        )

    def _state(self, dossier: str) -> State:
        if dossier not in self._states:
            self._states[dossier] = state_of(self._node, dossier)
        return self._states[dossier]
