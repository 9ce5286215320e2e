"""What each drill breaks, and what mends it; docs/howto/drills has one page for each."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connections

from comity.kernel.checkpoint import origin
from comity.kernel.errors import Refusal
from comity.services.casework.issue import Draft, issue
from comity.store.access import acts, parties
from tools import drill_disks
from tools.demo import Failed, free_ports, until
from tools.drill_roots import root_key_lost

if TYPE_CHECKING:
    from comity.services.node import Node
    from tools.drill import Day
    from tools.drill_disks import SmallDisk

DAY_SECONDS = 86_400

# Run by Python when a process starts: the only way to set the clock of one process alone.
CLOCK = """
import time
_real = time.time_ns
time.time_ns = lambda: _real() + {seconds} * 1_000_000_000
"""
# An older program: the same but for one protocol that it has not heard of.
OLDER = """
from comity.kernel import protocol
_real = protocol.discover
protocol.discover = lambda package: {
    place: one for place, one in _real(package).items() if place[0] != "response/incident"
}
"""


@contextmanager
def altered(day: Day, code: str) -> Iterator[None]:
    """Let every process started meanwhile run ``code`` first."""
    folder = day.home / "altered"
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(folder)
    try:
        yield
    finally:
        del os.environ["PYTHONPATH"]
        if before is not None:
            os.environ["PYTHONPATH"] = before


def old_backup(day: Day) -> None:
    """The machine is gone; a backup from before the last messages is put into a new folder."""
    day.start()
    copy = day.home / "copy.tar"
    day.orvanda.run("backup", str(copy))
    day.say(text="This was said after the backup.")
    day.say(day.tolmere, "So was this.")
    day.until_known()
    day.orvanda.stop()
    shutil.rmtree(day.orvanda.folder)
    day.restore("--from", str(copy))
    day.restart("--listen", f"127.0.0.1:{day.orvanda.port}")


def lost_disk(day: Day) -> None:
    """The disk is gone and there was no backup: the printed code is left, and what others hold."""
    day.start()
    day.say(text="This was never copied.")
    day.until_known()
    day.orvanda.stop()
    shutil.rmtree(day.orvanda.folder)
    day.restore("--ask", day.tolmere.url)
    day.restart("--listen", f"127.0.0.1:{day.orvanda.port}")


def rolled_back(day: Day) -> None:
    """A snapshot of the database is put back under the running node."""
    day.start()
    live, copy = day.database(day.orvanda), day.home / "snapshot"
    if day.server is None:
        _copy(Path(live), copy)
    else:
        drill_disks.remember(live)
    day.say(text="This was said after the snapshot.")
    day.until_known()
    if day.server is None:
        _copy(copy, Path(live))
    else:
        drill_disks.roll_back(live)
    day.refused("S1")
    day.restore()


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        other.execute("PRAGMA busy_timeout = 10000")
        one.backup(other)


def lost_anchor(day: Day) -> None:
    """The file that remembers how far the log has come is gone."""
    day.start()
    # Between two appends: one under way would put the file back that it had read before.
    with day.opened(day.orvanda) as node, node.anchor.locked():
        (day.orvanda.folder / "anchor").unlink()
    day.refused("S1")
    day.restore()


def clock_ahead(day: Day) -> None:
    """The clock is a day ahead, something is signed, and the clock is set right."""
    _clock(day, DAY_SECONDS)


def clock_behind(day: Day) -> None:
    """The clock is a day behind, something is signed, and the clock is set right."""
    _clock(day, -DAY_SECONDS)


def _clock(day: Day, seconds: int) -> None:
    day.start(day.tolmere, day.council)
    with altered(day, CLOCK.format(seconds=seconds)):
        day.start(day.orvanda)
        day.say(text="What time is it?")
    day.say(day.tolmere, "Not the one you say.")
    day.until_known()
    with altered(day, CLOCK.format(seconds=seconds)):
        found = day.mend("doctor", ok=False)
    subjects = {finding["subject"] for finding in _findings(found)}
    if "clock" not in subjects:
        raise Failed(f"The doctor did not name the clock, but {subjects}.")
    day.orvanda.stop()
    day.restart()


def _findings(report: dict[str, object]) -> list[dict[str, str]]:
    found = report.get("findings")
    return found if isinstance(found, list) else []


def full_disk(day: Day) -> None:
    """No byte is free: what finds no room is refused whole, and all goes on when there is some."""
    if day.server is not None:
        day.notes.append("PostgreSQL is made to answer as on a full disk; its disk is not filled.")
        day.start()
        with drill_disks.answering_full(day.database(day.orvanda)):
            day.refused("S7")
        return
    with drill_disks.small_disk(day.home / "disk") as disk:
        if disk is None:
            day.notes.append("This system lets nobody make a small disk: the database is limited.")
            day.start()
            _full_database(day)
        else:
            _full_disk(day, disk)


def _full_disk(day: Day, disk: SmallDisk) -> None:
    """Let Orvanda's node run on a disk of its own, which is filled under it."""
    home = day.orvanda.folder
    day.orvanda.folder, day.orvanda.before = disk.bring(home), disk.enter
    day.start()
    disk.fill()
    day.until_full()
    # What others send waits with them.
    day.say(day.tolmere, "Do you hear us?")
    day.until_known(day.council)
    disk.free()
    day.say(text="There is room again.")
    day.until_known(day.tolmere, day.council)
    until("Orvanda holds everything", lambda: _shows_all(day))
    day.orvanda.stop()
    disk.take_back(home)
    day.orvanda.folder, day.orvanda.before = home, ()
    day.start(day.orvanda)


def _shows_all(day: Day) -> bool:
    shown = {str(act["id"]) for act in day.orvanda.acts(day.dossier)}
    return set(day.said) <= shown


def _full_database(day: Day) -> None:
    with day.opened(day.orvanda) as node:
        with connections[node.db].cursor() as cursor:
            pages = int(cursor.execute("PRAGMA page_count").fetchone()[0])
            cursor.execute(f"PRAGMA max_page_count = {pages + 6}")
        before, said = parties.logs(node.db)[-1].size, 0
        try:
            for _ in range(200):
                day.said.append(issue(node, dossier_id=day.dossier, draft=Draft("note")))
                said += 1
        except Refusal as refusal:
            if refusal.rule != "S7":
                raise
        else:
            raise Failed("The disk never became full.")
        if parties.logs(node.db)[-1].size < before + said:
            raise Failed("Something acknowledged is not there.")


def witness_gone(day: Day) -> None:
    """The witness does not answer: messages go on, unwitnessed, and are cosigned later."""
    day.start(day.orvanda, day.tolmere)
    act = day.say(text="Nobody witnesses this for now.")
    day.until_known(day.orvanda, day.tolmere)
    with day.opened(day.orvanda) as node:
        if _cosigned(node, act):
            raise Failed("A witness that was gone has cosigned.")
        day.start(day.council)
        until("the witness has cosigned", lambda: _cosigned(node, act))


def _cosigned(node: Node, act: str) -> bool:
    row = acts.act(node.db, act)
    if row is None:
        return False
    place = origin(node.me, row.log)
    return parties.checkpoint_over(node.db, place, row.seq + 1, cosigned=True) is not None


def older_peer(day: Day) -> None:
    """A peer's program does not know the protocol: it holds, receipts and relays, and upgrades."""
    day.start(day.orvanda, day.council)
    with altered(day, OLDER):
        day.start(day.tolmere)
    made = day.orvanda.run(
        "open", "incident", "--with", "Tolmere", "--title", "Second", "--text", "Another.", "--yes"
    )
    day.say(text="Can you read this?")
    second = str(made["dossier"])
    day.said.append(second)
    day.until_known(day.orvanda, day.tolmere)
    with day.opened(day.orvanda) as node:
        until("the older program has receipted", lambda: day.is_received(node, second))
    day.tolmere.stop()
    # The program is upgraded; at its start it computes what it could not read.
    day.commands.append("comity run")
    day.tolmere.start()
    day.said.remove(second)


def address_changed(day: Day) -> None:
    """The node moves to another port while one of the others is away; all find it again."""
    day.start()
    day.tolmere.stop()
    day.say(text="We are moving.")
    day.until_known(day.council)
    day.orvanda.stop()
    day.orvanda.port = free_ports(1)[0]
    place = f"127.0.0.1:{day.orvanda.port}"
    day.mend("address", "--listen", place, "--endpoint", day.orvanda.url)
    day.restart()
    day.say(day.council, "Where are you now?")
    day.until_known(day.orvanda)
    day.start(day.tolmere)
    day.say(day.tolmere, "And where from our side?")


SQLITE_ALONE = {"old-backup"}
"""Drills of what PostgreSQL does by programs of its own."""

DRILLS: dict[str, Callable[[Day], None]] = {
    "old-backup": old_backup,
    "lost-disk": lost_disk,
    "rolled-back": rolled_back,
    "lost-anchor": lost_anchor,
    "clock-ahead": clock_ahead,
    "clock-behind": clock_behind,
    "full-disk": full_disk,
    "witness-gone": witness_gone,
    "older-peer": older_peer,
    "root-key-lost": root_key_lost,
    "address-changed": address_changed,
}
