"""An author whose receipt got lost on its way hears at a later contact how far its act has come."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from comity.kernel import statement
from comity.kernel.label import TLP
from comity.services.delivery import blobs, doubts, envelope, work
from comity.services.identity import parties
from comity.store.access import acts as access
from comity.store.access import outbox
from comity.store.access import parties as access_parties
from tests.network.simulator import MINUTE, Network, ladder
from tests.nodes import open_tally, say

if TYPE_CHECKING:
    from comity.kernel.bundle import Bundle
    from comity.kernel.ids import Id, PartyId
    from comity.services.node import Node

LARGE = b"seen " * 30_000


class Line:
    """The line away from one node: the receipt that calls an act whole gets lost on it, once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, node: Node, act: Id) -> None:
        self.lost: list[Id] = []
        self.sent: list[Bundle] = []
        self._node, self._act, self._seal = node, act, envelope.seal_for
        monkeypatch.setattr(envelope, "seal_for", self._carry)

    def _carry(self, node: Node, recipient: PartyId, what: Bundle) -> bytes:
        self.sent.append(what)
        if node is self._node and not self.lost:
            self.lost = [
                each.id for each in what.receipts if self._act in statement.read_receipt(each).whole
            ]
            kept = [each for each in what.receipts if each.id not in self.lost]
            what = replace(what, receipts=tuple(kept))
        return self._seal(node, recipient, what)


def fetched(author: Node, reader: Node) -> Id:
    """Return a new act of ``author`` whose content ``reader`` has just fetched beside the bundle:
    its author knows it as received.
    """
    dossier = open_tally(author, reader, ceiling=TLP.GREEN)
    act = say(author, dossier, "bid", {"amount": 1}, files={"a": LARGE})
    work.work_once(author)
    work.pull_mail(reader)
    while not blobs.fetch_due(reader):
        work.work_once(author)
    return act


@pytest.mark.parametrize("hosted", [False, True], ids=["direct", "by a host"])
def test_a_lost_receipt_is_learned_at_a_later_contact(
    net: Network, monkeypatch: pytest.MonkeyPatch, *, hosted: bool
) -> None:
    council, tolmere = net.make("council"), net.make("tolmere")
    orvanda = net.make("orvanda", mailbox=council.me if hosted else "")
    net.introduce()
    if hosted:
        parties.host(council, orvanda.me, agreed=True)
    act = fetched(orvanda, tolmere)
    line = Line(monkeypatch, tolmere, act)
    net.run(3)
    assert len(line.lost) == 1
    assert ladder(orvanda, act)[tolmere.me] == "received"
    assert not [row for row in outbox.queued(tolmere.db, orvanda.me, 9) if row.what == "receipt"]
    net.run(4, MINUTE)
    assert ladder(orvanda, act)[tolmere.me] == "whole"
    assert access_parties.statement(orvanda.db, line.lost[0]) is None
    assert not [item for what in line.sent for item in what.acts if item.blobs]


def asked(node: Node) -> list[Id]:
    """Return the acts that a node asks about now."""
    doubts.ask_again(node)
    return [act for acts in node.unsure.values() for act in acts]


def test_an_act_is_asked_about_after_pauses_that_double(net: Network) -> None:
    orvanda, tolmere = net.make("orvanda"), net.make("tolmere")
    net.introduce()
    act = fetched(orvanda, tolmere)
    times, begun = [], net.time
    while net.time - begun < 20 * MINUTE:
        net.time += MINUTE // 2
        if asked(orvanda):
            times.append((net.time - begun) * 2 // MINUTE)
            orvanda.unsure.clear()
    assert times == [2, 4, 8, 16, 32]
    net.time += orvanda.settings.expire
    assert not asked(orvanda)
    assert ladder(orvanda, act)[tolmere.me] == "received"


def test_nothing_is_asked_of_a_member_that_left(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere = net.make("orvanda"), net.make("tolmere")
    net.introduce()
    act = fetched(orvanda, tolmere)
    held = access.act(orvanda.db, act)
    assert held is not None
    Line(monkeypatch, tolmere, act)
    say(tolmere, held.dossier, "leave")
    work.send_all(tolmere)
    assert ladder(orvanda, act)[tolmere.me] == "received"
    net.time += 2 * MINUTE
    assert not asked(orvanda)
