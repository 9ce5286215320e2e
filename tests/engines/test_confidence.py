"""Confidence by levels: the bounds are those of appendix A of STIX 2.1."""

from __future__ import annotations

import pytest

from comity.engines.confidence import Level, level, number


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [(0, 0, Level.NONE), (1, 29, Level.LOW), (30, 69, Level.MEDIUM), (70, 100, Level.HIGH)],
)
def test_a_number_has_the_level_of_the_standard(first: int, last: int, expected: Level) -> None:
    assert (level(first), level(last)) == (expected, expected)


@pytest.mark.parametrize(
    ("said", "expected"),
    [(0, 0), (100, 100), (85.0, 85), (-1, None), (101, None), (0.5, None)]
    + [(said, None) for said in (True, "high", None, [50])],
)
def test_only_a_number_of_the_standard_is_one(said: object, expected: int | None) -> None:
    assert number(said) == expected
