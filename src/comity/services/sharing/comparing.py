"""Comparing what two nodes hold of a circle: by one root, and by a list where the roots differ.

A party says its root over the batches that it had seen when it said so, which are those before its
act; every other works out its own over the same ones, and knows whether they agree. What was taken
back since is held still, as a record; what was erased or refused is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

import orjson

from comity.kernel import merkle
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.protocols.sharing.circle import reading as said
from comity.protocols.sharing.circle.acts import BATCHES, Compare
from comity.services.casework import dossiers
from comity.services.casework.content import prepare_fields, read_manifest, read_parts
from comity.services.casework.issue import Draft, issue
from comity.services.sharing import circles
from comity.store.access import acts, objects

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.kernel.graph import Node as GraphNode
    from comity.kernel.ids import PartyId
    from comity.services.node import Node

Held: TypeAlias = "Mapping[str, str]"
"""What is held of a circle, by act: its parts in order, as ``0-99,101``; "" for none of them."""
LIST = "held.json"
LIMIT = 16 * 1024 * 1024
"""The longest list that is read, in bytes."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether this node holds what a ``party`` said it holds, in the act ``act`` at ``time`` (ms).

    ``agrees`` says it by the roots. Where they differ, ``theirs`` and ``mine`` are what one holds
    and the other lacks, by act; both are empty where the other gave no list.
    """

    party: PartyId
    act: Id
    time: int
    agrees: bool
    theirs: Held
    mine: Held


def held(node: Node, dossier_id: str, before: str = "") -> Held:
    """Return what is held of a circle: of the batches that are here, or those ``before`` an act.

    Raises Refusal S3 or S8.
    """
    with node.lock:
        graph = dossiers.load(node, dossier_id).graph
        last = graph.nodes[Id(before)] if before else None
        batches = [n.id for n in graph.order if _is_among(n, last, graph.before)]
    numbers = objects.act_numbers(node.db, batches)
    found = objects.parts_held(node.db, [*numbers.values()])
    return {id_: _ranges(found.get(number, ())) for id_, number in sorted(numbers.items())}


def _is_among(
    each: GraphNode, last: GraphNode | None, before: Callable[[GraphNode, GraphNode], bool]
) -> bool:
    if each.header.kind not in BATCHES or each.void is not None:
        return False
    return last is None or before(each, last)


def _ranges(parts: Iterable[int]) -> str:
    found: list[list[int]] = []
    for part in sorted(set(parts)):
        if found and part == found[-1][1] + 1:
            found[-1][1] = part
        else:
            found.append([part, part])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


def root_of(told: Held) -> str:
    """Return the root over what is held: RFC 6962, one leaf per act by ascending id, of the act's
    id (32 bytes) and its parts as text.
    """
    leaves = [merkle.leaf_hash(bytes.fromhex(a) + p.encode()) for a, p in sorted(told.items())]
    return merkle.root(leaves).hex()


def count_of(told: Held) -> int:
    """Return how many objects are held."""
    return sum(len(_parts(parts)) for parts in told.values())


def _parts(text: str) -> set[int]:
    pairs = (each.partition("-") for each in text.split(",") if each)
    return {n for first, _, last in pairs for n in range(int(first), int(last or first) + 1)}


def say(node: Node, dossier_id: str, *, by: Object | None = None) -> Id:
    """Sign what this party holds of a circle, with the list of it; return the act.

    Raises Refusal S3 or S4 where it is no circle, and as ``issue`` does.
    """
    circles.shelf_of(node, dossier_id)
    told = held(node, dossier_id)
    body = Compare(root=root_of(told), count=count_of(told)).to_body()
    with TemporaryDirectory(dir=node.folder) as folder:
        path = Path(folder) / LIST
        path.write_bytes(orjson.dumps(told, option=orjson.OPT_SORT_KEYS))
        content = prepare_fields(node, {}, [(LIST, "application/json", path)])
    draft = Draft(Compare.KIND.kind, body if by is None else {**body, "by": by}, content)
    return issue(node, dossier_id=dossier_id, draft=draft)


def compared(node: Node, dossier_id: str) -> list[Comparison]:
    """Return, for what each other party said last that it holds, whether this node holds the same.

    Raises Refusal S3 or S8.
    """
    with node.lock:
        state = dossiers.shown(node, dossiers.load(node, dossier_id))
        words = said.compared(state)
    return [_comparison(node, dossier_id, word) for word in words if word.party != node.me]


def _comparison(node: Node, dossier_id: str, word: said.Compared) -> Comparison:
    mine = held(node, dossier_id, word.act)
    agrees = root_of(mine) == word.root and count_of(mine) == word.objects
    theirs = None if agrees else _list_of(node, word)
    if theirs is None:
        return Comparison(word.party, word.act, word.time, agrees, {}, {})
    return Comparison(
        word.party, word.act, word.time, agrees, _lacking(theirs, mine), _lacking(mine, theirs)
    )


def _lacking(one: Held, other: Held) -> Held:
    """Return what one holds and the other does not."""
    found = {a: _ranges(_parts(parts) - _parts(other.get(a, ""))) for a, parts in one.items()}
    return {act: parts for act, parts in found.items() if parts}


def _list_of(node: Node, word: said.Compared) -> Held | None:
    """Return the list that a party gave with its root, or None where it is none, or another."""
    row = acts.act(node.db, word.act)
    if row is None:
        return None
    try:
        listed = read_manifest(node, word.act, dossiers.stored_act(node, row).header.content)
    except Refusal:
        return None
    entry = None if listed is None else next((f for f in listed.files if f.name == LIST), None)
    if entry is None or entry.size > LIMIT:
        return None
    last = entry.first + entry.parts - 1
    told = _read(b"".join(p.data for p in read_parts(node, word.act, entry.first, last)))
    return told if told is not None and root_of(told) == word.root else None


def _read(data: bytes) -> Held | None:
    try:
        value = orjson.loads(data)
        root_of(value)
        return value if all(map(_is_canonical, value.values())) else None
    except (ValueError, TypeError, AttributeError):
        return None


def _is_canonical(text: str) -> bool:
    """Say whether a list of parts is written as it is written here, and is not absurdly long."""
    bounds = [int(each) for pair in text.split(",") if pair for each in pair.split("-")]
    return not bounds or (max(bounds) < 2**24 and _ranges(_parts(text)) == text)
