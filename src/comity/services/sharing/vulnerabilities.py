"""Lists of vulnerabilities that others publish: known to be exploited (KEV), likely to be (EPSS).

Each list is imported from a file. What changed since the last one goes as objects to an intake of
its own; all its rows are kept in the node's folder, typed and dated, so that wherever a CVE is
shown it is said what is known of it. The same list imported again changes nothing.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import orjson

from comity.bridges.feeds import epss, kev
from comity.bridges.stix import reading
from comity.bridges.stix.record import Flaw
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import TLP
from comity.services.sharing import circles, publishing
from comity.services.sharing.schemas import stix_schemas
from comity.store.access import landscape as access
from comity.store.access import objects
from comity.store.append import objects as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.services.node import Node

FOLDER = "vulnerabilities"
"""Where the rows of lists are, in the node's folder."""
LIKELY = 0.5
"""From which score on a vulnerability is counted as likely to be exploited."""
LARGEST = epss.LIMIT
"""The largest file that is taken, in bytes."""
MOST_NOTES = 10_000
"""The most vulnerabilities of which the score goes to the intake as a note."""
MOST_ASKED = 100
"""The most CVEs that are looked up at once."""
SECOND = 1000
"""Milliseconds in a second."""
_GZIP = b"\x1f\x8b"
_SPOILT = (AttributeError, KeyError, OSError, TypeError, ValueError)
_ANEW = "This file in the folder of vulnerabilities is no list. Take it away, and import it anew."


class Kind(StrEnum):
    """Which list; also the name of its intake."""

    KEV = "kev"
    EPSS = "epss"


TITLES = {
    Kind.KEV: "Known exploited vulnerabilities (KEV, CISA)",
    Kind.EPSS: "Exploit prediction scores (EPSS, FIRST)",
}


class Change(NamedTuple):
    """What an import changed: ``version`` of the list and its date in ms; how many ``rows`` it has;
    which CVEs are ``new``, ``changed`` or ``gone``; how many ``objects`` came; and the ``flaws``.
    """

    kind: Kind
    version: str
    dated: int
    rows: int
    new: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    objects: int = 0
    flaws: tuple[Flaw, ...] = ()


class Exploited(NamedTuple):
    """A vulnerability known to be exploited: ``since`` and ``due`` (ms; ``due`` 0 for none) are
    when it was listed, and by when it is to be mended; ``mark`` changes with what is said of it.
    """

    since: int
    due: int
    ransomware: bool
    mark: str


class Known(NamedTuple):
    """What lists say of a ``cve``: None where a list that is here does not have it. ``score`` and
    ``percentile`` are from 0 to 1; ``listed`` and ``scored`` are the dates of the lists (ms).
    """

    cve: str
    exploited: Exploited | None
    listed: int | None
    score: float | None
    percentile: float | None
    scored: int | None


class Listed(NamedTuple):
    """A list that is here: its ``version``, date and import (ms), and its rows, by CVE."""

    version: str
    dated: int
    imported: int
    rows: Mapping[str, Exploited]


class Scored(NamedTuple):
    """As ``Listed``, of scores: ``text`` has a line for each, those with the highest first."""

    version: str
    dated: int
    imported: int
    text: bytes

    def rows(self) -> Iterator[epss.Row]:
        """Yield all scores, the highest first."""
        for line in self.text.splitlines()[1:]:
            cve, score, percentile = line.decode().split(",")
            yield epss.Row(cve, float(score), float(percentile))

    def of(self, cve: str) -> epss.Row | None:
        """Return the score of one vulnerability, or None."""
        at = self.text.find(f"\n{cve},".encode())
        if at < 0:
            return None
        _, score, percentile = self.text[at + 1 : self.text.index(b"\n", at + 1)].split(b",")
        return epss.Row(cve, float(score), float(percentile))


def known(node: Node, cves: Iterable[str]) -> list[Known]:
    """Return what is known of vulnerabilities, of those alone of which something is."""
    listed, scored = exploited(node), scores(node)
    found = (_known(cve, listed, scored) for cve in [*dict.fromkeys(cves)][:MOST_ASKED])
    return [each for each in found if each.exploited or each.score is not None]


def _known(cve: str, listed: Listed | None, scored: Scored | None) -> Known:
    row = scored.of(cve) if scored else None
    score, percentile = (row.score, row.percentile) if row else (None, None)
    return Known(
        cve,
        listed.rows.get(cve) if listed else None,
        listed.dated if listed else None,
        score,
        percentile,
        scored.dated if scored else None,
    )


def exploited(node: Node) -> Listed | None:
    """Return the catalogue of what is known to be exploited that was imported last, or None."""
    path = _path(node, Kind.KEV)
    return None if not path.exists() else _listed(path, path.stat().st_mtime_ns)


def scores(node: Node) -> Scored | None:
    """Return the scores that were imported last, or None."""
    path = _path(node, Kind.EPSS)
    return None if not path.exists() else _scored(path, path.stat().st_mtime_ns)


def day(at: int) -> str:
    """Return the day of an instant (ms), as 2026-11-26."""
    return f"{datetime.fromtimestamp(at / SECOND, UTC):%Y-%m-%d}"


def kind_of(data: bytes) -> Kind:
    """Return which list this may be, by its first character."""
    return Kind.KEV if data[:64].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") else Kind.EPSS


def unpacked(data: bytes) -> bytes:
    """Return what a file holds that may be packed by gzip. Raises Refusal X56."""
    if not data.startswith(_GZIP):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as opened:
            found = opened.read(epss.LIMIT + 1)
    except (OSError, EOFError, zlib.error):
        raise Refusal("X56", Phrase("The file cannot be unpacked.")) from None
    return found  # What is too large is refused where it is read.


def take_in(node: Node, data: bytes, kind: Kind | None = None) -> Change:
    """Import a list, and return what it changed.

    Raises Refusal X52 and X56 for what is no such list, S4 for one older than that which is here.
    """
    data = unpacked(data)
    kind = kind or kind_of(data)
    return _take_catalogue(node, data) if kind is Kind.KEV else _take_scores(node, data)


def _take_catalogue(node: Node, data: bytes) -> Change:
    before = exploited(node)
    marks = {cve: row.mark for cve, row in before.rows.items()} if before else {}
    # A file that was put back may be ahead of the database: what is not there is given again.
    noted = _noted(node, Kind.KEV)
    read = kev.read(data, {cve: m for cve, m in marks.items() if kev.note_id(cve) in noted})
    _require_not_older(before, read.released)
    now = {row.cve: row.mark for row in read.rows}
    came = _put(node, Kind.KEV, read.version, read.released, read.objects)
    rows = {
        row.cve: Exploited(row.added * SECOND, row.due * SECOND, row.ransomware, row.mark)
        for row in read.rows
    }
    kept = {
        "version": read.version,
        "dated": read.released * SECOND,
        "imported": node.now(),
        "rows": {cve: [*row] for cve, row in rows.items()},
    }
    _write(_path(node, Kind.KEV), orjson.dumps(kept))
    change = _change(Kind.KEV, read.version, read.released, marks, now)
    return change._replace(objects=len(came.objects), flaws=(*read.flaws, *came.flaws))


def _take_scores(node: Node, data: bytes) -> Change:
    before = scores(node)
    was = {row.cve: row.score for row in before.rows()} if before else {}
    plain = epss.read(data)
    _require_not_older(before, plain.scored)
    now = {row.cve: row.score for row in plain.rows}
    told, noted = _told_of(node), _noted(node, Kind.EPSS)
    asked = {c for c in told if was.get(c) != now.get(c) or epss.note_id(c) not in noted}
    read = epss.read(data, asked) if asked else plain
    came = _put(node, Kind.EPSS, read.model, read.scored, read.objects)
    lines = [f"#{read.model},{read.scored * SECOND},{node.now()}"]
    ordered = sorted(read.rows, key=lambda row: (-row.score, row.cve))
    lines += [f"{row.cve},{row.score!r},{row.percentile!r}" for row in ordered]
    _write(_path(node, Kind.EPSS), ("\n".join(lines) + "\n").encode())
    change = _change(Kind.EPSS, read.model, read.scored, was, now)
    return change._replace(objects=len(came.objects), flaws=(*read.flaws, *came.flaws))


def _told_of(node: Node) -> list[str]:
    """Return the CVEs that objects here are about, besides those of the lists alone."""
    shelves = (objects.shelf(node.db, kind) for kind in Kind)
    lists = [shelf.number for shelf in shelves if shelf is not None]
    return access.values_shown(node.db, "cve", lists, MOST_NOTES)


def _noted(node: Node, kind: Kind) -> set[str]:
    """Return the ids of what the intake of a list shows."""
    shelf = objects.shelf(node.db, kind)
    return set() if shelf is None else access.ids_shown(node.db, shelf.number)


def _change(
    kind: Kind, version: str, dated: int, was: Mapping[str, object], now: Mapping[str, object]
) -> Change:
    """Return what a list says that the one before did not; each maps CVEs to what it says."""
    return Change(
        kind,
        version,
        dated * SECOND,
        len(now),
        new=tuple(cve for cve in now if cve not in was),
        changed=tuple(cve for cve, said in now.items() if was.get(cve, said) != said),
        gone=tuple(cve for cve in was if cve not in now),
    )


def _require_not_older(before: Listed | Scored | None, dated: int) -> None:
    if before is not None and dated * SECOND < before.dated:
        raise Refusal("S4", "A later edition of this list is here already. Import the newest one.")


def _put(
    node: Node, kind: Kind, version: str, dated: int, raws: Sequence[bytes]
) -> publishing.Published:
    shelf = circles.open_intake(
        node, name=kind, title=TITLES[kind], label=TLP.CLEAR, ceiling=TLP.CLEAR
    )
    batch, flaws = reading.read_all([*raws], stix_schemas())
    came = publishing.add_to_intake(node, shelf, batch, TLP.CLEAR)
    told = f"{TITLES[kind]}, version {version} of {day(dated * SECOND)}"
    with writing(node.db):
        append.change_shelf(node.db, shelf.number, description=told)
    came.flaws += flaws
    return came


def _path(node: Node, kind: Kind) -> Path:
    return node.folder / FOLDER / f"{kind}.{'json' if kind is Kind.KEV else 'csv'}"


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)


@lru_cache(maxsize=2)
def _listed(path: Path, _written: int) -> Listed:
    try:
        value = orjson.loads(path.read_bytes())
        rows = {cve: Exploited(*row) for cve, row in value["rows"].items()}
        return Listed(value["version"], value["dated"], value["imported"], rows)
    except _SPOILT as error:
        raise Refusal("S5", _ANEW, path.name) from error


@lru_cache(maxsize=2)
def _scored(path: Path, _written: int) -> Scored:
    try:
        text = path.read_bytes()
        version, dated, imported = text[1 : text.index(b"\n")].decode().split(",")
        return Scored(version, int(dated), int(imported), text)
    except _SPOILT as error:
        raise Refusal("S5", _ANEW, path.name) from error
