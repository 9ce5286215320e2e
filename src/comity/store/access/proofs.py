"""Reading which own checkpoints prove an entry, and how many witnesses signed each."""

from __future__ import annotations

from collections.abc import Sequence

from comity.store.sql import marks, query


def proving(db: str, origin: str, least: int) -> list[tuple[int, int]]:
    """Return (size, cosignatures) of the checkpoints of at least ``least`` leaves, smallest first.

    The smallest is the earliest, and so proves the earliest time.
    """
    rows = query(
        db,
        "SELECT c.size, COUNT(s.witness) FROM store_checkpoint c "
        "LEFT JOIN store_cosignature s ON s.origin = c.origin AND s.size = c.size "
        "WHERE c.origin = %s AND c.size >= %s GROUP BY c.size ORDER BY c.size",
        (origin, least),
    )
    return [(int(size), int(count)) for size, count in rows]


def first_cosigned(
    db: str, origin: str, least: int, witnesses: Sequence[str], quorum: int
) -> int | None:
    """Return the size of the smallest checkpoint of at least ``least`` leaves that ``quorum`` of
    the ``witnesses``, one at least, have cosigned, or None.
    """
    rows = query(
        db,
        "SELECT size FROM store_cosignature WHERE origin = %s AND size >= %s "
        f"AND witness IN ({marks(len(witnesses))}) "
        "GROUP BY size HAVING COUNT(*) >= %s ORDER BY size LIMIT 1",
        (origin, least, *witnesses, quorum),
    )
    return int(rows[0][0]) if rows else None


def receipts_with(db: str, party: str, act: str) -> list[bytes]:
    """Return the envelopes of receipts to ``party`` that name ``act`` among what is held."""
    rows = query(
        db,
        "SELECT s.envelope FROM store_delivery d JOIN store_statement s ON s.id = d.receipt "
        'WHERE d.item = %s AND s."to" = %s ORDER BY s.id',
        (act, party),
    )
    return [bytes(row[0]) for row in rows]


def receipts_to(db: str, by: str, to: str) -> list[bytes]:
    """Return the envelopes of the receipts that ``by`` gave to ``to``, oldest first."""
    rows = query(
        db,
        "SELECT envelope FROM store_statement WHERE party = %s AND kind = 'receipt' "
        'AND "to" = %s ORDER BY log, seq',
        (by, to),
    )
    return [bytes(row[0]) for row in rows]
