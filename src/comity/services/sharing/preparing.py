"""What somebody is about to add to a collection: looked at object by object before anything is
signed.

Nothing is kept here between looking and adding: who adds brings the same bytes again, and what
they would come to is worked out anew.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from comity.bridges.stix import markings
from comity.bridges.stix.remarks import remarks
from comity.kernel.label import TLP
from comity.services.sharing import publishing, warning
from comity.services.sharing.circles import CIRCLE, UNMARKED
from comity.services.sharing.naming import name_of
from comity.services.sharing.settling import Settled
from comity.store.access import objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
_CLASH = "X22"


class Brought(Protocol):
    """What was brought: its ``objects``, the ``flaws`` of what is none, and the label that its
    source says of what is ``unmarked``, None where it says nothing of it.
    """

    @property
    def objects(self) -> list[StixObject]:
        """What can be added."""

    @property
    def flaws(self) -> list[Flaw]:
        """What cannot be read."""

    @property
    def unmarked(self) -> TLP | None:
        """A label, as a source says it."""


class Line(NamedTuple):
    """An object of a batch: what becomes of it (``verdict``), and why: the ``rule``, the ``path``
    to what is wrong, the ``reason``; the label it will stand under (None where it will not).

    Fields besides: ``of``, the id of the object that this one is made of without its claims, ""
    where it came as it is; ``hits``, which lists of the harmless its values are on; ``claims`` of
    actors, sponsors and countries in what came; ``remarks``, what else is worth saying.
    """

    id: str
    type: str
    name: str
    of: str
    verdict: str
    rule: str
    path: str
    reason: str
    tlp: TLP | None
    hits: tuple[tuple[str, Hit], ...]
    claims: tuple[Claim, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch as it would be added: its ``lines``; the ``objects`` that go; how many of them have
    each label; whether some of the batch claim who did it; the label of what is ``unmarked``; and
    what of the batch is ``defining`` markings, whether it goes or is held.
    """

    lines: tuple[Line, ...]
    objects: tuple[StixObject, ...]
    labels: tuple[tuple[TLP, int], ...]
    claims: bool
    unmarked: TLP
    defining: tuple[StixObject, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many objects have which verdict."""
        return dict(Counter(line.verdict for line in self.lines))


def prepare(
    node: Node, shelf: ShelfRow, brought: Brought, unmarked: TLP | None = None, claims: str = ""
) -> Prepared:
    """Return what would be added to a shelf; ``unmarked`` is the label of objects without one.

    ``claims`` says what to do with objects that claim who did something, a choice of ``settling``;
    while nothing is said they do not go.
    """
    usual = UNMARKED if shelf.kind == CIRCLE else TLP(shelf.label)
    default = unmarked or brought.unmarked or usual
    settled = Settled(node, brought.objects, claims)
    sorted_ = publishing.sort(node, shelf, settled.going, default)
    ids = [item.id for item in settled.batch]
    standing = {each.stix_id for each in objects.standing(node.db, shelf.number, ids)}
    look = _Look(settled, sorted_, standing, _hits(node, settled.batch))
    labels = ((tlp, len(items)) for tlp, items in sorted_.by_label.items())
    return Prepared(
        (*map(look.line, settled.batch), *map(_flawed, brought.flaws)),
        tuple(item for items in sorted_.by_label.values() for item in items),
        tuple(sorted(labels, key=lambda pair: pair[0].rank)),
        any(settled.claims.values()),
        default,
        tuple(item for item in settled.going if item.type == "marking-definition"),
    )


def _flawed(flaw: Flaw) -> Line:
    kind = flaw.id.partition("--")[0]
    why = (FLAW, flaw.rule, flaw.path, flaw.reason)
    return Line(flaw.id, kind, "", "", *why, None, (), (), ())


class _Look:
    """Says of each object of a batch what becomes of it."""

    def __init__(
        self,
        settled: Settled,
        sorted_: Sorted,
        standing: set[str],
        hits: Mapping[str, tuple[tuple[str, Hit], ...]],
    ) -> None:
        self._labels = {(o.id, o.version): t for t, all_ in sorted_.by_label.items() for o in all_}
        self._held = {(item.id, item.version) for item in sorted_.held}
        self._flaws = {flaw.id: flaw for flaw in sorted_.flaws}
        self._settled, self._standing, self._hits = settled, standing, hits
        self._marks = markings.Marks({})
        for item in settled.batch:
            self._marks.learn(item.value)

    def line(self, item: StixObject) -> Line:
        why = self._verdict(item)
        told = tuple(remark.reason for remark in remarks(item, self._marks))
        tlp = self._labels.get((item.id, item.version)) if why[0] in {NEW, VERSION} else None
        of, made = self._settled.of.get(id(item), ""), self._settled.claims.get(id(item), ())
        hits = self._hits.get(item.id, ())
        return Line(item.id, item.type, name_of(item.value), of, *why, tlp, hits, made, told)

    def _verdict(self, item: StixObject) -> tuple[str, str, str, str]:
        """Return what becomes of an object, and why: rule, path and reason."""
        key = (item.id, item.version)
        if refusal := self._settled.out.get(id(item)):
            return OUT, refusal.rule, "", refusal.reason
        flaw = self._flaws.get(item.id)
        if flaw is not None and key not in self._labels:
            verdict = CONFLICT if flaw.rule == _CLASH else FLAW
            return verdict, flaw.rule, flaw.path, flaw.reason
        if key in self._held:
            return HELD, "", "", ""
        return (VERSION if item.id in self._standing else NEW), "", "", ""


def _hits(node: Node, batch: Iterable[StixObject]) -> Mapping[str, tuple[tuple[str, Hit], ...]]:
    """Return which values of each object are on which lists of the harmless."""
    found: dict[str, tuple[tuple[str, Hit], ...]] = {}
    for each in warning.hits(node, batch):
        found[each.id] = (*found.get(each.id, ()), (each.observable.value, each.hit))
    return found
