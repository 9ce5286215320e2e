"""A dossier: the kernel's own facts, guards, and what the author had seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.dossier import Dossier
from comity.kernel.errors import Void
from comity.kernel.fold import least
from comity.kernel.graph import Node, Past
from comity.kernel.ids import Id
from comity.kernel.kinds import Growth
from comity.kernel.protocol import void_summary
from tests.kernel.histories import History, histories, woven
from tests.kernel.world import (
    TALLY,
    Party,
    charter,
    digest,
    documents_of,
    open_dossier,
    replica,
    timed,
)

ORVANDA, TOLMERE, SARIVANE = Party("orvanda"), Party("tolmere"), Party("sarivane")
LANTERN = Party("lantern sea council")
DOCS = documents_of(ORVANDA, TOLMERE, SARIVANE)


def test_the_kernel_says_the_same_of_its_kinds_in_every_protocol() -> None:
    opening = charter(ORVANDA, [TOLMERE], growth=Growth.CHAIR, chair=ORVANDA.id)
    known, opaque = replica(opening, DOCS), Dossier(opening, DOCS, None)

    def tell(by: Party, act_kind: str, **body: object) -> str:
        act = by.say(known, act_kind, body)
        known.admit(act, DOCS)
        opaque.admit(act, DOCS)
        return act.id

    invite = tell(ORVANDA, "invite", party=SARIVANE.id)
    join = tell(SARIVANE, "join", invite=invite)
    note = tell(TOLMERE, "note")
    tell(TOLMERE, "release", acts=[note], to=SARIVANE.id)
    tell(TOLMERE, "erase", act=note, stage="asked", reason="mistake")
    tell(TOLMERE, "record", letter=note, guest="port", kind="claim", body={"status": "open"})
    tell(TOLMERE, "leave")
    # Only who has the protocol can say what the guest did.
    mine = [row for row in known.state.to_rows() if row[1] not in {"status", "office"}]
    assert mine == opaque.state.to_rows()
    state = known.state
    assert set(state.keys("member")) == {(p.id,) for p in (ORVANDA, TOLMERE, SARIVANE)}
    assert state.keys("invited") == [(SARIVANE.id,)]
    assert [e.act for e in state.sources("member", SARIVANE.id)] == [join]
    assert [e.value for e in state.entries("membership", by=SARIVANE.id)] == ["joined"]
    assert [e.value for e in state.entries("membership", by=TOLMERE.id)] == ["left"]
    assert state.has("released", note, SARIVANE.id)
    assert state.has("recorded", note, "port")
    assert [e.value for e in state.entries("erased", note)] == [
        {"reason": "mistake", "stage": "asked"}
    ]


def test_a_kind_that_no_version_here_knows_is_void_and_gives_no_facts() -> None:
    dossier = open_dossier(ORVANDA)
    node = dossier.admit(ORVANDA.say(dossier, "later", {"x": 1}), DOCS)
    assert node.void is not None
    assert node.void[0] == "D0"
    assert dossier.state.keys("void") == [(node.id, "D0")]


def test_a_charter_whose_terms_are_wrong_opens_a_dossier_without_effect() -> None:
    dossier = open_dossier(ORVANDA, terms={"colour": "blue"})
    assert dossier.graph.charter.void is not None
    node = dossier.admit(ORVANDA.say(dossier, "note"), DOCS)
    assert node.void is not None
    assert dossier.state.keys("void") == sorted([(dossier.id, "D0"), (node.id, "D0")])
    assert dossier.state.keys("member") == []
    assert dossier.members.now() == {ORVANDA.id}  # Who may speak there is structural all the same.
    assert dossier.summary() == void_summary(dossier.id)


def test_a_dossier_whose_charter_is_disowned_is_shown_as_void() -> None:
    dossier = open_dossier(ORVANDA, [TOLMERE])
    dossier.admit(TOLMERE.say(dossier, "claim", {"status": "open"}), DOCS)
    shown = dossier.state_without(frozenset({dossier.id}))
    assert dossier.summary(shown) == void_summary(dossier.id)
    assert dossier.summary() != void_summary(dossier.id)


def test_a_guard_may_ask_who_belonged() -> None:
    dossier = open_dossier(ORVANDA, [TOLMERE])
    first = dossier.admit(ORVANDA.say(dossier, "note"), DOCS)
    dossier.admit(TOLMERE.say(dossier, "leave"), DOCS)
    assert dossier.past(first).members == {ORVANDA.id, TOLMERE.id}
    assert dossier.now().members == {ORVANDA.id}
    with pytest.raises(TypeError, match="who belongs"):
        _ = Past(dossier.graph, first.clock).members


def test_a_guard_sees_the_same_before_and_after_an_act_is_placed() -> None:
    seen: list[tuple[object, ...]] = []

    def look(node: Node, past: Past) -> None:
        first = past.find(opening.id)
        cited = tuple(parent.id for parent in node.parents)
        prev = None if node.prev is None else node.prev.id
        before = first is not None and past.before(first, node)
        seen.append((prev, cited, before, past.find(node.id), len(list(past.all("note")))))

    opening = charter(ORVANDA, [TOLMERE])
    dossier = Dossier(opening, DOCS, replace(TALLY, guards=(look,)))
    for by in (TOLMERE, ORVANDA, TOLMERE):
        act = by.say(dossier, "note")
        seen.clear()
        dossier.try_act(act, by.view, DOCS)
        dossier.admit(act, DOCS)
        assert seen[0] == seen[1]
        assert seen[0][2] is True


def test_asking_before_signing_changes_nothing() -> None:
    dossier = open_dossier(ORVANDA)
    before = dossier.digest()
    with pytest.raises(Void, match="D2"):
        dossier.try_act(ORVANDA.say(dossier, "mark", {"of": dossier.id}), ORVANDA.view, DOCS)
    dossier.try_act(ORVANDA.say(dossier, "note"), ORVANDA.view, DOCS)
    assert dossier.digest() == before
    assert len(dossier.graph) == 1


def test_pages_show_the_join_without_what_is_disowned() -> None:
    dossier = woven(3, 90).fold()
    everything = frozenset(dossier.graph.nodes)
    assert dossier.state_without(everything).to_rows() == []
    some = frozenset(sorted(everything)[::2])
    shown = dossier.state_without(some)
    assert not some & {str(row[4]) for row in shown.to_rows()}
    assert dossier.state_without(frozenset()).digest() == dossier.digest()


@given(histories(most=25), st.data())
def test_what_pages_show_is_kept_and_equals_the_join_anew(
    history: History, data: st.DataObject
) -> None:
    kept = replica(history.opening, history.docs)
    gone: set[Id] = set()
    for act in history.acts:
        kept.admit(act, history.docs)
        change = data.draw(st.sampled_from(["this", "none", "none", "any"]))
        if change != "none":
            gone ^= {
                act.id if change == "this" else data.draw(st.sampled_from(kept.graph.order)).id
            }
        shown = kept.state_without(frozenset(gone))
        anew = replica(history.opening, history.docs, history.acts[: len(kept.graph) - 1])
        assert shown.to_rows() == anew.state_without(frozenset(gone)).to_rows()


def test_acts_since_a_place_of_the_log_are_found_on_every_branch() -> None:
    graph = woven(5, 120, liars=2).fold().graph
    assert graph.forked
    for feeds in graph.feeds.values():
        for feed in feeds:
            of_feed = [node for node in graph.order if node.feed == feed]
            for seq in {node.header.seq for node in of_feed} | {10_000}:
                wanted = {node.id for node in of_feed if node.header.seq >= seq}
                assert {node.id for node in graph.since(feed, seq)} == wanted


def test_a_summary_may_be_asked_of_another_state() -> None:
    dossier = open_dossier(ORVANDA)
    claim = dossier.admit(ORVANDA.say(dossier, "claim", {"status": "done"}), DOCS)
    now, then = dossier.summary(), dossier.summary(dossier.state_without(frozenset({claim.id})))
    assert now is not None
    assert then is not None
    assert (now.status, then.status) == ("done", "open")


def test_the_quorum_counts_the_charters_witnesses_once_each() -> None:
    dossier = open_dossier(ORVANDA, time=timed([TOLMERE, SARIVANE], 2))
    act = dossier.graph.charter

    def cosign(by: Party, time: int, key: int = 1, of: Party | None = None) -> int | None:
        cosigner = (of or by).keys(key).witness
        dossier.state.join(act, [least("cosigned", act.id, by.id, cosigner, value=time)])
        return dossier.proven_time(act.id)

    assert cosign(TOLMERE, 5) is None
    assert cosign(LANTERN, 1) is None  # Not a witness of this dossier.
    assert cosign(TOLMERE, 6, key=2) is None  # Its second key is no second party.
    assert cosign(SARIVANE, 9) == 9
    assert dossier.proven_time(digest("unknown")) is None


def test_a_copied_witness_key_proves_no_time() -> None:
    dossier = open_dossier(ORVANDA, time=timed([TOLMERE, SARIVANE], 2))
    act, key = dossier.graph.charter, TOLMERE.keys(1).witness
    for by in (TOLMERE, SARIVANE):
        dossier.state.join(act, [least("cosigned", act.id, by.id, key, value=5)])
    assert dossier.proven_time(act.id) is None


def test_a_party_proves_no_time_of_its_own_acts() -> None:
    dossier = open_dossier(ORVANDA, time=timed([ORVANDA, TOLMERE], 1))
    act = dossier.graph.charter
    key = ORVANDA.keys(1).witness
    dossier.state.join(act, [least("cosigned", act.id, ORVANDA.id, key, value=1)])
    assert dossier.proven_time(act.id) is None
    dossier.state.join(act, [least("cosigned", act.id, TOLMERE.id, "k", value=7)])
    assert dossier.proven_time(act.id) == 7
