"""Writing what people of this party are about to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from comity.store.sql import query

if TYPE_CHECKING:
    from comity.store.access.drafts import DraftRow


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def save(db: str, row: DraftRow) -> None:
    """Keep a draft as it stands now."""
    values = row._asdict()
    given = [_json(v) if n in {"form", "files"} else v for n, v in values.items()]
    names = ", ".join(values)
    marks = ", ".join(["%s"] * len(values))
    changed = ", ".join(f"{n} = excluded.{n}" for n in values if n not in {"id", "made_at"})
    query(
        db,
        f"INSERT INTO store_draft ({names}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE "
        f"SET {changed}",
        given,
    )


def move(db: str, id_: str, *, expected: str, state: str, now: int, **fields: Any) -> bool:  # noqa: ANN401
    """Bring a draft from the state ``expected`` to ``state``, with other fields.

    False when somebody else moved it before.
    """
    values = {"state": state, "changed_at": now, **fields}
    sets = ", ".join(f"{name} = %s" for name in values)
    rows = query(
        db,
        f"UPDATE store_draft SET {sets} WHERE id = %s AND state = %s RETURNING id",
        (*values.values(), id_, expected),
    )
    return bool(rows)
