"""The memory that large files take: sent straight, by way of a host, and over a line that is cut.

Every node is a process of its own. What is measured is the most that any process of any node took,
in MiB, as the kernel counts it; that a file arrives whole is demanded of each.
"""

from __future__ import annotations

import os
from pathlib import Path

from comity.kernel.ids import Id
from comity.services.casework import content
from comity.services.delivery.blobs import PIECE
from comity.services.identity.parties import host
from tests.line import Line
from tests.nodes import introduce
from tests.running import Running, Town, acquaint, is_whole, open_incident, tell, until

MIB = 1024**2
CUTS = 3
SLACK = 1.02
"""What everything else on the line, as mail and the heads of requests, may add to the file."""


def straight(folder: Path, size: int = 200) -> float:
    """Send a file of ``size`` MiB, killing the receiver once."""
    with Town(folder / "blob") as town:
        orvanda, tolmere = town.make("Orvanda"), town.make("Tolmere")
        acquaint(orvanda, tolmere)
        act = _send(orvanda, tolmere, _file(folder, size))
        until(lambda: _fetched(tolmere) > size * MIB // 5, "the first fifth of the file", 300)
        tolmere.kill()
        tolmere.start()
        until(lambda: is_whole(orvanda, act), "the whole file", 600)
        return _most(orvanda, tolmere)


def hosted(folder: Path, size: int = 200) -> float:
    """As before, between two nodes that accept no connections: sender, host and receiver are each
    killed once on the way.
    """
    with Town(folder / "hosted") as town:
        council = town.make("Council")
        sarivane, tolmere = _behind(town, council)
        act = _send(sarivane, tolmere, _file(folder, size))
        for fifth, running in enumerate((sarivane, council, tolmere), 1):
            # What the receiver has was brought to the host before.
            until(lambda n=fifth: _fetched(tolmere) > size * MIB * n // 5, "its share", 300)  # type: ignore[misc]
            running.kill()
            running.start()
        until(lambda: is_whole(sarivane, act), "the whole file", 600)
        return _most(council, sarivane, tolmere)


def cut(folder: Path, size: int = 1024) -> float:
    """As before, and nobody is killed: the line to the host, up and down, is cut three times.

    Demands that no more was carried twice than the ranges that were under way at each cut.
    """
    with Town(folder / "cut") as town, Line() as line:
        council = town.make("Council", start=False, endpoints=(line.url,))
        line.lead(council.port)
        council.start()
        sarivane, tolmere = _behind(town, council)
        line.cut_after(*[size * MIB // 2] * CUTS)
        act = _send(sarivane, tolmere, _file(folder, size))
        until(lambda: is_whole(sarivane, act), "the whole file", 1800)
        _require_once(line, size)
        return _most(council, sarivane, tolmere)


def _require_once(line: Line, size: int) -> None:
    if line.cut != CUTS:
        raise AssertionError(f"the line was cut {line.cut} times")
    most = size * MIB * SLACK + CUTS * PIECE
    if max(line.up, line.down) > most:
        raise AssertionError(f"{line.up} bytes went up and {line.down} down; at most {most:.0f} do")


def _behind(town: Town, council: Running) -> tuple[Running, Running]:
    """Return two nodes that accept no connections, started, and hosted by one that does."""
    sarivane, tolmere = (
        town.make(name, start=False, reachable=False, mailbox=council.node.me)
        for name in ("Sarivane", "Tolmere")
    )
    introduce(council.node, sarivane.node, tolmere.node)
    for running in (sarivane, tolmere):
        host(council.node, running.node.me, agreed=True)
        running.start()
    return sarivane, tolmere


def _file(folder: Path, size: int) -> Path:
    """Return a file of ``size`` MiB that nothing compresses."""
    large = folder / "large.bin"
    with large.open("wb") as file:
        for _ in range(size):
            file.write(os.urandom(MIB))
    return large


def _send(author: Running, other: Running, large: Path) -> Id:
    dossier = open_incident(author, other)
    named = [(large.name, "application/octet-stream", large)]
    act = tell(author, dossier, content.prepare_fields(author.node, {}, named))
    large.unlink()
    return act


def _fetched(running: Running) -> int:
    """Return the bytes of parts and blobs a node has on its disk."""
    folders = (running.node.parts, running.node.spool)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files if path.exists())


def _most(*all_: Running) -> float:
    """Return the most memory in MiB that a process of these nodes has taken, from its start on."""
    return max(peak for running in all_ for peak in _peaks(running)) / 1024


def _peaks(running: Running) -> list[int]:
    """Return the most memory in KiB that a node's processes have taken, as the kernel counts it."""
    first = running.process.pid if running.process else 0
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    peaks = []
    for pid in [str(first), *children]:
        status = Path(f"/proc/{pid}/status").read_text()
        peaks += [int(line.split()[1]) for line in status.splitlines() if line[:6] == "VmHWM:"]
    return peaks
