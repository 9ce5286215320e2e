"""What waits for a party, as a sealed file: carried on a stick, or by anything else.

::

    comity-stick-v1
    <kind, 1 byte> <length, 8 bytes, big-endian> <that many bytes>       as often as needed

Kind ``M`` is a sealed bundle with its cover, as it would travel over the wire; kind ``B`` is 64
hexadecimal digits and the ciphertext of the blob with that hash. Only the recipient can open
either. Receipts come back the same way, by a file in the other direction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from comity.kernel import cover
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.kernel.version import early
from comity.services.delivery import blobs, deliver, envelope, heights, wire, work
from comity.store.access import blobs as access_blobs
from comity.store.access import outbox as access
from comity.store.access import parties
from comity.store.append import outbox
from comity.store.append.parties import count_refusal
from comity.store.sql import writing

if TYPE_CHECKING:
    from pathlib import Path

    from comity.kernel.bundle import Bundle
    from comity.services.node import Node

MAGIC, FAMILY = b"comity-stick-v1\n", b"comity-stick-v"
EARLY = FAMILY + b"0"
MESSAGE, BLOB = b"M", b"B"
BLOB_LIMIT = 32 * 1024 * 1024
FOR_EVER = 2**62
"""A time after every other, in ms: every blob not taken in yet is looked for on a stick."""


@dataclass(slots=True)
class Exported:
    """What was written: how many ``messages`` and ``receipts``, in how many ``bundles``; and the
    ``blobs`` of large contents.
    """

    bundles: int = 0
    messages: int = 0
    receipts: int = 0
    blobs: int = 0


@dataclass(slots=True)
class Imported:
    """What came in: ``messages`` held here now, ``whole`` those with all their content, ``blobs``
    of large contents, bundles that were here ``before``, and what was ``refused``.
    """

    messages: int = 0
    whole: int = 0
    blobs: int = 0
    before: int = 0
    refused: list[Refusal] = field(default_factory=list)


def export_to(node: Node, recipient: PartyId, path: Path) -> Exported:
    """Write everything that waits for ``recipient`` into the new file ``path``.

    What is written counts as sent; it is sent again if no receipt comes back. Raises Refusal S3
    (an unknown party), S4 (the file exists, or it is this party itself) or T4 (no sealing key).
    """
    if parties.party(node.db, recipient) is None:
        raise Refusal("S3", "This party is not known here; introduce it first.", recipient)
    if recipient == node.me:
        raise Refusal("S4", "That is this party itself; name another.")
    if path.exists():
        raise Refusal("S4", "There is a file of this name already; name a new one.", str(path))
    work.requeue(node)
    done, fresh = Exported(), path.with_name(f"{path.name}.part")
    try:
        with fresh.open("wb") as file:
            file.write(MAGIC)
            _write_all(node, recipient, file, done)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return done


def _write_all(node: Node, recipient: PartyId, file: IO[bytes], done: Exported) -> None:
    """Write bundles until nothing waits.

    Each counts as sent at once, so that the next goes on behind it; if writing then fails, it is
    sent again like everything else that no receipt comes back for.
    """
    told, _ = heights.changed(node, recipient, 0)
    first = True
    while first or access.queued(node.db, recipient, 1):
        packed, taken = deliver.pack(node, recipient, told=told if first else ())
        if not first and not taken:
            return
        _write(file, MESSAGE, envelope.seal_for(node, recipient, packed))
        _write_blobs(node, packed, file, done)
        done.bundles += 1
        done.messages += len(packed.acts)
        done.receipts += len(packed.receipts)
        with writing(node.db):
            outbox.mark_sent(node.db, taken, node.now())
        first = False


def _write_blobs(node: Node, packed: Bundle, file: IO[bytes], done: Exported) -> None:
    for item in packed.acts:
        for ref in item.blobs:
            _write(file, BLOB, ref.hash.encode() + (node.spool / ref.hash).read_bytes())
            done.blobs += 1


def _write(file: IO[bytes], kind: bytes, data: bytes) -> None:
    file.write(kind + len(data).to_bytes(8, "big") + data)


def import_from(node: Node, path: Path) -> Imported:
    """Take in a file that another node exported for this one.

    Taking it in twice changes nothing. A bundle that is refused is counted and passed over, so
    that the rest comes in. Raises Refusal S4 when it is no such file or damaged, T10 when a later
    version of this program wrote it, K19 when one did that no longer counts.
    """
    done = Imported()
    with path.open("rb") as file:
        _require_ours(file.read(len(MAGIC)), path.name)
        for kind, data in _pieces(file):
            if kind == MESSAGE:
                _take_message(node, data, done)
            else:
                _take_blob(node, data, done)
    return done


def _require_ours(begin: bytes, name: str) -> None:
    if begin == MAGIC:
        return
    if begin.startswith(EARLY):
        raise early(name)
    if begin.startswith(FAMILY):
        raise Refusal("T10", "This sealed file was written by a newer program.", name)
    reason = "This is not a sealed file of Comity; `comity export` writes those."
    raise Refusal("S4", reason, name)


def _pieces(file: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    while head := file.read(9):
        kind, size = head[:1], int.from_bytes(head[1:], "big")
        most = {MESSAGE: wire.BODY_LIMIT, BLOB: BLOB_LIMIT}.get(kind, -1)
        data = file.read(size) if size <= most else b""
        if len(head) < 9 or size > most or len(data) < size:
            raise Refusal("S4", "The file is cut off, or damaged; ask for it again.")
        yield kind, data


def _take_message(node: Node, data: bytes, done: Imported) -> None:
    sender = ""
    try:
        signed, sealed = envelope.split(data)
        sender = signed.cover.sender
        cover.require_recipient(signed.cover, node.me)
        envelope.require_sender(node, signed)
        what = envelope.open_bundle(node, signed, sealed)
        envelope.require_once(node, signed)
    except Refusal as refusal:
        if refusal.rule == "T3":
            done.before += 1
            return
        _count(node, sender, refusal)
        done.refused.append(refusal)
        return
    outcome = deliver.take_in(node, signed.cover.sender, what)
    done.messages += len(outcome.held)
    done.whole += len(outcome.whole)
    done.refused += outcome.refusals


def _count(node: Node, sender: str, refusal: Refusal) -> None:
    known = parties.party(node.db, sender) is not None
    with writing(node.db):
        count_refusal(
            node.db,
            rule=refusal.rule,
            peer=sender if known else "",
            reason=refusal.reason,
            now=node.now(),
        )


def _take_blob(node: Node, data: bytes, done: Imported) -> None:
    """Put a blob that was announced where fetching would have put it, and let it be taken in."""
    hash_ = data[:64].decode("ascii", errors="replace")
    for row in access_blobs.in_blobs(node.db, now=FOR_EVER):
        if row.hash == hash_ and row.size == len(data) - 64:
            (node.spool / row.name).write_bytes(data[64:])
            done.blobs += blobs.fetch(node, row)
