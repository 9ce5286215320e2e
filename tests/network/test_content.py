"""Content goes only to whom it may go, in a bundle or beside it, and never to a relay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from comity.kernel import content as parts
from comity.kernel.blob import BlobRef
from comity.kernel.bundle import Bundle, Carried
from comity.kernel.canon import Object, Value
from comity.kernel.cover import CoverKind
from comity.kernel.ids import Id
from comity.kernel.kinds import Growth
from comity.kernel.label import TLP
from comity.services.casework import content, dossiers, issue, join
from comity.services.casework.issue import Draft
from comity.services.delivery import arrival, envelope, ingest, wire, work
from comity.services.delivery import blobs as fetching
from comity.services.delivery.carry import carry, may_have_content
from comity.services.identity import parties
from comity.services.node import Node
from comity.store.access import acts as access
from comity.store.access import blobs
from comity.store.sql import query, writing
from tests import databases
from tests.kernel.world import refused
from tests.network.simulator import MINUTE, Forger, Network, held, ladder, require_equal
from tests.nodes import open_tally, say

CANARY = "kittiwake-"


def three(net: Network) -> tuple[Node, Node, Node]:
    """Return three nodes that know each other."""
    made = net.make("orvanda"), net.make("tolmere"), net.make("council")
    net.introduce()
    return made


def has_content(node: Node, act: str) -> bool:
    """Say whether a node holds any part of an act's content."""
    return any(held_ for _, _, held_ in access.part_sizes(node.db, act))


def everything_in(folder: Path) -> bytes:
    return b"".join(databases.kept_in(folder).values())


def test_a_joiner_gets_all_acts_and_earlier_content_only_when_it_is_released(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere, council = three(net)
    dossier = open_tally(orvanda, tolmere, growth=Growth.CHAIR, chair=orvanda.me)
    early = say(orvanda, dossier, "bid", {"amount": 1}, files={"a.txt": b"early"})
    net.settle()
    issue.issue(orvanda, dossier_id=dossier, draft=Draft("invite", {"party": council.me}))
    net.settle()
    assert len(held(council, dossier)) == 1
    join.join(council, dossier_id=dossier)
    net.settle()
    require_equal([orvanda, tolmere, council], dossier)
    row = access.dossier(council.db, dossier)
    assert row is not None
    assert row.state == "active"
    assert not has_content(council, early)
    assert ladder(orvanda, early)[council.me] == "received"
    late = say(tolmere, dossier, "bid", {"amount": 3}, files={"b.txt": b"late"})
    body: Object = {"acts": [early], "to": council.me}
    release = issue.issue(orvanda, dossier_id=dossier, draft=Draft("release", body))
    loaded = dossiers.load(orvanda, dossier)
    placed = loaded.graph.nodes[early]
    with monkeypatch.context() as patch:
        # What its author's documents disown releases nothing.
        patch.setattr(dossiers, "disowned", lambda *_: frozenset({release}))
        assert not may_have_content(orvanda, loaded, placed, council.me)
    net.settle()
    assert has_content(council, late)
    assert has_content(council, early)
    assert ladder(orvanda, early)[council.me] == "whole"


def test_an_invitation_that_was_answered_is_not_answered_again(net: Network) -> None:
    orvanda, tolmere, council = three(net)
    dossier = open_tally(orvanda, tolmere, growth=Growth.CHAIR, chair=orvanda.me)
    say(orvanda, dossier, "bid", {"amount": 1})
    issue.issue(orvanda, dossier_id=dossier, draft=Draft("invite", {"party": council.me}))
    net.settle()
    net.cut({"council"})
    join.join(council, dossier_id=dossier)
    with refused("S2"):
        join.join(council, dossier_id=dossier)
    net.heal()
    net.settle()
    require_equal([orvanda, tolmere, council], dossier)
    assert not access.equivocations(orvanda.db)


def test_an_invited_party_may_decline_before_it_holds_anything(net: Network) -> None:
    orvanda, tolmere, council = three(net)
    dossier = open_tally(orvanda, tolmere, growth=Growth.CHAIR, chair=orvanda.me)
    say(orvanda, dossier, "bid", {"amount": 1})
    issue.issue(orvanda, dossier_id=dossier, draft=Draft("invite", {"party": council.me}))
    net.settle()
    declined = join.decline(council, dossier_id=dossier)
    net.settle()
    assert declined in held(tolmere, dossier)
    assert dict(access.members(orvanda.db, dossier))[council.me] == "declined"


def test_nothing_is_sent_to_a_member_after_it_left(net: Network) -> None:
    orvanda, tolmere, council = three(net)
    dossier = open_tally(orvanda, tolmere, council)
    net.settle()
    net.cut({"council"})
    unsent = say(orvanda, dossier, "bid", {"amount": 1}, files={"a.txt": b"before"})
    net.step()
    join.leave(council, dossier_id=dossier)
    net.heal()
    work_first(net, "council")
    net.seen.clear()
    after = say(orvanda, dossier, "bid", {"amount": 2}, files={"a.txt": b"after"})
    net.settle()
    assert not {unsent, after} & held(council, dossier)
    assert after in held(tolmere, dossier)
    assert council.me not in ladder(orvanda, unsent)


def work_first(net: Network, name: str) -> None:
    """Let one node send before the others do."""
    net.time += 1000
    net.work(name)


def test_parts_go_to_the_audience_they_name(net: Network) -> None:
    orvanda, tolmere, council = three(net)
    dossier = open_tally(orvanda, tolmere, council)
    for name in ("open", "closed"):
        (orvanda.folder / name).write_bytes(name.encode() * 10)
    prepared = content.prepare_fields(
        orvanda,
        {},
        [(n, "text/plain", orvanda.folder / n) for n in ("closed", "open")],
    )
    audience: list[Value] = [{"first": 1, "last": 1, "to": [tolmere.me]}]
    draft = Draft("bid", {"amount": 1, "audience": audience}, prepared)
    act = issue.issue(orvanda, dossier_id=dossier, draft=draft)
    net.settle()
    assert [held_ for _, _, held_ in access.part_sizes(tolmere.db, act)] == [True, True, True]
    assert [held_ for _, _, held_ in access.part_sizes(council.db, act)] == [True, False, True]
    assert set(ladder(orvanda, act).values()) == {"whole"}


def test_red_travels_only_to_nodes_with_listed_readers(net: Network) -> None:
    orvanda, tolmere, council = three(net)
    readers = tuple(sorted([(orvanda.me, "duty"), (tolmere.me, "duty")]))
    dossier = open_tally(orvanda, tolmere, council, ceiling=TLP.RED, readers=readers)
    act = say(orvanda, dossier, "bid", {"amount": 1}, files={"a.txt": b"red"})
    net.settle()
    assert has_content(tolmere, act)
    assert not has_content(council, act)
    assert held(council, dossier) == {dossier, act}


def test_large_files_are_fetched_beside_the_bundle_and_resumed(net: Network) -> None:
    orvanda, tolmere, council = three(net)
    dossier = open_tally(orvanda, tolmere, council)
    data = bytes(range(256)) * 12 * 1024
    act = say(orvanda, dossier, "bid", {"amount": 1}, files={"big.bin": data})
    net.run(3)
    assert ladder(orvanda, act)[tolmere.me] in {"received", "whole"}
    net.reopen("tolmere")
    net.settle()
    for name in ("tolmere", "council"):
        got = b"".join(part.data for part in content.read_parts(net[name], act, 1))
        assert got == data
        assert ladder(orvanda, act)[net[name].me] == "whole"
    net.run(2, 40_000)
    assert not list(orvanda.spool.iterdir())


def test_a_relay_holds_no_word_of_what_it_relays(net: Network) -> None:
    orvanda, council = net.make("orvanda"), net.make("council")
    sarivane = net.make("sarivane", mailbox=council.me)
    net.introduce()
    parties.host(council, sarivane.me, agreed=True)
    dossier = open_tally(orvanda, sarivane)
    act = say(orvanda, dossier, "bid", {"amount": 1}, files={"n.txt": (CANARY * 9).encode()})
    net.step()
    work_first(net, "orvanda")
    assert query(council.db, "SELECT COUNT(*) FROM store_mail") != [(0,)]
    seen = everything_in(council.folder)
    assert all(word not in seen for word in (CANARY.encode(), dossier.encode(), act.encode()))
    net.settle()
    assert all(word not in everything_in(council.folder) for word in (CANARY.encode(),))
    assert has_content(sarivane, act)
    assert all(CANARY.encode() not in body for _, _, body in net.seen)


def test_wrong_content_from_a_relay_does_not_keep_out_the_right_one(net: Network) -> None:
    orvanda, tolmere, council = three(net)
    dossier = open_tally(orvanda, tolmere, council)
    net.settle()
    net.cut({"tolmere"})
    act = say(orvanda, dossier, "bid", {"amount": 1}, files={"a.txt": b"right"})
    net.run(2)
    stored = access.act(council.db, act)
    assert stored is not None
    read = dossiers.stored_act(council, stored)
    wrong = tuple(parts.Part(i, bytes(32), b"wrong") for i in range(2))
    ingest.receive(tolmere, sender=council.me, what=Bundle(acts=(Carried(read, wrong),)))
    assert held(tolmere, dossier) == {dossier, act}
    assert net.refusals("tolmere") == {"K15": 1}
    net.heal()
    net.settle()
    assert ladder(orvanda, act)[tolmere.me] == "whole"


def test_a_blob_is_served_to_those_alone_whom_a_bundle_named_it_to(net: Network) -> None:
    orvanda, tolmere, council = three(net)
    dossier = open_tally(orvanda, tolmere, council)
    (orvanda.folder / "a").write_bytes(b"a" * 100_000)
    prepared = content.prepare_fields(orvanda, {}, [("a", "text/plain", orvanda.folder / "a")])
    audience: list[Value] = [{"first": 1, "last": 1, "to": [tolmere.me]}]
    draft = Draft("bid", {"amount": 1, "audience": audience}, prepared)
    act = issue.issue(orvanda, dossier_id=dossier, draft=draft)
    net.time += 1000
    net.work("orvanda")
    answers = []
    for node in (tolmere, council):
        for row in blobs.out_blobs(orvanda.db, act):
            args: Object = {"blob": row.hash, "offset": 0, "length": 9}
            asked = envelope.request(node, orvanda.me, CoverKind.BLOB, args)
            answers.append((node.me, row.first, wire.answer(orvanda, "blob", asked).status))
    assert (tolmere.me, 1, 200) in answers
    assert (council.me, 1, 404) in answers


def audience_act(author: Node, dossier: Id, reader: Node, data: bytes) -> Id:
    """Sign an act with a file for one reader alone."""
    (author.folder / "f").write_bytes(data)
    prepared = content.prepare_fields(author, {}, [("f", "text/plain", author.folder / "f")])
    audience: list[Value] = [{"first": 1, "last": 1, "to": [reader.me]}]
    draft = Draft("claim", {"status": "held", "audience": audience}, prepared)
    return issue.issue(author, dossier_id=dossier, draft=draft)


def to_tolmere_alone(net: Network) -> tuple[Node, Node, Node, Id, Id]:
    """Return three nodes, and an act of the first with a large file for the second alone, which
    the second could not fetch yet; the third relays.
    """
    orvanda, tolmere, council = three(net)
    dossier = open_tally(orvanda, tolmere, council)
    net.settle()
    act = audience_act(orvanda, dossier, tolmere, bytes(100_000))
    work.send_all(orvanda)
    assert blobs.in_blobs(tolmere.db, act=act)
    return orvanda, tolmere, council, dossier, act


def test_a_relay_that_was_given_less_does_not_undo_what_the_author_sends(net: Network) -> None:
    orvanda, tolmere, council, _, act = to_tolmere_alone(net)
    less = carry(council, act, tolmere.me)
    assert less is not None
    assert less.leaves
    ingest.receive(tolmere, sender=council.me, what=Bundle(acts=(less,)))
    assert blobs.in_blobs(tolmere.db, act=act)
    net.settle()
    assert ladder(orvanda, act)[tolmere.me] == "whole"


def test_a_relay_cannot_have_the_authors_blobs_fetched_from_itself(net: Network) -> None:
    orvanda, tolmere, council, _, act = to_tolmere_alone(net)
    same = carry(orvanda, act, tolmere.me)
    assert same is not None
    ingest.receive(tolmere, sender=council.me, what=Bundle(acts=(same,)))
    assert {row.via for row in blobs.in_blobs(tolmere.db, act=act)} == {orvanda.me}


def test_a_member_cannot_have_anothers_blobs_fetched_from_itself_for_an_act_of_its_own(
    net: Network,
) -> None:
    orvanda, tolmere, council, dossier, act = to_tolmere_alone(net)
    same = carry(orvanda, act, tolmere.me)
    assert same is not None
    forger, content_ = Forger(council), same.act.header.content
    own = forger.act(dossier, content=content_)
    blobs_ = tuple(replace(ref, act=own.act.id) for ref in same.blobs)
    forger.send(tolmere, own._replace(parts=(), leaves=same.leaves, blobs=blobs_))
    assert own.act.id in held(tolmere, dossier)
    assert {row.via for row in blobs.in_blobs(tolmere.db, act=act)} == {orvanda.me}
    net.settle()
    assert ladder(orvanda, act)[tolmere.me] == "whole"


def test_a_member_cannot_keep_out_content_by_announcing_its_blob_as_its_own(net: Network) -> None:
    orvanda, tolmere, council = three(net)
    dossier = open_tally(orvanda, tolmere, council)
    net.settle()
    net.cut({"tolmere"})
    act, own = (
        say(node, dossier, "bid", {"amount": 1}, files={"a": bytes(100_000)})
        for node in (orvanda, council)
    )
    net.run(2)
    (row,) = blobs.out_blobs(orvanda.db, act)
    claimed = BlobRef(Id(row.hash), row.size, bytes(32), row.first, row.last, own)
    stored = access.act(council.db, own)
    assert stored is not None
    lie = Carried(dossiers.stored_act(council, stored), blobs=(claimed,))
    ingest.receive(tolmere, sender=council.me, what=Bundle(acts=(lie,)))
    net.heal()
    net.cut({"council"})
    net.run(10, MINUTE)
    assert ladder(orvanda, act)[tolmere.me] == "whole"


def test_content_that_was_spoiled_on_its_way_is_offered_again(net: Network) -> None:
    orvanda, tolmere, _, __, act = to_tolmere_alone(net)
    with writing(tolmere.db):
        arrival.forget_content(tolmere, act)
    net.run(2)
    assert ladder(orvanda, act)[tolmere.me] == "received"
    assert not blobs.in_blobs(tolmere.db)
    net.settle()
    assert ladder(orvanda, act)[tolmere.me] == "whole"
    assert has_content(tolmere, act)


def test_a_restored_node_gets_content_again_though_a_relay_was_first(net: Network) -> None:
    orvanda, tolmere, council = three(net)
    dossier = open_tally(orvanda, tolmere, council)
    net.settle()
    net.copy("tolmere")
    act = audience_act(orvanda, dossier, tolmere, (CANARY * 9).encode())
    net.settle()
    assert ladder(orvanda, act)[tolmere.me] == "whole"
    net.cut({"orvanda"})
    assert net.roll_back("tolmere")
    tolmere = net["tolmere"]
    net.run(3, 40_000)
    assert act in held(tolmere, dossier)
    assert ladder(orvanda, act)[tolmere.me] == "whole"
    net.settle()
    stored = access.act(tolmere.db, act)
    assert stored is not None
    assert stored.whole


def test_parts_that_are_for_another_are_not_kept_whoever_passes_them_on(net: Network) -> None:
    orvanda, tolmere, council = three(net)
    dossier = open_tally(orvanda, tolmere, council)
    net.settle()
    late = net.make("fennick")
    net.introduce()
    for data, count in ((CANARY.encode(), 9), (CANARY.encode(), 9_000)):
        act = audience_act(orvanda, dossier, tolmere, data * count)
        net.settle()
        item = carry(orvanda, act, tolmere.me)
        assert item is not None
        # The node that it must not reach has the act, or has it wait, or knows no such dossier.
        for node in (council, late):
            ingest.receive(node, sender=tolmere.me, what=Bundle(acts=(item,)))
        for blob in blobs.in_blobs(council.db, act=act):
            assert fetching.fetch(council, blob)
    for node in (council, late):
        assert CANARY.encode() not in everything_in(node.folder)


def test_who_may_not_have_content_is_not_offered_it_for_ever(net: Network) -> None:
    orvanda, tolmere, council = three(net)
    readers = tuple(sorted([(orvanda.me, "duty"), (tolmere.me, "duty")]))
    dossier = open_tally(orvanda, tolmere, council, ceiling=TLP.RED, readers=readers)
    act = say(orvanda, dossier, "bid", {"amount": 1}, files={"a.txt": b"red"})
    net.settle()
    net.seen.clear()
    net.run(10, MINUTE)
    assert not net.seen
    assert ladder(orvanda, act)[council.me] == "received"


def test_blobs_that_lie_about_their_size_are_not_announced(net: Network) -> None:
    orvanda, tolmere, _ = three(net)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    item = Forger(orvanda).act(dossier, parts=[parts.Part(0, bytes(32), b"small")])
    ref = BlobRef(Id("a" * 64), 16_000_000, bytes(32), 0, 0, item.act.id)
    Forger(orvanda).send(tolmere, item._replace(parts=(), blobs=(ref,)))
    assert net.refusals("tolmere") == {"K15": 1}
    assert not blobs.in_blobs(tolmere.db, now=2**60)
