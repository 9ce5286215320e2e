"""Whatever is lost, doubled, delayed, cut or killed: nodes that hold the same acts are equal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from comity.kernel.bundle import Bundle
from comity.services.delivery import ingest
from comity.services.delivery.carry import carry
from comity.store.access import acts as access
from tests.network import schedules
from tests.network.simulator import Forger, Network, held, require_equal, verdicts
from tests.nodes import open_tally, say

FIRST = int(os.environ.get("COMITY_SEED", "3"))
SEEDS = range(FIRST, FIRST + (60 if os.environ.get("COMITY_LONG") else 3))


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_fails_and_whoever_lies_honest_nodes_agree(tmp_path: Path, seed: int) -> None:
    """The seed is in the name of the test; COMITY_SEED=<seed> plays it again."""
    assert schedules.play(tmp_path, seed).said


def test_verdicts_do_not_depend_on_order_batches_or_repetition(net: Network) -> None:
    authors = [net.make(name) for name in ("orvanda", "tolmere", "sarivane")]
    observers = [net.make(f"council{i}") for i in range(4)]
    net.introduce()
    dossier = open_tally(authors[0], *authors[1:], *observers)
    net.settle()
    forger = Forger(authors[2])
    forged = [forger.act(dossier, "bid", {"amount": 7}), Forger(authors[2]).act(dossier)]
    forged += [forger.after(forged[0], body={"amount": 5}), forger.after(forged[1])]
    forged += [forger.act(dossier, "leave", {})]
    forged += [forger.after(forged[-1], body={"amount": 50})]
    net.cut({"orvanda"}, {"tolmere"}, {"sarivane"})
    for turn in range(4):
        for author in authors[:2]:
            say(author, dossier, "bid", {"amount": 10 + turn})
        Forger(authors[2]).send(authors[turn % 2], *net.chance.sample(forged, 3))
    said = [carry(a, id_, observers[0].me) for a in authors[:2] for id_ in sorted(held(a, dossier))]
    everything = [*forged, *(item for item in said if item is not None)]
    for observer in observers:
        for _ in range(3):
            net.chance.shuffle(everything)
            for first in range(0, len(everything), 5):
                batch = tuple(everything[first : first + 5])
                ingest.receive(observer, sender=authors[0].me, what=Bundle(acts=batch))
    require_equal(observers, dossier)
    assert not access.pending(observers[0].db)
    assert "D1" in {void[0] for void in verdicts(observers[0], dossier).values() if void}
    # Which pairs of three twins are kept depends on the order; that each twin is in one does not.
    twins = [
        {(r.place, id_) for r in access.equivocations(o.db) for id_ in (r.first, r.second)}
        for o in observers
    ]
    assert twins[0]
    assert all(each == twins[0] for each in twins)
    before = {o.me: verdicts(o, dossier) for o in observers}
    for name in ("council0", "council1"):
        node = net.reopen(name)
        assert verdicts(node, dossier) == before[node.me]


def test_what_rests_on_what_a_restored_author_lost_waits_no_longer_than_anything(
    net: Network,
) -> None:
    orvanda, tolmere = net.make("orvanda"), net.make("tolmere")
    net.introduce()
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    net.copy("orvanda")
    first, second = (say(orvanda, dossier, "bid", {"amount": n}) for n in (1, 2))
    # Of two acts the network brings one, before their author loses both.
    came = carry(orvanda, second, tolmere.me)
    assert came is not None
    ingest.receive(tolmere, sender=orvanda.me, what=Bundle(acts=(came,)))
    waits = schedules.Schedule(net, restored={"orvanda"})
    with pytest.raises(AssertionError, match=second):
        schedules.require_bounds(waits, tolmere)  # The first may still come.
    assert net.roll_back("orvanda")
    orvanda = net["orvanda"]
    net.settle()
    assert not held(orvanda, dossier) & {first, second}
    assert [row.id for row in access.pending(tolmere.db)] == [second]
    schedules.require_bounds(waits, tolmere)
    with pytest.raises(AssertionError, match=second):
        schedules.require_bounds(schedules.Schedule(net), tolmere)
    # It is in nobody's way meanwhile, and goes when its time is over.
    later = say(orvanda, dossier, "bid", {"amount": 3})
    net.settle()
    assert later in held(tolmere, dossier)
    require_equal([orvanda, tolmere], dossier)
    assert not access.equivocations(tolmere.db)
    net.run(1, tolmere.settings.expire + 1)
    assert not access.pending(tolmere.db)
    require_equal([orvanda, tolmere], dossier)
