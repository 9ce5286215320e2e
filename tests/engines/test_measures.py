"""How long parties waited for each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from comity.engines.measures import Figures, Span, figures

NOW = 10_000
SPANS = st.lists(
    st.builds(
        Span,
        st.integers(0, NOW),
        st.none() | st.integers(0, 2 * NOW),
        st.none() | st.integers(0, 2 * NOW),
    )
)


def test_of_nothing_nothing_is_known() -> None:
    assert figures([], NOW) == Figures(0, 0, 0, 0, None, None, 0, 0)


def test_half_and_nine_tenths_of_all_that_came() -> None:
    found = figures((Span(0, 10 * n) for n in range(1, 11)), NOW)
    assert (found.median, found.ninetieth) == (50, 90)


def test_who_does_not_reply_is_no_fast_replier() -> None:
    silent = [Span(0, None, due=100)] * 2
    found = figures([Span(0, 10), Span(0, 20), *silent], NOW)
    assert (found.n, found.came, found.missing, found.open) == (4, 2, 2, 0)
    assert (found.median, found.ninetieth) == (20, None)
    assert figures([Span(0, 10), *silent], NOW).median is None


def test_what_is_not_overdue_is_counted_apart() -> None:
    found = figures([Span(0, 10), Span(0, None), Span(0, None, due=NOW)], NOW)
    assert (found.came, found.missing, found.open, found.median) == (1, 0, 2, 10)


def test_what_came_late_is_not_kept_and_what_nobody_dated_is_not_judged() -> None:
    found = figures([Span(0, 10, 10), Span(0, 11, 10), Span(0, None, 10), Span(0, 5)], NOW)
    assert (found.dated, found.kept) == (3, 1)


def test_a_clock_that_is_behind_makes_no_time_run_backwards() -> None:
    assert figures([Span(20, 10)], NOW).median == 0


@given(SPANS)
def test_figures_add_up_and_a_missing_reply_never_makes_them_better(spans: list[Span]) -> None:
    found = figures(spans, NOW)
    assert found.came + found.missing + found.open == found.n == len(spans)
    assert found.kept <= found.dated <= found.n
    worse = figures([*spans, Span(0, None, due=0)], NOW)
    for before, after in ((found.median, worse.median), (found.ninetieth, worse.ninetieth)):
        assert after is None or (before is not None and after >= before)
