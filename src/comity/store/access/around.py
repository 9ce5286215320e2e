"""What is asked of objects: how their ids begin, what names one, what they are about, and of
several conditions any.
"""

from __future__ import annotations

from collections.abc import Sequence

from comity.store import halves
from comity.store.access.objects import Clause
from comity.store.sql import marks, query

MOST_ABOUT = 10_000
"""Of what more objects are about, so many are looked at."""


def ids_like(db: str, prefix: str, limit: int) -> list[str]:
    """Return the ids of objects that begin with ``prefix``, in order. With a digit of a UUID in it
    they are looked up, and otherwise looked for among all.
    """
    where, told = "stix_id >= %s AND stix_id < %s", [prefix, prefix + "\U0010ffff"]
    found = halves.between(prefix)
    if found is not None:
        where = f"half >= %s AND half <= %s AND {where}"
    rows = query(
        db,
        f"SELECT DISTINCT stix_id FROM store_objectversion WHERE {where} ORDER BY stix_id LIMIT %s",
        (*(found or ()), *told, limit),
    )
    return [id_ for (id_,) in rows]


def naming(stix_id: str) -> Clause:
    """Return the condition that an object names another, as a relationship its ends."""
    return "h.object IN (SELECT n.object FROM store_named n WHERE n.named = %s)", [stix_id]


def about(kind: str, values: Sequence[str], between: tuple[str, str] | None) -> Clause:
    """Return the condition that an object is about one of ``values``, or one ``between`` two."""
    ways = [f"i.value IN ({marks(len(values))})"] if values else []
    given: list[object] = [*values]
    if between is not None:
        ways.append("(i.value >= %s AND i.value <= %s)")
        given += between
    sql = (
        "o.n IN (SELECT i.object FROM store_observable i "
        f"WHERE ({' OR '.join(ways)}) AND i.kind = %s LIMIT {MOST_ABOUT})"
    )
    return sql, [*given, kind]


def other_than(stix_id: str) -> Clause:
    """Return the condition that an object is another one."""
    return "o.stix_id <> %s", [stix_id]


def either(clauses: Sequence[Clause]) -> Clause:
    """Return the condition that one of some conditions holds; there is at least one."""
    told = " OR ".join(sql for sql, _ in clauses)
    return f"({told})", [value for _, values in clauses for value in values]
