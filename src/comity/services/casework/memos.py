"""Memos: what people of this party write down about an act, for themselves or for each other.

No memo is an act, and none leaves the node: nothing that is sent, exported or proven is made of
this table. It is in the node's own backups, and goes with the words that it is about when these are
erased (ADR 0026).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.kernel.fieldtypes import Text
from comity.kernel.label import TLP
from comity.store.access import memos as access
from comity.store.access.memos import ALL, ME, MemoRow
from comity.store.append import memos as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.services.casework.desk import Desk
    from comity.store.access.acts import DossierRow

MOST = 4000
"""Characters of a memo."""


@dataclass(frozen=True, slots=True)
class Memo:
    """A memo as one person reads it: about ``act``, by a person called ``name``, "" at the machine
    itself; ``mine`` says that this one wrote it. ``at`` is when it was last changed, in ms.
    """

    act: str
    name: str
    readers: str
    mine: bool
    text: str
    at: int


def of_dossier(desk: Desk, dossier: str) -> tuple[Memo, ...]:
    """Return the memos about a dossier that a person reads, the oldest first.

    Raises Refusal S3 for a dossier that is not to be seen.
    """
    row = desk.dossier(dossier)
    rows = [memo for memo in access.memos(desk.node.db, row.id) if _reads(desk, row, memo)]
    hidden = desk.sides.hidden(row, (memo.act for memo in rows))
    return tuple(_shown(desk, memo) for memo in rows if memo.act not in hidden)


def _shown(desk: Desk, memo: MemoRow) -> Memo:
    return Memo(memo.act, memo.name, memo.readers, _is_mine(desk, memo), memo.text, memo.at)


def _is_mine(desk: Desk, memo: MemoRow) -> bool:
    return memo.person == desk.actor.id and not desk.actor.machine


def _reads(desk: Desk, row: DossierRow, memo: MemoRow) -> bool:
    """Say whether a person is among the readers of a memo, whoever reads the act."""
    if _is_mine(desk, memo):
        return True
    return memo.readers == ALL or desk.actor.reads(memo.readers, TLP(row.ceiling))


def readers(desk: Desk, row: DossierRow) -> tuple[str, ...]:
    """Return for whom a person may write a memo in a dossier: a lane only where there are several
    and the person reads it.
    """
    lanes = desk.sides.of(row)
    able = [lane for lane in lanes if desk.actor.reads(lane, TLP(row.ceiling))]
    return (ME, ALL, *(able if len(lanes) > 1 else ()))


def write(desk: Desk, act: str, text: str, *, for_: str = ME) -> str:
    """Keep a memo about an act, in the place of what this person wrote about it before for the same
    readers; without ``text`` that is removed. Returns the dossier.

    Raises Refusal S3 for what is not to be seen, S4 for a text or readers that do not fit, S10 for
    a machine.
    """
    desk.actor.require_person()
    row = desk.dossier(desk.act(act).dossier)
    if for_ not in readers(desk, row):
        raise Refusal("S4", "Choose who is to read it: you, your colleagues, or a lane.", "readers")
    kept = _checked(text.strip()) if text.strip() else ""
    node, actor = desk.node, desk.actor
    with writing(node.db):
        if kept:
            memo = MemoRow(act, actor.id, for_, row.id, actor.name, kept, node.now())
            append.put(node.db, memo)
        else:
            append.remove(node.db, act, actor.id, for_)
    return row.id


def _checked(text: str) -> str:
    try:
        return Text(MOST).from_text(text)
    except ValueError as error:
        raise Refusal("S4", error.args[0], "text") from error
