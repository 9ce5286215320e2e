"""The worker: does a node's rounds at the right pace, each peer in a lane of its own.

What is signed by any process of this machine moves the anchor, so its file is looked at many
times a second and a new act leaves at once. Everything else is looked at every two seconds. A
peer that is slow to answer holds up only itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable
from functools import partial
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.services.casework import missing
from comity.services.delivery import blobs, doubts, uploads, work
from comity.services.delivery.lanes import Lanes
from comity.services.people import awaiting, mail
from comity.services.proof import witnessing
from comity.services.response import outgoing
from comity.services.sharing import applying, rounds
from comity.store.access import acts, parties
from comity.store.access import blobs as blob_access
from comity.store.access import outbox as access
from comity.store.append import outbox
from comity.store.database import close_connection
from comity.store.sql import writing

if TYPE_CHECKING:
    import threading
    from concurrent.futures import Future

    from comity.services.node import Node

LOG = logging.getLogger(__name__)
PULSE = "worker.pulse"
"""A file of the node's folder: its time says when the worker was last alive."""
LANES = 16
GLANCE = 0.05
"""Seconds between two looks at the anchor's file."""
LOOK, IDLE, PAUSE_AFTER_FAULT = 2.0, 30.0, 5.0
"""Seconds: between two looks at everything; between two pulls of mail while nothing goes on, and
between two looks for content that has not arrived; before something that failed is tried again."""
NOTICES, NOTICES_AT_WORK, LETTERS = 60.0, 5.0, 10.0
"""Seconds: between two looks for what awaits people, while nothing changes and while much does;
between two looks at what is to be told them by mail."""
AT_WORK = 120.0
"""Seconds for which somebody counts as working after another process signed something."""


class Worker:
    """Works for one node until it is told to stop."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._running: dict[Hashable, Future[None]] = {}
        self._not_before: dict[Hashable, float] = {}
        self._anchor = node.anchor.stamp()
        self._next_look = self._next_pull = self._next_requeue = self._next_search = 0.0
        self._last_notices = -NOTICES
        self._next_letters = 0.0
        self._mark: tuple[int, int] | None = None
        self._faulty_until = 0.0
        self._at_work_until = 0.0
        self._documents: tuple[str, str] | None = None
        self._embargoes: tuple[int, int | None] | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set; what is under way then is finished, for ten seconds."""
        node = self._node
        lanes = Lanes(node.db, LANES, "worker")
        try:
            # Who tried in vain while this node was away hears that it is back, and from where on;
            # and what kept this node from reaching others may have gone with its last process.
            with writing(node.db):
                outbox.end_pauses(node.db)
            with node.lock:
                node.nudged.update(row.party for row in access.peers(node.db))
            while not stop.wait(GLANCE):
                self._glance(lanes)
        finally:
            lanes.close()
            close_connection(node.db)

    def _glance(self, lanes: Lanes) -> None:
        now = time.monotonic()
        anchor = self._node.anchor
        stamp, finished = anchor.stamp(), self._collect(now)
        if stamp != self._anchor:
            if stamp != anchor.own:
                # A person's command moved the log, or a peer by the web: answers may follow.
                self._at_work_until, self._next_pull = now + AT_WORK, 0.0
            self._anchor = stamp
        elif not finished and now < self._next_look:
            return
        if now < self._faulty_until:
            return
        self._next_look = now + min(LOOK, self._node.settings.cadence / 1000)
        try:
            self._look(lanes, now)
        except Exception:
            # The database may be gone for a moment; the worker is there when it comes back.
            LOG.exception("The worker could not look at what waits.")
            self._faulty_until = now + PAUSE_AFTER_FAULT

    def _look(self, lanes: Lanes, now: float) -> None:
        node = self._node
        (node.folder / PULSE).touch()
        self._tell_news()
        if now >= self._next_requeue:
            work.requeue(node)
            self._next_requeue = now + LOOK
        if now >= self._next_search:
            self._start(lanes, "search", partial(missing.ask_again, node), now)
            self._start(lanes, "doubts", partial(doubts.ask_again, node), now)
            self._next_search = now + IDLE
        if witnessing.is_due(node):
            self._start(lanes, "checkpoint", partial(work.checkpoint, node), now)
        for recipient in work.due_recipients(node):
            key = ("send", recipient)
            if key in self._running:
                with node.lock:
                    node.nudged.add(recipient)
            self._start(lanes, key, partial(work.send, node, recipient), now)
        self._look_at_sharing(lanes, now)
        self._look_at_blobs(lanes, now)
        self._look_at_people(lanes, now)
        self._look_at_embargoes(lanes, now)
        if node.settings.mailbox and now >= self._next_pull:
            self._start(lanes, "mail", self._pull, now)
            self._next_pull = now + (LOOK if self._is_lively(now) else IDLE)

    def _tell_news(self) -> None:
        """Let others be told of new documents of this party, as of root keys, by another process.

        Those of the start are told as the start is.
        """
        node = self._node
        row = parties.party(node.db, node.me)
        now = None if row is None else (row.doc, row.node_doc)
        if self._documents not in {None, now}:
            with node.lock:
                node.nudged.update(peer.party for peer in access.peers(node.db))
        self._documents = now

    def _look_at_sharing(self, lanes: Lanes, now: float) -> None:
        node = self._node
        if applying.is_due(node):
            self._start(lanes, "circles", partial(applying.work, node), now)
        for peer in rounds.due(node):
            self._start(lanes, ("peer", peer.name), partial(rounds.run_due, node, peer), now)

    def _look_at_blobs(self, lanes: Lanes, now: float) -> None:
        node = self._node
        for row in blob_access.in_blobs(node.db, now=node.now()):
            self._start(lanes, ("blobs", row.via), partial(blobs.fetch, node, row), now)
        placed = uploads.next_due(node)
        if placed is not None:
            self._start(lanes, "upload", partial(uploads.upload, node, placed), now)

    def _look_at_people(self, lanes: Lanes, now: float) -> None:
        """Make notices soon after something changed, and tell by mail what is to be told."""
        node, mark = self._node, awaiting.mark(self._node)
        pause = NOTICES if mark == self._mark else NOTICES_AT_WORK
        changed = now >= self._last_notices + pause
        if changed and "notices" not in self._running:
            self._mark, self._last_notices = mark, now
            self._start(lanes, "notices", partial(awaiting.gather, node), now)
        if now >= self._next_letters:
            self._next_letters = now + LETTERS
            self._start(lanes, "letters", partial(mail.send_due, node), now)

    def _look_at_embargoes(self, lanes: Lanes, now: float) -> None:
        """Look after advisories that wait when anything was said, and at the very moment of the
        next end: equals publish at one time.
        """
        node = self._node
        newest, end = acts.newest_act(node.db), None
        if self._embargoes is not None and self._embargoes[0] == newest:
            end = self._embargoes[1]
            if end is None:
                return
        wait = 0.0 if end is None else (end - node.now()) / 1000
        if wait <= 0:
            self._start(lanes, "embargoes", partial(self._let_out, newest), now)
        else:
            self._next_look = min(self._next_look, now + wait)

    def _let_out(self, newest: int) -> None:
        self._embargoes = newest, outgoing.look(self._node)

    def _pull(self) -> None:
        while work.pull_mail(self._node):
            pass

    def _is_lively(self, now: float) -> bool:
        return now < self._at_work_until or access.awaits_receipt(self._node.db)

    def _start(self, lanes: Lanes, key: Hashable, job: Callable[[], object], now: float) -> None:
        """Start a job, unless it is under way or has just failed."""
        if key not in self._running and now >= self._not_before.get(key, 0.0):
            self._running[key] = lanes.start(partial(_do, job))

    def _collect(self, now: float) -> bool:
        """Take note of jobs that ended; say whether there was one."""
        ended = [key for key, future in self._running.items() if future.done()]
        for key in ended:
            error = self._running.pop(key).exception()
            if error is None:
                self._not_before.pop(key, None)
            else:
                self._not_before[key] = now + PAUSE_AFTER_FAULT
                _report(key, error)
        return bool(ended)


def _do(job: Callable[[], object]) -> None:
    job()


def _report(key: Hashable, error: BaseException) -> None:
    what = key if isinstance(key, str) else "send or fetch"
    if isinstance(error, Refusal):
        LOG.error("Could not do what was due (%s): %s", what, error)
    else:
        LOG.error("Could not do what was due (%s).", what, exc_info=error)
