"""Pages of a node that holds much: how long most people wait, at 100,000 acts in 1,000 dossiers.

The node is a real one, and all that is in it came in bundles from two other parties: it was
verified, admitted and folded. A page is asked for by somebody who is signed in, as a browser asks,
without a network between. ``COMITY_BENCH_ACTS`` makes it another number of acts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from pathlib import Path

from comity.kernel import act as acts
from comity.kernel import content, dsse
from comity.kernel.act import CHARTER, Header
from comity.kernel.bundle import Bundle, Carried
from comity.kernel.canon import Object
from comity.kernel.ids import Id, PartyId
from comity.kernel.label import TLP, Footing
from comity.kernel.manifest import build
from comity.protocols.response.incident import PROTOCOL
from comity.services.casework import issue
from comity.services.delivery import ingest
from comity.services.node import Node
from comity.store.access import acts as access
from tests.edge.visitor import Pages, Visitor
from tests.nodes import Nodes, introduce

ACTS = int(os.environ.get("COMITY_BENCH_ACTS", "100000"))
IN_EACH = 100
VIEWS = 100
"""How often each page is looked at; a dossier's, each time another one's."""
DAY = 24 * 3600 * 1000
OWED = 5
"""Of so many dossiers, one waits for an answer of this party."""


@dataclass
class Thread:
    """A dossier being written: its acts so far, each party's last one as (n, id), and its
    ``heads``, which no act follows. Who speaks has seen these, or what was ``heard`` before.
    """

    id: Id | None = None
    acts: list[Carried] = field(default_factory=list)
    last: dict[PartyId, tuple[int, Id]] = field(default_factory=dict)
    heads: set[Id] = field(default_factory=set)
    heard: frozenset[Id] | None = None


@dataclass
class Author:
    """A party that speaks without writing down at its own node what it says."""

    node: Node
    seq: int = 10

    def say(self, thread: Thread, kind: str, body: Object, words: Object, *refs: Id) -> Id:
        """Sign an act that goes on from what was heard of ``thread``, by default all."""
        node, before = self.node, thread.last.get(self.node.me)
        self.seq += 1
        part = content.Part(0, node.ports.random.bytes(32), build(words).to_bytes())
        own = set() if before is None else {before[1]}
        others = (thread.heads if thread.heard is None else thread.heard) - own
        header = Header(
            party=node.me,
            doc=issue.own_view(node).id,
            log=1,
            seq=self.seq,
            dossier=thread.id,
            kind=kind,
            n=1 if before is None else before[0] + 1,
            prev=None if before is None else before[1],
            parents=tuple(sorted(others)),
            time=node.now(),
            tlp=TLP.AMBER,
            pap=None,
            footing=Footing.TECHNICAL if kind == CHARTER else None,
            realm=None,
            body=body,
            content=content.commit(content.DOCUMENT, [part]),
            refs=refs,
        )
        signed = dsse.sign(dsse.ACT, header.to_payload(), [node.keys.log(1).act])
        act = acts.read(signed)
        thread.acts.append(Carried(act, (part,)))
        thread.last[node.me] = (header.n, act.id)
        thread.heads = thread.heads - others - own | {act.id}
        thread.id = thread.id or act.id
        return act.id


def _open(author: Author, members: list[PartyId], number: int) -> Thread:
    thread = Thread()
    body: Object = {
        "protocol": PROTOCOL.name,
        "version": PROTOCOL.version,
        "members": [*sorted(members)],
        "growth": "closed",
        "ceiling": "amber",
    }
    title = f"Flaw in port controller FC-{number}"
    author.say(thread, CHARTER, body, {"title": title, "text": f"Cranes of quay {number} stop."})
    return thread


def _talk(thread: Thread, one: Author, other: Author, owed: PartyId | None) -> None:
    """Let two parties work on an incident; ``owed`` is asked last, and answers nothing."""
    while len(thread.acts) < IN_EACH - 1:
        ask: Object = {"to": [other.node.me], "verb": "investigate", "due": one.node.now() + DAY}
        asked = one.say(thread, "ask", ask, {"text": "Does it answer on port 502?"})
        other.say(thread, "answer", {"result": "done"}, {"text": "It does; see below."}, asked)
        other.say(thread, "inform", {}, {"text": "Seen from 192.0.2.14 since 02:40."})
        one.node.ports.clock.advance(60_000)  # type: ignore[attr-defined]
    if owed is not None:
        due = one.node.now() + DAY
        one.say(
            thread, "ask", {"to": [owed], "verb": "investigate", "due": due}, {"text": "And you?"}
        )


def fill(nodes: Nodes) -> Node:
    """Return the node of Orvanda with that many acts in it."""
    node = nodes.make("orvanda", disk=2**40, second_factor=False)
    tolmere, sarivane = Author(nodes.make("tolmere")), Author(nodes.make("sarivane"))
    introduce(node, tolmere.node, sarivane.node)
    members = [node.me, tolmere.node.me, sarivane.node.me]
    for number in range(ACTS // IN_EACH):
        thread = _open(tolmere, members, number)
        _talk(thread, tolmere, sarivane, node.me if number % OWED == 0 else None)
        taken = ingest.receive(node, sender=tolmere.node.me, what=Bundle(acts=tuple(thread.acts)))
        if taken.refusals or len(taken.held) != len(thread.acts):
            raise RuntimeError(f"{len(taken.held)} acts are held: {taken.refusals[:1]}")
        node.loaded.clear()
    return node


@cache
def measured(folder: Path) -> Mapping[str, float]:
    """Return what all but the slowest twentieth of views of each page took at most, in ms of wall
    time; ``plain`` is a page without anything in it.
    """
    with Nodes(folder) as nodes:
        node = fill(nodes)
        some = [row.id for row in access.dossiers(node.db, limit=VIEWS)]
        with Pages(node) as pages:
            ada = pages.person("ada", "duty_officer")
            return {
                "plain": p95(ada, ["/about"] * VIEWS),
                "work": p95(ada, ["/"] * VIEWS),
                "dossiers": p95(ada, [f"/dossiers?text=quay+{n}" for n in range(VIEWS)]),
                "dossier": p95(ada, [f"/dossiers/{id_}" for id_ in some]),
            }


def p95(visitor: Visitor, paths: list[str]) -> float:
    """Return what all but the slowest twentieth of pages took at most, in ms of wall time."""
    times = []
    for path in paths:
        start = time.perf_counter()
        page = visitor.get(path)
        times.append(time.perf_counter() - start)
        if page.status != HTTPStatus.OK:
            raise RuntimeError(f"{path} was answered with {page.status}")
    return 1000 * sorted(times)[len(times) * 95 // 100]
