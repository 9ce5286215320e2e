"""Dense cursors under many writers, the anchor, the clock, full disks, and reads without locks."""

from __future__ import annotations

import errno
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connections

from comity.kernel.ids import Id, PartyId
from comity.services.care import fsck
from comity.services.care.overview import status
from comity.services.casework import content, dossiers, issue
from comity.services.delivery import deliver, heights
from comity.services.node import DAY, Node
from comity.services.proof import witnessing
from comity.store.access import acts as access
from comity.store.access import checks, outbox, parties
from comity.store.anchor import Anchor, Mark
from comity.store.append.log import LogWriter
from comity.store.append.parties import insert_mail
from comity.store.database import close_connection
from comity.store.sql import writing
from tests.kernel.world import digest, refused
from tests.nodes import START, Nodes, introduce, open_tally, say
from tests.store.processes import finish, start

WRITERS = 8


class Follower(threading.Thread):
    """Follows one dense cursor while others write, as a peer or a page would."""

    def __init__(self, db: str, read: Callable[[int], list[int]]) -> None:
        super().__init__()
        self.db, self.read = db, read
        self.seen: list[int] = []
        self.stop = threading.Event()
        self.failed: BaseException | None = None

    def run(self) -> None:
        try:
            last = False
            while not last:
                # Read once more after everyone has stopped.
                last = self.stop.is_set()
                self.seen += self.read(max(self.seen, default=0))
        except BaseException as error:  # noqa: BLE001  shown by `finish`
            self.failed = error
        finally:
            close_connection(self.db)

    def finish(self) -> list[int]:
        self.stop.set()
        self.join()
        assert self.failed is None
        return self.seen


@contextmanager
def following(db: str, read: Callable[[int], list[int]]) -> Iterator[Follower]:
    follower = Follower(db, read)
    follower.start()
    try:
        yield follower
    finally:
        follower.stop.set()
        follower.join()


def in_threads(db: str, work: Callable[[int], object]) -> None:
    """Run ``work`` in eight threads at once; a failure in one fails the test."""
    failed: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001  raised again below
            failed.append(error)
        finally:
            close_connection(db)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


@pytest.fixture
def slow_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every append wait a little, by chance, between its writing and its commit."""
    chance, original = random.Random(7), LogWriter.flush

    def slow(self: LogWriter) -> Mark:
        time.sleep(chance.random() / 200)
        return original(self)

    monkeypatch.setattr(LogWriter, "flush", slow)


def acts_after(node: Node) -> Callable[[int], list[int]]:
    return lambda after: [row.n for row in access.acts_since(node.db, after)]


def require_dense(node: Node, dossier: str, count: int) -> None:
    rows = list(access.acts_of(node.db, dossier))
    assert [row.idx for row in rows] == list(range(count))
    assert sorted(row.n for row in rows) == list(range(1, count + 1))
    log = parties.logs(node.db)[-1]
    seqs = [seq for slice_ in checks.leaf_slices(node.db, log.log) for seq, _, _ in slice_]
    assert seqs == list(range(log.size))
    feed = [dossiers.stored_act(node, row).header.n for row in rows]
    assert feed == list(range(1, count + 1))
    assert fsck.check(node).findings == []


@pytest.mark.usefixtures("slow_commits")
def test_threads_that_write_leave_no_gap(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    dossier = open_tally(orvanda)
    with following(orvanda.db, acts_after(orvanda)) as follower:
        in_threads(
            orvanda.db,
            lambda _: (
                [say(orvanda, dossier, "claim", {"status": "held"}) for _ in range(4)] and None
            ),
        )
        assert follower.finish() == list(range(1, 2 + 4 * WRITERS))
    require_dense(orvanda, dossier, 1 + 4 * WRITERS)


@pytest.mark.slow
def test_processes_that_write_leave_no_gap(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    dossier = open_tally(orvanda)
    with following(orvanda.db, acts_after(orvanda)) as follower:
        started = [start(orvanda, dossier, 4, f"{i}", delay=0.01) for i in range(WRITERS)]
        told = [act for process in started for act in finish(process)]
        assert follower.finish() == list(range(1, 2 + 4 * WRITERS))
    assert access.known_acts(orvanda.db, told) == set(told)
    assert len(set(told)) == 4 * WRITERS
    require_dense(orvanda, dossier, 1 + 4 * WRITERS)


def test_a_dossier_that_changes_gets_the_next_number(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    ids = [open_tally(orvanda) for _ in range(3)]
    missed: list[str] = []

    def read(after: int) -> list[int]:
        rows = access.dossiers(orvanda.db, after)
        missed.extend(row.id for row in rows)
        return [row.n for row in rows]

    with following(orvanda.db, read) as follower:
        in_threads(
            orvanda.db,
            lambda number: say(orvanda, ids[number % 3], "claim", {"status": "held"}),
        )
        seen = follower.finish()
    assert seen == sorted(set(seen))
    assert {row.n for row in access.dossiers(orvanda.db)} <= set(seen)
    assert set(missed) == set(ids)


def test_mail_is_dense_and_none_is_missed(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    recipient, chance = PartyId(digest("recipient")), random.Random(3)

    def put(number: int) -> None:
        for each in range(5):
            with writing(orvanda.db):
                insert_mail(
                    orvanda.db,
                    recipient=recipient,
                    sender=orvanda.me,
                    hash_=digest(f"{number} {each}"),
                    cover=b"cover",
                    sealed=b"sealed",
                    now=START,
                )
                time.sleep(chance.random() / 200)

    def read(after: int) -> list[int]:
        return [row.n for row in outbox.mail(orvanda.db, recipient, after, 7)]

    with following(orvanda.db, read) as follower:
        in_threads(orvanda.db, put)
        assert follower.finish()[: 5 * WRITERS] == list(range(1, 1 + 5 * WRITERS))
    assert fsck.check(orvanda).findings == []


# The anchor.


def _missing(anchor: Path, _mark: Mark) -> None:
    anchor.unlink()


def _unreadable(anchor: Path, _mark: Mark) -> None:
    anchor.write_bytes(b"")


def _ahead(anchor: Path, mark: Mark) -> None:
    Anchor(anchor).write(Mark(mark.log, mark.size + 1, digest("ahead")))


def _of_another_root(anchor: Path, mark: Mark) -> None:
    Anchor(anchor).write(Mark(mark.log, mark.size, digest("another")))


def _behind_on_another_root(anchor: Path, mark: Mark) -> None:
    Anchor(anchor).write(Mark(mark.log, mark.size - 1, digest("another")))


def _of_the_next_log(anchor: Path, mark: Mark) -> None:
    Anchor(anchor).write(Mark(mark.log + 1, 0, mark.root))


@pytest.mark.parametrize(
    "spoil",
    [_missing, _unreadable, _ahead, _of_another_root, _behind_on_another_root, _of_the_next_log],
)
def test_an_anchor_that_disagrees_refuses(
    spoil: Callable[[Path, Mark], None], nodes: Nodes
) -> None:
    orvanda = nodes.make("orvanda")
    dossier = open_tally(orvanda)
    mark = orvanda.anchor.read()
    assert mark is not None
    spoil(orvanda.folder / "anchor", mark)
    before = parties.logs(orvanda.db)
    with refused("S1", "`comity restore`"):
        say(orvanda, dossier, "claim", {"status": "held"})
    with refused("S1", "`comity fsck`"):
        witnessing.cut(orvanda)
    assert parties.logs(orvanda.db) == before
    orvanda.anchor.write(mark)
    say(orvanda, dossier, "claim", {"status": "held"})
    assert fsck.check(orvanda).findings == []


def test_an_anchor_that_cannot_be_written_stops_an_append_before_its_commit(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda = nodes.make("orvanda")
    dossier = open_tally(orvanda)
    before, opened = parties.logs(orvanda.db), os.open

    def read_only(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if path == orvanda.folder / "anchor" and flags & os.O_WRONLY:
            raise PermissionError(errno.EACCES, "not allowed", str(path))
        return opened(path, flags, *more, **named)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", read_only)
        with pytest.raises(PermissionError):
            say(orvanda, dossier, "claim", {"status": "held"})
    assert parties.logs(orvanda.db) == before
    say(orvanda, dossier, "claim", {"status": "held"})
    assert fsck.check(orvanda).findings == []


def test_an_anchor_behind_is_accepted(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    dossier = open_tally(orvanda)
    early = orvanda.anchor.read()
    assert early is not None
    for _ in range(3):
        say(orvanda, dossier, "claim", {"status": "held"})
    orvanda.anchor.write(early)
    assert fsck.check(orvanda).clean
    say(orvanda, dossier, "claim", {"status": "held"})
    mark = orvanda.anchor.read()
    assert mark is not None
    assert (mark.size, early.size) == (6, 2)
    require_dense(orvanda, dossier, 5)


def test_where_the_anchor_cannot_be_written_nothing_is_signed(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda = nodes.make("orvanda")
    dossier = open_tally(orvanda)
    before, mark, opened = parties.logs(orvanda.db), orvanda.anchor.read(), os.open

    def read_only(path: Path, flags: int, *more: Any, **named: Any) -> int:
        if str(path) == str(orvanda.folder / "anchor") and flags & os.O_WRONLY:
            raise OSError(errno.EROFS, "Read-only file system")
        return opened(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", read_only)
    with pytest.raises(OSError, match="Read-only"):
        say(orvanda, dossier, "claim", {"status": "held"})
    monkeypatch.undo()
    assert (parties.logs(orvanda.db), orvanda.anchor.read()) == (before, mark)
    say(orvanda, dossier, "claim", {"status": "held"})
    require_dense(orvanda, dossier, 2)


# The clock.


def test_a_clock_that_goes_back_does_not_take_the_log_along(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    dossier = open_tally(orvanda)
    nodes.clock.advance(5000)
    say(orvanda, dossier, "claim", {"status": "held"})
    nodes.clock.advance(-3_600_000)
    late = say(orvanda, dossier, "claim", {"status": "open"})
    row = access.act(orvanda.db, late)
    assert row is not None
    assert row.time == START + 5000
    assert fsck.check(orvanda).findings == []


def test_a_clock_that_was_ahead_holds_nothing_up(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    nodes.clock.advance(3 * DAY)
    open_tally(orvanda, tolmere)
    witnessing.cut(orvanda)
    assert not deliver.send_to(orvanda, tolmere.me)
    assert outbox.waiting_recipients(orvanda.db, orvanda.now()) == []
    nodes.clock.advance(-3 * DAY)
    assert witnessing.is_due(orvanda)
    witnessing.cut(orvanda)
    assert not witnessing.is_due(orvanda)
    assert outbox.waiting_recipients(orvanda.db, orvanda.now()) == [tolmere.me]


# Reading.


def test_reading_takes_no_write_lock(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_tally(orvanda, tolmere)
    act = say(orvanda, dossier, "claim", {"status": "held"}, files={"f": b"f"})
    said: list[str] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        said.append(sql)
        return execute(sql, params, many, context)

    node = nodes.reopen("orvanda")
    with connections[node.db].execute_wrapper(listen):
        for read in (
            lambda: dossiers.load(node, dossier).summary(),
            lambda: heights.heights_of(node, Id(dossier)),
            lambda: list(content.read_parts(node, act)),
            lambda: access.dossiers(node.db),
            lambda: parties.parties(node.db),
            lambda: outbox.queue_sizes(node.db),
            lambda: issue.own_view(node),
            lambda: status(node),
            lambda: fsck.check(node),
        ):
            assert read()
    words = {sql.split()[0] for sql in said if sql}
    assert words <= {"SELECT", "BEGIN", "ROLLBACK"}
    assert {sql for sql in said if sql.startswith("BEGIN")} <= {
        "BEGIN DEFERRED",
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    }


# A full disk.


def _full_database(patch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OperationalError("database or disk is full") from sqlite3.OperationalError("full")

    patch.setattr(LogWriter, "flush", full)


def _full_parts(patch: pytest.MonkeyPatch) -> None:
    original = Path.open

    def full(self: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        if "parts" in self.parts and "w" in mode:
            raise OSError(errno.ENOSPC, "No space left on device")
        return original(self, mode, *more, **named)

    patch.setattr(Path, "open", full)


@pytest.mark.parametrize("fill", [_full_database, _full_parts])
def test_a_full_disk_is_refused_and_nothing_is_half_written(
    fill: Callable[[pytest.MonkeyPatch], None], nodes: Nodes
) -> None:
    orvanda = nodes.make("orvanda")
    dossier = open_tally(orvanda)
    before = parties.logs(orvanda.db)
    with pytest.MonkeyPatch.context() as patch:
        fill(patch)
        with refused("S7", "full"):
            say(orvanda, dossier, "claim", {"status": "held"}, files={"f": b"f" * 70_000})
    assert parties.logs(orvanda.db) == before
    assert fsck.check(orvanda).clean
    assert not list(orvanda.parts.rglob("*.new"))
    say(orvanda, dossier, "claim", {"status": "held"}, files={"f": b"f" * 70_000})
    # A large part may be left: it was written, whole, before the act that would have named it.
    assert fsck.check(orvanda).clean


def test_another_failure_of_the_disk_is_not_called_full(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda = nodes.make("orvanda")
    dossier = open_tally(orvanda)
    for error in (OSError(errno.EIO, "Input/output error"), OperationalError("malformed")):

        def fail(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(LogWriter, "flush", fail)
        with pytest.raises(type(error)):
            say(orvanda, dossier, "claim", {"status": "held"})


@pytest.mark.sqlite("its file may not grow")
def test_a_real_sqlite_database_that_may_not_grow(tmp_path: Path) -> None:
    with Nodes(tmp_path) as nodes:
        orvanda = nodes.make("orvanda")
        dossier = open_tally(orvanda)
        with connections[orvanda.db].cursor() as cursor:
            pages = cursor.execute("PRAGMA page_count").fetchone()[0]
            cursor.execute(f"PRAGMA max_page_count = {pages + 4}")
            with refused("S7"):
                for _ in range(40):
                    say(orvanda, dossier, "claim", {"status": "held"}, files={"f": b"f" * 9000})
            cursor.execute("PRAGMA max_page_count = 1000000")
        assert fsck.check(orvanda).clean
        say(orvanda, dossier, "claim", {"status": "held"})
        assert fsck.check(orvanda).clean
