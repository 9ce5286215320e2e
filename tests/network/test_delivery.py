"""What is sent arrives once in effect, its ladder is true, and old documents heal by themselves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from comity.kernel import documents, dsse
from comity.kernel.bundle import Bundle
from comity.kernel.cover import CoverKind
from comity.kernel.documents import View
from comity.kernel.errors import Refusal
from comity.kernel.kinds import Growth
from comity.services import quota
from comity.services.care import fsck
from comity.services.casework import dossiers, issue, join
from comity.services.delivery import (
    blobs,
    deliver,
    envelope,
    heights,
    ingest,
    meet,
    wire,
    work,
)
from comity.services.identity import parties
from comity.services.node import DAY, Node
from comity.services.ports import Reply
from comity.store.access import acts as access
from comity.store.access import outbox
from comity.store.access import parties as access_parties
from comity.store.access.space import bytes_from
from comity.store.append import outbox as queue
from comity.store.append.parties import freeze, insert_document, save_party
from comity.store.sql import writing
from tests.kernel.world import TALLY, TALLY_2, Party, refused
from tests.network.simulator import MINUTE, Faults, Forger, Network, held, ladder, require_equal
from tests.nodes import open_tally, say


def pair(net: Network) -> tuple[Node, Node]:
    """Return two nodes that know each other."""
    made = net.make("orvanda"), net.make("tolmere")
    net.introduce()
    return made


def behind_a_host(net: Network) -> tuple[Node, Node, Node]:
    """Return a node, the host of another's mail, and that other, which accepts no connections."""
    orvanda, council = net.make("orvanda"), net.make("council")
    sarivane = net.make("sarivane", mailbox=council.me)
    net.introduce()
    parties.host(council, sarivane.me, agreed=True)
    return orvanda, council, sarivane


def test_the_ladder_climbs_from_queued_to_whole(net: Network) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    act = say(orvanda, dossier, "bid", {"amount": 1})
    assert ladder(orvanda, act) == {tolmere.me: "queued"}
    net.settle()
    assert ladder(orvanda, act) == {tolmere.me: "whole"}
    require_equal([orvanda, tolmere], dossier)


def test_two_nodes_cooperate_on_either_database(tmp_path: Path, db_url: Callable[[], str]) -> None:
    with Network(tmp_path, faults=Faults(lose_reply=0.3, duplicate=0.3)) as net:
        orvanda = net.make("orvanda", database=db_url())
        tolmere = net.make("tolmere", database=db_url(), witnesses=(orvanda.me,), quorum=1)
        net.introduce()
        dossier = open_tally(orvanda, tolmere, growth=Growth.CHAIR, chair=orvanda.me)
        forger = Forger(tolmere)
        net.run(3)
        early = forger.act(dossier)
        forger.send(orvanda, forger.after(early))
        for amount in range(1, 4):
            say(orvanda, dossier, "bid", {"amount": amount}, files={"a": bytes(100_000)})
        net.run(3, 40_000)
        forger.send(orvanda, early)
        # With the next message tolmere hears what it is said to have said, and asks for it.
        say(orvanda, dossier, "bid", {"amount": 9})
        net.settle()
        require_equal([orvanda, tolmere], dossier)
        assert "whole" in set(ladder(orvanda, dossier).values())
        assert not access.pending(orvanda.db)


def test_a_lost_reply_is_sent_again_and_received_once(net: Network) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    net.faults = Faults(lose_reply=1.0)
    net.step()
    assert held(tolmere, dossier) == {dossier}
    assert ladder(orvanda, dossier) in ({tolmere.me: "queued"}, {tolmere.me: "sent"})
    net.settle()
    assert ladder(orvanda, dossier) == {tolmere.me: "whole"}
    assert len(list(access.acts_of(tolmere.db, dossier))) == 1


def test_a_receipt_for_content_does_not_get_lost_with_an_answer(net: Network) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    act = say(orvanda, dossier, "bid", {"amount": 1}, files={"f": bytes(100_000)})
    work.send_all(orvanda)
    assert blobs.fetch_due(tolmere)
    assert ladder(orvanda, act) == {tolmere.me: "received"}
    # Before tolmere sends its receipt, orvanda asks something, and the answer gets lost.
    say(orvanda, dossier, "bid", {"amount": 2})
    net.faults = Faults(lose_reply=1.0)
    work.send_all(orvanda)
    net.settle()
    assert ladder(orvanda, act) == {tolmere.me: "whole"}


def test_pauses_begin_anew_when_a_peer_is_heard(net: Network) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    net.cut({"tolmere"})
    say(orvanda, dossier, "bid", {"amount": 1})
    net.run(30, MINUTE)
    row = outbox.peer(orvanda.db, tolmere.me)
    assert row is not None
    assert row.failures > 3
    with writing(orvanda.db):
        queue.note_heard(orvanda.db, tolmere.me, orvanda.now())
    row = outbox.peer(orvanda.db, tolmere.me)
    assert row is not None
    assert (row.failures, row.next_try) == (0, 0)


def test_a_nudge_waits_for_the_end_of_a_pause(net: Network) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    net.cut({"tolmere"})
    say(orvanda, dossier, "bid", {"amount": 1})
    net.run(10, MINUTE)
    row, tries = outbox.peer(orvanda.db, tolmere.me), net.tries["orvanda", "tolmere"]
    assert row is not None
    for _ in range(5):
        orvanda.nudged.add(tolmere.me)
        net.step(1)
    assert net.tries["orvanda", "tolmere"] == tries
    assert outbox.peer(orvanda.db, tolmere.me) == row
    # Once the pause is over it is tried, and the nudge was not forgotten.
    with writing(orvanda.db):
        queue.drop_queued(orvanda.db, dossier, tolmere.me)
    net.time = row.next_try
    net.step(1)
    assert net.tries["orvanda", "tolmere"] == tries + 1
    assert not orvanda.nudged
    # And in the next pause it is tried as soon as it is heard.
    net.heal()
    say(tolmere, dossier, "bid", {"amount": 2})
    work.send_all(tolmere)
    orvanda.nudged.add(tolmere.me)
    net.step(1)
    assert net.tries["orvanda", "tolmere"] == tries + 2


def test_what_a_host_keeps_is_sent_again_after_pauses_that_double(net: Network) -> None:
    orvanda, council, sarivane = behind_a_host(net)
    open_tally(orvanda, sarivane)
    net.hosts["sarivane"].net = Network(net.folder / "nowhere")  # It is away.
    for _ in range(120):
        net.time += MINUTE
        work.send_all(orvanda)
    assert len(outbox.mail(council.db, sarivane.me, 0, 100)) < 10


def test_acts_reach_a_node_that_accepts_no_connections_and_receipts_come_back(
    net: Network,
) -> None:
    orvanda, council, sarivane = behind_a_host(net)
    dossier = open_tally(orvanda, sarivane)
    act = say(orvanda, dossier, "bid", {"amount": 1})
    net.settle()
    say(sarivane, dossier, "bid", {"amount": 2})
    net.settle()
    assert ladder(orvanda, act) == {sarivane.me: "whole"}
    require_equal([orvanda, sarivane], dossier)
    assert not access.dossier(council.db, dossier)


def test_a_bundle_of_receipts_alone_is_never_receipted(net: Network) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    receipts = access_parties.statements(orvanda.db, tolmere.me, "receipt")
    receipt = dsse.parse(receipts[0].envelope, limit=100_000)
    outcome = ingest.receive(orvanda, sender=tolmere.me, what=Bundle(receipts=(receipt,)))
    assert outcome.receipt is None
    assert ladder(orvanda, dossier) == {tolmere.me: "whole"}


def test_what_nobody_takes_becomes_undeliverable_and_is_shown_so(net: Network) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    net.cut({"orvanda"})
    net.run(3, 31 * DAY)
    assert ladder(orvanda, dossier) == {tolmere.me: "undeliverable"}


def test_what_a_peer_refuses_for_good_is_not_sent_again(net: Network) -> None:
    orvanda, tolmere = pair(net)
    council = net.make("council")
    net.introduce()
    dossier = open_tally(orvanda, council)
    with writing(orvanda.db):
        queue.queue(orvanda.db, "act", [(dossier, tolmere.me)], orvanda.now())
    net.settle()
    (row,) = [d for d in outbox.deliveries(orvanda.db, dossier) if d.recipient == tolmere.me]
    assert row.state == "refused"
    assert row.receipt.startswith("T2")
    assert not access.dossier(tolmere.db, dossier)


def test_a_key_that_was_replaced_heals_by_itself(net: Network) -> None:
    orvanda, tolmere = pair(net)
    (tolmere.folder / "keys" / "hpke").unlink()
    tolmere.keys.add_hpke(b"\x07" * 32)
    parties.publish_node_document(tolmere)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    assert held(tolmere, dossier) == {dossier}
    assert net.refusals("tolmere") == {"T6": 1}


def test_a_key_that_was_replaced_behind_a_host_heals_by_itself(net: Network) -> None:
    orvanda, _, sarivane = behind_a_host(net)
    (sarivane.folder / "keys" / "hpke").unlink()
    sarivane.keys.add_hpke(b"\x07" * 32)
    parties.publish_node_document(sarivane)
    dossier = open_tally(orvanda, sarivane)
    net.settle()
    assert held(sarivane, dossier) == {dossier}


def follow_root(node: Node) -> View:
    """Let a party sign its next root document, which nobody else has seen."""
    view, root = issue.own_view(node), node.keys.root()
    assert root is not None
    payload = documents.root_payload(
        time=node.now(),
        grade="evaluation",
        root_keys=[root.key],
        threshold=1,
        logs=view.logs,
        next_hash=view.next,
        previous=view,
    )
    signed = dsse.sign(dsse.ROOT, payload, [root])
    following = documents.read(signed, view)
    with writing(node.db):
        insert_document(node.db, following, signed.to_bytes())
        save_party(node.db, following, is_self=True, introduced_by="", now=node.now())
    return following


def test_a_sender_whose_documents_are_newer_is_met_again_without_a_person(net: Network) -> None:
    orvanda, tolmere = pair(net)
    view = follow_root(orvanda)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    assert held(tolmere, dossier) == {dossier}
    assert dossiers.newest(tolmere, orvanda.me) == view
    assert net.refusals("tolmere") == {"T4": 1}


def test_who_answers_under_newer_documents_is_met_again_without_a_person(net: Network) -> None:
    orvanda, tolmere = pair(net)
    view = follow_root(tolmere)
    dossier = open_tally(orvanda, tolmere)
    work.send_all(orvanda)
    assert ladder(orvanda, dossier) == {tolmere.me: "whole"}
    assert dossiers.newest(orvanda, tolmere.me) == view


def test_a_node_behind_a_host_learns_a_senders_newer_documents_from_the_host(
    net: Network,
) -> None:
    orvanda, _, sarivane = behind_a_host(net)
    follow_root(orvanda)
    dossier = open_tally(orvanda, sarivane)
    net.settle()
    assert held(sarivane, dossier) == {dossier}


def test_two_documents_in_one_place_freeze_a_party_until_a_person_decides(net: Network) -> None:
    orvanda, tolmere = pair(net)
    previous = issue.own_view(orvanda)
    follow_root(orvanda)
    meet.introduce(orvanda, "http://tolmere")
    root = orvanda.keys.root()
    assert root is not None
    payload = documents.root_payload(
        time=orvanda.now() + 1,
        grade="evaluation",
        root_keys=[root.key],
        threshold=1,
        logs=previous.logs,
        next_hash=previous.next,
        previous=previous,
    )
    fork = dsse.sign(dsse.ROOT, payload, [root])
    with writing(tolmere.db):
        parties.learn_documents(tolmere, [fork], [], introduced_by="")
    row = access_parties.party(tolmere.db, orvanda.me)
    assert row is not None
    assert row.frozen
    open_tally(orvanda, tolmere)
    net.step()
    assert net.refusals("tolmere") == {"T12": 1}
    parties.accredit(tolmere, orvanda.me)
    net.settle()


def test_what_a_frozen_party_said_is_admitted_when_others_bring_it(net: Network) -> None:
    """What an act rests on must not depend on whom a node has accredited."""
    orvanda, tolmere = pair(net)
    council = net.make("council")
    net.introduce()
    dossier = open_tally(orvanda, tolmere, council)
    net.settle()
    with writing(tolmere.db):
        freeze(tolmere.db, council.me, "Two documents exist in one place.")
    said = Forger(council).act(dossier)
    Forger(council).send(orvanda, said)
    Forger(council).send(tolmere, said)
    assert said.act.id not in held(tolmere, dossier)
    answer = say(orvanda, dossier, "bid", {"amount": 1})
    net.settle()
    assert {said.act.id, answer} <= held(tolmere, dossier)
    assert net.refusals("tolmere").keys() == {"T12"}


def test_a_host_that_was_restored_drops_no_mail_unread(net: Network) -> None:
    orvanda, council, sarivane = behind_a_host(net)
    dossier = open_tally(orvanda, sarivane)
    net.copy("council")
    for amount in range(1, 4):
        say(orvanda, dossier, "bid", {"amount": amount})
        net.run(3)
    assert net.roll_back("council")
    council = net["council"]
    late = say(orvanda, dossier, "bid", {"amount": 9})
    work.send_all(orvanda)
    assert outbox.mail(council.db, sarivane.me, 0, 100)
    work.pull_mail(sarivane)
    assert late in held(sarivane, dossier)


def test_what_a_restored_node_has_lost_comes_again_however_lately_it_was_sent(
    net: Network,
) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    net.copy("tolmere")
    act = say(orvanda, dossier, "bid", {"amount": 1})
    work.send_all(orvanda)
    assert ladder(orvanda, act) == {tolmere.me: "whole"}
    # Nobody is restored within moments; what is said then may have crossed the receipt.
    net.time += queue.CROSSED + 1
    assert net.roll_back("tolmere")
    assert act not in held(net["tolmere"], dossier)
    # They compare at once, and have no reason to compare later.
    net.run(2)
    assert act in held(net["tolmere"], dossier)


def test_a_restored_author_learns_again_who_holds_its_content(net: Network) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    act = say(orvanda, dossier, "bid", {"amount": 1}, files={"f": bytes(100_000)})
    work.send_all(orvanda)
    net.copy("orvanda")
    net.settle()
    assert ladder(orvanda, act) == {tolmere.me: "whole"}
    assert net.roll_back("orvanda")
    assert ladder(net["orvanda"], act) != {tolmere.me: "whole"}
    net.settle()
    assert ladder(net["orvanda"], act) == {tolmere.me: "whole"}


def test_who_left_and_was_restored_learns_that_it_left(net: Network) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    say(tolmere, dossier, "claim", {"status": "held"})
    net.settle()
    net.copy("tolmere")
    left = join.leave(tolmere, dossier_id=dossier)
    net.settle()
    later = say(orvanda, dossier, "bid", {"amount": 1})
    net.cut({"tolmere"})
    assert net.roll_back("tolmere")
    tolmere = net["tolmere"]
    assert left not in held(tolmere, dossier)
    net.settle()
    assert left in held(tolmere, dossier)
    assert later not in held(tolmere, dossier)
    assert dict(access.members(tolmere.db, dossier))[tolmere.me] == "left"
    assert not access.equivocations(orvanda.db)


def test_what_a_party_disowned_is_shown_no_more_when_its_documents_come(net: Network) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    net.copy("orvanda")
    say(orvanda, dossier, "claim", {"status": "held"})
    net.settle()
    # Nobody answers: the claim is not among what the closing keeps.
    net.cut({"orvanda"})
    assert net.roll_back("orvanda")
    net.heal()
    meet.introduce(tolmere, "http://orvanda")
    row = access.dossier(tolmere.db, dossier)
    assert row is not None
    assert row.status == "held"
    net.run(1, MINUTE)
    row = access.dossier(tolmere.db, dossier)
    assert row is not None
    assert row.status != "held"
    assert fsck.check(tolmere).clean


def test_equal_acts_with_another_state_raise_an_alarm(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    wrong = dossiers.load(tolmere, dossier).state
    right = type(wrong).digest
    monkeypatch.setattr(
        type(wrong), "digest", lambda state: "0" * 64 if state is wrong else right(state)
    )
    say(orvanda, dossier, "bid", {"amount": 1})
    net.settle()
    assert "S9" in {**net.refusals("orvanda"), **net.refusals("tolmere")}


def test_a_node_without_the_protocol_stores_receipts_and_relays(net: Network) -> None:
    orvanda = net.make("orvanda", known={("test/tally", 1): TALLY, ("test/tally", 2): TALLY_2})
    tolmere = net.make("tolmere", known={("test/tally", 1): TALLY})
    net.introduce()
    dossier = open_tally(orvanda, tolmere, version=2)
    act = say(orvanda, dossier, "close")
    net.settle()
    row = access.dossier(tolmere.db, dossier)
    assert row is not None
    assert row.state == "opaque"
    assert ladder(orvanda, act) == {tolmere.me: "whole"}
    net.hosts["tolmere"].known = net.hosts["orvanda"].known
    tolmere = net.reopen("tolmere")
    say(orvanda, dossier, "bid", {"amount": 1})
    net.settle()
    row = access.dossier(tolmere.db, dossier)
    assert row is not None
    assert row.state == "active"
    require_equal([orvanda, tolmere], dossier)


def test_a_member_that_missed_what_its_author_cannot_send_gets_it_from_another(
    net: Network,
) -> None:
    orvanda, tolmere = pair(net)
    council = net.make("council")
    net.introduce()
    dossier = open_tally(orvanda, tolmere, council)
    net.settle()
    net.cut({"council"})
    for amount in range(1, 6):
        say(orvanda, dossier, "bid", {"amount": amount})
    net.run(3)
    net.heal()
    net.cut({"orvanda"})
    say(tolmere, dossier, "bid", {"amount": 9})
    net.run(10, 40_000)
    require_equal([tolmere, council], dossier)
    assert len(held(council, dossier)) == 7


def test_heights_are_told_once_and_again_only_of_what_changed(net: Network) -> None:
    orvanda, tolmere = pair(net)
    dossier_ids = [open_tally(orvanda, tolmere) for _ in range(5)]
    net.settle()
    told, cursor = heights.changed(orvanda, tolmere.me, orvanda.told[tolmere.me])
    assert len(told) <= len(dossier_ids)
    say(orvanda, dossier_ids[2], "bid", {"amount": 1})
    net.settle()
    told, _ = heights.changed(orvanda, tolmere.me, cursor)
    assert [item.dossier for item in told] == [dossier_ids[2]]


def test_the_documents_of_all_members_travel_with_a_charter(net: Network) -> None:
    names = [f"party{i}" for i in range(12)]
    nodes = [net.make(name) for name in names]
    net.introduce()
    dossier = open_tally(nodes[0], *nodes[1:])
    packed, _ = deliver.pack(nodes[0], nodes[1].me)
    assert len(packed.nodes) == 11
    assert packed.acts[0].act.id == dossier


def test_what_waits_for_a_document_is_verified_when_it_comes(net: Network) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    follow_root(orvanda)
    item = Forger(orvanda).act(dossier)
    good = item.act.envelope
    forged = good._replace(signatures=(good.signatures[0]._replace(sig=bytes(64)),))
    bad = item._replace(act=item.act._replace(envelope=forged))
    outcome = ingest.receive(tolmere, sender=orvanda.me, what=Bundle(acts=(bad,)))
    assert outcome.waiting == {dossier}
    chain, nodes = parties.own_documents(orvanda)
    ingest.receive(
        tolmere, sender=orvanda.me, what=Bundle(documents=tuple(chain), nodes=tuple(nodes))
    )
    assert held(tolmere, dossier) == {dossier}
    assert net.refusals("tolmere") == {"K5": 1}
    assert not access.pending(tolmere.db)


def test_a_sender_beyond_its_rate_is_refused_before_any_signature_is_checked(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere = pair(net)
    checks = []
    monkeypatch.setattr(envelope, "require_sender", lambda *_: checks.append(1))
    monkeypatch.setattr(quota, "require_room", lambda *_: None)
    for _ in range(tolmere.settings.rate + 50):
        asked = envelope.request(orvanda, tolmere.me, CoverKind.PULL, {"after": 0})
        wire.answer(tolmere, "pull", asked)
    assert len(checks) == tolmere.settings.rate
    assert net.refusals("tolmere") == {"T5": 50}


def test_invented_rules_in_an_answer_harm_nobody(net: Network) -> None:
    orvanda, tolmere = pair(net)
    reply = Reply(400, b'{"rule":"Q9","reason":"?"}')
    refusal = deliver._refusal_of(orvanda, reply, tolmere.me)
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "T13"


def test_strangers_in_a_refusal_count_against_who_answered(net: Network) -> None:
    orvanda, tolmere = pair(net)
    strangers = [Party(f"stranger {n}") for n in range(3)]
    for stranger, disk in zip(strangers, (2**32, 2**32, 0), strict=True):
        shown = json.loads(stranger.envelopes[0].to_bytes())
        value = {"rule": "T4", "reason": "?", "documents": [shown]}
        orvanda.settings = replace(orvanda.settings, disk=disk)
        before = bytes_from(orvanda.db, tolmere.me)
        deliver._refusal_of(orvanda, Reply(403, json.dumps(value).encode()), tolmere.me)
        assert (bytes_from(orvanda.db, tolmere.me) > before) == (disk > 0)
        assert (access_parties.party(orvanda.db, stranger.id) is not None) == (disk > 0)


def test_a_card_of_several_parties_makes_none_of_them_known(net: Network) -> None:
    orvanda, _ = pair(net)
    strangers = [Party(f"stranger {n}") for n in range(2)]
    shown = [json.loads(each.envelopes[0].to_bytes()) for each in strangers]
    with refused("T10"):
        parties.read_card(orvanda, json.dumps({"documents": shown, "nodes": []}).encode())
    assert not [p for p in strangers if access_parties.party(orvanda.db, p.id)]
