"""The figures of sharing by TAXII; ``bench_sharing`` and ``bench_store`` measure them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median

from tools import bench_sharing, bench_store
from tools.figure import Figure


def taxii_post(folder: Path) -> Figure:
    """Objects posted in batches of 100 by TAXII, validated, signed and durable; wall."""
    own, floor = bench_sharing.posted(folder, 100)
    return Figure(own, "/s wall", floor, own / floor, bench_sharing.told(folder, "post"))


def taxii_post_1000(folder: Path) -> Figure:
    """As ``taxii_post``, in batches of 1,000."""
    own, floor = bench_sharing.posted(folder, 1000)
    return Figure(own, "/s wall", floor, own / floor)


def taxii_get(folder: Path) -> Figure:
    """Objects read by TAXII in pages of 100, to the end; wall."""
    own, floor = bench_sharing.read(folder, 100)
    return Figure(own, "/s wall", floor, own / floor, bench_sharing.told(folder, "get"))


def taxii_get_1000(folder: Path) -> Figure:
    """As ``taxii_get``, in pages of 1,000."""
    own, floor = bench_sharing.read(folder, 1000)
    return Figure(own, "/s wall", floor, own / floor)


def taxii_first_page_25k(folder: Path) -> Figure:
    """The first page of the whole sample; wall, the best of many."""
    own, floor = bench_sharing.first_page(folder)
    return Figure(own, "ms wall", floor, floor / own)


def taxii_first_page_1m(folder: Path) -> Figure:
    """The first page of 1,000,000 objects; the floor is the node's own first page of the sample, so
    that a ratio near 1 says that it is flat.
    """
    own, floor = bench_store.large(folder)[0], bench_sharing.first_page(folder)[0]
    return Figure(own, "ms wall", floor, floor / own)


def correlate_1m(folder: Path) -> Figure:
    """What is about one address, among 1,000,000 observables; wall, the median."""
    return Figure(median(bench_store.large(folder)[1]), "ms wall")


def store_overhead(folder: Path) -> Figure:
    """Bytes in the database for each byte posted, with full text and all indexes."""
    own, floor = bench_store.overhead(folder)
    return Figure(own, "bytes a byte", floor, floor / own)


BENCHES: dict[str, Callable[[Path], Figure]] = {
    "taxii_post": taxii_post,
    "taxii_post_1000": taxii_post_1000,
    "taxii_get": taxii_get,
    "taxii_get_1000": taxii_get_1000,
    "taxii_first_page_25k": taxii_first_page_25k,
    "taxii_first_page_1m": taxii_first_page_1m,
    "correlate_1m": correlate_1m,
    "store_overhead": store_overhead,
}
