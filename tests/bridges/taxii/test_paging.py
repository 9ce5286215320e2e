"""Following pages: every step goes on, whatever a server says, or is refused."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.taxii.answers import Envelope
from comity.bridges.taxii.paging import MOST_EMPTY, Pages
from comity.bridges.taxii.times import taxii_time
from comity.kernel.errors import Refusal

NOON = 1_795_000_000_000_001


def test_a_cursor_goes_with_the_filters_and_the_mark_stays_before_the_last() -> None:
    pages = Pages(5)
    pages.take(Envelope([b"1"], more=True, next="on"), NOON)
    assert pages.query(9) == {"limit": "9", "added_after": taxii_time(5), "next": "on"}
    assert (pages.mark, pages.ended) == (NOON - 1, False)
    pages.take(Envelope([b"2"], more=False, next=""), NOON + 1)
    assert (pages.mark, pages.ended) == (NOON + 1, True)


@pytest.mark.parametrize(("last", "mark"), [(NOON, NOON), (NOON - 1, NOON - 2), (None, 5), (3, 5)])
def test_the_mark_at_the_end(last: int | None, mark: int) -> None:
    pages = Pages(5)
    pages.take(Envelope([b"1"], more=False, next=""), last)
    assert pages.mark == mark


def test_without_a_cursor_the_time_leads_on_and_never_back() -> None:
    pages = Pages()
    pages.take(Envelope([b"1"], more=True, next=""), NOON)
    assert pages.after == NOON - 1
    pages.take(Envelope([b"2"], more=True, next=""), NOON)
    assert pages.after == NOON
    with pytest.raises(Refusal, match="X63"):
        pages.take(Envelope([b"3"], more=True, next=""), NOON)


def test_a_lost_cursor_is_gone_without_once_from_each_mark() -> None:
    pages = Pages()
    assert not pages.lose()
    pages.take(Envelope([b"1"], more=True, next="on"), NOON)
    assert pages.lose()
    assert pages.query(1) == {"limit": "1", "added_after": taxii_time(NOON - 1)}
    pages.take(Envelope([b"1"], more=True, next="on"), NOON)
    assert not pages.lose()


Said = tuple[list[bytes], str, int | None]
SAID: st.SearchStrategy[Said] = st.tuples(
    st.lists(st.sampled_from([b"1", b"2", b"3"]), max_size=2),
    st.sampled_from(["", "a", "b"]),
    st.none() | st.integers(0, 4),
)


@given(st.lists(SAID, min_size=1, max_size=5))
def test_whatever_is_said_again_and_again_comes_to_an_end(script: list[Said]) -> None:
    pages = Pages()
    with pytest.raises(Refusal, match="X63"):
        _follow(pages, script)


def _follow(pages: Pages, script: list[Said]) -> None:
    most = len(script) * (MOST_EMPTY + 1) * 20
    for objects, cursor, last in itertools.islice(itertools.cycle(script), most):
        pages.take(Envelope(objects, more=True, next=cursor), last)
