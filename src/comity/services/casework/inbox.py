"""What needs a party, as who commands the machine itself reads it: all of it, and what is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.label import TLP
from comity.kernel.protocol import LANES
from comity.services.casework import dossiers, needing, view
from comity.services.casework.desk import Desk
from comity.services.people.actors import Actor
from comity.services.people.mandates import Mandate
from comity.store.access import acts as access
from comity.store.access import finding

if TYPE_CHECKING:
    from comity.services.casework.needing import Need
    from comity.services.casework.view import ActView
    from comity.services.node import Node
    from comity.store.access.acts import DossierRow

SEEN = "inbox"
"""The file in the node's folder that remembers how far a person has read."""
AT_ONCE = 500
ALL = Mandate("machine", "", lanes=LANES, ceiling=TLP.RED, issue=("*",))
"""What the machine itself may do."""


class Machine(Desk):
    """The dossiers of a node as who commands the machine sees them: all of them."""

    def __init__(self, node: Node) -> None:
        super().__init__(node, Actor(0, "", "", (ALL,)))

    def sees(self, row: DossierRow) -> bool:  # noqa: ARG002  any
        """Say yes."""
        return True


@dataclass(frozen=True, slots=True)
class Inbox:
    """``needs`` are what this party owes and where it is invited, soonest due first; ``joining``
    dossiers; ``new`` acts of others as (dossier id, title, act); ``cursor`` where reading stands
    when all of it is read; ``more`` if there is more than fits.
    """

    needs: tuple[Need, ...]
    joining: tuple[tuple[DossierRow, str], ...]
    new: tuple[tuple[str, str, ActView], ...]
    cursor: int
    more: bool


def read(node: Node, since: int | None = None) -> Inbox:
    """Return what needs a person; new is what came after ``since``, or after the last ``mark``."""
    desk = Machine(node)
    after = _seen(node) if since is None else since
    rows = access.acts_since(node.db, after, AT_ONCE)
    owed = (each for each in desk.owed() if desk.is_mine(each))
    found = needing.by_urgency([*needing.duties(desk, owed), *needing.invitations(desk)])
    invited = {item.need.dossier for item in found if item.need.kind == needing.INVITATION}
    heads = desk.seen(row.dossier for row in rows)
    titles = {id_: desk.told(row).title(row) for id_, row in heads.items()}
    joining = (row for row in finding.joining(node.db) if row.id not in invited)
    return Inbox(
        needs=needing.told(desk, found),
        joining=tuple((row, desk.told(row).title(row)) for row in joining),
        new=tuple(
            (row.dossier, titles[row.dossier], view.act(node, row.id))
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
