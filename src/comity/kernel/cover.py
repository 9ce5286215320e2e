r"""Covers: the small signed statement on the outside of all that travels (KERNEL "Transport").

Frozen payload (canonical JSON, payload type ``dsse.COVER``, at most 4 KiB) ::

    v, from, to, created, nonce, kind, doc, log, hash?, size?, key?, args?{}

``created`` is milliseconds since the epoch, UTC. ``nonce`` is 32 random bytes in hexadecimal.
``doc`` and ``log`` name the document and the log whose act key signs. ``hash`` (SHA-256, hex) and
``size`` (bytes) are those of the body that follows, ``key`` the id of the HPKE key it is sealed
to. ``args`` holds coded fields of the kind. Absent fields are omitted, empty ``args`` too.

Frozen framing, alike over HTTP, in a file on a stick and attached to mail ::

    "comity-cover-v1\n" ‖ the envelope on one line of at most 8 KiB ‖ "\n" ‖ body

A cover is no statement of a log: it has no ``seq``, and proves nothing later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from comity.kernel import canon, dsse
from comity.kernel.errors import Refusal
from comity.kernel.fields import Fields
from comity.kernel.version import VERSION, require_known

if TYPE_CHECKING:
    from comity.kernel.canon import Object, Value
    from comity.kernel.ids import Id, PartyId
    from comity.kernel.keys import Key, Signer

PAYLOAD_LIMIT = 4096
LINE_LIMIT = 8192
"""The longest line: room for the largest payload in base64, its signature, and more to come."""
MAGIC = b"comity-cover-v1\n"
_BEGIN = re.compile(rb"comity-cover-v(0|[1-9][0-9]{0,8})")
HEAD_LIMIT = len(MAGIC) + LINE_LIMIT + 1
"""The most bytes before a body: who has read so many has the whole cover, or none."""
WINDOW = 10 * 60 * 1000
"""How far apart two clocks may be on a direct link, in milliseconds, both ways."""


class CoverKind(StrEnum):
    """What a cover brings or asks for. Codes frozen."""

    BUNDLE = "bundle"
    PULL = "pull"
    BLOB = "blob"
    TILE = "tile"
    SPOOL = "spool"
    HELLO = "hello"
    RECALL = "recall"


@dataclass(frozen=True, slots=True)
class Cover:
    """The fields of a cover; see the module. ``sender`` and ``recipient`` are ``from`` and ``to``.

    A body is named by both its ``hash`` and ``size``, and only a body is sealed; a bundle always
    is. Raises Refusal T1.
    """

    sender: PartyId
    recipient: PartyId
    created: int
    nonce: str
    kind: CoverKind
    doc: Id
    log: int
    hash: str | None = None
    size: int | None = None
    key: str | None = None
    args: Object = field(default_factory=dict)

    def __post_init__(self) -> None:
        body = self.hash is not None
        if body != (self.size is not None) or (self.key is not None and not body):
            raise Refusal("T1", "A cover names a body by its hash and size, and a key with both.")
        if self.kind is CoverKind.BUNDLE and self.key is None:
            raise Refusal("T1", "The cover of a bundle names its hash, size and key.")

    def to_payload(self) -> bytes:
        """Return the bytes to sign. Raises Refusal K1 or K2."""
        value: Object = {
            "v": VERSION,
            "from": self.sender,
            "to": self.recipient,
            "created": self.created,
            "nonce": self.nonce,
            "kind": self.kind.value,
            "doc": self.doc,
            "log": self.log,
        }
        optional: dict[str, Value | None] = {
            "hash": self.hash,
            "size": self.size,
            "key": self.key,
            "args": self.args or None,
        }
        value |= {name: item for name, item in optional.items() if item is not None}
        return canon.dump(value, limit=PAYLOAD_LIMIT)


@dataclass(frozen=True, slots=True)
class SignedCover:
    """A cover and the envelope it came in."""

    cover: Cover
    envelope: dsse.Envelope


def build(cover: Cover, signer: Signer) -> SignedCover:
    """Return ``cover`` signed. Raises Refusal K1, K2 or T1 where a reader would refuse it."""
    payload = cover.to_payload()
    _read(canon.parse(payload, limit=PAYLOAD_LIMIT))
    return SignedCover(cover, dsse.sign(dsse.COVER, payload, [signer]))


def parse(data: bytes) -> SignedCover:
    """Return the cover in ``data``, one line without its end, its signature not verified.

    Raises Refusal T1, or K17 or K19 when the payload is of a type or version that this program
    does not read.
    """
    try:
        envelope = dsse.parse(data, limit=PAYLOAD_LIMIT)
        if envelope.payload_type != dsse.COVER or len(envelope.signatures) != 1:
            raise Refusal("T1", "The envelope does not hold a cover with one signature.")
        return SignedCover(_read(canon.parse(envelope.payload, limit=PAYLOAD_LIMIT)), envelope)
    except Refusal as refusal:
        # Senders must learn of a format that the other side does not read, and of which kind.
        rule = refusal.rule if refusal.rule in {"K17", "K19"} else "T1"
        raise Refusal(rule, refusal.reason, refusal.subject) from refusal


def _read(value: Object) -> Cover:
    fields = Fields(value, "cover", "T1")
    fields.version()
    cover = Cover(
        sender=fields.party("from"),
        recipient=fields.party("to"),
        created=fields.integer("created"),
        nonce=fields.id("nonce"),
        kind=CoverKind(fields.code("kind", frozenset(map(str, CoverKind)))),
        doc=fields.id("doc"),
        log=fields.integer("log", 1),
        hash=fields.optional("hash", fields.id),
        size=fields.optional("size", fields.integer),
        key=fields.optional("key", fields.id),
        args=fields.optional("args", fields.object) or {},
    )
    fields.end()
    if value.get("args") == {}:
        raise fields.refuse("spells out empty args.")
    return cover


def verify(signed: SignedCover, key: Key) -> None:
    """Require the signature to be by ``key``, the act key of the log named. Raises Refusal T1."""
    try:
        dsse.verify_one(signed.envelope, key)
    except Refusal as refusal:
        raise Refusal("T1", refusal.reason, signed.envelope.id) from refusal


def require_recent(cover: Cover, now: int, window: int = WINDOW) -> None:
    """Require ``created`` within ``window`` of ``now``, both ways, in ms. Raises Refusal T1."""
    if abs(now - cover.created) > window:
        raise Refusal("T1", "The cover is too old, or from the future; compare the two clocks.")


def require_recipient(cover: Cover, me: PartyId) -> None:
    """Require the cover to be addressed to ``me``. Raises Refusal T2."""
    if cover.recipient != me:
        raise Refusal("T2", "The cover is addressed to another party.", cover.recipient)


def require_body(cover: Cover, *, size: int, digest: str) -> None:
    """Require the body that came to be the one the cover names. Raises Refusal T7.

    ``size`` is in bytes, ``digest`` its SHA-256 in hexadecimal: a large body was never in memory.
    """
    if (cover.size, cover.hash) != (size, digest):
        raise Refusal("T7", "The body that came is not the one the cover names.", cover.hash or "")


def frame(signed: SignedCover, body: bytes = b"") -> bytes:
    """Return the bytes that travel: magic line, cover line, body."""
    return MAGIC + signed.envelope.to_bytes() + b"\n" + body


def split(head: bytes) -> tuple[bytes, int] | None:
    """Return the cover line in ``head`` and the offset at which the body begins.

    ``head`` is the beginning of what arrives; None asks for more of it, which at the end of the
    stream means a cut message. Raises Refusal T1 as soon as no further byte could help, at the
    latest at ``HEAD_LIMIT`` bytes, and K17 or K19 for the cover of another format.
    """
    if not MAGIC.startswith(head[: len(MAGIC)]):
        if told := _BEGIN.match(head):
            require_known(int(told[1]), "cover")
        raise Refusal("T1", "The message does not begin as one of this format.")
    end = head.find(b"\n", len(MAGIC), HEAD_LIMIT)
    if end >= 0:
        return head[len(MAGIC) : end], end + 1
    if len(head) >= HEAD_LIMIT:
        raise Refusal("T1", f"The line of a cover has more than {LINE_LIMIT} bytes.")
    return None
