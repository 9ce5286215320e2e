"""What is asked about one object: what names it, and of several conditions any."""

from __future__ import annotations

from collections.abc import Sequence

from comity.store.access.objects import Clause


def naming(stix_id: str) -> Clause:
    """Return the condition that an object names another, as a relationship its ends."""
    return "h.object IN (SELECT n.object FROM store_named n WHERE n.named = %s)", [stix_id]


def other_than(stix_id: str) -> Clause:
    """Return the condition that an object is another one."""
    return "o.stix_id <> %s", [stix_id]


def either(clauses: Sequence[Clause]) -> Clause:
    """Return the condition that one of some conditions holds; there is at least one."""
    told = " OR ".join(sql for sql, _ in clauses)
    return f"({told})", [value for _, values in clauses for value in values]
