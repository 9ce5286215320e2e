"""The landscape: what was seen, of which nobody learns of few."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.engines import landscape
from comity.engines.landscape import (
    LEAST,
    Asked,
    Claim,
    Kind,
    Line,
    Row,
    Silent,
    Span,
    Total,
    line,
    survey,
)
from comity.protocols._vocabulary.rsit import RSIT

MONTHS = ("2026-08", "2026-09", "2026-10", "2026-11")
WEEK = datetime(2026, 11, 23, tzinfo=UTC)
Cells: TypeAlias = tuple[tuple[int, int], ...]
"""Of each month, how many were seen and how many of these are new."""


def at(when: str) -> int:
    return round(datetime.fromisoformat(when).replace(tzinfo=UTC).timestamp() * 1000)


def asked(**more: Any) -> Asked:
    usual = Asked(
        months=MONTHS,
        new_since=round(WEEK.timestamp() * 1000),
        classes=(*RSIT,),
        sectors=("energy", "water"),
        sources={},
        silent_since=at("2026-10-26"),
    )
    return usual._replace(**more)


def row(n: object, when: str = "2026-11-01", rsit: str = "fraud", **more: Any) -> Row:
    usual = Row(at(when), rsit, "energy", Kind.CIRCLE, "circle-1", str(n))
    return usual._replace(**more)


def rows(count: int, when: str = "2026-11-01", **more: Any) -> list[Row]:
    return [row(f"{when}{more}{n}", when, **more) for n in range(count)]


def only(held: list[Row], **more: Any) -> Line:
    (found,) = survey(held, asked(**more)).lines
    return found


# What is told


def test_a_month_of_enough_is_told_by_itself() -> None:
    assert only(rows(5)).spans == (Span("2026-11", "2026-11", 5),)
    assert only(rows(5)).withheld == ()


def test_a_month_of_few_waits_for_the_next() -> None:
    found = only([*rows(2, "2026-08-01"), *rows(1, "2026-10-01"), *rows(7)])
    assert found.spans == (Span("2026-08", "2026-11", 10),)


def test_what_waits_at_the_end_is_not_told() -> None:
    found = only([*rows(6, "2026-08-01"), *rows(4, "2026-10-31")])
    assert found.spans == (Span("2026-08", "2026-08", 6),)
    assert found.withheld == ("2026-10", "2026-11")


def test_months_of_nothing_are_not_drawn_into_a_span() -> None:
    found = only([*rows(5, "2026-08-01"), *rows(5)])
    assert [span.first for span in found.spans] == ["2026-08", "2026-11"]


def test_who_gathered_it_is_told_all() -> None:
    (found,) = survey([*rows(1, "2026-08-01"), *rows(2)], asked(), 1).lines
    assert found.spans == (Span("2026-08", "2026-08", 1), Span("2026-11", "2026-11", 2))
    assert found.withheld == ()


def test_sums_are_of_what_is_told_and_say_where_there_is_more() -> None:
    found = survey(
        [
            *rows(6),
            *rows(3, sector="water"),
            *rows(9, rsit="other"),
            *rows(2, "2026-11-24", rsit="other", sector=""),
        ],
        asked(),
    )
    assert found.total() == Total(15, 2)
    assert found.total("fraud") == Total(6, 1)
    assert found.total("fraud", "water") == Total(0, 1)
    assert found.total(sector="energy") == Total(15, 0)
    assert found.new() == Total(0, 1)
    assert found.new("fraud") == Total(0, 0)


def test_an_observation_of_many_sources_is_counted_once_when_it_was_first_seen() -> None:
    told = rows(5, "2026-10-01")
    again = [r._replace(at=at("2026-11-25"), source="circle-2", kind=Kind.OWN) for r in told]
    for held in (again + told, told + again):
        assert only(held).spans == (Span("2026-10", "2026-10", 5),)
        assert only(held).new == 0
    before = [r._replace(at=at("2026-07-31T23:59:59")) for r in told]
    assert survey(told + before, asked()).lines == ()


# New this week


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (0, 0, 0),
        (0, 5, 5),
        (5, 5, 5),
        (5, 4, None),
        (4, 6, None),  # Ten less six would be the four.
        (0, 4, None),
    ],
)
def test_what_is_new_is_told_when_it_and_the_rest_are_enough(
    old: int, new: int, told: int | None
) -> None:
    held = [*rows(5, "2026-08-01"), *rows(old), *rows(new, "2026-11-23")]
    assert only(held).new == told


def test_what_is_new_is_not_told_of_a_span() -> None:
    """Nine less eight would be the one of October."""
    assert only([*rows(1, "2026-10-01"), *rows(8, "2026-11-23")]).new is None


# Public sources, sources that are silent, and what nobody tells of


def test_what_is_published_anyway_is_counted_apart_and_as_it_is() -> None:
    known = row("CVE-2026-0001", rsit="vulnerable", sector="", kind=Kind.KEV, source="kev")
    found = survey([known, known._replace(kind=Kind.EPSS), *rows(6)], asked())
    assert found.public == {("vulnerable", "", "2026-11"): 1}
    assert [each.rsit for each in found.lines] == ["fraud"]
    old = known._replace(at=at("2025-01-01"))
    assert survey([old], asked()).public == {}


def test_it_says_of_which_classes_and_sectors_no_source_tells() -> None:
    found = survey([row(1), row(2, rsit="vulnerable", sector="", kind=Kind.KEV)], asked())
    assert found.unseen_sectors == ("water",)
    assert {*found.unseen_classes} == {*RSIT} - {"fraud", "vulnerable"}


def test_it_says_which_sources_are_silent() -> None:
    known = {"circle-1": Kind.CIRCLE, "circle-2": Kind.CIRCLE, "own": Kind.OWN}
    held = [
        row(1),
        row(2, "2026-10-25", source="circle-2"),
        row(3, "2026-09-01", source="circle-2"),
    ]
    found = survey(held, asked(sources=known))
    assert found.silent == (
        Silent("circle-2", Kind.CIRCLE, at("2026-10-25")),
        Silent("own", Kind.OWN, None),
    )


# Motives


def test_motives_are_claims_and_in_no_figure() -> None:
    plain = rows(6)
    claimed = [
        *(r._replace(motive="espionage") for r in plain[:2]),
        plain[2]._replace(motive="crime", source="circle-2", at=at("2026-09-01")),
        *plain[3:],
    ]
    found = survey(claimed, asked())
    assert found.claims == (
        Claim("crime", "circle-2", "2026-09-01"),
        Claim("espionage", "circle-1", "2026-11-01"),
    )
    without = survey([r._replace(motive="") for r in claimed], asked())
    assert without.claims == ()
    assert without.lines == found.lines


def test_a_claim_says_nothing_of_class_sector_or_observation() -> None:
    assert Claim._fields == ("motive", "source", "day")


# What is asked


@pytest.mark.parametrize(
    "told",
    [
        (),
        ("2026-10", "2026-12"),
        ("2026-11", "2026-10"),
        ("2026-11", "2026-11"),
        landscape.months("2026-11", 121),
    ],
)
def test_months_come_in_order_without_a_gap(told: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="months in order, without a gap"):
        survey([], asked(months=told))


def test_months_go_on_over_a_year() -> None:
    assert landscape.months("2026-02", 4) == ("2025-11", "2025-12", "2026-01", "2026-02")
    assert landscape.month(at("2026-12-31T23:59:59")) == "2026-12"


# That nobody learns of few: every table of a few months, against every other


def tables(count: int, most: int, *, new: bool) -> list[Cells]:
    cells = [(n, v) for n in range(most + 1) for v in (range(n + 1) if new else [0])]
    return [each for each in itertools.product(cells, repeat=count) if any(n for n, _ in each)]


def told_of(cells: Cells) -> Line:
    named = zip(MONTHS, cells, strict=False)
    return line(("", ""), [(when, n, v) for when, (n, v) in named], LEAST)


def alike(count: int, most: int, *, new: bool) -> dict[Line, list[Cells]]:
    """Return the tables of which the same is told; without those that larger ones would join."""
    found = defaultdict(list)
    for cells in tables(count, most, new=new):
        found[told_of(cells)].append(cells)
    return {told: these for told, these in found.items() if all(s.seen <= most for s in told.spans)}


@pytest.mark.parametrize(
    ("count", "most", "new"), [(1, 14, True), (2, 9, True), (3, 10, False), (4, 6, False)]
)
def test_no_number_of_few_can_be_worked_out(count: int, most: int, new: bool) -> None:  # noqa: FBT001
    """Neither what a month saw, nor how many of these are new, nor how many are not."""
    for told, these in alike(count, most, new=new).items():
        for month in range(count):
            for number in ({t[month][0] for t in these}, {t[month][1] for t in these}):
                assert len(number) > 1 or number <= {0, *range(LEAST, most + 1)}, told
            old = {t[month][0] - t[month][1] for t in these}
            assert len(old) > 1 or old <= {0, *range(LEAST, most + 1)}, told


def test_of_a_month_that_is_not_told_alone_four_numbers_or_more_remain() -> None:
    for told, these in alike(3, 10, new=False).items():
        spans = [s for s in told.spans if s.first != s.last]
        hidden = {m for s in spans for m in MONTHS if s.first <= m <= s.last} | {*told.withheld}
        for n, month in enumerate(MONTHS[:3]):
            assert month not in hidden or len({t[n][0] for t in these}) >= 4, told


ALIKE = alike(2, 8, new=False)
lines = st.sampled_from(sorted(t for t in tables(2, 8, new=False) if told_of(t) in ALIKE))


def spread(drawn: list[Cells]) -> list[Row]:
    """Return rows of which each table is a line of its own."""
    return [
        row(f"{n} {month} {i}", f"{month}-01", rsit=str(n % 2), sector=str(n))
        for n, cells in enumerate(drawn)
        for month, (seen, _) in zip(MONTHS, cells, strict=False)
        for i in range(seen)
    ]


@given(st.data(), st.lists(lines, min_size=1, max_size=4))
def test_sums_tell_nothing_that_lines_do_not(data: st.DataObject, drawn: list[Cells]) -> None:
    """Whatever line is exchanged for one of which the same is told, nothing told changes."""
    n = data.draw(st.integers(0, len(drawn) - 1))
    other = [*drawn]
    other[n] = data.draw(st.sampled_from(ALIKE[told_of(drawn[n])]))
    here, there = survey(spread(drawn), asked()), survey(spread(other), asked())
    assert here == there
    for rsit in (None, "0", "1"):
        assert here.total(rsit) == there.total(rsit)
        assert here.total(rsit).seen not in range(1, LEAST)


@given(st.lists(lines, max_size=4))
def test_to_who_gathered_it_every_number_is_told(drawn: list[Cells]) -> None:
    own = survey(spread(drawn), asked(), 1)
    assert own.total() == Total(sum(n for cells in drawn for n, _ in cells), 0)
    assert own.total().seen >= survey(spread(drawn), asked()).total().seen
