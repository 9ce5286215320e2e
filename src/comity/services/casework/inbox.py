"""What needs a person here: what this party owes, invitations, and what is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.ids import PartyId
from comity.services.casework import dossiers, telling, view
from comity.services.identity import roster
from comity.store.access import acts as access

if TYPE_CHECKING:
    from comity.services.casework.view import ActView
    from comity.services.node import Node
    from comity.store.access.acts import DossierRow, DutyRow

SEEN = "inbox"
"""The file in the node's folder that remembers how far a person has read."""
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Inbox:
    """``duties`` as (duty, words, dossier's title), soonest first; ``invitations`` and ``joining``
    dossiers; ``new`` acts of others as (dossier id, title, act); ``cursor`` where reading stands
    when all of it is read; ``more`` if there is more than fits.
    """

    duties: tuple[tuple[DutyRow, str, str], ...]
    invitations: tuple[DossierRow, ...]
    joining: tuple[DossierRow, ...]
    new: tuple[tuple[str, str, ActView], ...]
    cursor: int
    more: bool


def read(node: Node, since: int | None = None) -> Inbox:
    """Return what needs a person; new is what came after ``since``, or after the last ``mark``."""
    after = _seen(node) if since is None else since
    rows = access.acts_since(node.db, after, AT_ONCE)
    names = {PartyId(id_): name for id_, name in roster.names(node).items()}
    heads = {row.id: row for row in access.dossiers(node.db, limit=1_000_000)}
    told = {id_: telling.of(node, row, names=names) for id_, row in heads.items()}
    titles = {id_: told[id_].title(row) for id_, row in heads.items()}
    return Inbox(
        duties=tuple(
            (duty, told[duty.dossier].duty(duty), titles[duty.dossier])
            for duty in access.duties(node.db, node.me)
        ),
        invitations=tuple(row for row in heads.values() if _is_invitation(node, row)),
        joining=tuple(
            row
            for row in heads.values()
            if row.state == dossiers.JOINING and not _is_invitation(node, row)
        ),
        new=tuple(
            (row.dossier, titles.get(row.dossier, ""), view.act(node, row.id))
            for row in rows
            if row.party != node.me and heads[row.dossier].state != dossiers.JOINING
        ),
        cursor=rows[-1].n if rows else after,
        more=len(rows) == AT_ONCE,
    )


def mark(node: Node, cursor: int) -> None:
    """Remember that a person of this node has read up to ``cursor``; nobody else learns of it."""
    fresh = node.folder / f"{SEEN}.new"
    fresh.write_text(f"{cursor}\n", encoding="ascii")
    fresh.replace(node.folder / SEEN)


def _seen(node: Node) -> int:
    try:
        return int((node.folder / SEEN).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return 0


def _is_invitation(node: Node, row: DossierRow) -> bool:
    if row.state == dossiers.JOINING:
        return not any(item.via == node.me for item in access.pending(node.db, row.id))
    states = dict(access.members(node.db, row.id))
    return states.get(node.me) == "invited"
