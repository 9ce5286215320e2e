"""Per-part audience: who is given which part."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.audience import (
    MAX_PARTIES,
    MAX_RANGES,
    PartRange,
    Reach,
    may_have,
    parse_audience,
    part_readers,
)
from comity.kernel.ids import PartyId
from tests.kernel.refusals import refuses, rule_of

AUTHOR, B, C, D = (PartyId(letter * 64) for letter in "abcd")
MEMBERS = frozenset({AUTHOR, B, C})
VALUE: Any = [
    {"first": 0, "last": 0, "to": "public"},
    {"first": 2, "last": 3, "to": "author"},
    {"first": 4, "last": 4, "to": [C, D]},
    {"first": 5, "last": 5, "to": "members"},
]


@pytest.mark.parametrize(
    ("index", "readers", "allowed"),
    [
        (0, Reach.PUBLIC, {AUTHOR, B, C, D}),
        (1, Reach.MEMBERS, {AUTHOR, B, C}),
        (2, Reach.AUTHOR, {AUTHOR}),
        (3, Reach.AUTHOR, {AUTHOR}),
        (4, frozenset({C, D}), {AUTHOR, C, D}),
        (5, Reach.MEMBERS, {AUTHOR, B, C}),
        (6, Reach.MEMBERS, {AUTHOR, B, C}),
    ],
)
def test_each_part_goes_to_those_the_body_says(
    index: int, readers: Any, allowed: set[PartyId]
) -> None:
    audience = parse_audience(VALUE, 7)
    assert part_readers(audience, index) == readers
    assert allowed == {
        party
        for party in (AUTHOR, B, C, D)
        if may_have(audience, index, party, author=AUTHOR, members=MEMBERS)
    }


def test_without_the_field_all_parts_go_to_the_members() -> None:
    assert parse_audience(None, 3) == ()
    assert part_readers((), 2) is Reach.MEMBERS
    # The author keeps what it said, also when it is not among the members given.
    assert may_have((), 0, AUTHOR, author=AUTHOR, members=frozenset())


def test_an_audience_reads_what_it_writes() -> None:
    audience = parse_audience(VALUE, 6)
    assert audience[1] == PartRange(2, 3, Reach.AUTHOR)
    assert [part.to_object() for part in audience] == VALUE


def ranges(count: int) -> list[dict[str, Any]]:
    return [{"first": i, "last": i, "to": "author"} for i in range(count)]


def parties(count: int) -> list[str]:
    return [f"{i:064x}" for i in range(count)]


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        "members",
        [1],
        ranges(MAX_RANGES + 1),
        [{"first": 0, "last": 0, "to": "nobody"}],
        [{"first": 0, "last": 0, "to": []}],
        [{"first": 0, "last": 0, "to": parties(MAX_PARTIES + 1)}],
        [{"first": 0, "last": 0, "to": [D, C]}],
        [{"first": 0, "last": 0, "to": [C, C]}],
        [{"first": 0, "last": 0, "to": ["c"]}],
        [{"first": 0, "last": 0, "to": 1}],
        [{"first": 0, "last": 0}],
        [{"first": 0, "last": 0, "to": "public", "more": 1}],
        [{"first": 1, "last": 0, "to": "public"}],
        [{"first": -1, "last": 0, "to": "public"}],
        [{"first": 0, "last": 100, "to": "public"}],
        [{"first": 100, "last": 100, "to": "public"}],
        [{"first": 0, "last": 2, "to": "public"}, {"first": 2, "last": 3, "to": "author"}],
        [{"first": 2, "last": 2, "to": "public"}, {"first": 0, "last": 0, "to": "author"}],
    ],
)
def test_an_audience_of_another_form_is_refused(value: Any) -> None:
    refuses("K4", lambda: parse_audience(value, 100))


def test_the_largest_audience_is_taken() -> None:
    assert (MAX_RANGES, MAX_PARTIES) == (64, 32)
    assert len(parse_audience([*ranges(MAX_RANGES)], MAX_RANGES)) == MAX_RANGES
    to = parties(MAX_PARTIES)
    assert parse_audience([{"first": 0, "last": 0, "to": [*to]}], 1)[0].to == frozenset(to)


json = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 9) | st.sampled_from(["author", C, "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["first", "last", "to", "x"]), inner)
    ),
)


@given(json)
def test_any_value_is_an_audience_or_refused(value: Any) -> None:
    for candidate in (value, [{"first": 0, "last": value, "to": value}]):
        rule = rule_of(lambda candidate=candidate: parse_audience(candidate, 5))  # type: ignore[misc]
        assert rule in {None, "K4"}
