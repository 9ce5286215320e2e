"""Figures of reach: as planted, of nobody in particular, and not to be undone by subtracting."""

from __future__ import annotations

import itertools
import math
import pathlib
from collections.abc import Mapping, Sequence
from fractions import Fraction

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from comity.engines.reach import (
    ALL,
    BY_CHANNEL,
    CORRECTED,
    DEPUTIES,
    HALF_LIFE,
    HOUR,
    IN_TIME,
    LEAST,
    MEDIAN,
    NINETIETH,
    REACHED,
    Figure,
    Row,
    aggregate,
    fresh,
    half_life,
    withheld,
)
from comity.protocols._vocabulary.contacts import CATEGORIES, CHANNELS
from tests.protocols.table import TIME

DAY = 24 * HOUR
SILENT = Row("p00", "", "desk", "phone", "silent", "nobody", TIME, None, TIME + 24 * HOUR)


def row(number: int, hours: int | None = None, **other: object) -> Row:
    """A contact of a party by number, answered after so many hours, or not."""
    found = SILENT._replace(party=f"p{number:02}")
    if hours is not None:
        found = found._replace(
            outcome="confirmed", who="holder", answered=TIME + hours * HOUR, right=2
        )
    return found._replace(**other)  # type: ignore[arg-type]


def figures(rows: Sequence[Row], least: int = LEAST) -> dict[tuple[str, str], Mapping[str, Figure]]:
    return {(s.measure, s.channel): s.figures for s in aggregate(rows, least)}


# As planted


def test_the_figures_are_those_that_were_planted() -> None:
    rows = [row(n, hours) for n, hours in enumerate((1, 2, 3, 4, 30, 50))]
    rows += [row(6), row(7), row(8, 5, outcome="wrong_person", who="deputy", right=0)]
    rows.append(row(9))
    rows[0] = rows[0]._replace(outcome="corrected", right=1, corrected=1, who="deputy")
    found = figures(rows)
    assert found[REACHED, "phone"][ALL] == (0.6, 10)
    assert found[IN_TIME, "phone"][ALL] == (0.5, 10)
    assert found[MEDIAN, "phone"][ALL] == (4, 7)
    assert found[NINETIETH, "phone"][ALL] == (50, 7)
    assert found[CORRECTED, ""][ALL] == (round(1 / 12, 2), 6)
    assert found[DEPUTIES, ""][ALL] == (0.1, 10)
    assert found[HALF_LIFE, ""][ALL] == (None, 0)


def test_each_channel_is_told_apart_and_none_for_all() -> None:
    rows = [row(n, 1, channel=channel) for n in range(5) for channel in ("email", "phone")]
    rows[0] = row(0, channel="email")
    found = figures(rows)
    assert {channel for measure, channel in found if measure in BY_CHANNEL} == {"email", "phone"}
    assert found[REACHED, "email"][ALL] == (0.8, 5)
    assert found[REACHED, "phone"][ALL] == (1.0, 5)


def test_a_party_counts_once_and_is_in_time_when_all_its_contacts_are() -> None:
    rows = [row(n, 1) for n in range(5)]
    rows += [row(0, 40, contact="second"), row(1, contact="second")]
    found = figures(rows)
    assert found[REACHED, "phone"][ALL] == (1.0, 5)
    assert found[IN_TIME, "phone"][ALL] == (0.6, 5)
    assert found[DEPUTIES, ""][ALL] == (0.0, 5)


def test_who_asked_reads_what_others_do_not() -> None:
    rows = [row(n, 1) for n in range(4)]
    assert figures(rows)[REACHED, "phone"][ALL].is_withheld
    assert figures(rows, least=1)[REACHED, "phone"][ALL] == (1.0, 4)
    assert figures([]) == {(m, ""): {ALL: (None, 0)} for m in (CORRECTED, DEPUTIES, HALF_LIFE)}


def test_fresh_is_what_was_confirmed_lately() -> None:
    ages = [(f"p{n}", n * DAY) for n in range(5)]
    assert fresh([*ages, ("p0", None)], 2) == (0.5, 5)
    assert fresh(ages[:4], 2).is_withheld
    assert fresh([], 2) == (None, 0)


@pytest.mark.parametrize("days", [10, 100, 1000])
def test_the_half_life_is_the_one_that_was_planted(days: int) -> None:
    rate = math.log(2) / days
    seen = []
    for age in (30, 90, 180, 365):
        wrong = round(1_000_000 * -math.expm1(-rate * age))
        seen.append((age * DAY, 1_000_000 - wrong, wrong))
    found = half_life(seen)
    assert found is not None
    assert abs(found - days) < days / 100


def test_no_half_life_where_nothing_or_everything_has_changed() -> None:
    assert half_life([]) is None
    assert half_life([(DAY, 3, 0)]) is None
    assert half_life([(DAY, 0, 3)]) is None
    assert half_life([(0, 3, 3)]) is None
    rows = [row(n, 1, age=DAY, corrected=2) for n in range(5)]
    assert figures(rows)[HALF_LIFE, ""][ALL] == (1, 5)


def test_a_party_in_two_groups_is_refused() -> None:
    with pytest.raises(ValueError, match="in one group"):
        aggregate([row(0, 1, group="business"), row(0, 2, group="civil_society")])


# Withheld


def test_a_group_of_few_takes_another_with_it() -> None:
    """Ten less seven would be the three."""
    assert withheld({"a": 7, "b": 3, "c": 9}) == {"a", "b"}
    assert withheld({"a": 7, "b": 3, "c": 2}) == {"b", "c"}
    assert withheld({"a": 7, "b": 0}) == set()
    assert withheld({"a": 4}) == {"a"}


sizes = st.dictionaries(st.sampled_from("abcde"), st.integers(0, 12), max_size=5)


def rank(rows: list[list[Fraction]]) -> int:
    """The rank of a matrix, by elimination."""
    held, found = [r[:] for r in rows], 0
    for column in range(len(held[0]) if held else 0):
        pivot = next((n for n in range(found, len(held)) if held[n][column]), None)
        if pivot is None:
            continue
        held[found], held[pivot] = held[pivot], held[found]
        for n in range(found + 1, len(held)):
            factor = held[n][column] / held[found][column]
            held[n] = [a - factor * b for a, b in zip(held[n], held[found], strict=True)]
        found += 1
    return found


@given(sizes)
def test_no_sum_or_difference_of_what_is_published_tells_of_fewer(sizes: dict[str, int]) -> None:
    """An oracle: any combination, by linear algebra, of all groups published and of the whole.

    If one were of few parties alone, what is published, without the columns of those, would have a
    lower rank than with them.
    """
    names = [name for name, size in sizes.items() if size]
    hidden = withheld(sizes)
    told = [[Fraction(name == own) for name in names] for own in names if own not in hidden]
    if sum(sizes.values()) >= LEAST:
        told.append([Fraction(1) for _ in names])
    for count in range(1, len(names) + 1):
        for few in itertools.combinations(range(len(names)), count):
            if sum(sizes[names[n]] for n in few) < LEAST:
                rest = [[v for n, v in enumerate(line) if n not in few] for line in told]
                assert rank(rest) == rank(told)


@given(sizes)
def test_no_more_is_withheld_than_must_be(sizes: dict[str, int]) -> None:
    if all(size == 0 or size >= LEAST for size in sizes.values()):
        assert not withheld(sizes)


answers = st.tuples(
    st.sampled_from([*CATEGORIES][:3]),
    st.sampled_from([*CHANNELS][:2]),
    st.none() | st.integers(0, 60),
)


def campaigns() -> st.SearchStrategy[list[Row]]:
    """Parties in few groups, each asked by one channel or two."""
    return st.lists(answers, max_size=16).map(
        lambda drawn: [
            row(n, hours, group=group, channel=each)
            for n, (group, channel, hours) in enumerate(drawn)
            for each in ({channel, "email"} if n % 2 else {channel})
        ]
    )


@given(campaigns())
def test_nobody_is_named_and_none_can_be_told_from_another(rows: list[Row]) -> None:
    found = aggregate(rows)
    names = sorted({r.party for r in rows})
    others = dict(zip(names, reversed(names), strict=True))
    # Within a group everybody may be called as anybody else, and be listed in any order.
    moved = [r._replace(party=f"x{others[r.party]}") for r in reversed(rows)]
    assert aggregate(moved) == found
    assert not any(name in repr(found) for name in names)


@given(campaigns())
def test_every_figure_published_is_over_enough(rows: list[Row]) -> None:
    for series in aggregate(rows):
        told = [f for name, f in series.figures.items() if name != ALL]
        for figure in series.figures.values():
            assert figure.parties is None or figure.parties == 0 or figure.parties >= LEAST
        total = series.figures[ALL].parties
        if total is not None:
            rest = total - sum(figure.parties or 0 for figure in told)
            assert rest == 0 or rest >= LEAST


@given(campaigns(), st.integers(1, LEAST - 1))
def test_more_is_told_to_who_asked_and_never_otherwise(rows: list[Row], least: int) -> None:
    for strict, own in zip(aggregate(rows), aggregate(rows, least), strict=True):
        for name, figure in strict.figures.items():
            assert figure.is_withheld or figure == own.figures[name]


def test_the_means_to_compare_with_say_where_they_are_from() -> None:
    from comity import packs

    folder = packs.__path__[0]
    with pathlib.Path(f"{folder}/exercise_crystal.yaml").open(encoding="utf-8") as file:
        pack = yaml.safe_load(file)
    assert pack["source"].endswith("10.5365/wpsar.2025.16.2.1240")
    assert pack["verified"] is False
    assert pack["channels"] == {"email": 99, "phone": 64, "video": 73}
    assert pack["channels"].keys() <= CHANNELS.keys()
