"""Counting the bytes that are kept because of each party, in the transactions that change them.

Own ones are not counted. What counts against whom stands in ``store.access.space``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.store.access.space import PREFIX, STRANGERS, bytes_from, of_content, stored
from comity.store.append.log import allocate, lock
from comity.store.sql import query

if TYPE_CHECKING:
    from comity.kernel.ids import Id, PartyId


def count_bytes(db: str, party: str, count: int) -> None:
    """Count bytes that are kept because of a party, or, below zero, that are kept no more."""
    rows = query(
        db, "SELECT is_self, accredited_at IS NULL FROM store_party WHERE id = %s", (party,)
    )
    is_self, is_stranger = rows[0] if rows else (False, True)
    if is_self or not count:
        return
    # Whoever counts holds it to the end, so that no two wait for each other's counts.
    lock(db, "space")
    allocate(db, f"{PREFIX}{party}", count)
    if is_stranger:
        allocate(db, f"{PREFIX}{STRANGERS}", count)


def give_back(db: str, rows: Iterable[tuple[str, int]]) -> None:
    """Count no more what was kept because of parties: rows of (party, bytes)."""
    freed: Counter[str] = Counter()
    for party, size in rows:
        freed[party] += size
    for party, size in sorted(freed.items()):
        count_bytes(db, party, -size)


@contextmanager
def counting(db: str, act: Id) -> Iterator[None]:
    """Let the counts follow what becomes of an act's content, within a write transaction.

    Not within another of the same act.
    """
    before = of_content(db, act)
    try:
        yield
    except Refusal:
        # The transaction may go on without what was refused half-way.
        _follow(db, act, before)
        raise
    _follow(db, act, before)


def _follow(db: str, act: Id, before: Counter[str]) -> None:
    after = of_content(db, act)
    for party in sorted(before.keys() | after.keys()):
        count_bytes(db, party, after[party] - before[party])


def let_in(db: str, party: PartyId) -> None:
    """Let a party that is being accredited use a share of its own, and no more that of strangers.

    Call it right before it is noted as accredited.
    """
    rows = query(db, "SELECT 1 FROM store_party WHERE id = %s AND accredited_at IS NULL", (party,))
    if rows:
        lock(db, "space")
        allocate(db, f"{PREFIX}{STRANGERS}", -bytes_from(db, party))


def recount(db: str) -> None:
    """Count everything anew, from the rows themselves."""
    lock(db, "space")
    query(db, "DELETE FROM store_counter WHERE name LIKE %s", (f"{PREFIX}%",))
    for party, size in stored(db).items():
        allocate(db, f"{PREFIX}{party}", size)
