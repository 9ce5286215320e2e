"""Reading an own log's Merkle tree out of its leaves and complete subtrees."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connections

from comity.kernel import merkle


class LogReader:
    """The reader port of ``kernel.merkle`` over one log of the store."""

    def __init__(self, db: str, log: int) -> None:
        self._db = db
        self._log = log

    def hashes(self, level: int, start: int, stop: int) -> Sequence[bytes]:
        """Return the hashes ``start`` to before ``stop`` of ``level``, as the port asks."""
        if level == 0:
            sql = (
                "SELECT data FROM store_leaf WHERE log = %s AND seq >= %s AND seq < %s ORDER BY seq"
            )
            return [merkle.leaf_hash(data) for data in self._column(sql, start, stop)]
        sql = (
            "SELECT hash FROM store_subtree WHERE log = %s AND idx >= %s AND idx < %s "
            f"AND level = {level:d} ORDER BY idx"
        )
        return self._column(sql, start, stop)

    def _column(self, sql: str, start: int, stop: int) -> list[bytes]:
        with connections[self._db].cursor() as cursor:
            cursor.execute(sql, (self._log, start, stop))
            return [bytes(row[0]) for row in cursor.fetchall()]


def root_at(db: str, log: int, size: int) -> bytes:
    """Return the root hash of the first ``size`` leaves of an own log."""
    return merkle.head_at(LogReader(db, log), size).root
