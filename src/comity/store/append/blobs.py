"""Blobs: those made here, those to fetch, and those kept for hosted parties."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import orjson

from comity.store.sql import query, run_many

if TYPE_CHECKING:
    from comity.kernel.blob import BlobRef
    from comity.kernel.ids import Id, PartyId


def insert_out_blob(db: str, ref: BlobRef, now: int) -> None:
    """Remember a blob made for fetching; its ciphertext lies in the spool."""
    query(
        db,
        "INSERT INTO store_outblob (hash, act, first, last, size, key, made_at, host, placed, "
        "gone, failures, next_try) VALUES (%s, %s, %s, %s, %s, %s, %s, '', %s, %s, 0, 0) "
        "ON CONFLICT (hash) DO NOTHING",
        (ref.hash, ref.act, ref.first, ref.last, ref.size, ref.key, now, False, False),
    )


def mark_gone(db: str, hashes: Sequence[str]) -> None:
    """Serve blobs no more, and forget their keys; a host they were announced to is to be told."""
    run_many(
        db,
        "UPDATE store_outblob SET gone = %s, key = %s, failures = 0, next_try = 0 WHERE hash = %s",
        [(True, b"", hash_) for hash_ in hashes],
    )


def delete_out_blobs(db: str, owner: PartyId, hashes: Sequence[str]) -> None:
    """Forget blobs that everyone has, or that must go, and who might fetch them."""
    run_many(db, "DELETE FROM store_outblob WHERE hash = %s", [(hash_,) for hash_ in hashes])
    run_many(
        db,
        "DELETE FROM store_blobreader WHERE owner = %s AND hash = %s",
        [(owner, hash_) for hash_ in hashes],
    )


def let_fetch(db: str, owner: PartyId, hashes: Iterable[str], recipients: Iterable[str]) -> None:
    """Let parties fetch blobs of ``owner``; of an own blob, the host is to be told anew."""
    named = sorted(set(recipients))
    run_many(
        db,
        "INSERT INTO store_blobreader (hash, owner, recipient, told) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (hash, owner, recipient) DO UPDATE SET told = excluded.told",
        [(hash_, owner, recipient, False) for hash_ in hashes for recipient in named],
    )


def note_told(db: str, owner: PartyId, hash_: str, recipients: Sequence[str]) -> None:
    """Note that the host knows that these parties may fetch a blob."""
    run_many(
        db,
        "UPDATE store_blobreader SET told = %s WHERE owner = %s AND hash = %s AND recipient = %s",
        [(True, owner, hash_, recipient) for recipient in recipients],
    )


def note_untold(db: str, owner: PartyId, hash_: str) -> None:
    """Note that the host knows nothing of a blob: it is announced anew."""
    query(
        db,
        "UPDATE store_blobreader SET told = %s WHERE owner = %s AND hash = %s",
        (False, owner, hash_),
    )
    query(db, "UPDATE store_outblob SET placed = %s WHERE hash = %s", (False, hash_))


def note_placed(db: str, hash_: str, host: str, *, whole: bool) -> None:
    """Note that ``host`` knows of a blob, and whether it holds it whole."""
    query(
        db,
        "UPDATE store_outblob SET host = %s, placed = %s, failures = 0, next_try = 0 "
        "WHERE hash = %s",
        (host, whole, hash_),
    )


def delay_out_blob(db: str, hash_: str, next_try: int) -> None:
    """Note that a host could not be brought or told something, and when to try again."""
    query(
        db,
        "UPDATE store_outblob SET failures = failures + 1, next_try = %s WHERE hash = %s",
        (next_try, hash_),
    )


def insert_in_blob(db: str, ref: BlobRef, via: PartyId, sources: Sequence[str]) -> None:
    """Remember a blob to fetch, as the peer ``via`` says, from ``sources`` or from itself.

    Announcing it again changes whom to ask, and lets it be tried at once; announcing it for another
    act than before changes nothing, for each act's blobs are its own.
    """
    query(
        db,
        "INSERT INTO store_inblob (hash, act, first, last, size, key, via, sources, done, "
        "failures, next_try) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0, 0) "
        "ON CONFLICT (act, hash) DO UPDATE SET via = excluded.via, sources = excluded.sources, "
        "next_try = 0",
        (
            *(ref.hash, ref.act, ref.first, ref.last, ref.size, ref.key, via),
            *(orjson.dumps(list(sources)).decode(), False),
        ),
    )


def finish_in_blob(db: str, act: str, hash_: str) -> None:
    """Note that a blob was fetched, opened and taken in."""
    query(db, "UPDATE store_inblob SET done = %s WHERE act = %s AND hash = %s", (True, act, hash_))


def delay_in_blob(db: str, act: str, hash_: str, next_try: int) -> None:
    """Note a failed fetch, and when to try again."""
    query(
        db,
        "UPDATE store_inblob SET failures = failures + 1, next_try = %s "
        "WHERE act = %s AND hash = %s",
        (next_try, act, hash_),
    )


def delete_in_blobs(db: str, act: Id) -> None:
    """Forget the announced blobs of an act."""
    query(db, "DELETE FROM store_inblob WHERE act = %s", (act,))


def keep_blob(db: str, owner: PartyId, hash_: str, size: int, now: int) -> None:
    """Agree to keep a blob for ``owner``; agreeing again lets it be kept for longer."""
    query(
        db,
        "INSERT INTO store_keptblob (hash, owner, size, whole, at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (owner, hash) DO UPDATE SET at = excluded.at",
        (hash_, owner, size, False, now),
    )


def mark_kept(db: str, owner: str, hash_: str, *, whole: bool) -> None:
    """Note whether a kept blob is whole: all of it has come, and it is what its hash says."""
    query(
        db,
        "UPDATE store_keptblob SET whole = %s WHERE owner = %s AND hash = %s",
        (whole, owner, hash_),
    )


def note_taken(db: str, recipient: PartyId, hash_: str) -> None:
    """Note that a party has fetched a kept blob, and needs it no more."""
    query(
        db,
        "DELETE FROM store_blobreader WHERE recipient = %s AND hash = %s AND EXISTS (SELECT 1 "
        "FROM store_keptblob k WHERE k.hash = store_blobreader.hash "
        "AND k.owner = store_blobreader.owner)",
        (recipient, hash_),
    )


def delete_kept(db: str, owner: str, hash_: str) -> None:
    """Forget a kept blob, and who might fetch it."""
    for table in ("keptblob", "blobreader"):
        query(db, f"DELETE FROM store_{table} WHERE owner = %s AND hash = %s", (owner, hash_))
