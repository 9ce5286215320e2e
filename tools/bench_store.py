"""Large collections: the first page and what is about an address, among 1,000,000; and the space.

``COMITY_BENCH_OBJECTS`` says how many objects are many. They take about 1.5 GiB while measured.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from functools import cache
from ipaddress import IPv4Address
from pathlib import Path

import orjson

from comity.bridges.stix.markings import UNMARKED
from comity.bridges.stix.record import Observable, StixObject
from comity.bridges.stix.times import micros
from comity.edge.taxii.routes import ROOT
from comity.kernel.label import TLP
from comity.services.node import Node, database_of
from comity.services.sharing import applying, circles, searching, shelving
from comity.services.sharing.shelving import Item
from comity.store.fulltext import is_postgres
from comity.store.sql import query
from tools import bench_floor
from tools.bench_sharing import batches, floor, node, sample

MANY = int(os.environ.get("COMITY_BENCH_OBJECTS", "1000000"))
FILL = 10_000
MADE_AT = "2026-01-12T09:30:00.000Z"


def overhead(folder: Path) -> tuple[float, float]:
    """Return the bytes that the node's database takes for each byte posted, full text and all, and
    the same of the floor, which keeps each object and one index.
    """
    raws = sample()
    with node(folder / "space") as (running, own):
        before = _space(running.node)
        for batch in batches(raws, 1000):
            own.post(batch)
        while applying.is_due(running.node):
            applying.work(running.node)
        taken = _space(running.node) - before
    with floor(folder / "space-floor") as bare:
        for batch in batches(raws, 1000):
            bare.post(batch)
    size = sum(map(len, raws))
    least = _file_size(folder / "space-floor" / bench_floor.DATABASE)
    return taken / size, least / size


def _space(node_: Node) -> int:
    """Return the bytes that a node's database takes."""
    if is_postgres(node_.db):
        return int(query(node_.db, "SELECT pg_database_size(current_database())")[0][0])
    query(node_.db, "PRAGMA wal_checkpoint(TRUNCATE)")
    return _file_size(Path(database_of(node_.folder, node_.settings)))


def _file_size(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


@cache
def large(folder: Path) -> tuple[float, list[float]]:
    """Fill a collection with ``MANY`` indicators, each of an address of its own; return the time
    of a first page of 100 over HTTP, and those of finding what is about one address, in ms.

    Put on the shelf of an intake from parsed objects, since posting them would take an hour.
    """
    with node(folder / "large") as (running, own):
        shelf = circles.open_intake(running.node, name="readings", title="Readings")
        for first in range(0, MANY, FILL):
            items = [_item(number) for number in range(first, min(first + FILL, MANY))]
            shelving.put_now(running.node, shelf, items)
        own.url = f"{running.url}{ROOT}collections/{shelf.id}/objects/"
        own.first(5)
        return own.first(), [_correlated(running.node, MANY * i // 50) for i in range(50)]


def _item(number: int) -> Item:
    """Return an indicator as reading gives it."""
    address = str(IPv4Address(0x0A000000 + number))
    id_ = f"indicator--{number:08x}-0000-4000-8000-000000000000"
    value = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": id_,
        "created": MADE_AT,
        "modified": MADE_AT,
        "valid_from": MADE_AT,
        "pattern_type": "stix",
        "pattern": f"[ipv4-addr:value = '{address}']",
    }
    seen, made = (Observable("ip", f"{address}/32"),), micros(MADE_AT)
    raw = orjson.dumps(value)
    one = StixObject(id_, "indicator", made, made, raw, UNMARKED, seen, False, value)
    return Item(number % FILL, one, TLP.AMBER)


def _correlated(node_: Node, number: int) -> float:
    """Return the time of finding what is about the address of one indicator, in ms."""
    value = f"{IPv4Address(0x0A000000 + number)}/32"
    start = time.perf_counter()
    found = searching.correlated(node_, searching.at_the_machine(node_), "ip", value)
    taken = (time.perf_counter() - start) * 1000
    if len(found) != 1:
        raise RuntimeError(f"{len(found)} objects are about {value}")
    return taken
