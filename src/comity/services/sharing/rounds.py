"""Rounds: turning to peers when they are due, and remembering how it went.

A peer that fails is turned to again soon, then ever later, and never sooner than it asks for.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.errors import Refusal
from comity.services.delivery import way
from comity.services.delivery.outbound import HTTPTransport
from comity.services.sharing import peers, pulling, pushing
from comity.services.sharing.pulling import Pulled
from comity.services.sharing.pushing import Pushed
from comity.services.sharing.remote import Server, Unanswered
from comity.store.access import exchanges
from comity.store.access.exchanges import ExchangeRow
from comity.store.append import exchanges as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.sharing.peers import Peer
    from comity.services.sharing.pulling import Tell

LOG = logging.getLogger(__name__)
MINUTE = 60_000
"""Milliseconds."""
MOST_DOUBLED = 10
"""A peer that fails is waited for a minute, two, four … up to its usual time, or this often."""


class Round(NamedTuple):
    """What came of turning to a peer: nothing where it was not pulled from, or not pushed to."""

    pulled: Pulled | None
    pushed: Pushed | None

    @property
    def is_open(self) -> bool:
        """Whether more is to be done soon."""
        more = self.pulled is not None and self.pulled.more
        return more or (self.pushed is not None and bool(self.pushed.waiting))


def due(node: Node) -> list[Peer]:
    """Return the peers that are to be turned to now: cheap, since it is asked all the time."""
    try:
        found = peers.read(node.folder)
    except Refusal as refusal:
        LOG.warning("The peers of this node cannot be read: %s", refusal)
        return []
    now = node.now()
    return [peer for peer in found if exchanges.exchange(node.db, peer.key).next_at <= now]


def run_due(node: Node, peer: Peer) -> None:
    """Turn to a peer that is due; what goes wrong is remembered, and told in the log."""
    try:
        run(node, peer)
    except Refusal as refusal:
        LOG.warning("Peer %s: %s", peer.name, refusal)


def run(
    node: Node, peer: Peer, tell: Tell | None = None, *, pull: bool = True, push: bool = True
) -> Round:
    """Pull from a peer and push to it, as far as it is for that, and note when it is due again.

    Raises Refusal S3, S5, S7 or X60 to X66, which is remembered too.
    """
    tell = tell or _nobody
    try:
        with _server(node, peer) as server:
            pulled = pulling.pull(node, server, tell) if pull and peer.pulls else None
            pushed = pushing.push(node, server, tell) if push and peer.pushes else None
    except Refusal as refusal:
        _note(node, peer, refusal)
        raise
    done = Round(pulled, pushed)
    _note(node, peer, None, pause=MINUTE if done.is_open else peer.every * MINUTE)
    return done


def forget_failed(node: Node, peer: Peer) -> None:
    """Let what a peer did not take be pushed to it again."""
    with writing(node.db):
        append.forget_failed(node.db, peer.key)


@contextmanager
def _server(node: Node, peer: Peer) -> Iterator[Server]:
    out = HTTPTransport(way.of_settings(node.settings, node.folder))
    try:
        yield Server(out, peer, peers.password(node, peer), node.now())
    finally:
        out.close()


def _note(node: Node, peer: Peer, refusal: Refusal | None, *, pause: int = 0) -> None:
    now, before = node.now(), exchanges.exchange(node.db, peer.key)
    failed, told = (0, "") if refusal is None else (before.failed + 1, str(refusal.reason))
    if refusal is not None:
        wait = refusal.wait * 1000 if isinstance(refusal, Unanswered) else 0
        pause = max(wait, min(MINUTE << min(before.failed, MOST_DOUBLED), peer.every * MINUTE))
    with writing(node.db):
        row = ExchangeRow(peer.key, before.after, now, now + pause, failed, told)
        append.set_round(node.db, row)


def _nobody(_what: str, _done: int, _of: int) -> None:
    """Tell nobody how far it is."""
