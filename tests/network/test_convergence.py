"""Whatever is lost, doubled, delayed, cut or killed: nodes that hold the same acts are equal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from comity.kernel.bundle import Bundle
from comity.kernel.canon import Object
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.services import dossiers, ingest, join, parties
from comity.services.carry import carry
from comity.store.access import acts as access
from tests.network.simulator import ROUGH, Crash, Forger, Network, held, require_equal, verdicts
from tests.nodes import open_tally, say

SEEDS = range(60) if os.environ.get("COMITY_LONG") else range(5)
NAMES = ["orvanda", "tolmere", "council", "sarivane"]


def network(folder: Path, seed: int) -> Network:
    """Return four nodes that know each other; the fourth accepts no connections."""
    net = Network(folder, seed)
    net.make("orvanda", skew=-240_000)
    net.make("tolmere", skew=180_000)
    council = net.make("council")
    net.make("sarivane", mailbox=council.me)
    net.introduce()
    parties.host(council, net["sarivane"].me, agreed=True)
    return net


def act_somehow(net: Network, open_: list[Id]) -> None:
    """Let someone do something that people do."""
    name = net.chance.choice(NAMES)
    kind = net.chance.choice(["open", "bid", "bid", "bid", "claim", "leave"])
    try:
        if kind == "open" and len(open_) < 4:
            others = net.chance.sample([n for n in NAMES if n != name], net.chance.randint(1, 3))
            open_.append(open_tally(net[name], *(net[other] for other in others)))
        elif kind == "leave" and net.chance.random() < 0.2:
            join.leave(net[name], dossier_id=net.chance.choice(open_))
        elif open_:
            body: Object = {"amount": net.chance.randint(1, 999)}
            if kind == "claim":
                body = {"status": "held"}
            say(net[name], net.chance.choice(open_), "claim" if kind == "claim" else "bid", body)
    except (Refusal, IndexError):
        pass
    except Crash:
        net.reopen(name)


def disturb(net: Network) -> None:
    match net.chance.randint(0, 9):
        case 0:
            side = set(net.chance.sample(NAMES, 2))
            net.cut(side)
        case 1:
            net.heal()
        case 2:
            net.arm(net.chance.choice(NAMES), net.chance.choice([None, *range(30)]))
        case 3:
            net.reopen(net.chance.choice(NAMES))
        case _:
            pass


@pytest.mark.parametrize("seed", SEEDS)
def test_after_any_misfortune_all_members_hold_the_same_and_no_evidence_is_made(
    tmp_path: Path, seed: int
) -> None:
    with network(tmp_path, seed) as net:
        net.faults = ROUGH
        open_: list[Id] = []
        for _ in range(40):
            act_somehow(net, open_)
            disturb(net)
            net.step()
        net.settle()
        assert open_
        for dossier_id in open_:
            holders = [n for n in net.nodes.values() if access.dossier(n.db, dossier_id)]
            staying = [
                node for node in holders if node.me in dossiers.load(node, dossier_id).members.now()
            ]
            require_equal(staying, dossier_id)
        for node in net.nodes.values():
            assert not access.equivocations(node.db)
            # Who left is not sent what an act under way at the time goes on from.
            waiting = {row.dossier for row in access.pending(node.db)}
            assert all(node.me not in dossiers.load(node, d).members.now() for d in waiting)
            counted = net.refusals(node.settings.name).keys()
            assert counted <= {"T3", "W4", "W5"}, counted


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
