"""Feeds, clocks and pasts, compared with ancestors counted one by one."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from comity.kernel import graph as graphs
from comity.kernel.errors import Pending
from comity.kernel.graph import Graph, Node, Past
from comity.kernel.ids import guest_of
from tests.kernel.histories import ancestors, woven
from tests.kernel.world import Party, charter, digest, documents_of, open_dossier, replica

ORVANDA, TOLMERE = Party("orvanda"), Party("tolmere")
GUEST = guest_of(ORVANDA.id, "guest")
DOCS = documents_of(ORVANDA, TOLMERE)
OPENING = charter(ORVANDA, [TOLMERE])


@pytest.mark.parametrize("seed", range(4))
def test_clocks_agree_with_ancestors_counted_one_by_one(seed: int) -> None:
    graph = woven(seed, 90, 2).fold().graph
    assert graph.forked
    for node in graph.order:
        past = ancestors(node)
        assert {other for other in graph.order if graph.before(other, node)} == past
        for feed, heads in node.clock.items():
            seen = {n for n in (*past, node) if n.feed == feed}
            assert set(heads) == {n for n in seen if not any(n in ancestors_on(m) for m in seen)}


def ancestors_on(node: Node) -> set[Node]:
    """The acts before ``node`` on its own chain of prev."""
    found = set()
    while node.prev is not None:
        node = node.prev
        found.add(node)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_what_was_latest_agrees_with_ancestors_counted_one_by_one(seed: int) -> None:
    dossier = woven(seed, 90, 2).fold()
    graph = dossier.graph
    for node in graph.order:
        past, seen = dossier.past(node), ancestors(node)
        told = {each for n in seen for each in (n, n.said) if n.void is None}
        for kind in ("claim", "bid", "leave"):
            for party in (ORVANDA.id, TOLMERE.id, GUEST, digest("nobody")):
                own = {n for n in told if n.header.kind == kind and n.header.party == party}
                before = {a.id for n in own for a in ancestors(n)}
                wanted = {n for n in own if n.id not in before}
                latest = past.latest(kind, party)  # type: ignore[arg-type]
                assert [n.id for n in latest] == sorted(n.id for n in wanted)
                assert set(past.all(kind, party)) == own  # type: ignore[arg-type]
            assert set(past.all(kind)) == {n for n in told if n.header.kind == kind}


@pytest.mark.parametrize("seed", [0, 1, 2, 7])  # Those whose histories cite.
def test_what_cites_an_act_agrees_with_ancestors_counted_one_by_one(seed: int) -> None:
    dossier = woven(seed, 90, 2).fold()
    kinds, found = ("count", "hand_over", "accept"), 0
    for node in dossier.graph.order:
        past = dossier.past(node)
        told = {each for n in ancestors(node) for each in (n, n.said) if n.void is None}
        for cited in {*node.header.refs, node.id, digest("nothing")}:
            wanted = {n for n in told if n.header.kind in kinds and cited in n.header.refs}
            assert set(past.citing(cited, *kinds)) == wanted
            found += len(wanted)
    assert found


@pytest.mark.parametrize("seed", range(4))
def test_the_newest_acts_of_all_feeds_are_the_clock_of_what_cites_all_heads(seed: int) -> None:
    graph = woven(seed, 90, 2).fold().graph
    assert graph.feed_heads() == graph.past_clock(None, tuple(graph.heads()))


def test_versions_of_one_act_are_not_compared_with_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who signs sixty acts in one place must not cost everyone sixty squared."""
    opened = replica(OPENING, DOCS)
    twins = [TOLMERE.say(opened, "bid", {"amount": i}) for i in range(1, 61)]
    dossier = replica(OPENING, DOCS, twins)
    compared = []
    at = graphs._at

    def counting(head: Node, n: int) -> Node:
        compared.append(head)
        return at(head, n)

    monkeypatch.setattr(graphs, "_at", counting)
    assert dossier.members.now() == {ORVANDA.id, TOLMERE.id}
    clock = dossier.graph.past_clock(None, tuple(dossier.graph.heads()))
    assert len(clock[TOLMERE.id, 1]) == 60
    past = Past(dossier.graph, clock)
    assert len(past.latest("bid", TOLMERE.id)) == 60
    assert not compared


def test_branches_that_leave_one_chain_are_not_compared_with_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who signs a second act in each place of its feed must not cost everyone its square, neither
    when an act cites all the branches nor when somebody asks for the newest.
    """
    dossier = replica(OPENING, DOCS)
    spine = TOLMERE.say(dossier, "note")
    dossier.admit(spine, DOCS)
    for n in range(2, 62):
        place: dict[str, Any] = {"n": n, "prev": spine.id, "parents": ()}
        dossier.admit(TOLMERE.say(dossier, "bid", {"amount": n}, **place), DOCS)
        spine = TOLMERE.say(dossier, "note", **place)
        dossier.admit(spine, DOCS)
    steps = []
    at = graphs._at

    def counting(head: Node, n: int) -> Node:
        steps.append(n)
        return at(head, n)

    monkeypatch.setattr(graphs, "_at", counting)
    graph = dossier.graph
    heads = graph.feed_heads_of((TOLMERE.id, 1))
    assert len({head.header.n for head in heads}) == 60
    clock = graph.past_clock(None, tuple(graph.heads()))
    assert set(clock[TOLMERE.id, 1]) == set(heads)
    assert len(Past(graph, clock).latest("bid", TOLMERE.id)) == 60
    assert len(steps) < 10 * len(heads)


@pytest.mark.parametrize("length", [1, 4])
def test_all_of_a_kind_on_many_branches_costs_what_they_hold(
    monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """Who forks its feed in every place must not cost its square whenever a guard asks for all."""
    steps = [_steps_for_all(monkeypatch, branches, length) for branches in (15, 30, 60)]
    assert steps[0] > 0
    assert steps[2] < 10 * 60 * length
    # Twice as much costs twice as much, and not four times.
    assert all(more < 3 * less for less, more in pairwise(steps))


def _steps_for_all(monkeypatch: pytest.MonkeyPatch, branches: int, length: int) -> int:
    """How many steps it takes to find every act of a kind in a feed with so many branches, each of
    so many of them, with a clock that knows all but the last.
    """
    dossier = replica(OPENING, DOCS)
    spine = TOLMERE.say(dossier, "note")
    dossier.admit(spine, DOCS)
    bids = []
    for n in range(2, branches + 2):
        before = spine
        for more in range(length):
            place: dict[str, Any] = {"n": n + more, "prev": before.id, "parents": ()}
            before = TOLMERE.say(dossier, "bid", {"amount": n * 1000 + more}, **place)
            bids.append(dossier.admit(before, DOCS))
        spine = TOLMERE.say(dossier, "note", n=n, prev=spine.id, parents=())
        dossier.admit(spine, DOCS)
    last, steps, at = bids.pop(), [], graphs._at

    def counting(head: Node, n: int) -> Node:
        steps.append(n)
        return at(head, n)

    clock = dossier.graph.past_clock(None, tuple(n for n in dossier.graph.heads() if n is not last))
    with monkeypatch.context() as patch:
        patch.setattr(graphs, "_at", counting)
        found = set(Past(dossier.graph, clock).all("bid"))
    # The whole last branch is known by its head alone, which this clock leaves out.
    assert found == set(bids[: len(bids) - length + 1])
    return len(steps)


def test_heads_are_the_acts_that_nobody_cites() -> None:
    graph = woven(7, 90, 2).fold().graph
    cited = {c for n in graph.order for c in (n.prev, *n.parents)}
    assert graph.heads() == sorted(set(graph.order) - cited, key=lambda node: node.id)
    tips = {n for n in graph.order if not any(m.prev is n for m in graph.order)}
    heads = graph.feed_heads()
    assert {n for nodes in heads.values() for n in nodes} == tips
    assert all([n.id for n in nodes] == sorted(n.id for n in nodes) for nodes in heads.values())
    assert all(set(graph.feed_heads_of(feed)) == set(nodes) for feed, nodes in heads.items())
    assert graph.feed_heads_of((ORVANDA.id, 99)) == ()


def test_acts_at_one_place_are_evidence_of_a_fork() -> None:
    graph = woven(7, 90, 2).fold().graph
    found = graph.equivocations()
    places = {(n.feed, n.header.n) for nodes in found for n in nodes}
    assert len(places) == len(found) > 1
    assert [(n[0].feed, n[0].header.n) for n in found] == sorted(places)
    for nodes in found:
        wanted = [
            n for n in graph.order if (n.feed, n.header.n) == (nodes[0].feed, nodes[0].header.n)
        ]
        assert list(nodes) == sorted(wanted, key=lambda node: node.id)
    assert open_dossier(Party("orvanda")).graph.equivocations() == []


def test_an_act_is_not_before_itself_and_an_unknown_one_is_not_found() -> None:
    dossier = replica(OPENING, DOCS)
    first = dossier.admit(TOLMERE.say(dossier, "claim", {"status": "open"}), DOCS)
    second = dossier.admit(TOLMERE.say(dossier, "note"), DOCS)
    assert not dossier.graph.before(first, first)
    past = dossier.past(second)
    assert past.find(first.id) is first
    assert past.find(second.id) is None  # What it was when it was written, itself not in it.
    assert past.find(digest("nothing")) is None
    assert past.charter == OPENING.header
    assert past.before(first, second)
    assert not past.before(second, first)
    assert past.effective(first.id, "note", "claim") is first
    assert past.effective(first.id, "note") is None
    assert past.effective(digest("nothing"), "note") is None
    assert dossier.now().find(second.id) is second


def test_void_acts_are_found_by_id_and_passed_over_otherwise() -> None:
    dossier = replica(OPENING, DOCS)
    void = dossier.admit(TOLMERE.say(dossier, "mark", {"of": digest("nothing")}), DOCS)
    assert void.void is not None
    now = dossier.now()
    assert now.find(void.id) is void
    assert now.effective(void.id, "mark") is None
    assert list(now.all("mark")) == []
    assert now.latest("mark", TOLMERE.id) == ()


def test_missing_acts_are_all_named_at_once() -> None:
    dossier = replica(OPENING, DOCS)
    names = [digest("one"), digest("two")]
    with pytest.raises(Pending) as pending:
        dossier.graph.require_nodes([OPENING.id, *names])
    assert pending.value.acts == set(names)
    assert [node.id for node in dossier.graph.require_nodes([OPENING.id])] == [OPENING.id]
    assert len(dossier.graph) == 1


def test_an_empty_graph_has_no_charter() -> None:
    graph = Graph()
    assert len(graph) == 0
    with pytest.raises(IndexError):
        _ = graph.charter


def test_a_long_chain_is_walked_in_few_steps() -> None:
    orvanda = Party("orvanda")
    dossier = open_dossier(orvanda)
    docs = documents_of(orvanda)
    nodes = [dossier.graph.charter]
    nodes += [dossier.admit(orvanda.say(dossier, "note"), docs) for _ in range(300)]
    for target in (nodes[0], nodes[1], nodes[149], nodes[299]):
        steps, here = 0, nodes[300]
        while here is not target:
            assert here.prev is not None
            here = here.far if here.far.header.n >= target.header.n else here.prev
            steps += 1
        assert steps <= 30
