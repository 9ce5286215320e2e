"""What is new since a cursor, as one person or program sees it.

A cursor is the number of the last act admitted here, or of the last change of a dossier, that was
looked at. Numbers are dense and given under a lock that lasts until they are committed
(``store.append.log.allocate``): what has a smaller number than something seen was committed before
it, so that reading on from a cursor misses nothing, whoever else writes at the same time.

The numbers count everything in this node. Who may see little learns from them that more happens,
and nothing of what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.store.access import acts as access

if TYPE_CHECKING:
    from comity.services.casework.desk import Desk
    from comity.store.access.acts import ActRow, DossierRow

MOST = 200
"""Rows looked at for one answer."""


@dataclass(frozen=True, slots=True)
class NewActs:
    """Acts admitted after a cursor that may be seen; ``since`` is where to go on, and ``more`` says
    that there is more to look at now.
    """

    acts: tuple[ActRow, ...]
    since: int
    more: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """Dossiers changed after a cursor, as ``NewActs``: each once, at its last change."""

    dossiers: tuple[DossierRow, ...]
    since: int
    more: bool


def acts(desk: Desk, since: int, limit: int = MOST) -> NewActs:
    """Return the acts admitted after ``since`` that ``desk`` sees, in order of admission."""
    db = desk.node.db
    rows = access.acts_since(db, since, limit)
    heads = access.dossiers_among(db, sorted({row.dossier for row in rows}))
    seen = {id_ for id_, head in heads.items() if desk.sees(head)}
    return NewActs(
        tuple(
            row for row in rows if row.dossier in seen and desk.sides.reads(heads[row.dossier], row)
        ),
        rows[-1].n if rows else since,
        len(rows) == limit,
    )


def changes(desk: Desk, since: int, limit: int = MOST) -> Changed:
    """Return the dossiers changed after ``since`` that ``desk`` sees, in order of change."""
    rows = access.dossiers(desk.node.db, since, limit)
    return Changed(
        tuple(row for row in rows if desk.sees(row)),
        rows[-1].n if rows else since,
        len(rows) == limit,
    )
