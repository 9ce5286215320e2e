"""Reading what goes on with other TAXII servers: how far it is, and what they were given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from comity.store import halves
from comity.store.access.objects import SHOWN, Clause, Sight
from comity.store.sql import marks, query

SENT, WAITING, FAILED, REMOVED, KEPT = range(5)
"""States of what was given: it stands there; its status is not complete; it was not taken; it was
taken down here and removed there; it was taken down here and the server does not remove it.
"""
CHUNK = 250


class ExchangeRow(NamedTuple):
    """How far an exchange is, as its table says."""

    key: str
    after: int = 0
    ran_at: int = 0
    next_at: int = 0
    failed: int = 0
    told: str = ""


class PushedRow(NamedTuple):
    """What a server was given, as its table says."""

    exchange: str
    stix_id: str
    version: int
    hash: bytes
    state: int
    told: str
    at: int


_PUSHED = ", ".join(f"p.{name}" for name in PushedRow._fields)


def exchange(db: str, key: str) -> ExchangeRow:
    """Return how far an exchange is: at its beginning, where nothing is known of it."""
    columns = ", ".join(ExchangeRow._fields)
    rows = query(db, f"SELECT {columns} FROM store_exchange WHERE key = %s", (key,))
    return ExchangeRow(*rows[0]) if rows else ExchangeRow(key)


def not_given(key: str) -> Clause:
    """Return the condition that an object version was not given to a server yet."""
    sql = (
        "NOT EXISTS (SELECT 1 FROM store_pushed p WHERE p.exchange = %s AND "
        "p.stix_id = o.stix_id AND p.version = o.version)"
    )
    return sql, [key]


def given(db: str, key: str, states: Sequence[int], limit: int) -> list[PushedRow]:
    """Return what a server was given and is in one of these states, the oldest first."""
    rows = query(
        db,
        f"SELECT {_PUSHED} FROM store_pushed p WHERE p.exchange = %s AND "
        f"p.state IN ({marks(len(states))}) ORDER BY p.at, p.stix_id, p.version LIMIT %s",
        (key, *states, limit),
    )
    return [_row(row) for row in rows]


def counts(db: str, key: str) -> dict[int, int]:
    """Return how much of what a server was given is in each state."""
    sql = "SELECT state, COUNT(*) FROM store_pushed WHERE exchange = %s GROUP BY state"
    return dict(query(db, sql, (key,)))


def withdrawn(db: str, key: str, sight: Sight, limit: int) -> list[PushedRow]:
    """Return what stands at a server and is not to be seen by it on the shelves any more."""
    found: list[PushedRow] = []
    some = _sent(db, key, (0, "", 0))
    while some and len(found) < limit:
        seen = _seen(db, sight, [row.stix_id for row in some])
        found += (row for row in some if (row.stix_id, row.version) not in seen)
        some = _sent(db, key, (some[-1].at, some[-1].stix_id, some[-1].version))
    return found[:limit]


def _sent(db: str, key: str, after: tuple[int, str, int]) -> list[PushedRow]:
    """Return what stands at a server, the oldest first, after (at, id, version)."""
    rows = query(
        db,
        f"SELECT {_PUSHED} FROM store_pushed p WHERE p.exchange = %s AND p.state = {SENT} "
        "AND (p.at, p.stix_id, p.version) > (%s, %s, %s) "
        f"ORDER BY p.at, p.stix_id, p.version LIMIT {CHUNK}",
        (key, *after),
    )
    return [_row(row) for row in rows]


def _seen(db: str, sight: Sight, ids: Sequence[str]) -> set[tuple[str, int]]:
    """Return the ids and versions of what of these objects is to be seen."""
    if not sight.shelves or not sight.passes:
        return set()
    passes = " OR ".join("(h.sources = %s AND h.tlp <= %s)" for _ in sight.passes)
    those, given = halves.among("o", sorted(set(ids)))
    # Joined so that SQLite, which has no statistics, looks for the objects first.
    rows = query(
        db,
        "SELECT o.stix_id, o.version FROM store_objectversion o CROSS JOIN store_holding h "
        f"WHERE {those} AND h.object = o.n AND h.shelf IN ({marks(len(sight.shelves))}) "
        f"AND h.state = {SHOWN} AND ({passes})",
        (*given, *sight.shelves, *(each for pair in sight.passes for each in pair)),
    )
    return {(id_, version) for id_, version in rows}


def known(db: str, ids: Sequence[str]) -> set[tuple[str, int, bytes]]:
    """Return of these objects what any server was given, as (id, version, hash)."""
    found: set[tuple[str, int, bytes]] = set()
    wanted = sorted(set(ids))
    for at in range(0, len(wanted), CHUNK):
        some = wanted[at : at + CHUNK]
        sql = (
            f"SELECT stix_id, version, hash FROM store_pushed WHERE stix_id IN ({marks(len(some))})"
        )
        found |= {(id_, version, bytes(digest)) for id_, version, digest in query(db, sql, some)}
    return found


def _row(row: Sequence[object]) -> PushedRow:
    found = PushedRow(*row)  # type: ignore[arg-type]
    return found._replace(hash=bytes(found.hash))
