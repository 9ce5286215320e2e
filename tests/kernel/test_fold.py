"""The four joins: commutative, idempotent, and never "last wins"."""

from __future__ import annotations

import hashlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.dossier import Dossier
from comity.kernel.fold import Entry, Fact, How, State, add, latest, least, most
from comity.kernel.graph import Node
from tests.kernel.world import Party, charter, documents_of, replica

ORVANDA, TOLMERE = Party("orvanda"), Party("tolmere")
DOCS = documents_of(ORVANDA, TOLMERE)


def threads() -> tuple[Dossier, Node, Node, Node]:
    """Return a dossier with an act of Orvanda, and two after it, unaware of each other."""
    opening = charter(ORVANDA, [TOLMERE])
    left, right = replica(opening, DOCS), replica(opening, DOCS)
    first = ORVANDA.say(left, "note")
    acts = [first]
    for side in (left, right):
        side.admit(first, DOCS)
        acts.append(ORVANDA.say(side, "note"))
    for act in acts:
        left.admit(act, DOCS)
    one, two, three = (left.graph.nodes[act.id] for act in acts)
    return left, one, two, three


def test_a_fact_says_how_it_joins() -> None:
    assert latest("status", 1, value="x") == Fact(How.LATEST, "status", (1,), "x")
    assert add("seen", "a") == Fact(How.ADD, "seen", ("a",), value=True)
    assert least("low", value=3) == Fact(How.LEAST, "low", (), 3)
    assert most("high", "a", value=3) == Fact(How.MOST, "high", ("a",), 3)


def test_a_cell_holds_its_authors_maximal_facts() -> None:
    dossier, first, left, right = threads()
    wanted = sorted([Entry(ORVANDA.id, left.id, "left"), Entry(ORVANDA.id, right.id, "right")])
    words = {first: "first", left: "left", right: "right"}
    for order in ([first, left, right], [right, left, first], [left, first, right, first, left]):
        state = State(dossier.graph.before)
        for node in order:
            state.join(node, [latest("status", "k", value=words[node])])
        assert state.entries("status", "k") == wanted
        assert state.entries("status", "k", by=ORVANDA.id) == wanted
        assert state.entries("status", "k", by=TOLMERE.id) == []
        assert state.entries("status", "other") == []
        assert state.entries("nothing") == []


def test_joining_an_act_twice_changes_nothing() -> None:
    dossier, first, left, _ = threads()
    facts = [latest("a", value=1), add("b", 2), least("c", value=3), most("d", value=4)]
    state = State(dossier.graph.before)
    state.join(first, facts)
    before, digest = state.to_rows(), state.digest()
    state.join(first, facts)
    assert (state.to_rows(), state.digest()) == (before, digest)
    state.join(left, facts)
    after = state.to_rows()
    assert after != before
    state.join(first, facts)
    assert state.to_rows() == after


def test_a_set_keeps_who_added_what() -> None:
    dossier, first, left, _ = threads()
    state = State(dossier.graph.before)
    state.join(first, [add("marked", "a", 1)])
    state.join(left, [add("marked", "a", 1), add("marked", "b", 2)])
    assert state.has("marked", "a", 1)
    assert not state.has("marked", "a")
    assert not state.has("nothing", "a")
    assert state.sources("marked", "a", 1) == sorted(
        Entry(ORVANDA.id, node.id, True) for node in (first, left)
    )
    assert state.sources("marked", "c") == state.sources("nothing") == []
    assert state.keys("marked") == [("a", 1), ("b", 2)]


def test_a_bound_keeps_the_smallest_and_the_largest() -> None:
    dossier, first, left, right = threads()
    for order in ([first, left, right], [right, first, left]):
        state = State(dossier.graph.before)
        values = {first: 5, left: 2, right: 9}
        for node in order:
            state.join(node, [least("x", value=values[node]), most("x", value=values[node])])
        assert state.bound(How.LEAST, "x") == 2
        assert state.bound(How.MOST, "x") == 9
        assert state.bound(How.MOST, "x", "other") is None
        assert state.bound(How.LEAST, "nothing") is None
        assert state.keys("x") == [()]


@pytest.mark.parametrize("value", ["1", True])
def test_a_protocol_that_bounds_with_what_is_no_integer_fails_its_tests(value: str) -> None:
    dossier, first, _, _ = threads()
    with pytest.raises(TypeError, match="not an integer"):
        State(dossier.graph.before).join(first, [Fact(How.LEAST, "x", (), value)])


def test_keys_of_every_kind_of_cell_are_listed() -> None:
    dossier, first, _, _ = threads()
    state = State(dossier.graph.before)
    state.join(first, [latest("x", 2), latest("x", "a"), add("x", "b"), most("x", value=1)])
    assert set(state.keys("x")) == {(2,), ("a",), ("b",), ()}
    assert state.keys("nothing") == []


def test_the_digest_covers_every_row_in_one_order() -> None:
    dossier, first, left, _ = threads()
    facts = {
        first: [latest("s", value={"b": [1], "a": True}), add("m", "x")],
        left: [least("t", "k", value=7), most("t", "k", value=8)],
    }
    states = []
    for order in ([first, left], [left, first]):
        state = State(dossier.graph.before)
        for node in order:
            state.join(node, facts[node])
        states.append(state)
    one, other = states
    assert one.to_rows() == other.to_rows()
    assert one.digest() == other.digest()
    rows = [
        ["add", "m", ["x"], ORVANDA.id, first.id, True],
        ["latest", "s", [], ORVANDA.id, first.id, {"a": True, "b": [1]}],
        ["least", "t", ["k"], "", "", 7],
        ["most", "t", ["k"], "", "", 8],
    ]
    assert one.to_rows() == rows
    hashes = [
        hashlib.sha256(orjson.dumps(r, option=orjson.OPT_SORT_KEYS)).hexdigest() for r in rows
    ]
    total = sum(int(each, 16) for each in hashes) % 2**256
    assert one.digest() == hashlib.sha256(b"%d" % total).hexdigest()
    one.join(left, [add("m", "y")])
    assert one.digest() != other.digest()


@given(st.lists(st.tuples(st.booleans(), st.lists(st.integers(0, 2), min_size=1, max_size=3))))
def test_open_is_what_is_owed_and_no_beginning_of_it_settled(
    said: list[tuple[bool, list[int]]],
) -> None:
    _, node, _, _ = threads()
    asked_first, asked_last = State(lambda _a, _b: False), State(lambda _a, _b: False)
    assert asked_first.open("owed", "settled") == []
    for owing, key in said:
        for state in (asked_first, asked_last):
            state.join(node, [add("owed" if owing else "settled", *key)])
    owed = {tuple(key) for owing, key in said if owing}
    settled = {tuple(key) for owing, key in said if not owing}
    wanted = sorted((k for k in owed if not any(k[: len(s)] == s for s in settled)), key=repr)
    assert asked_first.open("owed", "settled") == asked_last.open("owed", "settled") == wanted


@given(st.lists(st.lists(st.integers(0, 2), max_size=3)))
def test_what_is_under_a_beginning_is_the_keys_that_begin_so(keys: list[list[int]]) -> None:
    _, node, _, _ = threads()
    asked_first, asked_last = State(lambda _a, _b: False), State(lambda _a, _b: False)
    assert asked_first.under("x", 1) == []
    for number, key in enumerate(keys):
        fact = add("x", *key) if number % 2 else latest("x", *key)
        for state in (asked_first, asked_last):
            state.join(node, [fact, add("y", *key)])
    for first in range(3):
        wanted = [key for key in asked_last.keys("x") if key[:1] == (first,)]
        assert asked_first.under("x", first) == asked_last.under("x", first) == wanted


def test_what_is_kept_is_made_anew_after_a_fact_that_it_may_read() -> None:
    _, node, _, _ = threads()
    state, made = State(lambda _a, _b: False), list[str]()

    def ask(first: str = "a") -> int:
        def make() -> int:
            made.append(first)
            return len(state.keys("seen"))

        return state.kept("n", first, make)

    assert [ask(), ask(), ask("b")] == [0, 0, 0]
    assert made == ["a", "b"]
    state.join(node, [add("seen", "b", 1), add("seen")])
    assert [ask(), ask("b")] == [0, 2]
    state.join(node, [most("seen", "a", 1, value=1)])
    assert [ask(), ask("b")] == [3, 2]
    assert state.kept("another", "a", lambda: "x") == "x"
    assert made == ["a", "b", "b", "a"]
