"""How many computed dossiers stay in memory, and that dropping one is never noticed."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from comity.kernel.act import Act
from comity.kernel.dossier import Dossier
from comity.kernel.ids import Id
from comity.services.care import fsck
from comity.services.casework import dossiers
from comity.services.casework.loaded import Loaded
from comity.services.node import Node
from comity.store.access import acts as access
from comity.store.database import close_connection
from comity.store.sql import writing
from tests.nodes import Nodes, open_tally, say


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count how often each dossier is computed from its charter."""
    counts = Counter[str]()
    compute = dossiers.open_charter

    def counted(node: Node, charter: Act) -> Dossier:
        counts[charter.id] += 1
        return compute(node, charter)

    monkeypatch.setattr(dossiers, "open_charter", counted)
    return counts


def three(node: Node) -> list[Id]:
    """Three dossiers of four acts each, none of them in memory."""
    ids = [open_tally(node) for _ in range(3)]
    for id_ in ids * 3:
        say(node, id_, "note")
    node.loaded.clear()
    return ids


def keep(node: Node, limit: int) -> None:
    node.loaded = Loaded(limit, lambda: False)


def test_what_fits_is_computed_once(nodes: Nodes, computed: Counter[str]) -> None:
    node = nodes.make("orvanda")
    ids = three(node)
    computed.clear()
    for id_ in ids * 3:
        dossiers.load(node, id_)
    assert computed == dict.fromkeys(ids, 1)
    assert len(node.loaded) == 3


def test_the_one_unused_for_longest_is_computed_again(nodes: Nodes, computed: Counter[str]) -> None:
    node = nodes.make("orvanda")
    one, two, three_ = three(node)
    keep(node, 8)
    computed.clear()
    for id_ in (one, two, one, three_, one):
        dossiers.load(node, id_)
    assert computed == {one: 1, two: 1, three_: 1}
    dossiers.load(node, two)
    assert computed == {one: 1, two: 2, three_: 1}
    dossiers.load(node, one)
    assert computed[one] == 1
    dossiers.load(node, three_)
    assert computed[three_] == 2


def test_acts_are_counted_and_not_dossiers(nodes: Nodes, computed: Counter[str]) -> None:
    node = nodes.make("orvanda")
    one, two, _ = three(node)
    keep(node, 8)
    dossiers.load(node, one)
    dossiers.load(node, two)
    say(node, two, "note")  # Nine acts now: the older one goes with the next use.
    dossiers.load(node, two)
    assert len(node.loaded) == 1
    computed.clear()
    dossiers.load(node, one)
    assert computed == {one: 1}


def test_a_dossier_larger_than_the_limit_stays_while_it_is_used(
    nodes: Nodes, computed: Counter[str]
) -> None:
    node = nodes.make("orvanda")
    one, *_ = three(node)
    keep(node, 1)
    computed.clear()
    for _ in range(3):
        dossiers.load(node, one)
    assert computed == {one: 1}


def test_nothing_is_dropped_while_a_transaction_is_under_way(
    nodes: Nodes, computed: Counter[str]
) -> None:
    node = nodes.make("orvanda", computed=1)
    ids = three(node)
    computed.clear()
    with writing(node.db):
        for id_ in ids * 2:
            dossiers.load(node, id_)
    assert computed == dict.fromkeys(ids, 1)
    dossiers.load(node, ids[0])
    assert len(node.loaded) == 1


def test_threads_that_use_more_than_fits_lose_nothing(nodes: Nodes) -> None:
    node = nodes.make("orvanda", computed=5)
    ids = three(node)

    def work(turn: int) -> None:
        try:
            for step in range(6):
                id_ = ids[(turn + step) % 3]
                say(node, id_, "note")
                with node.lock:
                    dossier = dossiers.load(node, id_)
                    placed = {n.id for n in dossier.graph.order}
                    assert access.known_acts(node.db, sorted(placed)) == placed
        finally:
            close_connection(node.db)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert sum(len(dossiers.load(node, id_).graph) for id_ in ids) == 12 + 36
    dossiers.load(node, ids[0])
    assert len(node.loaded) == 1
    assert fsck.check(node).findings == []
