"""Bringing blobs to the host of this node's mail, for a node that accepts no connections.

What was announced in a bundle is brought by itself, in pieces, from the byte the host has. The
host is told who may fetch each blob, and told to drop it when nobody needs it any more. What it
knows is never relied on: whenever a bundle names a blob again, it is announced again.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import orjson

from comity.kernel.cover import CoverKind
from comity.kernel.errors import Refusal
from comity.services.delivery import deliver
from comity.services.delivery.kept import MOST_NAMED
from comity.services.ports import Unreachable
from comity.store.access import blobs as access
from comity.store.append import blobs
from comity.store.append.parties import count_refusal
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.kernel.ids import PartyId
    from comity.services.node import Node
    from comity.store.access.blobs import OutBlobRow

PIECE = 1024 * 1024
PAUSE, LONGEST_PAUSE = 2_000, 600_000


def next_due(node: Node) -> OutBlobRow | None:
    """Return the blob to bring next, or None; None too for a node that serves its own."""
    host = node.host
    return None if host is None else access.to_place(node.db, node.me, host, node.now())


def upload_due(node: Node) -> bool:
    """Bring one blob that is due; say whether the host holds it whole now."""
    row = next_due(node)
    return row is not None and upload(node, row)


def upload(node: Node, row: OutBlobRow) -> bool:
    """Bring a blob, or go on from the byte the host has; say whether that was finished."""
    host = node.host
    if host is None:
        return False
    try:
        if row.gone:
            _have_dropped(node, host, row)
        else:
            _bring(node, host, row)
    except FileNotFoundError:
        _make_anew(node, row)
    except (Unreachable, Refusal) as error:
        _note_failure(node, host, row, error)
        return False
    return True


def _bring(node: Node, host: PartyId, row: OutBlobRow) -> None:
    have = _announce(node, host, row)
    with (node.spool / row.hash).open("rb") as file:
        while have < row.size:
            file.seek(have)
            piece = file.read(PIECE)
            if not piece:
                raise FileNotFoundError(row.hash)
            reached = _ask(node, host, row, {"offset": have}, piece)
            if reached <= have:
                raise Unreachable("The host did not take the next piece.")
            have = reached
    with writing(node.db):
        blobs.note_placed(node.db, row.hash, host, whole=True)


def _announce(node: Node, host: PartyId, row: OutBlobRow) -> int:
    """Tell the host who may fetch a blob; return how many bytes of it the host has."""
    if row.host != host:
        # Another host than before, or none: it knows none of them.
        with writing(node.db):
            blobs.note_untold(node.db, node.me, row.hash)
    untold = access.readers(node.db, node.me, row.hash, untold=True)
    have = 0
    for first in range(0, max(1, len(untold)), MOST_NAMED):
        named = untold[first : first + MOST_NAMED]
        args: Object = {"offset": 0, "to": [*named]} if named else {"offset": 0}
        have = _ask(node, host, row, args)
        with writing(node.db):
            blobs.note_told(node.db, node.me, row.hash, named)
    with writing(node.db):
        blobs.note_placed(node.db, row.hash, host, whole=have == row.size)
    return have


def _ask(node: Node, host: PartyId, row: OutBlobRow, args: Object, piece: bytes = b"") -> int:
    named: Object = {"blob": row.hash, "size": row.size}
    reply = deliver.ask(node, host, CoverKind.SPOOL, named | args, piece)
    try:
        have = orjson.loads(reply.body)["have"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Unreachable("The host's answer cannot be read.") from error
    if type(have) is not int or not 0 <= have <= row.size:
        raise Unreachable("The host's answer makes no sense.")
    return have


def _have_dropped(node: Node, host: PartyId, row: OutBlobRow) -> None:
    if row.host == host:
        deliver.ask(node, host, CoverKind.SPOOL, {"blob": row.hash, "drop": True})
    with writing(node.db):
        blobs.delete_out_blobs(node.db, node.me, [row.hash])


def _note_failure(node: Node, host: PartyId, row: OutBlobRow, error: Unreachable | Refusal) -> None:
    pause = min(PAUSE << min(row.failures, 16), LONGEST_PAUSE)
    rule = error.rule if isinstance(error, Refusal) else ""
    with writing(node.db):
        if rule:
            count_refusal(node.db, rule=rule, peer=host, reason=str(error), now=node.now())
        if rule == "T9":
            blobs.note_untold(node.db, node.me, row.hash)
        blobs.delay_out_blob(node.db, row.hash, node.now() + pause)
    if rule in {"T7", "T8"} and not _is_sound(node, row):
        _make_anew(node, row)


def _is_sound(node: Node, row: OutBlobRow) -> bool:
    try:
        with (node.spool / row.hash).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == row.hash
    except FileNotFoundError:
        return False


def _make_anew(node: Node, row: OutBlobRow) -> None:
    """Give up the blobs of an act whose file was lost or damaged here.

    Others are made when the act is sent again, which its recipients ask for.
    """
    forget(node, [each.hash for each in access.out_blobs(node.db, row.act)])


def forget(node: Node, hashes: list[str]) -> None:
    """Serve blobs no more and remove their files; the host is told when its turn comes."""
    with writing(node.db):
        blobs.mark_gone(node.db, hashes)
    for hash_ in hashes:
        (node.spool / hash_).unlink(missing_ok=True)


def clean_spool(node: Node) -> None:
    """Drop blobs that everyone who should have them has, or that nobody fetched for too long."""
    before = node.now() - node.settings.expire
    forget(node, access.finished_out_blobs(node.db, before))
    # Without a host, as one with an address is, there is nobody to tell.
    done = access.gone_out_blobs(node.db, before if node.host else node.now() + 1)
    with writing(node.db):
        blobs.delete_out_blobs(node.db, node.me, done)
