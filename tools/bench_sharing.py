"""TAXII over loopback HTTP: a running node, a bare server, and other servers, on the same data.

All are posted the same batches in turn, so that what else the machine does meets all alike, and
then read page by page to the end. The node's collection is a circle's: what is posted is signed.
Its worker does not run meanwhile; words for full text, its work, come later and are told apart.

The data are ATT&CK Enterprise where ``COMITY_SHARED_DATA`` or ``shared/data`` has it, shuffled by
a fixed seed, and otherwise made objects of its shape. ``COMITY_BENCH_SAMPLE`` takes fewer of them.
"""

from __future__ import annotations

import gzip
import os
import random
import re
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

import orjson
import urllib3

from comity.bridges.stix import reading
from comity.edge.taxii.routes import ROOT
from comity.services.people import tokens
from comity.services.people.tokens import READ, WRITE, Wish
from comity.services.sharing import circles
from tests.nodes import introduce
from tests.running import PATIENCE, Running, Town, answers, free_port, until
from tests.shared import SHARED
from tests.sharing import open_circle, uuid_of
from tools import bench_peers
from tools.bench_peers import Peer

ATTACK = SHARED / "stix/attack-enterprise.stix21.json.gz"
MADE = 20_000
FEW = 2_000
"""Objects that peers are given: those whose time grows with the square of them would not end."""
TAXII = "application/taxii+json;version=2.1"
_NEXT = re.compile(rb'"next":\s*"([^"]+)"')


class Rates(NamedTuple):
    """Objects per second of one server; ``first`` is a first page of 100, in ms."""

    post: float
    get: float
    first: float


@cache
def sample() -> tuple[bytes, ...]:
    """Return objects to post, in no order."""
    if ATTACK.exists():
        raws = reading.split(gzip.decompress(ATTACK.read_bytes()))
    else:
        raws = [_made(number) for number in range(MADE)]
    random.Random(1).shuffle(raws)  # noqa: S311  the same order in every run
    return tuple(raws[: int(os.environ.get("COMITY_BENCH_SAMPLE", "0")) or None])


def _made(number: int) -> bytes:
    """Return an object like those of ATT&CK, nine of ten of which are relationships."""
    kind = "relationship" if number % 10 else "attack-pattern"
    value = {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--{uuid_of(f'made {number}')}",
        "created": "2025-03-01T08:00:00.000Z",
        "modified": "2026-01-12T09:30:00.000Z",
        "created_by_ref": f"identity--{uuid_of('maker')}",
        "object_marking_refs": [f"marking-definition--{uuid_of('terms')}"],
        "description": "The tool reads what is typed and keeps it in a file. " * 12,
        "x_mitre_version": "1.0",
    }
    ends = ("source_ref", "target_ref")
    if kind == "relationship":
        place = number - number % 10
        leads = {end: f"attack-pattern--{uuid_of(f'made {place}')}" for end in ends}
        return orjson.dumps(value | leads | {"relationship_type": "uses"})
    return orjson.dumps(value | {"name": f"Reading {number}"})


class Client:
    """A program that posts objects and reads them page by page, over one connection."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url
        login = b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {login}", "Accept": TAXII, "Content-Type": TAXII}
        self._pool = urllib3.PoolManager(maxsize=1, timeout=PATIENCE, retries=False)
        self.posted = 0.0

    def post(self, raws: Sequence[bytes], *, also: int = 202) -> None:
        """Post a batch; ``also`` is another answer that counts as success."""
        body = b'{"objects":[' + b",".join(raws) + b"]}"
        start = time.perf_counter()
        answer = self._pool.request("POST", self.url, body=body, headers=self._headers)
        self.posted += time.perf_counter() - start
        if answer.status not in {202, also} or b'"failures":[{' in answer.data:
            raise RuntimeError(f"{answer.status} {answer.data[:500]!r}")

    def page(self, limit: int, after: str = "") -> bytes:
        """Return one page as it came."""
        url = f"{self.url}?limit={limit}" + (after and f"&next={after}")
        answer = self._pool.request("GET", url, headers=self._headers)
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {answer.data[:500]!r}")
        return answer.data

    def first(self, times: int = 30) -> float:
        """Return the shortest time of a first page of 100, in ms."""
        taken = []
        for _ in range(times):
            start = time.perf_counter()
            self.page(100)
            taken.append(time.perf_counter() - start)
        return min(taken) * 1000

    def walk(self, limit: int) -> Iterator[float]:
        """Read to the end, and yield what each page took."""
        after = ""
        while True:
            start = time.perf_counter()
            data = self.page(limit, after)
            yield time.perf_counter() - start
            found = _NEXT.search(data[:300]) or _NEXT.search(data[-300:])
            if found is None:
                return
            after = found[1].decode()


@contextmanager
def floor(folder: Path) -> Iterator[Client]:
    """Serve the bare server, and give a client of it."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tools.bench_floor", str(folder), str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: answers(port), "the bare server")
        yield Client(f"http://127.0.0.1:{port}/", "", "")
    finally:
        process.terminate()
        process.wait(PATIENCE)


@contextmanager
def node(folder: Path) -> Iterator[tuple[Running, Client]]:
    """Serve a node with a circle, without a worker, and give it and a client of its collection."""
    with Town(folder) as town:
        running = town.make("Orvanda", start=False, disk=2**40)
        other = town.make("Tolmere", start=False)
        introduce(running.node, other.node)
        shelf = circles.shelf_of(running.node, open_circle(running.node, other.node))
        secret, _ = tokens.make_for_program(running.node, Wish("bench", scopes=(READ, WRITE)))
        running.command = "serve"
        running.start()
        url = f"{running.url}{ROOT}collections/{shelf.id}/objects/"
        yield running, Client(url, "bench", secret)


def batches(raws: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    """Yield objects in batches."""
    for first in range(0, len(raws), size):
        yield raws[first : first + size]


@cache
def posted(folder: Path, size: int) -> tuple[float, float]:
    """Return objects per second posted in batches of ``size``: to the node, and to the floor."""
    raws = sample()
    with node(folder / f"node{size}") as (_, own), floor(folder / f"floor{size}") as bare:
        for batch in batches(raws, size):
            own.post(batch)
            bare.post(batch)
        _READ[folder, size] = {limit: _walked(own, bare, limit) for limit in (100, 1000)}
        _FIRST[folder, size] = own.first(), bare.first()
        return len(raws) / own.posted, len(raws) / bare.posted


_READ: dict[tuple[Path, int], dict[int, tuple[float, float]]] = {}
_FIRST: dict[tuple[Path, int], tuple[float, float]] = {}


def _walked(own: Client, bare: Client, limit: int) -> tuple[float, float]:
    """Return objects per second read by pages of ``limit``, by turns."""
    both = [*zip(own.walk(limit), bare.walk(limit), strict=True)]
    count = len(sample())
    return count / sum(pair[0] for pair in both), count / sum(pair[1] for pair in both)


def read(folder: Path, limit: int) -> tuple[float, float]:
    """Return objects per second read from the node and from the floor, in pages of ``limit``."""
    posted(folder, 100)
    return _READ[folder, 100][limit]


def first_page(folder: Path) -> tuple[float, float]:
    """Return the time of a first page of 100, in ms, from the node and from the floor."""
    posted(folder, 100)
    return _FIRST[folder, 100]


@cache
def peers(folder: Path) -> dict[str, Rates | None]:
    """Return what peers do with the first objects, None for one that is not to be had; and what
    the node does with the same, under its own name.
    """
    found: dict[str, Rates | None] = {}
    raws = sample()[:FEW]
    with node(folder / "peers-node") as (_, own):
        found["node"] = _measured(own, raws)
    for peer in (bench_peers.OPENTAXII, bench_peers.MEDALLION):
        found[peer.name] = _of_peer(peer, folder, raws)
    return found


def _of_peer(peer: Peer, folder: Path, raws: Sequence[bytes]) -> Rates | None:
    python = bench_peers.install(peer, folder)
    if python is None:
        return None
    with bench_peers.serving(python, peer, folder / f"{python.parts[-3]}-data") as url:
        client = Client(url, bench_peers.USER, bench_peers.PASSWORD)
        return _measured(client, raws)


def _measured(client: Client, raws: Sequence[bytes]) -> Rates:
    for batch in batches(raws, 100):
        client.post(batch, also=500)
    start = time.perf_counter()
    taken = [*client.walk(100)]
    return Rates(
        len(raws) / client.posted, len(raws) / (time.perf_counter() - start), taken[0] * 1000
    )


def told(folder: Path, what: str) -> str:
    """Return what is said of peers beside a figure: how many times as fast the node is."""
    (_, own), *others = peers(folder).items()
    told_ = [
        _beside(name, getattr(rates, what, None), getattr(own, what)) for name, rates in others
    ]
    return "; ".join(told_)


def _beside(name: str, rate: float | None, own: float) -> str:
    if rate is None:
        return f"{name}: peer not installed"
    return f"{name}: {rate:,.0f}/s where the node does {own:,.0f}, {own / rate:,.1f} times as fast"
