"""Blobs kept for others, where several processes of one host are asked at once."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import orjson
import pytest

from comity.kernel.blob import MOST_SIZE
from comity.kernel.cover import CoverKind, SignedCover
from comity.kernel.ids import Id, PartyId
from comity.services.delivery import envelope, kept, wire
from comity.services.identity import parties
from comity.services.node import Node, open_node
from comity.services.ports import Reply
from comity.store.access import blobs
from comity.store.append import blobs as append
from comity.store.database import close_connection
from tests.nodes import Nodes, introduce, spoken

DATA = os.urandom(70_000)
HASH = hashlib.sha256(DATA).hexdigest()
PROCESSES = 6
READER = "e" * 64

Job = Callable[[Node], list[int]]


class House:
    """A host opened as often as several processes would, and a party it keeps blobs for."""

    def __init__(self, nodes: Nodes) -> None:
        self.host = nodes.make("council")
        self.owner = nodes.make("sarivane", mailbox=self.host.me)
        introduce(self.host, self.owner)
        parties.host(self.host, self.owner.me, agreed=True)
        # What processes do not share: memory, and with it every lock of threads.
        self.doors = [self._open(nodes, n) for n in range(PROCESSES)]

    def _open(self, nodes: Nodes, number: int) -> Node:
        close_connection(self.host.db)
        return open_node(self.host.folder, nodes.ports(f"door {number}"), known=spoken())

    def ask(self, door: Node, body: bytes = b"", **args: Any) -> Reply:
        args = {"blob": HASH, "size": len(DATA), "offset": 0, **args}
        data = envelope.request(self.owner, door.me, CoverKind.SPOOL, {**args}, body)
        return wire.answer(door, "spool", data)

    def at_once(self, *jobs: Job) -> list[list[int]]:
        """Let each door do one job, all at the same time; return the numbers that each gave."""

        def work(door: Node, job: Job) -> list[int]:
            try:
                return job(door)
            finally:
                for node in (door, self.owner):
                    close_connection(node.db)

        with ThreadPoolExecutor(len(jobs)) as pool:
            return list(pool.map(work, self.doors, jobs))


@pytest.fixture
def house(nodes: Nodes) -> House:
    return House(nodes)


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody writes before all have passed what is asked before any cryptography."""
    met, verify = threading.Barrier(PROCESSES, timeout=60), envelope.require_sender

    def wait(node: Node, signed: SignedCover) -> None:
        verify(node, signed)
        if signed.cover.kind is CoverKind.SPOOL and signed.cover.args.get("to"):
            met.wait()

    monkeypatch.setattr(envelope, "require_sender", wait)


@pytest.mark.usefixtures("together")
def test_processes_share_out_one_share_of_the_disk(house: House) -> None:
    for door in house.doors:
        door.settings = replace(door.settings, disk=2 * MOST_SIZE + 64 * 1024)

    def announce(door: Node, *, blob: str) -> list[int]:
        return [house.ask(door, blob=blob, size=MOST_SIZE, to=[READER]).status]

    found = house.at_once(*(partial(announce, blob=f"{n:064x}") for n in range(PROCESSES)))
    assert sorted(found) == [[200]] * 2 + [[429]] * (PROCESSES - 2)
    assert len(blobs.all_kept(house.host.db)) == 2


@pytest.mark.usefixtures("together")
def test_processes_share_out_the_readers_of_a_blob(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_READERS", 2)

    def announce(door: Node, *, reader: str) -> list[int]:
        return [house.ask(door, to=[reader]).status]

    found = house.at_once(*(partial(announce, reader=f"{n:064x}") for n in range(PROCESSES)))
    assert found.count([200]) == 2
    assert len(blobs.readers(house.host.db, house.owner.me, HASH)) == 2


@pytest.mark.usefixtures("together")
def test_of_two_sizes_of_a_blob_one_is_taken(house: House) -> None:
    def announce(door: Node, *, size: int) -> list[int]:
        return [house.ask(door, size=size, to=[READER]).status]

    found = house.at_once(*(partial(announce, size=1000 + n) for n in range(PROCESSES)))
    assert sorted(found) == [[200]] + [[413]] * (PROCESSES - 1)


def test_pieces_that_processes_take_at_once_are_written_once(house: House) -> None:
    assert house.ask(house.host, to=[READER]).status == 200

    def bring(door: Node) -> list[int]:
        have = []
        for offset in range(0, len(DATA), 1000):
            reply = house.ask(door, DATA[offset : offset + 1000], offset=offset)
            have.append(orjson.loads(reply.body)["have"])
        return have

    found = house.at_once(*[bring] * PROCESSES)
    assert all(have == sorted(have) for have in found)
    path = kept.path_of(house.host, house.owner.me, HASH)
    assert path.read_bytes() == DATA
    row = blobs.kept_blob(house.host.db, house.owner.me, HASH)
    assert row is not None
    assert row.whole


def test_another_process_waits_for_the_files(house: House) -> None:
    ask = "import fcntl, sys; fcntl.flock(open(sys.argv[1], 'ab'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    words = [sys.executable, "-c", ask, str(house.host.folder / kept.LOCK)]
    with kept.alone(house.host):
        refused = subprocess.run(words, capture_output=True, text=True, check=False)
    assert "BlockingIOError" in refused.stderr
    assert subprocess.run(words, check=False).returncode == 0


def test_what_was_dropped_meanwhile_is_not_written(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce = kept._announce

    def then_dropped(node: Node, owner: PartyId, asked: kept.Brought) -> None:
        announce(node, owner, asked)
        kept.drop(house.doors[0], owner, asked.blob)

    monkeypatch.setattr(kept, "_announce", then_dropped)
    assert house.ask(house.host, DATA, to=[READER]).status == 404
    assert list(house.host.spool.iterdir()) == []


def test_what_is_announced_anew_while_it_is_dropped_stays(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert house.ask(house.host, DATA, to=[READER]).status == 200
    taken = append.note_taken

    def then_announced(db: str, recipient: PartyId, hash_: Id) -> None:
        taken(db, recipient, hash_)
        append.let_fetch(db, house.owner.me, [hash_], ["d" * 64])

    monkeypatch.setattr(append, "note_taken", then_announced)
    kept.take_receipt(house.host, PartyId(READER), HASH)
    # And what was too old a moment ago, and was announced since.
    before = blobs.kept_before
    monkeypatch.setattr(blobs, "kept_before", lambda db, _: before(db, house.host.now() + 1))
    kept.expire(house.host)
    assert kept.path_of(house.host, house.owner.me, HASH).read_bytes() == DATA
