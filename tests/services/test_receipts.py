"""Receipts of acts that had waited: as many as it takes, and none that its reader must refuse."""

from __future__ import annotations

from comity.kernel import statement
from comity.kernel.bundle import Bundle
from comity.kernel.ids import PartyId
from comity.services.care import fsck
from comity.services.delivery import deliver, ingest
from comity.services.node import Node
from comity.store.access import outbox as access
from comity.store.append import outbox
from comity.store.sql import writing
from tests.nodes import Nodes, introduce, open_tally, pass_on, say

MOST = statement.MAX_RECEIPT_IDS


def taken(sender: Node, to: PartyId) -> Bundle:
    """Take the next bundle for a party out of the queue."""
    packed, ids = deliver.pack(sender, to)
    with writing(sender.db):
        outbox.mark_sent(sender.db, ids, sender.now())
    return packed


def test_what_had_waited_for_a_full_bundle_is_receipted_beside_it(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_tally(orvanda, tolmere)
    said = [dossier, *(say(orvanda, dossier, "bid", {"amount": n + 1}) for n in range(MOST + 40))]
    first, second = taken(orvanda, tolmere.me), taken(orvanda, tolmere.me)
    assert (len(first.acts), len(second.acts)) == (MOST, len(said) - MOST)
    assert ingest.receive(tolmere, sender=orvanda.me, what=second).receipt is None
    outcome = ingest.receive(tolmere, sender=orvanda.me, what=first)
    assert outcome.held == {*said}
    assert outcome.receipt is not None
    receipt = statement.read_receipt(outcome.receipt)
    assert {*receipt.acts} == {each.act.id for each in first.acts}
    ingest.receive(orvanda, sender=tolmere.me, what=Bundle(receipts=(outcome.receipt,)))
    assert pass_on(tolmere, orvanda) == []
    states = {each.state for act in said for each in access.deliveries(orvanda.db, act)}
    assert states == {"whole"}
    assert fsck.check(tolmere).clean
