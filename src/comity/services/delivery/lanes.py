"""A few threads that own database connections: whoever has work for the node hands it to them.

A server has a thread per client, and clients come and go; a database connection per client would
be opened for each and closed by chance. Here their number is fixed, and each is closed when its
thread ends.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from comity.store.database import check_connection, close_connection

T = TypeVar("T")
GRACE = 10.0
"""Seconds that ``close`` waits for a job under way."""


class Lanes:
    """``count`` threads over the database ``db``, named after ``name``."""

    def __init__(self, db: str, count: int, name: str) -> None:
        self._db = db
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{n}", daemon=True)
            for n in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def start(self, job: Callable[[], T]) -> Future[T]:
        """Have ``job`` done in one of the threads; the future gives its value or raises."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                value = job()
            except BaseException as error:  # noqa: BLE001  raised again where the result is read
                future.set_exception(error)
            else:
                future.set_result(value)

        self._jobs.put(run)
        return future

    def run(self, job: Callable[[], T]) -> T:
        """Do ``job`` in one of the threads and return its value. Raises what it raises."""
        return self.start(job).result()

    def close(self) -> None:
        """Finish what was handed in, close the connections, end the threads."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(GRACE)

    def _work(self) -> None:
        try:
            while (job := self._jobs.get()) is not None:
                job()
                check_connection(self._db)
        finally:
            close_connection(self._db)
