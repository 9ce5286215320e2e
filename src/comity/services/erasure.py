"""Erasing content, and doing it again after a restore."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from comity.kernel.ids import Id
from comity.services import dossiers
from comity.store.access import acts as access
from comity.store.access import blobs as access_blobs
from comity.store.access import checks
from comity.store.append import acts as append
from comity.store.append import blobs
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.services.node import Node


def erase(node: Node, act: Id, *, reason: str, parts: Sequence[int] = ()) -> None:
    """Remove data, salts and text of an act's parts here, all of them by default.

    Leaves stay, so that proofs go on verifying. Doing it twice is once. The files go after the
    commit: a crash in between leaves files that no part names. Blobs it was sent in are served no
    more, and a mailbox host is told to drop them; what is left is sent in others.
    """
    held = [row for row in access.parts(node.db, act) if not parts or row.idx in parts]
    spooled = [row.hash for row in access_blobs.out_blobs(node.db, act)]
    with writing(node.db):
        append.insert_erasure(node.db, act=act, parts=parts, reason=reason, now=node.now())
        for row in held:
            append.erase_part(node.db, act, row.idx)
        blobs.delete_in_blobs(node.db, act)
        blobs.mark_gone(node.db, spooled)
        append.delete_text(node.db, act)
    named = checks.part_paths(node.db)
    for row in held:
        if row.path and row.path not in named:
            (node.parts / row.path).unlink(missing_ok=True)
    for hash_ in spooled:
        (node.spool / hash_).unlink(missing_ok=True)


def apply_again(node: Node) -> int:
    """Apply every erasure this party ever applied, to what a backup or a peer brought back.

    Known from the list of erasures, and from this party's own acts of kind erase, which peers
    give back after a restore. Returns how many had to be applied again.
    """
    wanted = {Id(act): (parts, reason) for act, parts, reason in access.erasures(node.db)}
    for id_ in checks.dossier_ids(node.db):
        for row in access.acts_of(node.db, id_):
            if row.kind == "erase" and row.party == node.me:
                body = dossiers.stored_act(node, row).header.body
                if body["stage"] == "applied":
                    wanted.setdefault(Id(str(body["act"])), ([], str(body["reason"])))
    again = 0
    for act, (parts, reason) in wanted.items():
        held = access.part_sizes(node.db, act)
        if any(there for idx, _, there in held if not parts or idx in parts):
            erase(node, act, reason=reason, parts=parts)
            again += 1
    return again
