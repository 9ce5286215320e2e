"""Writing down what never leaves the node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.store.sql import marks, query

if TYPE_CHECKING:
    from comity.store.access.memos import MemoRow


def put(db: str, row: MemoRow) -> None:
    """Keep a memo, in the place of what its author wrote before for the same readers."""
    values = row._asdict()
    query(
        db,
        f"INSERT INTO store_memo ({', '.join(values)}) VALUES ({marks(len(values))}) "
        "ON CONFLICT (act, person, readers) DO UPDATE SET "
        "name = excluded.name, text = excluded.text, at = excluded.at",
        [*values.values()],
    )


def remove(db: str, act: str, person: int, readers: str) -> None:
    """Remove a memo, if there is one."""
    query(
        db,
        "DELETE FROM store_memo WHERE act = %s AND person = %s AND readers = %s",
        (act, person, readers),
    )


def forget(db: str, act: str) -> None:
    """Remove every memo about an act, whoever wrote it."""
    query(db, "DELETE FROM store_memo WHERE act = %s", (act,))
