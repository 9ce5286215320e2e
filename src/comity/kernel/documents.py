"""Root documents and successions: who may sign for a party (DESIGN section 4, KERNEL "Documents").

A party's id is the id of its first root document. Root documents follow the update rules of TUF
(specification 5.3): consecutive versions, each signed by the threshold of the old and of the new
root keys. A succession is signed by the act key announced beforehand by hash, and opens the next
log without a ceremony; it stands until a root document confirms or replaces it.

A ``View`` is what a party's documents say as of one of them. An act names that one document, so
its admission never depends on documents that came later.

Frozen payloads (canonical JSON, payload types ``dsse.ROOT`` and ``dsse.SUCCESSION``)::

    root        {v, party?, version, prev?, time, grade, roots{keys[], threshold},
                 logs[{log, act, checkpoint, witness, closed?}], next, mandates?[]}
    closed      {size, root, kept[{seq, id}]}
    succession  {v, party, root, prev?, log, keys{act, checkpoint, witness},
                 closes{log, size, root, kept[]}, next, time}
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from comity.kernel import canon, dsse
from comity.kernel.errors import Refusal
from comity.kernel.fields import Fields
from comity.kernel.ids import Id, PartyId
from comity.kernel.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.kernel.canon import Object, Value
    from comity.kernel.keys import Key

MAX_ROOT_KEYS = 16
MAX_LOGS = 1024
MAX_LOG = 999_999
"""The largest number of a log: what the name of its origin has room for."""
MAX_KEPT = 2000
MAX_MANDATES = 64
GRADES = frozenset({"evaluation", "hardened"})


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The three public keys of one log; they are born and die together."""

    act: Key
    checkpoint: Key
    witness: Key

    def to_object(self) -> Object:
        """Return {act, checkpoint, witness}."""
        return {"act": self.act, "checkpoint": self.checkpoint, "witness": self.witness}

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical object: what ``next`` announces."""
        return hashlib.sha256(canon.dump(self.to_object())).hexdigest()


@dataclass(frozen=True, slots=True)
class Closing:
    """Where a log ended: its last size, the root hash there, and own statements kept beyond it."""

    size: int
    root: str
    kept: tuple[tuple[int, Id], ...]

    def to_object(self) -> Object:
        """Return {size, root, kept[{seq, id}]}."""
        kept: list[Value] = [{"seq": seq, "id": id_} for seq, id_ in self.kept]
        return {"size": self.size, "root": self.root, "kept": kept}


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One log of a party: its keys, and its closing if it is closed."""

    keys: LogKeys
    closed: Closing | None


@dataclass(frozen=True, slots=True)
class View:
    """What a party's documents say as of document ``id``.

    ``version`` is (root version, successions since); it orders the documents of one party.
    ``root`` is the root document the view rests on, ``next`` the announced hash of the next keys.
    """

    id: Id
    party: PartyId
    version: tuple[int, int]
    root: Id
    time: int
    grade: str
    root_keys: frozenset[Key]
    threshold: int
    logs: Mapping[int, LogEntry]
    next: str
    mandates: frozenset[Key]

    @property
    def current_log(self) -> int:
        """The number of the newest log."""
        return max(self.logs)


def log_keys(view: View, log: int, seq: int) -> LogKeys:
    """Return the keys of ``log`` for a statement at ``seq``, as of this document.

    Raises Refusal K6 (no such log) or K7 (at or beyond the log's closing). A statement that the
    closing keeps names the document before it, and so is admitted; the rest is its standing.
    """
    entry = view.logs.get(log)
    if entry is None:
        raise Refusal("K6", f"The document does not list log {log}.", view.id)
    if entry.closed is not None and seq >= entry.closed.size:
        raise Refusal("K7", f"Log {log} was closed at size {entry.closed.size}.", view.id)
    return entry.keys


def root_payload(
    *,
    time: int,
    grade: str,
    root_keys: list[Key],
    threshold: int,
    logs: Mapping[int, LogEntry],
    next_hash: str,
    previous: View | None = None,
    mandates: tuple[Key, ...] = (),
) -> bytes:
    """Return the payload of a root document: the first one, or the one that follows ``previous``.

    ``time`` is milliseconds since the epoch (UTC); a claim, never decisive.
    """
    payload: Object = {
        "v": VERSION,
        "version": 1 if previous is None else previous.version[0] + 1,
        "time": time,
        "grade": grade,
        "roots": {"keys": [*sorted(root_keys)], "threshold": threshold},
        "logs": [_log_object(n, entry) for n, entry in sorted(logs.items())],
        "next": next_hash,
    }
    if mandates:
        payload["mandates"] = [*sorted(mandates)]
    if previous is not None:
        payload |= {"party": previous.party, "prev": previous.root}
    return canon.dump(payload, limit=canon.DOCUMENT_LIMIT)


def _log_object(number: int, entry: LogEntry) -> Object:
    value: Object = {"log": number, **entry.keys.to_object()}
    if entry.closed is not None:
        value["closed"] = entry.closed.to_object()
    return value


def succession_payload(
    *, previous: View, keys: LogKeys, closing: Closing, next_hash: str, time: int
) -> bytes:
    """Return the payload of the succession that follows ``previous`` and opens the next log."""
    payload: Object = {
        "v": VERSION,
        "party": previous.party,
        "root": previous.root,
        "log": previous.current_log + 1,
        "keys": keys.to_object(),
        "closes": {"log": previous.current_log, **closing.to_object()},
        "next": next_hash,
        "time": time,
    }
    if previous.id != previous.root:
        payload["prev"] = previous.id
    return canon.dump(payload, limit=canon.DOCUMENT_LIMIT)


def predecessor(envelope: dsse.Envelope) -> Id | None:
    """Return the id of the document this one must follow; None for a first root document.

    Raises Refusal K2, K4, K6 or K17 when the envelope is not a root document or a succession.
    """
    if envelope.payload_type not in {dsse.ROOT, dsse.SUCCESSION}:
        reason = "The envelope is neither a root document nor a succession."
        raise Refusal("K6", reason, envelope.id)
    fields = Fields(canon.parse(envelope.payload, limit=canon.DOCUMENT_LIMIT), "document")
    fields.version()
    if envelope.payload_type == dsse.ROOT:
        return fields.optional("prev", fields.id)
    return fields.id("prev") if fields.has("prev") else fields.id("root")


def read(envelope: dsse.Envelope, previous: View | None) -> View:
    """Verify a document against its predecessor and return the view as of it.

    ``previous`` is the view that ``predecessor`` names. Raises Refusal K2, K4, K5, K6, K8, K9 or
    K17.
    """
    if envelope.payload_type == dsse.ROOT:
        return _read_root(envelope, previous)
    if previous is None:
        raise Refusal("K8", "A succession follows a document of the same party.", envelope.id)
    return _read_succession(envelope, previous)


def proposed(payload: bytes, previous: View) -> View:
    """Return the view that a root document following ``previous`` would give, signed or not.

    For those who are asked to sign it. Raises Refusal K2, K4, K8, K9 or K17.
    """
    return _root_view(dsse.Envelope(dsse.ROOT, payload, ()), previous)


def _read_root(envelope: dsse.Envelope, previous: View | None) -> View:
    view = _root_view(envelope, previous)
    dsse.verify_threshold(envelope, view.root_keys, view.threshold)
    if previous is not None:
        dsse.verify_threshold(envelope, previous.root_keys, previous.threshold)
    return view


def _root_view(envelope: dsse.Envelope, previous: View | None) -> View:
    fields = Fields(canon.parse(envelope.payload, limit=canon.DOCUMENT_LIMIT), "root document")
    fields.version()
    version, time = fields.integer("version", 1), fields.integer("time")
    grade = fields.code("grade", GRADES)
    root_keys, threshold = _roots(fields.nested("roots"))
    logs = _logs(fields)
    next_hash = fields.id("next")
    mandates = _mandates(fields)
    party, prev = fields.optional("party", fields.party), fields.optional("prev", fields.id)
    fields.end()
    if previous is None:
        if version != 1 or party is not None or prev is not None:
            raise Refusal("K8", "A first root document has version 1, no party and no prev.")
    else:
        if (version, party, prev) != (previous.version[0] + 1, previous.party, previous.root):
            raise Refusal("K8", "The root document does not follow the one before.", envelope.id)
        _require_logs_kept(previous.logs, logs)
    return View(
        id=envelope.id,
        party=PartyId(envelope.id) if previous is None else previous.party,
        version=(version, 0),
        root=envelope.id,
        time=time,
        grade=grade,
        root_keys=root_keys,
        threshold=threshold,
        logs=logs,
        next=next_hash,
        mandates=mandates,
    )


def _roots(fields: Fields) -> tuple[frozenset[Key], int]:
    keys = fields.keys("keys", MAX_ROOT_KEYS, 1)
    threshold = fields.integer("threshold", 1, len(keys))
    fields.end()
    return keys, threshold


def _logs(fields: Fields) -> dict[int, LogEntry]:
    logs: dict[int, LogEntry] = {}
    for item in fields.each("logs", MAX_LOGS, 1):
        number = item.integer("log", max(logs, default=0) + 1, MAX_LOG)
        closed = item.optional("closed", item.nested)
        logs[number] = LogEntry(_keys(item), None if closed is None else _closing(closed))
    _require_distinct(logs, fields)
    return logs


def _keys(fields: Fields) -> LogKeys:
    keys = LogKeys(fields.key("act"), fields.key("checkpoint"), fields.key("witness"))
    fields.end()
    return keys


def _require_distinct(logs: Mapping[int, LogEntry], fields: Fields) -> None:
    """Refuse a key with two purposes, or in two logs.

    A signature does not say whose log it is for, and a cosignature not by which cosigner it is
    (C2SP tlog-cosignature: a public key for each).
    """
    keys = [key for entry in logs.values() for key in entry.keys.to_object().values()]
    if len(set(map(str, keys))) != len(keys):
        raise fields.refuse("uses one key for two purposes.")


def _closing(fields: Fields) -> Closing:
    size, root = fields.integer("size"), fields.id("root")
    kept: list[tuple[int, Id]] = []
    for item in fields.each("kept", MAX_KEPT):
        kept.append((item.integer("seq", kept[-1][0] + 1 if kept else size), item.id("id")))
        item.end()
    fields.end()
    return Closing(size, root, tuple(kept))


def _mandates(fields: Fields) -> frozenset[Key]:
    if not fields.has("mandates"):
        return frozenset()
    return fields.keys("mandates", MAX_MANDATES, 1)


def _require_logs_kept(before: Mapping[int, LogEntry], after: Mapping[int, LogEntry]) -> None:
    """Refuse an update that rewrites a log: keys never change, closings only gain kept entries."""
    for number, old in before.items():
        new = after.get(number)
        if new is None or new.keys != old.keys:
            raise Refusal("K8", f"The update drops log {number} or changes its keys.")
        if old.closed is not None:
            _require_closing_kept(old.closed, new.closed)


def _require_closing_kept(old: Closing, new: Closing | None) -> None:
    if new is None or (new.size, new.root) != (old.size, old.root):
        raise Refusal("K8", "The update changes where a log was closed.")
    if not set(old.kept) <= set(new.kept):
        raise Refusal("K8", "The update drops statements that an earlier closing kept.")


def _read_succession(envelope: dsse.Envelope, previous: View) -> View:
    fields = Fields(canon.parse(envelope.payload, limit=canon.DOCUMENT_LIMIT), "succession")
    fields.version()
    party, root = fields.party("party"), fields.id("root")
    prev, log = fields.optional("prev", fields.id), fields.integer("log", 1, MAX_LOG)
    keys, closes = _keys(fields.nested("keys")), fields.nested("closes")
    closed_log = closes.integer("log", 1)
    closing = _closing(closes)
    next_hash, time = fields.id("next"), fields.integer("time")
    fields.end()
    expected_prev = None if previous.id == previous.root else previous.id
    current = previous.current_log
    if (party, root, prev) != (previous.party, previous.root, expected_prev):
        raise Refusal("K8", "The succession does not follow the document before.", envelope.id)
    if (log, closed_log) != (current + 1, current) or previous.logs[current].closed is not None:
        raise Refusal("K8", "A succession closes the newest log and opens the next.", envelope.id)
    if keys.hash != previous.next:
        raise Refusal("K8", "The succession's keys are not those announced.", envelope.id)
    dsse.verify_threshold(envelope, frozenset({keys.act}), 1)
    logs = {
        **previous.logs,
        current: LogEntry(previous.logs[current].keys, closing),
        log: LogEntry(keys, None),
    }
    _require_distinct(logs, fields)
    return replace(
        previous,
        id=envelope.id,
        version=(previous.version[0], previous.version[1] + 1),
        time=time,
        logs=logs,
        next=next_hash,
    )
