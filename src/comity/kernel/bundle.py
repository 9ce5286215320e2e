"""Bundles: what travels sealed between two nodes (KERNEL "Transport").

A bundle is JSON, at most 1 MiB before sealing. Members this version does not know are ignored, so
that a later version may add some; everything signed inside has its own strict form. ::

    {"v": 1,
     "documents":    [envelope, …]        root documents and successions, predecessors first
     "nodes":        [envelope, …]        node documents
     "acts":         [{"envelope", "parts"?, "leaves"?, "blobs"?, "sources"?}, …]
                                          ancestors first
     "receipts":     [envelope, …]
     "heights":      [{"dossier", "feeds": [{"party", "log", "heads": [[n, id], …]}], "digest",
                       "lacks"?: [id, …]}]
     "checkpoints":  [note, …]            the newest the sender holds: its own, the recipient's
     "refusals":     [{rule, reason, subject, retry}, …]   what of the last bundle was refused}

    part:    [index, salt, data]          base64; parts this recipient is given
    leaf:    [index, leaf]                base64; parts it is not given, or that were erased
    blob:    as ``blob.BlobRef``
    sources: [party, …]                   who may be asked for the blobs of the act, in this order,
                                          at most 8; absent: the sender of the bundle alone
    lacks:   acts the sender of the heights holds without the content it may have, at most 64

Sources are parties and never addresses: an address is what a party's own node document says.

A bundle with receipts alone is never receipted.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

import orjson

from comity.kernel import act as acts
from comity.kernel import dsse
from comity.kernel.blob import BlobRef
from comity.kernel.content import Part
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId, is_hex
from comity.kernel.seal import PLAINTEXT_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from comity.kernel.act import Act
    from comity.kernel.canon import Value

    T = TypeVar("T")

VERSION = 1
MAX_ACTS = 256
MAX_ITEMS = 1024
MAX_SOURCES = 8
MAX_LACKS = 64
MAX_HEADS = 64
"""Heads in one entry of heights; a feed with more branches takes several entries."""
INLINE_LIMIT = 64 * 1024
"""Content up to this many bytes, salts and data together, travels inside a bundle."""


class Carried(NamedTuple):
    """An act with what of its content comes along.

    ``parts`` are given, ``leaves`` stand for those that are not, ``blobs`` hold those that come
    later; together they cover the content, or there is none of it. ``sources`` are the parties to
    ask for the blobs; without any it is the one who sent the bundle.
    """

    act: Act
    parts: tuple[Part, ...] = ()
    leaves: tuple[tuple[int, bytes], ...] = ()
    blobs: tuple[BlobRef, ...] = ()
    sources: tuple[PartyId, ...] = ()


class FeedHeads(NamedTuple):
    """The newest acts of one feed: pairs of (n, id); several where the feed forked."""

    party: PartyId
    log: int
    heads: tuple[tuple[int, Id], ...]


class Heights(NamedTuple):
    """How far the sender holds a dossier, and the digest of its state ("" while opaque).

    ``lacks`` are acts it asks the content of.
    """

    dossier: Id
    feeds: tuple[FeedHeads, ...]
    digest: str
    lacks: tuple[Id, ...] = ()


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one node tells another at once; see the module.

    ``refused`` says which acts could not be read, each for itself; it does not travel.
    """

    documents: tuple[dsse.Envelope, ...] = ()
    nodes: tuple[dsse.Envelope, ...] = ()
    acts: tuple[Carried, ...] = ()
    receipts: tuple[dsse.Envelope, ...] = ()
    heights: tuple[Heights, ...] = ()
    checkpoints: tuple[str, ...] = ()
    refusals: tuple[dict[str, str], ...] = ()
    refused: tuple[Refusal, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the bundle's JSON. Raises Refusal T7 when it is larger than a bundle may be."""
        value: dict[str, object] = {
            "v": VERSION,
            "documents": [_envelope_object(e) for e in self.documents],
            "nodes": [_envelope_object(e) for e in self.nodes],
            "acts": [_carried_object(item) for item in self.acts],
            "receipts": [_envelope_object(e) for e in self.receipts],
            "heights": [_heights_object(item) for item in self.heights],
            "checkpoints": self.checkpoints,
            "refusals": self.refusals,
        }
        data = orjson.dumps({k: v for k, v in value.items() if v})
        if len(data) > PLAINTEXT_LIMIT:
            raise Refusal("T7", f"The bundle has {len(data)} bytes; limit {PLAINTEXT_LIMIT}.")
        return data


def parse(data: bytes) -> Bundle:
    """Return the bundle in ``data``; acts are read, nothing is verified yet.

    An act that cannot be read spoils no other: one of a later format waits for an upgrade alone.
    Raises Refusal T7 (too large), T10 (not a bundle of this version), or a K rule for a document.
    """
    if len(data) > PLAINTEXT_LIMIT:
        raise Refusal("T7", f"The bundle has {len(data)} bytes; limit {PLAINTEXT_LIMIT}.")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Refusal("T10", f"The bundle is not JSON: {error}.") from error
    if not isinstance(value, dict) or value.get("v") != VERSION:
        raise Refusal("T10", f"The bundle is not of wire version {VERSION}.")
    read = _each(value, "acts", MAX_ACTS, _try_carried)
    return Bundle(
        documents=_each(value, "documents", MAX_ITEMS, dsse.from_object),
        nodes=_each(value, "nodes", MAX_ITEMS, dsse.from_object),
        acts=tuple(item for item in read if isinstance(item, Carried)),
        receipts=_each(value, "receipts", MAX_ITEMS, dsse.from_object),
        heights=_each(value, "heights", MAX_ITEMS, _read_heights),
        checkpoints=_each(value, "checkpoints", 8, _read_text),
        refusals=_each(value, "refusals", MAX_ITEMS, _read_refusal),
        refused=tuple(item for item in read if isinstance(item, Refusal)),
    )


def carried_size(item: Carried) -> int:
    """Return about how many bytes ``item`` takes in a bundle; never less than it does."""
    parts = sum(4 * (len(part.data) + 33) // 3 + 80 for part in item.parts)
    payload = 4 * len(item.act.envelope.payload) // 3
    beside = 64 * len(item.leaves) + 400 * len(item.blobs) + 70 * len(item.sources)
    return payload + parts + beside + 600


def _each(
    value: dict[str, object], name: str, most: int, read: Callable[[object], T]
) -> tuple[T, ...]:
    items = value.get(name, [])
    if not isinstance(items, list) or len(items) > most:
        raise Refusal("T10", f"A bundle's {name} are a list of at most {most}.")
    return tuple(read(item) for item in items)


def _envelope_object(envelope: dsse.Envelope) -> orjson.Fragment:
    return orjson.Fragment(envelope.to_bytes())


def _carried_object(item: Carried) -> dict[str, object]:
    value: dict[str, object] = {"envelope": _envelope_object(item.act.envelope)}
    if item.parts:
        value["parts"] = [[p.index, _text(p.salt), _text(p.data)] for p in item.parts]
    if item.leaves:
        value["leaves"] = [[index, _text(leaf)] for index, leaf in item.leaves]
    if item.blobs:
        value["blobs"] = [ref.to_object() for ref in item.blobs]
    if item.sources:
        value["sources"] = item.sources
    return value


def _try_carried(value: object) -> Carried | Refusal:
    try:
        return _read_carried(value)
    except Refusal as refusal:
        return refusal


def _read_carried(value: object) -> Carried:
    if not isinstance(value, dict) or "envelope" not in value:
        raise Refusal("T10", "An act in a bundle has an envelope.")
    act = acts.read(dsse.from_object(value["envelope"]))
    most = act.header.content.parts
    blobs = _each(value, "blobs", MAX_ITEMS, lambda item: BlobRef.from_object(cast("Value", item)))
    if any(ref.act != act.id for ref in blobs):
        raise Refusal("T10", "A blob in a bundle belongs to another act.", act.id)
    return Carried(
        act,
        _each(value, "parts", most, _read_part),
        _each(value, "leaves", most, _read_leaf),
        blobs,
        tuple(map(PartyId, _each(value, "sources", MAX_SOURCES, _read_id))),
    )


def _read_part(value: object) -> Part:
    if not isinstance(value, list) or len(value) != 3 or type(value[0]) is not int:
        raise Refusal("T10", "A part in a bundle is [index, salt, data].")
    return Part(value[0], _bytes(value[1]), _bytes(value[2]))


def _read_leaf(value: object) -> tuple[int, bytes]:
    if not isinstance(value, list) or len(value) != 2 or type(value[0]) is not int:
        raise Refusal("T10", "A leaf in a bundle is [index, leaf].")
    leaf = _bytes(value[1])
    if value[0] < 0 or len(leaf) != 32:
        raise Refusal("T10", "A leaf in a bundle is an index and 32 bytes.")
    return value[0], leaf


def _heights_object(item: Heights) -> dict[str, object]:
    feeds = [{"party": f.party, "log": f.log, "heads": f.heads} for f in item.feeds]
    value: dict[str, object] = {"dossier": item.dossier, "feeds": feeds, "digest": item.digest}
    if item.lacks:
        value["lacks"] = item.lacks
    return value


def _read_heights(value: object) -> Heights:
    if not isinstance(value, dict):
        raise Refusal("T10", "Heights are an object.")
    dossier, digest = value.get("dossier"), value.get("digest", "")
    if not is_hex(dossier) or not (digest == "" or is_hex(digest)):
        raise Refusal("T10", "Heights name a dossier and a digest.")
    feeds = _each(value, "feeds", MAX_ITEMS, _read_feed)
    lacks = _each(value, "lacks", MAX_LACKS, _read_id)
    return Heights(Id(cast("str", dossier)), feeds, cast("str", digest), lacks)


def _read_feed(value: object) -> FeedHeads:
    if not isinstance(value, dict) or not is_hex(value.get("party")):
        raise Refusal("T10", "A feed in heights names its party.")
    log = value.get("log")
    if type(log) is not int or log < 1:
        raise Refusal("T10", "A feed in heights names its log.")
    return FeedHeads(
        PartyId(cast("str", value.get("party"))), log, _each(value, "heads", MAX_HEADS, _read_head)
    )


def _read_id(value: object) -> Id:
    if not is_hex(value):
        raise Refusal("T10", "A bundle names acts and parties by 64 hexadecimal digits.")
    return Id(cast("str", value))


def _read_head(value: object) -> tuple[int, Id]:
    if not isinstance(value, list) or len(value) != 2 or type(value[0]) is not int:
        raise Refusal("T10", "A head is [n, id].")
    if value[0] < 1 or not is_hex(value[1]):
        raise Refusal("T10", "A head is [n, id].")
    return value[0], Id(cast("str", value[1]))


def carried_bytes(item: Carried) -> bytes:
    """Return ``item`` as stored while it waits; the inverse of ``read_carried``."""
    return orjson.dumps(_carried_object(item))


def read_carried(data: bytes) -> Carried:
    """Return an act with its content from what ``carried_bytes`` gave. Raises Refusal T10."""
    return _read_carried(orjson.loads(data))


def _read_refusal(value: object) -> dict[str, str]:
    names = ("rule", "reason", "subject", "retry")
    if not isinstance(value, dict) or not all(isinstance(value.get(n), str) for n in names):
        raise Refusal("T10", "A refusal has rule, reason, subject and retry.")
    return {name: value[name][:500] for name in names}


def _read_text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 4096:
        raise Refusal("T10", "A bundle's texts are strings of at most 4096 characters.")
    return value


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(value: object) -> bytes:
    if not isinstance(value, str):
        raise Refusal("T10", "Base64 in a bundle is a string.")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal("T10", "A member of a bundle is not base64.") from error
