"""Restore drills: whether a backup would be of use is known only by trying it.

The backup is unpacked beside the node and checked as ``comity fsck`` checks a node; nothing is
signed, nobody is asked, and what was unpacked is removed. How it went is kept in the node's folder
and in no backup.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import orjson

from comity.kernel.errors import Phrase, Refusal
from comity.services.care import backup, copied, fsck, rebuild
from comity.services.care.report import Level, Report, quiet
from comity.services.node import Settings, database_of, open_node
from comity.store import phrases
from comity.store.access import parties
from comity.store.anchor import Mark
from comity.store.database import close_database

if TYPE_CHECKING:
    from pathlib import Path

    from comity.services.care.backup import Manifest
    from comity.services.care.report import Finding, Progress
    from comity.services.node import Node

LAST = "rehearsal.json"
ROOM = "rehearsal"
"""The folder, in the node's, where a backup is unpacked; what a crash left there goes first."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """How the last restore drill went, ``at`` (ms): whether what the backup ``where``, made at
    ``made_at`` (ms, None where that could not be read), holds is ``sound``; else ``reason`` says
    what is wrong with it, first of all.
    """

    at: int
    where: str
    made_at: int | None
    sound: bool
    reason: str = ""


def rehearse(
    node: Node, source: Path, *, database: str = "", progress: Progress = quiet
) -> tuple[Rehearsed, Report]:
    """Restore a backup, a folder or a .tar, for a moment, and return how it went and what was
    found; the node goes on meanwhile.

    A dump of PostgreSQL was loaded by ``pg_restore`` into another ``database``, a URI, which is
    checked and stays. Raises Refusal as ``backup.unpack``, and S4 for a backup of another party,
    for a dump without a database, or for the node's own; what is wrong with the backup is kept all
    the same.
    """
    if database and database == database_of(node.folder, node.settings):
        raise Refusal("S4", "This is the node's own database. Load the dump into another one.")
    try:
        manifest, report = _tried(node, source, database, progress)
    except Refusal as refusal:
        _keep(node, Rehearsed(node.now(), str(source), None, sound=False, reason=refusal.reason))
        raise
    wrong = [finding for finding in report.findings if finding.level is not Level.NOTE]
    reason = _first(wrong[0]) if wrong else ""
    done = Rehearsed(node.now(), str(source), manifest.made_at, sound=not wrong, reason=reason)
    _keep(node, done)
    return done, report


def _first(wrong: Finding) -> Phrase:
    subject, words = Phrase(wrong.subject), Phrase(wrong.words)
    return Phrase("{subject}: {words}", subject=subject, words=words)


def _tried(node: Node, source: Path, database: str, progress: Progress) -> tuple[Manifest, Report]:
    room = node.folder / ROOM
    shutil.rmtree(room, ignore_errors=True)
    try:
        manifest = backup.unpack(source, room)
        _require_ours(node, manifest, database)
        if database:
            replace(Settings.read(room), database=database).write(room)
        with _opened(node, room) as copy:
            # What older rules added up to is no damage: the node computes it anew at its start.
            others, _ = rebuild.put_right(copy)
            report = fsck.check(copy, progress=progress)
            if others:
                told = (
                    "It was made under other rules of {protocols} than this version has. Computed "
                    "anew by these it was checked; a node that is restored from it does so when it "
                    "starts, or by `comity rebuild`."
                )
                report.note("rules", Phrase(told, protocols=", ".join(others)))
            if manifest.logs != _logs(copy):
                report.error("log", "The database does not end where the backup says.")
            return manifest, report
    except OSError as error:
        raise Refusal(
            "S7", Phrase("The backup could not be unpacked: {error}.", error=str(error.strerror))
        ) from error
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _require_ours(node: Node, manifest: Manifest, database: str) -> None:
    if manifest.party != node.me:
        raise Refusal("S4", Phrase("The backup is of another party, {name}.", name=manifest.name))
    if manifest.database == copied.DUMP and not database:
        told = (
            "The backup holds a dump of PostgreSQL. First load it into an empty database: "
            "pg_restore --no-owner --dbname=URI {dump}. Then say --database URI."
        )
        raise Refusal("S4", Phrase(told, dump=copied.DUMP))


@contextmanager
def _opened(node: Node, room: Path) -> Iterator[Node]:
    """Open what was unpacked, with the keys of the node and an anchor where its log ends: both are
    in no backup, and both are there when it is restored in earnest.
    """
    copy = open_node(room, node.ports, known=node.protocols)
    try:
        for row in parties.logs(copy.db):
            if not row.closed:
                copy.anchor.write(Mark(row.log, row.size, row.root))
        yield replace(copy, keys=node.keys)
    finally:
        close_database(copy.db)


def _logs(node: Node) -> tuple[tuple[int, int, str], ...]:
    return tuple((row.log, row.size, row.root) for row in parties.logs(node.db))


def _keep(node: Node, done: Rehearsed) -> None:
    fresh = node.folder / f"{LAST}.new"
    value = {**asdict(done), "reason": phrases.to_value(done.reason)}
    fresh.write_bytes(orjson.dumps(value) + b"\n")
    fresh.replace(node.folder / LAST)


def last(node: Node) -> Rehearsed | None:
    """Return how the last drill went, or None when there was none."""
    with suppress(OSError, orjson.JSONDecodeError, TypeError, KeyError, AttributeError):
        value = orjson.loads((node.folder / LAST).read_bytes())
        return Rehearsed(**{**value, "reason": phrases.from_value(value["reason"])})
    return None
