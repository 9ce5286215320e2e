"""Pages of cases of many: 121 parties and 3,000 acts, in a disclosure and in an incident.

The node is a real one, and a member of both. What the other parties say, some at once without
having seen each other's words, comes in bundles: it was verified, admitted and folded.
``COMITY_BENCH_PARTIES`` and ``COMITY_BENCH_SAID`` make it other numbers.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from comity.kernel.act import CHARTER
from comity.kernel.bundle import Bundle
from comity.kernel.canon import Object
from comity.kernel.ids import Id
from comity.kernel.protocol import Protocol
from comity.protocols.response.disclosure import PROTOCOL as DISCLOSURE
from comity.protocols.response.incident import PROTOCOL as INCIDENT
from comity.services.delivery import ingest
from comity.services.identity.parties import accredit, learn_documents, own_documents
from comity.services.node import Node
from comity.store.sql import writing
from tests.edge.visitor import Pages, Visitor
from tests.nodes import Nodes
from tools.bench_pages import DAY, Author, Thread, p95

PARTIES = int(os.environ.get("COMITY_BENCH_PARTIES", "121"))
SAID = int(os.environ.get("COMITY_BENCH_SAID", "3000"))
AT_ONCE = 10
"""Parties that speak without having seen each other's words."""
IN_BUNDLE = 100
VIEWS = 100
ASKING, ASKED = 10, 20
"""Parties that ask others for help in an incident, and how many of these each asks."""
SILENT = 12
"""Of so many parties, one never agrees to the terms of a disclosure."""

FOUNDERS = 100
"""Parties that an opening names: its coded fields, 8 KiB at most, have no room for 121 ids."""

Turn = Callable[[Author], Id]


@dataclass
class Case:
    """A case of the ``node`` that is looked at and all ``parties``, the first of which opens it."""

    node: Node
    parties: list[Author]
    thread: Thread

    def open(self, protocol: Protocol, terms: Object) -> Id:
        """Let the first party open it, and invite those that its opening has no room for."""
        chair, founders = self.parties[0], self.parties[: FOUNDERS - 1]
        members = sorted((self.node.me, *(each.node.me for each in founders)))
        body: Object = {
            "protocol": protocol.name,
            "version": protocol.version,
            "members": [*members],
            "growth": "chair",
            "chair": chair.node.me,
            "ceiling": "amber",
        }
        words: Object = {"title": "Flaw in port controller FC-7", "text": "It answers anybody."}
        more: Object = {"terms": terms} if terms else {}
        charter = chair.say(self.thread, CHARTER, body | more, words)
        invited = self.parties[len(founders) :]
        invites = {a.node.me: self.step("invite", {"party": a.node.me})(chair) for a in invited}
        self.say(lambda each: self.step("join", {"invite": invites[each.node.me]})(each), invited)
        return charter

    def step(self, kind: str, body: Object, *refs: Id) -> Turn:
        """Return how a party says something, in words of its own."""

        def turn(author: Author) -> Id:
            words: Object = {"text": f"Seen at 192.0.2.14 by {author.node.settings.name}."}
            return author.say(self.thread, kind, body, words, *refs)

        return turn

    def say(self, turn: Turn, parties: Iterable[Author]) -> None:
        """Let parties speak, some of them at once."""
        for number, author in enumerate(parties):
            if number % AT_ONCE == 0:
                self.thread.heard = frozenset(self.thread.heads)
                self.node.ports.clock.advance(60_000)  # type: ignore[attr-defined]
            turn(author)
        self.thread.heard = None

    def fill(self, turns: Iterable[Turn], parties: list[Author], count: int) -> None:
        """Let parties speak in turn until so many acts were said."""
        rounds = cycle(turns)
        while (left := count - len(self.thread.acts)) > 0:
            self.say(next(rounds), parties[:left])

    def bring(self, first: int = 0) -> None:
        """Let the node have what was said, from the act ``first`` on."""
        sender = self.parties[0].node.me
        for at in range(first, len(self.thread.acts), IN_BUNDLE):
            acts = tuple(self.thread.acts[at : at + IN_BUNDLE])
            taken = ingest.receive(self.node, sender=sender, what=Bundle(acts=acts))
            if taken.refusals or len(taken.held) != len(acts):
                raise RuntimeError(f"{len(taken.held)} acts are held: {taken.refusals[:1]}")

    @property
    def id(self) -> Id:
        """The id of its dossier."""
        return self.thread.acts[0].act.id


def town(nodes: Nodes, parties: int) -> tuple[Node, list[Author]]:
    """Return the node of Orvanda and all other parties, so many together; it knows each of them."""
    node = nodes.make("orvanda", disk=2**40, second_factor=False)
    others = [Author(nodes.make(f"vendor{number}")) for number in range(1, parties)]
    for each in others:
        with writing(node.db):
            learn_documents(node, *own_documents(each.node), introduced_by="")
        accredit(node, each.node.me)
    return node, others


def disclosed(node: Node, parties: list[Author], said: int) -> Case:
    """Return a disclosure of so many acts: nearly all agree to terms and tell of products."""
    case = Case(node, parties, Thread())
    charter = case.open(DISCLOSURE, {"role": "finder"})
    end = node.now() + 90 * DAY
    propose = case.step("propose", {"end": end, "use": "defence", "duties": ["none"]})
    case.say(propose, parties[:1])
    (terms,) = case.thread.heads
    agreeing = [each for number, each in enumerate(parties) if number % SILENT]
    case.say(case.step("accept", {"duties": ["csirt"], "within": 24}, terms), agreeing)
    for stage in ("received", "valid", "accepted"):
        told: Object = {"stage": stage, "role": "vendor"}
        case.say(case.step("handle", told, charter), agreeing)
    talk = [
        *(case.step("status", {"word": "affected", "product": f"gateway_{n}"}) for n in range(3)),
        case.step("fix", {"step": "ready", "product": "gateway_1"}),
        case.step("inform", {}),
    ]
    case.fill(talk, agreeing, said)
    case.bring()
    return case


def suffered(node: Node, parties: list[Author], said: int) -> Case:
    """Return an incident of so many acts: all say what they know, and some ask others for help, or
    for a word from all of them.
    """
    case = Case(node, parties, Thread())
    case.open(INCIDENT, {})
    due = node.now() + DAY
    known: Object = {"services": "some", "people": 400, "sectors": ["energy", "transport"]}
    asked = sorted((node.me, *(each.node.me for each in parties[ASKING:][:ASKED])))
    ask: Object = {"to": [*asked], "verb": "investigate", "due": due}
    case.say(case.step("describe", known), parties)
    case.say(case.step("ask", ask), parties[:ASKING])
    talk = [
        case.step("event", {"what": "spread", "at": due - DAY}),
        case.step("inform", {}),
        case.step("task", {"due": due}),
    ]
    case.say(case.step("inform", {"ack_wanted": True}), parties[:ASKING])
    case.fill(talk, parties, said)
    case.bring()
    return case


@dataclass(frozen=True)
class Shown:
    """A page: what all but the slowest twentieth of its views took at most (ms of wall time), and
    one view on average in processor time (ms).
    """

    p95: float
    cpu: float


def measured(folder: Path) -> Mapping[str, Shown]:
    """Return how long pages of both cases take; ``plain`` is a page without anything in it."""
    with Nodes(folder) as nodes:
        node, others = town(nodes, PARTIES)
        disclosure, incident = disclosed(node, others, SAID), suffered(node, others, SAID)
        pages = {
            "plain": "/about",
            "disclosure's file": f"/dossiers/{disclosure.id}",
            "disclosure": f"/dossiers/{disclosure.id}/disclosure",
            "incident's file": f"/dossiers/{incident.id}",
            "incident": f"/dossiers/{incident.id}/incident",
        }
        with Pages(node) as found:
            ada = found.person("ada", "duty_officer")
            return {name: _shown(ada, path) for name, path in pages.items()}


def _shown(visitor: Visitor, path: str) -> Shown:
    visitor.get(path)
    start = time.process_time()
    wall = p95(visitor, [path] * VIEWS)
    return Shown(wall, 1000 * (time.process_time() - start) / VIEWS)
