"""Reading what was said last in a dossier: what figures of it are made of."""

from __future__ import annotations

from collections.abc import Sequence

from comity.store.access.acts import ActRow
from comity.store.sql import marks, query

_ACT = ", ".join(ActRow._fields)


def newest_of(
    db: str, dossier_id: str, kinds: Sequence[str], limit: int, since: int = 0
) -> list[ActRow]:
    """Return a dossier's acts of some kinds that have effect and were said ``since`` (ms), those
    admitted last first.
    """
    rows = query(
        db,
        f"SELECT {_ACT} FROM store_act WHERE dossier = %s AND kind IN ({marks(len(kinds))}) "
        "AND void_rule = '' AND time >= %s ORDER BY idx DESC LIMIT %s",
        (dossier_id, *kinds, since, limit),
    )
    found = (ActRow(*row) for row in rows)
    return [row._replace(header=bytes(row.header), sig=bytes(row.sig)) for row in found]
