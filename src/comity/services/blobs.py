"""Fetching blobs: large content, by range, resumed where a cut line left it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel import blob
from comity.kernel.blob import BlobRef
from comity.kernel.cover import CoverKind
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.services import arrival, dossiers, envelope, text
from comity.services.admitting import Outcome
from comity.services.deliver import PREFIX, route
from comity.services.ingest import sign_receipt
from comity.services.ports import Unreachable
from comity.store.access import acts as access_acts
from comity.store.access import outbox as access
from comity.store.append import acts as append
from comity.store.append import outbox
from comity.store.append.log import appending
from comity.store.sql import writing

if TYPE_CHECKING:
    from pathlib import Path

    from comity.services.node import Node
    from comity.store.access.outbox import BlobRow

PIECE = 1024 * 1024
PAUSE, LONGEST_PAUSE = 2_000, 3600_000


def fetch_due(node: Node) -> bool:
    """Fetch one blob that is due; say whether one was finished."""
    rows = access.in_blobs(node.db, now=node.now())
    return bool(rows) and fetch(node, rows[0])


def fetch(node: Node, row: BlobRow) -> bool:
    """Go on fetching a blob, from the byte reached before; say whether it was taken in."""
    target = node.spool / f"in-{row.hash}"
    try:
        _fetch_rest(node, row, target)
        _take_in(node, row, target)
    except (Unreachable, Refusal):
        pause = min(PAUSE << min(row.failures, 16), LONGEST_PAUSE)
        with writing(node.db):
            outbox.delay_in_blob(node.db, row.hash, node.now() + pause)
        return False
    return True


def _fetch_rest(node: Node, row: BlobRow, target: Path) -> None:
    have = target.stat().st_size if target.exists() else 0
    if have == row.size:
        return  # It came by a file, or the answer to the last piece was lost.
    url = route(node, PartyId(row.via))
    if url is None:
        raise Unreachable("No address of the sender is known.")
    with target.open("ab") as file:
        while have < row.size:
            piece = _piece(node, row, url, have)
            file.write(piece)
            have += len(piece)


def _piece(node: Node, row: BlobRow, url: str, offset: int) -> bytes:
    length = min(PIECE, row.size - offset)
    asked = envelope.request(
        node,
        PartyId(row.via),
        CoverKind.BLOB,
        {"blob": row.hash, "offset": offset, "length": length},
    )
    reply = node.ports.transport.send(f"{url}{PREFIX}/blob", asked, limit=PIECE + 1024)
    if reply.status != 200 or not 0 < len(reply.body) <= length:
        raise Refusal("T9", f"The sender answered with status {reply.status}.", row.hash)
    return reply.body


def _take_in(node: Node, row: BlobRow, target: Path) -> None:
    ref = BlobRef(Id(row.hash), row.size, row.key, row.first, row.last, Id(row.act))
    try:
        parts = blob.decrypt(ref, target.read_bytes())
    except Refusal:
        # Wrong bytes are thrown away: going on from them would never end well.
        target.unlink()
        raise
    rows = arrival.rows_of(node, parts)
    sender = PartyId(row.via)
    with appending(node.db, node.anchor) as writer:
        append.insert_parts(node.db, Id(row.act), rows)
        outbox.finish_in_blob(node.db, row.hash)
        if _settle(node, row.act, sender):
            outcome = Outcome(held={Id(row.act)}, whole={Id(row.act)})
            receipt = sign_receipt(node, writer, sender, outcome)
            outbox.queue(node.db, outbox.RECEIPT, [(receipt.id, sender)], node.now())
    target.unlink()


def _settle(node: Node, act_id: str, sender: PartyId) -> bool:
    stored = access_acts.act(node.db, act_id)
    if stored is None:
        return False
    act = dossiers.stored_act(node, stored)
    if not arrival.settle_content(node, act, sender):
        return False
    text.fill(node, dossiers.load(node, act.dossier), act)
    return True


def clean_spool(node: Node) -> None:
    """Drop blobs that everyone who should have them has."""
    done = access.finished_out_blobs(node.db, node.now() - node.settings.expire)
    with writing(node.db):
        outbox.delete_out_blobs(node.db, done)
    for hash_ in done:
        (node.spool / hash_).unlink(missing_ok=True)
