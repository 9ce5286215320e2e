"""What an object names and what names it, as far as a reader sees it: its neighbours, one step far.

One step has an end, however the relations run: cycles are nothing special here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from comity.services.sharing.naming import name_of, type_of
from comity.store.access import around, objects
from comity.store.access.objects import Asked

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.store.access.objects import Sight

MOST = 40
"""Neighbours that are told of."""
RELATIONSHIP = "relationship"
_NOT_TOLD = frozenset({"object_marking_refs"})
_ENDS = ("source_ref", "target_ref")


class Neighbour(NamedTuple):
    """An object near another: what it is called; ``held`` says that this reader sees it here."""

    id: str
    type: str
    name: str
    held: bool


class Edge(NamedTuple):
    """That the object ``source`` names ``target``, both by id, as what. One end is the centre."""

    source: str
    target: str
    label: str


class Relations(NamedTuple):
    """Neighbours of an object by id, and what ties them to it; ``more`` says that some were left
    out.
    """

    neighbours: Mapping[str, Neighbour]
    edges: tuple[Edge, ...]
    more: bool


def around_object(node: Node, sight: Sight, id_: str, value: Mapping[str, Any]) -> Relations:
    """Return the neighbours of an object, which is given as parsed; two questions in all."""
    rows = objects.page(
        node.db,
        sight,
        Asked(),
        limit=MOST + 1,
        more=[around.naming(id_), around.other_than(id_)],
        backwards=True,
    )
    naming = {row.stix_id: orjson.loads(row.data) for row in rows}
    edges = [*dict.fromkeys((*_outward(id_, value), *_inward(id_, naming)))]
    others = [*dict.fromkeys(end for edge in edges for end in edge[:2] if end != id_)]
    kept = frozenset(others[:MOST])
    wanted = tuple(sorted(kept - naming.keys()))
    found = dict(naming)
    if wanted:
        fetched = objects.page(node.db, sight, Asked(wanted), limit=4 * MOST)
        found |= {row.stix_id: orjson.loads(row.data) for row in fetched}
    return Relations(
        {each: _neighbour(each, found.get(each)) for each in others[:MOST]},
        tuple(edge for edge in edges if {edge.source, edge.target} <= {id_, *kept}),
        len(others) > MOST or len(rows) > MOST,
    )


def _neighbour(id_: str, value: Mapping[str, Any] | None) -> Neighbour:
    kind = type_of(id_)
    return Neighbour(id_, kind, "" if value is None else name_of(value), value is not None)


def _outward(id_: str, value: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield what the object itself names; of a relationship, its one end leads to it."""
    for how, ref in named(value):
        if value.get("type") == RELATIONSHIP and how == "source":
            yield Edge(ref, id_, how)
        else:
            yield Edge(id_, ref, how)


def named(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what an object names at its top, as (how, id)."""
    for name, told in value.items():
        if name in _NOT_TOLD:
            continue
        if name.endswith("_ref") and isinstance(told, str):
            yield name.removesuffix("_ref"), told
        elif name.endswith("_refs") and isinstance(told, list):
            yield from ((name.removesuffix("_refs"), each) for each in told if _is_id(each))


def _is_id(told: object) -> bool:
    return isinstance(told, str) and "--" in told


def _inward(id_: str, naming: Mapping[str, Mapping[str, Any]]) -> Iterator[Edge]:
    """Yield what names the object: a relationship stands for what it ties."""
    for other, value in naming.items():
        source, target = (value.get(end) for end in _ENDS)
        kind = value.get("relationship_type")
        if value.get("type") == RELATIONSHIP and id_ in {source, target}:
            yield Edge(str(source), str(target), str(kind))
        else:
            how = next((how for how, ref in named(value) if ref == id_), "")
            yield Edge(other, id_, how)
