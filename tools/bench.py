"""Measure the rates the design names, each against a floor measured in the same run.

    make bench                       a table, and bench/results.json
    make bench ARGS="fold_10k seal"  only those

A figure is the best of several repetitions in processor time, unless its unit says wall: this
keeps other load on the machine out of it, and out of the floor alike. A ratio is floor time over
own time, so 1.0 means nothing was added to what the primitives cost.

What is sent lies in a temporary folder, in TMPDIR: for blob_1gib up to 5 GiB, and for two minutes.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import orjson
from nacl import bindings
from rich.console import Console
from rich.table import Table

from comity.kernel import act as acts
from comity.kernel import merkle, seal
from comity.kernel.act import Act
from comity.kernel.admission import Admission
from comity.kernel.documents import View
from comity.kernel.dossier import Dossier
from comity.kernel.keys import raw_key
from comity.protocols.response.incident import PROTOCOL
from comity.services.delivery.verifying import verify_all
from comity.services.process import tune_collector
from comity.store.append.acts import NewAct, insert_acts
from comity.store.sql import writing
from tests.kernel.world import Party, charter, documents_of
from tests.nodes import Nodes, open_tally, say
from tests.running import Town, acquaint, is_whole, open_incident, tell, until
from tools import bench_blobs, bench_call, bench_case, bench_live, bench_pages, bench_taxii
from tools.figure import Figure

ORVANDA, TOLMERE = Party("orvanda"), Party("tolmere")
DOCS = documents_of(ORVANDA, TOLMERE)

BATCH = 256
REPEAT = 5
TURNS = 20
RECEIPTS = 101


def best(
    work: Callable[[], object],
    times: int = REPEAT,
    *,
    wall: bool = False,
    before: Callable[[], object] | None = None,
) -> float:
    """Return the shortest time ``work`` took, in seconds; ``before`` it, the scene is set anew."""
    clock = time.perf_counter if wall else time.process_time
    taken = []
    for _ in range(times):
        if before is not None:
            before()
        start = clock()
        work()
        taken.append(clock() - start)
    return min(taken)


def rate(count: int, own: float, floor: float) -> Figure:
    """Return a rate per second with its floor."""
    return Figure(count / own, "/s", count / floor, floor / own)


class Sample:
    """A dossier of two parties and ``count`` acts of about 1 KiB, as envelopes and read."""

    def __init__(self, count: int) -> None:
        self.charter = charter(ORVANDA, [TOLMERE], protocol=PROTOCOL.name, version=PROTOCOL.version)
        dossier = Dossier(self.charter, DOCS, PROTOCOL)
        self.acts: list[Act] = []
        for i in range(count):
            act = _spoken(dossier, i)
            dossier.admit(act, DOCS)
            self.acts.append(act)
        self.raw = [act.envelope.to_bytes() for act in self.acts]


def _spoken(dossier: Dossier, i: int) -> Act:
    """Return the next act of an incident: word and acknowledgement, request and answer."""
    last = dossier.graph.order[-1].id
    match i % 4:
        case 0:
            return ORVANDA.say(dossier, "inform", {"ack_wanted": True})
        case 1:
            return TOLMERE.say(dossier, "acknowledge", {"as": "read"}, refs=(last,))
        case 2:
            return ORVANDA.say(dossier, "ask", {"to": [TOLMERE.id], "verb": "investigate"})
        case _:
            return TOLMERE.say(dossier, "answer", {"result": "done"}, refs=(last,))


def act_pipeline(folder: Path) -> Figure:
    """Verify, admit, Merkle and insert acts in batches of 256; fold and outbox are apart.

    Wall time: a node verifies on all its cores, and the floor on one, as it is defined.
    """
    return _pipeline_rate(folder / "wall", wall=True)


def act_pipeline_cpu(folder: Path) -> Figure:
    """As ``act_pipeline``, in processor time over all cores."""
    return _pipeline_rate(folder / "cpu", wall=False)


def _pipeline_rate(folder: Path, *, wall: bool) -> Figure:
    sample = Sample(8 * BATCH)
    db = Nodes(folder).make("orvanda").db
    own, floor = [], []
    # By turns, so that what else the machine does meets both alike.
    for _ in range(TURNS):
        own.append(best(lambda: _pipeline(sample, db), 1, wall=wall, before=lambda: _clear(db)))
        floor.append(best(lambda: _pipeline_floor(sample, folder), 1, wall=wall))
    return rate(len(sample.raw), min(own), min(floor))


def _pipeline(sample: Sample, db: str) -> None:
    admission = Admission(sample.charter, DOCS)
    frontier = merkle.Frontier()
    for start in range(0, len(sample.raw), BATCH):
        batch = [acts.parse(data) for data in sample.raw[start : start + BATCH]]
        fresh: list[NewAct] = []
        for act, view in zip(batch, verify_all(batch, DOCS), strict=True):
            if not isinstance(view, View):
                raise view
            fresh.append(NewAct(act, admission.place(act, view, DOCS), ""))
        frontier, _ = frontier.extend(
            [merkle.leaf_hash(bytes.fromhex(new.act.id)) for new in fresh]
        )
        with writing(db):
            insert_acts(db, admission.id, fresh, 0)


def _clear(db: str) -> None:
    from django.db import connections  # noqa: PLC0415

    with connections[db].cursor() as cursor:
        cursor.execute("DELETE FROM store_act")


def _pipeline_floor(sample: Sample, folder: Path) -> None:
    path = folder / f"floor-{os.getpid()}-{time.monotonic_ns()}.sqlite3"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE act (id BLOB PRIMARY KEY, data BLOB)")
    keys = {party.id: raw_key(party.view.logs[1].keys.act) for party in (ORVANDA, TOLMERE)}
    for start in range(0, len(sample.raw), BATCH):
        rows = []
        for act, data in zip(
            sample.acts[start : start + BATCH], sample.raw[start : start + BATCH], strict=True
        ):
            message = act.envelope.pae
            bindings.crypto_sign_open(
                act.envelope.signatures[0].sig + message, keys[act.header.party]
            )
            rows.append((hashlib.sha256(message).digest(), data))
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO act VALUES (?, ?)", rows)
        db.execute("COMMIT")
    db.close()


def merkle_append(_folder: Path) -> Figure:
    """Append leaves to a log in batches of 256; the floor is two hashes a leaf."""
    leaves = [hashlib.sha256(i.to_bytes(4, "big")).digest() for i in range(100 * BATCH)]

    def own() -> None:
        frontier = merkle.Frontier()
        for start in range(0, len(leaves), BATCH):
            batch = leaves[start : start + BATCH]
            frontier, _ = frontier.extend([merkle.leaf_hash(leaf) for leaf in batch])

    def floor() -> None:
        for leaf in leaves:
            hashlib.sha256(b"\x00" + leaf).digest()
            hashlib.sha256(b"\x01" + leaf + leaf).digest()

    return rate(len(leaves), best(own), best(floor))


def _sealing() -> tuple[seal.SecretOpener, bytes]:
    return seal.SecretOpener(b"\x07" * 32), os.urandom(16_000)


def sealing(_folder: Path) -> Figure:
    """Seal messages of 16 KB; the floor is the library's own encryption of as many bytes."""
    opener, message = _sealing()
    count = 200
    scheme = seal._scheme(opener.key)  # noqa: SLF001  the floor is what lies under it
    public = scheme.load(bytes.fromhex(opener.key.removeprefix(scheme.prefix)))
    padded = seal._pad(message)  # noqa: SLF001

    def own() -> None:
        for _ in range(count):
            seal.seal(message, opener.key, ORVANDA.id, TOLMERE.id)

    def floor() -> None:
        for _ in range(count):
            scheme.suite.encrypt(padded, public, b"info")

    return rate(count, best(own), best(floor))


def opening(_folder: Path) -> Figure:
    """Open what ``seal`` sealed; the floor is the library's own decryption of it."""
    opener, message = _sealing()
    count = 200
    info = seal._info(ORVANDA.id, TOLMERE.id)  # noqa: SLF001  the floor is what lies under it
    sealed = seal.seal(message, opener.key, ORVANDA.id, TOLMERE.id)
    key = seal.hpke_key_id(opener.key)

    def own() -> None:
        for _ in range(count):
            seal.open_sealed(sealed, key, {key: opener}, sender=ORVANDA.id, recipient=TOLMERE.id)

    def floor() -> None:
        for _ in range(count):
            opener.open(sealed, info)

    return rate(count, best(own), best(floor))


def _placed(sample: Sample) -> Dossier:
    dossier = Dossier(sample.charter, DOCS, PROTOCOL)
    for act in sample.acts:
        dossier.place(act, DOCS[act.header.doc], DOCS)
    return dossier


def fold_10k(_folder: Path) -> Figure:
    """Admit and fold a dossier of 10,000 acts, read and verified before; the floor is its graph."""
    sample = Sample(10_000)

    def graph() -> None:
        admission = Admission(sample.charter, DOCS)
        for act in sample.acts:
            admission.place(act, DOCS[act.header.doc], DOCS)

    own, floor = best(lambda: _placed(sample)), best(graph)
    return Figure(own, "s", floor, floor / own)


def fold_one_more(_folder: Path) -> Figure:
    """Add one more act to a dossier of 10,000: place it, fold it, and its state's digest."""
    sample = Sample(10_000)
    dossier = _placed(sample)
    times = []
    for i in range(50):
        act = _spoken(dossier, i)
        start = time.process_time()
        dossier.place(act, DOCS[act.header.doc], DOCS)
        dossier.digest()
        times.append(time.process_time() - start)
    return Figure(sorted(times)[len(times) // 2] * 1000, "ms")


def summary_10k(_folder: Path) -> Figure:
    """Summarise a dossier of 10,000 acts anew, as every append does: status, duties, caption."""
    dossier = _placed(Sample(10_000))
    return Figure(best(dossier.summary) * 1000, "ms")


def issue_durable(folder: Path) -> Figure:
    """Sign acts one by one, each durable before the next; the floor is two synced writes."""
    nodes = Nodes(folder / "durable")
    orvanda = nodes.make("orvanda")
    dossier = open_tally(orvanda)
    count = 50

    def own() -> None:
        for _ in range(count):
            say(orvanda, dossier, "claim", {"status": "held"})

    path = folder / "durable.sqlite3"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE IF NOT EXISTS act (data BLOB)")

    def floor() -> None:
        for _ in range(count):
            db.execute("INSERT INTO act VALUES (?)", (b"x" * 1024,))
            with (folder / "anchor").open("wb") as file:
                file.write(b"x" * 100)
                file.flush()
                os.fsync(file.fileno())

    return rate(count, best(own, wall=True), best(floor, wall=True))


def _receipts(folder: Path) -> list[float]:
    """Send acts between two nodes, each a process of its own; return the seconds to each receipt.

    From the call that signs, in a third process as the command line is, to the receipt stored.
    """
    times: list[float] = []
    with Town(folder) as town:
        orvanda, tolmere = town.make("Orvanda"), town.make("Tolmere")
        acquaint(orvanda, tolmere)
        dossier = open_incident(orvanda, tolmere)
        for _ in range(RECEIPTS):
            start = time.perf_counter()
            act = tell(orvanda, dossier)
            until(lambda act=act: is_whole(orvanda, act), "a receipt")  # type: ignore[misc]
            times.append(time.perf_counter() - start)
    return sorted(times[1:])


def receipt_p50(folder: Path) -> Figure:
    """The median time from signing to the signed receipt, two nodes on one machine; wall."""
    times = _receipts(folder / "p50")
    return Figure(times[len(times) // 2], "s wall")


def receipt_p95(folder: Path) -> Figure:
    """The time that 95 of 100 receipts stay below; wall."""
    times = _receipts(folder / "p95")
    return Figure(times[int(len(times) * 0.95)], "s wall")


def memory(measured: Callable[[Path], float]) -> Callable[[Path], Figure]:
    """Return the measuring of what a large file takes."""
    return lambda folder: Figure(measured(folder), "MiB resident, most")


def blob_1gib(folder: Path) -> Figure:
    """The memory that 1 GiB takes by way of a host, over a line that is cut three times; the floor
    is what 64 MiB take there, so that a ratio near 1 says that memory is flat.
    """
    (folder / "small").mkdir()
    own, floor = bench_blobs.cut(folder), bench_blobs.cut(folder / "small", 64)
    return Figure(own, "MiB resident, most", floor, floor / own)


def page(name: str) -> Callable[[Path], Figure]:
    """Return the measuring of one page; the floor is a page with nothing in it."""

    def one(folder: Path) -> Figure:
        found = bench_pages.measured(folder / "pages")
        own, plain = found[name], found["plain"]
        return Figure(own, "ms wall, p95", plain, plain / own)

    return one


def case_page_121(folder: Path) -> Figure:
    """The slowest of the pages of a disclosure and of an incident of 121 parties and 3,000 acts;
    the floor is a page with nothing in it. The note has each, and its processor time.
    """
    found = bench_case.measured(folder / "case")
    plain = found["plain"].p95
    own = max(each.p95 for each in found.values())
    told = (f"{name} {each.p95:.0f} (CPU {each.cpu:.0f})" for name, each in found.items())
    return Figure(own, "ms wall, p95", plain, plain / own, note="; ".join(told))


def open_page(folder: Path) -> Figure:
    """How soon an open dossier shows what another party says, at most; the floor is what it may
    take at most. The note has the median.
    """
    times = bench_live.measured(folder / "live")
    own, floor = times[-1], 2.0
    return Figure(
        own, "s wall, most", floor, floor / own, note=f"median {times[len(times) // 2]:.2f}"
    )


def call_5000(folder: Path) -> Figure:
    """How long the command takes that says whom to call now; the floor is its start-up."""
    own, floor = bench_call.measured(folder / "call")
    return Figure(own, "ms wall", floor, floor / own)


BENCHES: dict[str, Callable[[Path], Figure]] = {
    "act_pipeline": act_pipeline,
    "act_pipeline_cpu": act_pipeline_cpu,
    "merkle_append": merkle_append,
    "seal": sealing,
    "open": opening,
    "fold_10k": fold_10k,
    "fold_one_more": fold_one_more,
    "summary_10k": summary_10k,
    "receipt_p50": receipt_p50,
    "receipt_p95": receipt_p95,
    "issue_durable": issue_durable,
    "blob_200mib": memory(bench_blobs.straight),
    "blob_200mib_hosted": memory(bench_blobs.hosted),
    "blob_1gib": blob_1gib,
    "call_5000": call_5000,
    "page_work": page("work"),
    "page_dossiers": page("dossiers"),
    "page_dossier": page("dossier"),
    "case_page_121": case_page_121,
    "open_page": open_page,
    **bench_taxii.BENCHES,
}


def write(figures: dict[str, Figure]) -> None:
    """Print the table and write bench/results.json."""
    table = Table("name", "value", "unit", "floor", "ratio")
    for name, figure in figures.items():
        cells = (figure.value, figure.unit, figure.floor, figure.ratio)
        table.add_row(
            name, *("" if c is None else c if isinstance(c, str) else f"{c:,.4g}" for c in cells)
        )
    console = Console()
    console.print(table)
    for name, figure in figures.items():
        if figure.note:
            console.print(f"{name}: {figure.note}")
    target = Path("bench/results.json")
    target.parent.mkdir(exist_ok=True)
    rows = {
        name: {"value": f.value, "unit": f.unit, "floor": f.floor, "ratio": f.ratio, "note": f.note}
        for name, f in figures.items()
    }
    target.write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2) + b"\n")


def main() -> None:
    """Run the benches named on the command line, or all."""
    tune_collector()
    names = sys.argv[1:] or list(BENCHES)
    figures: dict[str, Figure] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            figures[name] = BENCHES[name](Path(folder))
    write(figures)


if __name__ == "__main__":
    main()
