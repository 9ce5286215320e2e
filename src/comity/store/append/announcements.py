"""Writing the advisories that wait for the end of an embargo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from comity.store.access.announcements import OUT, WAITING
from comity.store.phrases import packed
from comity.store.sql import marks, query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.store.access.announcements import AnnouncementRow


def insert(db: str, row: AnnouncementRow, data: bytes) -> None:
    """Keep a new one, with its bytes."""
    values = {**row._asdict(), "data": data}
    values |= {name: orjson.dumps(values[name]).decode() for name in ("circles", "places")}
    query(
        db,
        f"INSERT INTO store_announcement ({', '.join(values)}) VALUES ({marks(len(values))})",
        [*values.values()],
    )


def claim(db: str, id_: str, now: int, until: int) -> bool:
    """Take one up to publish it: False while another process does, or failed a moment ago.

    Who says that it is further off than twice that had a clock that was set back since.
    """
    rows = query(
        db,
        "UPDATE store_announcement SET next_at = %s WHERE id = %s AND (next_at <= %s OR "
        "next_at > %s) RETURNING id",
        (until, id_, now, 2 * until - now),
    )
    return bool(rows)


def went_out(
    db: str,
    id_: str,
    at: int,
    due: int | None,
    places: Sequence[str],
    *,
    told: str = "",
    trouble: str = "",
) -> bool:
    """Note that one went out; False when it had before."""
    rows = query(
        db,
        "UPDATE store_announcement SET state = %s, out_at = %s, due = %s, places = %s, told = %s, "
        "trouble = %s WHERE id = %s AND state = %s RETURNING id",
        (OUT, at, due, orjson.dumps([*places]).decode(), told, packed(trouble), id_, WAITING),
    )
    return bool(rows)


def stand(db: str, id_: str, told: str, trouble: str = "") -> None:
    """Note what people are to be told of one that waits, "" for nothing."""
    query(
        db,
        "UPDATE store_announcement SET told = %s, trouble = %s WHERE id = %s AND state = %s",
        (told, packed(trouble), id_, WAITING),
    )


def drop(db: str, id_: str) -> None:
    """Forget one that did not go out, with its bytes."""
    query(db, "DELETE FROM store_announcement WHERE id = %s AND state = %s", (id_, WAITING))


def finished(db: str, id_: str, places: Sequence[str], told: str, trouble: str) -> None:
    """Note where one stands that is out, and what people are to be told of the other places."""
    query(
        db,
        "UPDATE store_announcement SET places = %s, told = %s, trouble = %s WHERE id = %s",
        (orjson.dumps([*places]).decode(), told, packed(trouble), id_),
    )
