"""Reading what only a check of the whole store asks for."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import NamedTuple

from comity.store.access.parties import StatementRow
from comity.store.sql import query

SLICE = 4096


class LogState(NamedTuple):
    """An own log's head as stored, with its frontier's bytes; times in ms."""

    log: int
    size: int
    root: str
    frontier: bytes
    checkpoint_size: int
    last_time: int
    closed: bool


def log_states(db: str) -> list[LogState]:
    """Return all own logs as stored, oldest first."""
    rows = query(
        db,
        "SELECT log, size, root, frontier, checkpoint_size, last_time, closed FROM store_log "
        "ORDER BY log",
    )
    return [LogState._make([*row[:3], bytes(row[3]), *row[4:6], bool(row[6])]) for row in rows]


def leaf_slices(db: str, log: int) -> Iterator[list[tuple[int, bytes, bool]]]:
    """Yield an own log's leaves as (seq, data, is padding), in order, some thousand at a time."""
    after = -1
    while rows := query(
        db,
        "SELECT seq, data, padding FROM store_leaf WHERE log = %s AND seq > %s "
        "ORDER BY seq LIMIT %s",
        (log, after, SLICE),
    ):
        yield [(seq, bytes(data), bool(padding)) for seq, data, padding in rows]
        after = rows[-1][0]


def subtree_rows(db: str, log: int) -> dict[tuple[int, int], bytes]:
    """Return the complete subtrees kept of an own log: hash by (level, index)."""
    rows = query(db, "SELECT level, idx, hash FROM store_subtree WHERE log = %s", (log,))
    return {(level, index): bytes(hash_) for level, index, hash_ in rows}


def checkpoints_of(db: str, origin: str) -> list[tuple[int, str, str]]:
    """Return (size, root, note) of every checkpoint held of a log, by size."""
    rows = query(
        db,
        "SELECT size, root, note FROM store_checkpoint WHERE origin = %s ORDER BY size, root",
        (origin,),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def statements_of(db: str, party: str) -> list[StatementRow]:
    """Return every receipt and node document of a party, by log and place."""
    rows = query(
        db,
        'SELECT id, kind, party, log, seq, "to", envelope FROM store_statement '
        "WHERE party = %s ORDER BY log, seq, id",
        (party,),
    )
    return [StatementRow._make([*row[:6], bytes(row[6])]) for row in rows]


def statement_parties(db: str) -> list[str]:
    """Return the parties of which a receipt or node document is held."""
    return [row[0] for row in query(db, "SELECT DISTINCT party FROM store_statement ORDER BY 1")]


def act_places(db: str, party: str) -> list[tuple[int, int, str]]:
    """Return (log, seq, id) of every admitted act of a party."""
    rows = query(
        db, "SELECT log, seq, id FROM store_act WHERE party = %s ORDER BY log, seq, id", (party,)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def object_slices(db: str) -> Iterator[list[tuple[str, bytes, bytes]]]:
    """Yield (id, SHA-256 as kept, bytes) of every object version, some hundred at a time."""
    after = -1
    while rows := query(
        db,
        "SELECT n, stix_id, hash, data FROM store_objectversion WHERE n > %s ORDER BY n LIMIT %s",
        (after, SLICE // 8),
    ):
        yield [(stix_id, bytes(digest), bytes(data)) for _, stix_id, digest, data in rows]
        after = rows[-1][0]


def bare_holdings(db: str) -> list[tuple[str, int]]:
    """Return (collection, how many) of holdings whose object is not here."""
    rows = query(
        db,
        "SELECT s.id, COUNT(*) FROM store_holding h JOIN store_shelf s ON s.number = h.shelf "
        "WHERE NOT EXISTS (SELECT 1 FROM store_objectversion o WHERE o.n = h.object) "
        "GROUP BY s.id ORDER BY s.id",
    )
    return [(id_, count) for id_, count in rows]


def protocols_here(db: str) -> dict[tuple[str, int], set[str]]:
    """Return the protocols that dossiers here are under, by (name, version), and in what states
    those dossiers are.
    """
    found: dict[tuple[str, int], set[str]] = {}
    for name, version, state in query(
        db, "SELECT DISTINCT protocol, version, state FROM store_dossier"
    ):
        found.setdefault((name, int(version)), set()).add(state)
    return found


def dossier_ids(db: str, places: Container[tuple[str, int]] | None = None) -> list[str]:
    """Return the ids of all dossiers, or of those under protocols of these names and versions."""
    rows = query(db, "SELECT id, protocol, version FROM store_dossier ORDER BY id")
    return [id_ for id_, name, version in rows if places is None or (name, version) in places]


class DocumentPlace(NamedTuple):
    """Where a document is stored to stand in its party's chain."""

    id: str
    party: str
    root_version: int
    step: int


def document_places(db: str) -> list[DocumentPlace]:
    """Return the places of all documents, in the order they follow each other."""
    rows = query(
        db,
        "SELECT id, party, root_version, step FROM store_document "
        "ORDER BY party, root_version, step, id",
    )
    return [DocumentPlace._make(row) for row in rows]


def counters(db: str) -> dict[str, int]:
    """Return the last number allocated of every counter."""
    return {row[0]: int(row[1]) for row in query(db, "SELECT name, value FROM store_counter")}


class Numbers(NamedTuple):
    """Dense numbers as they stand: how many there are, how many distinct, least and largest."""

    name: str
    given: int
    distinct: int
    least: int
    most: int


_NUMBERS = "COUNT(*), COUNT(DISTINCT n), COALESCE(MIN(n), 0), COALESCE(MAX(n), 0)"


def numbers(db: str) -> list[Numbers]:
    """Return the numbers of acts, dossiers and mail, by the counter that allocates them."""
    found = [
        Numbers("act", *query(db, f"SELECT {_NUMBERS} FROM store_act")[0]),
        Numbers("dossier", *query(db, f"SELECT {_NUMBERS} FROM store_dossier")[0]),
    ]
    mail = query(
        db, f"SELECT recipient, {_NUMBERS} FROM store_mail GROUP BY recipient ORDER BY recipient"
    )
    return found + [Numbers(f"mail-{row[0]}", *row[1:]) for row in mail]


def lost_deliveries(db: str) -> list[tuple[str, str, str]]:
    """Return (what, item, recipient) of deliveries whose item is not here."""
    rows = query(
        db,
        "SELECT what, item, recipient FROM store_delivery d WHERE state = 'queued' AND NOT ("
        "EXISTS (SELECT 1 FROM store_act a WHERE a.id = d.item AND d.what = 'act') OR "
        "EXISTS (SELECT 1 FROM store_pending p WHERE p.id = d.item AND d.what = 'act') OR "
        "EXISTS (SELECT 1 FROM store_statement s WHERE s.id = d.item AND d.what = 'receipt')) "
        "ORDER BY d.id",
    )
    return [(row[0], row[1], row[2]) for row in rows]


def lost_parts(db: str) -> list[str]:
    """Return acts of which parts are held, and that are neither admitted nor waiting."""
    rows = query(
        db,
        "SELECT DISTINCT act FROM store_part p WHERE NOT EXISTS "
        "(SELECT 1 FROM store_act a WHERE a.id = p.act) AND NOT EXISTS "
        "(SELECT 1 FROM store_pending w WHERE w.id = p.act) ORDER BY act",
    )
    return [row[0] for row in rows]


def part_paths(db: str) -> set[str]:
    """Return the files of the parts folder that parts name."""
    return {row[0] for row in query(db, "SELECT path FROM store_part WHERE path <> ''")}


def pending_and_admitted(db: str) -> list[str]:
    """Return acts that wait although they are admitted."""
    rows = query(
        db, "SELECT p.id FROM store_pending p JOIN store_act a ON a.id = p.id ORDER BY p.id"
    )
    return [row[0] for row in rows]


def pending_loads(db: str) -> list[tuple[str, int, int]]:
    """Return (peer, acts that wait, their bytes)."""
    rows = query(db, "SELECT via, COUNT(*), SUM(size) FROM store_pending GROUP BY via ORDER BY via")
    return [(row[0], int(row[1]), int(row[2])) for row in rows]


def texts_of(db: str, dossier: str) -> list[tuple[str, int, str, bool, str]]:
    """Return (act, part, field, is title, text) of a dossier's text, sorted."""
    rows = query(
        db,
        "SELECT act, part, field, is_title, text FROM store_text WHERE dossier = %s",
        (dossier,),
    )
    return sorted((row[0], row[1], row[2], bool(row[3]), row[4]) for row in rows)
