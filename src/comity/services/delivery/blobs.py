"""Fetching blobs: large content, by range, resumed where a cut line left it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel import blob
from comity.kernel.blob import BlobRef
from comity.kernel.cover import CoverKind
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.services.casework import dossiers, text
from comity.services.delivery import arrival, deliver, kept
from comity.services.delivery.ingest import queue_whole
from comity.services.ports import Unreachable
from comity.services.sharing import shelving
from comity.store.access import acts as access_acts
from comity.store.access import blobs as access
from comity.store.append import acts as append
from comity.store.append import blobs
from comity.store.append.log import appending
from comity.store.append.parties import count_refusal
from comity.store.append.space import counting
from comity.store.sql import writing

if TYPE_CHECKING:
    from pathlib import Path

    from comity.kernel.act import Act
    from comity.kernel.canon import Object
    from comity.services.node import Node
    from comity.store.access.blobs import InBlobRow
    from comity.store.append.acts import PartRow

PIECE = 1024 * 1024
PAUSE, LONGEST_PAUSE = 2_000, 3600_000
WHILE_BROUGHT = 60_000
"""The longest pause, in ms, before a blob is asked for again that is still on its way to a host."""


class _BeingBroughtError(Unreachable):
    """The one asked does not hold the whole blob yet, and will."""


def fetch_due(node: Node) -> bool:
    """Fetch one blob that is due; say whether one was finished."""
    rows = access.in_blobs(node.db, now=node.now())
    return bool(rows) and fetch(node, rows[0])


def fetch(node: Node, row: InBlobRow) -> bool:
    """Go on fetching a blob, from the byte reached before; say whether it was taken in."""
    target = node.spool / row.name
    try:
        source = _fetch_rest(node, row, target)
        _take_in(node, row, target, source)
    except (Unreachable, Refusal) as error:
        longest = WHILE_BROUGHT if isinstance(error, _BeingBroughtError) else LONGEST_PAUSE
        pause = min(PAUSE << min(row.failures, 16), longest)
        with writing(node.db):
            blobs.delay_in_blob(node.db, row.act, row.hash, node.now() + pause)
        return False
    _say_taken(node, row, source)
    return True


def places(node: Node, row: InBlobRow) -> list[PartyId]:
    """Return whom to ask for a blob, in order: its sources, who announced it, and their hosts.

    A party that is not known here, or has no address, is passed over. After a failure another is
    asked first, so that one that gives wrong bytes does not stand before one that would not.
    """
    found: list[PartyId] = []
    for party in (*row.sources, row.via):
        place = deliver.place(node, party)
        if place is not None and place[0] not in found:
            found.append(place[0])
    turn = row.failures % len(found) if found else 0
    return found[turn:] + found[:turn]


def _fetch_rest(node: Node, row: InBlobRow, target: Path) -> str:
    """Fetch what is lacking from the first that gives it; return who that was, "" for nobody."""
    have = target.stat().st_size if target.exists() else 0
    if have == row.size:
        return ""  # It came by a file, or the process ended before it was taken in.
    failed: list[Unreachable | Refusal] = []
    for source in places(node, row):
        try:
            _fetch_from(node, row, target, source)
        except (Unreachable, Refusal) as error:
            failed.append(error)
        else:
            return source
    # That it will come from one of them says more than that others do not have it.
    failed.sort(key=lambda error: not isinstance(error, _BeingBroughtError))
    raise failed[0] if failed else Unreachable("No address of who has it is known.")


def _fetch_from(node: Node, row: InBlobRow, target: Path, source: PartyId) -> None:
    with target.open("ab") as file:
        have = file.tell()
        while have < row.size:
            piece = _piece(node, row, source, have)
            file.write(piece)
            have += len(piece)


def _piece(node: Node, row: InBlobRow, source: PartyId, offset: int) -> bytes:
    length = min(PIECE, row.size - offset)
    data: bytes | None
    if source == node.me:
        # This node keeps blobs for the one who sent it this.
        data = kept.read_range(node, node.me, row.hash, offset, length)
    else:
        args: Object = {"blob": row.hash, "offset": offset, "length": length}
        reply = deliver.ask(node, source, CoverKind.BLOB, args, limit=PIECE + 1024)
        data = None if reply.status == 202 else reply.body
    if data is None:
        raise _BeingBroughtError("The blob is still being brought to its host.")
    if not 0 < len(data) <= length:
        raise Refusal("T9", "What was answered is not the range asked for.", row.hash)
    return data


def _take_in(node: Node, row: InBlobRow, target: Path, source: str) -> None:
    ref = BlobRef(Id(row.hash), row.size, row.key, row.first, row.last, Id(row.act))
    try:
        parts = blob.decrypt(ref, target.read_bytes())
    except Refusal as refusal:
        # Wrong bytes are thrown away: going on from them would never end well.
        target.unlink()
        with writing(node.db):
            peer, reason = source or row.via, refusal.reason
            count_refusal(node.db, rule=refusal.rule, peer=peer, reason=reason, now=node.now())
        raise
    stored = access_acts.act(node.db, row.act)
    act = None if stored is None else dossiers.stored_act(node, stored)
    rows = [] if act is None else arrival.rows_of(node, act, parts)
    sender = PartyId(row.via)
    with appending(node.db, node.anchor) as writer:
        if row.hash not in access.announced_blobs(node.db, row.act):
            # Its content was erased here, or announced anew, while it was being fetched.
            _drop(node, rows)
            target.unlink()
            return
        with counting(node.db, Id(row.act)):
            append.insert_parts(node.db, Id(row.act), rows, via=row.via)
            blobs.finish_in_blob(node.db, row.act, row.hash)
        if act is not None and _settle(node, act, sender):
            for to in sorted({sender, act.header.party} - {node.me}):
                queue_whole(node, writer, to, {act.id})
    target.unlink(missing_ok=True)


def _drop(node: Node, rows: list[PartRow]) -> None:
    """Remove the files of parts that are not taken in."""
    for part in rows:
        if part.path and not access_acts.has_part_file(node.db, part.path):
            (node.parts / part.path).unlink(missing_ok=True)


def _settle(node: Node, act: Act, sender: PartyId) -> bool:
    if not arrival.settle_content(node, act, sender):
        return False
    text.fill(node, dossiers.load(node, act.dossier), act)
    shelving.note(node, dossiers.load(node, act.dossier), act)
    return True


def _say_taken(node: Node, row: InBlobRow, source: str) -> None:
    """Tell a host that it need not keep a blob for this party; if that is lost, its owner does."""
    if source == node.me:
        kept.take_receipt(node, node.me, row.hash)
    elif source not in {"", row.via}:
        try:
            args: Object = {"blob": row.hash, "taken": True}
            deliver.ask(node, PartyId(source), CoverKind.BLOB, args)
        except (Unreachable, Refusal):
            return
