"""Whom to call now, among 5,000 contacts: a whole process of the command line.

The node is a real one; its contacts came in bundles from another party. What start-up takes is
measured by the same command at a node without contacts, where it is refused.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from statistics import median

from comity.kernel.act import CHARTER
from comity.kernel.bundle import Bundle
from comity.kernel.canon import Object
from comity.kernel.ids import Id
from comity.protocols.trust.community import PROTOCOL
from comity.services.delivery import ingest
from comity.services.node import Node
from tests.nodes import Nodes, introduce
from tools.bench_pages import Author, Thread

CONTACTS = int(os.environ.get("COMITY_BENCH_CONTACTS", "5000"))
IN_EACH = 250
"""Contacts in each community, five of each seat."""
RUNS = 9


def _open(author: Author, node: Node, number: int) -> Thread:
    thread = Thread()
    body: Object = {
        "protocol": PROTOCOL.name,
        "version": PROTOCOL.version,
        "members": [*sorted((author.node.me, node.me))],
        "growth": "closed",
        "ceiling": "amber",
        "terms": {"freshness": 365, "cadence": 182, "visibility": "members"},
    }
    words: Object = {"title": f"Forum {number}", "purpose": "To be reached."}
    author.say(thread, CHARTER, body, words)
    return thread


def _nominate(author: Author, thread: Thread, number: int) -> Id:
    words: Object = {
        "holder": f"Desk {number}",
        "phone": f"+99 555 {number:05}",
        "email": f"desk{number}@example.net",
        "hours": "Mo-Fr 08:00-16:00",
        "zone": "Africa/Accra",
        "languages": "en, fr",
    }
    body: Object = {
        "contact": f"desk_{number}",
        "seat": f"x{number // 5}",
        "role": "technical",
        "holder_is": "desk",
        "source": "own",
        "fields": [*sorted(words)],
        "visibility": "members",
    }
    return author.say(thread, "nominate", body, words)


def fill(nodes: Nodes) -> Node:
    """Return the node of Orvanda with so many contacts in it."""
    node = nodes.make("orvanda", disk=2**40)
    author = Author(nodes.make("tolmere"))
    introduce(node, author.node)
    for first in range(0, CONTACTS, IN_EACH):
        thread = _open(author, node, first // IN_EACH)
        for number in range(first, first + IN_EACH):
            _nominate(author, thread, number)
        taken = ingest.receive(node, sender=author.node.me, what=Bundle(acts=tuple(thread.acts)))
        if taken.refusals or len(taken.held) != len(thread.acts):
            raise RuntimeError(f"{len(taken.held)} acts are held: {taken.refusals[:1]}")
        node.loaded.clear()
    return node


def _took(folder: Path, seat: str) -> tuple[float, str]:
    words = ["call", "--party", seat, "--purpose", "technical", "--json"]
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "comity", "--dir", str(folder), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    return (time.perf_counter() - began) * 1000, done.stdout


@cache
def measured(folder: Path) -> tuple[float, float]:
    """Return what the command takes in ms of wall time, and what it takes where there is nothing:
    the median of runs in turn.
    """
    with Nodes(folder) as nodes:
        full, empty = fill(nodes).folder, nodes.make("sarivane").folder
    own, floor = [], []
    for run in range(RUNS):
        took, told = _took(full, f"x{run}")
        if f"Desk {run * 5}" not in told:
            raise RuntimeError(told)
        own.append(took)
        floor.append(_took(empty, f"x{run}")[0])
    return median(own), median(floor)
