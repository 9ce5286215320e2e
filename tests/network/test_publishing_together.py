"""Equals publish at one agreed end, each by its own clock, over a network that loses much."""

from __future__ import annotations

import pytest

from comity.kernel.ids import Id
from comity.services.casework import dossiers
from comity.services.casework.inbox import Machine
from comity.services.node import Node
from comity.services.response import announcing, disclosures
from comity.services.response.announcing import Wish
from comity.services.response.placing import Places
from tests.network.simulator import MINUTE, ROUGH, Faults, Network, require_equal
from tests.network.test_consent import agree, propose, report
from tests.services.test_announcing import CANARY, URL, advisory, published

SKEWS = {"orvanda": 0, "tolmere": 40_000, "sarivane": -20_000}
"""How far each clock is ahead, in milliseconds."""
SECOND = 1000


def announced(net: Network) -> tuple[list[Node], Id, int]:
    """Return three nodes that announced in a case, and the end that they agreed to."""
    for name, skew in SKEWS.items():
        made = net.make(name, skew=skew, advisories="csaf", advisories_url=URL)
        assert made.settings.advisories_url == URL
    net.introduce()
    nodes = [*net.nodes.values()]
    dossier = report(*nodes)
    terms = propose(nodes[0], dossier, days=2)
    net.settle()
    for node in nodes[1:]:
        agree(node, dossier, terms)
    net.settle()
    for node in nodes:
        wish = Wish(*advisory(node.settings.name), Places((), provider=True))
        announcing.announce(Machine(node), dossier, wish)
    net.settle()
    end = disclosures.case(nodes[0], dossier).end
    assert end is not None
    return nodes, dossier, end


def test_each_publishes_by_its_own_clock_and_none_before(net: Network) -> None:
    nodes, dossier, end = announced(net)
    net.time = end - 2 * MINUTE
    net.faults = Faults(lose_request=0.2, lose_reply=0.2, duplicate=0.2)
    for _ in range(180):
        net.step(SECOND)
        for node in net.nodes.values():
            assert published(node) is (node.now() >= end)
    net.settle()
    require_equal(nodes, dossier)
    for node in net.nodes.values():
        found = disclosures.case(node, dossier)
        assert found.spread is not None
        # Each said the time of its own clock, so that they are equal but for the round it took.
        assert found.spread <= SECOND


def test_nodes_that_crash_again_and_again_publish_once_and_none_before(net: Network) -> None:
    nodes, dossier, end = announced(net)
    net.time = end - MINUTE
    net.faults = ROUGH
    for _ in range(150):
        net.step(SECOND)
        for name, node in net.nodes.items():
            # Asking the clock of a node may crash it.
            assert net.time + SKEWS[name] >= end or not published(node)
    net.settle()
    nodes = [*net.nodes.values()]
    require_equal(nodes, dossier)
    assert all(map(published, nodes))
    acts = dossiers.load(nodes[0], dossier).graph.nodes.values()
    assert [act.header.kind for act in acts].count("publish") == len(nodes)


def test_who_was_cut_off_publishes_all_the_same(net: Network) -> None:
    nodes, dossier, end = announced(net)
    net.cut({"orvanda"}, {"tolmere"}, {"sarivane"})
    net.time = end + MINUTE
    net.run(2)
    assert all(map(published, net.nodes.values()))
    net.heal()
    net.settle()
    require_equal(nodes, dossier)
    assert all(each.published for each in disclosures.case(nodes[0], dossier).parties)
    assert (
        CANARY in (nodes[1].folder / "csaf" / "clear" / "2026" / "tolmere-2026-1.json").read_text()
    )


@pytest.mark.parametrize("moved", [False, True])
def test_a_node_that_died_at_the_end_publishes_when_it_is_back(
    net: Network,
    moved: bool,  # noqa: FBT001  pytest's form
) -> None:
    nodes, dossier, end = announced(net)
    net.time = end + 3 * MINUTE
    before = nodes[0]
    again = net.reopen("orvanda")
    again.settings = before.settings
    if moved:
        # What it did not hear of while it was away does not stop it.
        net.cut({"orvanda"})
    net.run(3)
    assert published(again)
    net.settle()
    found = {e.name: e.published for e in disclosures.case(nodes[1], dossier).parties}
    told = found["orvanda"]
    assert told is not None
    assert told.due == end
    assert told.time >= end + 3 * MINUTE
