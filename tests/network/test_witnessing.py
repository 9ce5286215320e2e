"""Witnesses cosign what only grows, whoever asks, and however often."""

from __future__ import annotations

from comity.kernel import checkpoint, witness
from comity.services import wire, witnessing
from comity.services.node import Node
from comity.store import subtrees
from comity.store.access import parties as access
from tests.network.simulator import Network
from tests.nodes import open_tally, say


def two_that_witness_each_other(net: Network) -> tuple[Node, Node]:
    orvanda, tolmere = net.make("orvanda"), net.make("tolmere")
    net.introduce()
    for node, other in ((orvanda, tolmere), (tolmere, orvanda)):
        node.settings = type(node.settings)(
            **{f: getattr(node.settings, f) for f in node.settings.__dataclass_fields__}
            | {"witnesses": (other.me,), "quorum": 1}
        )
    return orvanda, tolmere


def test_two_parties_witness_each_other_and_sizes_only_grow(net: Network) -> None:
    orvanda, tolmere = two_that_witness_each_other(net)
    dossier = open_tally(orvanda, tolmere)
    sizes = []
    for amount in range(1, 5):
        say(orvanda, dossier, "bid", {"amount": amount})
        net.run(2, 40_000)
        origin = witnessing.own_origin(orvanda, 1)
        sizes.append(access.cosigned_size(orvanda.db, origin, tolmere.me))
        held = access.witnessed(tolmere.db, origin)
        assert held is not None
        assert held.size == sizes[-1]
    assert sizes == sorted(set(sizes))
    assert all(size % 16 == 0 for size in sizes)
    assert access.cosigned_size(tolmere.db, witnessing.own_origin(tolmere, 1), orvanda.me)


def test_a_log_that_forgot_what_was_cosigned_asks_again_from_there(net: Network) -> None:
    orvanda, tolmere = two_that_witness_each_other(net)
    net.run(2, 40_000)
    origin = witnessing.own_origin(orvanda, 1)
    size = access.cosigned_size(orvanda.db, origin, tolmere.me)
    say(orvanda, open_tally(orvanda, tolmere), "bid", {"amount": 1})
    note = checkpoint.parse(witnessing.cut(orvanda).to_bytes())
    asked = witness.ask(subtrees.LogReader(orvanda.db, 1), 0, note).to_bytes()
    reply = wire.answer(tolmere, "add-checkpoint", asked)
    assert (reply.status, reply.body) == (409, b"%d\n" % size)
    assert witnessing.collect(orvanda) == 1


def test_a_tree_that_does_not_extend_the_last_is_not_cosigned(net: Network) -> None:
    orvanda, tolmere = two_that_witness_each_other(net)
    net.run(2, 40_000)
    origin = witnessing.own_origin(orvanda, 1)
    size = access.cosigned_size(orvanda.db, origin, tolmere.me)
    fork = checkpoint.sign(
        checkpoint.Checkpoint(origin, size, bytes(32)), orvanda.keys.log(1).checkpoint
    )
    reply = wire.answer(tolmere, "add-checkpoint", witness.Request(size, (), fork).to_bytes())
    assert reply.status == 422
    held = access.witnessed(tolmere.db, origin)
    assert held is not None
    assert held.root != bytes(32).hex()
    assert net.refusals("tolmere") == {"W6": 1}
