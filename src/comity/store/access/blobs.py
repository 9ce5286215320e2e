"""Reading blobs: those made here, those to fetch, and those kept for hosted parties."""

from __future__ import annotations

from typing import NamedTuple, cast

import orjson

from comity.kernel.ids import Id, PartyId
from comity.store.access.outbox import FAR
from comity.store.sql import Row, query

GIVE_UP = 3
"""Failures after which a blob no longer counts as under way, and another source is believed."""


class OutBlobRow(NamedTuple):
    """A blob made here: ciphertext ``hash`` and ``size``, parts, ``key``, and where it lies."""

    hash: str
    act: str
    first: int
    last: int
    size: int
    key: bytes
    host: str
    placed: bool
    gone: bool
    failures: int


_OUT = ", ".join(OutBlobRow._fields)


def _out_row(row: Row) -> OutBlobRow:
    value = OutBlobRow(*row)
    return value._replace(key=bytes(value.key), placed=bool(value.placed), gone=bool(value.gone))


def out_blobs(db: str, act: str) -> list[OutBlobRow]:
    """Return the blobs made of an act's content, without those that are gone."""
    sql = f"SELECT {_OUT} FROM store_outblob WHERE act = %s AND NOT gone ORDER BY first"
    return [_out_row(row) for row in query(db, sql, (act,))]


def out_blob(db: str, hash_: str) -> OutBlobRow | None:
    """Return one blob made here, or None."""
    rows = query(db, f"SELECT {_OUT} FROM store_outblob WHERE hash = %s AND NOT gone", (hash_,))
    return _out_row(rows[0]) if rows else None


def finished_out_blobs(db: str, before: int) -> list[str]:
    """Return blobs whose act every recipient holds whole, or will never get, and those made
    before ``before`` (ms).
    """
    rows = query(
        db,
        "SELECT b.hash FROM store_outblob b WHERE NOT gone AND (b.made_at < %s OR NOT EXISTS ("
        "SELECT 1 FROM store_delivery d WHERE d.item = b.act "
        "AND d.state NOT IN ('whole', 'refused', 'undeliverable')))",
        (before,),
    )
    return [row[0] for row in rows]


def to_place(db: str, owner: str, host: str, now: int) -> OutBlobRow | None:
    """Return the blob of ``owner`` to bring to ``host`` next, or to have it drop, or None."""
    rows = query(
        db,
        f"SELECT {_OUT} FROM store_outblob b WHERE (next_try <= %s OR next_try > %s) "
        "AND (gone OR EXISTS (SELECT 1 FROM store_blobreader r WHERE r.hash = b.hash "
        "AND r.owner = %s AND NOT (b.placed AND b.host = %s AND r.told))) "
        "ORDER BY failures, made_at, first LIMIT 1",
        (now, now + FAR, owner, host),
    )
    return _out_row(rows[0]) if rows else None


def gone_out_blobs(db: str, before: int) -> list[str]:
    """Return blobs whose host, if there was one, need not be told any more that they are gone:
    those made before ``before`` (ms).
    """
    sql = "SELECT hash FROM store_outblob WHERE gone AND (host = '' OR made_at < %s)"
    return [row[0] for row in query(db, sql, (before,))]


class InBlobRow(NamedTuple):
    """A blob to fetch: ciphertext ``hash`` and ``size``, parts, ``key``, and whom to ask."""

    hash: str
    act: str
    first: int
    last: int
    size: int
    key: bytes
    via: str
    failures: int
    sources: list[str]

    @property
    def name(self) -> str:
        """The name of the file it grows in: two acts that name one blob share nothing."""
        return incoming(self.act, self.hash)


def incoming(act: str, hash_: str) -> str:
    """Return the name of the file in the spool in which a blob of an act is fetched."""
    return f"in-{act}-{hash_}"


_IN = ", ".join(InBlobRow._fields)


def in_blobs(db: str, now: int | None = None, act: str | None = None) -> list[InBlobRow]:
    """Return blobs not taken in yet: those due at ``now``, or all of an act."""
    where, params = (
        ("(next_try <= %s OR next_try > %s)", ((now or 0), (now or 0) + FAR))
        if act is None
        else ("act = %s", (act,))
    )
    sql = f"SELECT {_IN} FROM store_inblob WHERE NOT done AND {where} ORDER BY act, first"
    return [_in_row(row) for row in query(db, sql, params)]


def _in_row(row: Row) -> InBlobRow:
    value = InBlobRow(*row)
    told: object = value.sources
    # PostgreSQL gives jsonb decoded or as text, by what the driver was told; SQLite gives text.
    sources = orjson.loads(told) if isinstance(told, str) else told
    return value._replace(key=bytes(value.key), sources=cast("list[str]", sources))


def is_under_way(db: str, act: str) -> bool:
    """Say whether a blob of an act is being fetched, with hope."""
    sql = "SELECT 1 FROM store_inblob WHERE act = %s AND NOT done AND failures < %s LIMIT 1"
    return bool(query(db, sql, (act, GIVE_UP)))


def announced_blobs(db: str, act: str) -> set[str]:
    """Return the hashes of the blobs announced for an act, also those taken in."""
    return {row[0] for row in query(db, "SELECT hash FROM store_inblob WHERE act = %s", (act,))}


def fetching(db: str) -> set[str]:
    """Return the names of the files of all blobs not taken in yet."""
    return {
        incoming(*row) for row in query(db, "SELECT act, hash FROM store_inblob WHERE NOT done")
    }


def is_reader(db: str, owner: str, hash_: str, recipient: str) -> bool:
    """Say whether a party may fetch a blob of ``owner``."""
    sql = "SELECT 1 FROM store_blobreader WHERE hash = %s AND owner = %s AND recipient = %s"
    return bool(query(db, sql, (hash_, owner, recipient)))


def readers(db: str, owner: str, hash_: str, *, untold: bool = False) -> list[str]:
    """Return who may fetch a blob of ``owner``, in order; or only whom the host does not know."""
    only = "AND NOT told " if untold else ""
    rows = query(
        db,
        f"SELECT recipient FROM store_blobreader WHERE hash = %s AND owner = %s {only}"
        "ORDER BY recipient",
        (hash_, owner),
    )
    return [row[0] for row in rows]


def named_at_hosts(db: str, owner: PartyId, dossier: Id) -> dict[Id, set[PartyId]]:
    """Return the acts of a dossier of which blobs lie at a host of ``owner``, or are on their way
    there, and who may fetch them.
    """
    rows = query(
        db,
        "SELECT b.act, r.recipient FROM store_act a JOIN store_outblob b ON b.act = a.id "
        "JOIN store_blobreader r ON r.hash = b.hash AND r.owner = %s "
        "WHERE a.dossier = %s AND NOT b.gone ORDER BY a.n, r.recipient",
        (owner, dossier),
    )
    found: dict[Id, set[PartyId]] = {}
    for act, recipient in rows:
        found.setdefault(Id(act), set()).add(PartyId(recipient))
    return found


class KeptRow(NamedTuple):
    """A blob kept for its ``owner``; ``size`` in bytes, ``at`` (ms) when it was last announced."""

    hash: str
    owner: str
    size: int
    whole: bool
    at: int


_KEPT = ", ".join(f"k.{name}" for name in KeptRow._fields)


def _kept_row(row: Row) -> KeptRow:
    value = KeptRow(*row)
    return value._replace(whole=bool(value.whole))


def kept_blob(db: str, owner: str, hash_: str) -> KeptRow | None:
    """Return one blob kept for a party, or None."""
    rows = query(
        db,
        f"SELECT {_KEPT} FROM store_keptblob k WHERE k.owner = %s AND k.hash = %s",
        (owner, hash_),
    )
    return _kept_row(rows[0]) if rows else None


def kept_for(db: str, recipient: str, hash_: str) -> list[KeptRow]:
    """Return the blobs with this hash, of any owner, that a party may fetch; whole ones first."""
    rows = query(
        db,
        f"SELECT {_KEPT} FROM store_keptblob k JOIN store_blobreader r "
        "ON r.hash = k.hash AND r.owner = k.owner WHERE r.recipient = %s AND k.hash = %s "
        "ORDER BY k.whole DESC, k.owner",
        (recipient, hash_),
    )
    return [_kept_row(row) for row in rows]


def kept_load(db: str, owner: str) -> tuple[int, int]:
    """Return how many blobs are kept for a party, and the bytes they take once they are whole."""
    sql = "SELECT COUNT(*), COALESCE(SUM(size), 0) FROM store_keptblob WHERE owner = %s"
    ((count, size),) = query(db, sql, (owner,))
    return int(count), int(size)


def kept_before(db: str, before: int) -> list[KeptRow]:
    """Return the blobs announced before ``before`` (ms), and those nobody is to fetch any more."""
    rows = query(
        db,
        f"SELECT {_KEPT} FROM store_keptblob k WHERE k.at < %s OR NOT EXISTS (SELECT 1 "
        "FROM store_blobreader r WHERE r.hash = k.hash AND r.owner = k.owner)",
        (before,),
    )
    return [_kept_row(row) for row in rows]


def all_kept(db: str) -> set[tuple[str, str]]:
    """Return (owner, hash) of every blob kept here for others."""
    return {(row[0], row[1]) for row in query(db, "SELECT owner, hash FROM store_keptblob")}
