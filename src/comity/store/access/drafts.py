"""Reading what people of this party are about to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from comity.store.sql import Row, marks, query

STATES = ("open", "waiting", "returned", "signed", "dropped")
OPEN, WAITING, RETURNED, SIGNED, DROPPED = STATES


class DraftRow(NamedTuple):
    """A draft, as its table says; times in ms."""

    id: str
    person: int
    name: str
    machine: str
    protocol: str
    version: int
    dossier: str
    kind: str
    lane: str
    ceiling: str
    form: dict[str, Any]
    files: list[dict[str, Any]]
    state: str
    emergency: bool
    reason: str
    second: int | None
    second_name: str
    act: str
    made_at: int
    changed_at: int


_DRAFT = ", ".join(DraftRow._fields)


def _row(row: Row) -> DraftRow:
    found = DraftRow(*row)
    return found._replace(
        form=_decoded(found.form),
        files=_decoded(found.files),
        emergency=bool(found.emergency),
    )


def _decoded(value: Any) -> Any:  # noqa: ANN401  what a column of JSON holds
    return orjson.loads(value) if isinstance(value, str) else value


def draft(db: str, id_: str) -> DraftRow | None:
    """Return one draft, or None."""
    rows = query(db, f"SELECT {_DRAFT} FROM store_draft WHERE id = %s", (id_,))
    return _row(rows[0]) if rows else None


def drafts_among(db: str, ids: Sequence[str]) -> dict[str, DraftRow]:
    """Return those of some drafts that are here, whatever became of them, by id."""
    if not ids:
        return {}
    sql = f"SELECT {_DRAFT} FROM store_draft WHERE id IN ({marks(len(ids))})"
    return {row.id: row for row in map(_row, query(db, sql, tuple(ids)))}


def drafts_of(db: str, act: str, kind: str) -> list[DraftRow]:
    """Return the drafts that an act was signed from, and those of a ``kind`` that are about it,
    whatever became of them.
    """
    rows = query(db, f"SELECT {_DRAFT} FROM store_draft WHERE act = %s OR kind = %s", (act, kind))
    found = map(_row, rows)
    return [row for row in found if row.act == act or row.form["texts"].get("act") == act]


def emergencies(db: str) -> list[DraftRow]:
    """Return the drafts signed alone in an emergency that nobody has reviewed, oldest first."""
    sql = (
        f"SELECT {_DRAFT} FROM store_draft WHERE state = 'signed' AND emergency "
        "AND second IS NULL ORDER BY changed_at, id"
    )
    return [_row(row) for row in query(db, sql)]


def drafts(db: str, states: tuple[str, ...] = (OPEN, WAITING, RETURNED)) -> list[DraftRow]:
    """Return the drafts in some states, those changed last first."""
    marks = ", ".join(["%s"] * len(states))
    sql = f"SELECT {_DRAFT} FROM store_draft WHERE state IN ({marks}) ORDER BY changed_at DESC, id"
    return [_row(row) for row in query(db, sql, states)]
