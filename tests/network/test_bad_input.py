"""What bad input gets: a refusal that names its rule, counted, and stored nowhere.

The rows follow the list of what a node must withstand; each gives what one peer sends, and the
rule it meets.
"""

from __future__ import annotations

import base64
import dataclasses
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from comity.edge.cli import reading
from comity.kernel import bundle, content, cover, documents, dsse
from comity.kernel.bundle import Bundle, Carried, FeedHeads, Heights
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services import quota
from comity.services.care import doctor, fsck, restore
from comity.services.casework import dossiers, join, telling, view
from comity.services.casework.issue import own_view
from comity.services.delivery import deliver, envelope, heights, ingest, wire, work
from comity.services.identity import parties
from comity.services.node import Node
from comity.services.proof import equivocation
from comity.store.access import acts as access
from comity.store.access import parties as access_parties
from comity.store.access import space
from comity.store.access.space import STRANGERS, bytes_from
from tests.kernel.world import refused
from tests.network.liars import Liar
from tests.network.simulator import MINUTE, Forger, Network, held, ladder
from tests.nodes import START, introduce, open_tally, say

Bad = Callable[[Forger, Node, Id], Any]


def payload(item: Carried, change: Callable[[bytes], bytes]) -> bytes:
    """Return a bundle with the bytes of an act's payload changed, and its signature left."""
    value = orjson.loads(Bundle(acts=(item,)).to_bytes())
    envelope_ = value["acts"][0]["envelope"]
    envelope_["payload"] = content_text(change(item.act.envelope.payload))
    return orjson.dumps(value)


def content_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def changed(**fields: Any) -> Bad:
    """Return what sends an act with header fields replaced, properly signed."""
    return lambda f, to, d: f.send(to, f.act(d, **fields))


def bytes_changed(change: Callable[[bytes], bytes]) -> Bad:
    return lambda f, to, d: f.raw(to, payload(f.act(d), change))


def deep(data: bytes) -> bytes:
    return data.replace(b'"body":{', b'"body":{"a":' + b"[" * 12 + b"]" * 12 + b",", 1)


def replayed(f: Forger, to: Node, _: Id) -> None:
    framed = envelope.seal_for(f.node, to.me, Bundle())
    assert wire.answer(to, "bundle", framed).status == 200
    wire.answer(to, "bundle", framed)


def to_another(f: Forger, to: Node, _: Id) -> None:
    """Send what is sealed and addressed to the sender itself."""
    wire.answer(to, "bundle", envelope.seal_for(to, f.node.me, Bundle()))


def lying_about_size(f: Forger, to: Node, _: Id) -> None:
    wire.answer(to, "bundle", envelope.seal_for(f.node, to.me, Bundle()) + b"more")


def stolen_cover(f: Forger, to: Node, _: Id) -> None:
    framed = envelope.seal_for(f.node, to.me, Bundle())
    signed, sealed = envelope.split(framed)
    other = dataclasses.replace(signed.cover, nonce="0" * 64)
    forged = cover.build(other, f.node.keys.log(1).checkpoint)
    wire.answer(to, "bundle", cover.frame(forged, sealed))


def later_format(member: str) -> Bad:
    """Return what sends a document, node document or receipt of a format to come."""

    def send(f: Forger, to: Node, _: Id) -> None:
        chain, nodes = parties.own_documents(f.node)
        given = (chain if member == "documents" else nodes)[0]
        kind = dsse.RECEIPT if member == "receipts" else given.payload_type
        later = given.payload.replace(b'"v":1', b'"v":2')
        more: dict[str, Any] = {member: (dsse.Envelope(kind, later, given.signatures),)}
        f.raw(to, Bundle(**more).to_bytes())

    return send


def after_leaving(f: Forger, to: Node, d: Id) -> None:
    ahead = f.act(d, "leave", {})
    f.send(to, ahead, f.after(ahead))


def wrong_content(f: Forger, to: Node, d: Id) -> None:
    other = (content.Part(0, bytes(32), b"other"),)
    f.send(to, f.act(d)._replace(parts=other))


ROWS: dict[str, tuple[str, Bad]] = {
    "oversized request": ("T7", lambda _, to, __: wire.answer(to, "bundle", b"x" * 10**7)),
    "oversized header": ("K1", bytes_changed(lambda data: data + b" " * 20_000)),
    "deep": ("K2", bytes_changed(deep)),
    "not canonical": ("K2", bytes_changed(lambda data: data.replace(b'"body"', b' "body"', 1))),
    "duplicate keys": ("K2", bytes_changed(lambda data: data[:-1] + b',"v":1}')),
    "wrong type": ("K4", bytes_changed(lambda data: data.replace(b'"log":1', b'"log":"1"'))),
    "later format": ("K17", bytes_changed(lambda data: data.replace(b'"v":1', b'"v":9'))),
    "format 0": ("K19", bytes_changed(lambda data: data.replace(b'"v":1', b'"v":0'))),
    "a document of a later format": ("K17", later_format("documents")),
    "a node document of a later format": ("K17", later_format("nodes")),
    "a receipt of a later format": ("K17", later_format("receipts")),
    "lower label": ("K5", bytes_changed(lambda data: data.replace(b"amber", b"green"))),
    "label above the ceiling": ("K13", changed(tlp=TLP.RED)),
    "no bundle": ("T10", lambda f, to, _: f.raw(to, b'{"v":1,"acts":{}}')),
    "no JSON": ("T10", lambda f, to, _: f.raw(to, b"\xff")),
    "unknown request": (
        "T10",
        lambda f, to, _: wire.answer(
            to, "spoil", envelope.request(f.node, to.me, cover.CoverKind.PULL)
        ),
    ),
    "no cover": ("T1", lambda _, to, __: wire.answer(to, "bundle", b"hello")),
    "cover by another key": ("T1", stolen_cover),
    "replay": ("T3", replayed),
    "wrong recipient": ("T11", to_another),
    "a sender lying about sizes": ("T7", lying_about_size),
    "content that is not committed to": ("K15", wrong_content),
    "cycle or other dossier": ("K11", changed(dossier=Id("b" * 64), prev=Id("c" * 64))),
    "backdated": ("K10", changed(time=START - 10**9)),
    "a place left out": ("K10", changed(n=9)),
    "closed or unknown log": ("K6", changed(log=7)),
    "an act after leaving": ("K12", after_leaving),
    "an invitation into a closed dossier": (
        "K14",
        changed(kind="invite", body={"party": "d" * 64}),
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_bad_input_is_refused_by_its_rule_counted_and_not_stored(net: Network, name: str) -> None:
    rule, send = ROWS[name]
    sarivane, tolmere = net.make("sarivane"), net.make("tolmere")
    net.introduce()
    dossier = open_tally(sarivane, tolmere)
    say(sarivane, dossier, "bid", {"amount": 1})
    net.settle()
    before = held(tolmere, dossier)
    send(Forger(sarivane), tolmere, dossier)
    if rule == "K11":
        # It names a dossier that is not here, so it waits, within a quota, and hurts nobody.
        assert len(access.pending(tolmere.db)) == 1
        return
    assert net.refusals("tolmere") == {rule: 1}
    kinds = {row.kind for row in access.acts_of(tolmere.db, dossier) if row.id not in before}
    assert kinds <= ({"leave"} if rule == "K12" else {"bid"} if rule == "K15" else set())
    assert not access.pending(tolmere.db)


def test_one_bad_act_spoils_no_other_of_its_bundle(net: Network) -> None:
    sarivane, tolmere = net.make("sarivane"), net.make("tolmere")
    net.introduce()
    dossier = open_tally(sarivane, tolmere)
    net.settle()
    forger = Forger(sarivane)
    first = forger.act(dossier)
    second = forger.act(dossier, "claim", {"status": "held"})
    answer = forger.send(tolmere, unsigned(first), second)
    assert held(tolmere, dossier) == {dossier, second.act.id}
    assert isinstance(answer, Bundle)
    assert [(r["rule"], r["subject"]) for r in answer.refusals] == [("K5", first.act.id)]


@pytest.mark.parametrize("before", [0, 40])  # Many are verified by several threads.
@pytest.mark.parametrize("good_first", [True, False])
def test_a_verdict_is_of_one_signature_and_not_of_an_id(
    net: Network, before: int, *, good_first: bool
) -> None:
    sarivane, tolmere = net.make("sarivane"), net.make("tolmere")
    net.introduce()
    dossier = open_tally(sarivane, tolmere)
    net.settle()
    forger = Forger(sarivane)
    act = forger.act(dossier)
    others = [act]
    for _ in range(before):
        others.append(forger.after(others[-1]))
    pair = (act, unsigned(act)) if good_first else (unsigned(act), act)
    answer = forger.send(tolmere, *pair, *others[1:])
    assert isinstance(answer, Bundle)
    assert [(r["rule"], r["subject"]) for r in answer.refusals] == [("K5", act.act.id)]
    assert held(tolmere, dossier) == {dossier, *(each.act.id for each in others)}
    row = access.act(tolmere.db, act.act.id)
    assert row is not None
    assert row.sig == act.act.envelope.signatures[0].sig


def unsigned(item: Carried) -> Carried:
    """Return an act as its author signed it, with another signature."""
    good = item.act.envelope
    forged = good._replace(signatures=(good.signatures[0]._replace(sig=bytes(64)),))
    return item._replace(act=item.act._replace(envelope=forged))


def test_missing_parents_wait_within_a_bound_and_then_are_refused(net: Network) -> None:
    sarivane, tolmere = net.make("sarivane"), net.make("tolmere", pending=20)
    net.introduce()
    dossier = open_tally(sarivane, tolmere)
    net.settle()
    forger = Forger(sarivane)
    chain = [forger.act(dossier)]
    for _ in range(29):
        chain.append(forger.after(chain[-1]))
    forger.send(tolmere, *reversed(chain[1:]))
    assert len(access.pending(tolmere.db)) == 20
    assert net.refusals("tolmere") == {"T5": 9}
    forger.send(tolmere, *chain)
    assert not access.pending(tolmere.db)
    assert len(held(tolmere, dossier)) == 31


@pytest.mark.parametrize(("ahead", "shown"), [(10**12, True), (11 * MINUTE, True), (0, False)])
def test_a_future_time_decides_nothing_and_is_admitted_and_shown(
    net: Network, ahead: int, *, shown: bool
) -> None:
    sarivane, tolmere = net.make("sarivane"), net.make("tolmere")
    net.introduce()
    dossier = open_tally(sarivane, tolmere)
    net.settle()
    item = Forger(sarivane).act(dossier, time=tolmere.now() + ahead)
    Forger(sarivane).send(tolmere, item)
    assert item.act.id in held(tolmere, dossier)
    assert net.refusals("tolmere") == {}
    seen = view.act(tolmere, item.act.id)
    assert seen.ahead is shown
    found = view.dossier(tolmere, dossier)
    lines = "".join(reading._act_lines(seen, found, telling.of(tolmere, found.row)))
    assert ("its author's clock said so; it came at" in lines) is shown


def test_a_stranger_learns_nothing_of_a_dossier_it_names(net: Network) -> None:
    orvanda, tolmere = net.make("orvanda"), net.make("tolmere")
    stranger = net.make("sarivane")
    net.introduce()
    dossier = open_tally(orvanda, tolmere)
    theirs = open_tally(stranger, orvanda)
    net.settle()
    probe = Forger(stranger).act(theirs, dossier=dossier, prev=Id("e" * 64), n=2, parents=())
    answer = Forger(stranger).send(tolmere, probe)
    assert isinstance(answer, Bundle)
    assert not answer.heights
    join.leave(tolmere, dossier_id=dossier)
    net.settle()
    answer = Forger(tolmere).send(orvanda, Forger(tolmere).act(dossier, parents=(Id("f" * 64),)))
    assert isinstance(answer, Bundle)
    assert not answer.heights


def test_equivocation_is_kept_as_evidence_by_both_who_saw_a_half(net: Network) -> None:
    sarivane, orvanda, tolmere = (net.make(n) for n in ("sarivane", "orvanda", "tolmere"))
    net.introduce()
    dossier = open_tally(sarivane, orvanda, tolmere)
    net.settle()
    one, other = Forger(sarivane).act(dossier), Forger(sarivane).act(dossier)
    assert one.act.header.seq == other.act.header.seq
    net.cut({"sarivane"})
    Forger(sarivane).send(orvanda, one)
    Forger(sarivane).send(tolmere, other)
    say(orvanda, dossier, "bid", {"amount": 5})
    net.run(8, 40_000)
    for node in (orvanda, tolmere):
        assert {one.act.id, other.act.id} <= held(node, dossier)
        pairs = {(row.first, row.second) for row in access.equivocations(node.db)}
        assert tuple(sorted((one.act.id, other.act.id))) in pairs
        assert {row.party for row in access.equivocations(node.db)} == {sarivane.me}
        told = {found.subject: found.words for found in doctor.examine(node).findings}
        assert told["versions of sarivane"].startswith(equivocation.WORDS)
    assert "versions of sarivane" not in {f.subject for f in doctor.examine(sarivane).findings}


def test_a_longer_branch_does_not_hide_a_shorter_one(net: Network) -> None:
    sarivane, orvanda, tolmere = (net.make(n) for n in ("sarivane", "orvanda", "tolmere"))
    net.introduce()
    dossier = open_tally(sarivane, orvanda, tolmere)
    net.settle()
    one, forger = Forger(sarivane).act(dossier), Forger(sarivane)
    long = [forger.act(dossier)]
    for _ in range(4):
        long.append(forger.after(long[-1]))
    net.cut({"sarivane"})
    Forger(sarivane).send(orvanda, one)
    Forger(sarivane).send(tolmere, *long)
    say(orvanda, dossier, "bid", {"amount": 5})
    net.run(10, 40_000)
    assert held(orvanda, dossier) == held(tolmere, dossier)
    assert access.equivocations(orvanda.db)
    assert access.equivocations(tolmere.db)


@pytest.mark.parametrize("count", [2_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_a_peer_floods_and_another_is_served_and_the_disk_is_bounded(
    net: Network, count: int
) -> None:
    disk, batches = 400_000, count // 250
    sarivane, orvanda = net.make("sarivane"), net.make("orvanda")
    tolmere = net.make("tolmere", disk=disk)
    net.introduce()
    flooded, calm = open_tally(sarivane, tolmere), open_tally(orvanda, tolmere)
    net.settle()
    forger, refused = Forger(sarivane), 0
    last = forger.act(flooded)
    for batch in range(batches):
        chain = [last]
        for _ in range(249):
            chain.append(forger.after(chain[-1]))
        answer = forger.send(tolmere, *chain)
        refused += isinstance(answer, dict) and answer["rule"] == "T5"
        last = forger.after(chain[-1])
        if batch % 50 == 3:
            # Whoever keeps within bounds is served in the same round.
            act = say(orvanda, calm, "bid", {"amount": batch + 1})
            net.step()
            assert ladder(orvanda, act) == {tolmere.me: "whole"}
    # One more batch may have been under way when the share was used up.
    assert bytes_from(tolmere.db, sarivane.me) < disk + 2**19
    assert refused >= batches - 4
    assert net.refusals("tolmere").keys() == {"T5"}
    assert net.refusals("tolmere")["T5"] >= refused
    assert len(dossiers.load(tolmere, flooded).graph) <= 4 * 250 + 1
    assert sum(p.stat().st_size for p in tolmere.folder.rglob("*") if p.is_file()) < 20 * disk


def test_an_act_that_one_member_alone_was_given_reaches_the_others_in_silence(
    net: Network,
) -> None:
    sarivane, orvanda, tolmere = (net.make(n) for n in ("sarivane", "orvanda", "tolmere"))
    net.introduce()
    dossier = open_tally(sarivane, orvanda, tolmere)
    net.settle()
    item = Forger(sarivane).act(dossier)
    Forger(sarivane).send(orvanda, item)
    net.cut({"sarivane"})
    net.run(3, 40_000)
    assert item.act.id in held(tolmere, dossier)
    net.seen.clear()
    net.run(5, 40_000)
    assert not net.seen


def test_who_relays_a_flood_does_not_pay_for_it(net: Network) -> None:
    sarivane, orvanda = net.make("sarivane"), net.make("orvanda")
    tolmere = net.make("tolmere")
    net.introduce()
    dossier = open_tally(sarivane, orvanda, tolmere)
    net.settle()
    before = bytes_from(tolmere.db, orvanda.me)
    forger = Forger(sarivane)
    chain = [forger.act(dossier)]
    for _ in range(49):
        chain.append(forger.after(chain[-1]))
    Forger(orvanda).send(tolmere, *chain)
    assert len(held(tolmere, dossier)) == 51
    assert bytes_from(tolmere.db, sarivane.me) > 50 * 600
    assert bytes_from(tolmere.db, orvanda.me) == before


def test_statements_of_every_kind_count_against_who_signed_them(net: Network) -> None:
    sarivane, tolmere = net.make("sarivane"), net.make("tolmere", disk=30_000)
    net.introduce()
    liar = Liar(net, "sarivane")
    sent: list[dict[str, Any]] = [
        {"nodes": (liar.node_document(2), liar.node_document(3))},
        {"documents": (liar.root(own_view(sarivane), own_view(sarivane)),)},
        {"receipts": (liar.receipt_at(9, "tolmere", [liar.id()]),)},
        {"checkpoints": (liar.checkpoint(16),)},
    ]
    for members in sent:
        before = bytes_from(tolmere.db, sarivane.me)
        Forger(sarivane).send(tolmere, **members)
        assert bytes_from(tolmere.db, sarivane.me) > before, members
        Forger(sarivane).send(tolmere, **members)
    full = bytes_from(tolmere.db, sarivane.me)
    for seq in range(10, 60):
        Forger(sarivane).send(tolmere, nodes=(liar.node_document(seq),))
    assert bytes_from(tolmere.db, sarivane.me) <= 30_000
    assert full < 10_000
    assert net.refusals("tolmere")["T5"]


def test_what_a_later_document_disowns_without_closing_a_log_is_shown_no_more(
    net: Network,
) -> None:
    sarivane, tolmere = net.make("sarivane"), net.make("tolmere")
    net.introduce()
    liar, first = Liar(net, "sarivane"), own_view(sarivane)
    dossier = open_tally(sarivane, tolmere)
    net.settle()
    host = net.hosts["sarivane"]
    restore.restore(sarivane, code=host.kit, hand_over=host.keep)
    say(sarivane, dossier, "claim", {"status": "held"})
    net.settle()
    row = access.dossier(tolmere.db, dossier)
    assert row is not None
    assert row.status == "held"
    # Another line of documents, of which only the first log is known, grows longer.
    chain = [liar.root(first, first)]
    chain.append(liar.root(documents.read(chain[0], first), first))
    ingest.receive(tolmere, sender=sarivane.me, what=Bundle(documents=tuple(chain)))
    net.run(1, MINUTE)
    row = access.dossier(tolmere.db, dossier)
    assert row is not None
    assert row.status != "held"
    assert fsck.check(tolmere).clean


def test_who_fills_a_place_with_versions_is_shown_by_a_few_of_them(net: Network) -> None:
    sarivane, tolmere = net.make("sarivane"), net.make("tolmere")
    net.introduce()
    dossier = open_tally(sarivane, tolmere)
    net.settle()
    twins = [Forger(sarivane).act(dossier, body={"amount": i}) for i in range(1, 120)]
    Forger(sarivane).send(tolmere, *twins[:60])
    Forger(sarivane).send(tolmere, *twins[60:])
    assert len(held(tolmere, dossier)) == 120
    told = heights.heights_of(tolmere, dossier)
    assert bundle.parse(Bundle(heights=(told,)).to_bytes()).heights == (told,)
    places = Counter(row.place for row in access.equivocations(tolmere.db))
    assert len(places) == 2
    assert max(places.values()) <= 2 * equivocation.MOST_PAIRS


def test_two_checkpoints_of_one_size_are_kept_as_evidence(net: Network) -> None:
    sarivane, tolmere = net.make("sarivane"), net.make("tolmere")
    net.introduce()
    liar = Liar(net, "sarivane")
    first, larger, second = liar.checkpoint(32), liar.checkpoint(48), liar.checkpoint(32)
    for note in (first, larger, second, second):
        Forger(sarivane).send(tolmere, checkpoints=(note,))
    assert net.refusals("tolmere") == {"W6": 2}
    (row,) = access.equivocations(tolmere.db)
    assert row.party == sarivane.me
    assert orjson.loads(row.evidence) == [first, second]


def test_what_a_peer_claims_to_hold_fills_no_memory(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "MOST_ASKED", 500)
    sarivane, tolmere = net.make("sarivane"), net.make("tolmere")
    net.introduce()
    net.cut({"sarivane"})
    liar = Liar(net, "sarivane")
    for _ in range(20):
        ids = [
            Heights(liar.id(), (FeedHeads(sarivane.me, 1, ((1, liar.id()),)),), "")
            for _ in range(100)
        ]
        deliver.take_in(tolmere, sarivane.me, Bundle(heights=tuple(ids)))
        net.run(1)
    assert 500 <= len(tolmere.wanted[sarivane.me]) <= 600
    assert len(tolmere.asked) <= 600


def test_who_is_not_accredited_opens_few_dossiers_a_day(net: Network) -> None:
    sarivane, tolmere = net.make("sarivane"), net.make("tolmere")
    introduce(sarivane, tolmere, accredited=False)
    for _ in range(55):
        open_tally(sarivane, tolmere)
    net.step()
    assert len(access.dossiers(tolmere.db)) == 50
    assert net.refusals("tolmere") == {"T5": 5}


def test_strangers_share_one_part_of_the_disk(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    tolmere, orvanda = net.make("tolmere", disk_strangers=30_000), net.make("orvanda")
    council = net.make("council", mailbox=tolmere.me)
    strangers = [net.make(name) for name in ("sarivane", "wicklight", "fennick")]
    introduce(tolmere, orvanda, council)
    parties.host(tolmere, council.me, agreed=True)
    for stranger in strangers:
        introduce(tolmere, stranger, accredited=False)
        introduce(council, stranger, accredited=False)
    first, second, third = strangers
    # Acts of one, acts that wait of another, and mail of a third.
    say(first, open_tally(first, tolmere), "note", files={"f": bytes(12_000)})
    forger = Forger(second)
    forger.send(tolmere, forger.after(forger.act(open_tally(second))))
    open_tally(third, council)
    for stranger in (first, third):
        work.send_all(stranger)
    used = [bytes_from(tolmere.db, stranger.me) for stranger in strangers]
    assert min(used) > 2_000
    assert bytes_from(tolmere.db, STRANGERS) == sum(used)
    # None has used up a share of its own, and together they have that of all.
    tolmere.settings = replace(tolmere.settings, disk_strangers=sum(used) - 1)
    checks: list[int] = []
    with monkeypatch.context() as patch:
        for name in ("require_sender", "require_body", "open_bundle"):
            patch.setattr(envelope, name, lambda *_: checks.append(1))
        for stranger in strangers:
            answer = Forger(stranger).send(tolmere)
            assert isinstance(answer, dict)
            assert answer["rule"] == "T5"
            assert answer["reason"].startswith(f"Parties not accredited here share {sum(used) - 1}")
    assert not checks
    # Who is accredited is served meanwhile, and a newcomer becomes known.
    calm = open_tally(orvanda, tolmere)
    net.step()
    assert ladder(orvanda, calm) == {tolmere.me: "whole"}
    newcomer = net.make("lantern")
    assert deliver.exchange_documents(newcomer, "http://tolmere") == tolmere.me
    assert access_parties.party(tolmere.db, newcomer.me)
    # A stranger that is accredited takes what it used along.
    before = bytes_from(tolmere.db, STRANGERS)
    parties.accredit(tolmere, first.me)
    parties.accredit(tolmere, first.me)
    assert bytes_from(tolmere.db, STRANGERS) == before - used[0]
    assert isinstance(Forger(first).send(tolmere), Bundle)
    assert space.counted(tolmere.db) == space.stored(tolmere.db)


def test_strangers_that_another_brings_use_what_they_share(net: Network) -> None:
    sarivane, tolmere = net.make("sarivane"), net.make("tolmere", disk_strangers=0)
    wicklight = net.make("wicklight")
    introduce(sarivane, tolmere, wicklight, accredited=False)
    parties.accredit(tolmere, sarivane.me)
    chain, nodes = parties.own_documents(net.make("fennick"))
    outcome = ingest.receive(
        tolmere, sender=sarivane.me, what=Bundle(documents=tuple(chain), nodes=tuple(nodes))
    )
    assert [refusal.rule for refusal in outcome.refusals] == ["T5"]
    outcome = ingest.receive(tolmere, sender=wicklight.me, what=Bundle(documents=tuple(chain)))
    assert not outcome.refusals


def test_a_card_that_is_more_than_a_newcomer_needs_uses_what_strangers_share(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    sarivane, tolmere = net.make("sarivane"), net.make("tolmere", disk_strangers=0)
    monkeypatch.setattr(quota, "NEWCOMER", 100)
    with refused("T13", "status 429"):
        deliver.exchange_documents(sarivane, "http://tolmere")
    assert access_parties.party(tolmere.db, sarivane.me) is None


def test_strangers_that_invent_names_fill_no_table(net: Network) -> None:
    tolmere = net.make("tolmere")
    stranger = net.make("sarivane")
    for _ in range(5):
        wire.answer(tolmere, "pull", envelope.request(stranger, tolmere.me, cover.CoverKind.PULL))
    assert access_parties.refusals(tolmere.db)[0][:3] == ("T4", "", 5)
