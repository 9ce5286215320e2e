"""Keeping blobs for hosted parties, and serving blobs to who may fetch them (KERNEL "Transport").

A hosted party brings a blob in pieces, each in the body of a signed cover of kind ``spool``::

    args: {blob, size, offset, to?: [party, …]}   the body, if any, are bytes from ``offset`` on
    args: {blob, drop: true}                      nobody is to fetch it any more
    answer: {"have": n}                           how many bytes of it are here

``to`` names at most 32 parties, in ascending order, that may fetch the blob; naming them is what
makes the host keep it. A piece that does not begin where the host stands is not taken, and the
answer says where to go on, so that asking twice is once. Once all bytes are here they are compared
with the hash, and nothing is served before.

The host learns who may fetch how many bytes of whom, and when they do. It sees neither the act nor
the key. A blob goes when the last who may fetch it says that it has, when its owner says so, or
when nobody announced it for as long as an undelivered item is kept.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from comity.kernel import cover
from comity.kernel.blob import LEAST_SIZE, MOST_SIZE
from comity.kernel.errors import Refusal
from comity.kernel.fields import Fields
from comity.kernel.ids import Id
from comity.services import quota
from comity.services.casework import dossiers
from comity.services.delivery import envelope
from comity.services.delivery.carry import may_have_content
from comity.services.ports import Reply
from comity.store.access import acts, parties
from comity.store.access import blobs as access
from comity.store.append import blobs
from comity.store.append.log import lock
from comity.store.room import room
from comity.store.sql import writing

if TYPE_CHECKING:
    from pathlib import Path

    from comity.kernel.cover import SignedCover
    from comity.kernel.ids import PartyId
    from comity.services.node import Node
    from comity.store.access.blobs import KeptRow

MOST_NAMED = 32
"""Parties that one request may name."""
MOST_READERS = 256
"""Parties that may fetch one blob."""
PIECE = 4 * 1024 * 1024
"""The most bytes of a blob that are served at once."""
LOCK = "spool.lock"
SPOOL = "spool"
"""Names of the lock on files of kept blobs, and of the one that announcing and dropping take."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a hosted party asks: see the module. ``drop`` excludes the others."""

    blob: Id
    size: int = 0
    offset: int = 0
    to: tuple[PartyId, ...] = ()
    drop: bool = False


def read(signed: SignedCover, body: bytes) -> Brought:
    """Return what a cover of kind ``spool`` asks.

    Raises Refusal T10 (its form) or T7 (a size no blob has, or bytes beyond the end).
    """
    fields = Fields(signed.cover.args, "request", "T10")
    hash_ = fields.id("blob")
    if fields.has("drop"):
        if fields.take("drop") is not True or body:
            raise Refusal("T10", "A blob is dropped by drop: true, without a body.", hash_)
        fields.end()
        return Brought(hash_, drop=True)
    size, offset = fields.integer("size"), fields.integer("offset")
    to = fields.optional("to", lambda name: fields.parties(name, MOST_NAMED, 1)) or ()
    fields.end()
    if not LEAST_SIZE <= size <= MOST_SIZE:
        raise Refusal("T7", f"A blob has {LEAST_SIZE} to {MOST_SIZE} bytes.", hash_)
    if offset + len(body) > size:
        raise Refusal("T7", "The piece reaches beyond the size that was said.", hash_)
    return Brought(hash_, size, offset, to)


def answer(node: Node, signed: SignedCover, body: bytes) -> Reply:
    """Answer a request of kind ``spool``; see the module.

    What it costs to refuse comes first: form, hosting and quota are looked at before a signature
    is verified, a byte hashed or anything written. Raises Refusal T1, T2, T3, T4, T5, T7, T8, T9,
    T10, T11, T12 or S7.
    """
    cover.require_recipient(signed.cover, node.me)
    cover.require_recent(signed.cover, node.now())
    asked, owner = read(signed, body), signed.cover.sender
    _require_hosted(node, owner)
    if not asked.drop:
        _require_share(node, owner, asked, len(body))
    envelope.require_sender(node, signed)
    if body or signed.cover.hash is not None:
        envelope.require_body(signed, body)
    envelope.require_once(node, signed)
    if asked.drop:
        drop(node, owner, asked.blob)
        return Reply(200, orjson.dumps({"have": 0}))
    _announce(node, owner, asked)
    return Reply(200, orjson.dumps({"have": _take(node, owner, asked.blob, asked.offset, body)}))


def _require_hosted(node: Node, owner: PartyId) -> None:
    row = parties.party(node.db, owner)
    if row is None or not row.hosted:
        raise Refusal("T11", "This node keeps nothing for that party.", owner)


def _require_share(node: Node, owner: PartyId, asked: Brought, more: int) -> None:
    held = access.kept_blob(node.db, owner, asked.blob)
    if held is None:
        if not asked.to:
            raise Refusal("T9", "This blob was not announced to this node.", asked.blob)
        quota.require_spool(node, owner, asked.size)
    elif held.size != asked.size:
        raise Refusal("T7", "The blob was announced with another size.", asked.blob)
    quota.require_free(node, more)
    if asked.to:
        known = {*access.readers(node.db, owner, asked.blob), *asked.to}
        if len(known) > MOST_READERS:
            raise Refusal("T5", f"At most {MOST_READERS} parties may fetch one blob.", asked.blob)


def _announce(node: Node, owner: PartyId, asked: Brought) -> None:
    """Keep what is announced: of what was taken out of the way meanwhile, nothing is written.

    Raises Refusal S7, T5, T7 or T9.
    """
    with writing(node.db):
        if asked.to:
            lock(node.db, SPOOL)
            # Asked once more, now that no other request is between this and the writing.
            _require_share(node, owner, asked, 0)
            blobs.keep_blob(node.db, owner, asked.blob, asked.size, node.now())
            blobs.let_fetch(node.db, owner, [asked.blob], asked.to)
        row = access.kept_blob(node.db, owner, asked.blob)
    if row is None or row.size != asked.size:
        raise Refusal("T9", "This blob was not announced to this node.", asked.blob)


@contextmanager
def alone(node: Node) -> Iterator[None]:
    """Let nobody else write, compare or remove kept blobs meanwhile, in this process or another.

    It is the files that this guards. Take it before a transaction, never within one.
    """
    with (node.folder / LOCK).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _take(node: Node, owner: str, hash_: str, offset: int, body: bytes) -> int:
    """Write a piece if it begins where the file ends; return how many bytes are here.

    Raises Refusal T9 when the blob was dropped meanwhile; T8 when the last byte came and the whole
    is not what its hash says: then it is thrown away.
    """
    path = path_of(node, owner, hash_)
    with alone(node), room():
        row = access.kept_blob(node.db, owner, hash_)
        if row is None:
            raise Refusal("T9", "This blob was not announced to this node.", hash_)
        have = path.stat().st_size if path.exists() else 0
        if row.whole and have == row.size:
            return have
        if row.whole:
            # The disk lost it. It is not served until it has come again.
            with writing(node.db):
                blobs.mark_kept(node.db, row.owner, row.hash, whole=False)
        if have == offset and body:
            with path.open("ab") as file:
                file.write(body)
            have += len(body)
        if have >= row.size:
            _compare(node, row, path)
    return have


def _compare(node: Node, row: KeptRow, path: Path) -> None:
    with path.open("rb+") as file:
        right = hashlib.file_digest(file, "sha256").hexdigest() == row.hash
        # It counts as placed once this is answered, so it is on the disk before.
        os.fsync(file.fileno())
    if not right:
        path.unlink()
    with writing(node.db):
        blobs.mark_kept(node.db, row.owner, row.hash, whole=right)
    if not right:
        raise Refusal("T8", "The bytes that came are not those of the blob announced.", row.hash)


def path_of(node: Node, owner: str, hash_: str) -> Path:
    """Return where a kept blob lies: each owner's apart, so that nobody is in another's way."""
    return node.spool / f"kept-{owner}-{hash_}"


def read_range(node: Node, asker: PartyId, hash_: str, offset: int, length: int) -> bytes | None:
    """Return bytes of a blob that ``asker`` may fetch, at most ``PIECE`` of them.

    None means that it is announced and not all here yet. Raises Refusal T9: not held here for the
    one who asks, or nothing there.
    """
    row = access.out_blob(node.db, hash_)
    own = row is not None and access.is_reader(node.db, node.me, hash_, asker)
    if row is not None and own and _is_given(node, row.act, asker):
        return _read(node.spool / hash_, row.size, offset, length)
    found = access.kept_for(node.db, asker, hash_)
    if not found:
        raise Refusal("T9", "This blob is not held here for the one who asks.", hash_[:64])
    first = found[0]
    if not first.whole:
        return None
    return _read(path_of(node, first.owner, hash_), first.size, offset, length)


def _is_given(node: Node, act: str, asker: PartyId) -> bool:
    """Say whether a party may still have an act's content: it may have withdrawn, or left, since
    the blob was announced to it.
    """
    row = acts.act(node.db, act)
    if row is None:
        return False
    with node.lock:
        dossier = dossiers.load(node, row.dossier)
        return may_have_content(node, dossier, dossier.graph.nodes[Id(act)], asker)


def _read(path: Path, size: int, offset: int, length: int) -> bytes:
    if offset >= size or length < 1:
        raise Refusal("T9", "The blob has no bytes there.", path.name[-64:])
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(min(length, PIECE))
    except FileNotFoundError:
        raise Refusal("T9", "The blob was lost here; its owner brings it again.") from None


def take_receipt(node: Node, recipient: PartyId, hash_: str) -> None:
    """Note that a party has fetched a kept blob; drop it when that was the last."""
    owners = [row.owner for row in access.kept_for(node.db, recipient, hash_)]
    with writing(node.db):
        blobs.note_taken(node.db, recipient, hash_)
    for owner in owners:
        _drop_if(node, owner, hash_, lambda row: _is_unread(node, row))


def _is_unread(node: Node, row: KeptRow) -> bool:
    return not access.readers(node.db, row.owner, row.hash)


def drop(node: Node, owner: str, hash_: str) -> None:
    """Forget a kept blob and remove its file."""
    _drop_if(node, owner, hash_, lambda _: True)


def _drop_if(node: Node, owner: str, hash_: str, is_over: Callable[[KeptRow], bool]) -> None:
    """Drop a kept blob if, now that nobody announces anything, it is over with it."""
    with alone(node):
        with writing(node.db):
            lock(node.db, SPOOL)
            row = access.kept_blob(node.db, owner, hash_)
            if row is not None and not is_over(row):
                return
            blobs.delete_kept(node.db, owner, hash_)
        path_of(node, owner, hash_).unlink(missing_ok=True)


def expire(node: Node) -> None:
    """Drop what was kept too long, and remove files of the spool that nothing names any more."""
    before = node.now() - node.settings.expire
    for row in access.kept_before(node.db, before):
        _drop_if(node, row.owner, row.hash, lambda now: now.at < before or _is_unread(node, now))
    with alone(node):
        found = [path for path in node.spool.iterdir() if path.name.startswith(("kept-", "in-"))]
        # Rows are written before their files, so a file found first and without a row is left over.
        named = {path_of(node, owner, hash_).name for owner, hash_ in access.all_kept(node.db)}
        named |= access.fetching(node.db)
        for path in found:
            if path.name not in named:
                path.unlink(missing_ok=True)
