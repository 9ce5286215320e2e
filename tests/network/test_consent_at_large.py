"""A case of many: whatever is cut, lost or killed, one state everywhere, and no word of the report
with whoever has not agreed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.kernel.canon import Object
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.services.casework import dossiers
from comity.services.node import Node
from comity.services.response import disclosures
from tests.network.simulator import CALM, ROUGH, Crash, Network, held, require_equal
from tests.network.test_consent import knows, propose, report, word
from tests.nodes import say

VENDORS = 121


class Play:
    """A network in which one party reports to all others, of which each third never agrees.

    Vendors without a node, 92 of 121 where there are thirty nodes, are guests: what they agree to
    is recorded by a party that has one.
    """

    def __init__(self, net: Network, nodes: int) -> None:
        self.net = net
        self.names = [f"party{number:02}" for number in range(nodes)]
        for name in self.names:
            net.make(name)
        net.introduce()
        first, *others = (net[name] for name in self.names)
        self.never = {*self.names[2::3]}
        self.dossier = report(first, *others)
        self.terms = propose(first, self.dossier)
        self.guests = VENDORS - len(others)
        self.agreed: set[str] = {self.names[0]}

    def turn(self) -> None:
        """Cut the network anew, let some say something, and let time pass."""
        net = self.net
        net.chance.shuffle(self.names)
        place = net.chance.randrange(1, len(self.names))
        net.cut({*self.names[:place]}, {*self.names[place:]})
        for name in net.chance.sample(self.names, len(self.names) // 3):
            try:
                self._speak(name)
            except Refusal:
                pass  # It does not hold yet what it would answer to.
            except Crash:
                net.reopen(name)
        net.run(2)

    def _speak(self, name: str) -> None:
        node, chance = self.net[name], self.net.chance
        if name in self.never:
            return self._stay_out(node)
        if name not in self.agreed:
            self._say(node, "accept", {"duties": ["csirt"], "within": 24}, [self.terms])
            self.agreed.add(name)
        elif self.guests:
            self._record(node)
        else:
            kind = chance.choice(["inform", "status"])
            body: Object = {"word": "affected"} if kind == "status" else {}
            self._say(node, kind, body)
        return None

    def _stay_out(self, node: Node) -> None:
        if self.net.chance.random() < 0.5:
            self._say(node, "refuse", {"reason": "law"}, [self.terms])
        else:
            say(node, self.dossier, "discuss", {}, files={"ask.txt": b"How long?"})

    def _record(self, node: Node) -> None:
        """Let a party record what some vendors without a node agree to."""
        order = dossiers.load(node, self.dossier).graph.order
        own = next(n.id for n in order if n.header.party == node.me)
        for _ in range(min(self.guests, 9)):
            told: Object = {"duties": ["none"]}
            record: Object = {
                "letter": own,
                "guest": f"vendor{self.guests}",
                "kind": "accept",
                "body": told,
            }
            self._say(node, "record", record, [self.terms])
            self.guests -= 1

    def _say(self, node: Node, kind: str, body: Object, refs: list[Id] | None = None) -> None:
        files = {"words.txt": word(f"{kind} of {node.settings.name}")}
        if kind in {"accept", "refuse", "record"}:
            files = {}
        say(node, self.dossier, kind, body, files=files, refs=refs or [])


def rest(net: Network) -> None:
    """End all faults, start every node anew, and let time pass until all content is where it may
    be, and its authors know.
    """
    net.faults = CALM
    net.heal()
    for name in [*net.nodes]:
        net.reopen(name)
    net.settle(120)


@pytest.mark.parametrize(
    "nodes",
    [pytest.param(9, marks=pytest.mark.slow), pytest.param(30, marks=pytest.mark.long)],
)
def test_no_word_reaches_who_has_not_agreed_whatever_fails(tmp_path: Path, nodes: int) -> None:
    with Network(tmp_path, seed=11, faults=ROUGH) as net:
        play = Play(net, nodes)
        while play.guests or len(play.agreed) < nodes - len(play.never):
            play.turn()
            assert not any(knows(net[name]) for name in play.never)
        rest(net)
        all_ = [net[name] for name in play.names]
        require_equal(all_, play.dossier)
        assert len(held(all_[0], play.dossier)) > VENDORS
        for name in play.names:
            assert knows(net[name]) is (name not in play.never)
        found = disclosures.case(net[play.names[0]], play.dossier)
        assert len(found.parties) == VENDORS + 1
        assert len(found.embargo.held) == VENDORS + 1 - len(play.never)
