"""What a person is about to add to a collection: looked at object by object before anything is
signed.

Nothing is kept here between looking and adding: who adds brings the same bytes again, and what
they would come to is worked out anew.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from comity.bridges.stix import claims as claiming
from comity.bridges.stix import markings
from comity.bridges.stix.remarks import remarks
from comity.kernel.errors import Phrase
from comity.kernel.label import TLP
from comity.services.identity import roster
from comity.services.sharing import importing, publishing, warning
from comity.services.sharing.circles import CIRCLE, UNMARKED
from comity.services.sharing.naming import name_of
from comity.store.access import acts, objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from comity.bridges.stix.claims import Claim
    from comity.bridges.stix.record import Flaw, StixObject
    from comity.engines.warnings import Hit
    from comity.services.node import Node
    from comity.services.sharing.publishing import Sorted
    from comity.store.access.objects import ShelfRow

NEW, VERSION, HELD, CONFLICT, FLAW, OUT = "new", "version", "held", "conflict", "flaw", "out"
"""What becomes of an object: it is new; a new version of one that stands there; held already; it
contradicts what is held; it is wrong; or left out because of what it claims.
"""
KEEP, LEAVE = "keep", "leave"
"""What to do with claims of who did something: keep them as those of the source that the object
names, or leave out the objects that make them.
"""
_CLASH = "X22"


class Line(NamedTuple):
    """An object of a batch: what becomes of it (``verdict``) and why, the label it will stand under
    (None where it will not), which lists of the harmless its values are on, what it claims of
    actors, sponsors and countries, and what else is worth saying.
    """

    id: str
    type: str
    name: str
    verdict: str
    reason: str
    tlp: TLP | None
    hits: tuple[tuple[str, Hit], ...]
    claims: tuple[Claim, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch as it would be added: its ``lines``; the ``objects`` that go; how many of them have
    each label; whether some of the batch claim who did it; the label of what is ``unmarked``.
    """

    lines: tuple[Line, ...]
    objects: tuple[StixObject, ...]
    labels: tuple[tuple[TLP, int], ...]
    claims: bool
    unmarked: TLP

    @property
    def counts(self) -> dict[str, int]:
        """How many objects have which verdict."""
        return dict(Counter(line.verdict for line in self.lines))


def prepare(
    node: Node, shelf: ShelfRow, data: bytes, unmarked: TLP | None = None, claims: str = ""
) -> Prepared:
    """Return what would be added to a shelf; ``unmarked`` is the label of objects without one.

    With ``claims`` left open, nothing that claims who did something is kept. Raises Refusal as
    ``importing.read`` does, for what is no batch.
    """
    brought = importing.read(data)
    batch, flaws = brought.objects, brought.flaws
    usual = UNMARKED if shelf.kind == CIRCLE else TLP(shelf.label)
    default = unmarked or brought.unmarked or usual
    made = {id(item): (*claiming.claims(item.value),) for item in batch}
    out = {id(item): why for item in batch if (why := why_out(item, made[id(item)], claims))}
    going = [item for item in batch if id(item) not in out]
    sorted_ = publishing.sort(node, shelf, going, default)
    standing = {
        each.stix_id
        for each in objects.standing(node.db, shelf.number, [item.id for item in batch])
    }
    look = _Look(batch, sorted_, standing, out, _hits(node, batch))
    labels = ((tlp, len(items)) for tlp, items in sorted_.by_label.items())
    return Prepared(
        (*(look.line(item, made[id(item)]) for item in batch), *map(_flawed, flaws)),
        tuple(item for items in sorted_.by_label.values() for item in items),
        tuple(sorted(labels, key=lambda pair: pair[0].rank)),
        any(made.values()),
        default,
    )


def why_out(item: StixObject, made: Sequence[Claim], claims: str) -> str:
    """Return why an object is left out because of what it claims, "" where it goes; ``claims`` is
    what whoever adds it says of such claims, "" while nothing is said.
    """
    if not made or (claims == KEEP and _names_source(item)):
        return ""
    if claims == KEEP:
        return Phrase(
            "It claims who did it and does not say who claims so: no created_by_ref, and no "
            "reference to a source. Let its source say it."
        )
    return Phrase("It claims who did it. Say below what is to become of that.")


def _names_source(item: StixObject) -> bool:
    return "created_by_ref" in item.value or bool(item.value.get("external_references"))


def _flawed(flaw: Flaw) -> Line:
    told = Phrase("{path}: {reason}", path=flaw.path, reason=flaw.reason)
    kind = flaw.id.partition("--")[0]
    return Line(flaw.id, kind, "", FLAW, told, None, (), (), ())


class _Look:
    """Says of each object of a batch what becomes of it."""

    def __init__(
        self,
        batch: Iterable[StixObject],
        sorted_: Sorted,
        standing: set[str],
        out: Mapping[int, str],
        hits: Mapping[str, tuple[tuple[str, Hit], ...]],
    ) -> None:
        self._labels = {(o.id, o.version): t for t, all_ in sorted_.by_label.items() for o in all_}
        self._held = {(item.id, item.version) for item in sorted_.held}
        self._flaws = {flaw.id: flaw for flaw in sorted_.flaws}
        self._standing, self._out, self._hits = standing, out, hits
        self._marks = markings.Marks({})
        for item in batch:
            self._marks.learn(item.value)

    def line(self, item: StixObject, made: tuple[Claim, ...]) -> Line:
        verdict, reason = self._verdict(item)
        told = tuple(remark.reason for remark in remarks(item, self._marks))
        tlp = self._labels.get((item.id, item.version)) if verdict in {NEW, VERSION} else None
        return Line(
            item.id,
            item.type,
            name_of(item.value),
            verdict,
            reason,
            tlp,
            self._hits.get(item.id, ()),
            made,
            told,
        )

    def _verdict(self, item: StixObject) -> tuple[str, str]:
        key = (item.id, item.version)
        if id(item) in self._out:
            return OUT, self._out[id(item)]
        flaw = self._flaws.get(item.id)
        if flaw is not None and key not in self._labels:
            return CONFLICT if flaw.rule == _CLASH else FLAW, flaw.reason
        if key in self._held:
            return HELD, ""
        return (VERSION if item.id in self._standing else NEW), ""


def _hits(node: Node, batch: Sequence[StixObject]) -> Mapping[str, tuple[tuple[str, Hit], ...]]:
    """Return which values of each object are on which lists of the harmless."""
    found: dict[str, tuple[tuple[str, Hit], ...]] = {}
    for each in warning.hits(node, batch):
        found[each.id] = (*found.get(each.id, ()), (each.observable.value, each.hit))
    return found


class Audience(NamedTuple):
    """Who will see how many of the objects that are added: ``members`` by name; their
    ``constituents``, parties they have ``accredited``, and ``anyone``.
    """

    members: tuple[str, ...]
    all: int
    constituents: int
    accredited: int
    anyone: int


def audience(node: Node, shelf: ShelfRow, prepared: Prepared) -> Audience:
    """Return who will see what is added, as the members of the circle stand now."""
    names = roster.names(node)
    members = acts.members(node.db, shelf.source) if shelf.kind == CIRCLE else ()
    found = sorted(names.get(party, party[:8]) for party, state in members if state == "member")

    def up_to(most: TLP) -> int:
        return sum(number for tlp, number in prepared.labels if tlp <= most)

    return Audience(
        tuple(found), up_to(TLP.RED), up_to(TLP.AMBER), up_to(TLP.GREEN), up_to(TLP.CLEAR)
    )
