"""Labels, and the one table that says who may see what (DESIGN section 5, KERNEL "Labels").

A label is (TLP 2.0, PAP, sources). It belongs to a holding, never to an object: one object may be
AMBER in one circle and GREEN in another. The join of labels is the strictest of each and the union
of the sources, and a reader passes only if the table allows that reader for every source.

=============  ====================================================================
TLP            may be shown to
=============  ====================================================================
CLEAR          anyone
GREEN          accredited parties, persons and machines, and all that AMBER allows
AMBER          members of the source and their constituency
AMBER+STRICT   members of the source
RED            persons among the members, listed by handle, on pages only
=============  ====================================================================

A source this node does not know refuses, whatever the level.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, IntEnum, StrEnum
from typing import TYPE_CHECKING, TypeAlias

from comity.kernel.errors import RULES, Phrase, Refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import Self

    from comity.kernel.ids import PartyId


class _Ordered(Enum):
    """Codes whose order is that of their definition; ``value`` is the code on the wire."""

    rank: int

    def __new__(cls, code: str) -> Self:
        member = object.__new__(cls)
        member._value_ = code
        member.rank = len(cls.__members__)
        return member

    def __lt__(self, other: Self) -> bool:
        return self.rank < other.rank

    def __le__(self, other: Self) -> bool:
        return self.rank <= other.rank


class TLP(_Ordered):
    """Traffic Light Protocol 2.0, from the widest to the strictest. Codes frozen."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber_strict"
    RED = "red"

    @property
    def written(self) -> str:
        """As people write it: ``TLP:AMBER+STRICT``."""
        return f"TLP:{self.value.upper().replace('_', '+')}"


class PAP(_Ordered):
    """Permissible Actions Protocol, from the widest to the strictest. Codes frozen.

    An act without one states no limit, which is ``CLEAR``: the neutral element of the join.
    """

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Footing(_Ordered):
    """How an act may be read, from the lowest to the highest: an act may lower, never raise.

    Codes frozen.
    """

    WITHOUT_PREJUDICE = "without_prejudice"
    TECHNICAL = "technical"
    FORMAL = "formal"


@dataclass(frozen=True, slots=True)
class Label:
    """What a holding carries: ``tlp``, ``pap``, and the ``sources`` it came from.

    A source is the id of a dossier or the name of an intake. There is at least one: a label
    without a source would pass every check there is. Raises Refusal L1.
    """

    tlp: TLP
    pap: PAP
    sources: frozenset[str]

    def __post_init__(self) -> None:
        if not self.sources:
            raise Refusal("L1", "A label names at least one source.")

    def join(self, other: Label) -> Label:
        """Return the strictest of each level and the union of the sources."""
        return Label(
            max(self.tlp, other.tlp), max(self.pap, other.pap), self.sources | other.sources
        )


class Kind(StrEnum):
    """Whether a reader is a human being or a program."""

    PERSON = "person"
    MACHINE = "machine"


class Egress(StrEnum):
    """The doors through which anything leaves the store. Every one of them asks ``decide``.

    What is printed, drawn up as a document or kept in a calendar leaves as a ``FILE``.
    """

    WIRE = "wire"
    TAXII = "taxii"
    API = "api"
    EXPORT = "export"
    PAGE = "page"
    MAIL = "mail"
    FILE = "file"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class Reader:
    """Someone who would see something, as this node knows them; a token names its party here.

    Fields: ``party`` on whose behalf is read, ``kind``, ``handles`` of the person (opaque names of
    the party's directory card), ``accredited`` (this node has compared the party's keys),
    ``constituent_of`` (the parties in whose constituency the reader is).
    """

    party: PartyId
    kind: Kind
    handles: frozenset[str] = frozenset()
    accredited: bool = False
    constituent_of: frozenset[PartyId] = frozenset()


@dataclass(frozen=True, slots=True)
class Audience:
    """Who stands behind a source: a dossier, or an intake of this node.

    Fields: ``members`` now, ``ceiling`` of the charter, ``readers`` listed for RED as (party,
    handle), ``growth`` rule of the charter. The table judges by today's members and does not read
    ``growth``: whoever joins later is judged by a new question, and pages say who may come.
    """

    members: frozenset[PartyId]
    ceiling: TLP = TLP.AMBER_STRICT
    readers: frozenset[tuple[PartyId, str]] = frozenset()
    growth: str = "closed"


@dataclass(frozen=True, slots=True)
class Allow:
    """The reader may have it."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """The reader may not: ``rule`` (L1 to L6), ``reason`` for a person, the refusing ``source``."""

    rule: str
    reason: str
    source: str


Verdict: TypeAlias = Allow | Refuse


class _Tie(IntEnum):
    """How near a reader is to a source; each includes all that is below it."""

    NONE = 0
    ACCREDITED = 1
    CONSTITUENT = 2
    MEMBER = 3
    LISTED = 4


@dataclass(frozen=True, slots=True)
class _Row:
    rule: str
    needs: _Tie
    kinds: frozenset[Kind] = field(default=frozenset(Kind))
    doors: frozenset[Egress] = field(default=frozenset(Egress))


_TABLE = {
    TLP.GREEN: _Row("L5", _Tie.ACCREDITED),
    TLP.AMBER: _Row("L4", _Tie.CONSTITUENT),
    TLP.AMBER_STRICT: _Row("L3", _Tie.MEMBER),
    TLP.RED: _Row("L2", _Tie.LISTED, frozenset({Kind.PERSON}), frozenset({Egress.PAGE})),
}
"""The table. CLEAR has no row, since it asks nothing of the reader."""


def lets_out(tlp: TLP, door: Egress) -> bool:
    """Say whether anything of a level leaves through a door at all, whoever it is for."""
    row = _TABLE.get(tlp)
    return row is None or door in row.doors


def require_way_out(tlp: TLP, door: Egress, source: str) -> None:
    """As ``lets_out``, of what comes from a source. Raises Refusal L2."""
    if not lets_out(tlp, door):
        told = "What is {tlp} is read on pages only: open its page, or ask its source to widen it."
        raise Refusal(_TABLE[tlp].rule, Phrase(told, tlp=tlp.written), source)


def decide(
    label: Label, reader: Reader, egress: Egress, audiences: Mapping[str, Audience]
) -> Verdict:
    """Say whether ``reader`` may be given what carries ``label`` through the door ``egress``.

    ``audiences`` maps each source this node knows to its audience. What a stricter label allows,
    each of the labels it was joined from allows too.
    """
    row = _TABLE.get(label.tlp)
    for source in sorted(label.sources):
        audience = audiences.get(source)
        if audience is None:
            return _refuse("L1", source)
        if row and not (
            reader.kind in row.kinds and egress in row.doors and _tie(reader, audience) >= row.needs
        ):
            return _refuse(row.rule, source)
    return Allow()


def require(
    label: Label, reader: Reader, egress: Egress, audiences: Mapping[str, Audience]
) -> None:
    """As ``decide``. Raises Refusal L1 to L5, its subject the source that refuses."""
    verdict = decide(label, reader, egress, audiences)
    if isinstance(verdict, Refuse):
        raise Refusal(verdict.rule, verdict.reason, verdict.source)


def carry(label: Label, node: Reader, audiences: Mapping[str, Audience]) -> Verdict:
    """Say whether a sealed act may travel to the node of a party.

    RED is never shown to a machine. It travels only where, behind the node, a person is listed
    who may see it on a page; that node then asks ``decide`` for each person and each door.
    """
    if label.tlp is not TLP.RED:
        return decide(label, node, Egress.WIRE, audiences)
    known = (audiences[source] for source in label.sources if source in audiences)
    handles = frozenset(handle for a in known for party, handle in a.readers if party == node.party)
    return decide(label, Reader(node.party, Kind.PERSON, handles), Egress.PAGE, audiences)


def onward(
    label: Label,
    circle: str,
    readers: Iterable[Reader],
    audiences: Mapping[str, Audience],
    may_forward: Collection[str],
) -> Verdict:
    """Say whether what carries ``label`` may be published into ``circle``.

    Publishing is egress to each of the circle's ``readers`` (its members' nodes), which must pass
    every source; AMBER or stricter also needs each origin among ``may_forward``, the sources whose
    charter or author permits it. RED never passes.
    """
    if label.tlp >= TLP.AMBER:
        for source in sorted(label.sources - {circle}):
            if source not in may_forward:
                return _refuse("L6", source)
    for reader in readers:
        verdict = decide(label, reader, Egress.WIRE, audiences)
        if isinstance(verdict, Refuse):
            return verdict
    return Allow()


def _tie(reader: Reader, audience: Audience) -> _Tie:
    if reader.party in audience.members:
        listed = any((reader.party, handle) in audience.readers for handle in reader.handles)
        return _Tie.LISTED if listed and audience.ceiling is TLP.RED else _Tie.MEMBER
    if reader.constituent_of & audience.members:
        return _Tie.CONSTITUENT
    return _Tie.ACCREDITED if reader.accredited else _Tie.NONE


def _refuse(rule: str, source: str) -> Refuse:
    return Refuse(rule, f"{RULES[rule].title} Ask the source to widen it.", source)
