"""Root signatures: confirming that the next log is this party's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from comity.kernel import documents, dsse
from comity.kernel.documents import MAX_KEPT, Closing, LogEntry, View
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.services.casework.issue import own_view
from comity.services.identity.keyring import read_root
from comity.services.identity.parties import save_own_document
from comity.store.access import checks
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.keys import Key, Signer
    from comity.services.node import Node

Late = tuple[int, int, Id]
"""An own statement beyond the closing of its log: log, place, id."""


def awaits_root(view: View) -> bool:
    """Say whether a party's newest document is a succession that no root key confirmed yet."""
    return view.id != view.root


def lacks_soft_root(node: Node) -> bool:
    """Say whether this is an evaluation node whose root key is not on this machine."""
    return own_view(node).grade == "evaluation" and node.keys.root() is None


def take_soft_root(node: Node, code: str) -> None:
    """Keep the root key of the kit on this machine again, as ``init`` did.

    Raises Refusal S4 when the code was mistyped, or is not that of a root key in force.
    """
    root, view = read_root(code), own_view(node)
    if view.grade != "evaluation" or root.key not in view.root_keys:
        raise Refusal(
            "S4",
            "This root code is of no root key in force: it belongs to another party, or the root "
            "keys were replaced since it was printed.",
        )
    node.keys.save_root(root.seed)


def confirm_succession(node: Node, *, roots: Sequence[Signer], keep: Iterable[Late] = ()) -> Id:
    """Sign a root document that says what the documents say now; return its id.

    ``roots`` are signers of enough root keys. ``keep`` are own statements beyond the closing of
    their log that were found since, see ``late_statements``: a closing may only gain some.
    Raises Refusal K5 (too few root keys) or S4 (nothing to confirm, or too much to keep).
    """
    view = own_view(node)
    added = list(keep)
    if not awaits_root(view) and not added:
        raise Refusal(
            "S4", "There is nothing to confirm: the root keys signed the newest document.", view.id
        )
    payload = next_root(
        node, grade=view.grade, roots=view.root_keys, threshold=view.threshold, keep=added
    )
    envelope = dsse.sign(dsse.ROOT, payload, [*roots])
    with writing(node.db):
        save_own_document(node, envelope)
    return envelope.id


def next_root(
    node: Node, *, grade: str, roots: Iterable[Key], threshold: int, keep: Sequence[Late] = ()
) -> bytes:
    """Return the payload of the next root document: these root keys, and all else as it is now.

    Raises Refusal S4 when there is too much to ``keep``.
    """
    view = own_view(node)
    return documents.root_payload(
        time=node.now(),
        grade=grade,
        root_keys=sorted(roots),
        threshold=threshold,
        logs={log: _with_kept(log, entry, keep) for log, entry in view.logs.items()},
        next_hash=view.next,
        previous=node.documents[view.root],
        mandates=tuple(sorted(view.mandates)),
    )


def _with_kept(log: int, entry: LogEntry, added: Sequence[Late]) -> LogEntry:
    new = {(seq, id_) for number, seq, id_ in added if number == log}
    if entry.closed is None or not new:
        return entry
    kept = tuple(sorted({*entry.closed.kept, *new}))
    if len(kept) > MAX_KEPT or len({seq for seq, _ in kept}) != len(kept):
        raise Refusal("S4", f"Log {log} cannot keep so many, or two in one place.")
    return replace(entry, closed=Closing(entry.closed.size, entry.closed.root, kept))


def late_statements(node: Node) -> list[Late]:
    """Return own statements beyond the closing of their log that it does not keep.

    They came from peers after a restore. Whether they are this party's is for a person to say.
    """
    closings = {log: entry.closed for log, entry in own_view(node).logs.items()}
    places = checks.act_places(node.db, node.me)
    places += [(s.log, s.seq, s.id) for s in checks.statements_of(node.db, node.me)]
    return sorted(
        (log, seq, Id(id_))
        for log, seq, id_ in places
        if (closed := closings.get(log)) is not None
        and seq >= closed.size
        and (seq, id_) not in closed.kept
    )
