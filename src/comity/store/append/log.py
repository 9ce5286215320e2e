"""The own log: the one place where a statement gets its index.

One append is: prepare outside, then one short transaction that takes the append lock, compares
database and anchor, assigns ``seq``, signs, inserts and queues; then the anchor is advanced, and
only then may anything leave the node (KERNEL "Anchor"; docs/reference/crash-contract.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from comity.kernel import merkle
from comity.kernel.errors import Phrase, Refusal
from comity.store import subtrees
from comity.store.anchor import Anchor, Mark, advised
from comity.store.room import room
from comity.store.sql import query, run_many

if TYPE_CHECKING:
    from comity.kernel.ids import Id, PartyId


def allocate(db: str, name: str, count: int = 1) -> int:
    """Return the first of ``count`` dense numbers of the counter ``name``, counting from 1.

    The row stays locked until the transaction ends, so numbers become visible in order.
    """
    rows = query(
        db,
        "INSERT INTO store_counter (name, value) VALUES (%s, %s) "
        "ON CONFLICT (name) DO UPDATE SET value = store_counter.value + excluded.value "
        "RETURNING value",
        (name, count),
    )
    return int(rows[0][0]) - count + 1


def lock(db: str, name: str) -> None:
    """Let one transaction at a time go on from here; it ends with the transaction."""
    allocate(db, f"lock-{name}")


@dataclass(slots=True)
class LogWriter:
    """The own log, locked for one append.

    Fields: ``db``, ``log``, ``frontier``, ``last_time`` (ms), ``start`` (size before), ``leaves``
    added as (data, is padding). ``seq`` is the index the next statement gets.
    """

    db: str
    log: int
    frontier: merkle.Frontier
    last_time: int
    start: int
    leaves: list[tuple[bytes, bool]]

    @property
    def seq(self) -> int:
        """The index of the next statement."""
        return self.start + len(self.leaves)

    def time(self, now: int) -> int:
        """Return the time to sign: ``now``, or the last statement's if the clock went back."""
        self.last_time = max(now, self.last_time)
        return self.last_time

    def add(self, id_: Id) -> None:
        """Give the next index to the statement ``id_``."""
        self.leaves.append((bytes.fromhex(id_), False))

    def pad(self, random: Iterable[bytes]) -> None:
        """Append random leaves that no statement can ever claim."""
        self.leaves += [(leaf, True) for leaf in random]

    def flush(self) -> Mark:
        """Insert the new leaves, the subtrees they complete, and the log's new head."""
        rows = [(self.log, seq, *leaf) for seq, leaf in enumerate(self.leaves, self.start)]
        self.frontier, complete = self.frontier.extend(
            merkle.leaf_hash(data) for data, _ in self.leaves
        )
        run_many(
            self.db,
            "INSERT INTO store_leaf (log, seq, data, padding) VALUES (%s, %s, %s, %s)",
            rows,
        )
        run_many(
            self.db,
            "INSERT INTO store_subtree (log, level, idx, hash) VALUES (%s, %s, %s, %s)",
            [(self.log, each.level, each.index, each.hash) for each in complete],
        )
        self.start, self.leaves = self.seq, []
        root = self.frontier.root().hex()
        query(
            self.db,
            "UPDATE store_log SET size = %s, root = %s, frontier = %s, last_time = %s "
            "WHERE log = %s",
            (self.start, root, self.frontier.to_bytes(), self.last_time, self.log),
        )
        return Mark(self.log, self.start, root)


@contextmanager
def appending(db: str, anchor: Anchor) -> Iterator[LogWriter]:
    """Hold the append lock and one transaction; on success, commit and advance the anchor.

    Raises Refusal S1 when anchor and database disagree, before anything is signed, S7 when the
    disk is full, and OSError when the anchor may not be written; then nothing was appended.
    """
    with anchor.locked():
        with room(), transaction.atomic(using=db):
            writer = _locked_head(db, anchor.read())
            yield writer
            mark = writer.flush()
            anchor.require_writable()
        anchor.advance(mark)


def _locked_head(db: str, mark: Mark | None) -> LogWriter:
    rows = query(
        db,
        "UPDATE store_log SET size = size WHERE NOT closed "
        "RETURNING log, size, root, frontier, last_time",
    )
    if not rows:
        raise Refusal("S5", "This node has no open log. Run `comity init` or `comity restore`.")
    log, size, root, frontier, last_time = rows[0]
    require_anchor(db, mark, Mark(log, size, root))
    return LogWriter(db, log, merkle.Frontier.from_bytes(bytes(frontier)), last_time, size, [])


def require_anchor(db: str, mark: Mark | None, head: Mark) -> None:
    """Raise Refusal S1 unless ``mark`` is the database's ``head``, or lies on the way to it."""
    if mark is None:
        raise Refusal("S1", advised("The anchor file is missing."))
    if mark == head:
        return
    if mark.log != head.log or mark.size > head.size:
        told = (
            "The anchor stands at log {log}, size {size}; the database at log {found_log}, size "
            "{found}: the database was rolled back."
        )
        at = {"log": mark.log, "size": mark.size, "found_log": head.log, "found": head.size}
        raise Refusal("S1", advised(Phrase(told, **at)))
    # Behind is what a crash between commit and anchor leaves: consistent if it is a prefix.
    if subtrees.root_at(db, mark.log, mark.size).hex() != mark.root:
        told = "The database holds another log than the anchor remembers."
        raise Refusal("S1", advised(told))


def open_log(db: str, log: int) -> Mark:
    """Begin the own log number ``log``, empty; return where to set the anchor after the commit.

    The log before must be closed.
    """
    frontier = merkle.Frontier()
    root = frontier.root().hex()
    query(
        db,
        "INSERT INTO store_log (log, size, root, frontier, checkpoint_size, checkpoint_at, "
        "last_time, closed) VALUES (%s, 0, %s, %s, 0, 0, 0, %s)",
        (log, root, frontier.to_bytes(), False),
    )
    return Mark(log, 0, root)


def close_log(db: str, log: int) -> None:
    """Mark the own log ``log`` as closed; its leaves stay as they are.

    Of a log that is not here at all, as after a disk was lost, an empty row is kept.
    """
    frontier = merkle.Frontier()
    query(
        db,
        "INSERT INTO store_log (log, size, root, frontier, checkpoint_size, checkpoint_at, "
        "last_time, closed) VALUES (%s, 0, %s, %s, 0, 0, 0, %s) "
        "ON CONFLICT (log) DO UPDATE SET closed = excluded.closed",
        (log, frontier.root().hex(), frontier.to_bytes(), True),
    )


def insert_statement(
    db: str, *, id_: Id, kind: str, place: tuple[PartyId, int, int], to: str, envelope: bytes
) -> bool:
    """Keep a receipt or node document; ``place`` is (party, log, seq). Keeping it twice is once:
    False when it was there.
    """
    rows = query(
        db,
        'INSERT INTO store_statement (id, kind, party, log, seq, "to", envelope) '
        "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING RETURNING id",
        (id_, kind, *place, to, envelope),
    )
    return bool(rows)


def insert_checkpoint(db: str, *, origin: str, size: int, root: str, note: str, at: int) -> bool:
    """Keep a signed checkpoint of any log. Keeping it twice is once: False when it was there."""
    rows = query(
        db,
        "INSERT INTO store_checkpoint (origin, size, root, note, at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (origin, size, root) DO NOTHING RETURNING id",
        (origin, size, root, note, at),
    )
    return bool(rows)


def mark_checkpoint(db: str, *, log: int, size: int, at: int) -> None:
    """Remember the last checkpoint cut from an own log; ``at`` in ms."""
    query(
        db,
        "UPDATE store_log SET checkpoint_size = %s, checkpoint_at = %s WHERE log = %s",
        (size, at, log),
    )


def insert_cosignature(
    db: str, *, origin: str, size: int, witness: PartyId, line: str, at: int
) -> None:
    """Keep a witness's cosignature of an own checkpoint; ``at`` is its time in ms."""
    query(
        db,
        "INSERT INTO store_cosignature (origin, size, witness, line, at) "
        "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (origin, size, witness) DO NOTHING",
        (origin, size, witness, line, at),
    )


def save_witnessed(db: str, *, origin: str, size: int, root: str, note: str, at: int) -> None:
    """Remember the newest tree cosigned of another's log. Call it inside the transaction that
    read the one before: two requests at once must not both pass.
    """
    query(
        db,
        "INSERT INTO store_witnessed (origin, size, root, note, at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, "
        "note = excluded.note, at = excluded.at",
        (origin, size, root, note, at),
    )
