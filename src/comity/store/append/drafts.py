"""Writing what people of this party are about to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from comity.store.sql import marks, query

if TYPE_CHECKING:
    from comity.store.access.drafts import DraftRow


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def insert(db: str, row: DraftRow) -> None:
    """Keep a new draft."""
    values = _values(row._asdict())
    query(
        db,
        f"INSERT INTO store_draft ({', '.join(values)}) VALUES ({marks(len(values))})",
        [*values.values()],
    )


def change(db: str, row: DraftRow, now: int, **fields: Any) -> bool:  # noqa: ANN401
    """Keep other fields, the state among them, of a draft that was read as ``row``.

    False when somebody changed it since: what one wrote is never put back by who read it before.
    """
    values = _values({"changed_at": max(now, row.changed_at + 1), **fields})
    rows = query(
        db,
        f"UPDATE store_draft SET {', '.join(f'{name} = %s' for name in values)} "
        "WHERE id = %s AND state = %s AND changed_at = %s RETURNING id",
        (*values.values(), row.id, row.state, row.changed_at),
    )
    return bool(rows)


def _values(fields: dict[str, Any]) -> dict[str, Any]:
    return {n: _json(v) if n in {"form", "files"} else v for n, v in fields.items()}
