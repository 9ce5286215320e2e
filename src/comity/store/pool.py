"""A few database connections, lent to whichever thread has work for the node.

A server has a thread per client, and clients come and go; a connection for each would be opened for
each and closed by chance. Here their number is fixed, as in ``services.delivery.lanes``, and no
other thread has to be woken to do the work, which takes as long as reading a short page of objects.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from django.db import connections

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

T = TypeVar("T")
GRACE = 10.0
"""Seconds that ``close`` waits for a job under way."""


class Pool:
    """``count`` connections to the database ``db``, opened when they are first needed."""

    def __init__(self, db: str, count: int) -> None:
        self._db = db
        self._count = count
        # The one that came back last is lent first: what it has read is in its memory still.
        self._free: queue.LifoQueue[BaseDatabaseWrapper | None] = queue.LifoQueue()
        for _ in range(count):
            self._free.put(None)

    def run(self, job: Callable[[], T]) -> T:
        """Do ``job`` in this thread, over one of the connections, and return its value.

        Waits while all are lent. Raises what ``job`` raises.
        """
        lent = self._free.get()
        try:
            lent = lent or self._made()
            return self._over(lent, job)
        finally:
            self._free.put(lent)

    def _made(self) -> BaseDatabaseWrapper:
        made: BaseDatabaseWrapper = connections.create_connection(self._db)
        # The framework lets no thread use what another made. Here it is one after the other.
        made.inc_thread_sharing()
        return made

    def _over(self, lent: BaseDatabaseWrapper, job: Callable[[], T]) -> T:
        own = connections[self._db]
        connections[self._db] = lent
        try:
            return job()
        finally:
            connections[self._db] = own
            lent.close_if_unusable_or_obsolete()

    def close(self) -> None:
        """Wait for jobs under way and close the connections; nothing is lent any more."""
        for _ in range(self._count):
            with suppress(queue.Empty):
                lent = self._free.get(timeout=GRACE)
                if lent is not None:
                    lent.close()
