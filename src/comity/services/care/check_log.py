"""Checking own logs: every leaf, subtree, checkpoint and statement against each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from comity.kernel import bundle, checkpoint, merkle
from comity.kernel.errors import Phrase, Refusal
from comity.services.casework.dossiers import newest
from comity.store.access import acts as access_acts
from comity.store.access import checks as access
from comity.store.access.checks import LogState
from comity.store.anchor import advised

if TYPE_CHECKING:
    from comity.kernel.documents import Closing, View
    from comity.services.care.report import Progress, Report
    from comity.services.node import Node
    from comity.store.anchor import Mark


@dataclass(slots=True)
class _Tree:
    """An own log as its leaves give it.

    ``leaves`` holds (id, is padding) by seq, ``subtrees`` the complete ones by (level, index),
    ``roots`` the root hash at each size that was asked for.
    """

    frontier: merkle.Frontier = field(default_factory=merkle.Frontier)
    leaves: list[tuple[str, bool]] = field(default_factory=list)
    subtrees: dict[tuple[int, int], bytes] = field(default_factory=dict)
    roots: dict[int, str] = field(default_factory=dict)


def check_logs(node: Node, report: Report, progress: Progress, mark: Mark | None) -> None:
    """Check every own log; ``mark`` is the anchor, read before the snapshot began."""
    view = newest(node, node.me)
    states = access.log_states(node.db)
    claims = _claims(node)
    for state in states:
        tree = _rebuild(node, report, progress, state, {mark.size} if mark else set())
        subject = Phrase("log {log}", log=state.log)
        _check_head(node, report, state, tree)
        _check_checkpoints(node, report, state, tree)
        _check_claims(report, state, tree, claims.pop(state.log, {}), view)
        _check_document(report, state, tree, view)
        report.count("leaves", len(tree.leaves))
        if mark is not None and mark.log == state.log:
            _check_anchor(report, subject, state, mark, tree)
    for log in claims:
        told = Phrase("log {log}", log=log)
        report.error(told, "Own statements name this log, which is not here.")
    _check_open(node, report, states, mark, view)


def _claims(node: Node) -> dict[int, dict[int, list[str]]]:
    """Return the ids of own statements by log and seq, those that still wait among them."""
    places = access.act_places(node.db, node.me)
    places += [(s.log, s.seq, s.id) for s in access.statements_of(node.db, node.me)]
    for row in access_acts.pending(node.db):
        header = bundle.read_carried(row.item).act.header
        if header.party == node.me:
            places.append((header.log, header.seq, row.id))
    found: dict[int, dict[int, list[str]]] = {}
    for log, seq, id_ in places:
        found.setdefault(log, {}).setdefault(seq, []).append(id_)
    return found


def _rebuild(
    node: Node, report: Report, progress: Progress, state: LogState, sizes: set[int]
) -> _Tree:
    tree, subject = _Tree(), Phrase("log {log}", log=state.log)
    origin = checkpoint.origin(node.me, state.log)
    wanted = sizes | {size for size, _, _ in access.checkpoints_of(node.db, origin)}
    tree.roots[0] = tree.frontier.root().hex()
    for rows in access.leaf_slices(node.db, state.log):
        expected = list(range(len(tree.leaves), len(tree.leaves) + len(rows)))
        if [seq for seq, _, _ in rows] != expected:
            told = "Leaves are missing after index {index}."
            report.error(subject, Phrase(told, index=len(tree.leaves) - 1))
        _extend(tree, [data for _, data, _ in rows], wanted)
        tree.leaves += [(data.hex(), padding) for _, data, padding in rows]
        progress(subject, len(tree.leaves), state.size)
    return tree


def _extend(tree: _Tree, leaves: list[bytes], wanted: set[int]) -> None:
    """Extend the frontier, and stop at each size whose root is wanted."""
    while leaves:
        size = tree.frontier.size
        stops = [w - size for w in wanted if size < w < size + len(leaves)]
        stop = min(stops, default=len(leaves))
        tree.frontier, complete = tree.frontier.extend(map(merkle.leaf_hash, leaves[:stop]))
        tree.subtrees |= {(each.level, each.index): each.hash for each in complete}
        tree.roots[tree.frontier.size] = tree.frontier.root().hex()
        leaves = leaves[stop:]


def _check_head(node: Node, report: Report, state: LogState, tree: _Tree) -> None:
    subject, frontier = Phrase("log {log}", log=state.log), tree.frontier
    if state.size != frontier.size:
        told = "The stored head says size {size}; the leaves give size {found}."
        report.error(subject, Phrase(told, size=state.size, found=frontier.size))
    elif state.root != frontier.root().hex():
        told = "The stored head has another root than the leaves give, at size {size}."
        report.error(subject, Phrase(told, size=state.size))
    if state.frontier != frontier.to_bytes():
        report.error(subject, "The stored frontier is not that of the leaves.")
    if access.subtree_rows(node.db, state.log) != tree.subtrees:
        report.error(subject, "The stored subtrees are not those of the leaves.")


def _check_checkpoints(node: Node, report: Report, state: LogState, tree: _Tree) -> None:
    view = newest(node, node.me)
    entry = None if view is None else view.logs.get(state.log)
    origin = checkpoint.origin(node.me, state.log)
    held = access.checkpoints_of(node.db, origin)
    for size, root, text in held:
        subject = Phrase("log {log}, checkpoint of size {size}", log=state.log, size=size)
        report.count("checkpoints")
        try:
            signed = checkpoint.parse(text.encode())
            if entry is not None:
                key = checkpoint.log_key(node.me, state.log, entry.keys.checkpoint)
                checkpoint.verify_log(signed, key)
        except Refusal as refusal:
            report.error(subject, refusal.reason)
            continue
        found = signed.checkpoint
        if (found.origin, found.size, found.root.hex()) != (origin, size, root):
            report.error(subject, "The signed note says something else than its row.")
        # Of a closed log peers may remember more than a backup held.
        if size <= state.size and tree.roots.get(size) != root:
            report.error(subject, "The checkpoint's root is not that of the leaves.")
        elif size > state.size and not state.closed:
            told = "The checkpoint is ahead of the log, of size {size}."
            report.error(subject, Phrase(told, size=state.size))
    if state.checkpoint_size and state.checkpoint_size not in {size for size, _, _ in held}:
        report.error(Phrase("log {log}", log=state.log), "The last checkpoint cut is not held.")


def _check_claims(
    report: Report,
    state: LogState,
    tree: _Tree,
    claims: dict[int, list[str]],
    view: View | None,
) -> None:
    subject = Phrase("log {log}", log=state.log)
    entry = None if view is None else view.logs.get(state.log)
    closed = None if entry is None else entry.closed
    for seq, ids in claims.items():
        if len(ids) > 1:
            told = "{count} own statements claim place {place}."
            report.error(subject, Phrase(told, count=len(ids), place=seq))
        if seq >= len(tree.leaves):
            _check_beyond(report, subject, seq, ids, closed)
        elif tree.leaves[seq] != (ids[0], False):
            told = "The leaf at {place} is not the own statement there."
            report.error(subject, Phrase(told, place=seq))
    for seq, (_, padding) in enumerate(tree.leaves):
        if not padding and seq not in claims:
            report.error(subject, Phrase("The leaf at {place} has no statement.", place=seq))
    report.count("own statements", len(claims))


def _check_beyond(
    report: Report, subject: str, seq: int, ids: list[str], closed: Closing | None
) -> None:
    """Check own statements at a place that the leaves here do not reach, as after a restore."""
    if closed is None:
        told = "An own statement claims place {place}, which the log lacks."
        report.error(subject, Phrase(told, place=seq))
    elif seq >= closed.size and not {(seq, id_) for id_ in ids} <= set(closed.kept):
        told = "A recovered statement at {place} is not kept by the closing."
        report.note(subject, Phrase(told, place=seq))


def _check_document(report: Report, state: LogState, tree: _Tree, view: View | None) -> None:
    subject = Phrase("log {log}", log=state.log)
    entry = None if view is None else view.logs.get(state.log)
    if entry is None:
        report.error(subject, "This party's newest document does not list the log.")
        return
    if (entry.closed is not None) != state.closed:
        report.error(subject, "Log and document disagree on whether the log is closed.")
    closed = entry.closed
    if closed is not None and tree.roots.get(closed.size, closed.root) != closed.root:
        report.error(subject, "The document closed the log with another root than the leaves give.")


def _check_anchor(report: Report, subject: str, state: LogState, mark: Mark, tree: _Tree) -> None:
    if mark.size > state.size:
        told = "The anchor remembers size {size}, the database has {found}: it was rolled back."
        report.error(subject, advised(Phrase(told, size=mark.size, found=state.size)))
    elif tree.roots.get(mark.size) != mark.root:
        told = "The anchor remembers another root at size {size}."
        report.error(subject, advised(Phrase(told, size=mark.size)))
    elif mark.size < state.size:
        report.note(subject, "The anchor is behind, as after a crash; the next append advances it.")


def _check_open(
    node: Node, report: Report, states: list[LogState], mark: Mark | None, view: View | None
) -> None:
    opened = [state.log for state in states if not state.closed]
    if len(opened) != 1:
        told = "{count} logs are open; exactly one should be."
        report.error("log", Phrase(told, count=len(opened)))
    for log in opened:
        subject = Phrase("log {log}", log=log)
        if mark is None:
            report.error(subject, advised("The anchor file is missing."))
        elif mark.log != log:
            told = "The anchor stands at log {log}."
            report.error(subject, advised(Phrase(told, log=mark.log)))
        entry = None if view is None else view.logs.get(log)
        if not node.keys.has_log(log):
            report.error(subject, "Its private keys are not here, so nothing can be signed.")
        elif entry is not None and node.keys.log(log).public != entry.keys:
            report.error(subject, "The private keys here are not those of the document.")
