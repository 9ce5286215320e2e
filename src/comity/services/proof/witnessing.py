"""Checkpoints of the own log, asking witnesses for cosignatures, and being a witness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from comity.kernel import checkpoint, note, witness
from comity.kernel.checkpoint import Checkpoint, CosignedCheckpoint
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.kernel.merkle import TreeHead
from comity.kernel.witness import Conflict, Rejected
from comity.services import quota
from comity.services.casework.dossiers import newest
from comity.services.delivery.deliver import ANSWER_LIMIT, PREFIX, route
from comity.services.ports import Reply, Unreachable
from comity.store import subtrees
from comity.store.access import acts as access_acts
from comity.store.access import parties as access
from comity.store.append.log import (
    appending,
    insert_checkpoint,
    insert_cosignature,
    lock,
    mark_checkpoint,
    save_witnessed,
)
from comity.store.append.parties import count_refusal
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.note import VerifierKey
    from comity.kernel.protocol import Protocol
    from comity.services.node import Node

TIMED_PAUSE = 10_000
"""The least time between two extra checkpoints, in ms (KERNEL "Padding")."""


def own_origin(node: Node, log: int) -> str:
    """Return the origin of an own log."""
    return checkpoint.origin(node.me, log)


def cut(node: Node) -> CosignedCheckpoint:
    """Pad the own log, sign a checkpoint of it, and keep it."""
    now = node.now()
    with appending(node.db, node.anchor) as writer:
        row = next(r for r in access.logs(node.db) if r.log == writer.log)
        count = checkpoint.padding(writer.seq, row.checkpoint_size)
        writer.pad(node.ports.random.bytes(32) for _ in range(count))
        mark = writer.flush()
        tree = Checkpoint(own_origin(node, mark.log), mark.size, bytes.fromhex(mark.root))
        signed = checkpoint.sign(tree, node.keys.log(mark.log).checkpoint)
        insert_checkpoint(
            node.db,
            origin=tree.origin,
            size=mark.size,
            root=mark.root,
            note=signed.to_bytes().decode(),
            at=now,
        )
        mark_checkpoint(node.db, log=mark.log, size=mark.size, at=now)
    return signed


def is_due(node: Node) -> bool:
    """Say whether a checkpoint is due: by the cadence, or for an act whose time should be proven.

    An act of a kind marked ``timed`` cuts an extra one, at most every ``TIMED_PAUSE``.
    """
    row = next((r for r in access.logs(node.db) if not r.closed), None)
    if row is None:
        return False
    age = node.now() - row.checkpoint_at
    if age < 0:
        # The last one was cut while the clock was ahead; waiting for it could take for ever.
        return True
    return age >= node.settings.cadence or (age >= TIMED_PAUSE and _has_timed(node, row))


def _has_timed(node: Node, row: access.LogRow) -> bool:
    """Say whether an own act of a timed kind lies beyond the last checkpoint."""
    kinds = access_acts.kinds_from(node.db, node.me, row.log, row.checkpoint_size)
    return any(
        _is_timed(rules, kind)
        for protocol, version, kind in kinds
        if (rules := node.protocols.get((protocol, version))) is not None
    )


def _is_timed(rules: Protocol, kind: str) -> bool:
    """Say whether acts of a kind cut a checkpoint; a record does if what it may hold does."""
    names = rules.recordable if kind == "record" else {kind}
    return any(found.timed for found in map(rules.kind, names) if found is not None)


def collect(node: Node) -> int:
    """Ask each witness for its cosignature on the newest checkpoint; return how many have it.

    Nothing waits for a witness: one that cannot be reached is asked again with the next one.
    """
    have = 0
    for name in node.settings.witnesses:
        if name == node.me:
            continue  # Nobody is a witness of its own log.
        try:
            have += _collect_from(node, PartyId(name))
        except (Unreachable, Refusal) as error:
            rule = error.rule if isinstance(error, Refusal) else "W5"
            with writing(node.db):
                count_refusal(
                    node.db, rule=rule, peer=name, reason=f"As witness: {error}", now=node.now()
                )
    return have


def _collect_from(node: Node, party: PartyId) -> bool:
    log = next((row.log for row in access.logs(node.db) if not row.closed), None)
    newest_note = None if log is None else access.newest_checkpoint(node.db, own_origin(node, log))
    if log is None or newest_note is None:
        return False
    old = access.cosigned_size(node.db, newest_note.origin, party)
    if old >= newest_note.size:
        return True
    asked = checkpoint.parse(newest_note.note.encode())
    reply = _ask(node, party, log, old, asked)
    if reply.status == 409:
        # The witness knows another size than is remembered here: ask once more, from its own.
        reply = _ask(node, party, log, witness.parse_conflict(reply.body).size, asked)
    if reply.status != 200:
        raise Refusal("W5", f"The witness answered with status {reply.status}.", party)
    _keep_cosignatures(node, party, asked, reply.body)
    return True


def _ask(node: Node, party: PartyId, log: int, old: int, asked: CosignedCheckpoint) -> Reply:
    url = route(node, party)
    if url is None:
        raise Unreachable("No address of this witness is known.")
    body = witness.ask(subtrees.LogReader(node.db, log), old, asked).to_bytes()
    return node.ports.transport.send(f"{url}{PREFIX}/add-checkpoint", body, limit=ANSWER_LIMIT)


def _keep_cosignatures(
    node: Node, party: PartyId, asked: CosignedCheckpoint, answer_body: bytes
) -> None:
    keys = witness_keys(node, party)
    answered = witness.parse_response(answer_body, asked, keys)
    for line in answered.signatures[len(asked.signatures) :]:
        one = CosignedCheckpoint(asked.checkpoint, (line,))
        for found in checkpoint.verify_cosignatures(one, keys):
            with writing(node.db):
                insert_cosignature(
                    node.db,
                    origin=asked.checkpoint.origin,
                    size=asked.checkpoint.size,
                    witness=party,
                    line=note.format_signatures([line]),
                    at=found.time * 1000,
                )


def witness_keys(node: Node, party: PartyId) -> list[VerifierKey]:
    """Return the keys by which a party cosigns, by its newest documents held here."""
    view = newest(node, party)
    logs = {} if view is None else view.logs
    return [checkpoint.witness_key(party, n, entry.keys.witness) for n, entry in logs.items()]


def cosigned(node: Node, origin: str, size: int) -> CosignedCheckpoint | None:
    """Return the own checkpoint of ``size`` with the cosignatures held of it, or None."""
    held = access.checkpoint_over(node.db, origin, size, cosigned=False)
    if held is None or held.size != size:
        return None
    parsed = checkpoint.parse(held.note.encode())
    lines = "".join(line for _, line, _ in access.cosignatures(node.db, origin, size))
    return parsed.add(note.parse_signatures(lines) if lines else ())


def answer(node: Node, body: bytes, *, origin: str = "") -> Reply:
    """Answer a log's request for a cosignature: C2SP tlog-witness, add-checkpoint.

    This node cosigns for parties that a person here has accredited. What it cosigned last is read
    and replaced in one write transaction, so that cosigned sizes never fall. ``origin`` is the
    network address the request came from. Raises Refusal T5, before any signature is looked at,
    when too many came for this log from there.
    """
    try:
        request = witness.parse_request(body)
        quota.require_rate(node, _party(request.origin), origin)
        with writing(node.db):
            return _cosign(node, request)
    except Rejected as rejected:
        with writing(node.db):
            count_refusal(
                node.db, rule=rejected.rule, peer="", reason=rejected.reason, now=node.now()
            )
        return Reply(rejected.status, orjson.dumps(rejected.shape()))


def _cosign(node: Node, request: witness.Request) -> Reply:
    # Of two requests at once, one reads what the other has kept.
    lock(node.db, "witness")
    held = access.witnessed(node.db, request.origin)
    state = None if held is None else TreeHead(held.size, bytes.fromhex(held.root))
    decided = witness.decide(state, request, _log_key(node, request.origin))
    if isinstance(decided, Conflict):
        return Reply(409, decided.to_bytes())
    save_witnessed(
        node.db,
        origin=request.origin,
        size=decided.size,
        root=decided.root.hex(),
        note=request.checkpoint.to_bytes().decode(),
        at=node.now(),
    )
    log = next(row.log for row in access.logs(node.db) if not row.closed)
    line = checkpoint.cosign(
        request.checkpoint.checkpoint,
        checkpoint.witness_name(node.me, log),
        node.now() // 1000,
        node.keys.log(log).witness,
    )
    return Reply(200, witness.format_response([line]))


def _party(origin: str) -> str:
    """Return the party whose log an origin claims to be, or nothing."""
    try:
        return checkpoint.parse_origin(origin)[0]
    except Refusal:
        return ""


def _log_key(node: Node, origin: str) -> VerifierKey | None:
    """Return the key of a log that this node witnesses: another's, accredited here, and open.

    Who was given the keys of a log that was closed is not helped to go on with it.
    """
    party = _party(origin)
    row = access.party(node.db, party)
    if row is None or row.accredited_at is None or party == node.me:
        return None
    view, (_, log) = newest(node, party), checkpoint.parse_origin(origin)
    entry = None if view is None else view.logs.get(log)
    if entry is None or entry.closed is not None:
        return None
    return checkpoint.log_key(PartyId(party), log, entry.keys.checkpoint)
