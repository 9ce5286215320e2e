"""Building everything derived anew from what was signed: ``comity rebuild``."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.services.care import check_shelves
from comity.services.care.check_dossiers import stored
from comity.services.care.report import quiet
from comity.services.casework import dossiers, related, ruled, text
from comity.store.access import acts as access
from comity.store.access import checks
from comity.store.append import acts as append
from comity.store.append import rebuild as store
from comity.store.append.space import recount
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from comity.kernel.protocol import Protocol
    from comity.services.care.report import Progress
    from comity.services.node import Node

LOG = logging.getLogger(__name__)


def put_right(node: Node, *, progress: Progress = quiet) -> tuple[list[str], int]:
    """Rebuild what was computed by other rules than this version has; return the protocols that
    have others, and how many dossiers were rebuilt.

    Raises Refusal for dossiers whose acts do not verify, once all others were rebuilt; then the
    rules stay told as others, so that it is tried again.
    """
    found, failed = ruled.stale(node), list[Refusal]()
    number = rebuild(node, under=found, progress=progress, failed=failed) if found else 0
    for refusal in failed:
        raise refusal
    # Of a protocol that nobody used yet, what comes is computed by these rules.
    ruled.note(node)
    return [protocol.id for protocol in found], number


def rebuild(
    node: Node,
    *,
    under: Sequence[Protocol] | None = None,
    progress: Progress = quiet,
    failed: list[Refusal] | None = None,
) -> int:
    """Drop and rebuild all derived rows, or those of dossiers ``under`` some protocols; return how
    many dossiers were rebuilt.

    Each dossier is one short transaction, so that a node may go on meanwhile. A dossier that was
    opaque is read under its protocol if this node has it by now. The bytes kept because of each
    party are counted anew too. Raises Refusal for a dossier whose acts do not verify: then
    ``comity fsck`` says which. Where ``failed`` is given, it is added to that and left out.
    """
    node.loaded.clear()
    places = None if under is None else {(each.name, each.version) for each in under}
    ids = checks.dossier_ids(node.db, places)
    for done, id_ in enumerate(ids, 1):
        with _leaving_out(failed, id_), writing(node.db):
            _rebuild_dossier(node, id_)
        progress("dossiers", done, len(ids))
    left_out = len(failed or ())
    with _leaving_out(failed, "of a circle"):
        check_shelves.put_right(node)
    with writing(node.db):
        recount(node.db)
    if not failed:
        ruled.note(node)
    return len(ids) - left_out


@contextmanager
def _leaving_out(failed: list[Refusal] | None, what: str) -> Iterator[None]:
    """Add what is refused to ``failed``, where that is given."""
    try:
        yield
    except Refusal as refusal:
        if failed is None:
            raise
        LOG.warning("Dossier %s cannot be computed anew, see fsck: %s", what, refusal)
        failed.append(refusal)


def _rebuild_dossier(node: Node, id_: str) -> None:
    row = access.dossier(node.db, id_)
    if row is None or row.acts == 0:
        return
    dossiers.forget(node, id_)
    dossier = dossiers.load(node, id_)
    store.drop_derived(node.db, dossier.id)
    for placed in dossier.graph.order:
        store.set_verdict(node.db, placed.id, placed.void)
        text.fill(node, dossier, stored(node, placed.id))
    related.note(node, dossier, dossier.graph.order)
    known = dossier.protocol is not None
    if known and row.state == dossiers.OPAQUE:
        append.set_dossier_state(node.db, dossier.id, dossiers.ACTIVE)
    elif not known and row.state == dossiers.ACTIVE:
        append.set_dossier_state(node.db, dossier.id, dossiers.OPAQUE)
    dossiers.project(node, dossier)
