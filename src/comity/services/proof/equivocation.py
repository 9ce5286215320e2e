"""Two statements in one place: kept as evidence, worded as what it usually is."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import orjson

from comity.kernel.ids import Id, PartyId
from comity.services.casework import dossiers
from comity.store.access import acts as access
from comity.store.access import parties
from comity.store.append import acts as append

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.kernel.checkpoint import Checkpoint
    from comity.services.node import Node
    from comity.store.append.acts import NewAct

MOST_PAIRS = 16
"""Pairs kept of one place; one is proof, and who fills a place with thousands proves no more."""
WORDS = "Two versions exist in one place; this is often a restored backup."


def note(node: Node, fresh: Iterable[NewAct]) -> None:
    """Keep every pair of different statements that claim one place of a log or feed.

    Called after the acts were inserted, in the same transaction.
    """
    places: dict[tuple[PartyId, int], list[int]] = {}
    for new in fresh:
        header = new.act.header
        places.setdefault((header.party, header.log), []).append(header.seq)
        _note_feed(node, new)
    for (party, log), seqs in places.items():
        note_place(node, party, log, seqs)


def note_place(node: Node, party: PartyId, log: int, seqs: list[int]) -> None:
    """Keep every pair of statements of any type that claim one of these places of a log."""
    for seq, ids in access.claims(node.db, party, log, seqs).items():
        _keep(node, party, f"log {log}, entry {seq}", ids)


def _note_feed(node: Node, new: NewAct) -> None:
    dossier = dossiers.load(node, new.act.dossier)
    header = new.act.header
    if new.node.feed in dossier.graph.forked:
        twins = dossier.graph.by_place[new.node.feed, header.n]
        place = f"dossier {new.act.dossier}, log {header.log}, act {header.n}"
        _keep(node, header.party, place, [twin.id for twin in twins])


def keep_trees(
    node: Node, party: PartyId, log: int, tree: Checkpoint, notes: tuple[str, str]
) -> None:
    """Keep two checkpoints of one size: no log that only grows leads to both."""
    place = f"log {log}, checkpoint of size {tree.size}"
    ids = [hashlib.sha256(note.encode()).hexdigest() for note in notes]
    if access.count_equivocations(node.db, party, place) < MOST_PAIRS:
        append.insert_equivocation(
            node.db,
            party=party,
            place=place,
            pair=(Id(ids[0]), Id(ids[1])),
            evidence=orjson.dumps(notes),
            now=node.now(),
        )


def _keep(node: Node, party: PartyId, place: str, ids: list[str]) -> None:
    if access.count_equivocations(node.db, party, place) >= MOST_PAIRS:
        return
    first, *others = sorted(set(ids))
    for other in others[:MOST_PAIRS]:
        pair = (Id(first), Id(other))
        append.insert_equivocation(
            node.db,
            party=party,
            place=place,
            pair=pair,
            evidence=orjson.dumps([_envelope(node, id_) for id_ in pair]),
            now=node.now(),
        )


def _envelope(node: Node, id_: Id) -> orjson.Fragment:
    row = access.act(node.db, id_)
    if row is not None:
        return orjson.Fragment(dossiers.stored_act(node, row).envelope.to_bytes())
    return orjson.Fragment(parties.statement(node.db, id_) or b"null")
