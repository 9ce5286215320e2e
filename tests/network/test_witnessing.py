"""Witnesses cosign what only grows, whoever asks, and however often."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from comity.kernel import checkpoint, documents, dsse, witness
from comity.kernel.checkpoint import CosignedCheckpoint
from comity.kernel.documents import Closing, LogEntry
from comity.kernel.note import VerifierKey
from comity.services.care.overview import status
from comity.services.casework.issue import own_view
from comity.services.delivery import deliver, wire
from comity.services.identity import parties
from comity.services.node import Node
from comity.services.proof import witnessing
from comity.store import subtrees
from comity.store.access import parties as access
from comity.store.sql import writing
from tests.kernel.world import Party
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


def test_a_witness_that_is_away_is_noted_and_is_no_refusal(net: Network) -> None:
    orvanda, tolmere = two_that_witness_each_other(net)
    net.cut({"tolmere"})
    witnessing.cut(orvanda)
    assert witnessing.collect(orvanda) == 0
    ((rule, peer, count, reason, _),) = access.refusals(orvanda.db)
    assert (rule, peer, count) == ("W5", tolmere.me, 1)
    assert reason.startswith("As witness: ")
    assert status(orvanda).refused == 0


def asked_for(node: Node) -> bytes:
    """A request by the node's log for its first cosignature."""
    cut = witnessing.cut(node)
    return witness.ask(subtrees.LogReader(node.db, 1), 0, cut).to_bytes()


def test_a_witness_counts_requests_before_it_looks_at_a_signature(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere = net.make("orvanda"), net.make("tolmere")
    net.introduce()
    tolmere.settings = replace(tolmere.settings, rate=3)
    request = asked_for(orvanda)
    seen: list[str] = []
    verify = checkpoint.verify_log

    def noted(cosigned: CosignedCheckpoint, *keys: VerifierKey) -> None:
        seen.append(cosigned.checkpoint.origin)
        verify(cosigned, *keys)

    monkeypatch.setattr(checkpoint, "verify_log", noted)
    asked = [
        wire.answer(tolmere, "add-checkpoint", request, origin="192.0.2.1").status for _ in range(5)
    ]
    assert asked == [200, 409, 409, 429, 429]
    assert len(seen) == 3
    # Who claims to be another's log from elsewhere uses up nothing of that log's.
    assert wire.answer(tolmere, "add-checkpoint", request, origin="192.0.2.2").status == 409
    assert net.refusals("tolmere") == {"T5": 2}


def test_a_witness_serves_the_logs_of_parties_accredited_here(net: Network) -> None:
    orvanda, tolmere = net.make("orvanda"), net.make("tolmere")
    deliver.exchange_documents(orvanda, tolmere.settings.endpoints[0])
    request = asked_for(orvanda)
    reply = wire.answer(tolmere, "add-checkpoint", request)
    assert (reply.status, orjson.loads(reply.body)["rule"]) == (404, "T4")
    parties.accredit(tolmere, orvanda.me)
    assert wire.answer(tolmere, "add-checkpoint", request).status == 200


def test_nobody_witnesses_its_own_log(net: Network) -> None:
    orvanda, tolmere = two_that_witness_each_other(net)
    orvanda.settings = replace(orvanda.settings, witnesses=(orvanda.me, tolmere.me))
    assert wire.answer(orvanda, "add-checkpoint", asked_for(orvanda)).status == 404
    assert witnessing.collect(orvanda) == 1
    assert net.refusals("orvanda") == {"T4": 1}


def test_a_log_of_no_party_is_unknown(net: Network) -> None:
    (tolmere,) = (net.make("tolmere"),)
    tree = checkpoint.Checkpoint("example.com/log", 16, bytes(32))
    signed = checkpoint.sign(tree, tolmere.keys.log(1).checkpoint)
    request = witness.Request(0, (), signed).to_bytes()
    assert wire.answer(tolmere, "add-checkpoint", request).status == 404


def test_a_closed_log_is_not_witnessed_any_more(net: Network) -> None:
    orvanda, tolmere = two_that_witness_each_other(net)
    net.run(2, 40_000)
    origin = witnessing.own_origin(orvanda, 1)
    held = access.witnessed(tolmere.db, origin)
    assert held is not None
    view, keys = own_view(orvanda), Party("orvanda anew").keys(2)
    # The root key closes the log: whoever holds its other keys is helped no further.
    closed = LogEntry(view.logs[1].keys, Closing(held.size, held.root, ()))
    root = orvanda.keys.root()
    assert root is not None
    payload = documents.root_payload(
        time=orvanda.now(),
        grade="hardened",
        root_keys=[root.key],
        threshold=1,
        logs={1: closed, 2: LogEntry(keys, None)},
        next_hash=view.next,
        previous=view,
    )
    with writing(tolmere.db):
        chain = [dsse.sign(dsse.ROOT, payload, [root])]
        parties.learn_documents(tolmere, chain, [], introduced_by="")
    cut = witnessing.cut(orvanda)
    request = witness.ask(subtrees.LogReader(orvanda.db, 1), held.size, cut).to_bytes()
    assert wire.answer(tolmere, "add-checkpoint", request).status == 404


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
