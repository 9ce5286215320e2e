"""Whose cosignatures count: distinct keys of distinct parties, and never the log's own."""

from __future__ import annotations

from itertools import combinations, permutations

from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.ids import PartyId
from comity.kernel.keys import Key
from comity.kernel.quorum import Counted, Seen, count

LOG, A, B, C = (PartyId(each) for each in ("log", "a", "b", "c"))


def seen(*lines: tuple[int, str, str]) -> list[Seen]:
    return [Seen(time, PartyId(party), Key(key)) for time, party, key in lines]


def counted(*lines: tuple[int, str, str]) -> Counted:
    return count(seen(*lines), log=LOG)


def test_the_time_is_that_of_the_last_witness_needed() -> None:
    found = counted((9, "c", "3"), (5, "a", "1"), (7, "b", "2"))
    assert found == Counted((5, 7, 9), frozenset({A, B, C}))
    assert [found.time(quorum) for quorum in (1, 2, 3, 4)] == [5, 7, 9, None]
    assert counted().time(1) is None


def test_a_party_counts_once_however_many_keys_it_has() -> None:
    assert counted((5, "a", "1"), (6, "a", "2"), (7, "a", "1")).times == (5,)


def test_a_key_counts_once_however_many_parties_list_it() -> None:
    found = counted((5, "a", "1"), (5, "b", "1"), (5, "c", "1"))
    assert (found.times, len(found.parties)) == ((5,), 1)


def test_a_party_never_witnesses_its_own_log() -> None:
    assert counted((5, "log", "1")) == Counted((), frozenset())
    # Who copies a witness's key does not keep it from counting: it would disown a proven time.
    assert counted((5, "log", "1"), (5, "b", "1")).times == (5,)


def test_who_copies_a_key_takes_nothing_from_its_owner() -> None:
    assert counted((5, "a", "1"), (5, "b", "1"), (9, "a", "2")) == Counted((5, 9), frozenset({A}))
    assert counted((5, "b", "1"), (9, "a", "2"), (5, "a", "1")).times == (5, 9)
    # Three in a ring: each finds another key.
    ring = counted((1, "a", "1"), (2, "a", "2"), (3, "b", "2"), (4, "b", "3"), (5, "c", "1"))
    assert ring.times == (1, 3, 5)


LINES = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from(["a", "b", "c", "log"]), st.sampled_from("1234")),
    max_size=7,
)


@given(LINES)
def test_it_is_the_most_that_different_keys_of_different_parties_give(
    lines: list[tuple[int, str, str]],
) -> None:
    """Against the definition: the largest set of lines in which no party and no key recurs."""
    found = counted(*lines)
    for time in range(6):
        early = [line for line in lines if line[0] <= time and line[1] != LOG]
        most = max(
            size
            for size in range(4)
            for chosen in combinations(early, size)
            if len({line[1] for line in chosen}) == len({line[2] for line in chosen}) == size
        )
        assert sum(each <= time for each in found.times) == most


@given(LINES)
def test_more_cosignatures_never_prove_a_later_time(lines: list[tuple[int, str, str]]) -> None:
    for last in range(len(lines)):
        before, after = counted(*lines[:last]).times, counted(*lines[: last + 1]).times
        assert len(after) >= len(before)
        assert all(new <= old for new, old in zip(after, before, strict=False))


@given(LINES.filter(lambda lines: len(lines) <= 4))
def test_the_order_in_which_they_come_does_not_matter(lines: list[tuple[int, str, str]]) -> None:
    assert len({counted(*order) for order in permutations(lines)}) == 1
