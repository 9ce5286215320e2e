"""Forgetting what drafts hold: their files, and their words when those of an act are erased."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from comity.services.casework.kernelkinds import TRANSLATION
from comity.store.access import drafts as access
from comity.store.access.drafts import DROPPED, SIGNED, DraftRow
from comity.store.append import drafts as append

if TYPE_CHECKING:
    from comity.services.node import Node

FOLDER = "drafts"


def clear(node: Node, row: DraftRow) -> None:
    """Remove the files of a draft."""
    folder = node.folder / FOLDER / row.id
    # Also what somebody was about to add, who is refused.
    shutil.rmtree(folder, ignore_errors=True)


def forget(node: Node, act: str) -> list[DraftRow]:
    """Empty, within a write transaction, what drafts hold of the words of an act: the draft that it
    was signed from, and those of its translations, which are dropped unless they are signed.

    Returns them all, that their files be cleared after the commit. Doing it twice is once.
    """
    found = access.drafts_of(node.db, act, TRANSLATION.kind)
    for row in found:
        _forget(node, row)
    return found


def is_forgotten(row: DraftRow) -> bool:
    """Say whether a draft holds no words, and never will again."""
    return row.state in {SIGNED, DROPPED} and row.form["texts"].keys() <= _kept(row)


def _kept(row: DraftRow) -> set[str]:
    """Return what is kept of the texts of a draft: what a translation is about is no word of it,
    and by that it is found again.
    """
    return {"act"} if row.kind == TRANSLATION.kind else set()


def _forget(node: Node, row: DraftRow) -> None:
    texts = {name: row.form["texts"][name] for name in _kept(row)}
    form = {**row.form, "texts": texts}
    state = SIGNED if row.state == SIGNED else DROPPED
    if (form, [], state) == (row.form, row.files, row.state):
        return
    # It counts as changed right after the last time, for a review is due from when it was signed.
    if not append.change(node.db, row, 0, form=form, files=[], state=state):
        # Somebody changed it since it was read: those words go, too.
        for again in access.drafts_among(node.db, [row.id]).values():
            _forget(node, again)
